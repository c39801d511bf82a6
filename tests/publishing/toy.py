"""A platform of somebody else's, in one file: a folder with a file a language. docs/publishing.md shows it."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pipeline.errors import PlatformError
from pipeline.publishing import Limits, LocalTrack, Platform, RemoteTrack, RemoteVideo, Setup


class Shelf(Platform):
    """Videos are folders, tracks are files in them: talk/en.vtt."""

    name: ClassVar[str] = "shelf"
    title: ClassVar[str] = "Shelf"
    limits: ClassVar[Limits] = Limits(name_chars=40, file_bytes=1_000_000, formats=("vtt",))

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def open(cls, setup: Setup) -> Shelf:
        return cls(Path(setup.endpoint))

    def video(self, video: str) -> RemoteVideo:
        if not (self._folder / video).is_dir():
            raise PlatformError("The shelf has no such video.", where=video, remedy="Correct publish.videos.shelf.")
        return RemoteVideo(video, title=video)

    def tracks(self, video: str) -> tuple[RemoteTrack, ...]:
        return tuple(self._track(file) for file in sorted((self._folder / video).glob("*.vtt")))

    def insert(self, video: str, track: LocalTrack) -> RemoteTrack:
        file = self._folder / video / f"{track.code}.vtt"
        file.write_bytes(track.data)
        return self._track(file)

    def update(self, video: str, remote: RemoteTrack, track: LocalTrack) -> RemoteTrack:
        return self.insert(video, track)

    def download(self, video: str, remote: RemoteTrack) -> tuple[bytes, str]:
        return (self._folder / video / remote.id).read_bytes(), "vtt"

    def _track(self, file: Path) -> RemoteTrack:
        return RemoteTrack(file.name, file.stem, "", "serving", live=True, updated=str(file.stat().st_mtime_ns))
