"""XLIFF 1.2, which translation tools read and write (OASIS, http://docs.oasis-open.org/xliff/v1.2/os/xliff-core.html).

A unit is a `trans-unit`: its id is the store's, its `resname` the lines, its revision and times stand in a
`context-group`. Tools change `target`, its `state`, and `approved`; notes may be added. Inline elements that tools
put into a target (`g`, `mrk`, `x`, …) are read as the text in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from pipeline import __version__
from pipeline.errors import InputError
from pipeline.exchange.base import Document, ExchangeUnit, Limits, Status, check_size, check_text, read_bytes
from pipeline.exchange.escapes import back, for_xml

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_STATES: Mapping[str, str] = {
    "new": "needs-translation", "machine": "needs-review-translation", "edited": "translated", "approved": "final",
}  # fmt: skip
_STATUSES: Mapping[str, Status] = {
    "new": "new", "needs-translation": "new", "needs-review-translation": "machine", "needs-adaptation": "machine",
    "needs-l10n": "machine", "needs-review-adaptation": "machine", "needs-review-l10n": "machine",
    "translated": "edited", "final": "approved", "signed-off": "approved",
}  # fmt: skip
# Elements whose content is another program's formatting code, not text that people read.
_CODES = frozenset({"bpt", "ept", "it", "ph", "x", "bx", "ex"})
_CONTEXTS = ("revision", "first-line", "last-line", "start-ms", "end-ms")
_DEPTH = 32
_AGAIN = "Export it again from the program that made it."


def write(document: Document) -> bytes:
    """The bytes of an XLIFF 1.2 file with one `file` element, in UTF-8."""
    out = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<xliff version="1.2" xmlns="{NAMESPACE}">\n',
        f"<file{_attributes(original=document.episode, source_language=document.source_language)}"
        f"{_attributes(target_language=document.language, datatype='plaintext', tool_id='zimu')}>\n",
        f"<header><tool{_attributes(tool_id='zimu', tool_name='Zimu', tool_version=__version__)}/>"
        f"<note>{_text(document.title)}</note></header>\n<body>\n",
        *(_trans_unit(unit) for unit in document.units),
        "</body>\n</file>\n</xliff>\n",
    ]
    return "".join(out).encode()


def read(path: Path, limits: Limits) -> Document:
    """The units of an XLIFF 1.2 file.

    Raises:
        InputError: it is not XLIFF 1.2, damaged, has entities, more than one file, or is beyond the limits.
    """
    root = _parse(path, read_bytes(path, limits), limits)
    if root.tag.rpartition("}")[2] != "xliff" or root.get("version") != "1.2":
        found = f"<{root.tag.rpartition('}')[2][:40]}> {root.get('version', '')[:10]}".strip()
        raise InputError(f"It is not XLIFF 1.2 but {found}.", where=path, remedy="Save it as XLIFF 1.2.")
    files = [each for each in root if _name(each) == "file"]
    if len(files) != 1:
        raise InputError(
            f"It has {len(files)} <file> elements instead of one.",
            where=path,
            remedy="Put each episode and language into a file of its own.",
        )
    file = files[0]
    found_units = [_unit(path, each, limits) for each in file.iter() if _name(each) == "trans-unit"]
    return Document(
        episode=back(file.get("original", "")),
        title=next((back(_read(each)) for each in file.iterfind("{*}header/{*}note")), ""),
        source_language=file.get("source-language", ""),
        language=file.get("target-language", ""),
        units=tuple(unit for unit, _ in found_units),
        places=tuple(place for _, place in found_units),
    )


def _trans_unit(unit: ExchangeUnit) -> str:
    contexts = zip(_CONTEXTS, (unit.revision, unit.first, unit.last, unit.start_ms, unit.end_ms), strict=True)
    rows = "".join(f'<context context-type="x-zimu-{name}">{value}</context>' for name, value in contexts)
    approved = "yes" if unit.status == "approved" else "no"
    state = f' state="{_STATES[unit.status]}"' if unit.status else ""
    return (
        f"<trans-unit{_attributes(id=unit.id, resname='lines ' + unit.lines, approved=approved)}"
        ' xml:space="preserve">\n'
        f"<source>{_text(unit.source)}</source>\n<target{state}>{_text(unit.text)}</target>\n"
        f'<context-group purpose="information">{rows}</context-group>\n'
        + "".join(f"<note>{_text(row)}</note>\n" for row in _rows(unit.note))
        + "</trans-unit>\n"
    )


def _rows(note: str) -> list[str]:
    return note.split("\n") if note else []


def _attributes(**values: str) -> str:
    return "".join(f" {name.replace('_', '-')}={quoteattr(for_xml(value))}" for name, value in values.items())


def _text(text: str) -> str:
    """Text for XML; a carriage return would be read as a line feed."""
    return escape(for_xml(text), {"\r": "&#13;"})


# Where an element begins, kept as an attribute that no file can have: its name is no XML name.
_ROW = "row of the file"


class _Builder(TreeBuilder):
    """Refuses elements nested too deep, and too many units, while they are read; notes where each begins."""

    def __init__(self, path: Path, limits: Limits) -> None:
        super().__init__()
        self._path, self._limits, self._deep, self._units = path, limits, 0, 0
        self.parser: Any = None

    def start(self, tag: Any, attrs: Any, /) -> Element:
        row = self.parser.parser.CurrentLineNumber
        self._deep += 1
        if self._deep > _DEPTH:
            raise InputError(
                f"Elements are nested more than {_DEPTH} deep.", where=f"{self._path}, row {row}", remedy=_AGAIN
            )
        if str(tag).endswith("}trans-unit"):
            self._units += 1
            check_size(self._path, self._limits, self._units, f"row {row}")
        element = super().start(tag, attrs)
        element.set(_ROW, str(row))
        return element

    def end(self, tag: str, /) -> Element:
        self._deep -= 1
        return super().end(tag)


def _parse(path: Path, data: bytes, limits: Limits) -> Element:
    builder = _Builder(path, limits)
    parser = builder.parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise InputError(
            "Entities and document types in an XLIFF file are refused: they can open other files or grow without end.",
            where=path,
            remedy="Delete the <!DOCTYPE …> from it, or export it again from the program that made it.",
        ) from error
    except ParseError as error:
        row = error.position[0]
        raise InputError(f"It is not valid XML: {error.msg}.", where=f"{path}, row {row}", remedy=_AGAIN) from error
    except (LookupError, ValueError) as error:  # an encoding that Python or expat lacks
        raise InputError(f"It can't be decoded: {error}.", where=path, remedy="Save it as UTF-8.") from error
    return root


def _unit(path: Path, element: Element, limits: Limits) -> tuple[ExchangeUnit, str]:
    identity = back(element.get("id", ""))
    place = f"row {element.get(_ROW, '')}, unit {identity[:40]}"
    parts = {_name(each): each for each in reversed(element) if _name(each) in ("source", "target")}
    contexts = {
        each.get("context-type", "").removeprefix("x-zimu-"): (each.text or "").strip()
        for each in element.iterfind("{*}context-group/{*}context")
    }
    notes = "\n".join(back(_read(each)) for each in element if _name(each) == "note")
    source, text = (
        check_text(path, limits, back(_read(parts[name])), place) if name in parts else ""
        for name in ("source", "target")
    )
    return (
        ExchangeUnit(
            id=identity,
            first=_number(contexts.get("first-line", ""), -1),
            last=_number(contexts.get("last-line", ""), -1),
            source=source,
            text=text,
            status=_status(element, parts.get("target")),
            start_ms=_number(contexts.get("start-ms", ""), 0),
            end_ms=_number(contexts.get("end-ms", ""), 0),
            note=check_text(path, limits, notes, place),
            revision=_number(contexts.get("revision", ""), 0),
        ),
        place,
    )


def _status(element: Element, target: Element | None) -> Status:
    """What the target's state says; the `approved` of tools that write no state, or an old one, counts too."""
    said: Status = _STATUSES.get(target.get("state", ""), "") if target is not None else "new"
    approved = element.get("approved")
    if approved == "yes":
        return "approved"
    return "edited" if said == "approved" and approved == "no" else said


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else default


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _read(element: Element) -> str:
    return "".join(_readable(element))


def _readable(element: Element) -> Iterator[str]:
    if _name(element) not in _CODES:
        yield element.text or ""
    for child in element:
        if _name(element) not in _CODES or _name(child) == "sub":
            yield from _readable(child)
        if _name(element) not in _CODES:
            yield child.tail or ""
