"""Styles: how subtitles look. The values stand in `config/styles.toml`."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import UsageError
from pipeline.files import read_toml

Role = Literal["single", "upper", "lower"]

_ROLES: tuple[Role, ...] = ("single", "upper", "lower")
_TABLES = ("base", "fallback", "fonts", "styles", "use")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")
_FONT = re.compile(r"[^,{}\\\x00-\x1f]{0,100}")
_ANY = "*"


@dataclass(frozen=True, slots=True)
class Style:
    """How the cues of one track look.

    Attributes:
        name: its name in styles.toml.
        font: family name; empty where the language decides, see `StyleSheet.for_language`.
        size: height of a row, for a picture of 1080 lines; likewise outline, shadow, margin_v, spacing.
        primary: colour of the letters, `#RRGGBB` or `#RRGGBBAA`.
        alignment: as on a number pad: 2 is bottom centre.
        margin_h: distance to both sides, for a picture 1920 wide.
        box: a box of `outline_colour` behind the text, instead of an outline.
    """

    name: str
    font: str
    size: float
    primary: str
    outline_colour: str
    shadow_colour: str
    bold: bool
    outline: float
    shadow: float
    box: bool
    spacing: float
    alignment: int
    margin_v: float
    margin_h: float


@dataclass(frozen=True, slots=True, eq=False)
class StyleSheet(Mapping[str, Style]):
    """All styles by name, and which of them, in which font, a language has.

    Attributes:
        styles: the styles as written.
        fonts: font family by language tag; `*` is any other.
        use: for each role, style name by language tag.
        fallback: families that may stand in for characters that a font lacks, in order.
    """

    styles: Mapping[str, Style]
    fonts: Mapping[str, str]
    use: Mapping[Role, Mapping[str, str]]
    fallback: tuple[str, ...]

    def __getitem__(self, name: str) -> Style:
        return self.styles[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.styles)

    def __len__(self) -> int:
        return len(self.styles)

    def for_language(self, language: str, role: Role = "single") -> Style:
        """The style of a language (BCP-47), alone or as one of two, with its font filled in."""
        style = self.styles[_by_tag(self.use[role], language)]
        return style if style.font else replace(style, font=_by_tag(self.fonts, language))


def load_styles(path: Path) -> StyleSheet:
    """The styles of `styles.toml`.

    Raises:
        UsageError: an unknown or missing key, or a value that is no colour, size and so on; the message names it.
    """
    data = read_toml(path)
    _require_known(data, _TABLES, "", path)
    keys = [field.name for field in fields(Style) if field.name != "name"]
    base = _table(data, "base", path)
    _require_known(base, keys, "base", path)
    styles = {}
    for name, own in _table(data, "styles", path).items():
        where = f"styles.{name}"
        _require_known(_as_table(own, where, path), keys, where, path)
        if missing := [key for key in keys if key not in base and key not in own]:
            raise UsageError(f"{where} has no {missing[0]}.", where=path, remedy="Write it there or in [base].")
        styles[name] = _style(name, {**base, **own}, where, path)
    fonts = _texts(data, "fonts", path)
    use = _use(_table(data, "use", path), styles, path)
    if _ANY not in fonts:
        raise UsageError('fonts has no "*".', where=path, remedy="Name the font of all other languages there.")
    for family in fonts.values():
        _require(bool(family) and bool(_FONT.fullmatch(family)), "fonts", family, "a font's family name", path)
    fallback = _table(data, "fallback", path)
    _require_known(fallback, ("fonts",), "fallback", path)
    families = fallback.get("fonts", [])
    correct = isinstance(families, list) and all(isinstance(f, str) and f and _FONT.fullmatch(f) for f in families)
    _require(correct, "fallback.fonts", families, "a list of family names", path)
    return StyleSheet(styles, fonts, use, tuple(families))


def _use(table: Mapping[str, Any], styles: Mapping[str, Style], path: Path) -> dict[Role, dict[str, str]]:
    _require_known(table, _ROLES, "use", path)
    use: dict[Role, dict[str, str]] = {}
    for role in _ROLES:
        use[role] = _texts(table, role, path, prefix="use.")
        if _ANY not in use[role]:
            raise UsageError(f'use.{role} has no "*".', where=path, remedy="Name the style of all other languages.")
        for name in use[role].values():
            _require_known([name], list(styles), f"use.{role}", path, kind="style")
    return use


def _style(name: str, values: Mapping[str, Any], where: str, path: Path) -> Style:
    for key in ("primary", "outline_colour", "shadow_colour"):
        good = isinstance(values[key], str) and bool(_COLOUR.fullmatch(values[key]))
        _require(good, f"{where}.{key}", values[key], "a colour as #FFFFFF or #FFFFFF80", path)
    for key in ("bold", "box"):
        _require(isinstance(values[key], bool), f"{where}.{key}", values[key], "true or false", path)
    limits = {"size": (4, 400), "outline": (0, 50), "shadow": (0, 50), "spacing": (-50, 200)}
    for key, (low, high) in {**limits, "margin_v": (0, 1000), "margin_h": (0, 900)}.items():
        value = values[key]
        good = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        _require(good, f"{where}.{key}", value, f"a number from {low} to {high}", path)
    alignment = values["alignment"]
    good = not isinstance(alignment, bool) and alignment in range(1, 10)
    _require(good, f"{where}.alignment", alignment, "a whole number from 1 to 9", path)
    good = isinstance(values["font"], str) and bool(_FONT.fullmatch(values["font"]))
    _require(good, f"{where}.font", values["font"], "a font's family name, or empty", path)
    return Style(name=name, **values)


def _by_tag(table: Mapping[str, str], language: str) -> str:
    """The value of the longest key that begins the tag: for `zh-Hant-HK` that, `zh-Hant`, `zh`, `*`."""
    known = {key.lower(): value for key, value in table.items()}
    parts = language.lower().split("-")
    for count in range(len(parts), 0, -1):
        if (tag := "-".join(parts[:count])) in known:
            return known[tag]
    return known[_ANY]


def _table(data: Mapping[str, Any], key: str, path: Path) -> Mapping[str, Any]:
    return _as_table(data.get(key, {}), key, path)


def _as_table(value: Any, name: str, path: Path) -> Mapping[str, Any]:
    _require(isinstance(value, dict), name, value, "a table", path)
    return dict(value)


def _texts(data: Mapping[str, Any], key: str, path: Path, *, prefix: str = "") -> dict[str, str]:
    table = _table(data, key, path)
    for tag, value in table.items():
        _require(isinstance(value, str), f"{prefix}{key}.{tag}", value, "a name in quotes", path)
    return dict(table)


def _require(good: bool, where: str, value: Any, wanted: str, path: Path) -> None:
    if not good:
        raise UsageError(f"{where} is {value!r}; it must be {wanted}.", where=path, remedy="Correct that value.")


def _require_known(found: Iterable[str], known: Iterable[str], where: str, path: Path, *, kind: str = "key") -> None:
    names = list(known)
    for key in found:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)
            place = f" in [{where}]" if where else ""
            raise UsageError(
                f"Unknown {kind} {key!r}{place}.",
                where=path,
                remedy=f"Did you mean {near[0]!r}?" if near else "Remove it.",
            )
