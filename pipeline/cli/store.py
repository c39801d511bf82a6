"""Commands about the database: backups, its examination, and the people who may review."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.options import AsJson, Debug
from pipeline.cli.output import print_json, print_table

if TYPE_CHECKING:
    from pipeline.store import Store

app = typer.Typer()
store_app = typer.Typer(
    help="Keep the database of translations: backups, a check, and who may review.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(store_app, name="store")

Place = Annotated[
    Path | None,
    typer.Option("--in", metavar="DIR", help="The workspace, or an episode in it; default: here.", show_default=False),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The person's name.")]


@store_app.command("backup")
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write.")],
    place: Place = None,
    debug: Debug = False,
) -> None:
    """Copy the whole database into a file, whoever writes to it meanwhile."""
    with _opened(place) as store:
        store.backup(file)
    typer.echo(f"Wrote {file}.")


@store_app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What zimu store backup wrote.")],
    place: Place = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what is there; a backup of it is made first.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Make the database what a backup says."""
    from pipeline.stages.database import locate
    from pipeline.store import restore as restore_from

    before = restore_from(locate(place or Path(), make=True).url, file, force=force)
    typer.echo(f"Restored {file}." + (f" What was there before is in {before}." if before else ""))


@store_app.command("check")
def check(place: Place = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """Examine the database: its pages, its references, every unit's history. Exit code 1: something is wrong."""
    with _opened(place) as store:
        problems = store.check()
        where = store.where
    if as_json:
        print_json([asdict(problem) for problem in problems])
    for problem in problems if not as_json else ():
        typer.echo(f"{problem.kind}: {problem.where}: {problem.what}")
    if problems:
        raise typer.Exit(1)
    if not as_json:
        typer.echo(f"{where}: nothing is wrong.")


@store_app.command("people")
def people(place: Place = None, as_json: AsJson = False, debug: Debug = False) -> None:
    """List the people who may review."""
    with _opened(place) as store:
        found = store.people()
    if as_json:
        print_json([asdict(person) for person in found])
        return
    table = Table("name", "since", "revoked", box=None, pad_edge=False)
    for person in found:
        table.add_row(escape(person.name), person.created_at[:10], person.revoked_at[:10])
    print_table(table)


@store_app.command("add")
def add(name: Name, place: Place = None, debug: Debug = False) -> None:
    """Let a person review; prints the token to sign in with, once."""
    with _opened(place, make=True) as store:
        person, token = store.add_person(name)
    typer.echo(f"{person.name} signs in with this token, which is not shown again:\n{token}")


@store_app.command("renew")
def renew(name: Name, place: Place = None, debug: Debug = False) -> None:
    """Give a person a new token in place of the old one."""
    with _opened(place) as store:
        person, token = store.renew(name)
    typer.echo(f"{person.name} signs in with this token, which is not shown again:\n{token}")


@store_app.command("revoke")
def revoke(name: Name, place: Place = None, debug: Debug = False) -> None:
    """Let a person sign in no more; what they wrote stays."""
    with _opened(place) as store:
        person = store.revoke(name)
    typer.echo(f"{person.name} can't sign in any more.")


@contextmanager
def _opened(place: Path | None, *, make: bool = False) -> Iterator[Store]:
    from pipeline.stages.database import locate
    from pipeline.store import Store

    with Store.open(locate(place or Path(), make=make).url) as store:
        yield store
