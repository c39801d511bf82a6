"""How a batch looks while it runs: a live table of episodes by stages on a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pipeline.batch.estimates import clock, rate_per_hour, time_left
from pipeline.batch.observing import Observer, Work
from pipeline.batch.tasks import STAGES_OF, Resource, Task
from pipeline.store.batches import BatchStage

_SHOWN_S = 0.2
_LEAST_ROWS = 6
_OTHER_ROWS = 7  # of the terminal: summary, heads, rates
_ENDED_ROWS = 4
_STAGE_WIDTH = 9
_NAME_WIDTH, _NAME_LEAST = 36, 8
_RATES = "an hour a worker"
_STYLES = {"done": "green", "skipped": "dim green", "failed": "red", "lost": "yellow"}
_ENDS = {"done": "[green]done[/]", "failed": "[red]failed[/]", "stopped": "[yellow]stopped[/]"}


@dataclass(slots=True)
class Row:
    """An episode as the table shows it: what its stages took, and what is in work now."""

    name: str
    stages: dict[str, tuple[str, float]] = field(default_factory=dict)
    in_work: str = ""
    since: float = 0.0
    share: float | None = None
    end: str = ""
    what: str = ""
    reached: int = 0


@dataclass(slots=True)
class Board:
    """The state that is shown.

    Attributes:
        stages: the columns.
        slots: workers by resource.
        rows: episodes that are begun, by their number.
        ended: episodes by how they ended. `seconds`, `counts`: what stages took, and how often they were done.
        passed: how many episodes are past a stage.
        free: stages that an episode went on from; one that was never done takes no time.
    """

    stages: Sequence[str]
    slots: Mapping[Resource, int]
    started: float
    total: int = 0
    rows: dict[int, Row] = field(default_factory=dict)
    ended: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)

    def reach(self, row: Row, stage: str | None) -> None:
        """A stage of an episode has ended, and so have those before it, which may have had nothing to do."""
        place = len(self.stages) if stage is None else self.stages.index(stage) + 1
        for name in self.stages[row.reached : place]:
            self.passed[name] = self.passed.get(name, 0) + 1
            if stage is not None:
                self.free.add(name)
        row.reached = max(row.reached, place)

    def left(self) -> float | None:
        """Seconds until all is done, as far as known."""
        remaining = {stage: self.total - self.passed.get(stage, 0) for stage in self.stages}
        means = dict.fromkeys(self.free, 0.0)
        means |= {stage: self.seconds[stage] / count for stage, count in self.counts.items()}
        return time_left(remaining, means, self.slots)


def render(board: Board, now: float, *, height: int, width: int) -> RenderableType:
    """The board as it is at a moment (seconds of the clock that `Board.started` is of), in so many rows and columns."""
    done, failed = board.ended.get("done", 0), board.ended.get("failed", 0)
    working = [row for row in board.rows.values() if not row.end and row.in_work]
    summary = Text.assemble(
        (f"{done} of {board.total} episodes done", "bold"),
        (f", {failed} failed", "red") if failed else "",
        f", {len(working)} in work · {clock(now - board.started)} so far · {clock(board.left())} left",
    )
    bar = ProgressBar(total=max(1, board.total), completed=sum(board.ended.values()), width=40)
    table = Table(box=None, pad_edge=False, expand=False)
    rows = [
        [escape(row.name), *(_cell(row, stage, now) for stage in board.stages), _ending(row)]
        for row in _chosen(board, max(_LEAST_ROWS, height - _OTHER_ROWS))
    ]
    rates = [rate_per_hour(board.counts.get(stage, 0), board.seconds.get(stage, 0.0)) for stage in board.stages]
    rows.append([f"[dim]{_RATES}[/]", *(f"[dim]{rate:,.0f}[/]" if rate else "[dim]–[/]" for rate in rates), ""])
    first, *stages, last = _widths([["episode", *board.stages, ""], *rows], width)
    table.add_column("episode", overflow="ellipsis", no_wrap=True, width=first)
    for stage, wide in zip(board.stages, stages, strict=True):
        table.add_column(stage, justify="right", width=wide, no_wrap=True)
    if last:
        table.add_column("", overflow="ellipsis", no_wrap=True, width=last)
    for cells in rows:
        table.add_row(*cells[: len(table.columns)])
    return Group(summary, Padding(bar, (0, 0, 1, 0)), table)


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide the columns of rows of markup are on a terminal of so many columns; 0: no room for the last one.

    Stages have the room that they need, names give way to what happened, which comes last, down to a rate's own words.
    """
    first, *stages, last = (
        max(cell_len(Text.from_markup(cell).plain) for cell in each) for each in zip(*rows, strict=True)
    )
    roomy = [max(_STAGE_WIDTH, wide) for wide in stages]
    if width - sum(roomy) - 2 * len(roomy) >= len(_RATES) + 2 + last:
        stages = roomy
    room = width - sum(stages) - 2 * len(stages)
    first = min(first, _NAME_WIDTH, max(len(_RATES), room - 2 - last))
    rest = room - first - 2
    return [max(_NAME_LEAST, min(first, room)), *stages, min(last, rest) if rest >= _NAME_LEAST else 0]


def _chosen(board: Board, room: int) -> list[Row]:
    """The rows that there is room for: what is in work, what failed, what waits between two stages, what ended last."""
    rows = list(board.rows.values())
    working = [row for row in rows if row.in_work and not row.end]
    failed = [row for row in rows if row.end == "failed"][-max(1, room // 3) :]
    between = [row for row in rows if not row.in_work and not row.end]
    ended = [row for row in rows if row.end and row.end != "failed"][-_ENDED_ROWS:]
    chosen = {id(row) for row in (working + failed + ended + between)[:room]}
    return [row for row in rows if id(row) in chosen]


def _cell(row: Row, stage: str, now: float) -> str:
    if stage == row.in_work and not row.end:
        share = "" if row.share is None else f"{row.share:.0%} "
        return f"[cyan]{share}{clock(now - row.since)}[/]"
    if stage not in row.stages:
        return "[dim]·[/]"
    state, seconds = row.stages[stage]
    text = clock(seconds) if state == "done" else {"skipped": "✓"}.get(state, state)
    return f"[{_STYLES.get(state, '')}]{text}[/]"


def _ending(row: Row) -> str:
    return f"{_ENDS[row.end]} {escape(row.what)}".rstrip() if row.end else f"[dim]{escape(row.what)}[/]"


class Showing(Observer):
    """Keeps the board and shows it: live on a terminal, else a line for every stage that ended."""

    def __init__(
        self, stages: Sequence[str], slots: Mapping[Resource, int], *, console: Console, quiet: bool, verbose: bool
    ) -> None:
        self._board = Board(stages, slots, time.monotonic())
        self._console, self._quiet, self._verbose = console, quiet, verbose
        self._numbers: dict[int, int] = {}
        self._live: Live | None = None
        self._shown = 0.0
        if console.is_terminal and not quiet:
            self._live = Live(console=console, auto_refresh=False, transient=True)
            self._live.start()

    def added(self, works: Sequence[Work]) -> None:
        for work in works:
            self._numbers[id(work)] = len(self._numbers)
        self._board.total += len(works)

    def started(self, work: Work, task: Task) -> None:
        row = self._board.rows.setdefault(self._numbers[id(work)], Row(work.name))
        row.in_work, row.since, row.share, row.what = work.stage, time.monotonic(), None, ""

    def progressed(self, work: Work, label: str, done: float, total: float | None) -> None:
        row = self._row(work)
        row.share = min(1.0, done / total) if total else None
        row.what = label
        # A task has several stages: what is told belongs to the one that its label or its order says.
        stages = next((stages for stages in STAGES_OF.values() if row.in_work in stages), ())
        row.in_work = next((stage for stage in stages if label.startswith(stage)), row.in_work)

    def said(self, work: Work, level: str, text: str) -> None:
        if level == "detail" and not self._verbose:
            return
        if level == "warning" and not self._quiet:
            self._say(f"[yellow]{escape(work.name)}:[/] {escape(text)}" if self._verbose else "")
        elif self._verbose and not self._quiet:
            self._say(f"{escape(work.name)}: {escape(text)}")

    def stage_ended(self, work: Work, stage: BatchStage) -> None:
        board, row = self._board, self._row(work)
        row.stages[stage.stage] = (stage.state, stage.seconds)
        if stage.state == "done":
            board.counts[stage.stage] = board.counts.get(stage.stage, 0) + 1
            board.seconds[stage.stage] = board.seconds.get(stage.stage, 0.0) + stage.seconds
        if stage.state in ("done", "skipped"):
            board.reach(row, stage.stage)
        row.in_work, row.share, row.what = "", None, ""
        if self._live is None and not self._quiet and stage.state == "done":
            self._say(f"{self._count(work)} {escape(work.name)}: {stage.stage} {clock(stage.seconds)}")

    def episode_ended(self, work: Work) -> None:
        board = self._board
        board.ended[work.state] = board.ended.get(work.state, 0) + 1
        row = self._row(work)
        board.reach(row, None)
        row.end, row.in_work = work.state, ""
        row.what = work.error.what if work.error is not None else ""
        if work.error is not None:
            self._say(f"{self._count(work)} [red]{escape(work.name)} failed:[/] {escape(str(work.error))}", always=True)
        elif self._live is None and not self._quiet and work.state == "done":
            left = clock(board.left())
            self._say(f"{self._count(work)} {escape(work.name)}: done in {clock(work.seconds)}, {left} left")

    def notice(self, text: str) -> None:
        self._say(escape(text), always=True)

    def tick(self) -> None:
        if self._live is not None and time.monotonic() - self._shown >= _SHOWN_S:
            self._shown = time.monotonic()
            self._live.update(self._rendered(self._shown), refresh=True)

    def close(self) -> None:
        if self._live is not None:
            self._live.update(self._rendered(time.monotonic()), refresh=True)
            self._live.stop()
            self._live = None

    def _rendered(self, now: float) -> RenderableType:
        return render(self._board, now, height=self._console.height, width=self._console.width)

    def _row(self, work: Work) -> Row:
        return self._board.rows.setdefault(self._numbers[id(work)], Row(work.name))

    def _count(self, work: Work) -> str:
        return f"[dim]\\[{self._numbers[id(work)] + 1}/{self._board.total}][/]"

    def _say(self, text: str, *, always: bool = False) -> None:
        if text and (always or not self._quiet):
            self._console.print(text, highlight=False, soft_wrap=True)
