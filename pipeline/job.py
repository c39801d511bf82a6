"""An episode in work: what its stages share, each thing found once, and what stays warm between episodes."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pipeline.alignment.result import Alignment
from pipeline.episode import Episode
from pipeline.files import config_file, sha256_file, sha256_json
from pipeline.languages import Language, find, load_languages
from pipeline.manifest import Manifest
from pipeline.models import Device, ModelStore, default_folder, default_model, load_catalogue
from pipeline.progress import Reporter
from pipeline.runner import NotReady
from pipeline.settings import ComputeSettings, ModelSettings, Settings
from pipeline.store import Store
from pipeline.store.where import database
from pipeline.track import Track
from pipeline.transcript import Transcript, read_transcript
from pipeline.translation.units import TranslatedUnit

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from pipeline.media import MediaInfo
    from pipeline.models import ModelKind

T = TypeVar("T")
# The canvas of ASS files for episodes without a picture.
CANVAS = (1920, 1080)


def model_store(settings: ModelSettings, workspace: Path | None = None) -> ModelStore:
    """The models of this machine, as the settings and the workspace's catalogue say."""
    return ModelStore(
        Path(settings.folder).expanduser() if settings.folder else default_folder(),
        load_catalogue(config_file("models.toml", workspace)),
        source_order=settings.sources,
        local_folders=[Path(folder).expanduser() for folder in settings.local_folders],
        offline=settings.offline,
        timeout_s=settings.timeout_s,
        hub_endpoint=settings.hub_endpoint or None,
    )


def device_of(compute: ComputeSettings) -> Device:
    """Where models run: a GPU that CTranslate2 sees, if the settings leave the choice."""
    if compute.device != "auto":
        return compute.device
    from ctranslate2 import get_cuda_device_count  # type: ignore[attr-defined]

    return "cuda" if get_cuda_device_count() else "cpu"


def compute_type_on(compute: ComputeSettings, device: Device) -> str:
    """CTranslate2's number format: 8-bit integers on a processor, half precision on a GPU, if not set."""
    return {"cpu": "int8", "cuda": "float16"}[device] if compute.compute_type == "auto" else compute.compute_type


class Workbench:
    """What is made once and used by many episodes: loaded models, open stores.

    Arguments:
        warm: the language model stays loaded too, for a worker that does nothing but translate.
    """

    def __init__(self, *, warm: bool = False) -> None:
        self.warm = warm
        self._made: dict[object, Any] = {}

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The thing known by `key`, made at the first call."""
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def close(self) -> None:
        """Close what can be closed: stores, engines."""
        for thing in self._made.values():
            if callable(close := getattr(thing, "close", None)):
                close()
        self._made.clear()


class Job:
    """One episode's inputs, settings and helpers, as its stages ask for them."""

    def __init__(self, episode: Episode, bench: Workbench, reporter: Reporter) -> None:
        self.episode = episode
        self.bench = bench
        self.reporter = reporter
        self.manifest = Manifest.load(episode.output / "manifest.json")
        self._tracks: dict[str, Track] = {}

    @property
    def settings(self) -> Settings:
        return self.episode.loaded.settings

    @cached_property
    def transcript(self) -> Transcript:
        limits = self.settings.episode
        return read_transcript(
            self.episode.transcript, max_line_chars=limits.max_line_chars, max_bytes=limits.max_transcript_bytes
        )

    @cached_property
    def languages(self) -> dict[str, Language]:
        return load_languages(self.table("languages.toml"))

    @cached_property
    def source(self) -> Language:
        """The language that is spoken."""
        return find(self.settings.episode.language, self.languages)

    @cached_property
    def targets(self) -> tuple[Language, ...]:
        """The languages to translate into, each once, without the spoken one."""
        found = dict.fromkeys(find(tag, self.languages).tag for tag in self.settings.episode.to)
        return tuple(self.languages[tag] for tag in found if tag != self.source.tag)

    def table(self, name: str) -> Path:
        """A table of config/, or the workspace's own of that name."""
        return config_file(name, self.episode.workspace)

    def table_digest(self, name: str) -> str:
        return sha256_file(self.table(name))

    @property
    def alignment_path(self) -> Path:
        return self.episode.output / "alignment.json"

    @cached_property
    def alignment(self) -> Alignment:
        """Raises NotReady before the episode is aligned."""
        if not self.alignment_path.is_file():
            raise NotReady
        return Alignment.load(self.alignment_path)

    @cached_property
    def media(self) -> MediaInfo:
        from pipeline.media import probe

        return probe(self.episode.media, timeout_s=self.settings.media.probe_timeout_s)

    @cached_property
    def sound(self) -> npt.NDArray[np.float32]:
        """The episode's sound, shape (n,), 16 kHz, mono, in [-1, 1]; sample 0 is the player's time 0."""
        from pipeline.media import decode_audio

        limits = self.settings.media
        return decode_audio(
            self.media,
            self.reporter,
            stream=None if limits.audio_stream < 0 else limits.audio_stream,
            max_hours=limits.max_hours,
            max_missing_s=limits.max_missing_s,
            timeout_s=limits.probe_timeout_s,
        )

    def forget_sound(self) -> None:
        """Give back the sound's memory: 230 MB an hour."""
        self.__dict__.pop("sound", None)

    @cached_property
    def device(self) -> Device:
        """Where models run: a GPU that CTranslate2 sees, if the settings leave the choice."""
        return device_of(self.settings.compute)

    @property
    def threads(self) -> int:
        return self.settings.compute.threads or os.cpu_count() or 1

    @cached_property
    def models(self) -> ModelStore:
        settings, workspace = self.settings.models, self.episode.workspace
        return self.bench.get(("models", settings, workspace), lambda: model_store(settings, workspace))

    def model_name(self, kind: ModelKind) -> str:
        """The model of that kind that the settings or the device choose."""
        chosen = self.settings.models.whisper if kind == "whisper" else self.settings.models.llm
        return default_model(kind, self.models.catalogue, self.device) if chosen == "auto" else chosen

    def model_folder(self, kind: ModelKind) -> Path:
        """The model's verified files, fetched if need be; a GPU's default that can't be had falls back."""
        chosen = self.settings.models.whisper if kind == "whisper" else self.settings.models.llm
        if chosen == "auto":
            return self.models.ensure_default(kind, self.device, self.reporter)[1]
        return self.models.ensure(chosen, self.reporter)

    @cached_property
    def store(self) -> Store:
        url = database(self.settings, self.episode.workspace)
        return self.bench.get(("store", url), lambda: Store.open(url))

    @cached_property
    def episode_id(self) -> str:
        """What the store knows the episode by, wherever its folder is moved to."""
        episode = self.episode
        return self.store.adopt(episode.folder, workspace=episode.workspace, title=episode.title)

    @property
    def compute_type(self) -> str:
        """CTranslate2's number format: 8-bit integers on a processor, half precision on a GPU, if not set."""
        return compute_type_on(self.settings.compute, self.device)

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of the picture as displayed; of the subtitles' own canvas where there is none."""
        facts = self._align_summary()
        return (facts["width"], facts["height"]) if facts["width"] else CANVAS

    @property
    def has_video(self) -> bool:
        return bool(self._align_summary()["width"])

    def _align_summary(self) -> dict[str, Any]:
        record = self.manifest.steps.get("align")
        if record is not None:
            return record.summary
        if not self.alignment_path.is_file():
            raise NotReady
        video = self.media.video
        return {"width": video.width if video else 0, "height": video.height if video else 0}

    def track(self, language: Language) -> Track:
        """The cues of a language, made from the alignment and, for a translation, the stored units.

        Raises NotReady before the episode is aligned, or the language's translation begun.
        """
        if language.tag not in self._tracks:
            self._tracks[language.tag] = self._make_track(language)
        return self._tracks[language.tag]

    def track_digest(self, language: Language) -> str:
        return sha256_json([[cue.start_ms, cue.end_ms, cue.text] for cue in self.track(language).cues])

    def forget_tracks(self) -> None:
        """The alignment or the translations have changed."""
        self.__dict__.pop("alignment", None)
        self._tracks.clear()

    def _make_track(self, language: Language) -> Track:
        from pipeline.subtitles import source_track, translated_track

        if language.tag == self.source.tag:
            return source_track(self.alignment, language)
        stored = self.store.units(self.episode_id, language.tag)
        if not stored:
            raise NotReady
        units = [TranslatedUnit(unit.first, unit.last, unit.text, unit.fixed_cues) for unit in stored if unit.text]
        return translated_track(self.alignment, units, language)
