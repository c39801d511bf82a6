"""The command `zimu`."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline import __version__
from pipeline.console import ConsoleReporter
from pipeline.errors import UsageError, ZimuError
from pipeline.settings import parse_assignments

if TYPE_CHECKING:
    from pipeline.doctor import Check
    from pipeline.models import ModelStore
    from pipeline.runner import EpisodeOutcome
    from pipeline.settings import LoadedSettings

app = typer.Typer(
    name="zimu",
    help="Timed Chinese subtitles, translations and finished videos from a video and its transcript.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
models_app = typer.Typer(help="List, fetch, check and remove models.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="Look at the settings.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(config_app, name="config")

INTERRUPTED = 130
_UNFOLDED = 10_000
# Typer brought Click's classes into itself with 0.26; the base of its errors of use has that name in both.
_WrongUse: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

Episodes = Annotated[list[Path], typer.Argument(metavar="EPISODE…", help="Episode folders.", show_default=False)]
To = Annotated[
    str | None, typer.Option("--to", metavar="en,ja,…", help="Languages to translate into.", show_default=False)
]
Engine = Annotated[str | None, typer.Option("--engine", help="auto, server, argos or embedded.", show_default=False)]
Assign = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Any setting, for this run.", show_default=False),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never touch the network.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only warnings and errors.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Details too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
Force = Annotated[bool, typer.Option("--force", help="Do this stage again even if nothing changed.")]


def _version(show: bool) -> None:
    if show:
        typer.echo(f"zimu {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="DIR", help="The episode's folder.")]) -> None:
    """Make an episode's folder with a commented episode.toml."""
    from pipeline.episode import init_episode

    path = init_episode(folder)
    typer.echo(f"Wrote {path}. Put the video and transcript.txt beside it, then: zimu run {folder}")


@app.command()
def run(
    episodes: Episodes,
    to: To = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="STAGE", help="Stop after align, translate, subtitle or render."),
    ] = None,
    force: Annotated[
        list[str] | None,
        typer.Option("--force", metavar="STAGE", help="Do this stage again even if nothing changed."),
    ] = None,
    engine: Engine = None,
    assign: Assign = None,
    offline: Offline = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Take episodes all the way: align, translate, subtitle, render. What is done already is not done again."""
    flags = _flags(assign, to=to, engine=engine, offline=offline)
    _run(episodes, flags, until=until, force=force or [], as_json=as_json, quiet=quiet, verbose=verbose)


@app.command()
def align(
    episodes: Episodes,
    plot: Annotated[bool, typer.Option("--plot", help="Draw it too: zimu/alignment.png.")] = False,
    textgrid: Annotated[bool, typer.Option("--textgrid", help="Write it for Praat too.")] = False,
    force: Force = False,
    assign: Assign = None,
    offline: Offline = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Time the transcript's lines to the speech."""
    flags = _flags(assign, offline=offline)
    wanted = {"plot": plot, "textgrid": textgrid}
    flags.setdefault("align", {}).update({name: True for name, asked in wanted.items() if asked})
    forced = ["align"] if force else []
    _run(episodes, flags, until="align", force=forced, as_json=as_json, quiet=quiet, verbose=verbose)


def _stage_command(stage: str, text: str) -> None:
    def command(
        episodes: Episodes,
        to: To = None,
        force: Force = False,
        engine: Engine = None,
        assign: Assign = None,
        offline: Offline = False,
        as_json: AsJson = False,
        quiet: Quiet = False,
        verbose: Verbose = False,
        debug: Debug = False,
    ) -> None:
        flags = _flags(assign, to=to, engine=engine, offline=offline)
        forced = [stage] if force else []
        _run(episodes, flags, until=stage, force=forced, as_json=as_json, quiet=quiet, verbose=verbose)

    command.__doc__ = text
    app.command(name=stage)(command)


_stage_command("translate", "Translate, after aligning if that is still to do.")
_stage_command("subtitle", "Write the subtitle files, after the stages before it.")
_stage_command("render", "Make the videos, after the stages before it.")


@app.command()
def status(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A workspace or an episode.")],
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show how far each episode is."""
    from pipeline.episode import find_episodes
    from pipeline.stages import STAGES, episode_states

    if not folder.is_dir():
        raise UsageError("There is no such folder.", where=folder, remedy="Give a workspace or an episode.")
    rows = [(path, *episode_states(path)) for path in find_episodes(folder)]
    if as_json:
        _print_json([{"episode": str(path), "stages": states, "problem": problem} for path, states, problem in rows])
        return
    if not rows:
        raise UsageError(
            "There is no episode here.", where=folder, remedy="An episode is a folder with transcript.txt and media."
        )
    table = Table("episode", *STAGES, box=None, pad_edge=False)
    for path, states, problem in rows:
        cells = [_STATE_STYLE[state] for state in states.values()] if states else [f"[red]{escape(problem)}[/]"]
        table.add_row(escape(str(path)), *cells)
    _print_table(table)


_STATE_STYLE = {
    "done": "[green]done[/]",
    "stale": "[yellow]stale[/]",
    "todo": "[dim]todo[/]",
    "failed": "[red]failed[/]",
    "running": "[cyan]running[/]",
}


@app.command()
def doctor(as_json: AsJson = False, debug: Debug = False) -> None:
    """Check what Zimu needs: ffmpeg, fonts, models, memory, disk, GPU; say how to mend what is missing."""
    from pipeline.stages import examine_machine

    checks = examine_machine(_settings(), Path().absolute())
    if as_json:
        _print_json([_check_json(check) for check in checks])
    else:
        _print_checks(checks)
    if any(check.status == "missing" for check in checks):
        raise typer.Exit(4)


def _check_json(check: Check) -> dict[str, str]:
    return {"name": check.name, "status": check.status, "value": check.value, "remedy": check.remedy}


def _print_checks(checks: Sequence[Check]) -> None:
    marks = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "missing": "[red]✗[/]"}
    table = Table(box=None, pad_edge=False, show_header=False)
    for check in checks:
        table.add_row(marks[check.status], check.name, escape(check.value))
        if check.status != "ok" and check.remedy:
            table.add_row("", "", f"[dim]→ {escape(check.remedy)}[/]")
    _print_table(table)


@models_app.command("list")
def models_list(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the catalogue and what of it is on this machine."""
    statuses = _model_store().status()
    if as_json:
        _print_json(
            [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "state": one.state,
                    "bytes": one.bytes,
                    "licence": one.licence,
                    "default_for": list(one.default_for),
                    "path": str(one.path),
                }
                for one in statuses
            ]
        )
        return
    table = Table("model", "kind", "state", "size", "licence", "default on", box=None, pad_edge=False)
    for one in statuses:
        size = f"{one.bytes / 1e6:,.0f} MB"
        table.add_row(one.name, one.kind, one.state, size, one.licence, ", ".join(one.default_for))
    _print_table(table)


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Models of `zimu models list`.")],
    offline: Offline = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Fetch models and verify them."""
    store = _model_store(offline=offline)
    reporter = ConsoleReporter(quiet=quiet, verbose=verbose)
    for name in names:
        reporter.info(f"{name}: {store.ensure(name, reporter)}")


@models_app.command("verify")
def models_verify(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Default: all that are here.")] = None,
    debug: Debug = False,
) -> None:
    """Read the models on this machine and compare their checksums."""
    store = _model_store()
    here = [one.name for one in store.status() if one.state != "absent"]
    damaged = False
    for name in names or here:
        problems = store.verify(name)
        damaged = damaged or bool(problems)
        typer.echo(f"{name}: {'; '.join(str(problem) for problem in problems) or 'verified'}")
    if damaged:
        raise typer.Exit(4)


@models_app.command("remove")
def models_remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="Models of `zimu models list`.")],
    debug: Debug = False,
) -> None:
    """Delete models from this machine."""
    store = _model_store()
    for name in names:
        typer.echo(f"{name}: removed, {store.remove(name) / 1e6:,.0f} MB freed")


@config_app.command("show")
def config_show(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="An episode or a workspace; default: here.")
    ] = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show every setting, its value and where it came from."""
    loaded = _settings(folder)
    values = loaded.settings.model_dump(mode="json")
    rows = [
        (f"{section}.{key}", value, loaded.origins.get((section, key), ""))
        for section, table in values.items()
        for key, value in table.items()
    ]
    if as_json:
        _print_json([{"setting": name, "value": value, "from": place} for name, value, place in rows])
        return
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for name, value, place in rows:
        table.add_row(name, escape(json.dumps(value, ensure_ascii=False)), escape(place))
    _print_table(table)


def _settings(folder: Path | None = None, **flags: dict[str, Any]) -> LoadedSettings:
    from pipeline.episode import find_workspace
    from pipeline.settings import load_settings

    here = (folder or Path()).absolute()
    return load_settings(workspace=find_workspace(here), episode=here, flags=flags)


def _model_store(*, offline: bool = False) -> ModelStore:
    from pipeline.episode import find_workspace
    from pipeline.stages import model_store

    loaded = _settings(models={"offline": True}) if offline else _settings()
    return model_store(loaded.settings.models, find_workspace(Path().absolute()))


def _flags(
    assign: list[str] | None, *, to: str | None = None, engine: str | None = None, offline: bool
) -> dict[str, dict[str, Any]]:
    flags = parse_assignments(assign or [])
    if to is not None:
        flags.setdefault("episode", {})["to"] = [tag.strip() for tag in to.split(",") if tag.strip()]
    if engine is not None:
        flags.setdefault("translate", {})["engine"] = engine
    if offline:
        flags.setdefault("models", {})["offline"] = True
    return flags


def _run(
    episodes: list[Path],
    flags: dict[str, dict[str, Any]],
    *,
    until: str | None,
    force: list[str],
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    from pipeline.runner import exit_code
    from pipeline.stages import run_episodes

    reporter = ConsoleReporter(quiet=quiet or as_json, verbose=verbose)
    outcomes = run_episodes(episodes, flags=flags, until=until, force=force, reporter=reporter)
    if as_json:
        _print_json([_outcome_json(outcome) for outcome in outcomes])
    else:
        _print_outcomes(outcomes, quiet=quiet)
    if code := exit_code(outcomes):
        if "--debug" in sys.argv:
            for outcome in outcomes:
                if outcome.error is not None:
                    traceback.print_exception(outcome.error)
        raise typer.Exit(code)


def _outcome_json(outcome: EpisodeOutcome) -> dict[str, Any]:
    error = outcome.error
    return {
        "episode": outcome.episode,
        "folder": outcome.folder,
        "ok": error is None,
        "seconds": round(outcome.seconds, 3),
        "steps": [
            {
                "name": step.name,
                "stage": step.stage,
                "skipped": step.skipped,
                "seconds": round(step.seconds, 3),
                "outputs": step.outputs,
                "summary": step.summary,
            }
            for step in outcome.steps
        ],
        "error": None
        if error is None
        else {"what": error.what, "where": error.where, "remedy": error.remedy, "exit_code": error.exit_code},
    }


def _print_outcomes(outcomes: Sequence[EpisodeOutcome], *, quiet: bool) -> None:
    for outcome in outcomes:
        if outcome.error is not None:
            _print_error(outcome.error, prefix=f"{outcome.episode}: ")
        elif quiet:
            continue
        elif outcome.nothing_to_do:
            typer.echo(f"{outcome.episode}: nothing to do, everything is up to date ({outcome.seconds:.1f} s).")
        else:
            made = [path for step in outcome.steps if not step.skipped for path in step.outputs]
            typer.echo(f"{outcome.episode}: done in {outcome.seconds:.0f} s.")
            for path in made:
                typer.echo(f"  {path}")
    failed = sum(outcome.error is not None for outcome in outcomes)
    if failed and len(outcomes) > 1:
        typer.echo(f"{failed} of {len(outcomes)} episodes failed.", err=True)


def _print_table(table: Table) -> None:
    """On a terminal cells are folded to its width; elsewhere a row is a row, however long."""
    for column in table.columns:
        column.overflow = "fold"
    console = Console()
    if not console.is_terminal:
        console.width = _UNFOLDED
    console.print(table)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _print_error(error: ZimuError, prefix: str = "") -> None:
    typer.echo(f"{prefix}{error}", err=True)


def main() -> None:
    """Run the command line; the exit code says how it went, and only --debug shows a traceback."""
    debug = "--debug" in sys.argv
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except ZimuError as error:
        if debug:
            traceback.print_exc()
        _print_error(error)
        sys.exit(error.exit_code)
    except _WrongUse as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        typer.echo("Stopped. The same command goes on where this one was.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        typer.echo(f"Unexpected: {type(error).__name__}: {error}\n  Run again with --debug and report it.", err=True)
        sys.exit(1)
