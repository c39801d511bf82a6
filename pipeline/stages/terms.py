"""An episode's terms: its glossary, the names that nobody has fixed, and the table that proposes them for approval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.episode import open_episode
from pipeline.files import config_dir, write_text
from pipeline.job import Job, Workbench
from pipeline.languages import Language
from pipeline.progress import Reporter
from pipeline.runner import episode_lock
from pipeline.translation.glossary import Glossary, glossary_from_entries, load_glossary
from pipeline.translation.terms import (
    Candidate,
    find_candidates,
    jieba_tagger,
    merge_table,
    rejected_terms,
    table_path,
)


@dataclass(frozen=True, slots=True)
class TermTable:
    """An episode's table of terms for a language, as `zimu terms` left it.

    Attributes:
        path: where it lies; not there where nothing was found and there was none.
        language: BCP-47.
        candidates: the names and terms that no glossary has; approved and rejected ones too.
        renderings: for each its translations so far, with how often.
        new: how many are in the table for the first time.
    """

    path: Path
    language: str
    candidates: tuple[Candidate, ...]
    renderings: dict[str, dict[str, int]]
    new: int


def episode_glossary(job: Job, language: Language, *, with_table: bool = True) -> Glossary:
    """Zimu's table for the pair (and for the pair with a region, `zh-zh-Hant-TW.tsv`); over it the workspace's, the
    settings' files, the episode's approved terms, and the episode's own settings."""
    entries = job.settings.glossary.get(language.tag, {})
    files = glossary_files(job, language, with_table=with_table)
    return load_glossary(files).overridden_by(glossary_from_entries(entries, f"[glossary.{language.tag}]"))


def glossary_files(job: Job, language: Language, *, with_table: bool = True) -> list[Path]:
    """The files that the episode's glossary is read from, in their order."""
    pairs = dict.fromkeys((pair_table(job.source, language), f"{_primary(job.source)}-{language.tag}.tsv"))
    tables = [folder / "glossary" / pair for folder in (config_dir(), own_config(job)) for pair in pairs]
    files = [path for path in tables if path.is_file()]
    files += [job.episode.folder / name for name in job.settings.translate.glossary]
    own = table_path(job.episode.folder, language.tag)
    return files + ([own] if with_table and own.is_file() else [])


def pair_table(source: Language, target: Language) -> str:
    """The name of a glossary for a pair of languages: `zh-en.tsv`."""
    return f"{_primary(source)}-{_primary(target)}.tsv"


def own_config(job: Job) -> Path:
    """The workspace's own folder of tables."""
    return job.episode.workspace / "config"


def episode_candidates(job: Job, language: Language, texts: Sequence[str], glossary: Glossary) -> tuple[Candidate, ...]:
    """The names and terms of the sentences that the glossary does not have and nobody has rejected."""
    path = table_path(job.episode.folder, language.tag)
    rejected = rejected_terms(path) if path.is_file() else frozenset()
    return tuple(each for each in _find(job, texts, glossary) if each.source not in rejected)


def propose_terms(folder: Path, *, flags: dict[str, dict[str, Any]], reporter: Reporter) -> list[TermTable]:
    """Write or update an episode's tables of terms, one for each of its languages.

    Raises:
        ZimuError: the episode or a table can't be read, or the folder not written.
    """
    bench = Workbench()
    try:
        job = Job(open_episode(folder, flags), bench, reporter)
        with episode_lock(job.episode):
            return [_propose(job, language) for language in job.targets]
    finally:
        bench.close()


def _propose(job: Job, language: Language) -> TermTable:
    from pipeline.translation.renderings import collect_renderings

    glossary = episode_glossary(job, language, with_table=False)
    units = job.store.units(job.episode_id, language.tag)
    texts = [unit.source for unit in units] or [line.text for line in job.transcript.lines]
    candidates = _find(job, texts, glossary)
    renderings = collect_renderings([(unit.source, unit.text) for unit in units if unit.text], candidates, glossary)
    path = table_path(job.episode.folder, language.tag)
    known = path if path.is_file() else None
    proposal = merge_table(known, candidates, renderings)
    if candidates or known:
        write_text(path, proposal.text)
    return TermTable(path, language.tag, candidates, renderings, proposal.new)


def _find(job: Job, texts: Iterable[str], glossary: Glossary) -> tuple[Candidate, ...]:
    settings = job.settings.terms
    return find_candidates(
        list(texts), known=glossary, tagger=jieba_tagger(), least=settings.least, limit=settings.limit
    )


def _primary(language: Language) -> str:
    return language.tag.split("-")[0]
