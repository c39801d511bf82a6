"""A line as it was forced into a window: what speaks for its being said there, and where its words belong."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipeline.alignment.comparing import UNHEARD
from pipeline.alignment.judging import Candidate, SpeechMs, loose_speech
from pipeline.alignment.normalise import is_syllable
from pipeline.alignment.script import Part
from pipeline.alignment.whisper import Token, core_log_prob

# A line is sure from these odds on (natural logarithm; 9 to 1), if its time is between these shares of the expected
# one: a line that is said later, or was said before, is likely, as text, where it is squeezed in too.
_SURE_ODDS = 2.2
_SURE_SHARES = 0.6, 2.2
# Nine lines in ten that are said are above; so are few that take the time of other words. Lines with names in another
# script may be less likely.
_SURE_LOG_PROB, _SURE_LOG_PROB_OF_NAMES = -1.1, -1.7
# What hearing all of a line, or hearing other words in its place, adds to its odds.
_HEARD_ODDS, _UNHEARD_ODDS, _ODDS_PER_COVERAGE, _EVEN_COVERAGE = 3.0, -2.0, 6.0, 0.3
# What is heard without being told is a proof of its own, however badly the written words fit; and what is heard only
# in part is no more than that, however well they do.
_ODDS_OF_HEARD, _MOSTLY_HEARD, _PARTLY_HEARD = 8.0, 0.4, 0.3
_DOUBTFUL_ODDS = 0.1
#: A word of a line that stands apart from the others, by so many tokens from its begin, or by so many from its end, was
#: drawn there by words nobody wrote.
FIRST_TOKENS, LAST_TOKENS = 2, 1


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

    @classmethod
    def of(cls, part: Part, tokens: tuple[Token, ...], pace_ms: float, coverage: float | None) -> Said:
        """What was forced, at `pace_ms` a syllable, and heard."""
        candidate = Candidate(part.weight, tokens)
        odds, share = candidate.odds(pace_ms), candidate.share_of_time(pace_ms) if tokens else 0.0
        # What did not fit the decoder has no times, so it can't be taken for said, whatever was heard.
        if coverage is not None and tokens:
            odds = odds_of_heard(odds, share, coverage)
        return cls(part, tokens, odds, share, coverage)

    @property
    def sure(self) -> bool:
        """Whether it needs no further proof."""
        settled = self.part.line < 0 or self.coverage is not None
        symbols = self.part.normalised.symbols
        foreign = any(map(is_syllable, symbols)) and not all(map(is_syllable, symbols))
        likely = core_log_prob(self.tokens) >= (_SURE_LOG_PROB_OF_NAMES if foreign else _SURE_LOG_PROB)
        return settled or (self.odds >= _SURE_ODDS and self.timely and self.share <= _SURE_SHARES[1] and likely)

    @property
    def timely(self) -> bool:
        """Whether it has the time to be said."""
        return self.share >= _SURE_SHARES[0]

    def together(self, pace_ms: float, speech: SpeechMs) -> Said:
        """The same with its first tokens, or its last, moved to the others where other speech lies between.

        That is a guess, so a person should look.

        Arguments:
            pace_ms: what a syllable takes in this episode.
            speech: milliseconds of speech between two times of the window.
        """
        tokens, pace = self.tokens, round(pace_ms)
        if len(tokens) <= FIRST_TOKENS + LAST_TOKENS:
            return self
        moved = list(tokens)
        for _, at, start, _ in loose_speech([Candidate(1.0, tokens)], pace_ms, speech, 0):
            if 0 < at <= FIRST_TOKENS and not _takes_long(self.part.text[: tokens[at].end]):
                behind = tokens[at].to_ms - pace
                for back, token in enumerate(reversed(tokens[:at])):
                    end = max(token.to_ms, behind - back * pace)
                    moved[at - 1 - back] = replace(token, from_ms=max(token.from_ms, end - pace), to_ms=end)
                moved[at] = replace(tokens[at], from_ms=max(tokens[at].from_ms, behind))
            elif at >= len(tokens) - LAST_TOKENS and not _takes_long(self.part.text[tokens[at].start :]):
                moved[at] = replace(tokens[at], from_ms=start, to_ms=min(tokens[at].to_ms, start + pace))
        if moved == list(tokens):
            return self
        return replace(self, tokens=tuple(moved), odds=min(self.odds, _DOUBTFUL_ODDS))


def _takes_long(text: str) -> bool:
    """Whether a few tokens can take long: numbers and names that are spelled."""
    return any(char.isdecimal() or (char.isascii() and char.isupper()) for char in text)


def odds_of_heard(odds: float, share: float, coverage: float) -> float:
    """The odds of a line, from how it fitted, its share of the expected time and how much of it was heard (0 to 1)."""
    odds += max(_UNHEARD_ODDS, min(_HEARD_ODDS, _ODDS_PER_COVERAGE * (coverage - _EVEN_COVERAGE)))
    odds = max(odds, _ODDS_OF_HEARD * (coverage - _MOSTLY_HEARD))
    odds = min(odds, max(_DOUBTFUL_ODDS, _ODDS_OF_HEARD * (coverage - _PARTLY_HEARD)))
    # Heard in part and with the time to be said: a person should look, but something like it is there.
    return max(odds, _DOUBTFUL_ODDS) if coverage >= UNHEARD and share >= _SURE_SHARES[0] else odds
