"""TMX files: nothing is lost on the way, and nothing hostile gets in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.translation.tmx import Remark, Tmx, TmxUnit, Variant, from_date, header, read_tmx, to_date, write_tmx

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'
UNIT = '<tu><tuv xml:lang="zh"><seg>你好</seg></tuv><tuv xml:lang="en"><seg>Hello</seg></tuv></tu>'


def document(body=UNIT, head=HEAD, version="1.4"):
    return f'{head}<tmx version="{version}"><header srclang="zh-CN"/>\n<body>{body}</body></tmx>'


def read(tmp_path, data, *, max_bytes=10**6, max_units=1000, max_chars=10_000):
    path = tmp_path / "memory.tmx"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return read_tmx(path, max_bytes=max_bytes, max_units=max_units, max_chars=max_chars)


FULL = Tmx(
    (
        TmxUnit(
            (
                Variant("zh-CN", "他说：“1 < 2 && 3 > 2”", (("creationid", "li"),)),
                Variant(
                    "en-US",
                    " He said.\n\tTwo lines\r ",
                    (
                        ("creationdate", "20250102T030405Z"),
                        ("creationid", 'Li "L" Lei & co'),
                        ("changedate", "20260102T030405Z"),
                        ("changeid", "wang"),
                        ("usagecount", "3"),
                    ),
                    (Remark("note", "ask\nagain", (("xml:lang", "en"),)), Remark("prop", "x", (("type", "x-state"),))),
                ),
                Variant("ja", "彼は言った"),
            ),
            (("tuid", "ep1:4:abc"), ("srclang", "zh-CN"), ("segtype", "sentence")),
            (
                Remark("prop", "one", (("type", "x-a"),)),
                Remark("note", "between"),
                Remark("prop", "two", (("type", "x-a"), ("xml:lang", "zh"))),
            ),
        ),
        TmxUnit((Variant("zh", ""), Variant("en", "Empty"))),
    ),
    header("zh-Hans", version="1.0", now="2026-11-23T10:00:00.000+00:00"),
    (Remark("note", "the header's"), Remark("prop", "y", (("type", "x-b"),))),
)


def test_a_round_trip_loses_nothing(tmp_path):
    assert read(tmp_path, write_tmx(FULL)) == FULL


def test_inline_markup_comes_back_and_codes_are_not_text(tmp_path):
    seg = 'A <bpt i="1">&lt;b&gt;</bpt><hi type="x">bold</hi><ept i="1">&lt;/b&gt;</ept> word<ph>%s<sub>tip</sub></ph>!'
    body = f'<tu><tuv xml:lang="en"><seg>{seg}</seg></tuv></tu>'
    tmx = read(tmp_path, document(body))
    assert tmx.units[0].variants[0].text == "A bold wordtip!"
    assert seg in write_tmx(tmx)
    assert read(tmp_path, write_tmx(tmx)) == tmx


TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=20)
NAMES = st.sampled_from(["tuid", "creationdate", "creationid", "changedate", "changeid", "o-tmf"])
ATTRIBUTES = st.dictionaries(NAMES, TEXT, max_size=3).map(lambda found: tuple(found.items()))
REMARKS = st.lists(
    st.builds(Remark, st.sampled_from(["note", "prop"]), TEXT, st.just((("type", "x-a"),))), max_size=2
).map(tuple)
VARIANTS = st.builds(Variant, st.sampled_from(["zh-CN", "en", "ja"]), TEXT, ATTRIBUTES, REMARKS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(TmxUnit, st.lists(VARIANTS, max_size=2).map(tuple), ATTRIBUTES, REMARKS), max_size=3))
def test_any_unit_comes_back(tmp_path_factory, units):
    tmx = Tmx(tuple(units), (("srclang", "zh"),))
    assert read(tmp_path_factory.mktemp("t"), write_tmx(tmx)) == tmx


def test_what_xml_can_not_hold_is_left_out_when_writing(tmp_path):
    tmx = Tmx((TmxUnit((Variant("en", "a\x00\x1bb\ud800"),)),), (("srclang", "zh"),))
    assert read(tmp_path, write_tmx(tmx)).units[0].variants[0].text == "ab"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb2312", "iso-8859-1"])
def test_encodings_are_read_or_refused_with_a_reason(tmp_path, encoding):
    name = encoding.replace("-sig", "")
    text = document(UNIT.replace("你好", "Grüß" if "8859" in name else "你好"), HEAD.replace("UTF-8", name))
    if encoding == "gb2312":
        with pytest.raises(InputError, match=r"encoding|decoded"):
            read(tmp_path, text.encode(encoding))
        return
    assert len(read(tmp_path, text.encode(encoding)).units) == 1


def test_older_versions_and_their_way_to_write_languages_are_read(tmp_path):
    text = document('<tu><tuv lang="EN"><seg>Hi</seg></tuv></tu>', version="1.1")
    assert read(tmp_path, text).units[0].variants == (Variant("EN", "Hi"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (document(head='<!DOCTYPE tmx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>', body="&b;"), "Entities"),
        (document(head='<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>', body="&x;"), "Entities"),
        (document(head='<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>'), "Entities"),
        (document(head='<!DOCTYPE tmx [<!ENTITY unused "x">]>'), "Entities"),
        (document('<tu><tuv xml:lang="en"><seg>&undefined;</seg></tuv></tu>'), "Entities"),
        (document("<tu>" * 100 + "</tu>" * 100), "nested"),
        (document('<tu><tuv xml:lang="en"><seg>' + "<hi>" * 99 + "</hi>" * 99 + "</seg></tuv></tu>"), "nested"),
        (document('<tu><tuv xml:lang="en"><seg>' + "x" * 20_000 + "</seg></tuv></tu>"), "longer than"),
        (document(UNIT * 1001), "more than 1,000 units"),
        (document("<tu><tuv><seg>x</seg></tuv></tu>"), "no language"),
        (document('<tu><tuv xml:lang="en"></tuv></tu>'), "no <seg>"),
        (document()[:-20], "not valid XML"),
        (document("<tu><header/></tu>").replace('<header srclang="zh-CN"/>', ""), "no header"),
        ("<html><body/></html>", "not TMX"),
        (document(version="2.0"), "version"),
        ("", "not valid XML"),
        (b"\xff\xfe\x00", "not valid XML"),
        (b"PK\x03\x04 a zip file", "not valid XML"),
    ],
)
def test_what_is_hostile_or_broken_is_refused_with_file_and_line(tmp_path, text, said):
    start = time.monotonic()
    with pytest.raises(InputError, match=said) as caught:
        read(tmp_path, text)
    assert "memory.tmx, line " in caught.value.where
    assert caught.value.remedy
    assert time.monotonic() - start < 2


def test_the_line_of_a_bad_unit_is_told(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path, document(f'{UNIT}\n{UNIT}\n<tu>\n<tuv xml:lang="en"/></tu>'))
    assert caught.value.where.endswith("memory.tmx, line 6")


def test_a_file_that_is_too_big_or_missing_is_refused(tmp_path):
    with pytest.raises(InputError, match="are allowed"):
        read(tmp_path, document(), max_bytes=100)
    with pytest.raises(InputError, match="can't be read"):
        read_tmx(tmp_path / "none.tmx", max_bytes=1, max_units=1, max_chars=1)


def test_no_other_file_is_opened(tmp_path):
    secret = tmp_path / "tmx14.dtd"
    secret.write_text('<!ENTITY leak "secret">')
    with pytest.raises(InputError, match="Entities"):
        read(tmp_path, document('<tu><tuv xml:lang="en"><seg>&leak;</seg></tuv></tu>'))
    assert len(read(tmp_path, document()).units) == 1


def test_times_change_their_form_and_nonsense_is_no_time():
    assert to_date("2026-11-23T19:06:18.123+00:00") == "20261123T190618Z"
    assert to_date("2026-11-23T20:06:18+01:00") == "20261123T190618Z"
    assert from_date("20261123T190618Z") == "2026-11-23T19:06:18.000+00:00"
    assert (to_date(""), from_date("yesterday"), from_date("")) == ("", "", "")
