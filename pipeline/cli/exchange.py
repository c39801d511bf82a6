"""Commands for editors who work in programs of their own: take an episode's texts out, bring corrected ones in."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.options import AsJson, Debug, Episodes, Quiet
from pipeline.cli.output import print_error, print_json, print_table
from pipeline.errors import UsageError, ZimuError

if TYPE_CHECKING:
    from pipeline.exchange import Change
    from pipeline.stages.exchange import Imported, Preview

app = typer.Typer()

# What is left over is worth a look.
_LEFT = 1


@app.command("export")
def export(
    episodes: Episodes,
    to: Annotated[
        str | None, typer.Option("--to", metavar="xlsx,srt,…", help="xlsx, csv, xliff, tmx, srt, vtt, ass, ttml, sbv.")
    ] = None,
    platform: Annotated[
        str | None,
        typer.Option("--for", metavar="PLATFORM", help="Files to upload: bilibili, facebook, x, wistia, generic."),
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages", metavar="en,ja,…", help="Default: all translations; with --for the spoken one too."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Default: the episode's zimu/exchange or zimu/packages.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
    debug: Debug = False,
) -> None:
    """Write an episode's translations for editors (--to), or finished subtitles to upload to a platform (--for)."""
    from pipeline.stages.exchange import export_episode, opened

    formats = _listed(to)
    if platform and formats:
        raise UsageError("--to and --for are two things.", remedy="Say --to FORMATS for editors, or --for PLATFORM.")
    if platform:
        _export_packages(episodes, platform, _listed(languages), out, force=force)
        return
    if not formats:
        raise UsageError("It is not said what to export.", remedy="Say the formats: --to xlsx; or --for bilibili.")
    for episode in episodes:
        with opened(episode) as job:
            for path in export_episode(job, formats, languages=_listed(languages), out=out, force=force):
                typer.echo(f"Wrote {path}.")


def _export_packages(
    episodes: Sequence[Path], platform: str, languages: Sequence[str], out: Path | None, *, force: bool
) -> None:
    """A package for each episode; one that is refused does not stop the others, and its exit code is the command's."""
    from pipeline.stages.exchange import opened
    from pipeline.stages.package import export_package

    failed: list[ZimuError] = []
    for episode in episodes:
        own = out / episode.absolute().name if out and len(episodes) > 1 else out
        try:
            with opened(episode) as job:
                package = export_package(job, platform, languages=languages, out=own, force=force)
        except ZimuError as error:
            if len(episodes) == 1:
                raise
            print_error(error)
            failed.append(error)
        else:
            typer.echo(f"Wrote {package.folder}: {', '.join(package.files)}.")
            typer.echo(f"  {package.folder / package.files[0]} says what to do with them.")
    if failed:
        raise typer.Exit(failed[0].exit_code)


@app.command("import")
def import_(
    episode: Annotated[Path, typer.Argument(metavar="EPISODE", help="The episode's folder.")],
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A corrected file: xlsx, csv, xliff, tmx, srt, vtt, ass, ttml, sbv.")
    ],
    language: Annotated[
        str | None, typer.Option("--language", metavar="LANG", help="Default: what the file says, or its name.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    who: Annotated[str | None, typer.Option("--who", metavar="NAME", help="Whose work it is; default: yours.")] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take", metavar="LINES", help="Decide this conflict for the file, as 12-14; or all of them: all."
        ),
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Bring in a corrected file. What people changed here since the export is a conflict, and stays."""
    from pipeline.stages.exchange import apply_import, opened, preview_import

    with opened(episode) as job:
        preview = preview_import(job, file, language=language)
        taken = _taken(preview, take or [])
        result = None if dry_run else apply_import(job, preview, who or getpass.getuser(), take=taken)
    if as_json:
        print_json(import_json(preview, result))
    else:
        print_import(preview, result, quiet=quiet)
    left = result.left if result else preview.changes
    if any(change.conflict or change.kind == "added" for change in left):
        raise typer.Exit(_LEFT)


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _taken(preview: Preview, take: Sequence[str]) -> list[str]:
    """The ids of the units that `--take` names by their lines."""
    units = {change.unit.lines: change.unit.id for change in preview.changes if change.unit}
    if "all" in take:
        return list(units.values())
    for lines in take:
        if lines not in units:
            raise UsageError(
                f"--take {lines} is none of the changes.", remedy="Give the lines as --dry-run shows them, as 12-14."
            )
    return [units[lines] for lines in take]


def print_import(preview: Preview, result: Imported | None, *, quiet: bool) -> None:
    if not preview.changes:
        typer.echo(f"{preview.file}: nothing differs from what is there.")
        return
    if not quiet:
        table = Table("lines", "what", "here", "in the file", "", box=None, pad_edge=False)
        for change in preview.changes:
            lines = change.unit.lines if change.unit else ""
            what = f"[red]{change.kind}, conflict[/]" if change.conflict else change.kind
            told = " ".join(filter(None, (f"({change.where})" if change.where else "", change.reason)))
            table.add_row(lines, what, escape(change.before), escape(change.after), escape(told))
        print_table(table)
    if result is None:
        typer.echo(f"{preview.file}: would change {_counted(change for change in preview.changes if change.applies)}.")
        left = [change for change in preview.changes if not change.applies]
    else:
        typer.echo(f"{preview.file}: changed {_counted(result.done)}.")
        left = list(result.left)
    if left:
        typer.echo(f"Left as it is: {_counted(left)}.", err=True)
    if any(change.conflict and change.unit for change in left):
        typer.echo("  Decide a conflict for the file with --take LINES, or on the review page.", err=True)


def _counted(changes: Any) -> str:
    counts = Counter(f"{change.kind} (conflict)" if change.conflict else change.kind for change in changes)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing"


def import_json(preview: Preview, result: Imported | None) -> dict[str, Any]:
    return {
        "file": preview.file,
        "language": preview.language,
        "units": preview.units,
        "changes": [_change_json(change) for change in preview.changes],
        "done": [_change_json(change) for change in result.done] if result else None,
        "left": [_change_json(change) for change in result.left] if result else None,
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "unit": change.unit.id if change.unit else None,
        "lines": change.unit.lines if change.unit else None,
        "kind": change.kind,
        "conflict": change.conflict,
        "before": change.before,
        "after": change.after,
        "status": change.status,
        "where": change.where,
        "reason": change.reason,
    }
