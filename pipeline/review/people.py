"""Who is at the page: sessions, signing in and out, and the rights of a request."""

from __future__ import annotations

import getpass
import hmac
import threading
import time
import unicodedata
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pipeline.errors import ZimuError
from pipeline.review.pages import page
from pipeline.review.security import SAFE, SESSION_COOKIE, Access, Attempts, Keys, cookie_options
from pipeline.store import Store, tables
from pipeline.store.records import MACHINE

router = APIRouter()
_LONGEST_NAME = 64
_KNOWN_S = 2.0
_DAY_S = 86_400


class RefusedError(ZimuError):
    """The request may not be made: nobody is signed in, or it lacks what a write must carry."""

    def __init__(self, status: int, what: str, remedy: str) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status


class Door:
    """Who may come in: everybody on this machine, those with the token, or the store's people.

    Attributes:
        needs_token: whether a name alone is not enough.
    """

    def __init__(self, store: Store, access: Access, keys: Keys, *, session_days: float, failures: int) -> None:
        self.access, self.keys = access, keys
        self.attempts = Attempts(limit=failures, window_s=60.0)
        self.max_age_s = session_days * _DAY_S
        self._store = store
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, str]] = (float("-inf"), {})

    @property
    def needs_token(self) -> bool:
        return bool(self.access.token) or not self.access.is_local or bool(self._people())

    def enter(self, name: str, token: str) -> str | None:
        """The cookie of a new session; None: the name or the token is wrong."""
        name = unicodedata.normalize("NFC", name).strip()
        if not is_name(name):
            return None
        if not self.needs_token:
            return self.keys.seal(name, self._mark("local", ""))
        person = self._store.sign_in(name, token)
        if person is not None:
            self._forget()
            return self.keys.seal(person.name, self._mark("person", self._people().get(person.name, "")))
        shared = hmac.compare_digest(token.encode("utf-8", "replace"), self.access.token.encode("utf-8", "replace"))
        if self.access.token and shared and not self._is_taken(name):
            return self.keys.seal(name, self._mark("shared", self.access.token))
        return None

    def local(self) -> str | None:
        """A session in the name of this machine's user, where no token is needed."""
        if self.needs_token:
            return None
        try:
            name = getpass.getuser()
        except (OSError, KeyError, ImportError):
            name = ""
        return self.keys.seal(name if is_name(name) else "reviewer", self._mark("local", ""))

    def who(self, cookie: str) -> str | None:
        """Whose session it is; None: nobody's any more."""
        found = self.keys.unseal(cookie, self.max_age_s) if cookie else None
        if found is None:
            return None
        name, mark = found
        allowed = []
        if not self.needs_token:
            allowed.append(self._mark("local", ""))
        if self.access.token and not self._is_taken(name):
            allowed.append(self._mark("shared", self.access.token))
        if secret := self._people().get(name):
            allowed.append(self._mark("person", secret))
        return name if any(hmac.compare_digest(mark, each) for each in allowed) else None

    def _mark(self, kind: str, secret: str) -> str:
        """Changes with the token that a session was opened with, and says nothing about it."""
        return self.keys.sign("mark", kind, secret)[:32]

    def _is_taken(self, name: str) -> bool:
        """Whether a person of the store has that name: theirs is not for those with the shared token."""
        return name.casefold() in {each.casefold() for each in self._people()}

    def _people(self) -> dict[str, str]:
        """The store's people and what tells their tokens apart; asked for again every other second."""
        with self._lock:
            at, known = self._known
            if time.monotonic() - at > _KNOWN_S:
                table = tables.people
                with self._store.connection() as connection:
                    query = sa.select(table.c.name, table.c.token_hash).where(table.c.revoked_at == "")
                    known = {row.name: row.token_hash for row in connection.execute(query)}
                self._known = (time.monotonic(), known)
            return known

    def _forget(self) -> None:
        with self._lock:
            self._known = (float("-inf"), {})


def is_name(name: str) -> bool:
    """Whether somebody may be called so: shown to all, and kept with every change."""
    good = all(unicodedata.category(character)[0] != "C" for character in name)
    return bool(name) and len(name) <= _LONGEST_NAME and good and not name.casefold().startswith(MACHINE)


def person(request: Request) -> str:
    """The name of who makes a request; a write must carry the session's token.

    Raises:
        RefusedError: nobody is signed in, or the token is not the session's.
    """
    door: Door = request.app.state.door
    cookie = request.cookies.get(SESSION_COOKIE, "")
    name = door.who(cookie)
    if name is None:
        raise RefusedError(401, "You are not signed in.", "Sign in; what you have not saved is kept in the browser.")
    if request.method not in SAFE:
        sent = request.headers.get("x-csrf-token", "")
        right = hmac.compare_digest(sent.encode("latin-1", "replace"), door.keys.csrf(cookie).encode())
        if request.headers.get("x-zimu") != "1" or not right:
            raise RefusedError(403, "The request lacks the page's token.", "Load the page again.")
    return name


Person = Annotated[str, Depends(person)]


@router.get("/signin")
def sign_in_page(request: Request, to: str = "/") -> HTMLResponse:
    """The form to sign in with."""
    door: Door = request.app.state.door
    return page(request, "signin.html", needs_token=door.needs_token, to=_inside(to), wrong="", name="")


@router.post("/signin")
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    token: Annotated[str, Form(max_length=500)] = "",
    to: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Open a session and go on to where the person wanted to."""
    door: Door = request.app.state.door
    address = request.client.host if request.client else ""
    wrong = ""
    if not door.attempts.may_try(address):
        wrong = "signin.later"
    elif (cookie := await run_in_threadpool(door.enter, name, token)) is None:
        door.attempts.failed(address)
        wrong = "signin.wrong" if door.needs_token else "signin.name_wrong"
    else:
        answer = RedirectResponse(_inside(to), 303)
        set_session(answer, door, cookie)
        return answer
    shown = page(request, "signin.html", needs_token=door.needs_token, to=_inside(to), wrong=wrong, name=name)
    shown.status_code = 429 if wrong == "signin.later" else 403
    return shown


@router.post("/signout")
def sign_out(request: Request, csrf: Annotated[str, Form(max_length=200)] = "") -> Response:
    """End the session in this browser."""
    door: Door = request.app.state.door
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if not hmac.compare_digest(csrf.encode("utf-8", "replace"), door.keys.csrf(cookie).encode()):
        raise RefusedError(403, "The request lacks the page's token.", "Load the page again.")
    answer = RedirectResponse("/signin", 303)
    answer.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def set_session(answer: Response, door: Door, cookie: str) -> None:
    """Give a browser its session."""
    answer.set_cookie(
        SESSION_COOKIE,
        cookie,
        max_age=int(door.max_age_s),
        **cookie_options(door.access),  # type: ignore[arg-type]
    )


def _inside(to: str) -> str:
    """A place on this server to go to; anything else is the first page."""
    safe = to.startswith("/") and not to.startswith("//") and "\\" not in to and to.isprintable()
    return to if safe else "/"
