"""TMX 1.4, the exchange format of translation memories: read with care, written whole.

Nothing is lost between reading and writing: attributes (languages, ids, dates, people), notes, props and inline
markup come back as they were. What is read is never trusted: entities are refused, no other file is opened, and
size and depth have limits. The format: https://www.gala-global.org/tmx-14b
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from pipeline.errors import InputError

Attributes = tuple[tuple[str, str], ...]

_LANGUAGE = "xml:lang"
_DATE = "%Y%m%dT%H%M%SZ"
# Inline elements nest at most a few levels deep; deeper is an attack on the reader.
_DEPTH = 32
# Elements whose content is another program's formatting code, not text that people read.
_CODES = frozenset({"bpt", "ept", "it", "ph", "ut"})
_REFUSED = "Entities in a TMX file are refused: they can open other files or grow without end."
_WRITE_ENTITIES = "Delete the entities from it, or export it again from the program that made it."
# What XML 1.0 can't hold, even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Remark:
    """A note, or a prop: a property whose `type` is among the attributes."""

    kind: Literal["note", "prop"]
    text: str
    attributes: Attributes = ()


@dataclass(frozen=True, slots=True)
class Variant:
    """A unit's text in one language.

    Attributes:
        language: as the file writes it, `en-US`.
        text: what people read; formatting codes left out.
        attributes: all others, as `creationdate`, `creationid`, `changedate`, `changeid`.
        remarks: notes and props, in order.
        markup: the content as XML where it has inline elements, else empty.
    """

    language: str
    text: str
    attributes: Attributes = ()
    remarks: tuple[Remark, ...] = ()
    markup: str = ""


@dataclass(frozen=True, slots=True)
class TmxUnit:
    """A sentence in several languages. `line` is where it begins in its file; 0 where it was not read."""

    variants: tuple[Variant, ...]
    attributes: Attributes = ()
    remarks: tuple[Remark, ...] = ()
    line: int = field(default=0, compare=False)

    def get(self, name: str) -> str:
        """An attribute of the unit, or empty."""
        return dict(self.attributes).get(name, "")

    def prop(self, kind: str) -> str:
        """The first prop of a type, or empty."""
        return next((each.text for each in self.remarks if ("type", kind) in each.attributes), "")


@dataclass(frozen=True, slots=True)
class Tmx:
    """A translation memory: the header's attributes and remarks, and the units."""

    units: tuple[TmxUnit, ...]
    header: Attributes = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def source_language(self) -> str:
        """The header's `srclang`; `*all*` means any."""
        return dict(self.header).get("srclang", "")


def read_tmx(path: Path, *, max_bytes: int, max_units: int, max_chars: int) -> Tmx:
    """Read a TMX file of version 1.1 to 1.4, in any encoding that XML allows.

    Arguments:
        max_bytes: the biggest file; max_units: the most units; max_chars: the longest text of one element.

    Raises:
        InputError: it can't be read, is not TMX, is damaged, too big, or has entities; with file and line.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= max_bytes else b""
    except OSError as error:
        raise InputError(
            f"The file can't be read: {error.strerror}.", where=path, remedy="See that its name is right."
        ) from error
    if size > max_bytes:
        raise InputError(
            f"The file has {size:,} bytes; {max_bytes:,} are allowed.",
            where=path,
            remedy="Split it, or raise memory.max_bytes.",
        )
    return _Reader(path, max_units, max_chars).read(data)


def write_tmx(tmx: Tmx) -> str:
    """The text of a TMX 1.4 file, to be stored as UTF-8."""
    out = io.StringIO()
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">\n')
    out.write(f"<header{_written(tmx.header)}>\n" + _remarks(tmx.remarks, "") + "</header>\n<body>\n")
    for unit in tmx.units:
        out.write(f"<tu{_written(unit.attributes)}>\n" + _remarks(unit.remarks, "  "))
        for variant in unit.variants:
            attributes = ((_LANGUAGE, variant.language), *variant.attributes)
            content = variant.markup or _escaped(variant.text)
            out.write(f"  <tuv{_written(attributes)}>\n{_remarks(variant.remarks, '    ')}")
            out.write(f"    <seg>{content}</seg>\n  </tuv>\n")
        out.write("</tu>\n")
    out.write("</body>\n</tmx>\n")
    return out.getvalue()


def header(source_language: str, *, version: str, now: str) -> Attributes:
    """The attributes of the header that Zimu writes; `now` is ISO 8601."""
    return (
        ("creationtool", "Zimu"), ("creationtoolversion", version), ("segtype", "sentence"), ("o-tmf", "zimu.db"),
        ("adminlang", "en"), ("srclang", source_language), ("datatype", "plaintext"), ("creationdate", to_date(now)),
    )  # fmt: skip


def to_date(iso: str) -> str:
    """A time in TMX's form, 20261123T190618Z; empty where there is none."""
    return datetime.fromisoformat(iso).astimezone(timezone.utc).strftime(_DATE) if iso else ""


def from_date(date: str) -> str:
    """A TMX time in ISO 8601, as the store writes it; empty where it is not one."""
    try:
        return datetime.strptime(date, _DATE).replace(tzinfo=timezone.utc).isoformat(timespec="milliseconds")
    except ValueError:
        return ""


class _Reader:
    """Expat's events to units: only one unit's elements are in memory as a tree."""

    def __init__(self, path: Path, max_units: int, max_chars: int) -> None:
        self._path = path
        self._max_units = max_units
        self._max_chars = max_chars
        self._open: list[str] = []
        self._builder: ElementTree.TreeBuilder | None = None
        self._root = 0
        self._chars = 0
        self._line = 0
        self._header: Attributes | None = None
        self._header_remarks: tuple[Remark, ...] = ()
        self._units: list[TmxUnit] = []

    def read(self, data: bytes) -> Tmx:
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.EntityDeclHandler = self._refuse_entity
        parser.ExternalEntityRefHandler = self._refuse_entity
        parser.SkippedEntityHandler = self._refuse_entity
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise self._error(
                f"It is not valid XML: {expat.ErrorString(error.code)}.",
                "Export it again from the program that made it.",
                error.lineno,
            ) from error
        except (LookupError, ValueError) as error:  # An encoding that Python or expat lacks.
            raise self._error(f"It can't be decoded: {error}.", "Save it as UTF-8.", 1) from error
        if self._header is None:
            raise self._error("It has no header.", "Export it again from the program that made it.")
        return Tmx(tuple(self._units), self._header, self._header_remarks)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open:
            self._check_root(name, attributes)
        self._open.append(name)
        if len(self._open) > _DEPTH:
            raise self._error(f"Elements are nested more than {_DEPTH} deep.", "It is no usable TMX file.")
        if self._builder is None and name in ("tu", "header"):
            self._builder, self._root = ElementTree.TreeBuilder(), len(self._open)
            self._line = self._parser.CurrentLineNumber
        if self._builder is not None:
            self._builder.start(name, attributes)
            self._chars = 0

    def _end(self, name: str) -> None:
        depth = len(self._open)
        self._open.pop()
        if self._builder is None:
            return
        self._builder.end(name)
        if depth == self._root:
            element, self._builder = self._builder.close(), None
            if name == "tu":
                self._take_unit(element)
            else:
                self._header, self._header_remarks = _attributes(element), _read_remarks(element)

    def _data(self, text: str) -> None:
        if self._builder is None:
            return
        self._chars += len(text)
        if self._chars > self._max_chars:
            raise self._error(
                f"A text is longer than {self._max_chars:,} characters.", "Delete it, or raise memory.max_chars."
            )
        self._builder.data(text)

    def _check_root(self, name: str, attributes: Mapping[str, str]) -> None:
        if name != "tmx":
            raise self._error(f"It is not TMX: it begins with <{name[:40]}>.", "Give a TMX file.")
        version = attributes.get("version", "")
        if not re.fullmatch(r"1\.[1-4][ab]?", version):
            raise self._error(f"Its version is “{version[:20]}”; 1.1 to 1.4 can be read.", "Export it as TMX 1.4.")

    def _take_unit(self, element: ElementTree.Element) -> None:
        if len(self._units) == self._max_units:
            raise self._error(
                f"It has more than {self._max_units:,} units.", "Split it, or raise memory.max_units.", self._line
            )
        variants = tuple(self._variant(each) for each in element.findall("tuv"))
        self._units.append(TmxUnit(variants, _attributes(element), _read_remarks(element), self._line))

    def _variant(self, element: ElementTree.Element) -> Variant:
        segment = element.find("seg")
        language = element.get(_LANGUAGE) or element.get("lang")  # TMX 1.1 to 1.3 wrote lang.
        if segment is None or not language:
            what = "language" if segment is not None else "<seg>"
            raise self._error(f"A <tuv> has no {what}.", "Put it in, or delete the unit.", self._line)
        rest = tuple(pair for pair in _attributes(element) if pair[0] not in (_LANGUAGE, "lang"))
        text = "".join(_readable(segment))
        return Variant(language, text, rest, _read_remarks(element), _markup(segment) if len(segment) else "")

    def _refuse_entity(self, *_: object) -> int:
        raise self._error(_REFUSED, _WRITE_ENTITIES)

    def _error(self, what: str, remedy: str, line: int = 0) -> InputError:
        return InputError(what, where=f"{self._path}, line {line or self._parser.CurrentLineNumber}", remedy=remedy)


def _attributes(element: ElementTree.Element) -> Attributes:
    return tuple(element.attrib.items())


def _read_remarks(element: ElementTree.Element) -> tuple[Remark, ...]:
    found: list[Remark] = []
    for each in element:
        if each.tag == "note":
            found.append(Remark("note", each.text or "", _attributes(each)))
        elif each.tag == "prop":
            found.append(Remark("prop", each.text or "", _attributes(each)))
    return tuple(found)


def _readable(element: ElementTree.Element) -> Iterator[str]:
    """The text of an element without the formatting codes inside it."""
    if element.tag not in _CODES:
        yield element.text or ""
    for child in element:
        if element.tag not in _CODES or child.tag == "sub":
            yield from _readable(child)
        if element.tag not in _CODES:
            yield child.tail or ""


def _markup(element: ElementTree.Element) -> str:
    """The content of an element as XML."""
    inner = _escaped(element.text or "")
    for child in element:
        inner += f"<{child.tag}{_written(_attributes(child))}>{_markup(child)}</{child.tag}>"
        inner += _escaped(child.tail or "")
    return inner


def _remarks(remarks: Iterable[Remark], indent: str) -> str:
    return "".join(
        f"{indent}<{each.kind}{_written(each.attributes)}>{_escaped(each.text)}</{each.kind}>\n" for each in remarks
    )


def _written(attributes: Attributes) -> str:
    return "".join(f" {name}={quoteattr(_UNWRITABLE.sub('', value))}" for name, value in attributes)


def _escaped(text: str) -> str:
    """Text for XML; a carriage return would be read as a line feed."""
    return escape(_UNWRITABLE.sub("", text), {"\r": "&#13;"})
