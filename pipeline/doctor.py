"""What Zimu finds on this machine, what it lacks, and how to mend that. Looks, and changes nothing."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import MissingError
from pipeline.media.ffmpeg import Features, features, find_ffmpeg
from pipeline.models import Device, ModelKind, ModelStatus, ModelStore, default_model
from pipeline.models.catalogue import find_model

CheckStatus = Literal["ok", "warning", "missing"]

_PYTHONS = ((3, 10), (3, 13))
_GLYPH = "字"
# A burned and a muxed video of half an hour at 1080p, and the work in between.
_ROOM_FOR_VIDEOS_MB = 2000
_FFMPEG_REMEDY = "pip install --force-reinstall imageio-ffmpeg, or name a full ffmpeg in media.ffmpeg."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `missing` stops the work, `warning` may; `remedy` is empty where nothing is to do."""

    name: str
    status: CheckStatus
    value: str
    remedy: str = ""


def examine(
    store: ModelStore,
    *,
    ffmpeg: str = "",
    whisper: str = "auto",
    llm: str = "auto",
    device: Literal["auto", "cpu", "cuda"] = "auto",
    work_folder: Path | None = None,
) -> list[Check]:
    """Every check, in the order in which a user should read them; takes about a second, and no network.

    Arguments:
        ffmpeg, whisper, llm, device: the settings of that name; `auto` means what the device's default is.
        work_folder: where episodes are; the current folder if not given.

    Raises:
        UsageError: a model is named that the catalogue does not have.
    """
    gpus = _cuda_devices()
    resolved: Device = "cuda" if device == "cuda" or (device == "auto" and gpus) else "cpu"
    kinds: tuple[tuple[ModelKind, str], ...] = (("whisper", whisper), ("llm", llm))
    names = [default_model(kind, store.catalogue, resolved) if name == "auto" else name for kind, name in kinds]
    wanted = [find_model(name, store.catalogue).name for name in names]
    statuses = [one for one in store.status() if one.name in wanted]
    checks = [_python()]
    found, program = _ffmpeg(ffmpeg)
    checks += program
    checks.append(_font())
    checks += [_model(status) for status in statuses]
    checks.append(_model_folder(store.folder, statuses))
    checks.append(_memory(max(store.catalogue[name].memory_mb for name in wanted), resolved))
    checks += _disks(store.folder, statuses, work_folder or Path.cwd())
    checks.append(_gpu(gpus, device, found))
    checks.append(_key_ring())
    return checks


def _python() -> Check:
    name, value = "Python", f"{platform.python_version()} at {sys.executable}"
    low, high = _PYTHONS
    if low <= sys.version_info[:2] <= high:
        return Check(name, "ok", value)
    return Check(name, "warning", value, f"Zimu is tested with Python {low[0]}.{low[1]} to {high[0]}.{high[1]}.")


def _ffmpeg(setting: str) -> tuple[Features | None, list[Check]]:
    try:
        path = find_ffmpeg(setting)
        has = features(path)
    except MissingError as error:
        return None, [Check("ffmpeg", "missing", error.what, error.remedy)]
    parts = (
        ("libass", "draws subtitles into the picture", {"ass", "subtitles"} <= has.filters),
        ("libx264", "encodes the picture", "libx264" in has.encoders),
        ("mov_text", "puts subtitles into MP4", "mov_text" in has.encoders),
    )
    return has, [
        Check("ffmpeg", "ok", f"{has.version} at {path}"),
        *(
            Check(name, "ok", use) if there else Check(name, "missing", f"not in this ffmpeg; {use}", _FFMPEG_REMEDY)
            for name, use, there in parts
        ),
    ]


def _font() -> Check:
    name, remedy = "font", "pip install --force-reinstall noto-cjk-sans-otc"
    try:
        import noto_cjk_sans_otc
        from fontTools.ttLib import TTFont, TTLibError
    except ImportError as error:
        return Check(name, "missing", f"the Chinese font is not installed ({error})", remedy)
    path = Path(str(noto_cjk_sans_otc.FONT_PATH))
    try:
        with TTFont(path, fontNumber=0, lazy=True) as font:
            family, there = font["name"].getDebugName(1), ord(_GLYPH) in (font.getBestCmap() or {})
    except (OSError, TTLibError, KeyError) as error:
        return Check(name, "missing", f"{path} can't be read ({error})", remedy)
    if not there:
        return Check(name, "missing", f"{path} has no Chinese glyphs", remedy)
    return Check(name, "ok", f"{family} at {path}")


def _model(status: ModelStatus) -> Check:
    name = f"model {status.name}"
    pull = f"zimu models pull {status.name}"
    if status.state == "present":
        return Check(name, "ok", f"{_size(status.bytes)}, {status.licence}, at {status.path}")
    if status.state == "damaged":
        return Check(name, "warning", f"damaged, at {status.path}", f"It is fetched again when needed, or now: {pull}")
    have = f"{_size(status.bytes_here)} of " if status.bytes_here else ""
    value = f"{status.state}, {have}{_size(status.bytes)}" if have else f"absent, {_size(status.bytes)} to fetch"
    return Check(name, "warning", value, f"It is fetched when needed, or now: {pull}")


def _model_folder(folder: Path, statuses: list[ModelStatus]) -> Check:
    name = "model folder"
    try:
        with tempfile.NamedTemporaryFile(prefix=".zimu-", dir=_nearest(folder)):
            return Check(name, "ok", str(folder))
    except OSError as error:
        complete = all(status.state == "present" for status in statuses)
        return Check(
            name,
            "warning" if complete else "missing",
            f"{folder} can't be written ({error.strerror})",
            "Set ZIMU_MODELS__FOLDER to a folder of your own to fetch models into.",
        )


def _memory(need_mb: int, device: Device) -> Check:
    import psutil

    free_mb = psutil.virtual_memory().available >> 20
    value = f"{free_mb:,} MiB free"
    if device == "cuda":  # the models lie in the GPU's memory then
        return Check("memory", "ok", value)
    value += f", the larger model needs {need_mb:,}"
    if free_mb >= need_mb:
        return Check("memory", "ok", value)
    remedy = "Close other programs, or choose a smaller model of `zimu models list` in models.whisper, models.llm."
    return Check("memory", "warning", value, remedy)


def _disks(models: Path, statuses: list[ModelStatus], work: Path) -> Iterator[Check]:
    to_fetch = sum(status.bytes - min(status.bytes_here, status.bytes) for status in statuses)
    yield _disk("disk for models", models, to_fetch, "set ZIMU_MODELS__FOLDER to a folder on a larger disk")
    yield _disk("disk for episodes", work, _ROOM_FOR_VIDEOS_MB * 1_000_000, "move the episodes to a larger disk")


def _disk(name: str, folder: Path, need: int, way_out: str) -> Check:
    free = shutil.disk_usage(_nearest(folder)).free
    value = f"{_size(free)} free at {folder}"
    if free >= need:
        return Check(name, "ok", value)
    return Check(name, "warning", f"{value}, {_size(need)} wanted", f"Free some space, or {way_out}.")


def _gpu(gpus: int, device: str, ffmpeg: Features | None) -> Check:
    if gpus:
        encoder = " and NVENC in ffmpeg" if ffmpeg and "h264_nvenc" in ffmpeg.encoders else ""
        return Check("GPU", "ok", f"{gpus} for CUDA{encoder}")
    if device == "cuda":
        remedy = 'Install the NVIDIA driver, CUDA 12 and cuDNN 9, or set compute.device = "auto".'
        return Check("GPU", "missing", "none that CTranslate2 can use, and compute.device asks for one", remedy)
    if shutil.which("nvidia-smi"):
        remedy = "Install a current NVIDIA driver, CUDA 12 and cuDNN 9 to use it."
        return Check("GPU", "warning", "there is an NVIDIA driver, but CTranslate2 finds no GPU", remedy)
    return Check("GPU", "ok", "none; the CPU does the work")


def _key_ring() -> Check:
    import keyring
    from keyring.backends import fail

    ring = keyring.get_keyring()
    if isinstance(ring, fail.Keyring):
        remedy = "Give keys by environment variables, or set a key ring up: python -m keyring diagnose"
        return Check("key ring", "warning", "none on this system", remedy)
    return Check("key ring", "ok", str(ring.name))


def _cuda_devices() -> int:
    from ctranslate2 import get_cuda_device_count  # type: ignore[attr-defined]

    return int(get_cuda_device_count())


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    here = folder.absolute()
    while not here.exists() and here != here.parent:
        here = here.parent
    return here


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"
