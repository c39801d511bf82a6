"""Argos Translate: small translation models by language pair, all units of an episode in one batch."""

from __future__ import annotations

import importlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx

from pipeline.errors import UsageError
from pipeline.files import atomic_path, guard_output, sha256_file, sha256_json
from pipeline.progress import Reporter
from pipeline.translation.engines.base import Context, EngineUnavailableError, OnDone, Request

_Made = TypeVar("_Made")

# Argos's own codes where they differ from the primary language subtag.
_CODES = {"zh-Hant": "zt", "zh-Hant-TW": "zt", "zh-Hant-HK": "zt", "pt-BR": "pb"}
_PIVOT = "en"
# As Argos Translate itself decodes.
_BEAM = 4
_LENGTH_PENALTY = 0.2


@dataclass(frozen=True, slots=True)
class ArgosOptions:
    """Where packages lie and come from.

    Attributes:
        folder: where packages are installed.
        index_url: the address of an `index.json`; empty to use only what is installed.
        package_files: .argosmodel files to install from.
        timeout_s: how long a silent index is waited for.
        device: `cpu` or `cuda`.
        threads: 0 leaves it to CTranslate2.
        batch_units: units a call; what is stored at once.
    """

    folder: Path
    index_url: str
    package_files: tuple[Path, ...]
    timeout_s: float
    device: str
    threads: int
    batch_units: int


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _argos_package(folder: Path) -> Any:
    """The module argostranslate.package.

    Its settings make folders in the user's home when they are imported, and set KMP_DUPLICATE_LIB_OK; here
    they get folders of Zimu's, and the environment stays as it was.
    """
    private = {name: str(folder / "argos") for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    with _environment(
        {**private, "ARGOS_PACKAGES_DIR": str(folder), "ARGOS_DEBUG": "0", "KMP_DUPLICATE_LIB_OK": "True"}
    ):
        from argostranslate import package
    return package


def argos_code(language: str) -> str:
    """Argos's code of a BCP-47 language."""
    return _CODES.get(language, language.split("-")[0].casefold())


def has_packages(options: ArgosOptions, source: str, target: str, reporter: Reporter) -> bool:
    """Whether there is a way between two languages; what the index has of it is fetched."""
    try:
        ArgosEngine(options, source, target, reporter).close()
    except EngineUnavailableError:
        return False
    return True


class ArgosEngine:
    """Packages from `source` to `target`, direct or by English.

    Raises:
        EngineUnavailableError: no way between the languages is installed, and none could be fetched.
        UsageError: a package file is not a package.
    """

    name = "argos"
    follows_instructions = False
    through = ""
    next_token = None
    refused: frozenset[str] = frozenset()

    def __init__(self, options: ArgosOptions, source: str, target: str, reporter: Reporter) -> None:
        self._options = options
        self._reporter = reporter
        with guard_output(options.folder):
            options.folder.mkdir(parents=True, exist_ok=True)
        self._package = _argos_package(options.folder)
        for path in options.package_files:
            self._install(path)
        self._way = self._find(argos_code(source), argos_code(target))
        self._translators: list[Any] = []

    @cached_property
    def identity(self) -> str:
        """Read from the weights when it is asked for: whether there are packages is known without."""
        weights = [sha256_file(package.package_path / "model" / "model.bin") for package in self._way]
        return sha256_json([self.name, weights, _BEAM, _LENGTH_PENALTY])

    @property
    def pairs(self) -> tuple[str, ...]:
        """The packages on the way, as `zh→en`."""
        return tuple(f"{package.from_code}→{package.to_code}" for package in self._way)

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        if not self._translators:
            self._translators = [self._working(self._open, package) for package in self._way]
        size = self._options.batch_units
        for start in range(0, len(requests), size):
            batch = requests[start : start + size]
            texts = [request.text for request in batch]
            for package, translator in zip(self._way, self._translators, strict=True):
                texts = self._working(_translate, package, translator, texts)
            for request, text in zip(batch, texts, strict=True):
                on_done(request.id, text)

    def close(self) -> None:
        self._translators = []

    def _find(self, source: str, target: str) -> tuple[Any, ...]:
        """The installed packages from source to target, after fetching what is missing."""
        for fetched in (False, True):
            pairs = {(each.from_code, each.to_code): each for each in self._installed()}
            if (source, target) in pairs:
                return (pairs[source, target],)
            if (source, _PIVOT) in pairs and (_PIVOT, target) in pairs:
                return (pairs[source, _PIVOT], pairs[_PIVOT, target])
            if not fetched:
                self._fetch(source, target, set(pairs))
        raise EngineUnavailableError(
            f"There is no Argos package from {source} to {target}.",
            where=self._options.folder,
            remedy="Give a .argosmodel file, or an index that has one: argos.package_files and argos.index_url.",
        )

    def _installed(self) -> list[Any]:
        """Packages in the folder that are whole; unpacking is atomic, so half ones are somebody else's work."""
        folders = sorted(path.parent for path in self._options.folder.glob("*/metadata.json"))
        packages = [self._package.Package(folder) for folder in folders if (folder / "model" / "model.bin").is_file()]
        return [package for package in packages if hasattr(package, "tokenizer")]

    def _fetch(self, source: str, target: str, have: set[tuple[str, str]]) -> None:
        if not self._options.index_url:
            return
        available = {(each.from_code, each.to_code): each for each in self._index()}
        wanted = [(source, target)]
        if (source, target) not in available:
            wanted = [pair for pair in ((source, _PIVOT), (_PIVOT, target)) if pair not in have]
        if all(pair in available for pair in wanted):
            for pair in wanted:
                self._download(available[pair])

    def _index(self) -> list[Any]:
        try:
            response = httpx.get(self._options.index_url, timeout=self._options.timeout_s, follow_redirects=True)
            response.raise_for_status()
            return [self._package.AvailablePackage(entry) for entry in response.json()]
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, AttributeError) as error:
            raise EngineUnavailableError(
                f"The Argos index can't be read ({type(error).__name__}).",
                where=self._options.index_url,
                remedy="Check the address, or give a .argosmodel file: argos.package_files and argos.index_url.",
            ) from error

    def _download(self, available: Any) -> None:
        links = [str(link) for link in available.links if str(link).startswith(("http://", "https://"))]
        last = "the index gives no address"
        for link in links:
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self._options.folder) as folder:
                path = Path(folder) / "package.argosmodel"
                try:
                    self._save(link, path, f"{available.from_code}→{available.to_code}")
                    self._install(path)
                except (httpx.HTTPError, httpx.InvalidURL, UsageError) as error:
                    last = error.what if isinstance(error, UsageError) else type(error).__name__
                    continue
                return
        raise EngineUnavailableError(
            f"The Argos package {available.from_code}→{available.to_code} can't be fetched: {last}.",
            where=self._options.index_url,
            remedy="Run again later, or give a .argosmodel file: argos.package_files and argos.index_url.",
        )

    def _save(self, link: str, path: Path, label: str) -> None:
        with (
            atomic_path(path) as part,
            part.open("wb") as file,
            httpx.stream("GET", link, timeout=self._options.timeout_s, follow_redirects=True) as response,
        ):
            response.raise_for_status()
            size = response.headers.get("Content-Length", "")
            with self._reporter.task(f"argos {label}", float(size) if size.isdigit() else None, "bytes") as task:
                for chunk in response.iter_bytes():
                    file.write(chunk)
                    task.update(file.tell())

    def _install(self, path: Path) -> None:
        """Unpack a package by argostranslate, beside its place, and put it there whole."""
        folder = self._options.folder
        settings = self._package.settings
        with guard_output(folder), tempfile.TemporaryDirectory(prefix=".install-", dir=folder) as temporary:
            before, settings.package_data_dir = settings.package_data_dir, Path(temporary)
            try:
                _refuse_damaged(path)
                self._package.install_from_path(path)
            finally:
                settings.package_data_dir = before
            for unpacked in (each for each in Path(temporary).iterdir() if (each / "metadata.json").is_file()):
                if not (folder / unpacked.name).exists():
                    unpacked.rename(folder / unpacked.name)

    def _working(self, work: Callable[..., _Made], package: Any, *more: Any) -> _Made:
        """What the work makes; what fails in CTranslate2 or the tokenizer, as damaged weights do, is this engine's."""
        try:
            return work(package, *more)
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineUnavailableError(
                f"Argos Translate failed from {package.from_code} to {package.to_code}: {' '.join(str(error).split())}",
                where=package.package_path,
                remedy="Delete that folder, so that it is fetched again.",
            ) from error

    def _open(self, package: Any) -> Any:
        ctranslate2: Any = importlib.import_module("ctranslate2")

        self._reporter.detail(f"argos: loading {package.from_code}→{package.to_code}")
        return ctranslate2.Translator(
            str(package.package_path / "model"), device=self._options.device, intra_threads=self._options.threads
        )


def _refuse_damaged(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, EOFError) as error:
        raise UsageError(
            "It is not an Argos package.", where=path, remedy="Fetch the .argosmodel file again."
        ) from error
    if damaged or not any(name.endswith("metadata.json") for name in names):
        raise UsageError("The Argos package is damaged.", where=path, remedy="Fetch the .argosmodel file again.")


def _translate(package: Any, translator: Any, texts: Sequence[str]) -> list[str]:
    """One call into CTranslate2 for all texts: as argostranslate does it, without its sentence splitter.

    Units are sentences already, and the splitter would fetch a model of its own.
    """
    tokens = [package.tokenizer.encode(text) for text in texts]
    prefix = [[package.target_prefix]] * len(tokens) if package.target_prefix else None
    results = translator.translate_batch(
        tokens,
        target_prefix=prefix,
        replace_unknowns=True,
        max_batch_size=2048,
        batch_type="tokens",
        beam_size=_BEAM,
        num_hypotheses=1,
        length_penalty=_LENGTH_PENALTY,
    )
    decoded = [package.tokenizer.decode(result.hypotheses[0]) for result in results]
    return [text.removeprefix(package.target_prefix).strip() for text in decoded]
