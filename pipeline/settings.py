"""Every setting there is: its section, its type and what values it may have. `pipeline.layers` reads them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

ENV_PREFIX = "ZIMU_"
NESTED = "__"


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
    node_wait_s: float = Field(ge=0)
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
    """All settings, checked. Build it with `pipeline.layers.load_settings`."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_nested_delimiter=NESTED, extra="forbid", frozen=True)

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
        """Only what `pipeline.layers` merged: it reads the layers itself, to know where each value came from."""
        return (init_settings,)
