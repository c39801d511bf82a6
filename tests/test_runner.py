"""Stage rules: skip what is done, make what is not, one lock, one failure stops one episode."""

import multiprocessing
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.episode import Episode, open_episode
from pipeline.errors import EpisodeError, InputError, MissingError, UsageError
from pipeline.files import write_text
from pipeline.manifest import Manifest
from pipeline.progress import SilentReporter
from pipeline.runner import (
    EpisodeOutcome,
    NotReady,
    Stage,
    Step,
    StepOutcome,
    episode_lock,
    exit_code,
    is_locked,
    run_episode,
    run_stages,
    select_stages,
    stage_states,
)


@pytest.fixture
def episode(tmp_path: Path) -> Episode:
    folder = tmp_path / "episode"
    folder.mkdir()
    (folder / "video.mp4").write_bytes(b"video")
    (folder / "transcript.txt").write_text("一\n二\n")
    return open_episode(folder)


class Job:
    """Two stages over files: `copy` the transcript, then `count` its characters."""

    def __init__(self, episode: Episode) -> None:
        self.episode = episode
        self.manifest = Manifest.load(episode.output / "manifest.json")
        self.runs: list[str] = []
        self.suffix = "!"

    def copy_steps(self, _: object) -> list[Step]:
        source = self.episode.transcript
        target = self.episode.output / "copy.txt"

        def make() -> Mapping[str, object]:
            self.runs.append("copy")
            write_text(target, source.read_text() + self.suffix)
            return {"chars": len(source.read_text())}

        return [Step("copy", {"transcript": self.manifest.digest(source)}, {"suffix": self.suffix}, (target,), make)]

    def count_steps(self, _: object) -> list[Step]:
        source = self.episode.output / "copy.txt"
        if not source.exists():
            raise NotReady
        target = self.episode.output / "count.txt"

        def make() -> Mapping[str, object]:
            self.runs.append("count")
            write_text(target, str(len(source.read_text())))
            return {}

        return [Step("count", {"copy": self.manifest.digest(source)}, {}, (target,), make)]

    @property
    def stages(self) -> list[Stage]:
        return [Stage("copy", 1, self.copy_steps), Stage("count", 1, self.count_steps)]

    def run(self, *, forced: str = "") -> list[str]:
        self.runs.clear()
        steps: list[StepOutcome] = []
        run_stages(
            self,
            self.episode,
            self.manifest,
            self.stages,
            forced=frozenset({forced} if forced else ()),
            reporter=SilentReporter(),
            on_step=steps.append,
        )
        assert [step.name for step in steps] == ["copy", "count"]
        assert [step.name for step in steps if not step.skipped] == self.runs
        return list(self.runs)


def test_a_finished_episode_is_not_made_again(episode: Episode) -> None:
    assert Job(episode).run() == ["copy", "count"]
    assert Job(episode).run() == []


def test_a_changed_input_makes_what_depends_on_it(episode: Episode) -> None:
    Job(episode).run()
    episode.transcript.write_text("一\n二\n三\n")
    assert Job(episode).run() == ["copy", "count"]


def test_a_touched_input_with_the_same_content_makes_nothing(episode: Episode) -> None:
    Job(episode).run()
    os.utime(episode.transcript)
    assert Job(episode).run() == []


def test_a_changed_setting_makes_what_reads_it(episode: Episode) -> None:
    Job(episode).run()
    job = Job(episode)
    job.suffix = "?"
    assert job.run() == ["copy", "count"]


def test_an_output_that_is_gone_or_changed_is_made_again_and_only_it(episode: Episode) -> None:
    Job(episode).run()
    (episode.output / "count.txt").unlink()
    assert Job(episode).run() == ["count"]
    (episode.output / "count.txt").write_text("9")
    assert Job(episode).run() == ["count"]
    assert (episode.output / "count.txt").read_text() == "5"


def test_a_forced_stage_runs_and_the_next_one_only_if_its_input_changed(episode: Episode) -> None:
    Job(episode).run()
    assert Job(episode).run(forced="copy") == ["copy"]


def test_a_new_version_of_a_stage_makes_its_outputs_again(episode: Episode) -> None:
    Job(episode).run()
    job = Job(episode)
    copy, count = job.stages
    run_stages(
        job,
        episode,
        job.manifest,
        [copy, Stage("count", 2, count.plan)],
        forced=frozenset(),
        reporter=SilentReporter(),
        on_step=lambda step: None,
    )
    assert job.runs == ["count"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 99}', b'{"version": 1, "steps": {"copy": 3}}'])
def test_a_damaged_manifest_only_costs_the_work(episode: Episode, damage: bytes) -> None:
    Job(episode).run()
    (episode.output / "manifest.json").write_bytes(damage)
    assert Job(episode).run() == ["copy", "count"]


def test_a_failure_is_remembered_until_the_stage_succeeds(episode: Episode) -> None:
    job = Job(episode)

    def fail(_: object) -> list[Step]:
        raise EpisodeError("The disk is full.", remedy="Free some.")

    with pytest.raises(EpisodeError):
        run_stages(
            job,
            episode,
            job.manifest,
            [job.stages[0], Stage("count", 1, fail)],
            forced=frozenset(),
            reporter=SilentReporter(),
            on_step=lambda step: None,
        )
    again = Job(episode)
    assert stage_states(again, episode, again.manifest, again.stages) == {"copy": "done", "count": "failed"}
    assert again.run() == ["count"]
    assert stage_states(again, episode, again.manifest, again.stages) == {"copy": "done", "count": "done"}


def test_states_tell_todo_stale_and_running(episode: Episode) -> None:
    job = Job(episode)
    assert stage_states(job, episode, job.manifest, job.stages) == {"copy": "todo", "count": "todo"}
    job.run()
    episode.transcript.write_text("四\n")
    assert stage_states(job, episode, job.manifest, job.stages)["copy"] == "stale"
    with episode_lock(episode):
        assert stage_states(job, episode, job.manifest, job.stages)["copy"] == "running"
    assert not is_locked(episode)


def hold(folder: Path, held: Any) -> None:
    with episode_lock(open_episode(folder)):
        held.set()
        time.sleep(60)


def test_a_second_run_is_refused_and_a_killed_one_leaves_no_lock(episode: Episode) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    process = context.Process(target=hold, args=(episode.folder, held))
    process.start()
    try:
        assert held.wait(30)
        with pytest.raises(EpisodeError, match="Another run") as refused, episode_lock(episode):
            pass
        assert refused.value.exit_code == 1
    finally:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert not is_locked(episode)
    with episode_lock(episode):
        assert is_locked(episode)


def test_one_failure_does_not_stop_the_next_episode(tmp_path: Path) -> None:
    def fail(_: EpisodeOutcome) -> None:
        raise InputError("no", where=tmp_path)

    outcomes = [run_episode(tmp_path / "a", fail), run_episode(tmp_path / "b", lambda outcome: None)]
    assert [outcome.error is None for outcome in outcomes] == [False, True]


def test_the_exit_code_is_the_failures_own_or_one() -> None:
    good = EpisodeOutcome("a", "a")
    refused = EpisodeOutcome("b", "b", error=InputError("x"))
    missing = EpisodeOutcome("c", "c", error=MissingError("x"))
    assert exit_code([good]) == 0
    assert exit_code([good, refused]) == 3
    assert exit_code([good, refused, missing]) == 1


def test_until_names_a_stage(episode: Episode) -> None:
    stages = Job(episode).stages
    assert [stage.name for stage in select_stages(stages, "copy")] == ["copy"]
    assert len(select_stages(stages, None)) == 2
    with pytest.raises(UsageError, match="burn is not a stage"):
        select_stages(stages, "burn")


def test_what_killed_runs_left_half_written_goes_with_the_next_one(episode: Episode) -> None:
    left = [".manifest-ab12_xyz.part", "subtitles/.en-12345678.part", "underway.part", "clips/.a-abcdefgh.part/one.mp3"]
    left += ["review/.wave-12345678.part", "exchange/.talk.en-12345678.part", "packages/.bilibili-12345678.part/en.srt"]
    kept = ["subtitles/en.srt", "notes.part"]
    for name in (*left, *kept):
        path = episode.output / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    with episode_lock(episode):
        pass
    assert not [name for name in left if (episode.output / name).exists()]
    assert not (episode.output / "clips" / ".a-abcdefgh.part").exists()
    assert all((episode.output / name).exists() for name in kept)
