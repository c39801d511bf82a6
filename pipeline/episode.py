"""An episode's folder: what is in it, and the settings that hold for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import InputError, UsageError
from pipeline.files import write_text
from pipeline.layers import LoadedSettings, load_settings
from pipeline.settings import EpisodeSettings

OUTPUT_FOLDER = "zimu"
TRANSCRIPT_SUFFIXES = ("txt", "srt", "vtt", "ass")


@dataclass(frozen=True, slots=True)
class Episode:
    """A folder with one media file and one transcript.

    Attributes:
        folder: the episode's folder, absolute.
        workspace: the nearest folder above with a zimu.toml, else the episode's own folder.
        media: the media file.
        transcript: the transcript's file.
        loaded: the settings that hold for it.
    """

    folder: Path
    workspace: Path
    media: Path
    transcript: Path
    loaded: LoadedSettings

    @property
    def id(self) -> str:
        """The folder's place in its workspace: its name, unless folders are nested. The store knows it by that."""
        if self.folder == self.workspace:
            return self.folder.name
        return self.folder.relative_to(self.workspace).as_posix()

    @property
    def title(self) -> str:
        return self.loaded.settings.episode.title or self.folder.name

    @property
    def output(self) -> Path:
        return self.folder / OUTPUT_FOLDER


def find_workspace(folder: Path) -> Path:
    """The nearest folder above `folder` (itself included) that has a zimu.toml, else `folder`."""
    return next((above for above in (folder, *folder.parents) if (above / "zimu.toml").is_file()), folder)


def open_episode(folder: Path, flags: dict[str, dict[str, object]] | None = None) -> Episode:
    """Find an episode's media, transcript and settings.

    Raises:
        InputError: the folder, the media or the transcript is missing, or there are two.
        UsageError: a setting is wrong.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        raise InputError(
            "There is no such folder." if not folder.exists() else "An episode is a folder, this is a file.",
            where=folder,
            remedy="Give the folder that holds the video and transcript.txt; zimu init makes one.",
        )
    workspace = find_workspace(folder)
    loaded = load_settings(workspace=workspace, episode=folder, flags=flags)
    if loaded.settings.run.lock != "off":
        from pipeline.lock import locked

        loaded = locked(folder, workspace, flags or {})
    settings = loaded.settings.episode
    return Episode(
        folder=folder,
        workspace=workspace,
        media=_find_media(folder, settings),
        transcript=_find_transcript(folder, settings),
        loaded=loaded,
    )


def is_episode(folder: Path) -> bool:
    """Whether a folder looks like an episode: it has a transcript of the usual name, or an episode.toml."""
    names = [f"transcript.{suffix}" for suffix in TRANSCRIPT_SUFFIXES] + ["episode.toml"]
    return folder.is_dir() and any((folder / name).is_file() for name in names)


def find_episodes(folder: Path) -> list[Path]:
    """The episodes at or below a folder, by name; outputs and hidden folders are not looked into."""
    if is_episode(folder):
        return [folder]
    inner = (
        path for path in folder.iterdir() if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    )
    return [episode for path in sorted(inner) for episode in find_episodes(path)]


def _named(folder: Path, name: str, key: str) -> Path:
    """The file that episode.toml names, which must lie in the episode's own folder."""
    path = folder / name
    if Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"episode.{key} = {name!r} is outside the episode's folder.",
            where=folder / "episode.toml",
            remedy="Put the file into the episode's folder and give its name.",
        )
    if not path.is_file():
        raise InputError(
            f"The file that episode.{key} names is not there: {name}.",
            where=folder,
            remedy="Correct the name in episode.toml, or add the file.",
        )
    return path


def _find_media(folder: Path, settings: EpisodeSettings) -> Path:
    if settings.media:
        return _named(folder, settings.media, "media")
    suffixes = {"." + suffix.lower().lstrip(".") for suffix in settings.media_suffixes}
    found = sorted(path for path in _files(folder) if path.suffix.lower() in suffixes)
    if not found:
        raise InputError(
            "There is no media file in the episode.",
            where=folder,
            remedy="Add the video or audio file; if its ending is unusual, name it in episode.toml: "
            '[episode] media = "…".',
        )
    if len(found) > 1:
        raise InputError(
            f"There are {len(found)} media files: {', '.join(path.name for path in found)}.",
            where=folder,
            remedy='Leave one, or name the right one in episode.toml: [episode] media = "…".',
        )
    return found[0]


def _find_transcript(folder: Path, settings: EpisodeSettings) -> Path:
    if settings.transcript:
        return _named(folder, settings.transcript, "transcript")
    found = [path for suffix in TRANSCRIPT_SUFFIXES if (path := folder / f"transcript.{suffix}").is_file()]
    if not found:
        raise InputError(
            "There is no transcript in the episode.",
            where=folder,
            remedy="Add transcript.txt, one caption a row (or transcript.srt, .vtt, .ass).",
        )
    if len(found) > 1:
        raise InputError(
            f"There are {len(found)} transcripts: {', '.join(path.name for path in found)}.",
            where=folder,
            remedy='Leave one, or name the right one in episode.toml: [episode] transcript = "…".',
        )
    return found[0]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


EPISODE_TOML = """# An episode of Zimu. Put the video (or audio) and transcript.txt beside this file, one caption a row.
# Everything here is optional: remove the # in front of what you want to say.
# `zimu config show` lists every setting that may stand here.

[episode]
# title = "RISC-V 的故事"          # helps the translator; players show it
# to = ["en", "ja"]                # languages to translate into
# language = "zh-Hans"             # what is spoken
# media = "video.mp4"              # needed only where the folder has several media files
# transcript = "transcript.txt"    # needed only where it has another name

# Names and terms of this episode, by target language: each must appear in the translation.
# [glossary.en]
# "英伟达" = "NVIDIA"

# Videos to make: subtitle tracks, and subtitles in the picture.
# [render]
# soft = ["mp4", "mkv"]
# burn = ["source+first", "en"]

# Which video this is on a platform, for `zimu publish`.
# [publish]
# videos = { youtube = "dQw4w9WgXcQ" }
"""


def init_episode(folder: Path) -> Path:
    """Make a folder with a commented episode.toml; returns that file.

    Raises:
        UsageError: the folder already has an episode.toml, or is a file.
    """
    path = folder / "episode.toml"
    if path.exists():
        raise UsageError("The episode already has an episode.toml.", where=path, remedy="Edit that file.")
    if folder.exists() and not folder.is_dir():
        raise UsageError("This is a file.", where=folder, remedy="Give a folder.")
    write_text(path, EPISODE_TOML)
    return path
