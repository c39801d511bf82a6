"""Runs of stages in the background, one after the other, each in a process of its own; pages see how far they are."""

from __future__ import annotations

import itertools
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import UsageError
from pipeline.review.desk import Desk
from pipeline.review.events import Hub
from pipeline.review.running import PUBLISH, REALIGN, TITLES
from pipeline.review.workspace import Workspace
from pipeline.stages import STAGES
from pipeline.underway import read_underway

State = Literal["queued", "running", "done", "failed"]
_KEPT = 200
_ENDS_WITHIN_S = 5.0
ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the pages see it: how much of `total` is done, in `unit`; `label` says of what."""

    id: int
    episode: str
    path: str
    title: str
    stage: str
    who: str
    state: State = "queued"
    label: str = ""
    done: float = 0.0
    total: float | None = None
    unit: str = ""
    message: str = ""
    remedy: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    folder: Path
    force: bool = False
    lines: tuple[tuple[int, int], ...] = ()
    current: bool = False
    publish: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Runs:
    """The runs that were asked for on the pages, and those that others started, as on the command line."""

    workspace: Workspace
    hub: Hub
    _runs: dict[int, Run] = field(default_factory=dict)
    _queue: queue.Queue[tuple[int, _Wanted] | None] = field(default_factory=queue.Queue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _worker: threading.Thread | None = None
    _process: subprocess.Popen[str] | None = None
    _closed: bool = False
    _elsewhere: dict[str, Run] = field(default_factory=dict)

    def start(self, desk: Desk, stage: str, who: str, *, force: bool = False) -> Run:
        """Run an episode's stages up to one; a run of the same that waits already is that one.

        Raises:
            UsageError: there is no such stage.
        """
        if stage not in STAGES:
            raise UsageError(f"{stage[:50]!r} is not a stage.", remedy=f"The stages are {', '.join(STAGES)}.")
        waiting = next((run for run in self.of(desk.id) if (run["stage"], run["state"]) == (stage, "queued")), None)
        if waiting is not None:
            return self._runs[waiting["id"]]
        return self._add(desk, stage, who, _Wanted(desk.folder, force))

    def realign(self, desk: Desk, lines: Sequence[tuple[int, int]], who: str, *, current: bool) -> Run:
        """Align some lines of an episode again."""
        return self._add(desk, REALIGN, who, _Wanted(desk.folder, lines=tuple(lines), current=current))

    def publish(self, desk: Desk, who: str, wish: Mapping[str, Any]) -> Run:
        """Publish an episode as `running` understands the wish: what somebody was shown, and agreed to."""
        return self._add(desk, PUBLISH, who, _Wanted(desk.folder, publish=wish))

    def titles(self, desk: Desk, who: str) -> Run:
        """Have an episode's titles and descriptions translated; a run of the same that waits already is that one."""
        waiting = next((run for run in self.of(desk.id) if (run["stage"], run["state"]) == (TITLES, "queued")), None)
        return self._runs[waiting["id"]] if waiting else self._add(desk, TITLES, who, _Wanted(desk.folder))

    def all(self) -> list[dict[str, Any]]:
        """All runs since the server was started, the newest first, after those that others work on now."""
        with self._lock:
            return [asdict(run) for run in (*self._elsewhere.values(), *reversed(self._runs.values()))]

    def of(self, episode: str) -> list[dict[str, Any]]:
        """Those of an episode."""
        return [run for run in self.all() if run["episode"] == episode]

    def look(self) -> None:
        """See what others run now, and tell the pages; what the server itself runs is known already."""
        own = self._process.pid if self._process is not None else 0
        now: dict[str, Run] = {}
        for folder in self.workspace.episodes():
            state = read_underway(folder / "zimu")
            if state is None or state.pid == own:
                continue
            path = self.workspace.path(folder)
            stored = self.workspace.store.episode_at(path)
            now[path] = Run(
                0, stored.id if stored else path, path, (stored.title if stored else "") or folder.name, ELSEWHERE, "",
                "running", state.label, state.done, state.total, state.unit,
            )  # fmt: skip
        with self._lock:
            before, self._elsewhere = self._elsewhere, now
        for path in [*now, *(path for path in before if path not in now)]:
            run = now.get(path) or replace(before[path], state="done")
            if run != before.get(path):
                self._tell(run)

    def close(self) -> None:
        """Stop what runs: the same run goes on where it was stopped."""
        self._closed = True
        self._queue.put(None)
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_ENDS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _add(self, desk: Desk, stage: str, who: str, wanted: _Wanted) -> Run:
        with self._lock:
            run = Run(next(self._numbers), desk.id, desk.job.episode.id, desk.job.episode.title, stage, who)
            self._runs[run.id] = run
            for old in [each for each in self._runs.values() if each.state in ("done", "failed")][:-_KEPT]:
                del self._runs[old.id]
            if self._worker is None:
                self._worker = threading.Thread(target=self._work, name="zimu-runs", daemon=True)
                self._worker.start()
        self._queue.put((run.id, wanted))
        self._tell(run)
        return run

    def _work(self) -> None:
        while (asked := self._queue.get()) is not None and not self._closed:
            number, wanted = asked
            try:
                self._one(number, wanted)
            except OSError as error:
                self._change(number, state="failed", message=f"The run could not be started: {error.strerror}.")
            self.hub.wake()

    def _one(self, number: int, wanted: _Wanted) -> None:
        run = self._change(number, state="running")
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.review.running"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
            start_new_session=True,
        )  # fmt: skip
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        told = {
            "folder": str(wanted.folder), "stage": run.stage, "force": wanted.force, "flags": self.workspace.flags,
            "lines": wanted.lines, "current": wanted.current, "publish": wanted.publish, "who": run.who,
        }  # fmt: skip
        with process:
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            ended = False
            for row in process.stdout:
                ended = self._hear(number, row) or ended
        if not ended:
            self._change(number, state="failed", message="The run was stopped.", remedy="Start it again: it goes on.")

    def _hear(self, number: int, row: str) -> bool:
        """Take one message; whether it is the last."""
        message = json.loads(row)
        kind = message.pop("kind")
        if kind == "progress":
            self._change(number, **message)
        elif kind == "info":
            self._change(number, message=message["text"])
        elif kind == "warning":
            self._change(number, warnings=(*self._runs[number].warnings, message["text"])[-20:])
        elif kind == "end":
            error = message["error"]
            if error is None:
                self._change(number, state="done")
            else:
                self._change(number, state="failed", message=error["error"], remedy=error["remedy"])
        return bool(kind == "end")

    def _change(self, number: int, **values: Any) -> Run:
        with self._lock:
            run = replace(self._runs[number], **values)
            self._runs[number] = run
        self._tell(run)
        return run

    def _tell(self, run: Run) -> None:
        self.hub.publish("run", asdict(run), episode=run.episode)
        if run.state in ("done", "failed"):
            self.hub.publish("reload", {"pulse": "", "because": run.stage}, episode=run.episode, everywhere=False)
