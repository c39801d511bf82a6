"""The command for many episodes at once: `zimu batch`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.cli import options
from pipeline.cli.options import AsJson, Assign, Debug, Engine, Locked, Offline, Quiet, To, Verbose
from pipeline.cli.output import print_json, print_table
from pipeline.errors import UsageError, ZimuError

if TYPE_CHECKING:
    from pipeline.batch.observing import Observer
    from pipeline.batch.session import Request, Session, Summary
    from pipeline.batch.tasks import Resource
    from pipeline.executors.base import Executor

app = typer.Typer()
_LOCAL, _RAY = "local", "ray"


@app.command()
def batch(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="WORKSPACE|GLOB…", help="Workspaces, episodes or patterns.", show_default=False),
    ],
    to: To = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="STAGE", help="Stop after align, translate, subtitle or render."),
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish to the platforms of publish.to, too.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on with new and changed episodes until stopped.")] = False,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="At most so many episodes.")] = None,
    order: Annotated[str, typer.Option("--order", metavar="ORDER", help="name, newest or oldest first.")] = "name",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Try what was refused as it is, too, though it has not changed.")
    ] = False,
    executor: Annotated[str, typer.Option("--executor", metavar="NAME", help="local, or ray for a cluster.")] = _LOCAL,
    address: Annotated[
        str, typer.Option("--address", metavar="HOST:PORT", help="The Ray cluster; default: a new one on this machine.")
    ] = "",
    engine: Engine = None,
    assign: Assign = None,
    offline: Offline = False,
    locked: Locked = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Take all episodes that need work all the way, several at once; one failure never stops the rest."""
    from pipeline.batch.session import run_batch
    from pipeline.batch.session import watch as run_watching

    request = _request(paths, options.flags(assign, to=to, engine=engine, offline=offline, locked=locked), until, order)
    request = _with(request, publish=publish, limit=limit, retry_refused=retry_failed)
    _check_executor(executor, address)
    run = run_watching if watch else run_batch
    summary = run(
        request,
        lambda session: _open_executor(session, executor, address),
        lambda session, running: _showing(session, running, quiet=quiet or as_json, verbose=verbose),
    )
    if as_json:
        print_json(_summary_json(summary))
    else:
        _print_summary(summary, quiet=quiet)
    if summary.error is not None:
        raise summary.error
    if summary.stopped and not watch:
        raise typer.Exit(130)
    if any(work.error is not None for work in summary.works):
        raise typer.Exit(_code(summary))


def _request(paths: list[str], flags: dict[str, dict[str, Any]], until: str | None, order: str) -> Request:
    from pipeline.batch.planning import ORDERS, stage_names
    from pipeline.batch.session import Request

    known = stage_names(None, publish=False)
    if until is not None and until not in known:
        raise UsageError(f"{until} is not a stage.", remedy=f"The stages are {', '.join(known)}.")
    chosen = next((each for each in ORDERS if each == order), None)
    if chosen is None:
        raise UsageError(f"{order} is not an order.", remedy=f"Choose from {', '.join(ORDERS)}.")
    return Request(tuple(paths), flags, until, False, chosen, None, False, " ".join(["zimu", *sys.argv[1:]]))


def _with(request: Request, **changes: Any) -> Request:
    from dataclasses import replace

    return replace(request, **changes)


def _check_executor(name: str, address: str) -> None:
    if name not in (_LOCAL, _RAY):
        raise UsageError(f"There is no executor {name!r}.", remedy=f"Choose {_LOCAL} or {_RAY}.")
    if address and name != _RAY:
        raise UsageError("--address is a Ray cluster's.", remedy="Add --executor ray.")


def _open_executor(session: Session, name: str, address: str) -> Executor:
    settings = session.first_settings()
    batch = settings.batch
    slots: dict[Resource, int] = {"align": batch.aligners, "translate": batch.translators, "encode": batch.encoders}
    if name == _LOCAL:
        from pipeline.executors.local import LocalExecutor

        return LocalExecutor(slots=slots, memory_mb=batch.memory_mb, device=settings.compute.device)
    from pipeline.executors.ray import Asked, RayExecutor

    memory: dict[Resource, int] = {
        "align": batch.align_mb, "translate": batch.translate_mb, "encode": batch.render_mb
    }  # fmt: skip
    asked = {each: Asked(batch.ray_cpus.get(each, 1), batch.ray_gpus.get(each, 0), memory[each]) for each in memory}
    if batch.storage and not settings.store.url:
        raise UsageError(
            "Episodes on a storage need a database that all nodes reach.",
            where="batch.storage",
            remedy='Set store.url = "postgresql://user@host/name".',
        )
    cluster = RayExecutor(
        address=address, slots=slots, asked=asked, attempts=batch.attempts, storage=batch.storage,
        wait_s=batch.node_wait_s,
    )  # fmt: skip
    if cluster.many_machines and not settings.store.url:
        cluster.close()
        raise UsageError(
            "A database in a file serves one machine, and the cluster has several.",
            where="store.url",
            remedy='Set store.url = "postgresql://user@host/name".',
        )
    return cluster


def _showing(session: Session, executor: Executor, *, quiet: bool, verbose: bool) -> Observer:
    from rich.console import Console

    from pipeline.batch.board import Showing

    return Showing(session.stages, executor.slots, console=Console(stderr=True), quiet=quiet, verbose=verbose)


def _summary_json(summary: Summary) -> dict[str, Any]:
    return {
        "run": summary.run_id,
        "seconds": round(summary.seconds, 3),
        "stopped": summary.stopped,
        "error": None if summary.error is None else _error_json(summary.error),
        "done_before": summary.done_before,
        "left_for_later": summary.later,
        "refused_before": [{"folder": str(seen.folder), "error": seen.error} for seen in summary.refused],
        "episodes": [
            {
                "episode": work.name,
                "folder": str(work.seen.folder),
                "state": work.state,
                "seconds": round(work.seconds, 3),
                "stages": [
                    {name: value for name, value in asdict(stage).items() if name not in ("run_id", "episode")}
                    for stage in work.stages
                ],
                "error": None if work.error is None else _error_json(work.error),
            }
            for work in summary.works
        ],
    }


def _error_json(error: ZimuError) -> dict[str, Any]:
    return {"what": error.what, "where": error.where, "remedy": error.remedy, "exit_code": error.exit_code}


def _print_summary(summary: Summary, *, quiet: bool) -> None:
    from pipeline.batch.estimates import clock

    states = [work.state for work in summary.works]
    told = [f"{states.count('done')} done"] if states else []
    told += [f"{states.count('failed')} failed"] if "failed" in states else []
    told += [f"{states.count('stopped')} not finished"] if "stopped" in states else []
    told += [f"{summary.done_before} were up to date"] if summary.done_before else []
    told += [f"{len(summary.refused)} refused before and unchanged (--retry-failed)"] if summary.refused else []
    told += [f"{summary.later} left by --limit"] if summary.later else []
    if not quiet:
        typer.echo(f"{', '.join(told) or 'Nothing to do'}; {clock(summary.seconds)}.")
    if summary.refused and not quiet:
        for seen in summary.refused:
            typer.echo(f"  {seen.place}: {seen.error}")


def _code(summary: Summary) -> int:
    codes = {work.error.exit_code for work in summary.works if work.error is not None}
    return codes.pop() if len(codes) == 1 else 1


def show_runs(folder: Path, *, as_json: bool) -> None:
    """The last batches of the workspace that a folder is in.

    Raises:
        UsageError: it has no store yet.
    """
    from rich.markup import escape
    from rich.table import Table

    from pipeline.batch.estimates import clock
    from pipeline.batch.history import read_history
    from pipeline.episode import find_workspace
    from pipeline.store.batches import Batches
    from pipeline.store.where import database, has_database

    workspace = find_workspace(folder.absolute())
    settings = options.load(folder).settings
    if not has_database(settings, workspace):
        raise UsageError("There was no batch here.", where=workspace, remedy="Start one: zimu batch WORKSPACE.")
    store = Batches.open(database(settings, workspace))
    try:
        found = read_history(store, str(workspace))
    finally:
        store.close()
    if as_json:
        print_json([asdict(each) for each in found])
        return
    table = Table("started", "state", "took", "episodes", "failed", "by stage", box=None, pad_edge=False)
    for each in found:
        run = each.run
        stages = ", ".join(f"{name} {total.count}× {clock(total.seconds)}" for name, total in each.stages.items())
        table.add_row(
            run.started_at[:16].replace("T", " "), f"[{_RUN_STYLES.get(each.state, 'default')}]{each.state}[/]",
            clock(each.seconds), f"{run.done} of {run.episodes}", str(run.failed), escape(stages),
        )  # fmt: skip
    print_table(table)


_RUN_STYLES = {"done": "green", "failed": "red", "stopped": "yellow", "killed": "red", "running": "cyan"}
