"""What somebody was shown and may still decide on: kept for a while, for them alone, and taken once."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pipeline.review.workspace import UnknownError

T = TypeVar("T")
_KEPT, _KEPT_S = 50, 3600.0


@dataclass(slots=True)
class Waiting(Generic[T]):
    """Things by a token that cannot be guessed.

    Attributes:
        over, remedy: the error for one that is too old, or was decided on.
    """

    over: str
    remedy: str
    _waiting: OrderedDict[str, tuple[T, str, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, thing: T, who: str) -> str:
        """The token to decide on it with."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._waiting[token] = (thing, who, time.monotonic())
            while len(self._waiting) > _KEPT:
                self._waiting.popitem(last=False)
        return token

    def take(self, token: str, who: str) -> T:
        """A thing, once, by the one whom it was shown to.

        Raises:
            UnknownError: it is too old, or was decided on.
        """
        with self._lock:
            thing, whose, at = self._waiting.get(token, (None, "", 0.0))
            if thing is None or whose != who or time.monotonic() - at > _KEPT_S:
                raise UnknownError(self.over, remedy=self.remedy)
            del self._waiting[token]
            return thing
