"""Finished subtitles as a folder to upload by hand to a platform that has no interface for it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.files import atomic_folder
from pipeline.job import Job
from pipeline.languages import Language, find
from pipeline.publishing.checklist import Entry, checklist
from pipeline.publishing.packages import UploadPage, UploadPages, examine, load_pages, same_names
from pipeline.runner import NotReady
from pipeline.subtitles import save
from pipeline.subtitles.display import visible
from pipeline.track import Finding, Track

# What Zimu wrote: by it a folder is known as one that may be replaced.
RECORD = "package.json"
_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_TOLD = 10


@dataclass(frozen=True, slots=True)
class Package:
    """A folder that was written: what it is for, and the names of the files in it, the checklist first."""

    folder: Path
    platform: str
    files: tuple[str, ...]


def export_package(
    job: Job, platform: str, *, languages: Sequence[str] = (), out: Path | None = None, force: bool = False
) -> Package:
    """Write a platform's files and checklist; the folder appears whole or not at all.

    Arguments:
        platform: of config/platforms.toml.
        languages: BCP-47; empty: the spoken one and all that the episode is translated into.
        out: the folder to put the platform's folder in; None: the episode's `zimu/packages`.
        force: replace a folder whose files were changed since Zimu wrote them.

    Raises:
        UsageError: no such platform or language, or the platform does not have it, or the folder holds other files.
        InputError: the platform would refuse a track; every place is named.
        EpisodeError: the episode is not aligned or translated yet, or the folder can't be written.
    """
    pages = load_pages(job.table("platforms.toml"))
    page = pages.find(platform)
    chosen = _chosen(job, languages)
    codes = {language.tag: page.spell(language, job.languages) for language in chosen}
    names = {tag: page.names(code, job.episode.folder.name) for tag, code in codes.items()}
    found = list(same_names(names))
    files: dict[str, bytes] = {}
    entries = []
    for language in chosen:
        track = page.fit(_track(job, language), _media_ms(job))
        made = _files(track, names[language.tag])
        found += examine(page, track, language, files=made, media_ms=_media_ms(job))
        files |= made
        entries.append(_entry(job, language, track, codes[language.tag], names[language.tag]))
    _refuse(page, found, job.episode.folder)
    folder = (out or job.episode.output / "packages").absolute() / page.name
    _check_replaceable(folder, force=force)
    lists = _checklist(job, pages, page, entries, folder)
    _write(folder, {**{name: text.encode() for name, text in lists.items()}, **files}, job, page, codes)
    return Package(folder, page.name, (*lists, *files))


def checklist_language(wanted: str, environ: Mapping[str, str]) -> str:
    """The language that the setting `package.language` and the system's variables ask for."""
    if wanted != "auto":
        return wanted
    locale = next((environ[name] for name in _LOCALE_VARIABLES if environ.get(name)), "")
    return "zh-Hans" if locale.startswith("zh") else "en"


def _chosen(job: Job, languages: Sequence[str]) -> list[Language]:
    if languages:
        return [job.languages[tag] for tag in dict.fromkeys(find(tag, job.languages).tag for tag in languages)]
    order = [language.tag for language in job.targets]
    there = [tag for tag in job.store.languages(job.episode_id) if tag in job.languages and tag != job.source.tag]
    there.sort(key=lambda tag: (order.index(tag) if tag in order else len(order), tag))
    return [job.source, *(job.languages[tag] for tag in there)]


def _track(job: Job, language: Language) -> Track:
    try:
        return job.track(language)
    except NotReady:
        raise EpisodeError(
            f"The episode has no subtitles in {language.name} yet.",
            where=job.episode.folder,
            remedy="Run `zimu run` first, or leave the language out with --languages.",
        ) from None


def _media_ms(job: Job) -> int:
    """How long the video is: by its container, or by its sound where that only estimates."""
    return job.alignment.duration_ms if job.media.estimated else job.media.duration_ms


def _files(track: Track, names: Sequence[str]) -> dict[str, bytes]:
    """A track in every format that the names ask for; empty where it has times that no file can say."""
    if any(not 0 <= cue.start_ms < cue.end_ms for cue in track.cues):
        return {}  # a finding, no-time, says so
    made = {}
    with tempfile.TemporaryDirectory(prefix="zimu-") as scratch:
        for name in names:
            path = Path(scratch) / name
            save(track, path)
            made[name] = path.read_bytes()
    return made


def _entry(job: Job, language: Language, track: Track, code: str, names: tuple[str, ...]) -> Entry:
    units = () if language.tag == job.source.tag else job.store.units(job.episode_id, language.tag)
    cues = sum(any(map(visible, cue.text.split("\n"))) for cue in track.cues)
    unapproved = sum(unit.status != "approved" for unit in units)
    return Entry(language, code, names, cues, len(units), unapproved)


def _refuse(page: UploadPage, found: Sequence[Finding], where: Path) -> None:
    if not found:
        return
    told = [f"{each.where}: {each.rule}, {each.value} (limit: {each.limit}). {each.remedy}" for each in found[:_TOLD]]
    if len(found) > _TOLD:
        told.append(f"And {len(found) - _TOLD} more.")
    places = "one place" if len(found) == 1 else f"{len(found)} places"
    raise InputError(
        f"{page.title['en']} would refuse the subtitles, in {places}; nothing was written.",
        where=where,
        remedy="\n  ".join(told),
    )


def _check_replaceable(folder: Path, *, force: bool) -> None:
    """Refuse a folder that has anything but what Zimu wrote."""
    if not folder.exists():
        return
    recorded = _recorded(folder)
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else {folder.name}
    foreign = sorted(there - {*recorded, RECORD})
    if foreign or (there and RECORD not in there):
        raise UsageError(
            f"There are other files already: {', '.join(foreign[:5])}.",
            where=folder,
            remedy="Move them away, or write somewhere else with --out.",
        )
    changed = [
        name for name in sorted(there & set(recorded)) if _digest((folder / name).read_bytes()) != recorded[name]
    ]
    if changed and not force:
        raise UsageError(
            f"Somebody changed {', '.join(changed[:5])} since it was written.",
            where=folder,
            remedy="Bring it in with `zimu import`, or move it away, or export with --force.",
        )


def _recorded(folder: Path) -> dict[str, str]:
    try:
        return {str(name): str(digest) for name, digest in json.loads((folder / RECORD).read_bytes())["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _checklist(
    job: Job, pages: UploadPages, page: UploadPage, entries: Sequence[Entry], folder: Path
) -> dict[str, str]:
    language = checklist_language(job.settings.package.language, os.environ)
    return checklist(page, entries, title=job.episode.title, folder=str(folder), words=pages.words, language=language)


def _write(folder: Path, files: Mapping[str, bytes], job: Job, page: UploadPage, codes: Mapping[str, str]) -> None:
    record = {
        "platform": page.name,
        "episode": job.episode_id,
        "languages": dict(codes),
        "files": {name: _digest(data) for name, data in files.items()},
    }
    with atomic_folder(folder) as part:
        for name, data in files.items():
            (part / name).write_bytes(data)
        (part / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
