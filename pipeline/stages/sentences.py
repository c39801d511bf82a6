"""Timed lines in, sentences out: the units of an episode."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import MissingError
from pipeline.files import sha256_json, write_text
from pipeline.job import Job
from pipeline.languages import Language
from pipeline.translation.borders import load_sentence_rules
from pipeline.translation.units import Unit, borders_of, group_sentences, spoken_lines

if TYPE_CHECKING:
    from pipeline.translation.engines import EmbeddedModel
    from pipeline.translation.engines.embedded import WarmModel


def episode_units(
    job: Job, language: Language, *, model: Callable[[], EmbeddedModel | WarmModel] | None
) -> tuple[Unit, ...]:
    """The episode's sentences, as they are translated into a language.

    They are the same in all, but where people split or merged them, or wrote a translation: what a person has worked
    on stays together as it was, whatever the rules, the settings or the model say by now.

    Arguments:
        model: makes the language model that is asked where sentences end; None: the rules alone decide.
    """
    settings = job.settings.translate
    return group_sentences(
        job.alignment.lines,
        max_lines=settings.max_lines,
        max_ms=settings.max_ms,
        rules=load_sentence_rules(job.table("sentences.toml")),
        model_scores=_scores(job, model) if model is not None else None,
        kept=_kept(job, language),
    )


def _kept(job: Job, language: Language) -> dict[int, bool]:
    """Where people's units end, by the line before; what they said of a border counts before what a text implies."""
    lines, store = job.alignment.lines, job.store
    theirs = [(unit.first, unit.source) for unit in store.units(job.episode_id, language.tag) if unit.by_person]
    said = store.borders(job.episode_id, [line.text for line in lines], language.tag)
    return borders_of(lines, theirs) | said


def scores_path(job: Job) -> Path:
    """Where the model's scores are kept: a model's numbers differ a little from run to run, units must not."""
    return job.episode.output / "sentences.json"


def _scores(job: Job, make: Callable[[], EmbeddedModel | WarmModel]) -> Mapping[int, float] | None:
    """What the model says, from the file of an earlier run if it is about these lines; None if it can't be had."""
    from pipeline.translation.punctuation import VERSION, model_scores

    lines = spoken_lines(job.alignment.lines)
    model = make()
    path, key = scores_path(job), sha256_json([VERSION, [line.text for line in lines], model.checksum])
    known = _read(path, key)
    if known is not None and len(known) == max(0, len(lines) - 1):
        return dict(zip([line.index for line in lines], known, strict=False))
    try:
        with job.reporter.task("sentences", len(lines), "units") as task:
            asked = 0

            def next_token(prompt: str) -> Mapping[str, float]:
                nonlocal asked
                asked += 1
                task.update(asked)
                return model.next_token(prompt)

            scores = model_scores(lines, next_token)
    except MissingError as error:
        job.reporter.warn(f"sentences: the rules alone decide where they end: {error.what} {error.remedy}")
        return None
    finally:
        model.close()
    write_text(path, json.dumps({"key": key, "scores": [round(score, 3) for score in scores.values()]}) + "\n")
    return {index: round(score, 3) for index, score in scores.items()}


def _read(path: Path, key: str) -> list[float] | None:
    """The scores in the order of the lines, or None where the file has none for these."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return [float(score) for score in kept["scores"]] if kept["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):  # no file, or not one of ours: asked again
        return None
