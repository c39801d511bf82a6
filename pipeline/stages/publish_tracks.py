"""What of an episode is to be on a platform: its tracks, and its titles in other languages."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EpisodeError, UsageError
from pipeline.job import Job
from pipeline.languages import Language, find
from pipeline.publishing.base import Action, Format, LocalTrack, Platform, VideoText
from pipeline.publishing.checking import check_text, check_track
from pipeline.publishing.planning import same_code, unapproved_reason
from pipeline.publishing.reasons import Reason, ReasonCode, UnknownLanguageError
from pipeline.runner import NotReady
from pipeline.store.video_texts import StoredText, TextField
from pipeline.subtitles import load, save
from pipeline.track import Track

_OLD: dict[TextField, ReasonCode] = {"title": "title-old", "description": "description-old"}
_UNAPPROVED: dict[TextField, ReasonCode] = {"title": "title-unapproved", "description": "description-unapproved"}


class NoVideoError(UsageError):
    """The episode does not say which video it is on a platform."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for; what they leave open, the settings say.

    Attributes:
        to: platforms; empty: publish.to, else all that the episode names a video of.
        languages: BCP-47, the most important first.
        live: True: viewers see it; False: drafts; None: as publish.live says, and nothing is taken back.
        overwrite: what somebody changed on the platform is replaced.
    """

    to: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    live: bool | None = None
    overwrite: bool = False


def platforms_of(job: Job, wanted: Wanted) -> tuple[str, ...]:
    """The platforms to publish an episode to.

    Raises:
        NoVideoError: it names no video on any.
    """
    settings = job.settings.publish
    names = tuple(dict.fromkeys(wanted.to or settings.to or settings.videos))
    if not names:
        raise NoVideoError(
            "The episode does not say which video it is on a platform.",
            where=job.episode.folder / "episode.toml",
            remedy='Write its id there: [publish] videos = { youtube = "…" }',
        )
    return names


def video_of(job: Job, platform: str) -> str:
    """The episode's video on a platform.

    Raises:
        NoVideoError: it names none.
    """
    video = job.settings.publish.videos.get(platform, "").strip()
    if not video:
        raise NoVideoError(
            f"The episode does not say which video it is on {platform}.",
            where=job.episode.folder / "episode.toml",
            remedy=f'Write its id there: [publish] videos = {{ {platform} = "…" }}',
        )
    return video


def languages_of(job: Job, wanted: Wanted) -> tuple[Language, ...]:
    """The languages to publish, the most important first.

    Raises:
        UsageError: Zimu does not know one.
    """
    tags = wanted.languages or job.settings.publish.languages
    if not tags:
        return (job.source, *job.targets)
    return tuple(job.languages[tag] for tag in dict.fromkeys(find(tag, job.languages).tag for tag in tags))


def local_tracks(job: Job, adapter: type[Platform], wanted: Wanted) -> tuple[list[LocalTrack], list[Action]]:
    """The tracks that are to be on a platform, and for each other language why it is not.

    Raises:
        EpisodeError: the episode is not aligned yet.
    """
    if not job.alignment_path.is_file():
        raise EpisodeError("The episode is not aligned yet.", where=job.episode.folder, remedy="Run `zimu run` first.")
    languages = languages_of(job, wanted)
    alike = spelt_alike(adapter, languages)
    found = [
        Action("hold", language.tag, (alike[language.tag],))
        if language.tag in alike
        else _local_track(job, adapter, wanted, language)
        for language in languages
    ]
    tracks = [each for each in found if isinstance(each, LocalTrack)]
    return tracks, [each for each in found if isinstance(each, Action)]


def all_tracks(job: Job, adapter: type[Platform], wanted: Wanted) -> list[LocalTrack]:
    """The tracks as they are here, approved or not: to compare them."""
    found = []
    for language in languages_of(job, wanted):
        with suppress(NotReady, UsageError):
            found.append(_made_track(job, adapter, language, live=True, missing=None))
    return found


def spelt_alike(adapter: type[Platform], languages: Sequence[Language]) -> dict[str, Reason]:
    """Languages (by tag) that a platform spells as another of them: it would take one's track for the other's."""
    codes: dict[str, str] = {}
    for language in languages:
        with suppress(UsageError):  # what it does not know is said by itself
            codes[language.tag] = adapter.spell(language)
    found = {}
    for tag, code in codes.items():
        others = [other for other, its in codes.items() if other != tag and same_code(its, code)]
        if others:
            values = {"platform": adapter.title, "code": code, "others": ", ".join(others)}
            found[tag] = Reason("spelt-alike", values)
    return found


def unapproved(job: Job, language: Language) -> tuple[int, int]:
    """How many sentences of a translation nobody has approved as they are, and how many there are."""
    units = job.store.units(job.episode_id, language.tag)
    return sum(unit.status != "approved" or unit.stale for unit in units), len(units)


def refused(tracks: list[LocalTrack], adapter: type[Platform], *, duration_ms: int) -> list[Action]:
    """The tracks that a platform would refuse, found before anything is sent."""
    found = []
    for track in tracks:
        problems = check_track(track, adapter.limits, adapter.title, duration_ms=duration_ms)
        if problems:
            found.append(Action("hold", track.language, _first(problems), local=track))
    return found


def local_texts(
    job: Job, adapter: type[Platform], wanted: Wanted
) -> tuple[dict[str, VideoText], dict[str, str], list[Action]]:
    """Titles and descriptions by the platform's spelling of their language; its tag; and what is left, and why."""
    texts: dict[str, VideoText] = {}
    tags: dict[str, str] = {}
    left: list[Action] = []
    if (
        not adapter.limits.title_chars
        or wanted.live is False
        or (wanted.live is None and not job.settings.publish.live)
    ):
        return texts, tags, left
    stored = {(each.language, each.field): each for each in job.store.video_texts(job.episode_id)}
    languages = languages_of(job, wanted)
    barred = {job.source.tag, *spelt_alike(adapter, languages)}  # why, the tracks say
    for language in languages:
        if language.tag in barred:
            continue
        text, why = _local_text(job, language, stored)
        if why:
            left.append(Action("leave", language.tag, tuple(why)))
        if text != VideoText():
            problems = check_text(text, adapter.limits, adapter.title)
            if problems:
                left.append(Action("hold", language.tag, _first(problems)))
                continue
            with suppress(UsageError):  # a language that it does not know: the tracks say it
                code = adapter.spell(language)
                texts[code], tags[code] = text, language.tag
    return texts, tags, left


def published_path(job: Job, platform: str, track: LocalTrack) -> Path:
    """Where a copy of what was published last is kept, to know it again."""
    return job.episode.output / "published" / f"{platform}.{track.code}.{track.suffix}"


def track_bytes(track: Track, suffix: Format) -> tuple[bytes, Track]:
    """A track as a file, and as whoever reads that file has it."""
    with tempfile.TemporaryDirectory(prefix="zimu-") as folder:
        path = Path(folder) / f"track.{suffix}"
        save(track, path)
        return path.read_bytes(), load(path, language=track.language)


def _local_track(job: Job, adapter: type[Platform], wanted: Wanted, language: Language) -> LocalTrack | Action:
    settings = job.settings.publish
    live = settings.live if wanted.live is None else wanted.live
    missing: tuple[int, int] | None = None
    try:
        adapter.spell(language)
    except UnknownLanguageError as error:
        return Action("hold", language.tag, error.reasons)
    except UsageError as error:
        return Action("hold", language.tag, (Reason("not-spelt", {"said": f"{error.what} {error.remedy}"}),))
    if language.tag != job.source.tag and settings.only_approved:
        open_, units = unapproved(job, language)
        if open_:
            missing = (open_, units)
            if settings.unapproved == "leave":
                return Action("leave", language.tag, (unapproved_reason(*missing),))
            live = False
    try:
        return _made_track(job, adapter, language, live=live, missing=missing)
    except NotReady:
        return Action("leave", language.tag, (Reason("untranslated"),))


def _made_track(
    job: Job, adapter: type[Platform], language: Language, *, live: bool, missing: tuple[int, int] | None
) -> LocalTrack:
    suffix = adapter.limits.formats[0]
    data, track = track_bytes(job.track(language), suffix)
    name = _name(job, adapter, language)
    return LocalTrack(language.tag, adapter.spell(language), name, data, suffix, track.cues, live, missing)


def _name(job: Job, adapter: type[Platform], language: Language) -> str:
    """The track's name by the settings' template."""
    name = job.settings.publish.name.get(adapter.name, adapter.track_name)
    parts = {"{language}": language.name, "{own_name}": language.own_name, "{title}": job.episode.title}
    for placeholder, value in parts.items():
        name = name.replace(placeholder, value)
    return " ".join(name.split())


def _local_text(
    job: Job, language: Language, stored: Mapping[tuple[str, TextField], StoredText]
) -> tuple[VideoText, list[Reason]]:
    """A title and a description that may be shown, and why one is not."""
    settings = job.settings.publish
    sources: dict[TextField, str] = {"title": job.episode.title, "description": settings.description}
    own: dict[TextField, dict[str, str]] = {"title": settings.titles, "description": settings.descriptions}
    found: dict[TextField, str] = {"title": "", "description": ""}
    reasons: list[Reason] = []
    for name in found:
        if text := own[name].get(language.tag, "").strip():
            found[name] = text
        elif (kept := stored.get((language.tag, name))) is not None:
            if kept.source != sources[name]:
                reasons.append(Reason(_OLD[name]))
            elif kept.status != "approved" and settings.only_approved:
                reasons.append(Reason(_UNAPPROVED[name]))
            else:
                found[name] = kept.text
    return VideoText(found["title"], found["description"]), reasons


def _first(problems: Sequence[Reason]) -> tuple[Reason, ...]:
    """What is wrong first, and how much more there is."""
    more = (Reason("refused-more", {"n": len(problems) - 1}),) if len(problems) > 1 else ()
    return (problems[0], *more)
