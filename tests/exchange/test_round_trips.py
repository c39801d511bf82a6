"""Whatever is written to a file of units comes back as it was, and no other program sees anything else in it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pipeline.exchange import FORMATS
from pipeline.exchange.base import Document
from pipeline.exchange.escapes import back, for_cell, for_sheet, for_xml, from_sheet, guarded, unguarded
from tests.exchange.made import ANY_TEXT, HOSTILE, LIMITS, SPIKED, UNITS, document, unit

ALL = sorted(FORMATS)


def through(name: str, before: Document, folder: Path) -> Document:
    path = folder / f"x.{name}"
    path.write_bytes(FORMATS[name].write(before))
    return FORMATS[name].read(path, LIMITS)


@pytest.mark.parametrize("name", ALL)
def test_hostile_texts_come_back_in_every_field(name, tmp_path):
    before = document(*(unit(n, text, source=text, note=text) for n, text in enumerate(HOSTILE)))
    assert through(name, before, tmp_path).units == before.units


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=40, deadline=None)
@given(st.lists(UNITS, max_size=4, unique_by=lambda each: each.id))
def test_any_units_come_back(name, tmp_path_factory, units):
    before = document(*units)
    after = through(name, before, tmp_path_factory.mktemp("r"))
    assert after.units == before.units
    if units or name in ("xliff", "tmx"):  # a table says in its rows what it is
        assert (after.episode, after.source_language, after.language) == ("ep-1", "zh-Hans", "en")


@pytest.mark.parametrize("name", ALL)
def test_every_status_comes_back(name, tmp_path):
    before = document(*(unit(n, status=status) for n, status in enumerate(("new", "machine", "edited", "approved"))))
    assert through(name, before, tmp_path).units == before.units


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT | SPIKED)
def test_escapes_are_undone_exactly(text):
    assert back(for_xml(text)) == text
    assert back(for_cell(text)) == text
    assert from_sheet(for_sheet(text)) == text
    assert unguarded(guarded(text)) == text


def test_no_cell_of_a_csv_file_begins_like_a_formula():
    data = FORMATS["csv"].write(document(*(unit(n, text, source=text, note=text) for n, text in enumerate(HOSTILE))))
    assert data.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝")) for cell in row)


def test_no_cell_of_a_workbook_is_a_formula(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(FORMATS["xlsx"].write(document(*(unit(n, text, note=text) for n, text in enumerate(HOSTILE)))))
    for row in load_workbook(path).active.iter_rows():
        assert all(cell.data_type in ("s", "n") and (cell.data_type == "s" or cell.value is None) for cell in row)
        assert all(cell.quotePrefix for cell in row if cell.value)
