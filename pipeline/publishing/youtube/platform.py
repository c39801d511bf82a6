"""Caption tracks, titles and descriptions by the YouTube Data API v3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from google.oauth2.credentials import Credentials

from pipeline.errors import PlatformError
from pipeline.languages import Language
from pipeline.publishing.base import (
    Costs,
    Format,
    GoneError,
    Limits,
    LocalTrack,
    Platform,
    RemoteTrack,
    RemoteVideo,
    Setup,
    SignInError,
    State,
    VideoText,
)
from pipeline.publishing.youtube import auth, languages
from pipeline.publishing.youtube.client import Bytes, ask, connect, upload

# What videos.update may write of a snippet; a part is overwritten whole, so all of them are sent back as they are.
# https://developers.google.com/youtube/v3/docs/videos/update
_SNIPPET = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
_STATES: Mapping[str, State] = {"serving": "serving", "syncing": "processing", "failed": "failed"}
_VIDEO = re.compile(r"[\w-]{1,64}", re.ASCII)
_ADDRESS = re.compile(r"(?:youtu\.be/|[?&]v=|/(?:shorts|embed|live|video)/)([\w-]{1,64})", re.ASCII)
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class YouTube(Platform):
    """The channel that is signed in to."""

    name: ClassVar[str] = languages.NAME
    title: ClassVar[str] = languages.TITLE
    # Names: revision history of 2024-03-12; files: captions.insert; titles and descriptions: videos#snippet.
    limits: ClassVar[Limits] = Limits(150, 104_857_600, ("srt", "vtt"), 100, 5000, "<>")
    # https://developers.google.com/youtube/v3/determine_quota_cost; texts are read, then written.
    costs: ClassVar[Costs] = Costs(
        video=1, tracks=50, insert=400, update=450, activate=450, delete=50, download=200, texts=51
    )

    def __init__(
        self, credentials: Credentials, channel: Mapping[str, str], *, endpoint: str, timeout_s: float
    ) -> None:
        self._channel = channel
        self._api = connect(credentials, endpoint=endpoint, timeout_s=timeout_s)

    @classmethod
    def open(cls, setup: Setup) -> YouTube:
        credentials, channel = auth.stored_credentials(setup)
        return cls(credentials, channel, endpoint=setup.endpoint, timeout_s=setup.timeout_s)

    @classmethod
    def sign_in(cls, setup: Setup) -> str:
        return auth.sign_in(setup)

    @classmethod
    def spell(cls, language: Language) -> str:
        return languages.spell(language)

    def video(self, video: str) -> RemoteVideo:
        if not _VIDEO.fullmatch(video):
            raise PlatformError(f"{video[:60]!r} is no video of YouTube.", remedy=_which(video))
        item = self._item(video, "snippet,contentDetails,localizations")
        snippet = item["snippet"]
        own = self._channel["id"]
        if own and snippet["channelId"] != own:
            raise SignInError(
                f"The video belongs to {snippet.get('channelTitle', snippet['channelId'])}, "
                f"and {self._channel['title']} is signed in.",
                where=_of(video),
                remedy="Correct publish.videos.youtube, or sign in as that channel: zimu auth youtube.",
            )
        return RemoteVideo(
            video,
            snippet["title"],
            snippet.get("channelTitle", ""),
            _milliseconds(item.get("contentDetails", {}).get("duration", "")),
            {
                code: VideoText(text.get("title", ""), text.get("description", ""))
                for code, text in item.get("localizations", {}).items()
            },
            snippet.get("defaultLanguage", ""),
        )

    def tracks(self, video: str) -> tuple[RemoteTrack, ...]:
        answer = ask(_of(video), self._api.captions().list(part="snippet", videoId=video).execute)
        found = (_track(item) for item in answer.get("items", []) if _is_standard(item))
        return tuple(found)

    def insert(self, video: str, track: LocalTrack) -> RemoteTrack:
        body = {"snippet": {"videoId": video, "language": track.code, "name": track.name, "isDraft": not track.live}}
        request = self._api.captions().insert(part="snippet", body=body, media_body=Bytes(track.data))
        return _track(upload(request, _of(video, track.code)))

    def update(self, video: str, remote: RemoteTrack, track: LocalTrack) -> RemoteTrack:
        return self._update(video, remote, live=track.live, data=track.data)

    def activate(self, video: str, remote: RemoteTrack, *, live: bool) -> RemoteTrack:
        return self._update(video, remote, live=live, data=None)

    def delete(self, video: str, remote: RemoteTrack) -> None:
        try:
            ask(_of(video, remote.code), self._api.captions().delete(id=remote.id).execute)
        except GoneError:
            return

    def download(self, video: str, remote: RemoteTrack) -> tuple[bytes, Format] | None:
        kind: Literal["srt"] = "srt"
        data = ask(_of(video, remote.code), self._api.captions().download(id=remote.id, tfmt=kind).execute)
        return bytes(data), kind

    def put_texts(self, video: str, texts: Mapping[str, VideoText], *, spoken: str) -> None:
        item = self._item(video, "snippet,localizations")
        snippet = {key: item["snippet"][key] for key in _SNIPPET if key in item["snippet"]}
        snippet.setdefault("defaultLanguage", spoken)
        localizations: dict[str, dict[str, str]] = dict(item.get("localizations", {}))
        for code, text in texts.items():
            spelt = next((known for known in localizations if known.casefold() == code.casefold()), code)
            localizations[spelt] = {
                **localizations.get(spelt, {}),
                "title": text.title,
                "description": text.description,
            }
        body = {"id": video, "snippet": snippet, "localizations": localizations}
        ask(_of(video), self._api.videos().update(part="snippet,localizations", body=body).execute)

    def close(self) -> None:
        self._api.close()

    def _item(self, video: str, part: str) -> dict[str, Any]:
        answer = ask(_of(video), self._api.videos().list(part=part, id=video).execute)
        items: list[dict[str, Any]] = answer.get("items", [])
        if not items:
            raise PlatformError(
                "YouTube has no such video, or it is another account's private one.",
                where=_of(video),
                remedy=_which(""),
            )
        return items[0]

    def _update(self, video: str, remote: RemoteTrack, *, live: bool, data: bytes | None) -> RemoteTrack:
        # Only isDraft can be changed of the snippet; where it stays, the snippet is not sent.
        body: dict[str, Any] = {"id": remote.id}
        part = "id"
        if live != remote.live or data is None:
            body["snippet"], part = {"isDraft": not live}, "snippet"
        what = _of(video, remote.code)
        if data is None:
            answer = ask(what, self._api.captions().update(part=part, body=body).execute)
        else:
            answer = upload(self._api.captions().update(part=part, body=body, media_body=Bytes(data)), what)
        return self._updated(video, remote, answer, live=live)

    def _updated(self, video: str, remote: RemoteTrack, answer: dict[str, Any], *, live: bool) -> RemoteTrack:
        if "snippet" in answer:
            return _track(answer)
        # Without its snippet the answer does not tell how far it is: that is asked for after the uploads.
        return RemoteTrack(remote.id, remote.code, remote.name, "processing", live)


def _is_standard(item: Mapping[str, Any]) -> bool:
    """Neither what YouTube heard itself (ASR) nor a forced track."""
    return str(item["snippet"].get("trackKind", "standard")).casefold() == "standard"


def _track(item: Mapping[str, Any]) -> RemoteTrack:
    snippet = item["snippet"]
    return RemoteTrack(
        id=item["id"],
        code=snippet["language"],
        name=snippet.get("name", ""),
        state=_STATES.get(snippet.get("status", ""), "processing"),
        live=not snippet.get("isDraft", False),
        reason=snippet.get("failureReason", ""),
        updated=snippet.get("lastUpdated", ""),
    )


def _milliseconds(duration: str) -> int:
    """An ISO 8601 duration as YouTube writes it (PT1H2M3S); 0 where it is none."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        return 0
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000


def _which(video: str) -> str:
    """How to name a video; of an address, its id."""
    found = _ADDRESS.search(video)
    if found:
        return f'Write publish.videos.youtube = "{found[1]}".'
    return "Correct publish.videos.youtube: the part of the video's address after v=."


def _of(video: str, code: str = "") -> str:
    return f"YouTube {video} {code}".rstrip()
