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
from sqlalchemy.orm import Session, aliased

from pipeline.errors import UsageError
from pipeline.files import sha256_json
from pipeline.languages import find
from pipeline.store import Store, _Episode, _Revision, _Unit
from pipeline.translation.memory import Entry, Memory
from pipeline.translation.tmx import Attributes, Remark, Tmx, TmxUnit, Variant, from_date, header, to_date

APPROVED = "approved"
_ANY = "*all*"
# Props that Zimu writes. OmegaT writes prev and next too.
_EPISODE, _LINES, _TITLE, _BEFORE, _AFTER = "x-episode", "x-lines", "x-title", "prev", "next"

# Made when the first file comes in, so that databases without it stay as they are.
_TMX_UNITS = sa.Table(
    "tmx_units",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String, unique=True, nullable=False),
    sa.Column("file", sa.String, nullable=False),
    sa.Column("source_language", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)


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
    with store.session() as session:
        own = _approved(session, target)
        imported = _imported(session)
    entries = [
        Entry(each.source, each.target, each.before, each.after, each.episode, each.who, each.at, each.id)
        for each in own
    ]
    known = {(entry.source, entry.target) for entry in entries}
    brought = [entry for unit in imported for entry in _entries(unit, source, target)]
    return Memory([*entries, *(entry for entry in brought if (entry.source, entry.target) not in known)])


def memory_version(store: Store) -> str:
    """Changes whenever `load_memory` would give something else: cheap to ask, so a long-lived program knows."""
    with store.session() as session:
        # A unit's sentence or place may change without a new revision: updated_at tells.
        own = session.execute(
            sa.select(sa.func.count(), sa.func.max(_Unit.updated_at), sa.func.sum(_Unit.revision))
        ).one()
        brought = session.scalar(sa.select(sa.func.max(_TMX_UNITS.c.id))) if _has_imports(session) else None
    return sha256_json([*own, brought])


def import_tmx(store: Store, tmx: Tmx, *, file: str) -> int:
    """Keep a file's units in the database, with all their attributes, notes and props; returns how many were new.

    What is already there is not added again, and neither is what this workspace exported and still has.

    Arguments:
        file: the file's name, shown with each hit.

    Raises:
        EpisodeError: the database can't be written.
    """
    with store.session(write=True) as session:
        _TMX_UNITS.create(session.connection(), checkfirst=True)
        own = {unit.get("tuid"): _texts(unit) for unit in _exported(_approved(session))}
        known = set(session.scalars(sa.select(_TMX_UNITS.c.digest)))
        rows: dict[str, dict[str, str]] = {}
        for unit in tmx.units:
            body = json.dumps(asdict(replace(unit, line=0)), ensure_ascii=False)
            digest = sha256(body.encode()).hexdigest()
            if digest in known or (unit.get("tuid") and own.get(unit.get("tuid")) == _texts(unit)):
                continue
            language = unit.get("srclang") or tmx.source_language
            rows[digest] = {"digest": digest, "file": file, "source_language": language, "body": body}
        if rows:
            session.execute(sa.insert(_TMX_UNITS), list(rows.values()))
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
    with store.session() as session:
        own = _exported(_approved(session, target), source)
        brought = [
            replace(unit, attributes=unit.attributes if unit.get("srclang") else (*unit.attributes, ("srclang", lang)))
            for _, lang, unit in _imported(session)
        ]
    imported = [_only(unit, (source, target)) for unit in brought if _has(unit, target)] if target else brought
    return Tmx((*own, *imported), header(source, version=version, now=now))


def _has(unit: TmxUnit, language: str) -> bool:
    return any(_same_language(variant.language, language) for variant in unit.variants)


def _only(unit: TmxUnit, languages: tuple[str, ...]) -> TmxUnit:
    kept = (each for each in unit.variants if any(_same_language(each.language, one) for one in languages))
    return replace(unit, variants=tuple(kept))


def _approved(session: Session, language: str = "") -> list[Approved]:
    """The approved units of a language, or of all, in the order of episodes and lines.

    A unit's text belongs to the sentence that it had when it was approved, which its last revision has.
    """
    episodes = sa.select(_Unit.episode_id).where(_Unit.status == APPROVED).distinct()
    made = aliased(_Revision)
    query = (
        sa.select(
            _Unit.id, _Unit.episode_id, _Episode.title, _Unit.language, _Unit.first_line, _Unit.last_line,
            _Unit.attached, _Unit.source, _Unit.status,
            _Revision.source.label("approved_source"), _Revision.text, _Revision.who, _Revision.at,
            made.who.label("made_by"), made.at.label("made_at"),
        )
        .join(_Episode, _Episode.id == _Unit.episode_id)
        .outerjoin(
            _Revision,
            (_Revision.unit_id == _Unit.id) & (_Revision.revision == _Unit.revision) & (_Revision.status == APPROVED),
        )
        .outerjoin(made, (made.unit_id == _Unit.id) & (made.revision == 1))
        .where(_Unit.episode_id.in_(episodes), _Unit.attached | (_Unit.status == APPROVED))
        .order_by(_Unit.episode_id, _Unit.language, _Unit.first_line, _Unit.id)
    )  # fmt: skip
    if language:
        query = query.where(_Unit.language == language)
    grouped: dict[tuple[str, str], list[Any]] = {}
    for row in session.execute(query):
        grouped.setdefault((row.episode_id, row.language), []).append(row)
    return [unit for rows in grouped.values() for unit in _with_neighbours(rows)]


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
        if row.status == APPROVED and row.text is not None:
            found.append(Approved(
                row.id, row.episode_id, row.title, row.language, row.first_line, row.last_line, row.approved_source,
                row.text, row.made_by, row.made_at, row.who, row.at, before, after,
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


def _has_imports(session: Session) -> bool:
    return sa.inspect(session.connection()).has_table(_TMX_UNITS.name)


def _imported(session: Session) -> list[tuple[str, str, TmxUnit]]:
    """Each with its file's name and its source language."""
    if not _has_imports(session):
        return []
    rows = session.execute(sa.select(_TMX_UNITS).order_by(_TMX_UNITS.c.id))
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
