"""`zimu report`: what one would rather look at than read."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli import options
from pipeline.cli.options import Assign, Debug, Quiet, Verbose
from pipeline.console import ConsoleReporter

app = typer.Typer()


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="EPISODE|WORKSPACE", help="An episode, or a folder of episodes.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Default: the episode's zimu/report.html, the workspace's report.html."
        ),
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    language: Annotated[
        str | None, typer.Option("--language", metavar="LANG", help="Of its words: en or zh-Hans.", show_default=False)
    ] = None,
    assign: Assign = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Write a page about an episode or a workspace: timeline, places to look at, findings, people's changes, time."""
    from pipeline.stages.report import is_one_episode, write_episode_report, write_workspace_report

    flags = options.flags(assign, offline=False)
    if language is not None:
        flags.setdefault("report", {})["language"] = language
    if is_one_episode(folder):
        reporter = ConsoleReporter(quiet=quiet, verbose=verbose)
        target = write_episode_report(folder, out=out, flags=flags, reporter=reporter)
    else:
        target = write_workspace_report(folder, out=out, flags=flags)
    if not quiet:
        typer.echo(str(target))
    if show:
        webbrowser.open(target.absolute().as_uri())
