"""Every setting, where it came from, and what is wrong with one that can't be used.

Layers, each over the one before: config/defaults.toml, the workspace's zimu.toml, the episode's episode.toml,
`ZIMU_SECTION__KEY` variables, flags. All four kinds of file and flag share one schema.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from pipeline.errors import UsageError
from pipeline.files import config_file, parse_toml, read_toml

ENV_PREFIX = "ZIMU_"
_NESTED = "__"
_NO_SETTINGS = frozenset({"ZIMU_API_KEY", "ZIMU_REVIEW_TOKEN", "ZIMU_VIMEO_TOKEN"})  # secrets are never settings
Origins = dict[tuple[str, str], str]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EpisodeSettings(_Section):
    title: str
    media: str
    transcript: str
    language: str
    to: tuple[str, ...]
    media_suffixes: tuple[str, ...]
    max_line_chars: int = Field(gt=0)
    max_transcript_bytes: int = Field(gt=0)


class ModelSettings(_Section):
    folder: str
    sources: tuple[Literal["folder", "hub", "wheels"], ...]
    local_folders: tuple[str, ...]
    hub_endpoint: str
    offline: bool
    timeout_s: float = Field(gt=0)
    whisper: str
    llm: str


class ComputeSettings(_Section):
    device: Literal["auto", "cpu", "cuda"]
    compute_type: str
    threads: int = Field(ge=0)


class AlignSettings(_Section):
    voice_threshold: float = Field(gt=0, lt=1)
    min_heard: float = Field(ge=0, le=1)
    extra_syllables: float = Field(ge=0)
    edge_shift_ms: int = Field(ge=0)
    check_below: float = Field(ge=0, le=1)
    plot: bool
    textgrid: bool


class SubtitleSettings(_Section):
    formats: tuple[Literal["srt", "vtt", "ass", "ttml", "sbv"], ...]


class TranslateSettings(_Section):
    engine: Literal["auto", "llm", "server", "argos", "embedded"]
    order: tuple[Literal["server", "argos", "embedded"], ...]
    glossary: tuple[str, ...]
    max_lines: int = Field(ge=1)
    max_ms: int = Field(gt=0)
    context_before: int = Field(ge=0)
    context_after: int = Field(ge=0)
    sentence_model: Literal["off", "auto"]
    shorten: bool


class PivotSettings(_Section):
    language: str
    make: bool
    server: tuple[str, ...]
    argos: tuple[str, ...]
    embedded: tuple[str, ...]


class MemorySettings(_Section):
    near_percent: float = Field(gt=0, le=100)
    near_limit: int = Field(ge=0)
    max_bytes: int = Field(gt=0)
    max_units: int = Field(gt=0)
    max_chars: int = Field(gt=0)


class ExchangeSettings(_Section):
    max_bytes: int = Field(gt=0)
    max_unpacked_bytes: int = Field(gt=0)
    max_units: int = Field(gt=0)
    max_chars: int = Field(gt=0)


class PackageSettings(_Section):
    language: str


class TermSettings(_Section):
    least: int = Field(ge=2)
    limit: int = Field(ge=1)


class ServerSettings(_Section):
    base_url: str
    model: str
    key_variable: str
    temperature: float = Field(ge=0)
    seed: int
    timeout_s: float = Field(gt=0)
    retries: int = Field(ge=0)
    backoff_s: float = Field(ge=0)
    max_wait_s: float = Field(ge=0)
    batch_units: int = Field(ge=1)
    concurrency: int = Field(ge=1, le=64)
    price_in: float = Field(ge=0)
    price_out: float = Field(ge=0)
    currency: str
    max_tokens: int = Field(ge=0)
    max_cost: float = Field(ge=0)


class ArgosSettings(_Section):
    folder: str
    index_url: str
    package_files: tuple[str, ...]
    batch_units: int = Field(ge=1)


class EmbeddedSettings(_Section):
    context_tokens: int = Field(ge=512)
    seed: int
    temperature: float = Field(ge=0)
    gpu_layers: int = Field(ge=-1)
    batch_units: int = Field(ge=1)
    parallel: int = Field(ge=1, le=64)


class RenderSettings(_Section):
    soft: tuple[Literal["mp4", "mkv"], ...]
    mkv_formats: tuple[Literal["srt", "ass"], ...] = Field(min_length=1)
    burn: tuple[str, ...]
    encoder: str
    encoders: tuple[str, ...]
    encoder_options: dict[str, dict[str, str]]
    vaapi_device: str
    background: str
    resolution: tuple[int, int]
    fps: int = Field(gt=0, le=240)
    fonts_folder: str
    stall_s: float = Field(gt=0)


class PublishSettings(_Section):
    to: tuple[str, ...]
    videos: dict[str, str]
    languages: tuple[str, ...]
    only_approved: bool
    unapproved: Literal["draft", "leave"]
    live: bool
    name: dict[str, str]
    description: str
    titles: dict[str, str]
    descriptions: dict[str, str]
    credentials: str
    endpoints: dict[str, str]
    quota_per_day: dict[str, int]
    timeout_s: float = Field(gt=0)
    retries: int = Field(ge=0)
    backoff_s: float = Field(ge=0)
    max_wait_s: float = Field(ge=0)
    polls: int = Field(ge=0)
    poll_s: float = Field(ge=0)


class MediaSettings(_Section):
    ffmpeg: str
    audio_stream: int = Field(ge=-1)
    max_hours: float = Field(gt=0)
    max_missing_s: float = Field(ge=0)
    silence_db: float = Field(le=0)
    probe_timeout_s: float = Field(gt=0)


class StoreSettings(_Section):
    url: str


class BatchSettings(_Section):
    aligners: int = Field(ge=0)
    translators: int = Field(ge=0)
    encoders: int = Field(ge=0)
    memory_mb: int = Field(ge=0)
    align_mb: int = Field(gt=0)
    align_mb_hour: int = Field(ge=0)
    translate_mb: int = Field(gt=0)
    render_mb: int = Field(gt=0)
    lock_wait_s: float = Field(ge=0)
    attempts: int = Field(ge=1)
    scan_s: float = Field(gt=0)
    settle_s: float = Field(ge=0)
    retry_s: float = Field(ge=0)
    storage: str
    ray_cpus: dict[Literal["align", "translate", "encode"], float]
    ray_gpus: dict[Literal["align", "translate", "encode"], float]
    logs: str
    kept_logs: int = Field(ge=1)
    metrics_file: str
    metrics_host: str
    metrics_port: int = Field(ge=0, le=65535)


class RunSettings(_Section):
    lock: Literal["off", "warn", "strict"]
    packages: tuple[str, ...]


class ReportSettings(_Section):
    language: Literal["en", "zh-Hans"]
    clips: int = Field(ge=0, le=1000)
    clip_s: float = Field(gt=0, le=60)
    clip_bits_per_second: int = Field(ge=16_000, le=128_000)


class ReviewSettings(_Section):
    host: str
    port: int = Field(ge=0, le=65535)
    hosts: tuple[str, ...]
    https: bool
    session_days: float = Field(gt=0)
    failures: int = Field(ge=1)
    media_folders: tuple[str, ...]
    rescan_s: float = Field(ge=0)
    poll_s: float = Field(gt=0)
    heartbeat_s: float = Field(gt=0)
    presence_s: float = Field(gt=0)
    peaks_per_second: int = Field(ge=1, le=1000)
    engine_idle_s: float = Field(gt=0)
    memory_percent: float = Field(gt=0, le=100)
    memory_limit: int = Field(ge=0)
    max_body_bytes: int = Field(gt=0)
    publish: bool
    page_rows: int = Field(ge=1)


class Settings(BaseSettings):
    """All settings, checked. Build it with `load_settings`."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter=_NESTED, extra="forbid", frozen=True)

    episode: EpisodeSettings
    models: ModelSettings
    compute: ComputeSettings
    align: AlignSettings
    translate: TranslateSettings
    pivot: PivotSettings
    memory: MemorySettings
    exchange: ExchangeSettings
    package: PackageSettings
    terms: TermSettings
    server: ServerSettings
    argos: ArgosSettings
    embedded: EmbeddedSettings
    subtitle: SubtitleSettings
    render: RenderSettings
    publish: PublishSettings
    media: MediaSettings
    store: StoreSettings
    batch: BatchSettings
    review: ReviewSettings
    report: ReportSettings
    run: RunSettings
    glossary: dict[str, dict[str, str]] = Field(default_factory=dict)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` merged: it reads the layers itself, to know where each value came from."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings one place gives, and the place's name as an error or `zimu config show` says it."""

    place: str
    tables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with the place that each (section, key) came from."""

    settings: Settings
    origins: Origins


def load_settings(
    *,
    workspace: Path | None = None,
    episode: Path | None = None,
    flags: Mapping[str, Mapping[str, Any]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> LoadedSettings:
    """Read and merge all layers.

    Arguments:
        workspace: folder whose zimu.toml counts, if it has one.
        episode: folder whose episode.toml counts, if it has one.
        flags: section to key to value, from the command line.
        environ: instead of the process's own environment.

    Raises:
        UsageError: a file can't be read, a key is unknown (its nearest neighbour is named) or a value is wrong.
    """
    layers = [Layer("defaults.toml", read_toml(config_file("defaults.toml")))]
    for folder, name in ((workspace, "zimu.toml"), (episode, "episode.toml")):
        if folder is not None and (path := folder / name).is_file():
            layers.append(Layer(str(path), read_toml(path)))
    layers.append(environment_layer(os.environ if environ is None else environ))
    layers.append(Layer("command line", flags or {}))
    return merge(layers)


def merge(layers: Iterable[Layer]) -> LoadedSettings:
    """One set of settings from layers, later over earlier."""
    merged: dict[str, dict[str, Any]] = {}
    origins: Origins = {}
    for layer in layers:
        _refuse_unknown(layer)
        for section, table in layer.tables.items():
            merged.setdefault(section, {}).update(table)
            origins.update({(section, key): layer.place for key in table})
    try:
        return LoadedSettings(Settings(**merged), origins)  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        raise _wrong_value(error, origins) from error


def parse_assignments(assignments: Iterable[str]) -> dict[str, dict[str, Any]]:
    """`--set section.key=value` flags as tables; a value is TOML where it is valid TOML, else text.

    Raises:
        UsageError: one is not of that form.
    """
    tables: dict[str, dict[str, Any]] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        section, dot, key = name.strip().partition(".")
        if not (equals and dot and section and key):
            raise UsageError(
                f"--set {assignment} is not of the form section.key=value.",
                remedy="For example: --set render.crf=20",
            )
        tables.setdefault(section, {})[key] = _toml_value(value.strip())
    return tables


def _toml_value(text: str) -> Any:
    try:
        return parse_toml(f"value = {text}")["value"]
    except ValueError:
        return text


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The settings that `ZIMU_SECTION__KEY` variables give.

    Raises:
        UsageError: one names no setting.
    """
    place = "environment"
    names = [name for name in environ if name.upper().startswith(ENV_PREFIX) and name not in _NO_SETTINGS]
    for name in names:
        section = name[len(ENV_PREFIX) :].lower().partition(_NESTED)[0]
        if section not in Settings.model_fields:
            raise UsageError(
                f"{name} is not a setting.",
                where=place,
                remedy=_nearest(section, Settings.model_fields) + " Variables are named ZIMU_SECTION__KEY.",
            )
    source = _Variables(Settings)
    source.env_vars = {name.lower(): environ[name] for name in names}
    return Layer(place, source())


class _Variables(EnvSettingsSource):
    """Environment variables whose lists may be plain comma-separated text as well as JSON."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return [part.strip() for part in value.split(",") if part.strip()]


def _refuse_unknown(layer: Layer) -> None:
    for section, table in layer.tables.items():
        if section not in Settings.model_fields:
            raise UsageError(
                f"[{section}] is not a section of the settings.",
                where=layer.place,
                remedy=_nearest(section, Settings.model_fields),
            )
        if not isinstance(table, Mapping):
            raise UsageError(
                f"{section} is a section, not a value.",
                where=layer.place,
                remedy=f"Write [{section}] and the keys below it.",
            )
        model = Settings.model_fields[section].annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        for key in table:
            if key not in model.model_fields:
                raise UsageError(
                    f"{section}.{key} is not a setting.",
                    where=layer.place,
                    remedy=_nearest(key, model.model_fields),
                )


def _nearest(name: str, known: Iterable[str]) -> str:
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}."


def _wrong_value(error: ValidationError, origins: Origins) -> UsageError:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    name = ".".join(path)
    place = origins.get((path[0], path[1]), "") if len(path) > 1 else ""
    value = first.get("input")
    return UsageError(
        f"{name} = {value!r}: {first['msg']}.",
        where=place or None,
        remedy="zimu config show lists every setting with its value and where it came from.",
    )
