"""Re-cutting: the translation of a sentence is put on the times of the lines that it translates.

One dynamic programme a unit chooses both the places where the text is cut and the moments when each part comes.
A state is (pieces shown so far, moment of the next cue); a step is one cue. The cost of a cue adds up how well it
can be read, how good its rows and its end are, and how far it comes from the words that it translates.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.errors import InputError
from pipeline.languages import Language, Profile
from pipeline.subtitles.breaks import CLAUSE, NEVER, SENTENCE, pieces
from pipeline.subtitles.display import count, needed_ms
from pipeline.subtitles.rows import Layout, Typesetter
from pipeline.subtitles.slip import slip
from pipeline.subtitles.speech import Speech, speech_of
from pipeline.subtitles.timing import Wanted, settle
from pipeline.track import Cue, Track

if TYPE_CHECKING:
    from pipeline.translation.units import TranslatedUnit

# Costs are in the unit of breaks.py, where a plain break between words is 11 and one that must not be is 70.
_CUE = 4.0  # every cue makes the eye jump
_ROWS = 2.0  # a second row covers more of the picture
_TOO_FAST = 120.0  # text twice as fast as the profile allows
_FAST_AT_ALL = 6.0  # and a step at the limit, so that nothing passes it for a trifle
_BORROWED = 12.0  # each second that its neighbours must lend
_TOO_SHORT = 60.0  # a cue of no duration
_TOO_LONG = 60.0  # a cue twice as long as allowed
_LATE = 9.0  # a second from where its words are spoken, rising with the square
_LATE_FREE_MS = 400  # proportion says no more exactly than this where they are spoken
_STRADDLES = 10.0  # the end of one sentence and the beginning of the next
_TAIL = 5.0  # the end of one clause, begun in the cue before, and more
_AHEAD = 1.5  # each second that the last line in a cue is said after the cue comes: the viewer reads ahead of the voice
_INSIDE_LINE = 10.0  # to come while a line is being spoken
_FROM_LINE = 9.0  # and for each second since that line's start
_SCRAP = 12.0  # a cue of nearly nothing, as a last word alone
_PAUSE = 10.0  # to stay over a second of silence between two lines of the unit
_NEAR_MS = 2500  # line starts further than this from where the words are spoken are not tried
_SAME_MS = 150


@dataclass(frozen=True, slots=True)
class _Part:
    """A cue of a unit, before its times are settled."""

    start_ms: int
    speech_end_ms: int
    text: str


Parts = dict[Hashable, "tuple[_Part, ...]"]
"""Cues of units before their times are settled, by all that they depend on: kept by who asks again and again."""


def translated_track(alignment: Alignment, units: Sequence[TranslatedUnit], language: Language) -> Track:
    """The track of a translation: each unit's text on the times of its lines, as cues that can be read.

    Cues join or divide caption lines, never units. A cue keeps to the profile's rows, row length, durations and
    gap; it may stay up to `linger_ms` after the speech if it must to be read. Where the time is too short for the
    text, all of the text is shown all the same, and `check` finds it. A unit of unspoken lines, or without text,
    gets no cue. Cues that a person made stand as they are, and their neighbours make room.

    Raises:
        InputError: a unit names a line that the alignment does not have, or the units are not in order; or the
            media is too short to show the cues at all.
    """
    cues = translated_cues(alignment, units, language)
    return Track(language.tag, tuple(itertools.chain.from_iterable(cues)))


def translated_cues(
    alignment: Alignment, units: Sequence[TranslatedUnit], language: Language, *, known: Parts | None = None
) -> list[tuple[Cue, ...]]:
    """The cues of each unit, as `translated_track` puts them one after the other.

    Arguments:
        known: what was found out before; what is new is added to it.

    Raises:
        InputError: as `translated_track`.
    """
    _check_order(units, len(alignment.lines))
    profile = language.profile
    parts: list[_Part] = []
    counts = [0] * len(units)
    starts = [_start(alignment, unit) for unit in units]
    memory: Parts = {} if known is None else known
    for place, unit in enumerate(units):
        start = starts[place]
        if start is None or not unit.text.strip():
            continue
        after = (starts[n] for n in range(place + 1, len(units)) if starts[n] is not None and units[n].text.strip())
        until = next(after, None)
        until = alignment.duration_ms + profile.gap_ms if until is None else until
        lines = alignment.lines[unit.first : unit.last + 1]
        key = (language.tag, unit.text, max(until, start), lines)
        if key not in memory:
            memory[key] = tuple(_unit_parts(lines, unit.text, max(until, start), language))
        counts[place] = len(memory[key])
        parts.extend(memory[key])
    wanted = [Wanted(p.start_ms, p.speech_end_ms, needed_ms(count(p.text, profile), profile)) for p in parts]
    times = settle(slip(wanted, profile, alignment.duration_ms), profile, alignment.duration_ms)
    cues = iter([Cue(start, end, part.text) for part, (start, end) in zip(parts, times, strict=True)])
    found = [tuple(itertools.islice(cues, number)) for number in counts]
    return make_room(found, [unit.cues for unit in units], profile.gap_ms)


def make_room(found: Sequence[tuple[Cue, ...]], fixed: Sequence[tuple[Cue, ...]], gap_ms: int) -> list[tuple[Cue, ...]]:
    """The cues of each unit, those that people made in their places; neighbours end earlier or start later for them.

    A neighbour that would be left without time keeps a millisecond beside them: it is found by `check`, not lost.
    """
    result = [own or cues for cues, own in zip(found, fixed, strict=True)]
    for place, own in enumerate(fixed):
        if not own:
            continue
        for before in range(place - 1, -1, -1):
            if fixed[before] or not result[before] or result[before][-1].end_ms <= own[0].start_ms - gap_ms:
                break
            result[before] = tuple(_ended(cue, own[0].start_ms - gap_ms) for cue in result[before])
        for after in range(place + 1, len(result)):
            if fixed[after] or not result[after] or result[after][0].start_ms >= own[-1].end_ms + gap_ms:
                break
            result[after] = tuple(_begun(cue, own[-1].end_ms + gap_ms) for cue in result[after])
    return result


def _ended(cue: Cue, limit: int) -> Cue:
    end = max(1, min(cue.end_ms, limit))
    return Cue(min(cue.start_ms, end - 1), end, cue.text)


def _begun(cue: Cue, limit: int) -> Cue:
    start = max(cue.start_ms, limit)
    return Cue(start, max(cue.end_ms, start + 1), cue.text)


def _start(alignment: Alignment, unit: TranslatedUnit) -> int | None:
    """When the first spoken line of a unit starts."""
    spoken = (line.start_ms for line in alignment.lines[unit.first : unit.last + 1] if line.end_ms is not None)
    return next((start for start in spoken if start is not None), None)


def _check_order(units: Sequence[TranslatedUnit], lines: int) -> None:
    after = 0
    for unit in units:
        if not after <= unit.first <= unit.last < lines:
            raise InputError(
                f"The translation of lines {unit.first + 1}-{unit.last + 1} does not fit {lines} lines.",
                remedy="The transcript changed after it was translated: run `zimu translate` again.",
            )
        after = unit.last + 1


def _unit_parts(lines: Sequence[AlignedLine], text: str, until_ms: int, language: Language) -> Iterator[_Part]:
    """The parts of a unit's text on its lines, if anything of it can be seen."""
    setter = Typesetter(pieces(text, language), language.profile.max_chars)
    if not setter.pieces:
        return
    ends = enumerate(setter.pieces[:-1], start=1)
    whole = setter.position(len(setter.pieces))
    clauses = [setter.position(place) / whole for place, piece in ends if piece.cost <= CLAUSE]
    speech = speech_of(lines, text, clauses)
    if speech is not None:
        yield from _cut(setter, speech, until_ms, language.profile)


def _cut(setter: Typesetter, speech: Speech, until_ms: int, profile: Profile) -> Iterator[_Part]:
    """The parts of one unit, shown from its first line's start; the next unit starts at `until_ms`."""
    programme = _Programme(setter, speech, until_ms, profile)
    steps = programme.solve(lowest_only=True) or programme.solve(lowest_only=False) or programme.squeezed()
    for step, (start, end) in steps:
        yield _Part(start, speech.end_before(end), setter.text(step))


_Steps = list[tuple[Layout, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _State:
    """The best way to have shown so many pieces by a moment."""

    cost: float
    layout: Layout | None = None
    before: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Programme:
    """The dynamic programme of one unit."""

    setter: Typesetter
    speech: Speech
    until_ms: int
    profile: Profile
    _layouts: dict[tuple[int, int], Layout | None] = field(default_factory=dict, repr=False)

    def solve(self, *, lowest_only: bool) -> _Steps:
        """The cues as (layout, (start_ms, start_ms of the next)); none where the limits leave no way.

        `lowest_only`: cut only where a cue may end; else anywhere.
        """
        ends = self._ends(lowest_only)
        moments = {place: self._moments(place) for place in ends}
        best: dict[int, dict[int, _State]] = {0: {self.speech.starts[0]: _State(0.0)}}
        for number, past in enumerate(ends[1:], start=1):
            states: dict[int, _State] = {}
            for first in reversed(ends[:number]):
                layout = self._layout(first, past)
                if layout is None:
                    break
                self._step(best.get(first, {}), first, past, layout, moments[past], states)
            best[past] = states
        return self._walk_back(best)

    def squeezed(self) -> _Steps:
        """The text in as few cues as hold it, evenly over the time there is: nobody can read it anyway."""
        start = self.speech.starts[0]
        parts: list[tuple[int, int]] = []
        first, total = 0, len(self.setter.pieces)
        while first < total:
            past = first + 1
            while past < total and self._layout(first, past + 1) is not None:
                past += 1
            parts.append((first, past))
            first = past
        room = max(0, self.until_ms - start)
        borders = [start + room * place // len(parts) for place in range(len(parts) + 1)]
        layouts = [self._layout(*part) or Layout((part,), 0.0) for part in parts]
        return [(layout, (borders[i], borders[i + 1])) for i, layout in enumerate(layouts)]

    def _ends(self, lowest_only: bool) -> list[int]:
        found = self.setter.pieces
        inner = [i for i in range(1, len(found)) if not lowest_only or found[i - 1].cost < NEVER]
        return [0, *inner, len(found)]

    def _layout(self, first: int, past: int) -> Layout | None:
        key = (first, past)
        if key not in self._layouts:
            self._layouts[key] = self.setter.lay_out(first, past, self.profile.max_lines)
        return self._layouts[key]

    def _moments(self, place: int) -> Mapping[int, float]:
        """The moments when a cue may start with this piece, and what each costs."""
        total = len(self.setter.pieces)
        if place in (0, total):
            return {self.speech.starts[0] if place == 0 else self.until_ms: 0.0}
        due = self.speech.time(self.setter.position(place) / self.setter.position(total))
        moments = {
            start: _LATE * (max(0, abs(start - due) - _LATE_FREE_MS) / 1000) ** 2
            for start in self.speech.starts[1:]
            if abs(start - due) <= _NEAR_MS
        }
        starts = self.speech.starts
        since = due - starts[bisect.bisect_right(starts, due) - 1]
        if all(abs(start - due) > _SAME_MS for start in moments):
            moments[due] = _INSIDE_LINE + _FROM_LINE * since / 1000
        return moments

    def _step(
        self,
        states: Mapping[int, _State],
        first: int,
        past: int,
        layout: Layout,
        moments: Mapping[int, float],
        found: dict[int, _State],
    ) -> None:
        """Add the cue of the pieces `first` to `past` to every way that ends at `first`."""
        still = self._still_cost(first, past, layout)
        read_ms = needed_ms(sum(self.setter.width(*row) for row in layout.rows), self.profile)
        for moment, off in moments.items():
            best = found.get(moment)
            for start, state in states.items():
                cost = state.cost + still + off
                if moment - start <= self.profile.gap_ms or (best is not None and cost >= best.cost):
                    continue
                cost += self._time_cost(read_ms, start, moment)
                if best is None or cost < best.cost:
                    best = found[moment] = _State(cost, layout, (first, start))

    def _still_cost(self, first: int, past: int, layout: Layout) -> float:
        """What a cue costs at whatever time it is shown."""
        cost = _CUE + layout.cost + _ROWS * (len(layout.rows) - 1) + self.setter.pieces[past - 1].cost
        ends = [piece.cost for piece in self.setter.pieces[first:past]]
        if ends[-1] > SENTENCE and SENTENCE in ends:
            cost += _STRADDLES
        if first and self.setter.pieces[first - 1].cost > CLAUSE and min(ends[:-1], default=NEVER) <= CLAUSE:
            cost += _TAIL
        if past - first < len(self.setter.pieces):
            filled = self.setter.width(first, past) / self.profile.max_chars
            cost += _SCRAP * max(0.0, 1 - 3 * filled)
        return cost

    def _time_cost(self, read_ms: int, start: int, moment: int) -> float:
        """What it costs to show what takes `read_ms` to read from `start` until the next cue starts at `moment`."""
        profile = self.profile
        limit = moment - profile.gap_ms
        spoken = min(self.speech.end_before(moment), limit)
        asked = start + max(profile.min_ms, read_ms)
        shown = max(1, min(max(spoken, min(asked, spoken + profile.linger_ms)), limit) - start)
        cost = 0.0
        if (lacking := read_ms - min(shown, profile.max_ms)) > 0:
            # What the neighbours may lend (slip.py) costs little; what is still lacking then, much.
            cost += _FAST_AT_ALL + _BORROWED * min(lacking, profile.slip_ms) / 1000
            cost += _TOO_FAST * max(0, lacking - profile.slip_ms) / (shown + profile.slip_ms)
        if shown < profile.min_ms:
            cost += _TOO_SHORT * (1 - shown / profile.min_ms)
        cost += (_PAUSE * self.speech.silence(start, moment) + _AHEAD * self.speech.ahead(start, moment)) / 1000
        if shown > profile.max_ms:
            cost += _TOO_LONG * (shown / profile.max_ms - 1) + _FAST_AT_ALL
        return cost

    def _walk_back(self, best: Mapping[int, Mapping[int, _State]]) -> _Steps:
        steps: _Steps = []
        place, moment = len(self.setter.pieces), self.until_ms
        while place > 0:
            state = best.get(place, {}).get(moment)
            if state is None or state.layout is None:
                return []
            steps.append((state.layout, (state.before[1], moment)))
            place, moment = state.before
        return steps[::-1]
