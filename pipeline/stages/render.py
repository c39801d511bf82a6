"""Media and subtitles in, videos out: a step a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import UsageError
from pipeline.job import Job
from pipeline.languages import Language
from pipeline.runner import Step
from pipeline.subtitles.styles import Role, load_styles

if TYPE_CHECKING:
    from pipeline.rendering import Canvas, FontBook

VERSION = 1


def check_settings(job: Job) -> None:
    """Raises UsageError where `render.burn` names a language that the episode does not have."""
    for name in job.settings.render.burn:
        burned_languages(job, name)


def burned_languages(job: Job, name: str) -> tuple[Language, ...]:
    """The languages of an entry of `render.burn`, upper one first; `first` is left out where nothing is translated."""
    found: dict[str, Language] = {}
    available = {language.tag: language for language in (job.source, *job.targets)}
    for part in name.split("+"):
        if part == "source":
            found[job.source.tag] = job.source
        elif part == "first":
            found |= {language.tag: language for language in job.targets[:1]}
        elif part in available:
            found[part] = available[part]
        else:
            raise UsageError(
                f"render.burn has {name!r}, but the episode has no subtitles in {part!r}.",
                where=job.episode.loaded.origins.get(("render", "burn")),
                remedy=f"Use source, first, or one of {', '.join(available)}, joined by +; or add it to episode.to.",
            )
    if len(found) > 2:
        raise UsageError(
            f"render.burn has {name!r}: at most two languages fit in a picture.", remedy="Name one or two."
        )
    return tuple(found.values())


def plan(job: Job) -> list[Step]:
    """First the videos with subtitle tracks, which take seconds, then those that are encoded."""
    if not job.has_video and not job.settings.render.background:
        return []
    soft = [_soft_step(job, container) for container in job.settings.render.soft] if job.has_video else []
    burned = {step.name: step for name in job.settings.render.burn if (step := _burn_step(job, name)) is not None}
    return [*soft, *burned.values()]


def _inputs(job: Job, languages: tuple[Language, ...]) -> dict[str, str]:
    tracks = {f"track {language.tag}": job.track_digest(language) for language in languages}
    return {
        "media": job.manifest.digest(job.episode.media),
        "languages": job.table_digest("languages.toml"),
        "styles": job.table_digest("styles.toml"),
        **tracks,
    }


def _soft_step(job: Job, container: str) -> Step:
    languages = (job.source, *job.targets)
    target = job.episode.output / "video" / f"soft.{container}"
    return Step(
        name=f"render {target.name}",
        inputs=_inputs(job, languages),
        settings={
            "title": job.episode.title,
            "languages": [language.tag for language in languages],
            "mkv_formats": list(job.settings.render.mkv_formats) if container == "mkv" else [],
            "fonts_folder": job.settings.render.fonts_folder,
        },
        outputs=(target,),
        run=lambda: _mux(job, languages, target),
    )


def _burn_step(job: Job, name: str) -> Step | None:
    languages = burned_languages(job, name)
    if not languages:
        return None
    target = job.episode.output / "video" / f"burned.{'+'.join(language.tag for language in languages)}.mp4"
    settings = job.settings.render.model_dump(exclude={"soft", "burn", "mkv_formats", "stall_s"})
    return Step(
        name=f"render {target.name}",
        inputs=_inputs(job, languages),
        settings={**settings, "title": job.episode.title},
        outputs=(target,),
        run=lambda: _burn(job, languages, target),
    )


def _mux(job: Job, languages: tuple[Language, ...], target: Path) -> Mapping[str, Any]:
    from pipeline.media import find_ffmpeg
    from pipeline.rendering import SoftTrack, mux

    styles = load_styles(job.table("styles.toml"))
    tracks = [
        SoftTrack(
            track=job.track(language),
            iso639=language.iso639_2,
            name=language.own_name,
            style=styles.for_language(language.tag),
            default=number == 0,
        )
        for number, language in enumerate(languages)
    ]
    mux(
        job.media,
        tracks,
        target,
        fonts=_fonts(job),
        ffmpeg=find_ffmpeg(job.settings.media.ffmpeg),
        reporter=job.reporter,
        matroska_formats=job.settings.render.mkv_formats,
        fallback_fonts=styles.fallback,
        stall_s=job.settings.render.stall_s,
    )
    return _told(job, target)


def _burn(job: Job, languages: tuple[Language, ...], target: Path) -> Mapping[str, Any]:
    from pipeline.media import find_ffmpeg
    from pipeline.rendering import burn

    styles = load_styles(job.table("styles.toml"))
    roles: tuple[Role, ...] = ("single",) if len(languages) == 1 else ("upper", "lower")
    layers = [
        (job.track(language), styles.for_language(language.tag, role))
        for language, role in zip(languages, roles, strict=True)
    ]
    render = job.settings.render
    burn(
        job.media,
        layers,
        target,
        fonts=_fonts(job),
        ffmpeg=find_ffmpeg(job.settings.media.ffmpeg),
        reporter=job.reporter,
        encoder=render.encoder,
        encoder_order=render.encoders,
        encoder_options=render.encoder_options,
        vaapi_device=render.vaapi_device,
        fallback_fonts=styles.fallback,
        canvas=_canvas(job),
        threads=job.settings.compute.threads,
        stall_s=render.stall_s,
        title=job.episode.title,
    )
    return _told(job, target)


def _fonts(job: Job) -> FontBook:
    from pipeline.rendering import load_fonts

    folder = job.settings.render.fonts_folder
    key = ("fonts", folder)
    return job.bench.get(key, lambda: load_fonts(job.episode.workspace / Path(folder).expanduser() if folder else None))


def _canvas(job: Job) -> Canvas | None:
    """What an episode without pictures is drawn on: a colour, or a picture in the episode's folder."""
    from pipeline.rendering import Canvas

    render = job.settings.render
    if job.has_video or not render.background:
        return None
    picture = job.episode.folder / render.background
    width, height = render.resolution
    return Canvas(picture if picture.is_file() else render.background, width, height, render.fps)


def _told(job: Job, target: Path) -> Mapping[str, Any]:
    size = target.stat().st_size
    job.reporter.info(f"video: {target.name}, {size / 1e6:,.1f} MB")
    return {"bytes": size}
