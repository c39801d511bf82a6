"""What a translation server costs: estimated before, counted while it works, and stopped at the limit."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import regex

from pipeline.errors import EpisodeError

_MILLION = 1_000_000
# Models read a Chinese character as one token or less, and three letters of other scripts or more as one: rather too
# much than too little, since a limit is a promise. What a server counts itself takes the estimate's place.
_WIDE = regex.compile(r"[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]")
_LETTERS_PER_TOKEN = 3
_TOKENS_PER_MESSAGE = 8


class BudgetError(EpisodeError):
    """The next request would go over the run's budget: nothing more is asked, and what is done is stored."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests, the tokens in and out of them, and of those in the ones that were read before."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    reused: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.reused + other.reused,
        )

    def __sub__(self, other: Usage) -> Usage:
        return self + Usage(-other.requests, -other.tokens_in, -other.tokens_out, -other.reused)


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices, and limits for a whole run.

    Attributes:
        price_in, price_out: money for a million tokens of requests and of answers.
        currency: of the prices, for messages.
        max_tokens: in and out together; 0: no limit.
        max_cost: money; 0: no limit.
    """

    price_in: float = 0.0
    price_out: float = 0.0
    currency: str = ""
    max_tokens: int = 0
    max_cost: float = 0.0

    @property
    def matter(self) -> bool:
        """Whether a user has said anything about money or limits."""
        return bool(self.price_in or self.price_out or self.max_tokens or self.max_cost)

    def cost(self, usage: Usage) -> float:
        return (usage.tokens_in * self.price_in + usage.tokens_out * self.price_out) / _MILLION


def estimate_tokens(*messages: str) -> int:
    """The tokens of messages to a chat model, rather too many than too few."""
    total = 0
    for message in messages:
        wide = len(_WIDE.findall(message))
        total += wide + -(-(len(message) - wide) // _LETTERS_PER_TOKEN) + _TOKENS_PER_MESSAGE
    return total


class Budget:
    """Counts what all requests of a run take; safe to use from several threads."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self._lock = threading.Lock()
        self._used = Usage()
        self._open = Usage()
        self._scale = 1.0  # how many tokens the server counts for one of the estimate, where it counts more

    @property
    def used(self) -> Usage:
        """What the finished requests took."""
        return self._used

    def reserve(self, most: Usage) -> Usage:
        """Put what a request takes at most aside; `settle` what is returned afterwards.

        Raises:
            BudgetError: the limit might be passed; nothing is put aside.
        """
        with self._lock:
            scaled = Usage(most.requests, round(most.tokens_in * self._scale), round(most.tokens_out * self._scale))
            after = self._used + self._open + scaled
            tokens, cost = after.tokens_in + after.tokens_out, self.rates.cost(after)
            limit, top = self.rates.max_tokens, self.rates.max_cost
            if (limit and tokens > limit) or (top and cost > top):
                raise BudgetError(
                    f"The budget for the translation server is spent: {self.told(self._used)} used, and the next "
                    f"request may go over {self._limits()}.",
                    where="server.max_tokens" if limit and tokens > limit else "server.max_cost",
                    remedy="What is translated is stored. Run the same command again to go on with a new budget, or "
                    "raise the limit.",
                )
            self._open += scaled
            return scaled

    def settle(self, reserved: Usage, used: Usage) -> None:
        """What a request really took; an empty usage if it never got an answer."""
        with self._lock:
            self._open -= reserved
            self._used += used
            if used.tokens_in > reserved.tokens_in > 0:
                self._scale *= used.tokens_in / reserved.tokens_in

    def told(self, usage: Usage) -> str:
        """`8 requests, 9,412 tokens in, 3,120 out, 0.0123 USD`."""
        plural = "" if usage.requests == 1 else "s"
        said = f"{usage.requests} request{plural}, {usage.tokens_in:,} tokens in, {usage.tokens_out:,} out"
        if self.rates.price_in or self.rates.price_out:
            said += f", {self.rates.cost(usage):.4f} {self.rates.currency}"
        return said

    def left(self) -> str:
        """`; of the budget of 20,000 tokens 12,532 are used`, or nothing where there is no limit."""
        if not (self.rates.max_tokens or self.rates.max_cost):
            return ""
        used = self._used
        tokens = f"{used.tokens_in + used.tokens_out:,} tokens" if self.rates.max_tokens else ""
        money = f"{self.rates.cost(used):.4f} {self.rates.currency}" if self.rates.max_cost else ""
        return f"; used so far of {self._limits()}: {', '.join(part for part in (tokens, money) if part)}"

    def _limits(self) -> str:
        tokens = f"{self.rates.max_tokens:,} tokens" if self.rates.max_tokens else ""
        money = f"{self.rates.max_cost:g} {self.rates.currency}".strip() if self.rates.max_cost else ""
        return " and ".join(part for part in (tokens, money) if part)
