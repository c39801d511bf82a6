"""The day's quota of a platform, and the receipts: what was asked of it, written down before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from pipeline.publishing.base import QuotaError
from pipeline.store import Store

_PACIFIC = ZoneInfo("America/Los_Angeles")
"""Google's quotas are renewed at midnight there (developers.google.com/youtube/v3/getting-started#quota)."""


def quota_day(now: datetime) -> str:
    """The day that a moment's requests count for, ISO 8601."""
    return now.astimezone(_PACIFIC).date().isoformat()


def renewal(now: datetime) -> datetime:
    """When the quota is renewed next, in UTC."""
    there = now.astimezone(_PACIFIC)
    return datetime.combine(there.date() + timedelta(days=1), time(), _PACIFIC).astimezone(timezone.utc)


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts what a platform's requests take.

    Attributes:
        limit: units a day; None: there is no quota.
        clock: the time, with its zone.
    """

    store: Store
    platform: str
    title: str
    limit: int | None
    clock: Callable[[], datetime] = utc_now

    @property
    def today(self) -> str:
        """The day that requests count for now."""
        return quota_day(self.clock())

    @property
    def spent(self) -> int:
        """Units of today."""
        return self.store.spent(self.platform, self.today)

    @property
    def left(self) -> int | None:
        """Units that are left today; None: no limit."""
        return None if self.limit is None else max(0, self.limit - self.spent)

    @property
    def renewed(self) -> datetime:
        """When there are new ones, UTC."""
        return renewal(self.clock())

    def charge(self, units: int) -> None:
        """Count a request that is about to be sent: one that is killed has cost what it has cost.

        Raises:
            QuotaError: the day's quota does not suffice; nothing was counted.
        """
        if self.limit is None or not units:
            return
        if not self.store.reserve(self.platform, self.today, units, self.limit):
            raise self.empty()

    def exhaust(self) -> QuotaError:
        """The platform says that nothing is left, whatever we counted; the error that says so."""
        if self.limit is not None:
            self.store.spend_all(self.platform, self.today, self.limit)
        return self.empty()

    def empty(self) -> QuotaError:
        return QuotaError(
            f"{self.title}'s quota for today is used up.",
            remedy=f"The same command goes on from {moment(self.renewed)}, when it is renewed.",
        )


def moment(when: datetime) -> str:
    """A time as people read it, in their own zone: 2026-11-26 16:00 (CST)."""
    local = when.astimezone()
    return f"{local:%Y-%m-%d %H:%M} ({local:%Z})"
