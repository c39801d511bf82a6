"""How results reach a terminal, a pipe or a program."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from pipeline.errors import ZimuError

_UNFOLDED = 10_000


def print_table(table: Table) -> None:
    """On a terminal cells are folded to its width; elsewhere a row is a row, however long."""
    for column in table.columns:
        column.overflow = "fold"
    console = Console()
    if not console.is_terminal:
        console.width = _UNFOLDED
    console.print(table)


def print_json(value: object) -> None:
    """For programs."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_error(error: ZimuError, prefix: str = "") -> None:
    """What happened, where and what to do, on standard error."""
    typer.echo(f"{prefix}{error}", err=True)
