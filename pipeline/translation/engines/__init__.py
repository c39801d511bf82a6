"""The engines, by the name that `translate.order` knows them by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.errors import UsageError
from pipeline.progress import Reporter
from pipeline.translation.engines.argos import ArgosEngine, ArgosOptions
from pipeline.translation.engines.base import Context, Engine, EngineUnavailableError, Request
from pipeline.translation.engines.budget import Budget, BudgetError, Rates, Usage
from pipeline.translation.engines.embedded import EmbeddedModel, WarmModel
from pipeline.translation.engines.llm import LlmEngine
from pipeline.translation.engines.opencc import NAME as OPENCC
from pipeline.translation.engines.opencc import OpenccEngine
from pipeline.translation.engines.server import ServerModel
from pipeline.translation.engines.through import NO_PIVOT, VIA, Pivot, ThroughEngine, routes, usable_texts
from pipeline.translation.prompts import Prompts

__all__ = [
    "ENGINES",
    "NO_PIVOT",
    "OPENCC",
    "ArgosOptions",
    "Budget",
    "BudgetError",
    "Context",
    "EmbeddedModel",
    "Engine",
    "EngineUnavailableError",
    "Pivot",
    "Rates",
    "Request",
    "ServerModel",
    "Toolbox",
    "Usage",
    "open_engine",
    "resolve_order",
    "routes",
    "usable_texts",
]

AUTO = "auto"
LLM = "llm"


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What engines are made of.

    Attributes:
        prompts: for the chat models.
        argos: where Argos packages lie and come from.
        server: makes the configured server's client; None if no server is configured.
        embedded: makes the embedded model, which loads at its first use.
        server_batch_units, embedded_batch_units: units a request.
        server_parallel, embedded_parallel: requests at once.
        budget: of the server; None counts nothing.
        conversion: OpenCC's configuration where Chinese is only written in another way.
        reporter: for downloads, and for what the server costs.
    """

    prompts: Prompts
    argos: ArgosOptions
    server: Callable[[], ServerModel] | None
    embedded: Callable[[], EmbeddedModel | WarmModel]
    server_batch_units: int
    embedded_batch_units: int
    reporter: Reporter
    server_parallel: int = 1
    embedded_parallel: int = 1
    budget: Budget | None = None
    conversion: str = ""


def _open_server(tools: Toolbox, context: Context) -> Engine:
    if tools.server is None:
        raise EngineUnavailableError(
            "No translation server is configured.", remedy="Set server.base_url and server.model."
        )
    return LlmEngine(
        "server", tools.server(), tools.prompts, batch_units=tools.server_batch_units,
        parallel=tools.server_parallel, budget=tools.budget, reporter=tools.reporter,
    )  # fmt: skip


def _open_argos(tools: Toolbox, context: Context) -> Engine:
    return ArgosEngine(tools.argos, context.source, context.target, tools.reporter)


def _open_embedded(tools: Toolbox, context: Context) -> Engine:
    return LlmEngine(
        "embedded", tools.embedded(), tools.prompts, batch_units=tools.embedded_batch_units,
        parallel=tools.embedded_parallel,
    )  # fmt: skip


def _open_opencc(tools: Toolbox, context: Context) -> Engine:
    return OpenccEngine(tools.conversion)


ENGINES: dict[str, Callable[[Toolbox, Context], Engine]] = {
    "server": _open_server,
    "argos": _open_argos,
    "embedded": _open_embedded,
    OPENCC: _open_opencc,
}


def open_engine(name: str, tools: Toolbox, context: Context) -> Engine:
    """The engine of that name, ready for the context's pair of languages; close it after use.

    Arguments:
        name: as in `ENGINES`, or one of `routes`: `embedded via en` starts from the English translation.

    Raises:
        EngineUnavailableError: it is not configured, or can't be had here.
    """
    engine, _, language = name.partition(VIA)
    if language:
        return ThroughEngine(ENGINES[engine](tools, replace(context, source=language)), language)
    return ENGINES[engine](tools, context)


def resolve_order(engine: str, order: tuple[str, ...], *, server_configured: bool) -> tuple[str, ...]:
    """The engines to try, in order.

    `auto` is the whole order without a server that is not configured; `llm` is the server if one is
    configured, else the embedded model; a name is that engine alone.

    Raises:
        UsageError: no such engine.
    """
    for name in (*order, engine):
        known = [each for each in ENGINES if each != OPENCC]  # it takes what it can convert by itself
        if name not in known and name not in (AUTO, LLM):
            raise UsageError(
                f"There is no translation engine {name!r}.",
                remedy="Choose from: " + ", ".join([AUTO, LLM, *known]) + ".",
            )
    if engine == AUTO:
        return tuple(name for name in order if name != "server" or server_configured)
    if engine == LLM:
        return ("server",) if server_configured else ("embedded",)
    return (engine,)
