"""What an engine is. The stage asks an engine for units and checks, stores and retries what comes back.

To add an engine:
1. write a class with what `Engine` below asks for, in a module of its own;
2. raise `EngineUnavailableError` for whatever another engine could make good, and name in `refused` what it will not
   translate because of what it says;
3. enter its factory in `ENGINES` of `pipeline.translation.engines`;
4. add its settings to config/defaults.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.errors import MissingError
from pipeline.translation.glossary import Term

Hints = Callable[[str], tuple[Term, ...]]
"""Gives the names in a sentence with the rendering that the episode has decided on so far."""


def no_hints(text: str) -> tuple[Term, ...]:
    """Where nothing is decided."""
    return ()


Said = Callable[[str], str]
"""Gives the translation of a sentence of the episode that stands by now; empty where there is none."""


def nothing_said(text: str) -> str:
    """Where nothing is translated."""
    return ""


@dataclass(frozen=True, slots=True)
class Context:
    """What all units of an episode share.

    Attributes:
        source, target: languages in BCP-47.
        target_name: the target's English name.
        title: the episode's.
        hints: asked when a batch goes out, since every accepted sentence may decide a name. They are advice: not
            enforced, and no part of what a translation is known by.
        said: asked then too: the sentences before are shown with their translations, so that one follows the other.
            Advice as well.
    """

    source: str
    target: str
    target_name: str
    title: str
    hints: Hints = no_hints
    said: Said = nothing_said


@dataclass(frozen=True, slots=True)
class PivotText:
    """A unit in another language that it is translated already: the sentence, those around it, and its terms."""

    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A unit to translate, with all that its translation may depend on.

    Attributes:
        id: stable within the episode, as `u5`.
        text: the sentence.
        before: the sentences before it, in order.
        after: the sentences after it.
        terms: the glossary's terms that the sentence contains.
        similar: sentences like it that people have translated, each with its translation, the most alike first.
        complaint: why the last translation was refused; empty at the first try.
        pivot: the unit in the language that others may start from; None where there is none to rely on.
    """

    id: str
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    similar: tuple[tuple[str, str], ...] = ()
    complaint: str = ""
    pivot: PivotText | None = None


class EngineUnavailableError(MissingError):
    """The engine can't be had, or is out of reach for now: the next one in the order takes over."""


NextToken = Callable[[str], Mapping[str, float]]
"""Gives the likeliest next tokens of a prompt, each with the logarithm of its probability."""


OnDone = Callable[[str, str], None]
"""Called with a unit's id and its translation as soon as it is known, so that it is stored at once."""


class Engine(Protocol):
    """A machine-translation system."""

    @property
    def name(self) -> str:
        """As it stands in `translate.order`."""

    @property
    def follows_instructions(self) -> bool:
        """Whether asking again with a complaint, or alone, can give another answer."""

    @property
    def through(self) -> str:
        """The language of the translation that it starts from; empty: it starts from what is spoken."""

    @property
    def refused(self) -> Collection[str]:
        """The ids of units that it would not translate because of what they say: not asked for again."""

    @property
    def identity(self) -> str:
        """All that the answers depend on besides the request: model checksum, prompt, parameters."""

    @property
    def next_token(self) -> NextToken | None:
        """How it goes on with a text in ChatML; None where it can't be asked that."""

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        """Translate units in their order, calling `on_done` for each; a unit without an answer is left out.

        Raises:
            EngineUnavailableError: another engine should go on with the rest.
            PlatformError: the server refused for good: a wrong key, a spent quota.
            BudgetError: the limit on tokens or money is reached.
        """

    def close(self) -> None:
        """Give back memory, threads and connections."""
