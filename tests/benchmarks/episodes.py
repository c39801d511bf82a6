"""Episodes with the true time of every line: texts of this folder, spoken by espeak-ng line by line, then spoilt.

espeak-ng 1.51 does not read Han characters (it spells them in English), but it reads pinyin with tones; so the
characters go through pypinyin first.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import tempfile
import wave
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pipeline.errors import MissingError
from tests.benchmarks.sound import EFFECTS, RATE, Sound, loud_span, resample

TEXTS = Path(__file__).parent / "texts"

_ALTERNATIVE = re.compile(r"\{([^|}]*)\|([^}]*)\}")
_LATIN = re.compile(r"[A-Za-z]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_REFRAIN = ("慢慢来，比较快", "下一页")
_LEVEL = 0.5


@dataclass(frozen=True, slots=True)
class Entry:
    """Something written, spoken, or both.

    Attributes:
        rank: its place in the transcript; entries themselves stand in the order of the sound.
        written: the transcript's line, empty for a remark.
        spoken: what is said, empty for a line that never is.
    """

    rank: float
    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Variant:
    """How one episode is made.

    Attributes:
        text: a file of the texts folder, without its suffix.
        voices: espeak-ng's variants of the voice, changing every ten lines.
        speed: espeak-ng's words a minute.
        pitch: 0 to 99.
        pauses_ms: the shortest and the longest pause between two lines.
        lead_s: what there is before the first word.
        silences: how many of the pauses last eight to twenty seconds.
        effects: names in `sound.EFFECTS`, each with its value, one after the other.
        edits: names in `EDITS`, one after the other.
        names_in_chinese: whether Latin names are read with Chinese syllables.
    """

    name: str
    text: str
    voices: tuple[str, ...] = ("Annie",)
    speed: int = 170
    pitch: int = 50
    pauses_ms: tuple[int, int] = (40, 600)
    lead_s: float = 0.5
    silences: int = 0
    effects: tuple[tuple[str, float], ...] = ()
    edits: tuple[str, ...] = ()
    names_in_chinese: bool = False
    usual: bool = field(default=True, kw_only=True)

    @property
    def language(self) -> str:
        """What is spoken, BCP-47."""
        if self.text.endswith(".en"):
            return "en"
        return "zh-Hant" if "traditional" in self.edits else "zh-Hans"


VARIANTS = (
    Variant("clean", "metro"),
    Variant("fast-low", "coffee", ("Mike",), speed=240, pitch=25, pauses_ms=(10, 200)),
    Variant("slow-high", "plants", ("f2",), speed=130, pitch=70, pauses_ms=(200, 1500), usual=False),
    Variant("two-voices", "software", ("Annie", "m3"), usual=False),
    Variant("music", "coffee", lead_s=6.0, effects=(("music", 12.0),)),
    Variant("music-loud", "metro", ("f2",), lead_s=6.0, effects=(("music", 5.0),), usual=False),
    Variant("pink-noise", "plants", effects=(("pink", 10.0),)),
    Variant("white-noise", "software", ("Mike",), effects=(("white", 5.0),), usual=False),
    Variant("room", "metro", ("linda",), effects=(("room", 0.7),)),
    Variant("telephone", "coffee", effects=(("telephone", 0.0),)),
    Variant("silences", "metro", ("f2",), silences=4, lead_s=15.0, usual=False),
    Variant("refrains", "plants", edits=("refrains",)),
    Variant("reordered", "coffee", edits=("reordered",)),
    Variant("unspoken", "metro", edits=("unspoken",)),
    Variant("remarks", "plants", ("linda",), edits=("remarks",)),
    Variant("diverging", "software", edits=("unspoken", "remarks"), effects=(("music", 12.0),)),
    Variant("loose", "coffee", ("linda",), edits=("loose",)),
    Variant("names", "software", names_in_chinese=True),
    Variant("mixed", "metro", edits=("mixed",)),
    Variant("traditional", "plants", edits=("traditional",), usual=False),
    Variant("english", "bridges.en", ("m3",), speed=160),
    Variant("english-noise", "bridges.en", ("f2",), effects=(("pink", 10.0),), edits=("unspoken",), usual=False),
)


@dataclass(frozen=True, slots=True)
class Made:
    """An episode: its sound, and its truth in the form of truth.json."""

    pcm: Sound
    truth: dict[str, object]


def make(variant: Variant, *, most_lines: int) -> Made:
    """Speak, join and spoil; the same variant gives the same samples every time.

    Raises:
        MissingError: there is no espeak-ng.
    """
    seed = zlib.crc32(variant.name.encode())
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    entries = _entries(variant, most_lines)
    for edit in variant.edits:
        entries = EDITS[edit](entries, draw)
    said = [entry for entry in entries if entry.spoken]
    pcm, spans = _join([_speak(entry.spoken, variant, at) for at, entry in enumerate(said)], variant, draw)
    for effect, value in variant.effects:
        pcm = EFFECTS[effect](pcm, value, rng)
    return Made(pcm, _truth(entries, dict(zip(said, spans, strict=True)), pcm, variant))


def write(made: Made, folder: Path) -> None:
    """Write audio.wav, transcript.txt and truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    with wave.open(str(folder / "audio.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((made.pcm * 32767).astype("<i2").tobytes())
    lines = made.truth["lines"]
    assert isinstance(lines, list)
    (folder / "transcript.txt").write_text("\n".join(line["text"] for line in lines) + "\n", encoding="utf-8")
    (folder / "truth.json").write_text(json.dumps(made.truth, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _entries(variant: Variant, most_lines: int) -> list[Entry]:
    rows = (TEXTS / f"{variant.text}.txt").read_text(encoding="utf-8").splitlines()[:most_lines]
    return [
        Entry(rank, _ALTERNATIVE.sub(r"\1", row), _ALTERNATIVE.sub(lambda m: _read(m, variant.names_in_chinese), row))
        for rank, row in enumerate(rows)
    ]


def written_rows(text: str) -> list[str]:
    """The lines of a file of the texts folder, as a transcript writes them."""
    return [_ALTERNATIVE.sub(r"\1", row) for row in (TEXTS / f"{text}.txt").read_text(encoding="utf-8").splitlines()]


def _read(match: re.Match[str], names_in_chinese: bool) -> str:
    written, spoken = match.groups()
    return written if _LATIN.search(written) and not names_in_chinese else spoken


def _refrains(entries: list[Entry], _: random.Random) -> list[Entry]:
    """The same two lines after every fourth."""
    found: list[Entry] = []
    for at, entry in enumerate(entries):
        found.append(entry)
        if at % 4 == 3:
            found += [Entry(entry.rank + 0.1 * (n + 1), line, line) for n, line in enumerate(_REFRAIN)]
    return found


def _reordered(entries: list[Entry], _: random.Random) -> list[Entry]:
    """A tenth of the lines is spoken before the tenth that stands before it."""
    count, at = max(2, len(entries) // 10), len(entries) // 3
    first, second = entries[at : at + count], entries[at + count : at + 2 * count]
    return [*entries[:at], *second, *first, *entries[at + 2 * count :]]


def _unspoken(entries: list[Entry], draw: random.Random) -> list[Entry]:
    """Three lines together and two alone are never spoken."""
    third = len(entries) // 3
    together = draw.randrange(2, third)
    gone = {
        together,
        together + 1,
        together + 2,
        draw.randrange(third + 4, 2 * third),
        draw.randrange(2 * third + 1, 3 * third),
    }
    return [replace(entry, spoken="") if at in gone else entry for at, entry in enumerate(entries)]


def _remarks(entries: list[Entry], draw: random.Random) -> list[Entry]:
    """Four remarks that nobody wrote down."""
    remarks = (TEXTS / "remarks.txt").read_text(encoding="utf-8").split()
    found = list(entries)
    for at, remark in zip(sorted(draw.sample(range(2, len(entries) - 1), 4), reverse=True), remarks, strict=False):
        found.insert(at, Entry(0, "", remark))
    return found


def _loose(entries: list[Entry], draw: random.Random) -> list[Entry]:
    """One character in ten is read as another one."""
    others = _HAN.findall("".join(entry.written for entry in entries))
    return [
        replace(entry, spoken=_HAN.sub(lambda m: draw.choice(others) if draw.random() < 0.1 else m[0], entry.spoken))
        for entry in entries
    ]


def _mixed(entries: list[Entry], draw: random.Random) -> list[Entry]:
    """Three blocks of four lines of another episode stand in the transcript."""
    rows = written_rows("plants")
    found = list(entries)
    for block, at in enumerate(sorted(draw.sample(range(3, len(entries) - 3), 3), reverse=True)):
        strange = rows[10 * block : 10 * block + 4]
        rank = found[at].rank
        found[at + 1 : at + 1] = [Entry(rank + 0.1 * (n + 1), row, "") for n, row in enumerate(strange)]
    return found


def _traditional(entries: list[Entry], _: random.Random) -> list[Entry]:
    """The transcript is written in traditional characters."""
    from opencc import OpenCC

    convert = OpenCC("s2t").convert
    return [replace(entry, written=convert(entry.written)) for entry in entries]


EDITS: Mapping[str, Callable[[list[Entry], random.Random], list[Entry]]] = {
    "refrains": _refrains,
    "reordered": _reordered,
    "unspoken": _unspoken,
    "remarks": _remarks,
    "loose": _loose,
    "mixed": _mixed,
    "traditional": _traditional,
}


def _speak(text: str, variant: Variant, at: int) -> Sound:
    program = shutil.which("espeak-ng")
    if program is None:
        raise MissingError("espeak-ng is not installed.", remedy="On Debian: apt-get install espeak-ng.")
    english = variant.language == "en"
    voice = f"{'en-us' if english else 'cmn-latn-pinyin'}+{variant.voices[at // 10 % len(variant.voices)]}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        command = [program, "-v", voice, "-s", str(variant.speed), "-p", str(variant.pitch), "-w", str(path), "--stdin"]
        subprocess.run(command, input=(text if english else _pinyin(text)).encode(), check=True)
        with wave.open(str(path), "rb") as file:
            rate, data = file.getframerate(), file.readframes(file.getnframes())
    clip = resample((np.frombuffer(data, "<i2") / 32768).astype(np.float32), rate)
    start, end = loud_span(clip)
    return clip[start:end] * (_LEVEL / float(np.abs(clip).max()))


def _pinyin(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True))


def _join(clips: Sequence[Sound], variant: Variant, draw: random.Random) -> tuple[Sound, list[tuple[float, float]]]:
    """The clips with pauses between, and the seconds where each begins and ends."""
    silences = set(draw.sample(range(1, len(clips)), variant.silences))
    parts: list[Sound] = []
    spans: list[tuple[float, float]] = []
    at = 0
    for number, clip in enumerate(clips):
        pause = variant.lead_s if number == 0 else draw.uniform(*variant.pauses_ms) / 1000
        pause = draw.uniform(8, 20) if number in silences else pause
        parts += [np.zeros(round(pause * RATE), np.float32), clip]
        at += len(parts[-2])
        spans.append((at / RATE, (at + len(clip)) / RATE))
        at += len(clip)
    return np.concatenate([*parts, np.zeros(RATE, np.float32)]), spans


def _truth(
    entries: Sequence[Entry], spans: Mapping[Entry, tuple[float, float]], pcm: Sound, variant: Variant
) -> dict[str, object]:
    written = sorted((entry for entry in entries if entry.written), key=lambda entry: entry.rank)
    lines = []
    for i, entry in enumerate(written):
        start, end = spans.get(entry, (None, None))
        lines.append({"i": i, "text": entry.written, "start": start, "end": end})
    remarks = [entry for entry in entries if not entry.written]
    return {
        "duration": len(pcm) / RATE,
        "language": variant.language,
        "lines": lines,
        "adlib": [{"text": e.spoken, "start": spans[e][0], "end": spans[e][1]} for e in remarks],
    }
