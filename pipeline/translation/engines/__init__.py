"""The engines, by the name that `translate.order` knows them by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.progress import Reporter
from pipeline.translation.engines.argos import ArgosEngine, ArgosOptions
from pipeline.translation.engines.base import Context, Engine, EngineUnavailableError, Request
from pipeline.translation.engines.embedded import EmbeddedModel
from pipeline.translation.engines.llm import LlmEngine
from pipeline.translation.engines.server import ServerModel
from pipeline.translation.prompts import Prompts

__all__ = [
    "ENGINES",
    "ArgosOptions",
    "Context",
    "EmbeddedModel",
    "Engine",
    "EngineUnavailableError",
    "Request",
    "ServerModel",
    "Toolbox",
    "open_engine",
    "resolve_order",
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
        reporter: for downloads.
    """

    prompts: Prompts
    argos: ArgosOptions
    server: Callable[[], ServerModel] | None
    embedded: Callable[[], EmbeddedModel]
    server_batch_units: int
    embedded_batch_units: int
    reporter: Reporter


def _open_server(tools: Toolbox, context: Context) -> Engine:
    if tools.server is None:
        raise EngineUnavailableError(
            "No translation server is configured.", remedy="Set server.base_url and server.model."
        )
    return LlmEngine("server", tools.server(), tools.prompts, batch_units=tools.server_batch_units)


def _open_argos(tools: Toolbox, context: Context) -> Engine:
    return ArgosEngine(tools.argos, context.source, context.target, tools.reporter)


def _open_embedded(tools: Toolbox, context: Context) -> Engine:
    return LlmEngine("embedded", tools.embedded(), tools.prompts, batch_units=tools.embedded_batch_units)


ENGINES: dict[str, Callable[[Toolbox, Context], Engine]] = {
    "server": _open_server,
    "argos": _open_argos,
    "embedded": _open_embedded,
}


def open_engine(name: str, tools: Toolbox, context: Context) -> Engine:
    """The engine of that name, ready for the context's pair of languages; close it after use.

    Raises:
        EngineUnavailableError: it is not configured, or can't be had here.
    """
    return ENGINES[name](tools, context)


def resolve_order(engine: str, order: tuple[str, ...], *, server_configured: bool) -> tuple[str, ...]:
    """The engines to try, in order.

    `auto` is the whole order without a server that is not configured; `llm` is the server if one is
    configured, else the embedded model; a name is that engine alone.

    Raises:
        UsageError: no such engine.
    """
    for name in (*order, engine):
        if name not in ENGINES and name not in (AUTO, LLM):
            raise UsageError(
                f"There is no translation engine {name!r}.",
                remedy="Choose from: " + ", ".join([AUTO, LLM, *ENGINES]) + ".",
            )
    if engine == AUTO:
        return tuple(name for name in order if name != "server" or server_configured)
    if engine == LLM:
        return ("server",) if server_configured else ("embedded",)
    return (engine,)
