"""The languages Zimu knows: how each is spelt elsewhere, and what its readers can read."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from pipeline.errors import UsageError
from pipeline.files import config_file, decode_toml

Segmenter = Literal["spaces", "ja", "zh-hans", "zh-hant", "th"]

# Country codes that people write for a language.
_MISTAKEN = {
    "jp": "ja", "cn": "zh-Hans", "tw": "zh-Hant-TW", "kr": "ko", "vn": "vi", "gb": "en", "us": "en", "br": "pt",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Punctuation:
    """How text is shown; config/languages.toml explains each field."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    widen: Mapping[str, str]
    replace: Mapping[str, str]
    quotes: str
    ellipsis: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What a viewer can read: characters a row, rows, characters a second, times in milliseconds.

    `half_width`: a full-width character counts 1, any other 0.5; else every character counts 1.
    `source` says where the numbers come from. config/languages.toml explains each field.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    source: str
    max_chars: float
    max_lines: int
    cps: float
    min_ms: int
    max_ms: int
    gap_ms: int
    chain_ms: int
    linger_ms: int
    slip_ms: int
    half_width: bool
    punctuation: Punctuation


@dataclass(frozen=True, slots=True)
class BreakWords:
    """Words that decide where a row may end; `x` is a whole word, `x-` its beginning, `-x` its ending."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    bind: tuple[str, ...]
    weak: tuple[str, ...]
    before: tuple[str, ...]
    lead: tuple[str, ...]
    after: tuple[str, ...]
    cling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its names, its spellings elsewhere, its reading profile.

    Attributes:
        tag: BCP-47, as everywhere inside Zimu.
        name: in English.
        own_name: in itself.
        aliases: other spellings that `find` takes.
        iso639_2: the code for MP4 (terminological, `zho`).
        iso639_2b: the code for Matroska (bibliographic, `chi`).
        youtube, vimeo, bilibili, facebook, x, wistia: the platform's spelling; empty: the platform does not have it.
        script: ISO 15924, `Hans`.
        direction: `ltr` or `rtl`.
        joiner: what stands between two words: nothing in Chinese, Japanese and Thai, else a blank.
        segmenter: how words are found.
        convert: spoken language → OpenCC configuration that writes it in this one, where no translation is needed.
        profile: what its readers can read.
        breaks: words that decide where a row may end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    tag: str
    name: str
    own_name: str
    aliases: tuple[str, ...]
    iso639_2: str
    iso639_2b: str
    youtube: str
    vimeo: str
    bilibili: str
    facebook: str
    x: str
    wistia: str
    script: str
    direction: Literal["ltr", "rtl"]
    joiner: str
    segmenter: Segmenter
    convert: Mapping[str, str]
    profile: Profile
    breaks: BreakWords


_ADAPTER = TypeAdapter(Language)


def load_languages(path: Path) -> dict[str, Language]:
    """The languages of a table like config/languages.toml, by tag, in its order.

    Raises:
        UsageError: the file is not TOML, or a key is unknown, missing or of the wrong type; it says which.
    """
    return dict(_languages(path.read_bytes(), path))


@functools.lru_cache(maxsize=8)
def _languages(content: bytes, path: Path) -> dict[str, Language]:
    """Read once for all episodes of a batch: it takes ten times as long as all else that begins an episode."""
    tables = decode_toml(content, path)
    defaults = tables.pop("defaults", {})
    return {tag: _language(tag, _merge(defaults, _whole(tag, tables, path)), path) for tag in tables}


def find(tag: str, languages: Mapping[str, Language] | None = None) -> Language:
    """The language of a BCP-47 tag or an alias of it, in any case, with `-` or `_`.

    `languages` is a table of `load_languages`; without it, the one that comes with Zimu.

    Raises:
        UsageError: there is none; it names the nearest.
    """
    table = _own() if languages is None else languages
    wanted = _fold(tag)
    spellings = {_fold(name): language for language in table.values() for name in (language.tag, *language.aliases)}
    if (found := spellings.get(wanted)) is not None:
        return found
    raise UsageError(f"Zimu does not know the language “{tag}”.", remedy=_hint(wanted, table, spellings))


def _hint(wanted: str, table: Mapping[str, Language], spellings: Mapping[str, Language]) -> str:
    known = f"Known are: {', '.join(table)}."
    if (meant := _MISTAKEN.get(wanted, "")) in table:
        return f"“{wanted}” is a country; write “{meant}” for {table[meant].name}. {known}"
    names = {language.name.casefold(): language for language in table.values()}
    names |= {language.own_name.casefold(): language for language in table.values()}
    candidates = {**spellings, **names}
    near = difflib.get_close_matches(wanted, candidates, n=1, cutoff=0.5) or [
        spelling for spelling in spellings if spelling == wanted.split("-")[0]
    ]
    return f"Did you mean “{candidates[near[0]].tag}”? {known}" if near else known


@functools.cache
def _own() -> dict[str, Language]:
    return load_languages(config_file("languages.toml"))


def _fold(tag: str) -> str:
    return tag.strip().replace("_", "-").casefold()


def _whole(tag: str, tables: Mapping[str, Any], path: Path) -> Any:
    """A language's table over that of the one it is `like`; its other spellings are its own."""
    table = tables[tag]
    if not isinstance(table, dict) or "like" not in table:
        return table
    other = tables.get(str(table["like"]))
    if not isinstance(other, dict) or "like" in other:
        raise UsageError(
            f"{tag}.like: {table['like']!r} is no language of the table with values of its own.",
            where=path,
            remedy=f"Known are: {', '.join(tables)}.",
        )
    return _merge(
        {**other, "aliases": []},
        {key: value for key, value in table.items() if key != "like"},
    )


def _merge(defaults: Mapping[str, Any], table: object) -> Any:
    """`table` over `defaults`, sub-table by sub-table."""
    if not isinstance(table, dict):
        return table
    merged = dict(defaults)
    for key, value in table.items():
        below = merged.get(key)
        # These map names to names: a language's own map stands alone.
        if isinstance(below, dict) and key not in ("widen", "replace", "convert"):
            merged[key] = _merge(below, value)
        else:
            merged[key] = value
    return merged


def _language(tag: str, table: object, path: Path) -> Language:
    try:
        return _ADAPTER.validate_python({"tag": tag, **table} if isinstance(table, dict) else table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in (tag, *first["loc"]))
        raise UsageError(f"{key}: {first['msg']}.", where=path, remedy=_remedy(first)) from error


def _remedy(problem: Mapping[str, Any]) -> str:
    if problem["type"] != "unexpected_keyword_argument":
        return "Correct it; the comments at the head of Zimu's own languages.toml explain each key."
    known = {name for kind in (Language, Profile, Punctuation, BreakWords) for name in kind.__dataclass_fields__}
    near = difflib.get_close_matches(str(problem["loc"][-1]), known, n=1)
    return f"Did you mean {near[0]}?" if near else "Remove it."
