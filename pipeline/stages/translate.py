"""Timed lines in, translated units in the store out: a step a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.job import Job
from pipeline.languages import Language
from pipeline.runner import NotReady, Step
from pipeline.stages.sentences import episode_units
from pipeline.stages.terms import episode_candidates, episode_glossary
from pipeline.translation.glossary import Glossary
from pipeline.translation.prompts import Prompts, load_prompts

if TYPE_CHECKING:
    from pipeline.translation import TranslationResult
    from pipeline.translation.engines import EmbeddedModel, ServerModel, Toolbox

VERSION = 2


def plan(job: Job) -> list[Step]:
    """A step for each language to translate into."""
    if not job.alignment_path.is_file():
        raise NotReady
    return [_step(job, language) for language in job.targets]


def _step(job: Job, language: Language) -> Step:
    glossary, prompts = episode_glossary(job, language), _prompts(job)
    settings = job.settings
    return Step(
        name=f"translate {language.tag}",
        inputs={
            "alignment": job.manifest.digest(job.alignment_path),
            "glossary": glossary.digest,
            "prompts": prompts.digest,
            "sentences": job.table_digest("sentences.toml"),
            "model": job.models.checksum(job.model_name("llm")),
        },
        settings={
            "title": job.episode.title,
            "language": language.tag,
            "translate": settings.translate.model_dump(exclude={"glossary"}),
            "memory": settings.memory.model_dump(include={"near_percent", "near_limit"}),
            "terms": settings.terms.model_dump(),
            "server": settings.server.model_dump(include={"base_url", "model", "temperature", "seed"}),
            "argos": settings.argos.model_dump(include={"index_url", "package_files"}),
            "embedded": settings.embedded.model_dump(),
        },
        outputs=(),
        run=lambda: _translate(job, language, glossary, prompts),
        state=lambda: job.store.digest(job.episode.id, language.tag),
    )


def _translate(job: Job, language: Language, glossary: Glossary, prompts: Prompts) -> Mapping[str, Any]:
    from pipeline.translation import Context, Knowledge, translate_episode
    from pipeline.translation.engines import open_engine, resolve_order
    from pipeline.translation.memory_store import load_memory

    settings = job.settings.translate
    tools = _toolbox(job, prompts)
    order = resolve_order(settings.engine, settings.order, server_configured=tools.server is not None)
    ask_model = settings.sentence_model == "auto" and order[:1] == ("embedded",)
    units = episode_units(job, model=tools.embedded if ask_model else None)
    result = translate_episode(
        units,
        context=Context(job.source.tag, language.tag, language.name, job.episode.title),
        episode_id=job.episode.id,
        store=job.store,
        order=order,
        open_engine=lambda name, context: open_engine(name, tools, context),
        known=Knowledge(
            glossary=glossary,
            memory=load_memory(job.store, source=job.source.tag, target=language.tag),
            near_percent=job.settings.memory.near_percent,
            near_limit=job.settings.memory.near_limit,
            candidates=episode_candidates(job, language, [unit.text for unit in units], glossary),
        ),
        reporter=job.reporter,
        context_before=settings.context_before,
        context_after=settings.context_after,
    )
    job.forget_tracks()
    _tell(job, result)
    return {
        "units": result.units,
        "translated": result.translated,
        "kept": result.kept,
        "by_people": result.by_people,
        "engines": list(result.engines),
        "findings": [asdict(finding) for finding in result.findings],
    }


def _tell(job: Job, result: TranslationResult) -> None:
    done = [f"{result.translated} translated by {', '.join(result.engines)}"] if result.translated else []
    done += [f"{result.kept} unchanged"] if result.kept else []
    done += [f"{result.by_people} by people"] if result.by_people else []
    counts = Counter(finding.rule for finding in result.findings)
    told = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
    job.reporter.info(
        f"translation {result.language}: {result.units} sentences, {', '.join(done)}"
        + (f"; to review: {told}" if told else "")
    )
    for finding in result.findings:
        job.reporter.detail(f"{result.language} {finding.where}: {finding.rule}: {finding.value} → {finding.limit}")


def _prompts(job: Job) -> Prompts:
    return load_prompts(job.table("prompts/translate.system.md"), job.table("prompts/translate.user.md"))


def _toolbox(job: Job, prompts: Prompts) -> Toolbox:
    from pipeline.translation.engines import ArgosOptions, Toolbox

    settings = job.settings
    argos = settings.argos
    return Toolbox(
        prompts=prompts,
        argos=ArgosOptions(
            folder=Path(argos.folder).expanduser() if argos.folder else job.models.folder / "argos",
            index_url="" if settings.models.offline else argos.index_url,
            package_files=tuple(job.episode.workspace / Path(name).expanduser() for name in argos.package_files),
            timeout_s=settings.models.timeout_s,
            device=job.device,
            threads=job.threads,
            batch_units=argos.batch_units,
        ),
        server=(lambda: _server(job)) if settings.server.base_url else None,
        embedded=lambda: _embedded(job),
        server_batch_units=settings.server.batch_units,
        embedded_batch_units=settings.embedded.batch_units,
        reporter=job.reporter,
    )


def _server(job: Job) -> ServerModel:
    from pipeline.translation.engines import ServerModel
    from pipeline.translation.engines.server import find_key

    server = job.settings.server
    return ServerModel(
        server.base_url,
        server.model,
        key=find_key(server.key_variable, server.base_url),
        temperature=server.temperature,
        seed=server.seed,
        timeout_s=server.timeout_s,
        retries=server.retries,
        backoff_s=server.backoff_s,
        max_wait_s=server.max_wait_s,
    )


def _embedded(job: Job) -> EmbeddedModel:
    from pipeline.translation.engines import EmbeddedModel

    embedded = job.settings.embedded
    return EmbeddedModel(
        lambda: job.model_folder("llm"),
        checksum=job.models.checksum(job.model_name("llm")),
        threads=job.threads,
        context_tokens=embedded.context_tokens,
        seed=embedded.seed,
        temperature=embedded.temperature,
        gpu_layers=embedded.gpu_layers,
    )
