"""Commands about this machine: what it lacks, its models, the settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.options import AsJson, Debug, Offline, Quiet, Verbose
from pipeline.cli.output import print_json, print_table
from pipeline.console import ConsoleReporter

if TYPE_CHECKING:
    from pipeline.doctor import Check
    from pipeline.models import ModelStore

app = typer.Typer()
models_app = typer.Typer(help="List, fetch, check and remove models.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="Look at the settings.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(config_app, name="config")


@app.command()
def doctor(as_json: AsJson = False, debug: Debug = False) -> None:
    """Check what Zimu needs: ffmpeg, fonts, models, memory, disk, GPU; say how to mend what is missing."""
    from pipeline.stages import examine_machine

    checks = examine_machine(options.load(), Path().absolute())
    if as_json:
        print_json([_check_json(check) for check in checks])
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
    print_table(table)


@models_app.command("list")
def models_list(as_json: AsJson = False, debug: Debug = False) -> None:
    """List the catalogue and what of it is on this machine."""
    statuses = _model_store().status()
    if as_json:
        print_json(
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
    print_table(table)


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
    loaded = options.load(folder)
    values = loaded.settings.model_dump(mode="json")
    rows = [
        (f"{section}.{key}", value, loaded.origins.get((section, key), ""))
        for section, table in values.items()
        for key, value in table.items()
    ]
    if as_json:
        print_json([{"setting": name, "value": value, "from": place} for name, value, place in rows])
        return
    table = Table("setting", "value", "from", box=None, pad_edge=False)
    for name, value, place in rows:
        table.add_row(name, escape(json.dumps(value, ensure_ascii=False)), escape(place))
    print_table(table)


def _model_store(*, offline: bool = False) -> ModelStore:
    from pipeline.episode import find_workspace
    from pipeline.stages import model_store

    loaded = options.load(models={"offline": True}) if offline else options.load()
    return model_store(loaded.settings.models, find_workspace(Path().absolute()))
