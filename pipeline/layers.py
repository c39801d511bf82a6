"""Where settings come from: layers, each over the one before, and what is wrong with one that can't be used.

config/defaults.toml, the workspace's zimu.toml, the episode's episode.toml, `ZIMU_SECTION__KEY` variables, flags: all
share the one schema of `pipeline.settings`.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from pipeline.errors import UsageError
from pipeline.files import config_file, parse_toml, read_toml
from pipeline.settings import ENV_PREFIX, NESTED, Settings

_NO_SETTINGS = frozenset({"ZIMU_API_KEY", "ZIMU_REVIEW_TOKEN", "ZIMU_VIMEO_TOKEN"})  # secrets are never settings
Origins = dict[tuple[str, str], str]


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
    layers = [Layer("defaults.toml", _defaults(config_file("defaults.toml")))]
    for folder, name in ((workspace, "zimu.toml"), (episode, "episode.toml")):
        if folder is not None and (path := folder / name).is_file():
            layers.append(Layer(str(path), read_toml(path)))
    layers.append(environment_layer(os.environ if environ is None else environ))
    layers.append(Layer("command line", flags or {}))
    return merge(layers)


@cache
def _defaults(path: Path) -> Mapping[str, Any]:
    """Zimu's own file, which is the same for all episodes of a batch."""
    return read_toml(path)


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
        section = name[len(ENV_PREFIX) :].lower().partition(NESTED)[0]
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
