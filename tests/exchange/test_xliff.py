"""XLIFF 1.2: read by another program as it was meant, and nothing hostile gets in."""

from __future__ import annotations

import re
import time

import pytest
from translate.storage.xliff import xlifffile

from pipeline.errors import InputError
from pipeline.exchange import xliff
from tests.exchange.made import HOSTILE, LIMITS, document, unit, units

# The values that the schema of XLIFF 1.2 allows, of those that could be meant.
STATES = {"needs-translation", "needs-review-translation", "translated", "final"}


def read(tmp_path, data):
    path = tmp_path / "x.xliff"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return xliff.read(path, LIMITS)


def exported(*of):
    return xliff.write(document(*(of or units()))).decode()


def one(body, *, version="1.2", language="en"):
    return (
        f'<xliff version="{version}" xmlns="{xliff.NAMESPACE}"><file original="ep-1" datatype="plaintext" '
        f'source-language="zh-Hans" target-language="{language}"><body>{body}</body></file></xliff>'
    )


def test_another_program_reads_the_same_texts_states_and_notes(tmp_path):
    of = [unit(n, text, note="li: look\nwang: again") for n, text in enumerate(HOSTILE[:12]) if text]
    of += [unit(20, status="approved"), unit(21, "", status="new"), unit(22, status="edited")]
    path = tmp_path / "x.xliff"
    path.write_bytes(xliff.write(document(*of)))
    theirs = xlifffile.parsefile(str(path)).units
    assert [(each.source, each.target or "") for each in theirs] == [(each.source, each.text) for each in of]
    assert theirs[0].getnotes() == "li: look\nwang: again"
    assert [each.isapproved() for each in theirs[-3:]] == [True, False, False]
    assert [each.istranslated() for each in theirs[-3:]] == [True, False, False]


def test_what_another_program_translated_and_approved_comes_back(tmp_path):
    path = tmp_path / "x.xliff"
    path.write_bytes(xliff.write(document(*units())))
    theirs = xlifffile.parsefile(str(path))
    theirs.units[1].target = 'Corrected <there> & "then"\nrow two'
    theirs.units[2].markapproved(True)
    theirs.units[3].addnote("see above", origin="translator")
    path.write_bytes(bytes(theirs))
    after = xliff.read(path, LIMITS)
    assert after.units[1].text == 'Corrected <there> & "then"\nrow two'
    assert after.units[2].status == "approved"
    assert after.units[3].note == "see above"
    assert [each.id for each in after.units] == [each.id for each in units()]
    assert {each.revision for each in after.units} == {1}


def test_what_is_written_keeps_to_the_rules_of_the_schema():
    text = exported(*(unit(n, status=s) for n, s in enumerate(("new", "machine", "edited", "approved"))))
    assert set(re.findall(r' state="([^"]+)"', text)) == STATES
    ids = re.findall(r'<trans-unit id="([^"]+)"', text)
    assert len(ids) == len(set(ids)) == 4
    assert text.count('xml:space="preserve"') == 4
    assert text.count('resname="lines ') == 4
    for body in re.findall(r"<trans-unit.*?</trans-unit>", text, re.DOTALL):  # the order that the schema asks for
        assert re.findall(r"<(source|target|context-group|note)\b", body)[:3] == ["source", "target", "context-group"]


def test_inline_elements_are_read_as_the_text_in_them(tmp_path):
    target = 'A <g id="1">bold</g> <mrk mtype="seg" mid="0">word</mrk><x id="2"/><ph id="3">%s<sub>tip</sub></ph>!'
    after = read(tmp_path, one(f'<trans-unit id="1"><source>x</source><target>{target}</target></trans-unit>'))
    assert after.units[0].text == "A bold wordtip!"


def test_units_in_groups_and_with_former_translations_are_found(tmp_path):
    body = (
        '<group><trans-unit id="1"><source>x</source><target state="signed-off">now</target>'
        "<alt-trans><target>before</target></alt-trans></trans-unit></group>"
        '<trans-unit id="2"><source>y</source></trans-unit>'
        '<trans-unit id="3" approved="yes"><source>z</source><target>done</target></trans-unit>'
    )
    after = read(tmp_path, one(body))
    assert [(each.text, each.status) for each in after.units] == [
        ("now", "approved"),
        ("", "new"),
        ("done", "approved"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + one(""), "refused"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + one("&a;"), "refused"),
        ('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + one(""), "refused"),
        (one("&undefined;"), "not valid XML"),
        (one("")[:-9], "not valid XML"),
        (one("<group>" * 99 + "</group>" * 99), "nested"),
        (one('<trans-unit id="1"><source/></trans-unit>' * 1001), "more than 1,000 units"),
        (one(f'<trans-unit id="1"><source>{"x" * 20_000}</source></trans-unit>'), "20,000 characters"),
        (one("", version="2.0"), "not XLIFF 1.2"),
        ("<html/>", "not XLIFF 1.2 but <html>"),
        (f'<xliff version="1.2" xmlns="{xliff.NAMESPACE}"/>', "0 <file> elements"),
        ("", "empty"),
        (b"PK\x03\x04", "not valid XML"),
        ('<?xml version="1.0" encoding="klingon"?>' + one(""), r"encoding|decoded"),
        (one("你好").encode("gb18030"), "not valid XML"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_with_file_and_row(tmp_path, text, said):
    start = time.monotonic()
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, text)
    assert "x.xliff" in caught.value.where
    assert caught.value.remedy
    assert time.monotonic() - start < 5


def test_utf_16_is_read(tmp_path):
    text = '<?xml version="1.0" encoding="UTF-16"?>' + one('<trans-unit id="1"><source>你好</source></trans-unit>')
    assert read(tmp_path, text.encode("utf-16")).units[0].source == "你好"
