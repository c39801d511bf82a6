"""Timed Text Markup Language (TTML): written as ttconv's IMSC 1.1 text, which broadcasters and platforms take."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from fractions import Fraction

import defusedxml.ElementTree
import pysubs2
from ttconv import model
from ttconv.imsc import attributes, config, writer
from ttconv.style_properties import (
    CoordinateType,
    DirectionType,
    DisplayAlignType,
    ExtentType,
    LengthType,
    StyleProperties,
    TextAlignType,
)

from pipeline.track import Cue, Track

_REGION = "bottom"
_MARGIN = 10  # percent of the picture on each side: EBU-TT-D's safe area
_CLOCK = config.IMSCWriterConfiguration(time_format=attributes.TimeExpressionSyntaxEnum.clock_time)


def to_ttml(track: Track) -> str:
    """The track as a TTML document: cues at the bottom centre, right-to-left text marked as such.

    The text must have no character that XML can't hold; `formats.save` sees to that.
    """
    document = model.ContentDocument()
    document.set_lang(track.language)
    document.put_region(_region(document))
    body, division = model.Body(document), model.Div(document)
    body.set_region(document.get_region(_REGION))
    body.push_child(division)
    document.set_body(body)
    for cue in track.cues:
        division.push_child(_paragraph(document, cue))
    root = writer.from_model(document, _CLOCK).getroot()
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def from_ttml(text: str) -> tuple[Cue, ...]:
    """The cues of a TTML document; styles are dropped.

    Raises:
        ValueError: it is no TTML, has entities or a document type, or times that can't be read.
    """
    try:
        defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
        events = pysubs2.SSAFile.from_string(text, "ttml").events
    except (ET.ParseError, NotImplementedError, KeyError) as error:
        raise ValueError(f"it is no TTML that Zimu reads: {error}") from error
    return tuple(Cue(event.start, event.end, event.plaintext) for event in events)


def _region(document: model.ContentDocument) -> model.Region:
    region = model.Region(_REGION, document)
    margin, room = (LengthType(percent, LengthType.Units.pct) for percent in (_MARGIN, 100 - 2 * _MARGIN))
    region.set_style(StyleProperties.Origin, CoordinateType(x=margin, y=margin))
    region.set_style(StyleProperties.Extent, ExtentType(width=room, height=room))
    region.set_style(StyleProperties.DisplayAlign, DisplayAlignType.after)
    region.set_style(StyleProperties.TextAlign, TextAlignType.center)
    return region


def _paragraph(document: model.ContentDocument, cue: Cue) -> model.P:
    paragraph = model.P(document)
    paragraph.set_begin(Fraction(cue.start_ms, 1000))
    paragraph.set_end(Fraction(cue.end_ms, 1000))
    paragraph.set_space(model.WhiteSpaceHandling.PRESERVE)
    if _right_to_left(cue.text):
        paragraph.set_style(StyleProperties.Direction, DirectionType.rtl)
    for number, row in enumerate(cue.text.split("\n")):
        if number:
            paragraph.push_child(model.Br(document))
        span = model.Span(document)
        span.push_child(model.Text(document, row))
        paragraph.push_child(span)
    return paragraph


def _right_to_left(text: str) -> bool:
    """By the first letter that has a direction (Unicode Standard Annex #9, P2 and P3)."""
    kinds = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in kinds if kind in ("L", "R", "AL")), "L") != "L"
