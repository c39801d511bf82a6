"""From a text's tokens to a time for every one of its characters."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.alignment.whisper import Token

Times = tuple[int, int]


def character_times(length: int, tokens: Sequence[Token], start_ms: int) -> list[Times | None]:
    """For each of `length` characters its (from, to) in milliseconds, `start_ms` being the tokens' zero.

    A token of several characters is shared out evenly, a character of several tokens lasts through all of them, and
    one without any (the decoder was full) has None.
    """
    times: list[Times | None] = [None] * length
    for token in tokens:
        width = max(1, token.end - token.start)
        for place, at in enumerate(range(token.start, min(token.end, length))):
            begin = start_ms + token.from_ms + (token.to_ms - token.from_ms) * place // width
            end = start_ms + token.from_ms + (token.to_ms - token.from_ms) * (place + 1) // width
            known = times[at]
            times[at] = (begin, end) if known is None else (min(known[0], begin), max(known[1], end))
    return times


def fill_gaps(times: Sequence[Times | None], start_ms: int, end_ms: int) -> list[Times]:
    """The same with no gaps: unknown characters share what lies between their neighbours, or the borders given.

    The result never decreases and lies inside the borders.
    """
    filled: list[Times] = []
    at = 0
    while at < len(times):
        known = times[at]
        if known is not None:
            begin = max(known[0], filled[-1][1] if filled else start_ms)
            filled.append((min(begin, end_ms), min(max(begin, known[1]), end_ms)))
            at += 1
            continue
        until = next((place for place in range(at, len(times)) if times[place] is not None), len(times))
        left = filled[-1][1] if filled else start_ms
        follower = times[until] if until < len(times) else None
        right = min(end_ms, max(left, follower[0] if follower is not None else end_ms))
        count = until - at
        filled += [
            (left + (right - left) * place // count, left + (right - left) * (place + 1) // count)
            for place in range(count)
        ]
        at = until
    return filled
