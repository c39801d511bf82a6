"""What is exchanged: an episode's units in one language, and what a corrected file would change in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pipeline.errors import InputError
from pipeline.track import Cue

# Empty where a file does not say.
Status = Literal["", "new", "machine", "edited", "approved"]
STATUSES: tuple[Status, ...] = ("new", "machine", "edited", "approved")
PEOPLES = ("edited", "approved")

Kind = Literal["text", "status", "cues", "note", "removed", "absent", "added", "older", "ignored"]


@dataclass(frozen=True, slots=True)
class ExchangeUnit:
    """A sentence and its translation, as a file holds them.

    Attributes:
        id: the store's id of the unit, which stays the same as long as the unit does; empty where a file has none.
        first, last: indexes of its lines, from 0, inclusive; -1 where a file has none.
        source: the sentence.
        text: its translation; empty where there is none.
        status: as in the store.
        start_ms, end_ms: when it is said.
        note: what people said about it, a row each, as `name: words`.
        revision: the store's revision that `text` and `status` are of; 0 where a file has none.
    """

    id: str
    first: int
    last: int
    source: str
    text: str
    status: Status = ""
    start_ms: int = 0
    end_ms: int = 0
    note: str = ""
    revision: int = 0

    @property
    def by_person(self) -> bool:
        return self.status in PEOPLES

    @property
    def lines(self) -> str:
        """The numbers of its lines, from 1, as people read them: `4-6`."""
        return str(self.first + 1) if self.first == self.last else f"{self.first + 1}-{self.last + 1}"


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds.

    Attributes:
        episode: the episode's id.
        title: for people.
        source_language, language: BCP-47; `language` is the translation's.
        units: in order.
        right_to_left: how the translation is written.
        places: where each unit stands in the file that it was read from, as `row 4`.
    """

    episode: str
    title: str
    source_language: str
    language: str
    units: tuple[ExchangeUnit, ...]
    right_to_left: bool = field(default=False, compare=False)
    places: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Past:
    """A text that a unit had: a revision of the store."""

    revision: int
    source: str
    text: str
    status: Status


@dataclass(frozen=True, slots=True)
class Change:
    """What a file would change in a unit, or says that can't be brought in.

    Attributes:
        unit: the unit as it is now; None where the file's text belongs to none.
        before: what is there now: a text, a status, cues.
        after: what the file has.
        kind: `text`, `status`, `cues` (other times or breaks of the same text) and `note` (a comment to be added)
            can be brought in; `removed`: the file has no text where there is one; `older`: it has one that was
            replaced here since. `absent` (the file does not have the unit), `added` (text of no unit) and `ignored`
            (a column that is only to be read) change nothing.
        conflict: it is left as it is unless a person decides otherwise.
        where: its place in the file.
        reason: why it is a conflict, or what else to know.
        status: the status that the file gives a `text` or a `status`; empty: what an edit makes it.
        cues: the unit's cues in the file, where it is a subtitle file.
    """

    unit: ExchangeUnit | None
    before: str
    after: str
    kind: Kind
    conflict: bool = False
    where: str = ""
    reason: str = ""
    status: Status = ""
    cues: tuple[Cue, ...] | None = None

    @property
    def can_apply(self) -> bool:
        """Whether it can be brought in, at least if a person says so."""
        return self.unit is not None and self.kind in ("text", "status", "cues", "note", "removed", "older")

    @property
    def applies(self) -> bool:
        """Whether an import brings it in without being told."""
        return self.can_apply and not self.conflict and self.kind != "older"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may have at most: bytes, bytes unpacked (XLSX), units, characters of one text."""

    max_bytes: int
    max_unpacked_bytes: int
    max_units: int
    max_chars: int


@dataclass(frozen=True, slots=True)
class Format:
    """A file format of units.

    To add one: a module with `write`, from a document to the file's bytes, and `read`, from a path to a document;
    both in `formats.FORMATS` under the suffix; a line in docs/exchange.md; the round trip in tests/exchange.

    Attributes:
        write: raises InputError where a text is longer than the format can hold.
        read: raises InputError where the file is not of the format, damaged or beyond the limits; it says where.
    """

    write: Callable[[Document], bytes]
    read: Callable[[Path, Limits], Document]


def read_bytes(path: Path, limits: Limits) -> bytes:
    """A file's content.

    Raises:
        InputError: it is not there, can't be read, is empty or has more bytes than allowed.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= limits.max_bytes else b""
    except OSError as error:
        raise InputError(
            f"The file can't be read: {error.strerror}.", where=path, remedy="See that its name is right."
        ) from error
    if size > limits.max_bytes:
        raise InputError(
            f"The file has {size:,} bytes; {limits.max_bytes:,} are allowed.",
            where=path,
            remedy="See that it is the right file, or raise exchange.max_bytes.",
        )
    if not data.strip():
        raise InputError("The file is empty.", where=path, remedy="Save it again, or export it again.")
    return data


def check_size(path: Path, limits: Limits, units: int, where: str = "") -> None:
    """Refuse a file with more units than allowed."""
    if units > limits.max_units:
        raise InputError(
            f"The file has more than {limits.max_units:,} units.",
            where=f"{path}, {where}" if where else path,
            remedy="See that it is the right file, or raise exchange.max_units.",
        )


def check_text(path: Path, limits: Limits, text: str, where: str) -> str:
    """The text, if it is not longer than allowed and has no character that no text can have."""
    if len(text) > limits.max_chars:
        raise InputError(
            f"A text has {len(text):,} characters; {limits.max_chars:,} are allowed.",
            where=f"{path}, {where}",
            remedy="Shorten it, or raise exchange.max_chars.",
        )
    return text


def to_clock(ms: int) -> str:
    """01:02:03.004."""
    seconds, milli = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milli:03}"


def from_clock(text: str) -> int | None:
    """Milliseconds of what `to_clock` wrote; None where it is not that."""
    try:
        hours, minutes, seconds = text.strip().replace(",", ".").split(":")
        whole, _, milli = seconds.partition(".")
        return (int(hours) * 60 + int(minutes)) * 60_000 + int(whole) * 1000 + int(milli.ljust(3, "0")[:3] or "0")
    except ValueError:
        return None
