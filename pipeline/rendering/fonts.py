"""Fonts: the ones that come with Zimu and a user's own, what they can write, and who writes which character."""

from __future__ import annotations

import io
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from fontTools import subset, ttLib

from pipeline.errors import MissingError
from pipeline.subtitles.styles import Style
from pipeline.track import Cue, Track

_ttlib: Any = ttLib  # fontTools has few types
_subset: Any = subset

_WHEEL = "noto_cjk_sans_otc"
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_FAMILY_IDS = (1, 16)  # OpenType name table: family, typographic family
_REGULAR, _BOLD = 400, 700


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file.

    Attributes:
        family: the family's name, by which a style asks for it.
        postscript: the face's own name, by which libass says which one it took.
        path: the file.
        number: which face of a collection; 0 in a file of one.
        weight: 400 is regular, 700 bold.
    """

    family: str
    postscript: str
    path: Path
    number: int
    weight: int


@dataclass(frozen=True, slots=True)
class FontBook:
    """The faces at hand."""

    faces: tuple[Face, ...]
    folder: Path | None

    def face(self, family: str, *, bold: bool = False) -> Face:
        """The face of a family that is nearest to regular, or to bold.

        Raises:
            MissingError: no font of that family is at hand.
        """
        wanted = _BOLD if bold else _REGULAR
        faces = [face for face in self.faces if face.family.lower() == family.lower()]
        if not faces:
            known = ", ".join(sorted({face.family for face in self.faces}))
            place = self.folder or "a folder that you name in render.fonts_folder"
            raise MissingError(
                f"There is no font {family!r}; there are: {known}.",
                remedy=f"Put its file into {place}, or name another one in config/styles.toml.",
            )
        return min(faces, key=lambda face: abs(face.weight - wanted))


def load_fonts(folder: Path | None = None) -> FontBook:
    """The fonts that come with Zimu, and those in `folder`, which win.

    Raises:
        MissingError: the folder is not there, a file in it is no font, or Zimu's own are not installed.
    """
    faces: list[Face] = []
    if folder is not None:
        if not folder.is_dir():
            raise MissingError("The fonts' folder is not there.", where=folder, remedy="Correct render.fonts_folder.")
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in _SUFFIXES:
                faces += _faces(path)
    taken = {face.family.lower() for face in faces}
    faces += [face for path in _own() for face in _faces(path) if face.family.lower() not in taken]
    return FontBook(tuple(faces), folder)


def assign_glyphs(
    layers: Sequence[tuple[Track, Style]], book: FontBook, fallback: Sequence[str] = ()
) -> dict[str, str]:
    """Which fallback family writes each character that a style's font lacks.

    Raises:
        MissingError: a font is not there, or no font has a character; the message names it and its cue.
    """
    stand_ins = [(family, characters(book.face(family))) for family in fallback]
    given: dict[str, str] = {}
    for track, style in layers:
        own = characters(book.face(style.font, bold=style.bold))
        for number, cue in enumerate(track.cues, start=1):
            for char in sorted(set(cue.text)):
                if ord(char) in own or _draws_nothing(char):
                    continue
                family = next((name for name, has in stand_ins if ord(char) in has), None)
                if family is None:
                    raise _missing_glyph(char, style, track, number, cue)
                given[char] = family
    return given


@lru_cache(maxsize=32)
def characters(face: Face) -> frozenset[int]:
    """The code points that a face can write."""
    with _ttlib.TTFont(str(face.path), fontNumber=face.number, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def lay_out(faces: Iterable[Face], folder: Path) -> None:
    """Put the font files, whole, into `folder`, under plain names."""
    folder.mkdir()
    for number, path in enumerate(sorted({face.path for face in faces})):
        place = folder / f"font{number}{path.suffix.lower()}"
        with suppress(OSError):
            place.symlink_to(path)
            continue
        shutil.copyfile(path, place)  # where links are not allowed


def subset_font(face: Face, text: str) -> tuple[bytes, str]:
    """A face cut down to the characters of `text`, for attaching to a video: (file, suffix)."""
    options = _subset.Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.name_languages = ["*"]
    options.notdef_outline = True
    options.glyph_names = False
    options.ignore_missing_unicodes = True
    with _ttlib.TTFont(str(face.path), fontNumber=face.number, lazy=True) as font:
        cutter = _subset.Subsetter(options)
        cutter.populate(text=text + " ")
        cutter.subset(font)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue(), "otf" if font.sfntVersion == "OTTO" else "ttf"


def _own() -> list[Path]:
    try:
        place = Path(str(resources.files(_WHEEL)))
    except ModuleNotFoundError as error:
        raise MissingError(
            "The fonts that come with Zimu are not installed.", remedy="pip install noto-cjk-sans-otc"
        ) from error
    return sorted(path for path in place.iterdir() if path.suffix.lower() in _SUFFIXES)


def _faces(path: Path) -> tuple[Face, ...]:
    return _read_faces(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read_faces(path: Path, _changed_ns: int) -> tuple[Face, ...]:
    try:
        if path.suffix.lower() in (".ttc", ".otc"):
            with _ttlib.TTCollection(str(path), lazy=True) as collection:
                fonts = list(enumerate(collection.fonts))
                return tuple(face for number, font in fonts for face in _face(font, path, number))
        with _ttlib.TTFont(str(path), lazy=True) as font:
            return tuple(_face(font, path, 0))
    except (_ttlib.TTLibError, KeyError, OSError, AssertionError) as error:
        raise MissingError(f"The font can't be read ({error}).", where=path, remedy="Replace or remove it.") from error


def _face(font: Any, path: Path, number: int) -> list[Face]:
    names = font["name"]
    families = {name.toUnicode() for name in names.names if name.nameID in _FAMILY_IDS}
    postscript = names.getDebugName(6) or ""
    weight = int(font["OS/2"].usWeightClass) if "OS/2" in font else _REGULAR
    return [Face(family, postscript, path, number, weight) for family in sorted(families)]


def _draws_nothing(char: str) -> bool:
    """Controls, joiners and variation selectors: characters that no font need have."""
    code = ord(char)
    return unicodedata.category(char) in ("Cc", "Cf") or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def _missing_glyph(char: str, style: Style, track: Track, number: int, cue: Cue) -> MissingError:
    name = unicodedata.name(char, "no name")
    seconds = cue.start_ms // 1000
    return MissingError(
        f"The font {style.font} has no {char!r} (U+{ord(char):04X}, {name}).",
        where=f"{track.language}, cue {number} at {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}",
        remedy="Change the text, or put a font that has it into render.fonts_folder and name its family under "
        "[fallback] (or for the whole language under [fonts]) in config/styles.toml.",
    )
