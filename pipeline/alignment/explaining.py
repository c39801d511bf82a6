"""What one window says: the text that should come next is forced into it, and what that leaves in doubt is heard.

Lines that fit surely are islands. Between them there may be lines that do not fit, and speech that no line accounts
for; only those stretches are decoded freely and compared with the lines that could be said there. Then all is forced
once more, so that every word, written or not, has its own time.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.alignment.comparing import HEARD, UNHEARD, Comparison, Heard, compare
from pipeline.alignment.judging import Candidate, change_point, loose_speech, probability, tokens_said
from pipeline.alignment.listening import Listener
from pipeline.alignment.normalise import Normalised
from pipeline.alignment.script import Cursor, Part, Script
from pipeline.alignment.whisper import Token

# How much text is tried in a window, over what should fill it, in syllables.
_SLACK, _SLACK_WEIGHT = 1.15, 5.0
# A line is an island from these odds on (natural logarithm; 9 to 1), if its time is between these shares of the
# expected one: a line that is said later is likely, as text, where it is squeezed in too early, too.
_SURE_ODDS = 2.2
_SURE_SHARES = 0.5, 2.2
# What hearing all of a line, or hearing other words in its place, adds to its odds.
_HEARD_ODDS, _UNHEARD_ODDS, _ODDS_PER_COVERAGE, _EVEN_COVERAGE = 3.0, -2.0, 6.0, 0.3
# What is heard without being told is a proof of its own, however badly the written words fit.
_ODDS_OF_HEARD, _MOSTLY_HEARD = 8.0, 0.4
_DOUBTFUL_ODDS = 0.1
# How many symbols of the lines beside a stretch may be heard in it too.
_CONTEXT = 6
# A word of a line that stands apart from the others, by so many tokens from its begin, or by one from its end, was
# drawn there by words nobody wrote.
_FIRST_TOKENS, _LAST_TOKENS = 2, 1
# Less speech than this is not worth hearing.
_LEAST_SPEECH_MS = 300
# How far ahead the words of a lost stretch are looked for, in syllables over their own number; the last one is a
# quarter of an hour. A place where so large a share of them matches ends the search; a farther one must match more of
# them by a share. The least that must match is a share and a number of syllables, and more where much is passed over.
_SEARCH = (20.0, 150.0, 3000.0)
_CONVINCING, _FARTHER = 0.6, 0.15
_LEAST_SHARE, _LEAST_PROOF = 0.25, 3.0
_NEAR, _FAR_SHARE, _FAR_PROOF = 20.0, 0.6, 6.0
# Every round listens to what is in doubt and forces anew.
_ROUNDS = 4

SpeechMs = Callable[[int, int], int]


@dataclass(frozen=True, slots=True)
class Said:
    """A line, part of one, or words nobody wrote (their line is negative), as it was forced into the window.

    Attributes:
        part: the text.
        tokens: their times begin with the window.
        odds: natural logarithm of the odds that it is said there.
        share: its time over the expected one.
        coverage: 0 to 1, how much of it was heard; None where nobody listened.
    """

    part: Part
    tokens: tuple[Token, ...]
    odds: float
    share: float
    coverage: float | None

    @property
    def sure(self) -> bool:
        """Whether it needs no further proof."""
        settled = self.part.line < 0 or self.coverage is not None
        return settled or (self.odds >= _SURE_ODDS and _SURE_SHARES[0] <= self.share <= _SURE_SHARES[1])


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


@dataclass
class _State:
    """A window in work: what is forced into it next, and what is known by now."""

    window: int
    cursor: Cursor
    pace: float
    plan: list[Part]
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


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A stretch to hear: between two places among the lines said (-1, and their number, at the window's edges).

    Attributes:
        low, high: the lines said before and after it; the same for one inside a line.
        start_ms, end_ms: from the window's start.
    """

    low: int
    high: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class _Found:
    """Where the script may go on: the lines compared (after one before them), the first one heard, and by how much."""

    parts: list[Part]
    comparison: Comparison
    place: int
    proof: float


class Explainer:
    """Explains windows of one episode.

    Arguments:
        speech_ms: milliseconds of speech between two times of the episode.
        extra_weight: words nobody wrote count from so many syllables.
    """

    def __init__(self, script: Script, listener: Listener, speech_ms: SpeechMs, *, extra_weight: float) -> None:
        self._script, self._listener, self._speech_ms = script, listener, speech_ms
        self._extra_weight = extra_weight
        self._numbers = itertools.count()

    def explain(self, window: int, cursor: Cursor, pace_ms: float) -> Explained:
        """What a window says, if the script goes on at `cursor` and a syllable takes `pace_ms`."""
        state = _State(window, cursor, pace_ms, self._ahead(cursor, self._room(window, pace_ms)))
        said = self._force(state)
        for _ in range(_ROUNDS):
            if state.resumed and not any(self._key(one.part) in state.resumed.lines for one in said):
                state.plan = state.resumed.otherwise
                said = self._force(state)
            state.resumed = None
            if self._continues(state, said):
                said = self._force(state)
                continue
            doubts = self._doubts(state, said)
            dropped = [part for part in state.plan if part.line >= 0 and self._key(part) in state.left_out]
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
        found = self._listener.force(state.window, [part.text for part in state.plan]) if state.plan else []
        all_said = [self._said(state, part, tuple(tokens)) for part, tokens in zip(state.plan, found, strict=True)]
        count = change_point([one.odds for one in all_said])
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
        candidate = Candidate(part.weight, tokens)
        odds, share = candidate.odds(state.pace), candidate.share_of_time(state.pace) if tokens else 0.0
        coverage = state.coverage.get(self._key(part))
        if coverage is not None:
            odds = self._odds_of_heard(odds, share, coverage)
        return Said(part, tokens, odds, share, coverage)

    @staticmethod
    def _odds_of_heard(odds: float, share: float, coverage: float) -> float:
        """The odds of a line, from how it fitted, its share of the expected time and how much of it was heard."""
        odds += max(_UNHEARD_ODDS, min(_HEARD_ODDS, _ODDS_PER_COVERAGE * (coverage - _EVEN_COVERAGE)))
        odds = max(odds, _ODDS_OF_HEARD * (coverage - _MOSTLY_HEARD))
        # Heard in part and with the time to be said: a person should look, but something like it is there.
        return max(odds, _DOUBTFUL_ODDS) if coverage >= UNHEARD and _SURE_SHARES[0] <= share else odds

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

    # What is in doubt.

    def _doubts(self, state: _State, said: Sequence[Said]) -> list[_Doubt]:
        islands = [place for place, one in enumerate(said) if one.sure]
        spans: dict[tuple[int, int], tuple[int, int]] = {}

        def add(low: int, high: int, start: int | None = None, end: int | None = None) -> None:
            edges = self._edges(state, said, low, high)
            own = edges[0] if start is None else start, edges[1] if end is None else end
            known = spans.get((low, high), own)
            spans[low, high] = min(own[0], known[0]), max(own[1], known[1])

        for place, one in enumerate(said):
            if not one.sure:
                add(*_around(islands, place - 1, place + 1, len(said)))
        candidates = [Candidate(one.part.weight, one.tokens) for one in said]
        for place, at, start, end in loose_speech(candidates, state.pace, self._speech(state), self._length(state)):
            if place == len(said) or at <= _FIRST_TOKENS:
                add(*_around(islands, place - 1, place, len(said)), end=end)
            elif at >= len(said[place].tokens) - _LAST_TOKENS:
                add(*_around(islands, place, place + 1, len(said)), start=start)
            elif said[place].sure:
                add(place, place, start, end)
        return [
            _Doubt(low, high, start, end)
            for (low, high), (start, end) in sorted(spans.items())
            if self._speech(state)(start, end) >= _LEAST_SPEECH_MS and not _covered((start, end), state.listened)
        ]

    def _edges(self, state: _State, said: Sequence[Said], low: int, high: int) -> tuple[int, int]:
        """From when until when what lies between two lines is said."""
        start = said[low].tokens[-1].to_ms if low >= 0 else 0
        end = round(said[high].tokens[0].to_ms - state.pace) if high < len(said) else self._length(state)
        return start, max(start, end)

    # What becomes of it.

    def _plan_anew(self, state: _State, said: Sequence[Said], doubts: Sequence[_Doubt]) -> None:
        """Listen to every doubt and put the plan together again, from the last one to the first."""
        plan = [self._whole(state, one) for one in said]
        tail: list[Part] = []
        end = len(said)
        pieces: list[list[Part]] = []
        for doubt in sorted(doubts, key=lambda one: (-one.low, -one.high)):
            heard = self._hear(state, doubt)
            if doubt.low == doubt.high:
                pieces.append([*self._inside(said[doubt.low], doubt, heard), *plan[doubt.low + 1 : end]])
                end = doubt.low
            elif doubt.high == len(said):
                tail = self._trailing(state, said, doubt, heard)
                end = doubt.low + 1
            else:
                pieces.append([*self._between(state, said, doubt, heard), *plan[doubt.high : end]])
                end = doubt.low + 1
        state.plan = [*plan[:end], *itertools.chain.from_iterable(reversed(pieces)), *tail]

    def _whole(self, state: _State, one: Said) -> Part:
        """The part that was forced, of which `one` may be the beginning."""
        return next(part for part in state.plan if self._key(part) == self._key(one.part))

    def _hear(self, state: _State, doubt: _Doubt) -> Heard:
        start = self._listener.windows[state.window].start_ms
        state.listened.append((doubt.start_ms, doubt.end_ms))
        return self._listener.hear(state.window, start + doubt.start_ms, start + doubt.end_ms)

    def _inside(self, one: Said, doubt: _Doubt, heard: Heard) -> list[Part]:
        """A line with what is said in its middle and not written."""
        at = next((token.start for token in one.tokens if token.to_ms > doubt.end_ms), len(one.part.text))
        if not 0 < at < len(one.part.text):
            return [one.part]
        head, rest = self._script.cut(one.part, at)
        lines = [_tail(head.normalised), _head(rest.normalised)]
        found = compare(lines, heard, least_weight=self._extra_weight, settled=frozenset((0, 1)))
        words = [self._words(one.text) for one in found.unwritten]
        return [head, *words, rest] if words else [one.part]

    def _between(self, state: _State, said: Sequence[Said], doubt: _Doubt, heard: Heard) -> list[Part]:
        """What is said between two islands: the lines that were heard there, and words nobody wrote."""
        first = self._before(said, doubt.low)
        last = self._behind(said, doubt.high)
        start = self._after_words(said, doubt.low, state.cursor)
        high = next((one.part for one in said[doubt.high :] if one.part.line >= 0), None)
        end = Cursor(high.line, high.start) if high else start
        parts = [part for part in self._script.between(start, end) if part.weight]
        odds = {self._key(one.part): one.odds for one in said}

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
        # Words that had something in common with a line that is not said belong to what nobody wrote.
        words = self._unwritten(compared(kept))
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
        """Whether a line between two islands is forced again after something was heard there."""
        contradicted = heard.weight >= self._extra_weight and coverage < UNHEARD
        if heard.weight:
            state.coverage[self._key(part)] = coverage
        kept = coverage >= HEARD or (odds > 0 and not contradicted) or odds > -_UNHEARD_ODDS
        if not kept:
            state.left_out[self._key(part)] = part, max(coverage, probability(odds + _UNHEARD_ODDS))
        return kept

    def _trailing(self, state: _State, said: Sequence[Said], doubt: _Doubt, heard: Heard) -> list[Part]:
        """What is said from the last island to the window's end: where the script goes on, and what comes before."""
        start = self._after_words(said, doubt.low, state.cursor)
        found = self._search(start, self._before(said, doubt.low), heard)
        if found is None:
            return self._lost(state, said, doubt, heard)
        parts, coverage, place = found.parts, found.comparison.coverage[1:], found.place
        for part, value in zip(parts[:place], coverage, strict=False):
            state.left_out[self._key(part)] = part, value
        words = self._unwritten(found.comparison)
        before = list(itertools.chain.from_iterable(words[at] for at in range(place + 2)))
        room = (doubt.end_ms - doubt.start_ms) / state.pace - sum(part.weight for part in before)
        result = list(before)
        for at, part in enumerate(self._ahead(Cursor(parts[place].line, parts[place].start), max(0.0, room)), place):
            result += words[at + 1] if at > place else []
            result.append(part)
            if at < len(parts) and coverage[at] >= HEARD:
                state.coverage[self._key(part)] = coverage[at]
        head = [self._whole(state, one) for one in said[: doubt.low + 1]]
        otherwise = head + ([self._words(heard.text)] if heard.weight >= self._extra_weight else [])
        state.resumed = _Resumed(frozenset(self._key(part) for part in result if part.line >= 0), otherwise)
        return result

    def _search(self, start: Cursor, before: Normalised, heard: Heard) -> _Found | None:
        """Where the script goes on with what was heard: as near as it is convincing, or where most of it matches."""
        best: _Found | None = None
        for reach in _SEARCH:
            parts = [part for part in self._script.ahead(start, heard.weight + reach) if part.weight]
            if best and len(parts) == len(best.parts):
                break
            lines = [before, *(part.normalised for part in parts)]
            comparison = compare(lines, heard, least_weight=self._extra_weight, settled=frozenset((0,)))
            shares = comparison.coverage[1:]
            for place, share in enumerate(shares):
                proof = _proof(parts[place:], shares[place:], heard.weight) if share >= HEARD else 0.0
                if _enough(proof / max(1.0, heard.weight), proof, share, sum(part.weight for part in parts[:place])):
                    if best is None or proof > best.proof + _FARTHER * heard.weight:
                        best = _Found(parts, comparison, place, proof)
                    break
            if best and best.proof >= _CONVINCING * heard.weight:
                break
        return best

    def _lost(self, state: _State, said: Sequence[Said], doubt: _Doubt, heard: Heard) -> list[Part]:
        """Nothing of the script was heard to the window's end: lines that fit all the same, or words nobody wrote."""
        unsure = [self._whole(state, one) for one in said[doubt.low + 1 :]]
        contradicted = heard.weight >= max(self._extra_weight, sum(part.weight for part in unsure) / 2)
        if unsure and not contradicted:
            return unsure
        for part in unsure:
            state.coverage[self._key(part)] = 0.0
        return [*unsure, self._words(heard.text)] if contradicted else []

    def _after_words(self, said: Sequence[Said], place: int, cursor: Cursor) -> Cursor:
        """Where the script stands after one of the lines said, or the last line before it if it is not of the script."""
        line = next((said[at].part for at in range(place, -1, -1) if said[at].part.line >= 0), None)
        return cursor if line is None else self._after(line)

    def _unwritten(self, found: Comparison) -> dict[int, list[Part]]:
        """Words nobody wrote, by the line that they stand before."""
        words: dict[int, list[Part]] = defaultdict(list)
        for one in found.unwritten:
            words[one.line if one.at == 0 else one.line + 1].append(self._words(one.text))
        return words

    def _words(self, text: str) -> Part:
        return self._script.words(~next(self._numbers), text)

    # The end.

    def _result(self, state: _State, said: Sequence[Said]) -> Explained:
        last = next((one.part for one in reversed(said) if one.part.line >= 0), None)
        cursor = state.cursor if last is None else self._script.cursor(last.line, last.end, _LEAST_PART)
        taken = {self._key(one.part) for one in said}
        left_out = [
            (part, value)
            for key, (part, value) in state.left_out.items()
            if key not in taken and Cursor(part.line, part.start) < cursor
        ]
        return Explained(tuple(said), tuple(left_out), cursor, bool(state.listened))


# A line is not cut between two windows less than this many syllables from its begin or end.
_LEAST_PART = 2.0


def _enough(share: float, proof: float, coverage: float, skipped: float) -> bool:
    """Whether enough was heard to take the script up at a line.

    Arguments:
        share: 0 to 1, how much of what was heard is in the script from that line on.
        proof: the same in syllables.
        coverage: 0 to 1, how much of the line was heard.
        skipped: how much of the script is passed over, in syllables.
    """
    if skipped > _NEAR:
        return share >= _FAR_SHARE and proof >= _FAR_PROOF
    return proof >= _LEAST_PROOF and (share >= _LEAST_SHARE or coverage >= _FAR_SHARE)


def _proof(parts: Sequence[Part], coverage: Sequence[float], room: float) -> float:
    """How many syllables were heard of the lines that can be said in the time of `room` syllables, and some more."""
    proof = total = 0.0
    for part, share in zip(parts, coverage, strict=True):
        if total > room * _SLACK:
            break
        total += part.weight
        proof += part.weight * share
    return proof


_NOTHING = Normalised("", ())


def _tail(text: Normalised) -> Normalised:
    return Normalised(text.symbols[-_CONTEXT:], text.spans[-_CONTEXT:])


def _head(text: Normalised) -> Normalised:
    return Normalised(text.symbols[:_CONTEXT], text.spans[:_CONTEXT])


def _around(islands: Sequence[int], after: int, before: int, count: int) -> tuple[int, int]:
    """The last island up to place `after` and the first one from place `before` on."""
    low = max((place for place in islands if place <= after), default=-1)
    high = min((place for place in islands if place >= before and place > low), default=count)
    return low, high


def _covered(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    """Whether most of a span lies in others."""
    common = sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in others)
    return common >= 0.6 * (span[1] - span[0])
