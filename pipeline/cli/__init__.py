"""The command `zimu`: its commands by subject, and how they end."""

from __future__ import annotations

import sys
import traceback
from typing import Annotated, Any

import typer

from pipeline import __version__
from pipeline.cli import batch, episodes, exchange, lock, machine, publish, report, review, store, translation
from pipeline.cli.output import print_error
from pipeline.errors import ZimuError

__all__ = ["app", "main"]

INTERRUPTED = 130
# Typer brought Click's classes into itself with 0.26; the base of its errors of use has that name in both.
_WrongUse: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")

app = typer.Typer(
    name="zimu",
    help="Timed Chinese subtitles, translations and finished videos from a video and its transcript.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for part in (episodes, batch, translation, review, report, lock, exchange, publish, store, machine):
    app.add_typer(part.app)


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


def main() -> None:
    """Run the command line; the exit code says how it went, and only --debug shows a traceback."""
    debug = "--debug" in sys.argv
    try:
        code = app(standalone_mode=False) or 0
        if code == INTERRUPTED:  # Typer's own answer to Ctrl-C, which says nothing
            _tell_stopped()
        sys.exit(code)
    except ZimuError as error:
        if debug:
            traceback.print_exc()
        print_error(error)
        sys.exit(error.exit_code)
    except _WrongUse as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, typer.Abort):
        _tell_stopped()
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        if debug:
            raise
        typer.echo(f"Unexpected: {type(error).__name__}: {error}\n  Run again with --debug and report it.", err=True)
        sys.exit(1)


def _tell_stopped() -> None:
    typer.echo("Stopped. The same command goes on where this one was.", err=True)
