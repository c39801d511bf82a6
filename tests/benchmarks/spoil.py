"""Given episodes made harder: their own voices, cut, rearranged, or sent through a room, with the truth moved along."""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from tests.benchmarks.episodes import written_rows
from tests.benchmarks.sound import EFFECTS, RATE, Sound


@dataclass(frozen=True, slots=True)
class Piece:
    """The sound around a line, and what is written for it.

    Attributes:
        pcm: from the middle of the pause before to the middle of the pause after.
        voice: first and last sample of the line itself in `pcm`; None for sound without a voice.
        text: the line.
        rank: its place in the transcript; None for what is said but not written.
    """

    pcm: Sound
    voice: tuple[int, int] | None
    text: str
    rank: float | None


Pieces = list[Piece]


def spoil(name: str, how: str, pcm: Sound, truth: Mapping[str, Any]) -> tuple[Sound, dict[str, Any]]:
    """The episode after one of `SPOILS`; the same every time."""
    draw = random.Random(zlib.crc32(f"{name}@{how}".encode()))
    pieces = SPOILS[how](_pieces(pcm, truth), draw)
    return _joined(pieces, truth.get("language", "zh-Hans"))


def _pieces(pcm: Sound, truth: Mapping[str, Any]) -> Pieces:
    """The sound cut in the pauses; lines never spoken become pieces without sound."""
    said = [(one["start"], one["end"], one["text"], rank) for rank, one in enumerate(truth["lines"]) if one["start"]]
    said += [(one["start"], one["end"], one["text"], None) for one in truth.get("adlib", []) if isinstance(one, dict)]
    said.sort(key=lambda row: row[0])
    cuts = [0, *(round((a[1] + b[0]) / 2 * RATE) for a, b in pairwise(said)), len(pcm)]
    pieces = []
    for (start, end, text, rank), low, high in zip(said, cuts, cuts[1:], strict=False):
        voice = round(start * RATE) - low, round(end * RATE) - low
        pieces.append(Piece(pcm[low:high], voice, text, rank))
    for rank, one in enumerate(truth["lines"]):
        if one["start"] is None:
            at = next((k for k, piece in enumerate(pieces) if (piece.rank or -1) > rank), len(pieces))
            pieces.insert(at, Piece(pcm[:0], None, one["text"], rank))
    return pieces


def _joined(pieces: Pieces, language: str) -> tuple[Sound, dict[str, Any]]:
    lines, remarks, at = [], [], 0
    for piece in pieces:
        start, end = [(at + edge) / RATE for edge in piece.voice] if piece.voice else (None, None)
        row = {"text": piece.text, "start": start, "end": end}
        if piece.rank is not None:
            lines.append((piece.rank, row))
        elif piece.voice and piece.text:
            remarks.append(row)
        at += len(piece.pcm)
    lines.sort(key=lambda line: line[0])
    pcm = np.concatenate([piece.pcm for piece in pieces])
    truth = {
        "duration": len(pcm) / RATE,
        "language": language,
        "lines": [{"i": i, **row} for i, (_, row) in enumerate(lines)],
        "adlib": remarks,
    }
    return pcm, truth


def _unsaid(pieces: Pieces, at: int) -> None:
    pieces[at] = replace(pieces[at], pcm=pieces[at].pcm[:0], voice=None)


def _unwritten(pieces: Pieces, at: int) -> None:
    pieces[at] = replace(pieces[at], rank=None)


def _cut(pieces: Pieces, draw: random.Random) -> Pieces:
    """Three lines together and two alone are cut out of the sound."""
    third = len(pieces) // 3
    together = draw.randrange(2, third - 3)
    alone = draw.randrange(third + 2, 2 * third), draw.randrange(2 * third + 1, len(pieces) - 2)
    for at in (together, together + 1, together + 2, *alone):
        _unsaid(pieces, at)
    return pieces


def _remarks(pieces: Pieces, draw: random.Random) -> Pieces:
    """One, one, two and three lines are not in the transcript."""
    quarter = len(pieces) // 4
    for block, count in enumerate((1, 2, 1, 3)):
        first = block * quarter + draw.randrange(1, quarter - 4)
        for at in range(first, first + count):
            _unwritten(pieces, at)
    return pieces


def _both(pieces: Pieces, draw: random.Random) -> Pieces:
    return _remarks(_cut(pieces, draw), draw)


def _section(pieces: Pieces, draw: random.Random) -> Pieces:
    """A fifth of the transcript, in one row, is never spoken."""
    count = len(pieces) // 5
    first = draw.randrange(3, len(pieces) - count - 3)
    for at in range(first, first + count):
        _unsaid(pieces, at)
    return pieces


def _reordered(pieces: Pieces, draw: random.Random) -> Pieces:
    """Three lines stand in the transcript after the three that follow them."""
    at = draw.randrange(3, len(pieces) - 9)
    ranks = [pieces[at + k].rank for k in (3, 4, 5, 0, 1, 2)]
    for k, rank in enumerate(ranks):
        pieces[at + k] = replace(pieces[at + k], rank=rank)
    return pieces


def _mixed(pieces: Pieces, draw: random.Random) -> Pieces:
    """Three blocks of four lines of another text stand in the transcript."""
    strange = written_rows("plants")
    places = sorted(draw.sample(range(3, len(pieces) - 3), 3), reverse=True)
    for block, at in enumerate(places):
        rank = pieces[at - 1].rank
        if rank is not None:
            pieces[at:at] = [
                Piece(pieces[0].pcm[:0], None, strange[10 * block + n], rank + 0.1 * (n + 1)) for n in range(4)
            ]
    return pieces


def _loose(pieces: Pieces, draw: random.Random) -> Pieces:
    """One Chinese character in ten is another one in the transcript."""
    han = [char for piece in pieces for char in piece.text if "\u4e00" <= char <= "\u9fff"]

    def change(text: str) -> str:
        return "".join(draw.choice(han) if "\u4e00" <= c <= "\u9fff" and draw.random() < 0.1 else c for c in text)

    return [replace(piece, text=change(piece.text)) for piece in pieces]


def _silences(pieces: Pieces, draw: random.Random) -> Pieces:
    """Four pauses of eight to twenty seconds."""
    for at in sorted(draw.sample(range(1, len(pieces)), 4), reverse=True):
        noise = 1e-4 * np.random.default_rng(at).standard_normal(round(draw.uniform(8, 20) * RATE))
        pieces.insert(at, Piece(noise.astype(np.float32), None, "", None))
    return pieces


def _speed(factor: float) -> Callable[[Pieces, random.Random], Pieces]:
    """Played faster, and so higher, or slower and lower."""

    def change(pieces: Pieces, _: random.Random) -> Pieces:
        return [_played(piece, factor) for piece in pieces]

    return change


def _played(piece: Piece, factor: float) -> Piece:
    count = round(len(piece.pcm) / factor)
    pcm = np.interp(np.arange(count) * factor, np.arange(len(piece.pcm)), piece.pcm) if count else piece.pcm
    voice = None if piece.voice is None else (round(piece.voice[0] / factor), round(piece.voice[1] / factor))
    return replace(piece, pcm=pcm.astype(np.float32), voice=voice)


def _effect(effect: str, value: float) -> Callable[[Pieces, random.Random], Pieces]:
    """The whole sound through one of `sound.EFFECTS`."""

    def change(pieces: Pieces, draw: random.Random) -> Pieces:
        whole = EFFECTS[effect](
            np.concatenate([piece.pcm for piece in pieces]), value, np.random.default_rng(draw.randrange(1 << 30))
        )
        cuts = np.cumsum([len(piece.pcm) for piece in pieces])[:-1]
        return [replace(piece, pcm=pcm) for piece, pcm in zip(pieces, np.split(whole, cuts), strict=True)]

    return change


def _after(*steps: Callable[[Pieces, random.Random], Pieces]) -> Callable[[Pieces, random.Random], Pieces]:
    def change(pieces: Pieces, draw: random.Random) -> Pieces:
        for step in steps:
            pieces = step(pieces, draw)
        return pieces

    return change


SPOILS: Mapping[str, Callable[[Pieces, random.Random], Pieces]] = {
    "cut": _cut,
    "remarks": _remarks,
    "both": _both,
    "section": _section,
    "reordered": _reordered,
    "mixed": _mixed,
    "loose": _loose,
    "silences": _silences,
    "fast": _speed(1.25),
    "slow": _speed(0.85),
    "music": _effect("music", 10.0),
    "pink": _effect("pink", 10.0),
    "white": _effect("white", 5.0),
    "room": _effect("room", 0.5),
    "telephone": _effect("telephone", 0.0),
    "both-music": _after(_both, _effect("music", 12.0)),
    "both-fast": _after(_both, _speed(1.2)),
    "cut-pink": _after(_cut, _effect("pink", 12.0)),
    "loose-remarks": _after(_loose, _remarks),
}
