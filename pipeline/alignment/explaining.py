"""What one window says: the text that should come next is forced into it, and what that leaves in doubt is heard.

Lines that fit surely are islands. Between them there may be lines that do not fit, and speech that no line accounts
for; only those stretches are decoded freely and compared with the lines that could be said there. Then all is forced
once more, so that every word, written or not, has its own time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.alignment.comparing import HEARD, UNHEARD, Comparison, Heard, compare
from pipeline.alignment.doubting import Doubt, find_doubts
from pipeline.alignment.judging import Candidate, SpeechMs, change_point, probability, tokens_said
from pipeline.alignment.listening import Listener
from pipeline.alignment.normalise import Normalised
from pipeline.alignment.saying import Said
from pipeline.alignment.script import Cursor, Part, Script
from pipeline.alignment.searching import search
from pipeline.alignment.whisper import Token

# How much text is tried in a window, over what should fill it, in syllables.
_SLACK, _SLACK_WEIGHT = 1.05, 3.0
# How many symbols of the lines beside a stretch may be heard in it too.
_CONTEXT = 6
# A line in whose place other words were heard is left out below these odds (natural logarithm).
_CONTRADICTED_ODDS = 2.0
# A word or two that are heard say nothing against a line: cut out of its sentence, a word is often misheard.
_TELLING_WEIGHT = 5.0
# A line that was heard for so much of it, and fits, is said, whatever of the lines before it is not.
_PROVEN = 0.5
# A line is not cut between two windows less than this many syllables from its begin or end.
_LEAST_PART = 2.0
# Every round listens to what is in doubt and forces anew.
_ROUNDS = 4
# Words nobody wrote are numbered by window: no window has so many of them.
_MOST_WORDS = 10_000

Settled = Callable[[Cursor, float | None], None]
"""Told where the script goes on; and how many syllables are said, or None where that is still in doubt."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What a window says.

    Attributes:
        said: lines and words nobody wrote, in order.
        left_out: lines before the cursor that are not said here, with the probability that they are after all.
        cursor: where the script goes on.
        heard: whether anything had to be heard.
    """

    said: tuple[Said, ...]
    left_out: tuple[tuple[Part, float], ...]
    cursor: Cursor
    heard: bool

    @property
    def weight(self) -> float:
        """Syllables said."""
        return _weight(self.said)


@dataclass
class _State:
    """A window in work: what is forced into it next, and what is known by now."""

    window: int
    cursor: Cursor
    pace: float
    plan: list[Part]
    numbers: Iterator[int]
    forced: tuple[list[str], list[list[Token]]] = field(default_factory=lambda: ([], []))
    coverage: dict[tuple[int, int], float] = field(default_factory=dict)
    left_out: dict[tuple[int, int], tuple[Part, float]] = field(default_factory=dict)
    listened: list[tuple[int, int]] = field(default_factory=list)
    resumed: _Resumed | None = None


@dataclass(frozen=True, slots=True)
class _Resumed:
    """The script was taken up again in a window, on the word of what was heard.

    Attributes:
        lines: the lines that follow.
        otherwise: the plan if none of them proves to be said.
    """

    lines: frozenset[tuple[int, int]]
    otherwise: list[Part]


class Explainer:
    """Explains windows of one episode, several at once if need be.

    Arguments:
        speech_ms: milliseconds of speech between two times of the episode.
        extra_weight: words nobody wrote count from so many syllables.
    """

    def __init__(self, script: Script, listener: Listener, speech_ms: SpeechMs, *, extra_weight: float) -> None:
        self._script, self._listener, self._speech_ms = script, listener, speech_ms
        self._extra_weight = extra_weight

    def explain(
        self,
        window: int,
        cursor: Cursor,
        pace_ms: float,
        settled: Settled = lambda cursor, weight: None,
        is_stale: Callable[[], bool] = lambda: False,
    ) -> Explained:
        """What a window says, if the script goes on at `cursor` and a syllable takes `pace_ms`.

        Arguments:
            settled: called once, as soon as nothing at the window's end is in doubt. What it is told is seldom wrong.
            is_stale: whether nobody wants the answer any more; it is any one then.
        """
        numbers = itertools.count(window * _MOST_WORDS)
        state = _State(window, cursor, pace_ms, self._ahead(cursor, self._room(window, pace_ms)), numbers)
        said = self._force(state)
        told = False
        for _ in range(_ROUNDS):
            if is_stale():
                break
            if state.resumed and not any(self._key(one.part) in state.resumed.lines for one in said):
                state.plan = state.resumed.otherwise
                said = self._force(state)
            state.resumed = None
            if self._continues(state, said):
                said = self._force(state)
                continue
            doubts = find_doubts(said, state.pace, self._speech(state), self._length(state), state.listened)
            dropped = [part for part in state.plan if part.line >= 0 and self._key(part) in state.left_out]
            if not told and not any(doubt.high == len(said) for doubt in doubts):
                told = True
                settled(self._cursor(state, said), None if doubts or state.listened else _weight(said))
            if not doubts and not dropped:
                break
            self._plan_anew(state, said, doubts)
            said = self._force(state)
        return self._result(state, said)

    # What the window holds.

    def _room(self, window: int, pace_ms: float) -> float:
        """How many syllables a window should hold."""
        span = self._listener.windows[window]
        return self._speech_ms(span.start_ms, span.end_ms) / pace_ms

    def _ahead(self, cursor: Cursor, weight: float) -> list[Part]:
        parts = self._script.ahead(cursor, weight * _SLACK + _SLACK_WEIGHT)
        return [part for part in parts if part.weight]

    def _speech(self, state: _State) -> SpeechMs:
        start = self._listener.windows[state.window].start_ms
        return lambda low, high: self._speech_ms(start + low, start + high)

    def _length(self, state: _State) -> int:
        return self._listener.windows[state.window].duration_ms

    @staticmethod
    def _key(part: Part) -> tuple[int, int]:
        return part.line, part.start

    # One round.

    def _force(self, state: _State) -> list[Said]:
        """Force the plan; what of it is said, the last line perhaps in part. Lines between that are not are noted."""
        texts = [part.text for part in state.plan]
        if texts and texts != state.forced[0]:  # What is heard confirms every other plan.
            state.forced = texts, self._listener.force(state.window, texts)
        found = state.forced[1] if texts else []
        all_said = [self._said(state, part, tuple(tokens)) for part, tokens in zip(state.plan, found, strict=True)]
        proven = [place for place, one in enumerate(all_said, 1) if one.odds > 0 and (one.coverage or 0.0) >= _PROVEN]
        count = max(change_point([one.odds for one in all_said]), *proven, 0)
        said = []
        for one in all_said[:count]:
            if one.odds > 0:
                said.append(one)
                state.left_out.pop(self._key(one.part), None)
            elif one.part.line >= 0:
                state.left_out[self._key(one.part)] = one.part, probability(one.odds)
        if said and said[-1].part.line >= 0:
            said[-1] = self._cut(state, said[-1])
        if count < len(all_said) and all_said[count].part.line >= 0 and all_said[count].tokens:
            begun = self._cut(state, all_said[count])
            if len(begun.part.text) < len(all_said[count].part.text):
                said.append(begun)
        return said

    def _said(self, state: _State, part: Part, tokens: tuple[Token, ...]) -> Said:
        return Said.of(part, tokens, state.pace, state.coverage.get(self._key(part)))

    def _cut(self, state: _State, one: Said) -> Said:
        """A line as far as it is said before the window ends."""
        count = tokens_said(Candidate(one.part.weight, one.tokens), state.pace)
        if count in (0, len(one.tokens)):
            return one
        tokens = one.tokens[:count]
        head, _ = self._script.cut(one.part, tokens[-1].end)
        begun = Candidate(max(1.0, head.weight), tokens)
        return Said(head, tokens, begun.odds(state.pace), begun.share_of_time(state.pace), one.coverage)

    def _continues(self, state: _State, said: Sequence[Said]) -> bool:
        """Whether the window has room for more than was tried; then more is."""
        if not said or not state.plan or self._key(said[-1].part) != self._key(state.plan[-1]):
            return False
        last = said[-1]
        loose = self._speech(state)(last.tokens[-1].to_ms, self._length(state)) / state.pace
        more = self._ahead(self._after(last.part), loose) if last.part.line >= 0 else []
        if len(last.part.text) < len(state.plan[-1].text) or not more or loose < _SLACK_WEIGHT:
            return False
        state.plan += more
        return True

    def _after(self, part: Part) -> Cursor:
        whole = part.end >= len(self._script.texts[part.line])
        return Cursor(part.line + 1) if whole else Cursor(part.line, part.end)

    # What becomes of what is in doubt.

    def _plan_anew(self, state: _State, said: Sequence[Said], doubts: Sequence[Doubt]) -> None:
        """Listen to every doubt and put the plan together again, from the last one to the first."""
        plan = [self._whole(state, one) for one in said]
        tail: list[Part] = []
        end = len(said)
        pieces: list[list[Part]] = []
        doubts = sorted(doubts, key=lambda one: (-one.low, -one.high))
        for doubt, heard in zip(doubts, self._hear(state, doubts), strict=True):
            if doubt.low == doubt.high:
                pieces.append([*self._inside(state, said[doubt.low], doubt, heard), *plan[doubt.low + 1 : end]])
                end = doubt.low
            elif doubt.high == len(said):
                tail = self._trailing(state, said, doubt, heard)
                end = doubt.low + 1
            else:
                pieces.append([*self._between(state, said, doubt, heard), *plan[doubt.high : end]])
                end = doubt.low + 1
        state.plan = [*plan[:end], *itertools.chain.from_iterable(reversed(pieces)), *tail]
        last = state.plan[-1] if state.plan else None
        if not tail and last is not None and last.line >= 0:
            # Text that follows keeps the last line from lasting until the window's end.
            state.plan += self._ahead(self._after(last), 0.0)

    def _whole(self, state: _State, one: Said) -> Part:
        """The part that was forced, of which `one` may be the beginning."""
        return next(part for part in state.plan if self._key(part) == self._key(one.part))

    def _hear(self, state: _State, doubts: Sequence[Doubt]) -> list[Heard]:
        start = self._listener.windows[state.window].start_ms
        state.listened += [(doubt.start_ms, doubt.end_ms) for doubt in doubts]
        return self._listener.hear(state.window, [(start + one.start_ms, start + one.end_ms) for one in doubts])

    def _inside(self, state: _State, one: Said, doubt: Doubt, heard: Heard) -> list[Part]:
        """A line with what is said in its middle and not written."""
        at = next((token.start for token in one.tokens if token.to_ms > doubt.end_ms), len(one.part.text))
        if not 0 < at < len(one.part.text):
            return [one.part]
        head, rest = self._script.cut(one.part, at)
        lines = [_tail(head.normalised), _head(rest.normalised)]
        found = compare(lines, heard, least_weight=self._extra_weight, settled=frozenset((0, 1)))
        words = [self._words(state, one.text) for one in found.unwritten]
        return [head, *words, rest] if words else [one.part]

    def _between(self, state: _State, said: Sequence[Said], doubt: Doubt, heard: Heard) -> list[Part]:
        """What is said between two islands: the lines that were heard there, and words nobody wrote."""
        first = self._before(said, doubt.low)
        last = self._behind(said, doubt.high)
        start = self._after_words(said, doubt.low, state.cursor)
        high = next((one.part for one in said[doubt.high :] if one.part.line >= 0), None)
        end = Cursor(high.line, high.start) if high else start
        parts = [part for part in self._script.between(start, end) if part.weight]
        odds = {self._key(one.part): one.odds if one.timely else 0.0 for one in said}

        def compared(lines: Sequence[Part]) -> Comparison:
            return compare(
                [first, *(part.normalised for part in lines), last],
                heard,
                least_weight=self._extra_weight,
                settled=frozenset((0, len(lines) + 1)),
            )

        coverage = compared(parts).coverage[1:]
        kept = [
            part
            for part, share in zip(parts, coverage, strict=False)
            if self._keeps(state, part, share, odds.get(self._key(part), -1.0), heard)
        ]
        # Words that had something in common with a line that is not said belong to what nobody wrote; and words for
        # which the lines that are said leave no room are those lines, misheard.
        room = self._speech(state)(doubt.start_ms, doubt.end_ms) / state.pace - sum(part.weight for part in kept)
        if room < self._extra_weight:
            return kept
        words = self._unwritten(state, compared(kept))
        result = words[0]
        for place, part in enumerate(kept, 1):
            result += [*words[place], part]
        return result + words[len(kept) + 1] + words[len(kept) + 2]

    def _before(self, said: Sequence[Said], place: int) -> Normalised:
        """The end of a line; nothing at the window's edge."""
        return _tail(said[place].part.normalised) if place >= 0 else _NOTHING

    def _behind(self, said: Sequence[Said], place: int) -> Normalised:
        """The begin of a line; nothing at the window's edge."""
        return _head(said[place].part.normalised) if place < len(said) else _NOTHING

    def _keeps(self, state: _State, part: Part, coverage: float, odds: float, heard: Heard) -> bool:
        """Whether a line between two islands is forced again after something was heard there, or nothing was.

        Its odds are 0 where it does not have the time to be said: then it has to be heard.
        """
        telling = heard.weight >= _TELLING_WEIGHT
        contradicted = telling and coverage < UNHEARD
        if telling or coverage >= HEARD:
            state.coverage[self._key(part)] = coverage
        kept = coverage >= HEARD or (odds > 0 and not contradicted) or odds > _CONTRADICTED_ODDS
        if not kept:
            state.left_out[self._key(part)] = part, max(coverage, probability(odds - _CONTRADICTED_ODDS))
        return kept

    def _trailing(self, state: _State, said: Sequence[Said], doubt: Doubt, heard: Heard) -> list[Part]:
        """What is said from the last island to the window's end: where the script goes on, and what comes before."""
        start = self._after_words(said, doubt.low, state.cursor)
        found = search(self._script, start, self._before(said, doubt.low), heard, least_weight=self._extra_weight)
        if found is None:
            return self._lost(state, said, doubt, heard)
        parts, coverage, place = found.parts, found.coverage, found.place
        for part, value in zip(parts[:place], coverage, strict=False):
            state.left_out[self._key(part)] = part, value
        words = self._unwritten(state, found.comparison)
        before = list(itertools.chain.from_iterable(words[at] for at in range(place + 2)))
        room = (doubt.end_ms - doubt.start_ms) / state.pace - sum(part.weight for part in before)
        # Lines that are not said take none of the room: as far as anything was heard, all are tried.
        last = max(at for at, share in enumerate(coverage) if at == place or share >= HEARD)
        room = max(room, sum(part.weight for part in parts[place : last + 1]))
        result = list(before)
        for at, part in enumerate(self._ahead(Cursor(parts[place].line, parts[place].start), room), place):
            result += words[at + 1] if at > place else []
            result.append(part)
            if at < len(parts) and coverage[at] >= HEARD:
                state.coverage[self._key(part)] = coverage[at]
        head = [self._whole(state, one) for one in said[: doubt.low + 1]]
        otherwise = head + ([self._words(state, heard.text)] if heard.weight >= self._extra_weight else [])
        state.resumed = _Resumed(frozenset(self._key(part) for part in result if part.line >= 0), otherwise)
        return result

    def _lost(self, state: _State, said: Sequence[Said], doubt: Doubt, heard: Heard) -> list[Part]:
        """Nothing of the script was heard to the window's end: lines that fit all the same, or words nobody wrote."""
        unsure = [self._whole(state, one) for one in said[doubt.low + 1 :]]
        contradicted = heard.weight >= max(self._extra_weight, sum(part.weight for part in unsure) / 2)
        if unsure and not contradicted:
            return unsure
        for part in unsure:
            state.coverage[self._key(part)] = 0.0
        return [*unsure, self._words(state, heard.text)] if contradicted else []

    def _after_words(self, said: Sequence[Said], place: int, cursor: Cursor) -> Cursor:
        """Where the script stands after one of the things said, or after the last line of the script before it."""
        line = next((said[at].part for at in range(place, -1, -1) if said[at].part.line >= 0), None)
        return cursor if line is None else self._after(line)

    def _unwritten(self, state: _State, found: Comparison) -> dict[int, list[Part]]:
        """Words nobody wrote, by the line that they stand before."""
        words: dict[int, list[Part]] = defaultdict(list)
        for one in found.unwritten:
            words[one.line if one.at == 0 else one.line + 1].append(self._words(state, one.text))
        return words

    def _words(self, state: _State, text: str) -> Part:
        return self._script.words(~next(state.numbers), text)

    # The end.

    def _cursor(self, state: _State, said: Sequence[Said]) -> Cursor:
        """Where the script goes on after what is said."""
        last = next((one.part for one in reversed(said) if one.part.line >= 0), None)
        return state.cursor if last is None else self._script.cursor(last.line, last.end, _LEAST_PART)

    def _result(self, state: _State, said: Sequence[Said]) -> Explained:
        cursor = self._cursor(state, said)
        said = [one.together(state.pace, self._speech(state)) for one in said]
        taken = {self._key(one.part) for one in said}
        left_out = [
            (part, value)
            for key, (part, value) in state.left_out.items()
            if key not in taken and Cursor(part.line, part.start) < cursor
        ]
        return Explained(tuple(said), tuple(left_out), cursor, bool(state.listened))


_NOTHING = Normalised("", ())


def _weight(said: Sequence[Said]) -> float:
    return sum(one.part.weight for one in said)


def _tail(text: Normalised) -> Normalised:
    return Normalised(text.symbols[-_CONTEXT:], text.spans[-_CONTEXT:])


def _head(text: Normalised) -> Normalised:
    return Normalised(text.symbols[:_CONTEXT], text.spans[:_CONTEXT])
