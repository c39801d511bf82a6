"""Soft subtitles: beside pictures and sound in an MP4 or Matroska file, for viewers to switch on and off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pipeline.media import MediaInfo, SubtitleStream, input_arguments, run_ffmpeg
from pipeline.rendering.fonts import Face, FontBook, assign_glyphs, subset_font
from pipeline.rendering.graph import Stream, arguments, ff
from pipeline.rendering.output import muxer, require_mp4_codecs, whole_output
from pipeline.subtitles.formats import save
from pipeline.subtitles.styles import Style
from pipeline.track import Track

if TYPE_CHECKING:
    from pipeline.progress import Reporter

SoftFormat = Literal["srt", "ass"]

_AUDIO_SHAPE = (1920, 1080)
_TEXT_CODECS = frozenset({"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"})
_MATROSKA_CODECS = frozenset(
    {"subrip", "ass", "ssa", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "hdmv_text_subtitle"}
)
_MIMETYPES = {"otf": "application/vnd.ms-opentype", "ttf": "application/x-truetype-font"}
"""The names that every Matroska player and ffmpeg know; `font/otf` is newer, and ffmpeg 9 does not know it."""


@dataclass(frozen=True, slots=True)
class SoftTrack:
    """A track to put into a video.

    Attributes:
        track: its cues; its language (BCP-47) is the language tag in Matroska.
        iso639: the language as ISO 639-2, as `chi`: the only tag that MP4 keeps. Simplified and traditional Chinese
            have the same, so the name tells them apart.
        name: what players show, as 简体中文.
        style: how its ASS form looks, with its font; only Matroska uses it.
        default: whether players show it unasked.
    """

    track: Track
    iso639: str
    name: str
    style: Style
    default: bool = False


@dataclass(slots=True)
class _Plan:
    """The parts of one ffmpeg command. `extra` is what ffmpeg-python can't build: options that are given twice."""

    streams: list[Stream]
    extra: list[str] = field(default_factory=list)
    subtitles: int = 0
    attachments: int = 0

    def add(self, stream: Stream, codec: str, disposition: str, **metadata: str) -> None:
        spec = f"s:{self.subtitles}"
        self.subtitles += 1
        self.streams.append(stream)
        self.extra += [f"-c:{spec}", codec]
        if disposition:
            self.extra += [f"-disposition:{spec}", disposition]
        for key, value in metadata.items():
            self.extra += [f"-metadata:s:{spec}", f"{key}={value}"]

    def attach(self, name: str, mimetype: str) -> None:
        spec = f"t:{self.attachments}"
        self.attachments += 1
        self.extra += ["-attach", name, f"-metadata:s:{spec}", f"mimetype={mimetype}"]


def mux(
    info: MediaInfo,
    tracks: Sequence[SoftTrack],
    target: Path,
    *,
    fonts: FontBook,
    ffmpeg: Path,
    reporter: Reporter,
    matroska_formats: Sequence[SoftFormat] = ("srt", "ass"),
    fallback_fonts: Sequence[str] = (),
    stall_s: float = 120.0,
) -> None:
    """Write `target` (.mp4 or .mkv): the streams of `info` bit for bit, and the tracks, which come first.

    MP4 gets mov_text. Matroska gets each of `matroska_formats`, and the fonts that ASS needs, cut down to the
    characters in use. Chapters and metadata stay. Subtitles that the source has stay where the container can hold
    them, after the new ones; what can't stay is said.

    Raises:
        EpisodeError: a full disk, a folder that can't be written, or ffmpeg failed; nothing is left behind.
        InputError: the container can't hold a stream of the source.
        MissingError: a font or a glyph is missing.
    """
    container = muxer(target)
    if container != "matroska":
        require_mp4_codecs(info, video=True)
    formats: Sequence[SoftFormat] = matroska_formats if container == "matroska" else ("srt",)
    layers = [(soft.track, soft.style) for soft in tracks] if "ass" in formats else []
    glyphs = assign_glyphs(layers, fonts, fallback_fonts)
    with whole_output(info, target, needed=info.path.stat().st_size) as (part, folder):
        source = ff.input(f"file:{info.path}", **input_arguments(info))
        plan = _Plan([source[str(index)] for index in _kept(info)])
        for number, soft in enumerate(tracks):
            for kind in formats:
                stream = _write(soft, kind, info, glyphs, folder / f"{number}.{kind}")
                _add(plan, stream, soft, kind, formats, container)
        _add_existing(plan, source, info, container, reporter, keep_default=not any(t.default for t in tracks))
        _attach_fonts(plan, layers, fonts, glyphs, folder)
        output = ff.output(*plan.streams, f"file:{part}", c="copy", f=container)
        args = arguments(output, [*plan.extra, *_container_options(info, container)])
        total = info.duration_ms / 1000
        with reporter.task(f"Writing {target.name}", total, "seconds") as task:
            run_ffmpeg(ffmpeg, args, cwd=folder, task=task, total_s=total, stall_s=stall_s, where=target)


def _kept(info: MediaInfo) -> list[int]:
    """Pictures first, then sound, in the source's order; covers last."""
    video = [info.video.index] if info.video else []
    return [*video, *(stream.index for stream in info.audio), *info.covers]


def _write(soft: SoftTrack, kind: SoftFormat, info: MediaInfo, glyphs: Mapping[str, str], path: Path) -> Stream:
    """Write a track into the private folder, as an input of ffmpeg's."""
    width, height = (info.video.width, info.video.height) if info.video else _AUDIO_SHAPE
    save(soft.track, path, style=soft.style, width=width, height=height, title=soft.name, glyph_fonts=glyphs)
    return ff.input(path.name, f=kind, protocol_whitelist="file")["s:0"]


def _add(
    plan: _Plan,
    stream: Stream,
    soft: SoftTrack,
    kind: SoftFormat,
    formats: Sequence[SoftFormat],
    container: str,
) -> None:
    disposition = "default" if soft.default and kind == formats[0] else "0"
    if container == "matroska":
        name = soft.name if len(formats) == 1 else f"{soft.name} ({kind.upper()})"
        plan.add(stream, "copy", disposition, language=soft.track.language, title=name)
    else:  # MP4 keeps no title of a subtitle stream: players show the handler's name
        plan.add(stream, "mov_text", disposition, language=soft.iso639, handler_name=soft.name)


def _add_existing(
    plan: _Plan,
    source: Stream,
    info: MediaInfo,
    container: str,
    reporter: Reporter,
    *,
    keep_default: bool,
) -> None:
    """The source's own subtitles, and what a Matroska file has attached (its fonts)."""
    for existing in info.subtitles:
        codec = _codec_for(existing, container)
        if codec is None:
            what = f"{existing.codec} subtitles ({existing.language or 'no language'})"
            remedy = "" if container == "matroska" else "; MKV can"
            reporter.warn(f"{info.path.name}: its {what} are left out, this container can't hold them{remedy}.")
            continue
        plan.add(source[str(existing.index)], codec, "" if keep_default else "-default")
    if container == "matroska":
        for _ in range(info.others.count("attachment")):
            plan.streams.append(source[f"t:{plan.attachments}"])
            plan.attachments += 1
    elif "attachment" in info.others:
        reporter.detail(f"{info.path.name}: MP4 can't hold attachments; they are left out.")


def _codec_for(existing: SubtitleStream, container: str) -> str | None:
    if container == "matroska":
        if existing.codec in _MATROSKA_CODECS:
            return "copy"
        return "srt" if existing.codec in _TEXT_CODECS else None
    if existing.codec == "mov_text":
        return "copy"
    return "mov_text" if existing.codec in _TEXT_CODECS else None


def _attach_fonts(
    plan: _Plan, layers: Sequence[tuple[Track, Style]], fonts: FontBook, glyphs: Mapping[str, str], folder: Path
) -> None:
    """Attach each face that the ASS tracks need, once, with the characters that they need."""
    texts: dict[Face, set[str]] = {}
    for track, style in layers:
        used = {char for cue in track.cues for char in cue.text}
        texts.setdefault(fonts.face(style.font, bold=style.bold), set()).update(used)
        for char in used & glyphs.keys():
            texts.setdefault(fonts.face(glyphs[char]), set()).add(char)
    for face, text in texts.items():
        data, suffix = subset_font(face, "".join(sorted(text)))
        name = re.sub(r"[^A-Za-z0-9._-]", "_", face.postscript or f"font{plan.attachments}") + f".{suffix}"
        (folder / name).write_bytes(data)
        plan.attach(name, _MIMETYPES[suffix])


def _container_options(info: MediaInfo, container: str) -> list[str]:
    if container == "matroska":
        return []
    # hvc1 is the tag by which Apple's players know HEVC
    tag = ["-tag:v:0", "hvc1"] if info.video and info.video.codec == "hevc" else []
    return ["-movflags", "+faststart", *tag]
