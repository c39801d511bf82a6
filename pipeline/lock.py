"""`zimu.lock`: all that an episode's subtitles were made from and with, so that another machine can make the same.

`observe` reads what holds here, `differences` compares two of them (pure), `locked` puts a lock's settings in force.
"""

from __future__ import annotations

import functools
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipeline import __version__
from pipeline.errors import UsageError
from pipeline.files import config_dir, read_toml, sha256_file, write_text
from pipeline.layers import LoadedSettings, load_settings
from pipeline.settings import Settings

NAME = "zimu.lock"
FORMAT_VERSION = 1
_HEAD = """# Written by zimu lock: what the subtitles here are made from and with. `zimu run --locked` takes these
# settings and models, and runs only where the rest is as it stands here. docs/deploy.md says what it promises.
"""
# Where things lie, what is served, and how a batch is run decide nothing of what is made.
_ELSEWHERE = frozenset({"store", "batch", "review", "report", "publish", "run"})
_PLACES = frozenset({
    "models.folder", "models.sources", "models.local_folders", "models.hub_endpoint", "models.offline",
    "models.timeout_s", "argos.folder", "media.ffmpeg", "render.vaapi_device",
})  # fmt: skip
# A workspace's lock does not say which episode it is; an episode's does.
_EPISODES_OWN = frozenset({"title", "media", "transcript", "to", "language"})
# Instruction sets that the models' kernels are chosen by: other ones round otherwise.
_KERNELS = (
    "sse4_1", "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_vnni", "avx_vnni", "avx512_bf16",
    "amx_int8", "asimd", "asimddp", "i8mm", "sve",
)  # fmt: skip

_NO_TABLES = frozenset({"defaults.toml", "models.toml", "platforms.toml"})

Weight = Literal["refuse", "warn"]


@dataclass(frozen=True, slots=True)
class Lock:
    """What subtitles are made from and with.

    Attributes:
        scope: `episode` or `workspace`: of a workspace the episodes' titles, languages and files are their own.
        zimu: Zimu's version, and Python's without its last number.
        machine: system, architecture, kernels (instruction sets), device, number format.
        packages: version by name.
        programs: version of ffmpeg.
        models: by kind its name and SHA-256.
        tables: SHA-256 of every file of config/, Zimu's and the workspace's own.
        settings: section to key to value.
    """

    scope: str
    zimu: Mapping[str, str]
    machine: Mapping[str, str]
    packages: Mapping[str, str]
    programs: Mapping[str, str]
    models: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, str]
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as the lock says; `refuse`: the subtitles may come out otherwise."""

    name: str
    locked: str
    here: str
    weight: Weight

    def __str__(self) -> str:
        return f"{self.name}: locked {self.locked or 'nothing'}, here {self.here or 'nothing'}"


def observe(loaded: LoadedSettings, workspace: Path, *, scope: str) -> Lock:
    """What holds on this machine, in a workspace, with those settings.

    Raises:
        MissingError: there is no ffmpeg.
        UsageError: a model that the settings name is not in the catalogue.
    """
    from pipeline.job import compute_type_on, device_of, model_store
    from pipeline.media import find_ffmpeg
    from pipeline.media.ffmpeg import features
    from pipeline.models import default_model

    settings = loaded.settings
    store = model_store(settings.models, workspace)
    device = device_of(settings.compute)
    chosen = {
        "whisper": default_model("whisper", store.catalogue, device)
        if settings.models.whisper == "auto"
        else settings.models.whisper,
        "llm": default_model("llm", store.catalogue, device) if settings.models.llm == "auto" else settings.models.llm,
    }
    return Lock(
        scope=scope,
        zimu={"version": __version__, "python": ".".join(platform.python_version_tuple()[:2])},
        machine={
            "system": platform.system(),
            "architecture": platform.machine(),
            "kernels": " ".join(kernels()),
            "device": device,
            "compute_type": compute_type_on(settings.compute, device),
        },
        packages=dict(_packages(settings.run.packages)),
        programs={"ffmpeg": features(find_ffmpeg(settings.media.ffmpeg)).version},
        models={kind: {"name": name, "sha256": store.checksum(name)} for kind, name in chosen.items()},
        tables=dict(_tables(workspace)),
        settings=settings_of(settings, scope=scope),
    )


def settings_of(settings: Settings, *, scope: str) -> dict[str, dict[str, Any]]:
    """The settings that decide what is made."""
    found: dict[str, dict[str, Any]] = {}
    for section, table in settings.model_dump(mode="json").items():
        if section in _ELSEWHERE:
            continue
        own = _EPISODES_OWN if scope == "workspace" and section == "episode" else frozenset()
        kept = {key: value for key, value in table.items() if f"{section}.{key}" not in _PLACES and key not in own}
        if kept:
            found[section] = kept
    return found


def write_lock(lock: Lock, target: Path) -> None:
    """Write a lock as TOML, whole or not at all.

    Raises:
        EpisodeError: the folder can't be written or the disk is full.
    """
    import tomli_w

    write_text(target, _HEAD + tomli_w.dumps({"format": FORMAT_VERSION, **asdict(lock)}))


def read_lock(path: Path) -> Lock:
    """A lock from its file.

    Raises:
        UsageError: it is not TOML, or not a lock that this Zimu knows.
    """
    data = read_toml(path)
    if data.pop("format", None) != FORMAT_VERSION:
        raise UsageError("This is no lock that this Zimu knows.", where=path, remedy="Make it again: zimu lock.")
    try:
        return Lock(**data)
    except TypeError as error:
        raise UsageError(f"The lock is not whole ({error}).", where=path, remedy="Make it again: zimu lock.") from error


def differences(lock: Lock, here: Lock) -> tuple[Difference, ...]:
    """What keeps this machine from making what the lock's made; settings do not, since they are taken."""
    pairs: list[tuple[str, Mapping[str, str], Mapping[str, str], Weight]] = [
        ("", {"zimu": lock.zimu.get("version", "")}, {"zimu": here.zimu["version"]}, "refuse"),
        ("", {"python": lock.zimu.get("python", "")}, {"python": here.zimu["python"]}, "warn"),
        ("machine ", lock.machine, here.machine, "refuse"),
        ("package ", lock.packages, here.packages, "refuse"),
        ("", lock.programs, here.programs, "warn"),
        ("config/", lock.tables, here.tables, "refuse"),
    ]
    pairs += [(f"model {kind} ", lock.models[kind], here.models.get(kind, {}), "refuse") for kind in lock.models]
    return tuple(
        Difference(f"{prefix}{name}", ours.get(name, ""), theirs.get(name, ""), weight)
        for prefix, ours, theirs, weight in pairs
        for name in sorted({*ours, *theirs})
        if ours.get(name, "") != theirs.get(name, "")
    )


def find_lock(folder: Path, workspace: Path) -> Path | None:
    """The episode's own lock, else its workspace's."""
    return next((path for path in (folder / NAME, workspace / NAME) if path.is_file()), None)


def locked(folder: Path, workspace: Path, flags: Mapping[str, Mapping[str, Any]]) -> LoadedSettings:
    """The settings of the lock over all others, where everything else is as it says.

    Raises:
        UsageError: there is no lock, something is not as it says (each difference is named), or the command line asks
            for another setting than it has.
    """
    path = find_lock(folder, workspace)
    if path is None:
        raise UsageError(
            "There is no zimu.lock here.", where=folder, remedy="Make one where the run was good: zimu lock."
        )
    lock = read_lock(path)
    _refuse_other_flags(lock, flags, path)
    models = {kind: model.get("name", "auto") for kind, model in lock.models.items()}
    named = {name: value for name, value in models.items() if lock.settings.get("models", {}).get(name) == "auto"}
    tables = {section: dict(table) for section, table in lock.settings.items()}
    over = {section: {**tables.get(section, {}), **flags.get(section, {})} for section in {*tables, *flags}}
    over["models"] = {**over.get("models", {}), **named}
    taken = load_settings(workspace=workspace, episode=folder, flags=over)
    found = _checked(taken, workspace, path, path.stat().st_mtime_ns, lock.scope)
    bad = [each for each in found if each.weight == "refuse"]
    if bad and taken.settings.run.lock == "strict":
        raise UsageError(
            "This machine can't make the same subtitles as the lock's:\n  " + "\n  ".join(map(str, bad)),
            where=path,
            remedy="Install what it says (docs/deploy.md), make the lock again, or take the rest of it: "
            "--set run.lock=warn.",
        )
    return taken


def warnings(folder: Path, workspace: Path, loaded: LoadedSettings) -> list[str]:
    """What is not as the lock says where the run goes on all the same."""
    path = find_lock(folder, workspace)
    if path is None or loaded.settings.run.lock == "off":
        return []
    found = _checked(loaded, workspace, path, path.stat().st_mtime_ns, read_lock(path).scope)
    return [f"not as {path.name} says: {each}" for each in found]


def kernels() -> tuple[str, ...]:
    """The instruction sets of this processor that matter; none where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    rows = (row.partition(":") for row in text.splitlines())
    flags = next((set(value.split()) for name, _, value in rows if name.strip() in ("flags", "Features")), set())
    return tuple(name for name in _KERNELS if name in flags)


_seen: dict[tuple[Path, int, str], tuple[Difference, ...]] = {}


def _checked(
    loaded: LoadedSettings, workspace: Path, path: Path, changed_ns: int, scope: str
) -> tuple[Difference, ...]:
    """The differences; found once for a lock and the settings that choose models, since tables are read for them."""
    settings = loaded.settings
    key = (path, changed_ns, f"{settings.models}{settings.compute}{settings.media.ffmpeg}")
    if key not in _seen:
        _seen[key] = differences(read_lock(path), observe(loaded, workspace, scope=scope))
    return _seen[key]


def _refuse_other_flags(lock: Lock, flags: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    for section, table in flags.items():
        for key, value in table.items():
            known = lock.settings.get(section, {})
            plain = list(value) if isinstance(value, tuple) else value
            if key in known and known[key] != plain:
                raise UsageError(
                    f"{section}.{key} is locked to {known[key]!r}, and the command says {plain!r}.",
                    where=path,
                    remedy="Leave it out, or run without --locked.",
                )


def _packages(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield name, ""


def _tables(workspace: Path) -> Iterator[tuple[str, str]]:
    """Every table that texts depend on; defaults are among the settings, and models have checksums of their own."""
    for prefix, folder in (("", config_dir()), ("workspace: ", workspace / "config")):
        for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name not in _NO_TABLES and not path.name.startswith("."):
                yield prefix + name, _digest(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _digest(path: Path, _changed_ns: int) -> str:
    return sha256_file(path)
