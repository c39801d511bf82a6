"""The translation memory in the database: approved units of every episode, and units that came with TMX files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from pipeline.errors import UsageError
from pipeline.files import sha256_json
from pipeline.languages import find
from pipeline.store import Store, tables
from pipeline.translation.memory import Entry, Memory
from pipeline.translation.tmx import Attributes, Remark, Tmx, TmxUnit, Variant, from_date, header, to_date

APPROVED = "approved"
_ANY = "*all*"
# Props that Zimu writes. OmegaT writes prev and next too.
_EPISODE, _LINES, _TITLE, _BEFORE, _AFTER = "x-episode", "x-lines", "x-title", "prev", "next"
_TMX_UNITS, _UNITS, _EPISODES = tables.tmx_units, tables.units, tables.episodes


@dataclass(frozen=True, slots=True)
class Approved:
    """A unit as it was when a person approved it: made by whom, approved by whom, and the sentences beside it now."""

    id: int
    episode: str
    title: str
    language: str
    first: int
    last: int
    source: str
    target: str
    made_by: str
    made_at: str
    who: str
    at: str
    before: str
    after: str


def load_memory(store: Store, *, source: str, target: str) -> Memory:
    """The memory of a language pair, in BCP-47: all that is approved now, and what TMX files brought.

    Raises:
        EpisodeError: the database is damaged or can't be reached.
    """
    with store.connection() as connection:
        own = _approved(connection, target)
        imported = _imported(connection)
    entries = [
        Entry(each.source, each.target, each.before, each.after, each.episode, each.who, each.at, each.id)
        for each in own
    ]
    known = {(entry.source, entry.target) for entry in entries}
    brought = [entry for unit in imported for entry in _entries(unit, source, target)]
    return Memory([*entries, *(entry for entry in brought if (entry.source, entry.target) not in known)])


def memory_version(store: Store) -> str:
    """Changes whenever `load_memory` would give something else: cheap to ask, so a long-lived program knows."""
    unit = _UNITS.c
    with store.connection() as connection:
        # A unit's sentence or place may change without a new revision: updated_at tells.
        query = sa.select(sa.func.count(), sa.func.max(unit.updated_at), sa.func.sum(unit.revision))
        own = connection.execute(query).one()
        brought = connection.scalar(sa.select(sa.func.max(_TMX_UNITS.c.id)))
    return sha256_json([*own, brought])


def import_tmx(store: Store, tmx: Tmx, *, file: str) -> int:
    """Keep a file's units in the database, with all their attributes, notes and props; returns how many were new.

    What is already there is not added again, and neither is what this workspace exported and still has.

    Arguments:
        file: the file's name, shown with each hit.

    Raises:
        EpisodeError: the database can't be written.
    """
    with store.connection(write=True) as connection:
        own = {unit.get("tuid"): _texts(unit) for unit in _exported(_approved(connection))}
        known = set(connection.scalars(sa.select(_TMX_UNITS.c.digest)))
        rows: dict[str, dict[str, str]] = {}
        for unit in tmx.units:
            body = json.dumps(asdict(replace(unit, line=0)), ensure_ascii=False)
            digest = sha256(body.encode()).hexdigest()
            if digest in known or (unit.get("tuid") and own.get(unit.get("tuid")) == _texts(unit)):
                continue
            language = unit.get("srclang") or tmx.source_language
            rows[digest] = {"digest": digest, "file": file, "source_language": language, "body": body}
        if rows:
            connection.execute(sa.insert(_TMX_UNITS), list(rows.values()))
    return len(rows)


def export_tmx(store: Store, *, source: str, version: str, now: str, target: str = "") -> Tmx:
    """All that is approved, and what TMX files brought, as it came.

    Arguments:
        source: BCP-47 of what is spoken in the episodes.
        version: Zimu's version.
        now: ISO 8601.
        target: BCP-47 of the only translation wanted; of what TMX files brought, the other languages are left out
            then. Empty: all.
    """
    with store.connection() as connection:
        own = _exported(_approved(connection, target), source)
        brought = [
            replace(unit, attributes=unit.attributes if unit.get("srclang") else (*unit.attributes, ("srclang", lang)))
            for _, lang, unit in _imported(connection)
        ]
    imported = [_only(unit, (source, target)) for unit in brought if _has(unit, target)] if target else brought
    return Tmx((*own, *imported), header(source, version=version, now=now))


def _has(unit: TmxUnit, language: str) -> bool:
    return any(_same_language(variant.language, language) for variant in unit.variants)


def _only(unit: TmxUnit, languages: tuple[str, ...]) -> TmxUnit:
    kept = (each for each in unit.variants if any(_same_language(each.language, one) for one in languages))
    return replace(unit, variants=tuple(kept))


def _approved(connection: sa.Connection, language: str = "") -> list[Approved]:
    """The approved units of a language, or of all, in the order of episodes and lines."""
    unit, episode = _UNITS.c, _EPISODES.c
    query = (
        sa.select(
            unit.id, unit.episode_id, episode.path, episode.title, unit.language, unit.first_line, unit.last_line,
            unit.attached, unit.source, unit.status, unit.text_source, unit.text, unit.created_by, unit.created_at,
            unit.approved_by, unit.approved_at,
        )
        .join(_EPISODES, episode.id == unit.episode_id)
        .where(
            unit.episode_id.in_(sa.select(unit.episode_id).where(unit.status == APPROVED).distinct()),
            unit.attached | (unit.status == APPROVED),
        )
        .order_by(unit.episode_id, unit.language, unit.first_line, unit.id)
    )  # fmt: skip
    if language:
        query = query.where(unit.language == language)
    grouped: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(query):
        grouped.setdefault((row.episode_id, row.language), []).append(row)
    return [found for rows in grouped.values() for found in _with_neighbours(rows)]


def _with_neighbours(rows: Sequence[Any]) -> list[Approved]:
    """The approved units of one episode and language; those no longer in the transcript have no neighbours."""
    sources = [row.source for row in rows if row.attached]
    found: list[Approved] = []
    place = 0
    for row in rows:
        before, after = "", ""
        if row.attached:
            before = sources[place - 1] if place else ""
            after = sources[place + 1] if place + 1 < len(sources) else ""
            place += 1
        if row.status == APPROVED:
            # The text belongs to the sentence that it was approved for.
            found.append(Approved(
                row.id, row.path or row.episode_id, row.title, row.language, row.first_line, row.last_line,
                row.text_source, row.text, row.created_by, row.created_at, row.approved_by, row.approved_at, before,
                after,
            ))  # fmt: skip
    return found


def _exported(approved: Iterable[Approved], source: str = "zh") -> list[TmxUnit]:
    """A unit of TMX for each sentence, with its translations into all languages."""
    sentences: dict[str, list[Approved]] = {}
    for each in approved:
        digest = sha256(each.source.encode()).hexdigest()[:8]
        sentences.setdefault(f"{quote(each.episode, safe='')}:{each.first + 1}:{digest}", []).append(each)
    return [_tmx_unit(tuid, units, source) for tuid, units in sentences.items()]


def _tmx_unit(tuid: str, units: Sequence[Approved], source: str) -> TmxUnit:
    first = units[0]
    props = {
        _EPISODE: first.episode,
        _TITLE: first.title,
        _LINES: f"{first.first + 1}-{first.last + 1}",
        _BEFORE: first.before,
        _AFTER: first.after,
    }
    translations = [Variant(each.language, each.target, _history(each)) for each in units]
    return TmxUnit(
        (Variant(source, first.source), *translations),
        (("tuid", tuid), ("srclang", source), ("datatype", "plaintext")),
        tuple(Remark("prop", text, (("type", kind),)) for kind, text in props.items() if text),
    )


def _history(unit: Approved) -> Attributes:
    return (
        ("creationdate", to_date(unit.made_at)), ("creationid", unit.made_by),
        ("changedate", to_date(unit.at)), ("changeid", unit.who),
    )  # fmt: skip


def _texts(unit: TmxUnit) -> set[str]:
    return {variant.text for variant in unit.variants}


def _imported(connection: sa.Connection) -> list[tuple[str, str, TmxUnit]]:
    """Each with its file's name and its source language."""
    rows = connection.execute(sa.select(_TMX_UNITS).order_by(_TMX_UNITS.c.id))
    return [(row.file, row.source_language, _from_json(row.body)) for row in rows]


def _from_json(body: str) -> TmxUnit:
    unit = json.loads(body)
    variants = tuple(
        Variant(each["language"], each["text"], _pairs(each), _remarks(each), each["markup"])
        for each in unit["variants"]
    )
    return TmxUnit(variants, _pairs(unit), _remarks(unit))


def _pairs(value: dict[str, Any]) -> Attributes:
    return tuple((name, text) for name, text in value["attributes"])


def _remarks(value: dict[str, Any]) -> tuple[Remark, ...]:
    return tuple(Remark(each["kind"], each["text"], _pairs(each)) for each in value["remarks"])


def _entries(imported: tuple[str, str, TmxUnit], source: str, target: str) -> list[Entry]:
    """What a TMX unit says about a language pair; nothing where it was not made from `source`."""
    file, language, unit = imported
    if language not in ("", _ANY) and not _same_language(language, source):
        return []
    sources = [variant.text for variant in unit.variants if _same_language(variant.language, source)]
    before, after = unit.prop(_BEFORE), unit.prop(_AFTER)
    return [
        Entry(text, variant.text, before, after, file, who, at)
        for text in sources[:1]
        for variant in unit.variants
        if _same_language(variant.language, target)
        for who, at in [_changed(variant, unit)]
    ]


def _changed(variant: Variant, unit: TmxUnit) -> tuple[str, str]:
    """Who changed it last, and when."""
    said = {**dict(unit.attributes), **dict(variant.attributes)}
    who = said.get("changeid") or said.get("creationid", "")
    return who, from_date(said.get("changedate") or said.get("creationdate", ""))


@lru_cache(maxsize=1 << 12)
def _same_language(one: str, other: str) -> bool:
    """Whether two tags are of one language: en-US and en are, zh-TW and zh-CN are not."""
    if one.casefold() == other.casefold():
        return True
    with suppress(UsageError):
        return find(one).tag == find(other).tag
    return False
