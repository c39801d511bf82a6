"""Burned subtitles: drawn into the pictures, for platforms that take no subtitle files."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EpisodeError, MissingError, UsageError
from pipeline.media import MediaInfo, features, input_arguments, run_ffmpeg
from pipeline.rendering.encoders import Encoder, choose_encoder
from pipeline.rendering.fonts import FontBook, assign_glyphs, lay_out
from pipeline.rendering.graph import Stream, arguments, ff
from pipeline.rendering.output import muxer, require_mp4_codecs, whole_output
from pipeline.subtitles.ass import to_ass
from pipeline.subtitles.styles import Style
from pipeline.track import Cue, Track

if TYPE_CHECKING:
    from pipeline.progress import Reporter

Layers = Sequence[tuple[Track, Style]]

_SCRIPT = "subtitles.ass"
_PROOF = "proof.ass"
_FONTS = "fonts"
_PROOF_MS = 40
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}|[A-Za-z]{3,30}")
_PICTURES = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}
_HDR = (16, 18)  # ITU-T H.273 transfer characteristics: PQ and HLG
_SELECTED = re.compile(r"fontselect: \((.*), \d+, \d+\) -> (.*), -?\d+, (.*)")
_NO_GLYPH = re.compile(r"[Gg]lyph 0x([0-9A-Fa-f]+) not found|fallback with glyph 0x([0-9A-Fa-f]+)")


@dataclass(frozen=True, slots=True)
class Canvas:
    """What an audio-only episode is shown on.

    Attributes:
        background: a colour (`#RRGGBB`, or a name that ffmpeg knows) or a picture's path.
        width: even.
        height: even.
        fps: frames per second.
    """

    background: str | Path
    width: int
    height: int
    fps: int


def burn(
    info: MediaInfo,
    layers: Layers,
    target: Path,
    *,
    fonts: FontBook,
    ffmpeg: Path,
    reporter: Reporter,
    encoder: str,
    encoder_order: Sequence[str],
    encoder_options: Mapping[str, Mapping[str, str]],
    vaapi_device: str = "/dev/dri/renderD128",
    fallback_fonts: Sequence[str] = (),
    canvas: Canvas | None = None,
    threads: int = 0,
    stall_s: float = 120.0,
    title: str = "",
) -> None:
    """Write `target` (.mp4 or .mkv): the pictures of `info` with the layers drawn on them, the sound bit for bit.

    Frame times, colours' tags, chapters and metadata stay; a turned picture is written upright, pixels that are not
    square become square; an odd width or height grows by one pixel. The source's own subtitle streams are not copied.

    Arguments:
        layers: one track, or two with the first above the second; every style has its font.
        encoder: ffmpeg's name of one, or `auto`: the first of `encoder_order` that works.
        encoder_options: ffmpeg's options for each encoder.
        canvas: what to draw on where `info` has no video.
        threads: how many threads may encode; 0 lets ffmpeg decide.

    Raises:
        EpisodeError: a full disk, a folder that can't be written, or ffmpeg failed; nothing is left behind.
        InputError: the container can't hold the sound.
        MissingError: a font, a glyph, an encoder or libass is missing.
        UsageError: no canvas, or a wrong one.
    """
    container = muxer(target)
    if container != "matroska":
        require_mp4_codecs(info, video=False)
    if "subtitles" not in features(ffmpeg).filters:
        raise MissingError(
            "This ffmpeg can't draw subtitles: it was built without libass.",
            where=ffmpeg,
            remedy="Leave media.ffmpeg empty to use the one that comes with Zimu.",
        )
    glyphs = assign_glyphs(layers, fonts, fallback_fonts)
    width, height = _shape(info, canvas)
    if info.video and info.video.transfer in _HDR:
        reporter.warn(f"{info.path.name} is HDR; the burned video has 8 bits. Soft subtitles keep it as it is.")
    with whole_output(info, target, needed=2 * info.path.stat().st_size) as (part, folder):
        chosen = choose_encoder(
            ffmpeg, encoder, order=encoder_order, options=encoder_options, device=vaapi_device, reporter=reporter
        )
        reporter.detail(f"{target.name}: encoding with {chosen.name}")
        _lay_out_fonts(layers, fonts, glyphs, folder / _FONTS)
        script = to_ass(layers, width=width, height=height, title=title, glyph_fonts=glyphs)
        (folder / _SCRIPT).write_text(script, encoding="utf-8")
        _prove_fonts(layers, fonts, glyphs, ffmpeg, folder, stall_s)
        args = _command(info, canvas, chosen, container, part, folder, threads)
        total = info.duration_ms / 1000
        with reporter.task(f"Encoding {target.name}", total, "seconds") as task:
            run_ffmpeg(ffmpeg, args, cwd=folder, task=task, total_s=total, stall_s=stall_s, where=target)


def _shape(info: MediaInfo, canvas: Canvas | None) -> tuple[int, int]:
    if info.video:
        return info.video.width, info.video.height
    if canvas is None:
        raise UsageError(
            "The episode has no pictures to draw on.",
            where=info.path,
            remedy="Choose a background colour or picture (render.background).",
        )
    if canvas.width % 2 or canvas.height % 2 or min(canvas.width, canvas.height) < 16:
        raise UsageError(
            f"A video of {canvas.width} x {canvas.height} pixels can't be encoded.",
            remedy="Use an even width and height (render.resolution).",
        )
    return canvas.width, canvas.height


def _command(
    info: MediaInfo,
    canvas: Canvas | None,
    encoder: Encoder,
    container: str,
    part: Path,
    folder: Path,
    threads: int,
) -> list[str]:
    source = ff.input(f"file:{info.path}", **input_arguments(info))
    options: dict[str, str | None] = {"c:a": "copy", "f": container, "threads": str(threads), **encoder.output()}
    if info.video:
        picture = source[str(info.video.index)]
        # pictures keep their own times, on the source's own clock: variable frame rates stay as they are
        options |= {"fps_mode": "vfr", "enc_time_base": "demux"}
        if info.video.pixel_aspect != 1:  # libass would draw letters as wide as the pixels
            picture = picture.filter("scale", info.video.width, info.video.height).filter("setsar", "1")
    else:
        assert canvas is not None
        picture = _backdrop(canvas, folder)
        options |= {"shortest": None}
    drawn = picture.filter("pad", w="ceil(iw/2)*2", h="ceil(ih/2)*2").filter(
        "subtitles", filename=_SCRIPT, fontsdir=_FONTS, wrap_unicode="1"
    )
    streams = [source[str(stream.index)] for stream in info.audio]
    # with a backdrop, the source is not the first input, from which ffmpeg would take chapters and metadata
    number = "0" if info.video else "1"
    extra = ["-map_metadata", number, "-map_chapters", number]
    if container != "matroska":
        extra += ["-movflags", "+faststart"]
    output = ff.output(encoder.prepare(drawn), *streams, f"file:{part}", **options)
    return [*encoder.general(), *arguments(output, extra)]


def _backdrop(canvas: Canvas, folder: Path) -> Stream:
    size = f"{canvas.width}x{canvas.height}"
    background = canvas.background
    if isinstance(background, str) and _COLOUR.fullmatch(background):
        colour = background.replace("#", "0x")
        return ff.input(f"color=c={colour}:s={size}:r={canvas.fps}", f="lavfi").video
    path = Path(background)
    if not path.is_file():
        raise UsageError(
            "The background is neither a colour nor a picture that is there.",
            where=path,
            remedy="Write a colour as #202830, or the path of a PNG, JPEG or WebP file (render.background).",
        )
    with path.open("rb") as file:
        head = file.read(12)
    suffix = next((kind for mark, kind in _PICTURES.items() if head.startswith(mark)), None)
    if suffix is None:
        raise UsageError("The background is no PNG, JPEG or WebP file.", where=path, remedy="Convert the picture.")
    name = f"background.{suffix}"
    shutil.copyfile(path, folder / name)
    picture = ff.input(name, f="image2", pattern_type="none", loop="1", framerate=str(canvas.fps)).video
    fill = {"w": canvas.width, "h": canvas.height, "force_original_aspect_ratio": "increase"}
    return picture.filter("scale", **fill).filter("crop", canvas.width, canvas.height).filter("setsar", "1")


def _lay_out_fonts(layers: Layers, fonts: FontBook, glyphs: Mapping[str, str], folder: Path) -> None:
    faces = {fonts.face(style.font, bold=style.bold) for _, style in layers}
    lay_out(faces | {fonts.face(family) for family in glyphs.values()}, folder)


def _prove_fonts(
    layers: Layers, fonts: FontBook, glyphs: Mapping[str, str], ffmpeg: Path, folder: Path, stall_s: float
) -> None:
    """Have libass draw every cue once, on tiny pictures, and read which fonts it took.

    libass replaces a font or a glyph that it can't find without a word to the viewer; this sees it before an hour of
    encoding, and not after.
    """
    cues = max((len(track.cues) for track, _ in layers), default=0)
    if not cues:
        return
    hurried = [
        (
            Track(t.language, tuple(Cue(n * _PROOF_MS, (n + 1) * _PROOF_MS, c.text) for n, c in enumerate(t.cues))),
            style,
        )
        for t, style in layers
    ]
    script = to_ass(hurried, width=192, height=108, glyph_fonts=glyphs)
    (folder / _PROOF).write_text(script, encoding="utf-8")
    source = ff.input(f"color=s=192x108:r={1000 // _PROOF_MS}", f="lavfi", t=cues * _PROOF_MS / 1000).video
    drawn = source.filter("subtitles", filename=_PROOF, fontsdir=_FONTS)
    args = ["-v", "verbose", *arguments(ff.output(drawn, "-", f="null"))]
    wrong: list[str] = []
    allowed = {(f.family.lower(), f.postscript) for f in fonts.faces}

    def watch(line: str) -> None:
        if found := _NO_GLYPH.search(line):
            code = found.group(1) or found.group(2)
            wrong.append(f"no font has {chr(int(code, 16))!r} (U+{code.upper()})")
        elif (found := _SELECTED.search(line)) and (found.group(1).lower(), found.group(3)) not in allowed:
            wrong.append(f"libass took {found.group(3)} instead of {found.group(1)}")

    run_ffmpeg(ffmpeg, args, cwd=folder, stall_s=stall_s, watch=watch)
    if wrong:
        raise EpisodeError(
            f"The subtitles can't be drawn as they are styled: {wrong[0]}.",
            remedy="Check the fonts in config/styles.toml and the folder of render.fonts_folder.",
        )
