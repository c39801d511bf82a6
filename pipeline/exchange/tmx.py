"""TMX 1.4, for translation memories: a document's units with what Zimu knows of each, read and written by
`pipeline.translation.tmx`.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

from pipeline import __version__
from pipeline.errors import InputError
from pipeline.exchange.base import STATUSES, Document, ExchangeUnit, Limits, Status, check_text
from pipeline.exchange.escapes import back, for_xml
from pipeline.translation.tmx import Remark, Tmx, TmxUnit, Variant, header, read_tmx, write_tmx

_EPISODE, _TITLE, _LINES = "x-episode", "x-title", "x-lines"
_STATUS, _REVISION, _START, _END, _ID = "x-status", "x-revision", "x-start-ms", "x-end-ms", "x-zimu-id"
_NOTE = "note"


def write(document: Document) -> bytes:
    """The bytes of a TMX 1.4 file, in UTF-8; a unit without a translation has the sentence alone."""
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    heads = [
        Remark("prop", for_xml(text), (("type", kind),))
        for kind, text in ((_EPISODE, document.episode), (_TITLE, document.title), ("x-language", document.language))
    ]
    units = tuple(_tmx_unit(unit, document) for unit in document.units)
    return write_tmx(Tmx(units, header(document.source_language, version=__version__, now=now), tuple(heads))).encode()


def read(path: Path, limits: Limits) -> Document:
    """The units of a TMX file that Zimu exported from an episode.

    Raises:
        InputError: it is not TMX, damaged, beyond the limits, or not an export of an episode.
    """
    tmx = read_tmx(path, max_bytes=limits.max_bytes, max_units=limits.max_units, max_chars=limits.max_chars)
    said = {dict(remark.attributes).get("type", ""): back(remark.text) for remark in tmx.remarks}
    if not said.get(_EPISODE):
        raise InputError(
            "It is not the export of an episode.",
            where=path,
            remedy="A memory of another program comes in with `zimu memory import`.",
        )
    places = tuple(f"row {unit.line}" for unit in tmx.units)
    return Document(
        episode=said[_EPISODE],
        title=said.get(_TITLE, ""),
        source_language=tmx.source_language,
        language=said.get("x-language", ""),
        units=tuple(
            _unit(unit, said.get("x-language", ""), path, place, limits)
            for unit, place in zip(tmx.units, places, strict=True)
        ),
        places=places,
    )


def _tmx_unit(unit: ExchangeUnit, document: Document) -> TmxUnit:
    props = {
        _ID: unit.id, _LINES: unit.lines, _STATUS: unit.status, _REVISION: str(unit.revision),
        _START: str(unit.start_ms), _END: str(unit.end_ms),
    }  # fmt: skip
    remarks = [Remark("prop", for_xml(text), (("type", kind),)) for kind, text in props.items()]
    remarks += [Remark("note", for_xml(row)) for row in (unit.note.split("\n") if unit.note else [])]
    variants = [Variant(document.source_language, for_xml(unit.source))]
    if unit.text:
        variants.append(Variant(document.language, for_xml(unit.text)))
    return TmxUnit(
        tuple(variants),
        (("tuid", for_xml(unit.id)), ("srclang", document.source_language), ("datatype", "plaintext")),
        tuple(remarks),
    )


def _unit(unit: TmxUnit, language: str, path: Path, place: str, limits: Limits) -> ExchangeUnit:
    first, _, last = unit.prop(_LINES).partition("-")
    texts = {variant.language: variant.text for variant in unit.variants[1:]}
    notes = "\n".join(back(each.text) for each in unit.remarks if each.kind == _NOTE)
    return ExchangeUnit(
        id=back(unit.prop(_ID)),
        first=_number(first) - 1,
        last=_number(last or first) - 1,
        source=back(unit.variants[0].text) if unit.variants else "",
        text=check_text(path, limits, back(texts.get(language, "")), place),
        status=_status(unit.prop(_STATUS)),
        start_ms=_number(unit.prop(_START)),
        end_ms=_number(unit.prop(_END)),
        note=notes,
        revision=_number(unit.prop(_REVISION)),
    )


def _status(text: str) -> Status:
    return next((status for status in STATUSES if status == text), "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
