"""What the table shows of a batch: counts, stages, the time left, and no more rows than fit."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from pipeline.batch.board import Board, Row, render

STAGES = ("align", "translate", "render")
SLOTS = {"align": 1, "translate": 1, "encode": 1}


def shown(board: Board, now: float, height: int = 30, width: int = 100) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height)
    console.print(render(board, now, height=height, width=width))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def board(total: int = 3) -> Board:
    return Board(STAGES, SLOTS, started=0.0, total=total)


def test_a_row_tells_what_each_stage_took_and_what_is_in_work() -> None:
    made = board()
    made.rows[0] = Row("第一集", {"align": ("done", 75.0), "translate": ("skipped", 0.0)}, "render", 90.0, 0.5)
    made.rows[1] = Row("[二]", {"align": ("failed", 1.0)}, end="failed", what="The disk is full.")
    made.ended = {"failed": 1}
    rows = shown(made, 100.0)
    assert rows[0].startswith("0 of 3 episodes done, 1 failed, 1 in work · 1:40 min so far")
    first = next(row for row in rows if row.startswith("第一集"))
    assert first.split()[1:] == ["1:15", "min", "✓", "50%", "10", "s"]
    second = next(row for row in rows if row.startswith("[二]"))
    assert "failed The disk is full." in second
    assert next(row for row in rows if row.startswith("episode")).split() == ["episode", *STAGES]


def test_the_time_left_is_not_known_before_a_stage_has_ended_once() -> None:
    made = board(2)
    failed, done = Row("a"), Row("b")
    made.reach(failed, None)
    assert made.left() is None
    made.counts, made.seconds = {"align": 1, "render": 1}, {"align": 10.0, "render": 60.0}
    made.reach(done, "align")
    made.reach(done, "render")  # nothing was to be translated
    assert made.left() == 0.0
    made.total = 5
    assert made.left() == 180.0


def test_a_large_batch_fits_on_the_screen_and_shows_what_is_in_work() -> None:
    made = board(1000)
    for number in range(500):
        made.rows[number] = Row(f"e{number}", {"align": ("done", 1.0)}, end="done")
    made.rows[500] = Row("now", in_work="align", since=0.0)
    rows = shown(made, 1.0, height=20)
    assert len(rows) <= 20
    assert any(row.startswith("now") for row in rows)


def test_on_a_narrow_terminal_stages_stay_and_what_happened_is_cut_short() -> None:
    stages = ("align", "translate", "subtitle", "render", "report")
    made = Board(stages, SLOTS, started=0.0, total=2)
    made.rows[0] = Row(
        "第一集", {"align": ("failed", 1.0)}, end="failed", what="There is no media file in the episode."
    )
    made.rows[1] = Row("a name that is longer than any terminal has room for", {}, "align", 1.0, 0.5, what="Decoding")
    for width, end in ((120, "failed There is no media file in the episode."), (80, "…")):
        rows = shown(made, 100.0, width=width)
        assert next(row for row in rows if row.startswith("episode")).split() == ["episode", *stages]
        assert next(row for row in rows if row.startswith("第一集")).rstrip().endswith(end)
        assert any(row.startswith("an hour a worker") for row in rows)
    assert "report" in " ".join(shown(made, 100.0, width=60))
