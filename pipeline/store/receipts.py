"""What was done on video platforms: a receipt for each request, and the quota that they took."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import sqlalchemy as sa

from pipeline.store import tables
from pipeline.store.database import new_id
from pipeline.store.rows import clean
from pipeline.store.writing import Writing

_receipts, _spent = tables.receipts, tables.quota_spent
ReceiptState = Literal["sending", "processing", "serving", "failed", "refused", "gone"]
DONE = ("processing", "serving")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A request that changes something on a platform.

    Attributes:
        episode: the episode's id in the store.
        platform, video: where.
        track: the platform's id of the track; empty: not known yet, or it is about the video's texts.
        language: BCP-47; empty: the video's texts.
        code, name: the language in the platform's spelling, and the track's name there.
        kind: insert, update, activate, delete or texts; adopt: found there, and right.
        digest: SHA-256 of the file that was sent.
        live: whether viewers see it.
        state: `sending`: how it ended is not known. `gone`: somebody deleted the track since.
        reason: why it failed or was refused.
        updated: what the platform said of the track's last change.
        account: whose video it is.
        cost: units of quota.
        who: who asked for it.
        at: ISO 8601, UTC: of the last change of this receipt.
        id: the database's; 0: not stored yet.
    """

    episode: str
    platform: str
    video: str
    kind: str
    track: str = ""
    language: str = ""
    code: str = ""
    name: str = ""
    digest: str = ""
    live: bool = False
    state: ReceiptState = "sending"
    reason: str = ""
    updated: str = ""
    account: str = ""
    cost: int = 0
    who: str = ""
    at: str = ""
    id: int = 0

    @property
    def seen(self) -> str:
        """The state as viewers have it: `live` or `draft` instead of `serving`."""
        return self.state if self.state != "serving" else "live" if self.live else "draft"


class Receipts(Writing):
    """Receipts by episode, and the quota by day."""

    def write_receipt(self, receipt: Receipt) -> Receipt:
        """Store a receipt, or what became of one that is stored; returns it as it is then."""
        with self.work() as work:
            values = {**_columns(receipt), "at": work.now}
            if receipt.id:
                work.connection.execute(sa.update(_receipts).where(_receipts.c.id == receipt.id).values(values))
                number = receipt.id
            else:
                number = new_id(work.connection, sa.insert(_receipts).values(values))
            work.touch(receipt.episode, "")
            row = work.connection.execute(sa.select(_receipts).where(_receipts.c.id == number)).one()
        return _receipt(row)

    def receipts(self, episode: str, *, platform: str = "", video: str = "") -> tuple[Receipt, ...]:
        """An episode's receipts, the oldest first."""
        query = sa.select(_receipts).where(_receipts.c.episode_id == episode).order_by(_receipts.c.id)
        if platform:
            query = query.where(_receipts.c.platform == platform)
        if video:
            query = query.where(_receipts.c.video == video)
        with self.connection() as connection:
            return tuple(_receipt(row) for row in connection.execute(query))

    def published(self, episodes: Iterable[str]) -> dict[str, dict[str, str]]:
        """What is published of some episodes: id → language → `Receipt.seen` of the last receipt, on any platform."""
        query = sa.select(_receipts).where(_receipts.c.episode_id.in_(tuple(episodes)))
        with self.connection() as connection:
            found = [_receipt(row) for row in connection.execute(query.order_by(_receipts.c.id))]
        states: dict[str, dict[str, str]] = {}
        for each in found:
            if each.language and each.kind not in ("texts", "delete"):
                states.setdefault(each.episode, {})[each.language] = each.seen
        return states

    def reserve(self, platform: str, day: str, units: int, limit: int) -> bool:
        """Count units of a day's quota, if so many are left; else False, and nothing is counted.

        Looking and counting are one transaction, and no two write at once: publishers that come together never pass
        the limit together.
        """
        return self._count(platform, day, lambda before: before + units if before + units <= limit else before)

    def spend_all(self, platform: str, day: str, units: int) -> None:
        """Take note that a day's quota is used up: at least so many units."""
        self._count(platform, day, lambda before: max(before, units))

    def spent(self, platform: str, day: str) -> int:
        """The units of quota that were spent on a day."""
        query = sa.select(_spent.c.units).where(_spent.c.platform == platform, _spent.c.day == day)
        with self.connection() as connection:
            return int(connection.scalar(query) or 0)

    def _count(self, platform: str, day: str, change: Callable[[int], int]) -> bool:
        """Change a day's number in one transaction that no other comes between; whether it became another."""
        here = (_spent.c.platform == platform) & (_spent.c.day == day)
        with self.connection(write=True) as connection:
            row = connection.scalar(sa.select(_spent.c.units).where(here))
            before = row or 0
            after = change(before)
            if row is None:
                connection.execute(sa.insert(_spent).values(platform=platform, day=day, units=after))
            elif after != before:
                connection.execute(sa.update(_spent).where(here).values(units=after))
        return after != before


def latest(receipts: Iterable[Receipt]) -> dict[tuple[str, str, str, str], Receipt]:
    """The last receipt of each track, by platform, video, the platform's spelling of the language, and name."""
    return {(each.platform, each.video, each.code, each.name): each for each in receipts if each.kind != "texts"}


def _columns(receipt: Receipt) -> dict[str, Any]:
    values = asdict(receipt)
    del values["id"], values["at"]
    values["episode_id"] = values.pop("episode")
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def _receipt(row: Any) -> Receipt:
    values = dict(row._mapping)
    values["episode"] = values.pop("episode_id")
    return Receipt(**{each.name: values[each.name] for each in fields(Receipt)})
