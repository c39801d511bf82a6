"""The speech model: a window of sound is encoded once, and then read freely or made to follow a given text."""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import MissingError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

SAMPLE_RATE = 16_000
#: Length of one step of the encoder's output, and so of the alignment's clock.
FRAME_MS = 20

_MEL_HOP = 160
_TAIL_FRAMES = 60
_MEDIAN_WIDTH = 7
_WITHOUT_SPACES = frozenset(("zh", "ja", "yue", "th", "lo", "my"))
_LEAST_PROBABILITY = 1e-7
# The decoder holds 448 tokens; the start of the sequence, its end and the prompt need some.
MAX_TEXT_TOKENS = 430
# mallopt(3)'s name for the greatest number of arenas.
_M_ARENA_MAX = -8
# A text that zlib shrinks more than this repeats itself (the limit that OpenAI's whisper uses).
_LOOP_RATIO = 2.4
_LOOP = re.compile(r"(.{4,30})\1\1|(.{1,3})\2{4}")
# Whisper writes about 1.1 tokens a Chinese syllable, and nobody says more than 9 in a second.
_MAX_TOKENS_PER_SECOND = 14


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a text that was laid over a window.

    Attributes:
        start, end: the part of the text (characters) that it belongs to.
        from_ms, to_ms: when the decoder attended to it, from the window's start; the first token of a phrase begins
            where the last one ended, so `to_ms` is the one to trust.
        log_prob: natural logarithm of its probability, given the tokens before it and the sound.
    """

    start: int
    end: int
    from_ms: int
    to_ms: int
    log_prob: float


def core_log_prob(tokens: Sequence[Token]) -> float:
    """How well a text fits the sound: the mean log probability of the better two thirds of its tokens.

    A name in another language ruins a third of a line's tokens, not the rest; words that are not said ruin them all.
    """
    best = sorted((token.log_prob for token in tokens), reverse=True)[: max(1, 2 * len(tokens) // 3)]
    return sum(best) / len(best) if best else math.log(_LEAST_PROBABILITY)


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the encoder makes of a window.

    Attributes:
        view: a CTranslate2 StorageView (1, frames of 20 ms, width).
        mel_frames: the window's length in frames of 10 ms, without its tail of silence.
    """

    view: Any
    mel_frames: int


def load_model(folder: Path, *, device: str, compute_type: str, threads: int) -> Any:
    """A Whisper model in CTranslate2's format (a `faster_whisper.WhisperModel`).

    On a CPU every thread works on a window of its own: a decoder's steps are so small that two threads that share one
    take longer than one thread alone (8.4 against 6.4 ms a token with the base model, measured).

    Raises:
        MissingError: the folder holds no such model, or this machine can't run it as asked.
    """
    _save_memory()  # Before the libraries are loaded.
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(
            str(folder),
            device=device,
            compute_type=compute_type,
            cpu_threads=1,
            num_workers=max(1, threads) if device == "cpu" else 1,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise MissingError(
            f"The speech model can't be loaded ({error}).",
            where=folder,
            remedy="Check it with `zimu models verify`; see also the settings compute.device and compute_type.",
        ) from error


def _save_memory() -> None:
    """Keep libraries from holding memory that they do not need again; neither costs time that could be measured.

    glibc gives every thread memory of its own, which it seldom gives back: 20 % of the whole. oneDNN keeps what it
    prepared for a window's length, 1,024 lengths by default, and hardly two windows have the same: 300 MB an hour.
    """
    import ctypes
    import os
    import platform

    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "8")
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


class Whisper:
    """A loaded speech model, listening to one language; its methods may be called from several threads.

    Raises:
        UsageError: the model does not know the language.
    """

    def __init__(self, model: Any, language: str) -> None:
        from faster_whisper.tokenizer import Tokenizer

        self._whisper = model
        code = language.split("-")[0].lower()
        if code not in model.supported_languages:
            raise UsageError(
                f"The speech model does not know the language {language}.",
                remedy="Give the transcript's language, as zh-Hans, or choose a model that knows it.",
            )
        self._tokens = Tokenizer(model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=code)
        spaced = code not in _WITHOUT_SPACES
        self._lead = " " if spaced else ""
        # A comma between lines takes the pause to itself; without it the first token of a line would swallow it.
        self._comma = "," if spaced else "，"

    @property
    def workers(self) -> int:
        """How many windows it can work on at once."""
        return int(self._whisper.model.num_workers)

    def encode(self, pcm: npt.NDArray[np.float32]) -> Encoding:
        """Encode at most 29 s of sound.

        A second of silence is added, not 30 s less the sound: without any, the decoder often stops at the first pause,
        and more costs time and was not seen to help.
        """
        import numpy as np
        from ctranslate2 import StorageView  # type: ignore[attr-defined]

        frames = len(pcm) // _MEL_HOP // 2 * 2
        mel = self._whisper.feature_extractor(pcm, padding=_TAIL_FRAMES * _MEL_HOP)[:, : frames + _TAIL_FRAMES]
        view = StorageView.from_array(np.ascontiguousarray(mel[None], np.float32))
        return Encoding(self._whisper.model.encode(view), frames)

    def force(self, encoding: Encoding, texts: Sequence[str]) -> list[list[Token]]:
        """Lay texts, one after the other, over a window; for each its tokens.

        Tokens beyond what the decoder holds are left out, so the last lists may be short or empty.
        """
        import numpy as np

        rows, owners = self._tokenise(texts)
        if not rows:
            return [[] for _ in texts]
        found = self._whisper.model.align(
            encoding.view, self._tokens.sot_sequence, [rows], encoding.mel_frames, median_filter_width=_MEDIAN_WIDTH
        )[0]
        path = np.array(found.alignments, np.int64)
        ends = np.zeros(len(rows), np.int64)
        starts = np.full(len(rows), encoding.mel_frames)
        inside = path[path[:, 0] < len(rows)]
        np.maximum.at(ends, inside[:, 0], inside[:, 1] + 1)
        np.minimum.at(starts, inside[:, 0], inside[:, 1])
        log_probs = np.log(np.maximum(np.array(found.text_token_probs, np.float64), _LEAST_PROBABILITY))
        result: list[list[Token]] = [[] for _ in texts]
        for at, (owner, start, end) in enumerate(owners):
            if owner >= 0:
                times = int(starts[at]) * FRAME_MS, int(ends[at]) * FRAME_MS
                result[owner].append(Token(start, end, *times, float(log_probs[at])))
        return result

    def decode(self, encoding: Encoding) -> str:
        """What the model hears in a window, by greedy search; the same sound gives the same text."""
        plain = self._generate(encoding)
        if _repeats(plain):
            other = self._generate(encoding, repetition_penalty=1.15, no_repeat_ngram_size=6)
            return other if not _repeats(other) else min(plain, other, key=_shrinkage)
        return plain

    def _generate(self, encoding: Encoding, **options: Any) -> str:
        prompt = [*self._tokens.sot_sequence, self._tokens.no_timestamps]
        most = int(encoding.mel_frames / 100 * _MAX_TOKENS_PER_SECOND) + 8
        found = self._whisper.model.generate(
            encoding.view,
            [prompt],
            beam_size=1,
            max_length=min(MAX_TEXT_TOKENS, len(prompt) + most),
            suppress_tokens=list(self._tokens.non_speech_tokens),
            **options,
        )[0]
        return str(self._tokens.decode(found.sequences_ids[0]))

    def _tokenise(self, texts: Sequence[str]) -> tuple[list[int], list[tuple[int, int, int]]]:
        """Token ids of all texts with a comma between, and for each (text or -1, its first and last character)."""
        rows: list[int] = []
        owners: list[tuple[int, int, int]] = []
        comma = self._whisper.hf_tokenizer.encode(self._comma, add_special_tokens=False).ids
        for place, text in enumerate(texts):
            if place:
                rows += comma
                owners += [(-1, 0, 0)] * len(comma)
            found = self._whisper.hf_tokenizer.encode(self._lead + text, add_special_tokens=False)
            for row, (start, end) in zip(found.ids, found.offsets, strict=True):
                rows.append(row)
                owners.append((place, max(0, start - len(self._lead)), max(0, end - len(self._lead))))
        return rows[:MAX_TEXT_TOKENS], owners[:MAX_TEXT_TOKENS]


def _shrinkage(text: str) -> float:
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) if raw else 0.0


def _repeats(text: str) -> bool:
    return _shrinkage(text) > _LOOP_RATIO or _LOOP.search(text) is not None
