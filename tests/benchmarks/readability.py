"""How well a translated track can be read, and how closely it keeps to the speech: figures, no verdict.

`measure` is pure. A track is read as a player shows it; what its cues translate is not known here, so the line that
a cue begins with is taken from the times: the line whose start is nearest (`start_distance_ms`), or, less kindly, the
line that is being said when the cue comes (`start_distance_in_line_ms`).
"""

from __future__ import annotations

import bisect
import itertools
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pipeline.alignment.result import Alignment
from pipeline.languages import Language, Profile
from pipeline.subtitles.breaks import NEVER, WEAK, pieces
from pipeline.subtitles.checks import check
from pipeline.subtitles.display import reading_speed, width
from pipeline.track import Cue, Track

# The times of cues are whole milliseconds: a cue timed to be read exactly in its time may be over by the rounding.
_ROUNDING = 1.001
# A cue may come this much before its words where its neighbour could not be read else (`slip_ms` of the profiles).
_EARLY_MS = 800


@dataclass(frozen=True, slots=True)
class Readability:
    """The figures of one track.

    Attributes:
        cues: how many there are.
        overlaps: cues that start before the one before them ends.
        over_rows, over_length: cues of more rows than the profile allows, and with a longer row.
        too_short, too_long, crowded: cues outside the profile's durations, or nearer to the one before than its gap.
        readable: the share of cues, 0 to 1, at or below the profile's characters a second.
        unannounced: faster cues that no finding tells of.
        speed_mean, speed_max: characters a second.
        start_distance_ms: mean distance between a cue's start and the nearest start of a line.
        start_distance_in_line_ms: mean distance between a cue's start and the start of the line said just then, or
            just after where the cue comes early.
        bad_ends, bad_rows: cues, and rows inside a cue, that end where none should (`WEAK` or worse in
            pipeline/subtitles/breaks.py); None in Chinese, Japanese and Thai, where a row's end hides
            the comma that was there.
        findings: by rule, what pipeline/subtitles/checks.py says.
    """

    cues: int
    overlaps: int
    over_rows: int
    over_length: int
    too_short: int
    too_long: int
    crowded: int
    readable: float
    unannounced: int
    speed_mean: float
    speed_max: float
    start_distance_ms: float
    start_distance_in_line_ms: float
    bad_ends: int | None
    bad_rows: int | None
    findings: dict[str, int]


def measure(track: Track, alignment: Alignment, language: Language) -> dict[str, object]:
    """The fields of `Readability` by name; only `{"cues": 0}` where there is nothing to read."""
    cues, profile = track.cues, language.profile
    if not cues:
        return {"cues": 0}
    speeds = [reading_speed(cue.text, cue.duration_ms, profile) for cue in cues]
    found = check(track, profile, media_ms=alignment.duration_ms)
    announced = {finding.where for finding in found if finding.rule == "reading-speed"}
    fast = [number for number, speed in enumerate(speeds, start=1) if speed > profile.cps * _ROUNDING]
    starts = sorted(line.start_ms for line in alignment.lines if line.start_ms is not None)
    bad_ends, bad_rows = _bad_breaks(cues, language)
    figures = Readability(
        cues=len(cues),
        overlaps=sum(b.start_ms < a.end_ms for a, b in itertools.pairwise(cues)),
        over_rows=sum(cue.text.count("\n") >= profile.max_lines for cue in cues),
        over_length=sum(_longest(cue, profile) > profile.max_chars for cue in cues),
        too_short=sum(cue.duration_ms < profile.min_ms for cue in cues),
        too_long=sum(cue.duration_ms > profile.max_ms for cue in cues),
        crowded=sum(0 <= b.start_ms - a.end_ms < profile.gap_ms for a, b in itertools.pairwise(cues)),
        readable=1 - len(fast) / len(cues),
        unannounced=sum(f"cue {number}" not in announced for number in fast),
        speed_mean=statistics.mean(speeds),
        speed_max=max(speeds),
        start_distance_ms=statistics.mean(_to_nearest(cue.start_ms, starts) for cue in cues),
        start_distance_in_line_ms=statistics.mean(_into_line(cue.start_ms, starts) for cue in cues),
        bad_ends=bad_ends,
        bad_rows=bad_rows,
        findings=dict(Counter(finding.rule for finding in found)),
    )
    return asdict(figures)


def _longest(cue: Cue, profile: Profile) -> float:
    return max(width(row, profile) for row in cue.text.split("\n"))


def _to_nearest(moment: int, starts: Sequence[int]) -> int:
    return min(abs(moment - start) for start in starts)


def _into_line(moment: int, starts: Sequence[int]) -> int:
    place = bisect.bisect_right(starts, moment)
    if place < len(starts) and starts[place] - moment <= _EARLY_MS:
        coming = starts[place] - moment
        return min(coming, moment - starts[place - 1]) if place else coming
    return moment - starts[max(0, place - 1)]


def _bad_breaks(cues: Sequence[Cue], language: Language) -> tuple[int, int] | tuple[None, None]:
    """How many cues and how many rows inside a cue end badly; a cue's end is judged with the next cue's text."""
    if language.segmenter != "spaces":
        return None, None
    ends = rows = 0
    for place, cue in enumerate(cues):
        shown = cue.text.split("\n")
        rows += sum(_cost(above, below, language) >= WEAK for above, below in itertools.pairwise(shown))
        if place + 1 < len(cues):
            ends += _cost(shown[-1], cues[place + 1].text.split("\n")[0], language) >= WEAK
    return ends, rows


def _cost(before: str, after: str, language: Language) -> float:
    """The cost of a break between two rows; `NEVER` where no piece ends there."""
    found = pieces(f"{before} {after}", language)
    border = len(before) + 1
    return next((piece.cost for piece in found[:-1] if piece.end == border), NEVER)
