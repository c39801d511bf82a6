"""TMX of an episode."""

from __future__ import annotations

import pytest

from pipeline.errors import InputError
from pipeline.exchange import tmx
from pipeline.translation.tmx import read_tmx
from tests.exchange.made import LIMITS, document, unit, units


def test_a_memory_finds_sentences_with_their_translations(tmp_path):
    path = tmp_path / "x.tmx"
    path.write_bytes(tmx.write(document(*units(), unit(5, "", status="new"))))
    found = read_tmx(path, max_bytes=10**6, max_units=100, max_chars=1000)
    assert found.source_language == "zh-Hans"
    assert [[each.language for each in one.variants] for one in found.units] == [["zh-Hans", "en"]] * 4 + [["zh-Hans"]]
    assert found.units[0].variants[1].text == "Hello everyone."
    assert found.units[0].prop("x-status") == "machine"


def test_the_memory_of_another_program_is_no_episode(tmp_path):
    path = tmp_path / "x.tmx"
    path.write_text('<tmx version="1.4"><header srclang="zh"/><body/></tmx>')
    with pytest.raises(InputError, match="not the export of an episode") as caught:
        tmx.read(path, LIMITS)
    assert "zimu memory import" in caught.value.remedy
