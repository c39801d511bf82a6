"""The full stop that captions and models leave out."""

from __future__ import annotations

import pytest

from pipeline.translation.finishing import finished


@pytest.mark.parametrize(
    ("source", "target", "language", "wanted"),
    [
        ("听上去并不复杂", "It doesn't sound complicated", "en", "It doesn't sound complicated."),
        ("听上去并不复杂", "It doesn't sound complicated.", "en", "It doesn't sound complicated."),
        ("听上去并不复杂", "それは複雑ではない", "ja", "それは複雑ではない。"),
        ("听上去并不复杂", "복잡하지 않다", "ko", "복잡하지 않다."),
        ("听上去并不复杂", "ฟังดูไม่ซับซ้อน", "th", "ฟังดูไม่ซับซ้อน"),
        ("它还会存在多久呢", "How long will it last", "en", "How long will it last"),
        ("他说：", "He said", "en", "He said"),
        ("增长了20%", "It grew by 20%", "en", "It grew by 20%."),
        ("他说“好”", 'He said "good"', "en", 'He said "good".'),
        ("听上去", "", "en", ""),
    ],
)
def test_a_sentence_gets_the_mark_of_its_language(source, target, language, wanted):
    assert finished(source, target, language) == wanted
