"""styles.toml: the styles that come with Zimu, and what a mistake in one's own is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.files import config_file
from pipeline.subtitles.styles import load_styles

OWN = config_file("styles.toml")


@pytest.mark.parametrize(
    ("language", "style", "font"),
    [
        ("zh-Hans", "han", "Noto Sans CJK SC"),
        ("zh-Hant", "han", "Noto Sans CJK TC"),
        ("zh-Hant-HK", "han", "Noto Sans CJK HK"),
        ("zh-HK", "han", "Noto Sans CJK HK"),
        ("ja", "han", "Noto Sans CJK JP"),
        ("ko-KR", "han", "Noto Sans CJK KR"),
        ("en", "latin", "Noto Sans CJK SC"),
        ("ru", "latin", "Noto Sans CJK SC"),
    ],
)
def test_every_language_has_its_style_and_its_font(language: str, style: str, font: str) -> None:
    found = load_styles(OWN).for_language(language)
    assert (found.name, found.font) == (style, font)


def test_of_two_languages_the_lower_is_smaller() -> None:
    styles = load_styles(OWN)
    upper, lower = styles.for_language("zh-Hans", "upper"), styles.for_language("en", "lower")
    assert 0.65 <= lower.size / upper.size <= 0.8
    assert set(styles) >= {"han", "latin", "upper", "lower"}
    assert styles["han"].font == ""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("outline = 3.5", "outlin = 3.5", "'outline'"),
        ("[styles.han]", "[style.han]", "'styles'"),
        ('"zh" = "han"', '"zh" = "hann"', "'han'"),
        ('primary = "#FFFFFF"', 'primary = "white"', "colour"),
        ("alignment = 2", "alignment = 12", "1 to 9"),
        ("alignment = 2", "alignment = true", "1 to 9"),
        ("bold = false", 'bold = "no"', "true or false"),
        ("size = 80", "size = 0", "from 4 to 400"),
        ('font = ""', 'font = "A,B"', "family name"),
        ('"*" = "Noto Sans CJK SC"', "", 'no "\\*"'),
        ("spacing = 0.0", "", "no spacing"),
        ("fonts = []", 'fonts = "Noto Emoji"', "list"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = OWN.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "styles.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=words) as error:
        load_styles(path)
    assert error.value.where == str(path)
    assert error.value.remedy
