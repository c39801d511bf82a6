"""Who may review: a name and a token. Of the token only its SHA-256 is kept: 256 random bits need no slower hash."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from pipeline.errors import UsageError
from pipeline.store import tables
from pipeline.store.database import Database, new_id, now
from pipeline.store.records import MACHINE

_people = tables.people
_LONGEST_NAME = 64
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in, until `revoked_at`."""

    id: int
    name: str
    created_at: str
    revoked_at: str

    @property
    def active(self) -> bool:
        return not self.revoked_at


class People(Database):
    """Names and tokens."""

    def add_person(self, name: str) -> tuple[Person, str]:
        """A new person, and the token to sign in with: it can't be shown again.

        Raises:
            UsageError: the name is taken, empty, too long, a machine's, or has control characters.
        """
        name = _checked(name, self.where)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        values = {"name": name, "name_key": _key(name), "token_hash": _hash(token), "created_at": now()}
        with self.connection(write=True) as connection:
            if _row(connection, name) is not None:
                raise UsageError(
                    f"There is a {name} already.",
                    where=self.where,
                    remedy="Take another name, or give them a new token.",
                )
            number = new_id(connection, sa.insert(_people).values(values))
            return Person(number, name, values["created_at"], ""), token

    def sign_in(self, name: str, token: str) -> Person | None:
        """The person of that name, if the token is theirs and was not revoked. Takes as long whether or not."""
        with self.connection() as connection:
            row = _row(connection, name)
        right = hmac.compare_digest(_hash(token), row.token_hash if row is not None else "0" * 64)
        return _person(row) if row is not None and right and not row.revoked_at else None

    def person_of(self, token: str) -> Person | None:
        """Whose token it is; None: nobody's, or a revoked one."""
        asked = _hash(token)
        with self.connection() as connection:
            rows = connection.execute(sa.select(_people).where(_people.c.revoked_at == "")).all()
        found = [row for row in rows if hmac.compare_digest(asked, row.token_hash)]
        return _person(found[0]) if found else None

    def people(self) -> tuple[Person, ...]:
        """All people, also revoked ones, in the order in which they came."""
        with self.connection() as connection:
            return tuple(_person(row) for row in connection.execute(sa.select(_people).order_by(_people.c.id)))

    def renew(self, name: str) -> tuple[Person, str]:
        """A new token for a person, in place of the old one; lets a revoked one in again.

        Raises:
            UsageError: there is nobody of that name.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        return self._set(name, token_hash=_hash(token), revoked_at=""), token

    def revoke(self, name: str) -> Person:
        """Let a person sign in no more; what they wrote stays.

        Raises:
            UsageError: there is nobody of that name.
        """
        return self._set(name, revoked_at=now())

    def _set(self, name: str, **values: str) -> Person:
        with self.connection(write=True) as connection:
            row = _row(connection, name)
            if row is None:
                raise UsageError(
                    f"There is no {name}.", where=self.where, remedy="See who there is: zimu store people."
                )
            connection.execute(sa.update(_people).where(_people.c.id == row.id).values(values))
            return _person(connection.execute(sa.select(_people).where(_people.c.id == row.id)).one())


def _checked(name: str, where: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    bad = any(unicodedata.category(character)[0] == "C" for character in name)
    if not name or len(name) > _LONGEST_NAME or bad or _key(name).startswith(MACHINE):
        raise UsageError(
            f"{name[:_LONGEST_NAME]!r} is no name to sign in with.",
            where=where,
            remedy=f"Take 1 to {_LONGEST_NAME} letters, not beginning with {MACHINE}.",
        )
    return name


def _key(name: str) -> str:
    """Equal for names that people would confuse."""
    return unicodedata.normalize("NFKC", name).casefold().strip().replace("\x00", "")


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _row(connection: sa.Connection, name: str) -> Any:
    key = _key(name).encode("utf-8", "replace").decode()
    return connection.execute(sa.select(_people).where(_people.c.name_key == key)).one_or_none()


def _person(row: Any) -> Person:
    return Person(row.id, row.name, row.created_at, row.revoked_at)
