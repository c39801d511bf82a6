"""How progress and words reach a person."""

import io

from rich.console import Console

from pipeline.console import ConsoleReporter


def reporter(*, terminal: bool, quiet: bool = False, verbose: bool = False) -> tuple[ConsoleReporter, io.StringIO]:
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100, soft_wrap=True, color_system=None)
    return ConsoleReporter(quiet=quiet, verbose=verbose, console=console), written


def test_plain_lines_without_bars_when_it_is_not_a_terminal() -> None:
    told, written = reporter(terminal=False)
    with told.task("Encoding a[b].mp4", 10, "seconds") as task:
        task.update(5)
    told.info("done: [x]")
    assert written.getvalue() == "Encoding a[b].mp4 …\ndone: [x]\n"


def test_a_bar_on_a_terminal() -> None:
    told, written = reporter(terminal=True)
    with told.task("translate en", 19, "units") as task:
        task.update(6)
    assert "translate en" in written.getvalue()
    assert "6/19" in written.getvalue()


def test_quiet_shows_only_warnings_and_each_once() -> None:
    told, written = reporter(terminal=False, quiet=True, verbose=True)
    told.info("info")
    with told.task("work", 3, "units") as task:
        task.update(3)
    told.warn("argos can't be used")
    told.warn("argos can't be used")
    assert written.getvalue() == "warning: argos can't be used\n"


def test_details_only_when_asked_for() -> None:
    for verbose in (False, True):
        told, written = reporter(terminal=False, verbose=verbose)
        told.detail("detail")
        assert written.getvalue() == ("detail\n" if verbose else "")
