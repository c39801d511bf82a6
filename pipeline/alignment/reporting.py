"""What is told of every line in the end: its span, its confidence and status, and a time for every character."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from statistics import median

from rapidfuzz import fuzz

from pipeline.alignment import confidence
from pipeline.alignment.activity import Span, Speech
from pipeline.alignment.characters import character_times, fill_gaps
from pipeline.alignment.judging import Candidate, probability, timeless_share
from pipeline.alignment.laying import LaidLine
from pipeline.alignment.normalise import in_script, normalise
from pipeline.alignment.result import AlignedLine, Alignment, ExtraSpeech
from pipeline.alignment.script import Script
from pipeline.alignment.tracking import Tracked
from pipeline.errors import InputError
from pipeline.track import Line

# Words nobody wrote with no more between them than this are one remark.
_ONE_REMARK_MS = 400
# A line that swallows what is said before it does so with its first tokens.
_FIRST_TOKENS = 5
# Words nobody wrote are compared with the lines so near to them, if both are long enough to tell.
_NEAR_MS, _TELLING_SYMBOLS, _SHORTER = 60_000, 4, 0.7
# A part without a syllable counts too.
_LEAST_WEIGHT = 0.1


def refuse_other_text(script: Script, found: Tracked, min_heard: float) -> None:
    """Raise InputError where less than `min_heard` (0 to 1) of the transcript was found in the sound."""
    share = sum(
        proof.weight * probability(proof.odds) for line, proofs in found.proofs.items() if line >= 0 for proof in proofs
    ) / max(1.0, script.weight)
    if share < min_heard:
        raise InputError(
            f"The transcript is not what is said in this audio: only {share:.0%} of it was found, in its order.",
            remedy=f"Check that both belong to one episode. The limit is align.min_heard = {min_heard:g}.",
        )


def said(found: Tracked, line: int) -> float:
    """0 to 1: the probability that a line is said where it was laid, over its parts by their lengths."""
    parts = found.proofs.get(line, [])
    total = sum(max(part.weight, _LEAST_WEIGHT) for part in parts)
    return sum(max(part.weight, _LEAST_WEIGHT) * probability(part.odds) for part in parts) / total if total else 0.0


class Judge:
    """Judges the lines of one episode."""

    def __init__(
        self, lines: Sequence[Line], script: Script, found: Tracked, speech: Speech, *, check_below: float
    ) -> None:
        self._lines, self._script, self._found, self._speech = lines, script, found, speech
        self._check_below = check_below

    def alignment(
        self, laid: Sequence[LaidLine], spans: Sequence[Span], *, language: str, duration_ms: int, model: str
    ) -> Alignment:
        """The alignment, from all lines as they were laid and their spans."""
        placed = {line.line: (line, span) for line, span in zip(laid, spans, strict=True) if span.duration_ms > 0}
        weights = self._script.weights
        paces = [span.duration_ms / weights[line] for line, (_, span) in placed.items() if line >= 0 and weights[line]]
        pace = median(paces) if paces else 1.0
        extras = self._extras(placed, language)
        unwritten = [(Span(one.start_ms, one.end_ms), normalise(one.text, language).symbols) for one in extras]
        lines = tuple(self._line(index, placed.get(index), pace, unwritten) for index in range(len(self._lines)))
        return Alignment(language, duration_ms, model, lines, extras)

    def _line(
        self,
        index: int,
        placed: tuple[LaidLine, Span] | None,
        pace: float,
        unwritten: Sequence[tuple[Span, str]],
    ) -> AlignedLine:
        line = self._lines[index]
        if placed is None:
            return AlignedLine(line.index, line.text, None, None, "unspoken", 1 - self._found.left_out.get(index, 0.0))
        laid, span = placed
        own_pace = span.duration_ms / max(1.0, self._script.weights[index]) / pace
        value = confidence.confidence(
            confidence.Evidence(
                said(self._found, index),
                own_pace,
                self._voice(span),
                timeless_share([Candidate(self._script.weights[index], laid.tokens)], pace),
                self._loosest(laid, span) / pace,
                self._swallowed(laid, span, pace),
                _likeness(self._script.symbols(index), [words for at, words in unwritten if _near(at, span)]),
            )
        )
        return AlignedLine(
            line.index,
            line.text,
            span.start_ms,
            span.end_ms,
            confidence.status(value, check_below=self._check_below),
            value,
            _characters(len(line.text), laid, span),
        )

    def _extras(self, placed: Mapping[int, tuple[LaidLine, Span]], language: str) -> tuple[ExtraSpeech, ...]:
        """Words nobody wrote in the order they are said, those that follow each other at once as one."""
        found: list[ExtraSpeech] = []
        last = -1  # the line, or words, placed before
        for number, (line, span) in placed.items():
            if number < 0:
                one = self._extra(in_script(self._found.words[number], language), line, span)
                if found and last < 0 and one.start_ms - found[-1].end_ms <= _ONE_REMARK_MS:
                    before = found.pop()
                    text = f"{before.text} {one.text}" if language[:2] not in ("zh", "ja") else before.text + one.text
                    one = ExtraSpeech(before.start_ms, one.end_ms, text, min(before.confidence, one.confidence))
                found.append(one)
            last = number
        return tuple(found)

    def _extra(self, text: str, laid: LaidLine, span: Span) -> ExtraSpeech:
        value = confidence.confidence(confidence.Evidence(confidence.heard_well(laid.log_prob), 1.0, self._voice(span)))
        return ExtraSpeech(span.start_ms, span.end_ms, text.strip(), value)

    def _loosest(self, laid: LaidLine, span: Span) -> int:
        """Milliseconds of speech in the line's longest token."""
        ends = [span.start_ms, *(token.to_ms for token in laid.tokens)]
        return max(self._speech.between_ms(start, end) for start, end in itertools.pairwise(ends))

    def _swallowed(self, laid: LaidLine, span: Span, pace: float) -> float:
        """Syllables that could be said while the line's first tokens are, beyond their own."""
        return max(
            self._speech.between_ms(span.start_ms, token.to_ms) / pace - self._script.weight_until(laid.line, token.end)
            for token in laid.tokens[:_FIRST_TOKENS]
        )

    def _voice(self, span: Span) -> float:
        """0 to 1: how much of a span is voice."""
        return self._speech.between_ms(span.start_ms, span.end_ms) / max(1, span.duration_ms)


def _near(one: Span, other: Span) -> bool:
    return one.start_ms - other.end_ms < _NEAR_MS and other.start_ms - one.end_ms < _NEAR_MS


def _likeness(line: str, words: Sequence[str]) -> float:
    """0 to 1: how much of a line is in the most similar of some words that are not much shorter than it."""
    if len(line) < _TELLING_SYMBOLS:
        return 0.0
    long_enough = [one for one in words if len(one) >= _SHORTER * len(line)]
    return max((fuzz.partial_ratio(line, one) / 100 for one in long_enough), default=0.0)


def _characters(length: int, laid: LaidLine, span: Span) -> tuple[tuple[int, int], ...]:
    """A time for every character, the first from the line's start, the last until its end."""
    times = fill_gaps(character_times(length, laid.tokens, 0), span.start_ms, span.end_ms)
    inside = [(max(span.start_ms, start), max(span.start_ms, end)) for start, end in times]
    inside[0] = (span.start_ms, inside[0][1])
    inside[-1] = (inside[-1][0], span.end_ms)
    return tuple(inside)
