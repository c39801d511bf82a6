"""Publishing as the last stage of a run, and titles that an engine proposes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.progress import SilentReporter
from pipeline.runner import Stage, run_stages, stage_states
from pipeline.stages import publish
from tests.publishing.conftest import TEXTS, Desk
from tests.publishing.youtube_server import Fault
from tests.stages.aligned import job
from tests.translation.chat_server import ChatServer

STAGE = Stage("publish", publish.VERSION, publish.plan, optional=True)


def run(desk: Desk) -> list[bool]:
    """The stage as a run does it; whether each step was skipped."""
    work = job(desk.episode)
    steps = []
    try:
        run_stages(
            work, work.episode, work.manifest, [STAGE],
            forced=frozenset(), reporter=SilentReporter(), on_step=steps.append,
        )  # fmt: skip
    finally:
        work.bench.close()
    return [step.skipped for step in steps]


def state(desk: Desk) -> str:
    work = job(desk.episode)
    try:
        return stage_states(work, work.episode, work.manifest, [STAGE])["publish"]
    finally:
        work.bench.close()


def configure(desk: Desk) -> None:
    file = desk.workspace / "zimu.toml"
    file.write_text(file.read_text("utf-8").replace("[publish]\n", '[publish]\nto = ["youtube"]\n'), "utf-8")


def test_a_run_publishes_only_where_it_is_told_to(desk: Desk) -> None:
    assert (run(desk), state(desk), desk.state.calls) == ([], "off", [])


def test_a_run_publishes_what_changed_and_asks_nobody_else(desk: Desk) -> None:
    configure(desk)
    assert state(desk) == "todo"
    assert (run(desk), state(desk)) == ([False], "done")
    assert len(desk.state.tracks) == 3
    before = len(desk.state.calls)
    assert (run(desk), desk.state.calls[before:]) == ([True], [])
    desk.approve("en", texts={**TEXTS, "en": ["Hi, welcome to the show.", *TEXTS["en"][1:]]})
    assert state(desk) == "stale"
    assert run(desk) == [False]
    assert b"Hi, welcome" in desk.state.of("en")[0].data


def test_a_run_that_the_platform_refuses_fails_and_goes_on_the_next_time(desk: Desk) -> None:
    configure(desk)
    desk.state.faults = [Fault("captions.insert", status=400, reason="invalidMetadata")]
    with pytest.raises(publish.PlatformError, match="invalidMetadata"):
        run(desk)
    assert state(desk) == "failed"
    assert len(desk.state.tracks) == 2
    assert run(desk) == [False]
    assert len(desk.state.tracks) == 3


@pytest.fixture
def engine() -> Iterator[ChatServer]:
    with ChatServer(translate=lambda text: f"About {text[:6]}.") as server:
        yield server


def test_an_engine_proposes_titles_and_a_person_has_the_last_word(desk: Desk, engine: ChatServer) -> None:
    own = desk.episode / "episode.toml"
    own.write_text(own.read_text("utf-8") + 'description = "第一行\\nhttps://example.org #riscv\\n第二行"\n', "utf-8")
    file = desk.workspace / "zimu.toml"
    told = f'[server]\nbase_url = "{engine.url}"\nmodel = "scripted"\n[translate]\norder = ["server"]\n'
    file.write_text(file.read_text("utf-8") + told, "utf-8")
    done = desk.zimu("publish", "titles", desk.episode, "--languages", "en", "--translate", "--json")
    assert done.code == 0, done
    title, description = done.json
    assert (title["state"], title["text"]) == ("machine", "About RISC-V")
    assert description["text"].split("\n")[1] == "https://example.org #riscv"
    written = desk.zimu("publish", "titles", desk.episode, "--languages", "en", "--title", "The RISC-V story", "--json")
    assert written.json[0]["state"] == "edited"
    own.write_text(own.read_text("utf-8") + '[episode]\ntitle = "另一个题目"\n', "utf-8")
    again = desk.zimu("publish", "titles", desk.episode, "--languages", "en", "--translate", "--approve", "--json")
    assert (again.json[0]["state"], again.json[0]["text"]) == ("out of date", "The RISC-V story")
    assert again.json[1]["state"] == "approved"


def test_a_title_needs_its_language(desk: Desk) -> None:
    failed = desk.zimu("publish", "titles", desk.episode, "--title", "x")
    assert (failed.code, "--languages en" in failed.err) == (2, True), failed
    failed = desk.zimu("publish", "titles", desk.episode, "--languages", "en", "--description", "x")
    assert (failed.code, "no description" in failed.err) == (2, True), failed
    failed = desk.zimu("publish", "titles", desk.episode, "--languages", "en", "--title", " ")
    assert (failed.code, "can't be empty" in failed.err) == (2, True), failed
    failed = desk.zimu("publish", "titles", desk.episode, "--languages", "zh-Hans", "--title", "x")
    assert (failed.code, "zh-Hans is the spoken language" in failed.err) == (2, True), failed
