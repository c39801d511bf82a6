"""Files for editors without the page: an episode's units and cues out, corrected files in, with a preview."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.episode import open_episode
from pipeline.errors import EpisodeError, InputError, UsageError
from pipeline.exchange import (
    CUE_FORMATS,
    FORMATS,
    Change,
    Document,
    ExchangeUnit,
    Limits,
    Past,
    Shown,
    format_name,
    plan_cues,
    plan_import,
    read_document,
)
from pipeline.exchange.base import read_bytes
from pipeline.exchange.cues import recognise
from pipeline.files import atomic_path
from pipeline.job import Job, Workbench
from pipeline.languages import Language, find
from pipeline.progress import SilentReporter
from pipeline.runner import NotReady
from pipeline.store import Comment, ConflictError, StoredUnit
from pipeline.subtitles import load, save
from pipeline.subtitles.display import displayed, visible
from pipeline.subtitles.recut import translated_cues
from pipeline.subtitles.styles import load_styles
from pipeline.track import Cue, Finding, Track
from pipeline.translation.units import TranslatedUnit

_LATER = "Run `zimu translate` first."


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change.

    Attributes:
        language: BCP-47 of the translation that it is of.
        file: the file's name.
        units: how many units the episode has.
        changes: as `pipeline.exchange.Change` explains them; none: the file says what is there.
    """

    language: str
    file: str
    units: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: changes that are made, and those that are not, with the reason."""

    done: tuple[Change, ...]
    left: tuple[Change, ...]


@contextmanager
def opened(folder: Path) -> Iterator[Job]:
    """An episode to export from or import into.

    Raises:
        InputError: the folder is no episode. UsageError: a setting is wrong.
    """
    bench = Workbench()
    try:
        yield Job(open_episode(folder), bench, SilentReporter())
    finally:
        bench.close()


def export_episode(
    job: Job, formats: Sequence[str], *, languages: Sequence[str] = (), out: Path | None = None, force: bool = False
) -> list[Path]:
    """Write an episode's translations for editors; returns the files, one a language and format.

    Arguments:
        formats: of `FORMATS` and `CUE_FORMATS`.
        languages: BCP-47; empty: all that the episode is translated into. Subtitle formats can have the spoken one.
        out: the folder to write to; None: the episode's `zimu/exchange`.
        force: overwrite files that are there, which a person may have corrected.

    Raises:
        UsageError: no such format or language, or a file is there already.
        EpisodeError: the episode is not translated yet, or the folder can't be written.
    """
    names = list(dict.fromkeys(format_name(each) for each in formats))
    tags = [find(tag, job.languages).tag for tag in languages] or _translated(job)
    folder = out or job.episode.output / "exchange"
    wanted = [(name, job.languages[tag]) for tag in dict.fromkeys(tags) for name in names]
    paths = [folder / f"{job.episode.folder.name}.{language.tag}.{name}" for name, language in wanted]
    for path in paths:
        if path.exists() and not force:
            raise UsageError(
                "The file is there already; somebody may have corrected it.",
                where=path,
                remedy="Bring it in with `zimu import`, or move it away, or export with --force.",
            )
    for path, (name, language) in zip(paths, wanted, strict=True):
        if name in CUE_FORMATS:
            _save(job, _track(job, language), path, language)
        else:
            data = FORMATS[name].write(_document(job, language))
            with atomic_path(path) as part:
                part.write_bytes(data)
    return paths


def preview_import(job: Job, file: Path, *, language: str | None = None) -> Preview:
    """What a corrected file would change; nothing is changed.

    Arguments:
        language: BCP-47; None: what the file says, or its name (`talk.en.srt`), or the only one there is.

    Raises:
        InputError: the file is damaged, too big, empty, or of another episode or language.
        UsageError: no such format or language, or it can't be told which language the file is in.
    """
    name = format_name(file.suffix)
    read_bytes(file, _limits(job))
    if name in CUE_FORMATS:
        return _preview_cues(job, file, _language_of_cues(job, file, language))
    document = read_document(file, _limits(job))
    chosen = _language_of(job, file, document, language)
    if document.episode and document.episode != job.episode_id:
        raise InputError(
            f"The file is of another episode, {document.title or document.episode}.",
            where=file,
            remedy=f"Give the episode that it was exported from; this is {job.episode.id}.",
        )
    units = _units(job, chosen)
    changes = plan_import(units, document, _history(job, chosen))
    if document.units and not any(change.kind != "added" and change.where for change in changes):
        _refuse_foreign(file, changes, len(document.units))
    return Preview(chosen.tag, file.name, len(units), tuple(changes))


def apply_import(job: Job, preview: Preview, who: str, *, take: Sequence[str] = ()) -> Imported:
    """Bring a file's changes in, each as a revision by `who`; what anybody changed since the preview is left.

    Arguments:
        take: ids of units whose conflicts are decided for the file.

    Raises:
        EpisodeError: the database can't be written. What was done before stays done.
    """
    language = job.languages[preview.language]
    texts = Counter(change.unit.id for change in preview.changes if change.unit and change.kind == "text")
    done: list[Change] = []
    left: list[Change] = []
    revisions: dict[str, int] = {}
    for change in preview.changes:
        unit = change.unit
        wanted = change.applies or (unit is not None and unit.id in take and change.can_apply)
        if unit is None or not wanted or (change.kind == "text" and texts[unit.id] > 1):
            left.append(change)
            continue
        try:
            revisions[unit.id] = _apply(job, language, change, unit, who, revisions.get(unit.id, unit.revision))
            done.append(change)
        except ConflictError as error:
            left.append(replace(change, conflict=True, reason=error.what))
    if done:
        job.forget_tracks()
    return Imported(tuple(done), tuple(left))


def _apply(job: Job, language: Language, change: Change, unit: ExchangeUnit, who: str, revision: int) -> int:
    """Make one change; returns the unit's revision after it."""
    store, identity = job.store, int(unit.id)
    if change.kind == "note":
        store.comment(identity, change.after, who)
        return revision
    if change.kind == "cues":
        return store.set_cues(identity, change.cues or (), who, revision).revision
    if change.kind == "status":
        if change.status == "approved":
            return store.approve(identity, who, revision).revision
        if unit.status == "approved":
            return store.reopen(identity, who, revision).revision
        return store.edit(
            identity, unit.text, who, revision, findings=_findings(job, language, unit, unit.text), kind="import"
        ).revision
    saved = store.edit(
        identity,
        change.after,
        who,
        revision,
        findings=_findings(job, language, unit, change.after),
        cues=change.cues,
        kind="import",
    )
    return store.approve(identity, who, saved.revision).revision if change.status == "approved" else saved.revision


def _findings(job: Job, language: Language, unit: ExchangeUnit, text: str) -> tuple[Finding, ...]:
    """What the checks have against a text, as they would after a translation."""
    from pipeline.stages.terms import episode_glossary
    from pipeline.translation.checks import check_unit

    if not text:
        return ()
    glossary = job.bench.get(("exchange", language.tag), lambda: episode_glossary(job, language))
    terms = glossary.hits(unit.source)
    return check_unit(unit.source, text, language=language.tag, terms=terms, where=f"lines {unit.lines}")


def _limits(job: Job) -> Limits:
    settings = job.settings.exchange
    return Limits(settings.max_bytes, settings.max_unpacked_bytes, settings.max_units, settings.max_chars)


def _translated(job: Job) -> list[str]:
    """The languages that the episode has units in, as its settings order them."""
    there = [tag for tag in job.store.languages(job.episode_id) if tag in job.languages]
    if not there:
        raise EpisodeError("The episode has no translations yet.", where=job.episode.folder, remedy=_LATER)
    order = [language.tag for language in job.targets]
    return sorted(there, key=lambda tag: (order.index(tag) if tag in order else len(order), tag))


def _track(job: Job, language: Language) -> Track:
    try:
        return job.track(language)
    except NotReady:
        raise EpisodeError(
            f"The episode has no subtitles in {language.name} yet.", where=job.episode.folder, remedy=_LATER
        ) from None


def _save(job: Job, track: Track, path: Path, language: Language) -> None:
    if path.suffix != ".ass":
        save(track, path)
        return
    try:
        width, height = job.picture_size
    except NotReady:
        raise EpisodeError(
            "The episode is not aligned yet.", where=job.episode.folder, remedy="Run `zimu align` first."
        ) from None
    style = load_styles(job.table("styles.toml")).for_language(language.tag)
    save(track, path, style=style, width=width, height=height, title=job.episode.title)


def _document(job: Job, language: Language) -> Document:
    return Document(
        episode=job.episode_id,
        title=job.episode.title,
        source_language=job.source.tag,
        language=language.tag,
        units=tuple(_units(job, language)),
        right_to_left=language.direction == "rtl",
    )


def _stored(job: Job, language: Language) -> tuple[StoredUnit, ...]:
    if language.tag == job.source.tag:
        raise UsageError(
            f"{language.name} is spoken in the episode: its lines are the transcript.",
            remedy="Give a language that it is translated into; or export subtitles (srt, vtt, ass).",
        )
    stored = job.store.units(job.episode_id, language.tag)
    if not stored:
        raise EpisodeError(
            f"The episode is not translated into {language.name} yet.", where=job.episode.folder, remedy=_LATER
        )
    return stored


def _units(job: Job, language: Language) -> list[ExchangeUnit]:
    comments = job.store.episode_comments(job.episode_id, language.tag)
    return [_unit(unit, comments.get(unit.id, ())) for unit in _stored(job, language)]


def _unit(unit: StoredUnit, comments: Sequence[Comment]) -> ExchangeUnit:
    said = [f"{each.who}: {row}" for each in comments if not each.resolved for row in each.text.split("\n")]
    return ExchangeUnit(
        id=str(unit.id),
        first=unit.first,
        last=unit.last,
        source=unit.source,
        text=unit.text,
        status=unit.status,
        start_ms=unit.start_ms,
        end_ms=unit.end_ms,
        note="\n".join(said),
        revision=unit.revision,
    )


def _history(job: Job, language: Language) -> dict[str, tuple[Past, ...]]:
    return {
        str(unit.id): tuple(
            Past(each.revision, each.source, each.text, each.status) for each in job.store.history(unit.id)
        )
        for unit in _stored(job, language)
    }


def _language_of(job: Job, file: Path, document: Document, language: str | None) -> Language:
    """The language of a file of units: what it says itself, which must be what is asked for."""
    said = find(document.language, job.languages) if document.language else None
    asked = find(language, job.languages) if language else None
    if said and asked and said.tag != asked.tag:
        raise InputError(
            f"The file is in {said.name}, not in {asked.name}.", where=file, remedy=f"Import it as {said.tag}."
        )
    return said or asked or _only_language(job, file)


def _language_of_cues(job: Job, file: Path, language: str | None) -> Language:
    """The language of a subtitle file: what is asked for, or what its name says: en.srt, talk.en.srt."""
    if language:
        return find(language, job.languages)
    for part in reversed(file.stem.split(".")):
        try:
            return find(part, job.languages)
        except UsageError:
            continue
    return _only_language(job, file)


def _only_language(job: Job, file: Path) -> Language:
    there = _translated(job)
    if len(there) > 1:
        raise UsageError(
            "The file does not say which language it is in.",
            where=file,
            remedy=f"Say it: --language {there[0]}. There are {', '.join(there)}.",
        )
    return job.languages[there[0]]


def _refuse_foreign(file: Path, changes: Sequence[Change], units: int) -> None:
    if sum(change.kind == "added" for change in changes) == units:
        raise InputError(
            "Nothing in the file belongs to this episode.",
            where=file,
            remedy="Give the episode that it was exported from.",
        )


def _preview_cues(job: Job, file: Path, language: Language) -> Preview:
    cues = load(file, language=language.tag).cues
    if not cues:
        raise InputError("There is no cue in the file.", where=file, remedy="Save it again, or export it again.")
    _check_size(job, file, cues)
    _check_language(job, file, cues, language)
    shown = _as_written(job, _shown(job, language), file.suffix.lower(), language)
    try:
        changes = plan_cues(shown, cues, _history(job, language), joiner=language.joiner, show=_show(language))
    except InputError as error:
        raise InputError(error.what, where=f"{file}, {error.where}", remedy=error.remedy) from error
    return Preview(language.tag, file.name, len(shown), tuple(changes))


def _show(language: Language) -> Callable[[str], str]:
    """How a text of the language is shown."""
    return lambda text: "".join(displayed(text, language.profile.punctuation))


def _shown(job: Job, language: Language) -> list[Shown]:
    """Each unit with its cues as they are now."""
    stored = _stored(job, language)
    _track(job, language)  # says what is missing
    told = [TranslatedUnit(unit.first, unit.last, unit.text, unit.fixed_cues) for unit in stored]
    parts = translated_cues(job.alignment, told, language)
    # No file has anything of a cue without visible text.
    seen = [tuple(cue for cue in part if any(map(visible, cue.text.split("\n")))) for part in parts]
    return [Shown(unit, part) for unit, part in zip(_units(job, language), seen, strict=True)]


def _as_written(job: Job, shown: Sequence[Shown], suffix: str, language: Language) -> list[Shown]:
    """The same as a file of that format has it: times rounded, look-alikes for what it can't hold."""
    track = Track(language.tag, tuple(cue for each in shown for cue in each.cues))
    with tempfile.TemporaryDirectory(prefix="zimu-") as folder:
        path = Path(folder) / f"now{suffix}"
        _save(job, track, path, language)
        written = iter(load(path, language=language.tag).cues)
    return [replace(each, cues=tuple(next(written) for _ in each.cues)) for each in shown]


def _check_size(job: Job, file: Path, cues: Sequence[Cue]) -> None:
    limits = _limits(job)
    long = next((number for number, cue in enumerate(cues, start=1) if len(cue.text) > limits.max_chars), 0)
    if len(cues) > limits.max_units or long:
        what = (
            f"a text of more than {limits.max_chars:,} characters" if long else f"more than {limits.max_units:,} cues"
        )
        raise InputError(
            f"The file has {what}.",
            where=f"{file}, cue {long}" if long else file,
            remedy="See that it is the right file, or raise exchange.max_chars or exchange.max_units.",
        )


def _check_language(job: Job, file: Path, cues: Sequence[Cue], language: Language) -> None:
    """Refuse a file whose cues are those of another language of the episode, or not of this episode at all."""
    tags = dict.fromkeys((language.tag, job.source.tag, *_translated(job)))
    found = recognise(cues, {tag: _track(job, job.languages[tag]).cues for tag in tags}, language.tag)
    if found is None:
        raise InputError(
            "The file does not look like one of this episode: neither its texts nor its times are known here.",
            where=file,
            remedy="Give the episode and the --language that it was made for.",
        )
    if found != language.tag:
        raise InputError(
            f"The file is in {job.languages[found].name}, not in {language.name}.",
            where=file,
            remedy=f"Say --language {found}."
            if found != job.source.tag
            else "The spoken language is corrected in the transcript, or on the review page.",
        )
