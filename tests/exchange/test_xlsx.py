"""Workbooks: what an editor finds, and which files are refused."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from pipeline.errors import InputError
from pipeline.exchange import xlsx
from pipeline.exchange.base import Limits
from tests.exchange.made import LIMITS, document, unit, units


def sheet_of(book):
    return load_workbook(io.BytesIO(book)).active


def changed(tmp_path, change):
    """An export that was changed in a spreadsheet."""
    book = load_workbook(io.BytesIO(xlsx.write(document(*units()))))
    change(book.active)
    path = tmp_path / "x.xlsx"
    book.save(path)
    return path


def read(path, limits=LIMITS):
    return xlsx.read(path, limits)


def test_a_sheet_is_laid_out_for_work():
    sheet = sheet_of(xlsx.write(document(*units())))
    names = [cell.value for cell in sheet[1]]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    assert names[4:8] == ["source", "translation", "status", "note"]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions[letters["translation"]].width >= 50
    assert sheet.column_dimensions[letters["revision"]].hidden
    source, translation = sheet[f"{letters['source']}2"], sheet[f"{letters['translation']}2"]
    assert source.alignment.wrap_text
    assert translation.alignment.wrap_text
    assert (source.protection.locked, translation.protection.locked) == (True, False)
    assert source.fill.fgColor.rgb != translation.fill.fgColor.rgb
    assert sheet.protection.sheet
    assert not sheet.protection.password
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1 == '"new,machine,edited,approved"'
    assert str(choice.sqref) == f"{letters['status']}2:{letters['status']}5"


def test_a_sheet_in_arabic_runs_from_right_to_left():
    arabic = sheet_of(xlsx.write(document(unit(0, "مرحبا"), language="ar", right_to_left=True)))
    assert arabic.sheet_view.rightToLeft
    assert arabic["F2"].alignment.readingOrder == 2
    assert arabic["E2"].alignment.readingOrder == 1
    assert not sheet_of(xlsx.write(document(*units()))).sheet_view.rightToLeft


def test_columns_may_be_moved_added_and_deleted(tmp_path):
    def change(sheet):
        sheet.delete_cols(9, 3)
        sheet.insert_cols(1)
        sheet["A1"] = "my own"

    after = read(changed(tmp_path, change))
    assert [each.text for each in after.units] == [each.text for each in units()]
    assert {each.revision for each in after.units} == {0}


def test_numbers_and_rows_that_a_spreadsheet_made_are_texts(tmp_path):
    def change(sheet):
        sheet["F2"], sheet["F3"], sheet["F4"] = 2010, 2.5, "a_x000D_b"
        sheet["A9"], sheet["F9"] = None, "no id"

    found = read(changed(tmp_path, change))
    assert [each.text for each in found.units] == ["2010", "2.5", "a\rb", "This is the last sentence.", "no id"]
    assert found.places[-1] == "row 9"
    assert found.units[-1].id == ""


@pytest.mark.parametrize(
    ("change", "said", "where"),
    [
        (lambda sheet: sheet.__setitem__("F3", "=SUM(A1:A2)"), "formula", "cell F3"),
        (lambda sheet: sheet.__setitem__("F3", datetime.datetime(2024, 1, 2)), "date", "cell F3"),
        (lambda sheet: sheet.__setitem__("G4", "done"), "“done” is no status", "row 4"),
        (lambda sheet: sheet.__setitem__("F1", "text"), "no column “translation”", "row 1"),
        (lambda sheet: sheet.__setitem__("A1", "number"), "no column “id”", "row 1"),
        (lambda sheet: sheet.__setitem__("L1", "id"), "“id” is there twice", "row 1"),
        (lambda sheet: sheet.__setitem__("J4", "other"), "more than one episode", "row 4"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_its_cell(tmp_path, change, said, where):
    with pytest.raises(InputError, match=said) as caught:
        read(changed(tmp_path, change))
    assert where in caught.value.where
    assert caught.value.remedy


def test_what_is_no_workbook_is_refused(tmp_path):
    good = xlsx.write(document(*units()))
    path = tmp_path / "x.xlsx"
    for data in (b"hello", b"\xd0\xcf\x11\xe0" + bytes(600), good[: len(good) // 2], good[:-30], b"PK\x03\x04"):
        path.write_bytes(data)
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(path) in caught.value.where
        assert caught.value.remedy


def test_a_workbook_damaged_at_any_place_is_read_or_refused(tmp_path):
    good = xlsx.write(document(*units(2)))
    path = tmp_path / "x.xlsx"
    for place in range(0, len(good), 211):
        path.write_bytes(good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :])
        try:
            read(path)
        except InputError as error:
            assert error.remedy  # noqa: PT017


def archive(tmp_path, **members):
    path = tmp_path / "x.xlsx"
    good = zipfile.ZipFile(io.BytesIO(xlsx.write(document(*units()))))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in good.namelist():
            out.writestr(name, members.pop(name, good.read(name)))
        for name, data in members.items():
            out.writestr(name, data)
    return path


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = archive(tmp_path, **{"xl/worksheets/sheet2.xml": b" " * 20_000_000})
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="when unpacked"):
        read(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(tmp_path, encoding):
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst>&a;</sst>'
    path = archive(tmp_path, **{"xl/sharedStrings.xml": bomb.encode(encoding)})
    with pytest.raises(InputError, match="entities") as caught:
        read(path)
    assert "sharedStrings" in caught.value.where


def test_limits_are_kept(tmp_path):
    path = tmp_path / "x.xlsx"
    path.write_bytes(xlsx.write(document(*units())))
    with pytest.raises(InputError, match="more than 2 units"):
        read(path, Limits(10**6, 10**7, 2, 1000))
    with pytest.raises(InputError, match="bytes; 10 are allowed"):
        read(path, Limits(10, 10**7, 1000, 1000))
    with pytest.raises(InputError, match="10 are allowed") as caught:
        read(path, Limits(10**6, 10**7, 1000, 10))
    assert "row 2" in caught.value.where


def test_a_text_that_no_cell_can_hold_is_refused_when_it_is_written():
    with pytest.raises(InputError, match=r"32,767") as caught:
        xlsx.write(document(unit(0, "x" * 40_000)))
    assert caught.value.where == "lines 1-2"


def test_a_workbook_of_something_else_is_refused(tmp_path):
    book = Workbook()
    book.active["A1"] = "shopping"
    book.save(tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="no column"):
        read(tmp_path / "x.xlsx")
