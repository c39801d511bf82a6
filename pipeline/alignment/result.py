"""What an alignment is: times, a status and a confidence for every line, and the speech nobody wrote down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import EpisodeError
from pipeline.files import write_text

LineStatus = Literal["ok", "check", "unspoken"]
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class AlignedLine:
    """A line of the transcript with its times.

    Attributes:
        index: the line's place in the transcript, from 0.
        text: the line, unchanged.
        start_ms: when it is first heard on the player's clock; None where it is unspoken.
        end_ms: when it ends; None where it is unspoken.
        status: `ok`; `check`, a person should look; `unspoken`, it was never heard.
        confidence: 0 to 1.
        chars: a (start_ms, end_ms) for every character of `text`, punctuation and blanks too, never
            decreasing, all inside the line; empty where it is unspoken.
    """

    index: int
    text: str
    start_ms: int | None
    end_ms: int | None
    status: LineStatus
    confidence: float
    chars: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ExtraSpeech:
    """Words heard between `start_ms` and `end_ms` that the transcript does not have."""

    start_ms: int
    end_ms: int
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """A transcript on the player's clock. `lines` holds every line of the transcript, in its order."""

    language: str
    duration_ms: int
    model: str
    lines: tuple[AlignedLine, ...]
    extra: tuple[ExtraSpeech, ...]

    def save(self, path: Path) -> None:
        """Write `alignment.json`, whole or not at all."""
        data = {
            "version": FORMAT_VERSION,
            "language": self.language,
            "duration_ms": self.duration_ms,
            "model": self.model,
            "lines": [
                {
                    "index": line.index,
                    "text": line.text,
                    "start_ms": line.start_ms,
                    "end_ms": line.end_ms,
                    "status": line.status,
                    "confidence": round(line.confidence, 3),
                    "chars": [list(span) for span in line.chars],
                }
                for line in self.lines
            ],
            "extra": [
                {
                    "start_ms": extra.start_ms,
                    "end_ms": extra.end_ms,
                    "text": extra.text,
                    "confidence": round(extra.confidence, 3),
                }
                for extra in self.extra
            ],
        }
        write_text(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    @staticmethod
    def load(path: Path) -> Alignment:
        """Read what `save` wrote.

        Raises:
            EpisodeError: the file is damaged or of another version.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            _require_version(data["version"])
            return Alignment(
                language=data["language"],
                duration_ms=data["duration_ms"],
                model=data["model"],
                lines=tuple(
                    AlignedLine(**{**line, "chars": tuple((a, b) for a, b in line["chars"])}) for line in data["lines"]
                ),
                extra=tuple(ExtraSpeech(**extra) for extra in data["extra"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise EpisodeError(
                f"The alignment can't be read ({error}).", where=path, remedy="Make it again: zimu align --force."
            ) from error


def _require_version(version: object) -> None:
    if version != FORMAT_VERSION:
        raise ValueError(f"version {version}, not {FORMAT_VERSION}")
