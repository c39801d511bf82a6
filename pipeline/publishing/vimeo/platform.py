"""Text tracks by Vimeo's API 3.4 (developer.vimeo.com/api/reference/videos, "text tracks").

A track's file can be given only once, to the link that creating the track returns. So a track is replaced by another:
it is made under a name of its own, unseen; when its file is there, the old one is removed and the new one takes its
name. A run that is killed on the way leaves an unfinished track, which viewers do not see, `tracks` does not tell, and
the next upload in its language removes: there are never two of a language and name.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, ClassVar

from pipeline.errors import PlatformError
from pipeline.languages import Language
from pipeline.publishing.base import (
    BusyError,
    ExistsError,
    Format,
    GoneError,
    Limits,
    LocalTrack,
    Platform,
    RemoteTrack,
    RemoteVideo,
    Setup,
    SignInError,
)
from pipeline.publishing.reasons import UnknownLanguageError
from pipeline.publishing.vimeo import auth
from pipeline.publishing.vimeo.client import NAME, TITLE, Client

_FIELDS = "uri,active,type,language,name,link,provenance"
_VIDEO_FIELDS = "uri,name,duration,user.name,metadata.connections.texttracks.options"
_SHOWN = ("subtitles", "captions")  # other types are chapters and metadata
_AUTOMATIC = "-x-autogen"  # ends the language of what Vimeo heard or translated itself
_UNFINISHED = "zimu upload "  # begins the name of a track whose file is on its way
_VIDEO = re.compile(r"\d{1,20}(?::[0-9a-f]{6,20})?", re.ASCII)
_ADDRESS = re.compile(r"vimeo\.com/(?:manage/videos/|video/)?(\d{1,20})(?:/([0-9a-f]{6,20}))?", re.ASCII)
_UPLOAD = 4  # requests of the API that an upload takes, without the file's own


class Vimeo(Platform):
    """The account that is signed in."""

    name: ClassVar[str] = NAME
    title: ClassVar[str] = TITLE
    # Vimeo publishes no limits; a name is a row in the player's menu, and subtitles of a day have less than 10 MB.
    limits: ClassVar[Limits] = Limits(128, 10_000_000, ("vtt",))
    track_name: ClassVar[str] = "{own_name}"
    rename: ClassVar[bool] = True

    def __init__(self, client: Client) -> None:
        self._client = client
        self._sent: set[str] = set()

    @classmethod
    def open(cls, setup: Setup) -> Vimeo:
        return cls(Client(auth.token(setup), endpoint=setup.endpoint, timeout_s=setup.timeout_s))

    @classmethod
    def sign_in(cls, setup: Setup) -> str:
        return auth.sign_in(setup)

    @classmethod
    def spell(cls, language: Language) -> str:
        if language.vimeo:
            return language.vimeo
        primary = language.tag.partition("-")[0]
        nearest = primary if primary != language.tag else ""
        raise UnknownLanguageError(NAME, TITLE, language, language.tag, nearest=nearest)

    def video(self, video: str) -> RemoteVideo:
        if not _VIDEO.fullmatch(video):
            raise PlatformError(f"{video[:60]!r} is no video of Vimeo.", remedy=_which(video))
        try:
            answer = self._client.ask("GET", f"/videos/{video}", _of(video), params={"fields": _VIDEO_FIELDS})
        except GoneError as error:
            raise PlatformError(
                "Vimeo has no such video, or it is another account's private one.", where=_of(video), remedy=_which("")
            ) from error
        owner = str((answer.get("user") or {}).get("name", ""))
        connections = (answer.get("metadata") or {}).get("connections") or {}
        options = (connections.get("texttracks") or {}).get("options")
        if isinstance(options, list) and "POST" not in options:
            raise SignInError(
                f"The video belongs to {owner or 'somebody else'}; the account that is signed in may not change it.",
                where=_of(video),
                remedy="Correct publish.videos.vimeo, or sign in as that account: zimu auth vimeo.",
            )
        return RemoteVideo(video, str(answer.get("name", "")), owner, int(answer.get("duration") or 0) * 1000)

    def tracks(self, video: str) -> tuple[RemoteTrack, ...]:
        return tuple(self._track(video, item) for item in self._items(video) if not _unfinished(item))

    def insert(self, video: str, track: LocalTrack) -> RemoteTrack:
        items = self._begin(video, track.code)
        if any(_named(item, track.code) and item.get("name") == track.name for item in items):
            raise ExistsError(f"Vimeo has a text track {track.name!r} already.", where=_of(video, track.code))
        return self._upload(video, track, None)

    def update(self, video: str, remote: RemoteTrack, track: LocalTrack) -> RemoteTrack:
        items = self._begin(video, track.code)
        if not any(_identity(item) == remote.id for item in items):
            raise GoneError("Vimeo has no such text track any more.", where=_of(video, track.code))
        return self._upload(video, track, remote)

    def activate(self, video: str, remote: RemoteTrack, *, live: bool) -> RemoteTrack:
        item = self._client.ask("PATCH", _path(video, remote.id), _of(video, remote.code), body={"active": live})
        return self._track(video, item)

    def delete(self, video: str, remote: RemoteTrack) -> None:
        self._remove(video, remote.id, remote.code)

    def download(self, video: str, remote: RemoteTrack) -> tuple[bytes, Format] | None:
        what = _of(video, remote.code)
        item = self._client.ask("GET", _path(video, remote.id), what, params={"fields": _FIELDS})
        data = self._file(item, what)
        if data is None:
            return None
        return data, "vtt" if data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") else "srt"

    def close(self) -> None:
        self._client.close()

    def _items(self, video: str) -> list[dict[str, Any]]:
        """What people uploaded, the unfinished too."""
        params = {"per_page": 100, "fields": _FIELDS}
        found = self._client.pages(f"/videos/{video}/texttracks", _of(video), params)
        return [item for item in found if item.get("type") in _SHOWN and not _automatic(item)]

    def _begin(self, video: str, code: str) -> list[dict[str, Any]]:
        """The tracks that are there, without unfinished ones of a language, which are removed."""
        self._client.ready(_UPLOAD, _of(video, code))
        items = self._items(video)
        for item in items:
            if _unfinished(item) and _named(item, code):
                self._remove(video, _identity(item), code)
        return [item for item in items if not _unfinished(item)]

    def _upload(self, video: str, track: LocalTrack, old: RemoteTrack | None) -> RemoteTrack:
        what = _of(video, track.code)
        body = {
            "type": "subtitles",
            "language": track.code,
            "name": f"{_UNFINISHED}{track.digest[:12]}",
            "active": False,
        }
        item = self._client.ask("POST", f"/videos/{video}/texttracks", what, body=body)
        identity = _identity(item)
        try:
            self._client.put_file(str(item.get("link", "")), track.data, what)
        except BusyError:  # the next try removes it
            raise
        except PlatformError:
            self._remove(video, identity, track.code)
            raise
        if old is not None:
            self._remove(video, old.id, old.code)
        body = {"name": track.name, "active": track.live}
        item = self._client.ask("PATCH", _path(video, identity), what, body=body)
        self._sent.add(identity)
        return self._track(video, item)

    def _remove(self, video: str, identity: str, code: str) -> None:
        try:
            self._client.ask("DELETE", _path(video, identity), _of(video, code))
        except GoneError:
            return

    def _track(self, video: str, item: dict[str, Any]) -> RemoteTrack:
        """A track as listed; Vimeo tells no time of its changes, so its file's content says whether it changed."""
        identity, code = _identity(item), str(item.get("language", ""))
        data = self._file(item, _of(video, code))
        live, name = bool(item.get("active")), str(item.get("name") or "")
        if data is not None:
            return RemoteTrack(identity, code, name, "serving", live, updated=hashlib.sha256(data).hexdigest())
        if identity in self._sent:
            return RemoteTrack(identity, code, name, "processing", live)
        return RemoteTrack(identity, code, name, "failed", live, reason="Vimeo has no file for it")

    def _file(self, item: dict[str, Any], what: str) -> bytes | None:
        link = str(item.get("link") or "")
        return self._client.get_file(link, what) if link else None


def _identity(item: dict[str, Any]) -> str:
    return str(item.get("uri", "")).rstrip("/").rpartition("/")[2]


def _named(item: dict[str, Any], code: str) -> bool:
    return str(item.get("language", "")).casefold() == code.casefold()


def _unfinished(item: dict[str, Any]) -> bool:
    return str(item.get("name") or "").startswith(_UNFINISHED) and not item.get("active")


def _automatic(item: dict[str, Any]) -> bool:
    made = str(item.get("provenance") or "")
    return str(item.get("language", "")).endswith(_AUTOMATIC) or made.startswith("autogen")


def _path(video: str, identity: str) -> str:
    return f"/videos/{video}/texttracks/{identity}"


def _of(video: str, code: str = "") -> str:
    return f"Vimeo {video} {code}".rstrip()


def _which(video: str) -> str:
    """How to name a video; of an address, its number."""
    found = _ADDRESS.search(video)
    number = ":".join(part for part in found.groups() if part) if found else ""
    if number:
        return f'Write publish.videos.vimeo = "{number}".'
    return "Correct publish.videos.vimeo: the number in the video's address (123456789, or 123456789:abcdef0123)."
