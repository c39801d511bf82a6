"""An episode that is being reviewed: what its page shows, from the files and the store as they are now."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path

import sqlalchemy as sa

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.errors import InputError
from pipeline.job import Job
from pipeline.languages import Language
from pipeline.media import MediaInfo
from pipeline.review.cues import CueBook
from pipeline.runner import NotReady
from pipeline.stages.terms import episode_glossary, glossary_files
from pipeline.store import Pin, Store, StoredUnit, tables
from pipeline.store.rows import to_unit
from pipeline.subtitles.styles import Style, load_styles
from pipeline.track import Finding
from pipeline.translation.checks import check_unit
from pipeline.translation.glossary import Glossary, Term
from pipeline.translation.memory import Memory
from pipeline.translation.memory_store import load_memory, memory_version
from pipeline.translation.run import where

_MEMORY_S = 10.0
# So many units on each side may lend one time for its cues, or get some of its; they lie within so many lines.
_NEAR_UNITS, _NEAR_LINES = 4, 24
_UNITS = tables.units.c
_NEAR = (
    sa.select(tables.units)
    .where(_UNITS.episode_id == sa.bindparam("episode"), _UNITS.language == sa.bindparam("of_language"))
    .where(_UNITS.attached, _UNITS.first_line.between(sa.bindparam("low"), sa.bindparam("high")))
    .order_by(_UNITS.first_line, _UNITS.id)
)
Stamps = tuple[tuple[str, int, int], ...]
_OWN_FILES = ("episode.toml", "transcript.txt", "transcript.srt", "transcript.vtt", "transcript.ass")


class Desk:
    """One episode, for one state of its files; safe for threads.

    Arguments:
        job: the episode.
        stamps: the state of its files.
        before: the desk of an earlier state, whose cues are taken over where they still hold.
    """

    def __init__(self, job: Job, stamps: Stamps, before: Desk | None) -> None:
        self.job = job
        self.stamps = stamps
        self.id = job.episode_id
        self.lock = threading.RLock()
        self._books: dict[str, CueBook] = {}
        self._glossaries: dict[str, tuple[Stamps, Glossary]] = {}
        self._followed: set[str] = set()
        self._checked_by: dict[str, Glossary] = {}
        self._before = before if before is not None and before.id == self.id else None

    @property
    def store(self) -> Store:
        return self.job.store

    @property
    def folder(self) -> Path:
        return self.job.episode.folder

    @property
    def cache(self) -> Path:
        """Where what can be made again is kept."""
        return self.job.episode.output / "review"

    @cached_property
    def alignment(self) -> Alignment | None:
        """None before the episode is aligned."""
        try:
            return self.job.alignment
        except NotReady:
            return None

    @cached_property
    def lines(self) -> tuple[AlignedLine, ...]:
        """The lines with their times; without any before the episode is aligned."""
        if self.alignment is not None:
            return self.alignment.lines
        return tuple(AlignedLine(line.index, line.text, None, None, "check", 0.0) for line in self.job.transcript.lines)

    @cached_property
    def texts(self) -> list[str]:
        """The texts of the transcript's lines, as the store asks for them."""
        return [line.text for line in self.job.transcript.lines]

    @cached_property
    def media(self) -> MediaInfo:
        return self.job.media

    @property
    def duration_ms(self) -> int:
        return self.alignment.duration_ms if self.alignment is not None else self.media.duration_ms

    @cached_property
    def picture(self) -> tuple[int, int]:
        """Width and height of the picture; (0, 0) for sound alone."""
        record = self.job.manifest.steps.get("align")
        if record is not None and "width" in record.summary:
            return int(record.summary["width"]), int(record.summary["height"])
        video = self.media.video
        return (video.width, video.height) if video else (0, 0)

    def language(self, tag: str) -> Language:
        """A language that the episode has; empty: the first.

        Raises:
            InputError: it is not translated into it.
        """
        if tag in {language.tag for language in self.job.targets}:  # without asking the store: each save comes here
            return self.job.languages[tag]
        there = self.languages
        if tag in there or (not tag and there):
            return self.job.languages[tag or there[0]]
        raise InputError(
            f"The episode has no translation {tag!r}." if tag else "The episode has no language to translate into.",
            where=self.job.episode.id,
            remedy="Its languages are " + ", ".join(there) + ".",
        )

    def style(self, language: Language) -> Style:
        """How the subtitles of a language will look in the picture.

        Raises:
            UsageError: the workspace's own styles.toml is wrong.
        """
        return load_styles(self.job.table("styles.toml")).for_language(language.tag)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it is to be translated into, then others that it has been translated into."""
        wanted = [language.tag for language in self.job.targets]
        others = (tag for tag in self.store.languages(self.id) if tag in self.job.languages)
        return tuple(dict.fromkeys([*wanted, *others]))

    def units(self, language: str) -> tuple[StoredUnit, ...]:
        """The units as they are stored now."""
        return self.store.units(self.id, language)

    def pins(self) -> tuple[Pin, ...]:
        """The times that people gave to lines."""
        return self.store.pins(self.id, self.texts)

    def book(self, language: Language) -> CueBook | None:
        """The cues in a language; None before the episode is aligned."""
        if self.alignment is None:
            return None
        with self.lock:
            if language.tag not in self._books:
                old = self._before._books.get(language.tag) if self._before is not None else None
                same = old is not None and old.alignment == self.alignment and old.language == language
                file = self.cache / f"cues.{language.tag}.json"
                self._books[language.tag] = old if old and same else CueBook(self.alignment, language, file)
            return self._books[language.tag]

    def glossary(self, language: Language) -> Glossary:
        """The terms that hold now; read again when one of their files has changed."""
        stamps = _stamps(glossary_files(self.job, language))
        with self.lock:
            known = self._glossaries.get(language.tag)
            if known is None or known[0] != stamps:
                known = (stamps, episode_glossary(self.job, language))
                self._glossaries[language.tag] = known
            return known[1]

    @contextmanager
    def following(self, language: Language) -> Iterator[bool]:
        """Whether nobody else is doing now what follows the opening of the episode in a language."""
        with self.lock:
            first = language.tag not in self._followed
            self._followed.add(language.tag)
        try:
            yield first
        finally:
            if first:
                with self.lock:
                    self._followed.discard(language.tag)

    def to_check(self, language: Language) -> bool:
        """Whether stored findings may be by another glossary than that of now; said once for each glossary."""
        now = self.glossary(language)
        with self.lock:
            before, self._checked_by[language.tag] = self._checked_by.get(language.tag), now
            return before is not now

    def findings(self, unit: StoredUnit, text: str, language: Language) -> tuple[Finding, ...]:
        """What the checks have against a text for a unit, by the rules of the translate stage."""
        if not text:
            return ()
        terms = self.glossary(language).hits(unit.source)
        return checked(unit.source, text, language.tag, terms, where(unit))

    def memory(self, language: Language) -> Memory:
        """What people approved in this language, in any episode; some seconds old at most."""
        bench: dict[str, tuple[float, str, Memory]] = self.job.bench.get("review memory", dict)
        with self.lock:
            at, version, found = bench.get(language.tag, (float("-inf"), "", Memory()))
            if time.monotonic() - at > _MEMORY_S:
                now = memory_version(self.store)
                if now != version:
                    found = load_memory(self.store, source=self.job.source.tag, target=language.tag)
                bench[language.tag] = (time.monotonic(), now, found)
            return found

    def neighbours(self, unit: StoredUnit) -> tuple[tuple[StoredUnit, ...], int]:
        """The units around one, in order, and its place among them; -1: it is not attached."""
        here = {
            "episode": unit.episode, "of_language": unit.language,
            "low": unit.first - _NEAR_LINES, "high": unit.last + _NEAR_LINES,
        }  # fmt: skip
        with self.store.connection() as connection:
            rows = connection.execute(_NEAR, here).all()
        place = next((place for place, row in enumerate(rows) if row.id == unit.id), -1)
        if place < 0:
            return (), -1
        low = max(0, place - _NEAR_UNITS)
        return tuple(to_unit(row) for row in rows[low : place + _NEAR_UNITS + 1]), place - low


@lru_cache(maxsize=1 << 14)
def checked(source: str, text: str, language: str, terms: tuple[Term, ...], place: str) -> tuple[Finding, ...]:
    """What the checks have against a text; the same question is answered once."""
    return check_unit(source, text, language=language, terms=terms, where=place)


def stamps_of(workspace: Path, folder: Path) -> Stamps:
    """The state of the files that an episode's page is made from."""
    output = folder / "zimu"
    files = [workspace / "zimu.toml", *(folder / name for name in _OWN_FILES)]
    return _stamps([*files, output / "alignment.json", output / "manifest.json"])


def _stamps(files: Sequence[Path]) -> Stamps:
    found: list[tuple[str, int, int]] = []
    for path in files:
        try:
            facts = path.stat()
        except OSError:
            continue
        found.append((str(path), facts.st_mtime_ns, facts.st_size))
    return tuple(found)
