"""CSV files, as spreadsheets save them."""

from __future__ import annotations

import pytest

from pipeline.errors import InputError
from pipeline.exchange import csv_table
from tests.exchange.made import LIMITS, document, unit, units


def read(tmp_path, data):
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    return csv_table.read(path, LIMITS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_save_is_read(tmp_path, delimiter, encoding):
    text = delimiter.join(("ID", "Translation", "Source")) + f"\r\n10{delimiter}Hello{delimiter}你好\r\n\r\n"
    after = read(tmp_path, text.encode(encoding))
    assert [(each.id, each.text, each.status) for each in after.units] == [("10", "Hello", "")]
    assert after.places == ("row 2",)


def test_rows_are_counted_as_an_editor_sees_them(tmp_path):
    data = csv_table.write(document(unit(0, "two\nrows"), unit(1)))
    assert read(tmp_path, data).places == ("row 2", "row 4")


@pytest.mark.parametrize(
    ("data", "said", "where"),
    [
        (b"", "empty", "x.csv"),
        (b"\n \n", "empty", "x.csv"),
        ("id,source,translation\n1,,你好\n2,,再见".encode("gb18030"), "not UTF-8", "row 2"),
        (b"id,source,translation\n1,\x00", "no text", "row 2"),
        (b'id,source,translation\n1,"open\n2,x', "quotation mark", "row 2"),
        (b"PK\x03\x04rest", "no column", "row 1"),
        (b"id;source;translation;status\n1;;x;ok", "no status", "row 2"),
        (b"id,source,translation\n1,," + b"x" * 20_000, "20,000 characters", "row 2"),
        (b"id,source,translation\n" + b"1,,x\n" * 1001, "more than 1,000 units", "row 1002"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_row(tmp_path, data, said, where):
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, data)
    assert where in caught.value.where
    assert caught.value.remedy


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        csv_table.read(tmp_path / "none.csv", LIMITS)
    with pytest.raises(InputError, match="can't be read"):
        csv_table.read(tmp_path, LIMITS)


def test_a_text_that_looks_like_a_guard_is_none(tmp_path):
    data = b"id,source,translation\n1,,'tis\n2,,'=1\n3,,''=1\n"
    assert [each.text for each in read(tmp_path, data).units] == ["'tis", "=1", "'=1"]
    assert units()[0].text in csv_table.write(document(*units())).decode("utf-8-sig")
