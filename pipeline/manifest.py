"""What has been made of an episode, from what: `zimu/manifest.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pipeline.files import sha256_file, write_text

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells an untouched file without reading it, and the digest that settles a doubt."""

    bytes: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step that was finished.

    Attributes:
        fingerprint: digest of everything that the outputs depend on.
        state: digest of what the step wrote elsewhere than in files (units in the store), else "".
        outputs: path relative to the episode's output folder → stamp.
        summary: what the step tells of its result, for reports.
        seconds: how long it took.
        finished: when, ISO 8601, UTC.
    """

    fingerprint: str
    state: str
    outputs: dict[str, FileStamp]
    summary: dict[str, Any]
    seconds: float
    finished: str


@dataclass(slots=True)
class Manifest:
    """The records of an episode's steps by name, its failures by stage, and the digests of its inputs."""

    path: Path
    steps: dict[str, StepRecord] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, FileStamp] = field(default_factory=dict)

    @staticmethod
    def load(path: Path) -> Manifest:
        """Read a manifest; a missing, damaged or foreign one is an empty one: the work is then done again."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["version"] != FORMAT_VERSION:
                return Manifest(path)
            return Manifest(
                path,
                steps={name: _record(record) for name, record in data["steps"].items()},
                failures=dict(data["failures"]),
                inputs={name: FileStamp(**stamp) for name, stamp in data["inputs"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Manifest(path)

    def save(self) -> None:
        """Write it, whole or not at all.

        Raises:
            EpisodeError: the folder can't be written or the disk is full.
        """
        data = {
            "version": FORMAT_VERSION,
            "steps": {name: asdict(record) for name, record in self.steps.items()},
            "failures": self.failures,
            "inputs": {name: asdict(stamp) for name, stamp in self.inputs.items()},
        }
        write_text(self.path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    def digest(self, path: Path) -> str:
        """SHA-256 of an input file; read again only when its size or time has changed since the last time."""
        stamp = _restamp(path, self.inputs.get(path.name))
        self.inputs[path.name] = stamp
        return stamp.sha256

    def is_done(self, name: str, fingerprint: str, state: str) -> bool:
        """Whether a step was finished from the same inputs, and its outputs are as it left them."""
        record = self.steps.get(name)
        return (
            record is not None
            and record.fingerprint == fingerprint
            and record.state == state
            and all(self._intact(output, stamp) for output, stamp in record.outputs.items())
        )

    def record(
        self,
        name: str,
        *,
        fingerprint: str,
        state: str,
        outputs: Iterable[Path],
        summary: Mapping[str, Any],
        seconds: float,
    ) -> None:
        """Note a finished step; `save` makes it last."""
        folder = self.path.parent
        self.steps[name] = StepRecord(
            fingerprint=fingerprint,
            state=state,
            outputs={path.relative_to(folder).as_posix(): _restamp(path, None) for path in outputs},
            summary=dict(summary),
            seconds=round(seconds, 3),
            finished=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        )

    def _intact(self, output: str, stamp: FileStamp) -> bool:
        path = self.path.parent / output
        return path.is_file() and _restamp(path, stamp).sha256 == stamp.sha256


def _record(data: dict[str, Any]) -> StepRecord:
    outputs = {name: FileStamp(**stamp) for name, stamp in data.pop("outputs").items()}
    return StepRecord(outputs=outputs, **data)


def _restamp(path: Path, known: FileStamp | None) -> FileStamp:
    status = path.stat()
    if known is not None and (known.bytes, known.mtime_ns) == (status.st_size, status.st_mtime_ns):
        return known
    return FileStamp(status.st_size, status.st_mtime_ns, sha256_file(path))
