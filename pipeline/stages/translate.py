"""Timed lines in, translated units in the store out: a step a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.job import Job
from pipeline.languages import Language, find
from pipeline.runner import NotReady, Step
from pipeline.stages.sentences import episode_units
from pipeline.stages.terms import episode_candidates, episode_glossary
from pipeline.translation.glossary import Glossary
from pipeline.translation.prompts import Prompts, load_prompts
from pipeline.translation.wording import NO_WORDINGS, Wordings, load_wordings

if TYPE_CHECKING:
    from pipeline.store import StoredUnit
    from pipeline.translation import TranslationResult
    from pipeline.translation.engines import Budget, EmbeddedModel, Pivot, ServerModel, Toolbox
    from pipeline.translation.engines.embedded import WarmModel

VERSION = 5


def plan(job: Job) -> Iterator[Step]:
    """A step for each language to translate into; the one that others may start from comes first."""
    if not job.alignment_path.is_file():
        raise NotReady
    pivot = _pivot_language(job)
    for language in sorted(_languages(job, pivot), key=lambda each: each != pivot):
        yield _step(job, language, _pivot(job, language, pivot))


def _languages(job: Job, pivot: Language | None) -> tuple[Language, ...]:
    """What is translated: the episode's languages, and the pivot where it is asked for."""
    started_from = any(job.source.tag not in language.convert for language in job.targets)
    if pivot is None or pivot in job.targets or not started_from:
        return job.targets
    return (pivot, *job.targets)


def _pivot_language(job: Job) -> Language | None:
    """The language that others may start from, if the episode is translated into it."""
    settings = job.settings.pivot
    language = find(settings.language, job.languages) if settings.language else None
    if language is None or language.tag == job.source.tag:
        return None
    return language if settings.make or language in job.targets else None


def _pivot(job: Job, language: Language, pivot: Language | None) -> Pivot | None:
    """The pivot's texts as they are now; None where the language does not start from it."""
    from pipeline.translation.engines import Pivot, usable_texts

    if pivot is None or language == pivot or job.source.tag in language.convert:
        return None
    texts = usable_texts(job.store.units(job.episode_id, pivot.tag))
    return Pivot(pivot.tag, texts, episode_glossary(job, pivot))


def _step(job: Job, language: Language, pivot: Pivot | None) -> Step:
    glossary, prompts = episode_glossary(job, language), _prompts(job)
    settings = job.settings
    return Step(
        name=f"translate {language.tag}",
        inputs={
            "alignment": job.manifest.digest(job.alignment_path),
            "glossary": glossary.digest,
            "prompts": prompts.digest,
            "shorten": _shorten_prompts(job).digest,
            "wordings": _wordings(job, language).digest,
            "languages": job.table_digest("languages.toml"),
            "sentences": job.table_digest("sentences.toml"),
            "model": job.models.checksum(job.model_name("llm")),
            "pivot": pivot.digest if pivot else "",
            "borders": job.store.borders_digest(job.episode_id, language.tag),
        },
        settings={
            "title": job.episode.title,
            "language": language.tag,
            "translate": settings.translate.model_dump(exclude={"glossary"}),
            "memory": settings.memory.model_dump(include={"near_percent", "near_limit"}),
            "terms": settings.terms.model_dump(),
            "server": settings.server.model_dump(include={"base_url", "model", "temperature", "seed"}),
            "pivot": settings.pivot.model_dump(),
            "argos": settings.argos.model_dump(include={"index_url", "package_files"}),
            "embedded": settings.embedded.model_dump(exclude={"parallel"}),
        },
        outputs=(),
        run=lambda: _translate(job, language, glossary, prompts, pivot),
        state=lambda: job.store.digest(job.episode_id, language.tag),
    )


def _translate(
    job: Job, language: Language, glossary: Glossary, prompts: Prompts, pivot: Pivot | None
) -> Mapping[str, Any]:
    from pipeline.translation import Context, Knowledge, translate_episode
    from pipeline.translation.engines import NO_PIVOT, OPENCC, open_engine, resolve_order, routes
    from pipeline.translation.memory_store import load_memory

    settings = job.settings.translate
    tools = replace(_toolbox(job, prompts), conversion=language.convert.get(job.source.tag, ""))
    spent = _budget(job).used
    order = resolve_order(settings.engine, settings.order, server_configured=tools.server is not None)
    units = episode_units(job, language, model=tools.embedded if asks_for_ends(job, tools, order) else None)
    ways = (OPENCC,) if tools.conversion else routes(order, language.tag, pivot, job.settings.pivot.model_dump())
    result = translate_episode(
        units,
        context=Context(job.source.tag, language.tag, language.name, job.episode.title),
        episode_id=job.episode_id,
        store=job.store,
        order=ways,
        open_engine=lambda name, context: open_engine(name, tools, context),
        known=Knowledge(
            glossary=glossary,
            memory=load_memory(job.store, source=job.source.tag, target=language.tag),
            near_percent=job.settings.memory.near_percent,
            near_limit=job.settings.memory.near_limit,
            candidates=(
                () if tools.conversion else episode_candidates(job, language, [unit.text for unit in units], glossary)
            ),
            pivot=pivot or NO_PIVOT,
        ),
        reporter=job.reporter,
        context_before=settings.context_before,
        context_after=settings.context_after,
        line_times=line_times(job),
        made_by=_made_by(job, ways[0], tools.conversion, prompts),
    )
    shortened = condensed = reworded = 0
    if settings.shorten and not tools.conversion:
        result, shortened, condensed, reworded = _shorten(job, language, glossary, tools, order, result)
    job.forget_tracks()
    _tell(job, result, shortened, condensed, reworded)
    return {
        "units": result.units,
        "translated": result.translated,
        "shortened": shortened,
        "condensed": condensed,
        "reworded": reworded,
        "kept": result.kept,
        "by_people": result.by_people,
        "engines": list(result.engines),
        "server": asdict(_budget(job).used - spent),
        "findings": [asdict(finding) for finding in result.findings],
    }


def asks_for_ends(job: Job, tools: Toolbox, order: Sequence[str]) -> bool:
    """Whether the embedded model says where sentences end: it translates, so it has to be there anyway.

    The answer is the same for all of the episode's languages, since they share its sentences.
    """
    if job.settings.translate.sentence_model == "off" or "embedded" not in order:
        return False
    from pipeline.translation.engines.argos import has_packages

    def first(target: str) -> str:
        for name in order:
            way = tools.argos, job.source.tag, target
            if name != "argos" or job.bench.get(("argos", *way), partial(has_packages, *way, job.reporter)):
                return name
        return ""

    translated = (language for language in job.targets if job.source.tag not in language.convert)
    return any(first(language.tag) == "embedded" for language in translated)


def _made_by(job: Job, way: str, conversion: str, prompts: Prompts) -> dict[str, str]:
    """What people are told when it changes: the engine that is asked first, its model and prompt.

    That it is the first one, not the one that answered in the end, keeps an engine that is out of reach for a day from
    making people's work stale.
    """
    from pipeline.translation.engines.through import engine_of

    engine = engine_of(way)
    embedded = job.model_name("llm")
    models = {
        "server": job.settings.server.model,
        "embedded": f"{embedded} ({job.models.checksum(embedded)[:8]})",
        "opencc": conversion,
    }
    return {
        "engine": way,
        "model": models.get(engine, ""),
        "prompt": prompts.digest[:12] if engine in ("server", "embedded") else "",
    }


def line_times(job: Job) -> list[tuple[int, int] | None]:
    """(start_ms, end_ms) of every line; None where it is not spoken."""
    lines = job.alignment.lines
    return [
        (line.start_ms, line.end_ms) if line.start_ms is not None and line.end_ms is not None else None
        for line in lines
    ]


def _shorten(
    job: Job, language: Language, glossary: Glossary, tools: Toolbox, order: tuple[str, ...], result: TranslationResult
) -> tuple[TranslationResult, int, int, int]:
    """Have what can't be read in its time made shorter; the result with its findings, and how many are shorter by an
    engine, by words left out, and by rules."""
    from pipeline.translation import Context
    from pipeline.translation.brevity import Renderings
    from pipeline.translation.engines import open_engine
    from pipeline.translation.renderings import collect_renderings
    from pipeline.translation.shortening import shorten_episode

    brief = replace(tools, prompts=_shorten_prompts(job), server_batch_units=1, embedded_batch_units=1)

    def renderings(units: Sequence[StoredUnit]) -> Renderings:
        candidates = episode_candidates(job, language, [unit.source for unit in units], glossary)
        return collect_renderings([(unit.source, unit.text) for unit in units], candidates, glossary)

    done = shorten_episode(
        job.alignment,
        episode_id=job.episode_id,
        language=language,
        store=job.store,
        context=Context(job.source.tag, language.tag, language.name, job.episode.title),
        order=order,
        open_engine=lambda name, context: open_engine(name, brief, context),
        glossary=glossary,
        renderings=renderings,
        findings=result.findings,
        reporter=job.reporter,
        wordings=_wordings(job, language),
    )
    return replace(result, findings=done.findings), done.shortened, done.condensed, done.reworded


def _wordings(job: Job, language: Language) -> Wordings:
    """The rules that make texts of a language shorter, if there are any."""
    names = dict.fromkeys((language.tag, language.tag.split("-")[0]))
    tables = (job.table(f"wordings/{name}.tsv") for name in names)
    found = next((path for path in tables if path.is_file()), None)
    return load_wordings(found) if found else NO_WORDINGS


def _tell(job: Job, result: TranslationResult, shortened: int, condensed: int, reworded: int) -> None:
    done = [f"{result.translated} translated by {', '.join(result.engines)}"] if result.translated else []
    done += [f"{result.kept} unchanged"] if result.kept else []
    done += [f"{result.by_people} by people"] if result.by_people else []
    done += [f"{reworded} made shorter by rules"] if reworded else []
    done += [f"{shortened} made shorter by the engine"] if shortened else []
    done += [f"{condensed} made shorter by leaving words out"] if condensed else []
    counts = Counter(finding.rule for finding in result.findings)
    told = ", ".join(f"{rule} {count}" for rule, count in counts.most_common())
    job.reporter.info(
        f"translation {result.language}: {result.units} sentences, {', '.join(done)}"
        + (f"; to review: {told}" if told else "")
    )
    for finding in result.findings:
        job.reporter.detail(f"{result.language} {finding.where}: {finding.rule}: {finding.value} → {finding.limit}")


def engine_tools(job: Job) -> Toolbox:
    """What engines are made of, by the episode's settings."""
    return _toolbox(job, _prompts(job))


def _prompts(job: Job) -> Prompts:
    return load_prompts(job.table("prompts/translate.system.md"), job.table("prompts/translate.user.md"))


def _shorten_prompts(job: Job) -> Prompts:
    return load_prompts(job.table("prompts/shorten.system.md"), job.table("prompts/shorten.user.md"))


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
        server_parallel=settings.server.concurrency,
        embedded_parallel=settings.embedded.parallel,
        budget=_budget(job),
    )


def _budget(job: Job) -> Budget:
    """What the server may take in this run, all episodes together."""
    from pipeline.translation.engines import Budget, Rates

    server = job.settings.server
    rates = Rates(server.price_in, server.price_out, server.currency, server.max_tokens, server.max_cost)
    return job.bench.get(("budget", rates), lambda: Budget(rates))


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


def _embedded(job: Job) -> EmbeddedModel | WarmModel:
    embedded, checksum = job.settings.embedded, job.models.checksum(job.model_name("llm"))
    if job.bench.warm:
        from pipeline.translation.engines.embedded import WarmModel

        key = ("embedded", checksum, job.threads, embedded)
        return WarmModel(job.bench.get(key, lambda: _embedded_model(job, checksum)))
    return _embedded_model(job, checksum)


def _embedded_model(job: Job, checksum: str) -> EmbeddedModel:
    from pipeline.translation.engines import EmbeddedModel

    embedded = job.settings.embedded
    return EmbeddedModel(
        lambda: job.model_folder("llm"),
        checksum=checksum,
        threads=job.threads,
        context_tokens=embedded.context_tokens,
        seed=embedded.seed,
        temperature=embedded.temperature,
        gpu_layers=embedded.gpu_layers,
        parallel=embedded.parallel,
    )
