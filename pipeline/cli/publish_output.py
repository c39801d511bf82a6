"""How plans, results and what is on platforms reach a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from pipeline.cli.exchange import import_json, print_import
from pipeline.cli.output import print_error, print_json, print_table
from pipeline.errors import ZimuError
from pipeline.publishing.base import DONE_WORDS, Action, QuotaError, find_adapter
from pipeline.publishing.ledger import moment
from pipeline.stages.publish_tracks import NoVideoError

if TYPE_CHECKING:
    from pipeline.progress import Reporter
    from pipeline.publishing.executing import Outcome
    from pipeline.publishing.planning import VideoPlan
    from pipeline.stages.publish import Published, Quota
    from pipeline.stages.publish_fetch import Fetched
    from pipeline.stages.publish_titles import TitleRow
    from pipeline.store import Receipt

_WORDS = {
    "insert": "upload", "update": "replace", "activate": "switch", "delete": "remove", "texts": "titles",
    "skip": "nothing", "hold": "decide", "leave": "leave",
}  # fmt: skip
_STYLES = {"hold": "red", "leave": "yellow", "skip": "dim"}


def tell(outcome: Outcome, reporter: Reporter) -> None:
    """One row for what was just done or refused."""
    plan, action = outcome.plan, outcome.action
    where = f"{plan.path} → {plan.platform} {action.language}"
    if outcome.error is not None:
        return
    state = outcome.receipts[-1].state if outcome.receipts else ""
    told = "; being processed" if state == "processing" else ""
    draft = ", as a draft" if action.local is not None and not action.local.live else ""
    reporter.info(f"{where}: {DONE_WORDS[action.kind]}{draft}{told}")


def print_plans(result: Published) -> None:
    """What would be done, a table a video, and what it takes of the quota."""
    for plan in result.plans:
        typer.echo(_heading(plan))
        if plan.looked:
            _print_actions(plan.actions)
        else:
            typer.echo("  not looked at: the quota does not suffice today")
    for quota in result.quotas:
        plans = [plan for plan in result.plans if plan.platform == quota.platform]
        changes = [action for plan in plans for action in plan.changes]
        checks = sum(any(action.kind != "texts" for action in plan.changes) for plan in plans)
        typer.echo(_sum(quota, changes, checks, find_adapter(quota.platform).costs.tracks))
    _tell_waiting(result)


def print_result(result: Published, *, quiet: bool) -> None:
    """What was done, and what is left to do by whom."""
    if not quiet:
        for plan in result.plans:
            if plan.looked:
                typer.echo(f"{_heading(plan)}: {_counted(result, plan)}")
    for plan in result.plans:
        for action in plan.actions:
            if action.kind in ("hold", "leave"):
                typer.echo(printable(f"{plan.path} → {plan.platform} {action.language}: left: {action.why}"), err=True)
    stopped: set[str] = set()
    for outcome in result.outcomes:
        if isinstance(outcome.error, QuotaError):
            continue
        if outcome.error is not None and (said := str(outcome.error)) not in stopped:
            stopped.add(said)
            prefix = f"{outcome.plan.path} → {outcome.plan.platform} {outcome.action.language}: "
            print_error(outcome.error, prefix=prefix)
    for quota in result.quotas:
        if quota.left is not None and not quiet:
            typer.echo(f"{quota.title}: {quota.left:,} of {quota.limit:,} units of quota are left today.")
    _tell_waiting(result)


def print_status(result: Published) -> None:
    """A row for each language of each video."""
    table = Table("episode", "on", "language", "there", "to do", "cost", "why", box=None, pad_edge=False)
    for plan in result.plans:
        if not plan.looked:
            table.add_row(escape(plan.path), plan.platform, "", "", "", "", "not looked at: no quota is left today")
        for action in plan.actions:
            style = _STYLES.get(action.kind, "cyan")
            table.add_row(
                escape(plan.path),
                plan.platform,
                escape(action.language),
                escape(printable(_there(action))),
                f"[{style}]{_WORDS[action.kind]}[/]",
                f"{action.cost:,}" if action.cost else "",
                escape(printable(action.why)),
            )
    for path, error in result.errors:
        if isinstance(error, NoVideoError):
            table.add_row(escape(path), "–", "", "", "", "", "[dim]it names no video[/]")
    if table.row_count:
        print_table(table)
    for quota in result.quotas:
        if quota.left is not None:
            typer.echo(f"{quota.title}: {quota.left:,} of {quota.limit:,} units of quota are left today.")


def print_receipts(rows: Sequence[tuple[str, Receipt]]) -> None:
    """What was done last for each language, by the receipts alone."""
    if not rows:
        typer.echo("Nothing has been published yet.")
        return
    table = Table(
        "episode", "on", "video", "language", "state", "track", "cost", "when", "who", box=None, pad_edge=False
    )
    for path, each in rows:
        state = each.state if each.live or each.state not in ("serving", "processing") else f"{each.state}, a draft"
        table.add_row(
            escape(path),
            each.platform,
            escape(each.video),
            each.language,
            state,
            escape(each.track),
            str(each.cost or ""),
            each.at[:16].replace("T", " "),
            escape(each.who),
        )
    print_table(table)


def print_fetched(done: Sequence[Fetched], *, as_json: bool, quiet: bool) -> int:
    """How what is on the platform differs; the exit code: 1 where a person has to decide."""
    if as_json:
        print_json([_fetched_json(each) for each in done])
    else:
        for each in done:
            typer.echo(f"{each.platform} {each.language}: {each.told}")
            if each.preview is not None:
                print_import(each.preview, each.imported, quiet=quiet)
    left = [
        change
        for each in done
        if each.preview is not None
        for change in (each.imported.left if each.imported else each.preview.changes)
    ]
    return int(any(change.conflict or change.kind == "added" for change in left))


def print_titles(rows: Sequence[TitleRow], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    table = Table("language", "what", "state", "by", "text", box=None, pad_edge=False)
    for row in rows:
        style = {"approved": "green", "missing": "dim", "out of date": "red"}.get(row.state, "yellow")
        table.add_row(row.language, row.field, f"[{style}]{row.state}[/]", escape(row.who), escape(row.text))
    print_table(table)


def result_json(result: Published, *, dry_run: bool) -> dict[str, Any]:
    """The result for programs."""
    return {
        "dry_run": dry_run,
        "videos": [
            {
                "episode": plan.path,
                "platform": plan.platform,
                "video": plan.video.id,
                "title": plan.video.title,
                "account": plan.video.account,
                "looked": plan.looked,
                "actions": [_action_json(action) for action in plan.actions],
            }
            for plan in result.plans
        ],
        "outcomes": [
            {
                "episode": outcome.plan.path,
                "platform": outcome.plan.platform,
                "language": outcome.action.language,
                "kind": outcome.action.kind,
                "done": outcome.done,
                "error": None if outcome.error is None else _error_json(outcome.error),
                "receipts": [asdict(receipt) for receipt in outcome.receipts],
            }
            for outcome in result.outcomes
        ],
        "errors": [
            {
                "episode": path,
                "what": error.what,
                "where": error.where,
                "remedy": error.remedy,
                "exit_code": error.exit_code,
            }
            for path, error in result.errors
        ],
        "quotas": [
            {
                "platform": quota.platform,
                "spent": quota.spent,
                "limit": quota.limit,
                "left": quota.left,
                "renewed": quota.renewed.isoformat(),
            }
            for quota in result.quotas
        ],
        "exit_code": result.exit_code,
    }


def _error_json(error: ZimuError) -> dict[str, Any]:
    return {"what": error.what, "where": error.where, "remedy": error.remedy}


def _action_json(action: Action) -> dict[str, Any]:
    remote, local = action.remote, action.local
    return {
        "language": action.language,
        "kind": action.kind,
        "cost": action.cost,
        "why": action.why,
        "reasons": [asdict(reason) for reason in action.reasons],
        "waits": action.waits,
        "live": None if local is None else local.live,
        "name": None if local is None else local.name,
        "sha256": None if local is None else local.digest,
        "remote": None if remote is None else asdict(remote),
        "texts": {code: asdict(text) for code, text in action.texts.items()},
    }


def _fetched_json(each: Fetched) -> dict[str, Any]:
    return {
        "platform": each.platform,
        "language": each.language,
        "file": str(each.file) if each.file else None,
        "same": each.same,
        "told": each.told,
        "import": None if each.preview is None else import_json(each.preview, each.imported),
    }


def _heading(plan: VideoPlan) -> str:
    video = plan.video
    title = f" “{video.title}”" if video.title else ""
    account = f", {video.account}" if video.account else ""
    return printable(f"{plan.path} → {plan.platform} {video.id}{title}{account}")


def printable(text: str) -> str:
    """A platform's words without what a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in text)


def _print_actions(actions: Sequence[Action]) -> None:
    table = Table("  language", "do", "cost", "why", box=None, pad_edge=False)
    for action in actions:
        style = _STYLES.get(action.kind, "cyan")
        word = "wait" if action.waits else _WORDS[action.kind]
        why = f"the quota does not suffice today; {action.why}" if action.waits else action.why
        cost = f"{action.cost:,}" if action.cost else ""
        table.add_row(f"  {escape(action.language)}", f"[{style}]{word}[/]", cost, escape(printable(why)))
    print_table(table)


def _there(action: Action) -> str:
    remote = action.remote
    if remote is None:
        return "–"
    name = f" “{remote.name}”" if remote.name else ""
    if remote.state == "serving":
        return ("live" if remote.live else "draft") + name
    return remote.state + (f" ({remote.reason})" if remote.reason else "") + name


def _sum(quota: Quota, changes: Sequence[Action], videos: int, look: int) -> str:
    what = f"{quota.title}: {len(changes)} to do" if changes else f"{quota.title}: nothing to do"
    if quota.left is None:
        return f"{what}."
    total = sum(action.cost for action in changes)
    takes = f", which take{'s' if len(changes) == 1 else ''} {total:,} units" if changes else ""
    if look and videos:
        takes += f" ({look} more each time that it is looked whether they are processed)"
    return f"{what}{takes}; {quota.left:,} of {quota.limit:,} are left today."


def _counted(result: Published, plan: VideoPlan) -> str:
    """What became of a video's tracks, in numbers."""
    outcomes = [each for each in result.outcomes if each.plan is plan]
    waiting = len(plan.waiting) + sum(isinstance(each.error, QuotaError) for each in outcomes)
    kinds = Counter(action.kind for action in plan.actions)
    counts = {
        "done": sum(each.done for each in outcomes),
        "failed": sum(each.error is not None and not isinstance(each.error, QuotaError) for each in outcomes),
        "unchanged": kinds["skip"],
        "to decide": kinds["hold"],
        "not yet": kinds["leave"],
        "waiting for quota": waiting,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to do"


def _tell_waiting(result: Published) -> None:
    if not (result.waiting or result.unlooked):
        return
    left = [f"{result.waiting} to send"] if result.waiting else []
    left += [f"{result.unlooked} video{'s' if result.unlooked > 1 else ''} to look at"] if result.unlooked else []
    when = max((quota.renewed for quota in result.quotas), default=None)
    typer.echo(
        f"Left for want of quota: {', '.join(left)}."
        + (f"\n  The same command goes on from {moment(when)}, when it is renewed." if when else ""),
        err=True,
    )
