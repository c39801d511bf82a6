"""Export packages: the files and rules of platforms that subtitles are uploaded to by hand (config/platforms.toml)."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import UsageError
from pipeline.files import read_toml
from pipeline.languages import Language
from pipeline.subtitles import check
from pipeline.track import Finding, Track

PackageRule = Literal["no-cues", "empty", "no-time", "overlap", "past-end"]
WORDS = (
    "heading", "language", "code", "files", "cues", "state", "approved", "unapproved", "spoken", "steps", "folder",
    "page",
)  # fmt: skip
"""The words that a checklist needs in its language."""

# Files have these names on every system and in every web form.
_UNSAFE = re.compile(r"[^\w-]+")
_MAX_NAME = 60
_NAME = re.compile(r"\w[\w.-]*")


@dataclass(frozen=True, slots=True)
class UploadPage:
    """A platform that takes files on a page; config/platforms.toml explains each field."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    title: Mapping[str, str]
    language: str
    files: tuple[str, ...]
    refuses: tuple[PackageRule, ...]
    max_bytes: int
    whole_seconds: bool
    page: str
    source: str
    steps: Mapping[str, tuple[str, ...]]

    def spell(self, language: Language, known: Mapping[str, Language]) -> str:
        """The platform's spelling of a language; `known` are all there are.

        Raises:
            UsageError: the platform does not have it; the nearest that it has is named.
        """
        if code := str(getattr(language, self.language)):
            return code
        have = {each.tag: each for each in known.values() if getattr(each, self.language)}
        remedy = f"It has {', '.join(have)}; or give the spelling in languages.toml, {language.tag}.{self.language}."
        if near := _nearest(language, have):
            remedy = f"The nearest that it has is {near.name} ({near.tag}). {remedy}"
        raise UsageError(f"{self.title['en']} does not have subtitles in {language.name}.", remedy=remedy)

    def names(self, code: str, episode: str) -> tuple[str, ...]:
        """The names of a language's files: `code` is the platform's spelling, `episode` any name."""
        name = _UNSAFE.sub("-", episode).strip("-_")[:_MAX_NAME] or "video"
        return tuple(each.format(code=_UNSAFE.sub("-", code), name=name) for each in self.files)

    def fit(self, track: Track, media_ms: int) -> Track:
        """The track as the platform can have it: where it counts a video's length in whole seconds, a cue that is
        still shown in the last part of one ends with the second before.
        """
        end = _whole(media_ms)
        if not self.whole_seconds:
            return track
        return replace(
            track,
            cues=tuple(
                replace(cue, end_ms=end) if cue.start_ms < end < cue.end_ms <= media_ms else cue for cue in track.cues
            ),
        )


@dataclass(frozen=True, slots=True)
class UploadPages:
    """The platforms by name, and the words of their checklists by language."""

    pages: Mapping[str, UploadPage]
    words: Mapping[str, Mapping[str, str]]

    def find(self, name: str) -> UploadPage:
        """The platform of that name.

        Raises:
            UsageError: there is none; the nearest is named.
        """
        if found := self.pages.get(name.strip().lower()):
            return found
        near = difflib.get_close_matches(name.lower(), self.pages, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"Zimu makes no package for “{name[:40]}”.", remedy=f"{hint}Known are {', '.join(self.pages)}."
        )


_ADAPTER = TypeAdapter(UploadPage)


def load_pages(path: Path) -> UploadPages:
    """The platforms of a table like config/platforms.toml.

    Raises:
        UsageError: the file is not TOML, or a key is unknown, missing or wrong; it says which.
    """
    tables = read_toml(path)
    words = tables.pop("words", {})
    for language, own in words.items():
        _check_words(language, own, path)
    return UploadPages({name: _page(name, table, path) for name, table in tables.items()}, words)


def examine(
    page: UploadPage, track: Track, language: Language, *, files: Mapping[str, bytes], media_ms: int | None
) -> tuple[Finding, ...]:
    """What the platform would refuse in a language's track, and in the files made of it.

    Arguments:
        files: name → content.
        media_ms: how long the video is; None where that is unknown.
    """
    if media_ms is not None and page.whole_seconds:
        media_ms = _whole(media_ms)
    found = [each for each in check(track, language.profile, media_ms=media_ms) if each.rule in page.refuses]
    if "no-cues" in page.refuses and not any(cue.text.strip() for cue in track.cues):
        found.append(Finding("no-cues", "error", "the track", "no text", "a cue", "Translate it, or leave it out."))
    for name, data in files.items():
        if 0 < page.max_bytes < len(data):
            limit = f"at most {page.max_bytes:,} bytes"
            found.append(Finding("file-size", "error", name, f"{len(data):,} bytes", limit, "Shorten the texts."))
    return tuple(replace(each, where=f"{language.tag}, {each.where}") for each in found)


def same_names(names: Mapping[str, Sequence[str]]) -> tuple[Finding, ...]:
    """Languages (tag → names of its files) that the platform spells alike, so that one would replace the other."""
    owners: dict[str, str] = {}
    found = []
    for tag, own in names.items():
        first = owners.setdefault(own[0], tag)
        if first != tag:
            remedy = f"Leave one out: --languages {','.join(each for each in names if each != tag)}"
            value = f"spelt like {first}, {own[0]}"
            found.append(Finding("same-language", "error", tag, value, "a language once", remedy))
    return tuple(found)


def _whole(ms: int) -> int:
    return ms // 1000 * 1000


def _nearest(language: Language, have: Mapping[str, Language]) -> Language | None:
    """The one with the most subtags in common, from the first; none where not even that is the same."""

    def shared(other: Language) -> int:
        pairs = zip(language.tag.split("-"), other.tag.split("-"), strict=False)
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    return max((each for each in have.values() if shared(each)), key=shared, default=None)


def _check_words(language: str, own: Mapping[str, str], path: Path) -> None:
    for word in WORDS:
        try:
            own[word].format(platform="", count=0, total=0)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
            raise UsageError(
                f"words.{language}.{word} is missing, or has another field than Zimu's own.",
                where=path,
                remedy=_EXPLAINED,
            ) from error


def _page(name: str, table: Any, path: Path) -> UploadPage:
    try:
        page = _ADAPTER.validate_python({"name": name, **table} if isinstance(table, dict) else table)
        wrong = next((each for each in page.files if not _NAME.fullmatch(each.format(code="en", name="video"))), "")
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (name, *first["loc"]))
        raise UsageError(f"{key}: {first['msg']}.", where=path, remedy=_EXPLAINED) from error
    except (KeyError, IndexError, ValueError) as error:
        raise UsageError(f"{name}.files: unknown field {error}.", where=path, remedy=_EXPLAINED) from error
    if wrong:
        raise UsageError(
            f"{name}.files: {wrong} is no name of a file.",
            where=path,
            remedy="Write one without folders, as {code}.srt.",
        )
    if page.language not in Language.__dataclass_fields__:
        raise UsageError(f"{name}.language: there is no column {page.language}.", where=path, remedy=_EXPLAINED)
    return page


_EXPLAINED = "The comments at the head of Zimu's own platforms.toml explain each key."
