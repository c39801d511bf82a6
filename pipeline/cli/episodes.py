"""Commands about episodes: make one, run its stages, see how far it is."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli import options
from pipeline.cli.options import AsJson, Assign, Debug, Engine, Episodes, Force, Locked, Offline, Quiet, To, Verbose
from pipeline.cli.output import print_error, print_json, print_table
from pipeline.console import ConsoleReporter
from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.runner import EpisodeOutcome

app = typer.Typer()


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
        typer.Option("--until", metavar="STAGE", help="Stop after align, translate, subtitle, render or publish."),
    ] = None,
    force: Annotated[
        list[str] | None,
        typer.Option("--force", metavar="STAGE", help="Do this stage again even if nothing changed."),
    ] = None,
    engine: Engine = None,
    assign: Assign = None,
    offline: Offline = False,
    locked: Locked = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Take episodes all the way: align, translate, subtitle, render, publish. What is done is not done again."""
    flags = options.flags(assign, to=to, engine=engine, offline=offline, locked=locked)
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
    flags = options.flags(assign, offline=offline)
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
        flags = options.flags(assign, to=to, engine=engine, offline=offline)
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
    runs: Annotated[bool, typer.Option("--runs", help="Show its last batches instead, and what they took.")] = False,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show how far each episode is."""
    if runs:
        from pipeline.cli.batch import show_runs

        show_runs(folder, as_json=as_json)
        return
    from pipeline.episode import find_episodes
    from pipeline.stages import STAGES, episode_states

    if not folder.is_dir():
        raise UsageError("There is no such folder.", where=folder, remedy="Give a workspace or an episode.")
    rows = [(path, *episode_states(path)) for path in find_episodes(folder)]
    if as_json:
        print_json([{"episode": str(path), "stages": states, "problem": problem} for path, states, problem in rows])
        return
    if not rows:
        raise UsageError(
            "There is no episode here.", where=folder, remedy="An episode is a folder with transcript.txt and media."
        )
    table = Table("episode", *STAGES, box=None, pad_edge=False)
    for path, states, problem in rows:
        cells = [_STATE_STYLE[state] for state in states.values()] if states else [f"[red]{escape(problem)}[/]"]
        table.add_row(escape(str(path)), *cells)
    print_table(table)


_STATE_STYLE = {
    "done": "[green]done[/]",
    "stale": "[yellow]stale[/]",
    "todo": "[dim]todo[/]",
    "failed": "[red]failed[/]",
    "running": "[cyan]running[/]",
    "off": "[dim]–[/]",
}


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
        print_json([_outcome_json(outcome) for outcome in outcomes])
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
            print_error(outcome.error, prefix=f"{outcome.episode}: ")
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
