"""Titles and descriptions of videos in other languages: translated by an engine, corrected and approved by people."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import regex

from pipeline.episode import open_episode
from pipeline.errors import EpisodeError, PlatformError, UsageError
from pipeline.job import Job, Workbench
from pipeline.languages import Language, find
from pipeline.progress import Reporter
from pipeline.stages.terms import episode_glossary
from pipeline.stages.translate import engine_tools
from pipeline.store.video_texts import StoredText, TextField
from pipeline.translation.engines import OPENCC, open_engine, resolve_order
from pipeline.translation.engines.base import Context, EngineUnavailableError, Request

TitleState = Literal["missing", "out of date", "machine", "edited", "approved", "in the settings"]
_FIELDS: tuple[TextField, ...] = ("title", "description")
# Hashtags, links and times of chapters stay as they are.
_KEPT = regex.compile(r"(?:\s|https?://\S+|#\w+|[\d:.,\-–—/()|]+)+")
_STOP = regex.compile(r"[.。]$")


@dataclass(frozen=True, slots=True)
class TitleWork:
    """What a person asks for.

    Attributes:
        languages: BCP-47; empty: all that the episode is translated into.
        translate: have the missing and those out of date translated.
        approve: approve what is there.
        title, description: written by the person, in the one language that is named.
    """

    languages: Sequence[str]
    translate: bool
    approve: bool
    title: str | None
    description: str | None
    who: str


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A title or a description in a language, and how it stands; `of`: what it is a translation of."""

    language: str
    field: TextField
    state: TitleState
    text: str = ""
    who: str = ""
    at: str = ""
    of: str = ""
    revision: int = 0


def work_on_titles(
    folder: Path, work: TitleWork, reporter: Reporter, *, flags: dict[str, dict[str, object]] | None = None
) -> list[TitleRow]:
    """Do what is asked for; how all titles and descriptions stand then.

    Raises:
        UsageError: a text is given for no or several languages.
        EpisodeError: no engine can translate.
    """
    bench = Workbench()
    try:
        job = Job(open_episode(folder, flags), bench, reporter)
        languages = _languages(job, work.languages)
        _write(job, languages, work)
        if work.translate:
            for language in languages:
                _translate(job, language)
        if work.approve:
            _approve(job, languages, work.who)
        return [row for language in languages for row in title_rows(job, language)]
    finally:
        bench.close()


def title_rows(job: Job, language: Language) -> list[TitleRow]:
    """How the title and the description stand in a language; of a description only where the episode has one."""
    settings = job.settings.publish
    stored = _stored(job, language)
    rows = []
    for name, source in sources_of(job).items():
        own = (settings.titles if name == "title" else settings.descriptions).get(language.tag, "")
        kept = stored.get(name)
        if own:
            rows.append(TitleRow(language.tag, name, "in the settings", own))
        elif kept is None:
            rows.append(TitleRow(language.tag, name, "missing"))
        else:
            state: TitleState = kept.status if kept.source == source else "out of date"
            told = (kept.text, kept.who, kept.at, kept.source, kept.revision)
            rows.append(TitleRow(language.tag, name, state, *told))
    return rows


def sources_of(job: Job) -> dict[TextField, str]:
    """The title and the description in the spoken language; a description only where there is one."""
    description = job.settings.publish.description.strip()
    return {"title": job.episode.title, **({"description": description} if description else {})}


def _languages(job: Job, tags: Sequence[str]) -> list[Language]:
    if not tags:
        return list(job.targets)
    found = [job.languages[tag] for tag in dict.fromkeys(find(tag, job.languages).tag for tag in tags)]
    if job.source in found:
        raise UsageError(
            f"{job.source.tag} is the spoken language: its title and description are no translations.",
            where=job.episode.folder / "episode.toml",
            remedy="Change episode.title and publish.description there.",
        )
    return found


def _stored(job: Job, language: Language) -> dict[TextField, StoredText]:
    return {each.field: each for each in job.store.video_texts(job.episode_id) if each.language == language.tag}


def _write(job: Job, languages: Sequence[Language], work: TitleWork) -> None:
    given: dict[TextField, str | None] = {"title": work.title, "description": work.description}
    texts = {name: text.strip() for name, text in given.items() if text is not None}
    if not texts:
        return
    if len(languages) != 1 or not work.languages:
        raise UsageError("It is not said which language the text is in.", remedy="Give one: --languages en.")
    sources = sources_of(job)
    for name, text in texts.items():
        if not text:
            raise UsageError("A title or a description can't be empty.", remedy="Write something.")
        if name not in sources:
            raise UsageError(
                "The episode has no description to be translated.",
                where=job.episode.folder / "episode.toml",
                remedy='Write it there: [publish] description = "…"',
            )
        job.store.save_text(
            job.episode_id, languages[0].tag, name, source=sources[name], text=text, who=work.who, approved=work.approve
        )


def _approve(job: Job, languages: Sequence[Language], who: str) -> None:
    """Approve what is there and is of the title as it is now; what is out of date is not."""
    sources = sources_of(job)
    for language in languages:
        for name, kept in _stored(job, language).items():
            if kept.text and kept.status != "approved" and kept.source == sources.get(name):
                job.store.save_text(
                    job.episode_id, language.tag, name, source=kept.source, text=kept.text, who=who, approved=True,
                    expected_revision=kept.revision, kind="approve",
                )  # fmt: skip


def _translate(job: Job, language: Language) -> None:
    """Have what is missing, or a machine's and out of date, translated. People's texts stay: they are told about."""
    stored = _stored(job, language)
    wanted: dict[TextField, str] = {}
    for name, source in sources_of(job).items():
        kept = stored.get(name)
        if kept is None or (kept.source != source and not kept.by_person):
            wanted[name] = source
        elif kept.source != source:
            job.reporter.warn(f"{language.tag}: the {name} by {kept.who} is of an earlier one: look at it again.")
    if not wanted:
        return
    pieces = {
        f"u{number}": (name, place, row)
        for number, (name, place, row) in enumerate(
            (name, place, row)
            for name, source in wanted.items()
            for place, row in enumerate(source.split("\n"))
            if row.strip() and not _KEPT.fullmatch(row)
        )
    }
    answers, engine = _ask(job, language, {key: row.strip() for key, (_, _, row) in pieces.items()})
    for name, source in wanted.items():
        rows = source.split("\n")
        for key, (of, place, row) in pieces.items():
            if of == name:
                rows[place] = _like(row, answers[key])
        job.store.save_machine_text(
            job.episode_id, language.tag, name, source=source, text="\n".join(rows), engine=engine
        )


def _ask(job: Job, language: Language, texts: dict[str, str]) -> tuple[dict[str, str], str]:
    """The texts in another language by the first engine that has an answer for each, and its name.

    Raises:
        EpisodeError: there is none.
    """
    settings = job.settings.translate
    conversion = language.convert.get(job.source.tag, "")
    tools = replace(engine_tools(job), conversion=conversion)
    order = resolve_order(settings.engine, settings.order, server_configured=tools.server is not None)
    context = Context(job.source.tag, language.tag, language.name, job.episode.title)
    glossary = episode_glossary(job, language)
    requests = [Request(key, text, terms=tuple(glossary.hits(text))) for key, text in texts.items()]
    for name in (OPENCC,) if conversion else order:
        answers: dict[str, str] = {}
        try:
            with closing(open_engine(name, tools, context)) as engine:
                engine.translate(requests, context, answers.__setitem__)
        except (EngineUnavailableError, PlatformError) as error:
            job.reporter.warn(f"{name} can't be used: {error.what} {error.remedy}")
            continue
        if all(answers.get(key, "").strip() for key in texts):
            return answers, name
        job.reporter.warn(f"{name} left a part of the title or the description untranslated.")
    raise EpisodeError(
        f"No engine could translate the title into {language.name}.",
        where=job.episode.folder,
        remedy=f'Write it: zimu publish titles {job.episode.folder.name} --languages {language.tag} --title "…"',
    )


def _like(source: str, answer: str) -> str:
    """A translation on one row; titles have no full stop, and an engine's is taken away where the source has none."""
    text = " ".join(answer.split())
    return text if _STOP.search(source.strip()) else _STOP.sub("", text)
