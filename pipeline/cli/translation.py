"""Commands about translations: an episode's terms, the translation memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.options import AsJson, Assign, Debug, Quiet, To
from pipeline.cli.output import print_json, print_table
from pipeline.console import ConsoleReporter

if TYPE_CHECKING:
    from pipeline.stages.terms import TermTable

app = typer.Typer()
memory_app = typer.Typer(
    help="Take the translation memory out and in, as TMX.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(memory_app, name="memory")

Place = Annotated[
    Path | None,
    typer.Option("--in", metavar="DIR", help="The workspace, or an episode in it; default: here.", show_default=False),
]


@app.command()
def terms(
    episode: Annotated[Path, typer.Argument(metavar="EPISODE", help="The episode's folder.")],
    to: To = None,
    assign: Assign = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Propose an episode's names and terms, with their translations so far, in terms.LANGUAGE.tsv for approval."""
    from pipeline.stages.terms import propose_terms

    flags = options.flags(assign, to=to, offline=False)
    tables = propose_terms(episode, flags=flags, reporter=ConsoleReporter(quiet=quiet or as_json))
    if as_json:
        print_json([_table_json(table) for table in tables])
    elif not quiet:
        _print_terms(tables)


def _table_json(table: TermTable) -> dict[str, Any]:
    return {
        "language": table.language,
        "path": str(table.path),
        "new": table.new,
        "terms": [
            {
                "term": each.source,
                "kind": each.kind,
                "count": each.count,
                "seen": table.renderings.get(each.source, {}),
                "example": each.example,
            }
            for each in table.candidates
        ],
    }


def _print_terms(tables: Sequence[TermTable]) -> None:
    for found in tables:
        if not found.candidates:
            typer.echo(f"{found.language}: no names or terms that the glossary does not have.")
            continue
        table = Table("term", "kind", "sentences", f"in {found.language} so far", box=None, pad_edge=False)
        for each in found.candidates:
            seen = found.renderings.get(each.source, {})
            said = ", ".join(f"{form} ({count})" for form, count in sorted(seen.items(), key=lambda one: -one[1]))
            table.add_row(escape(each.source), each.kind, str(each.count), escape(said))
        print_table(table)
        typer.echo(f"{len(found.candidates)} in {found.path}, {found.new} of them new.")
    if any(found.candidates for found in tables):
        typer.echo("Write yes or no into the column “approved”, correct the translation, and translate again.")


@memory_app.command("export")
def memory_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The TMX file to write.")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="LANG", help="Only this language; default: all.", show_default=False)
    ] = None,
    place: Place = None,
    debug: Debug = False,
) -> None:
    """Write what people have approved, in all episodes of the workspace, as TMX 1.4."""
    from pipeline.stages.memory import export_memory

    units = export_memory(file, folder=place or Path(), language=to)
    typer.echo(f"Wrote {units} sentences to {file}.")


@memory_app.command("import")
def memory_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A TMX file.")],
    place: Place = None,
    debug: Debug = False,
) -> None:
    """Add a TMX file to the memory; what is there already is not added again."""
    from pipeline.stages.memory import import_memory

    new, units = import_memory(file, folder=place or Path())
    typer.echo(f"{new} of the file's {units} sentences are new.")
