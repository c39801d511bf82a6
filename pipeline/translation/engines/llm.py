"""Translation by a chat model: batches with stable ids, answers in JSON that are matched by id, never by order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pipeline.files import sha256_json
from pipeline.translation.engines.base import Context, OnDone, Request
from pipeline.translation.glossary import Term, with_terms
from pipeline.translation.numbers import with_values
from pipeline.translation.prompts import Prompts, fill

# Tokens an answer may take: the longest that is sensible, so that a model which repeats itself stops.
_TOKENS_PER_CHARACTER = 3
_TOKENS_PER_UNIT = 32


class RefusedError(Exception):
    """The model or its server would not answer because of the content."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A chat model's answer; `cut` says that it ran into the token limit."""

    text: str
    cut: bool


class ChatModel(Protocol):
    """Something that answers a system and a user message."""

    @property
    def identity(self) -> str:
        """The model with its checksum or address, and its parameters."""

    def complete(self, system: str, user: str, schema: dict[str, Any], max_tokens: int) -> Completion:
        """One answer, constrained to the JSON schema where the model can be.

        Raises:
            RefusedError: refused because of the content.
            EngineUnavailableError: out of reach; an attempt later may go well.
            PlatformError: refused for good.
        """

    def close(self) -> None:
        """Give back memory and connections."""


class LlmEngine:
    """Units go in batches; a batch whose answer does not have exactly its ids is split in two, never padded."""

    follows_instructions = True

    def __init__(self, name: str, model: ChatModel, prompts: Prompts, *, batch_units: int) -> None:
        self.name = name
        self._model = model
        self._prompts = prompts
        self._batch_units = batch_units

    @property
    def identity(self) -> str:
        return sha256_json([self.name, self._model.identity, self._prompts.digest, self._batch_units])

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        for start in range(0, len(requests), self._batch_units):
            self._batch(requests[start : start + self._batch_units], context, on_done)

    def close(self) -> None:
        self._model.close()

    def _batch(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        answers = self._ask(requests, context)
        if answers is not None:
            for request in requests:
                on_done(request.id, answers[request.id])
        elif len(requests) > 1:
            middle = len(requests) // 2
            self._batch(requests[:middle], context, on_done)
            self._batch(requests[middle:], context, on_done)

    def _ask(self, requests: Sequence[Request], context: Context) -> dict[str, str] | None:
        """The answers by id, or None where they can't be used."""
        budget = sum(_TOKENS_PER_UNIT + _TOKENS_PER_CHARACTER * len(request.text) for request in requests)
        system = fill(self._prompts.system, {"language": context.target_name})
        try:
            completion = self._model.complete(
                system, user_message(self._prompts.user, requests, context), _schema(requests), budget
            )
        except RefusedError:
            return None
        return None if completion.cut else matched_answers(completion.text, [request.id for request in requests])


def user_message(template: str, requests: Sequence[Request], context: Context) -> str:
    """The user's message for a batch of units that follow one another."""
    terms = {term.source: _fixed(term) for request in requests for term in request.terms}
    names = {term.source: term.preferred for request in requests for term in context.hints(request.text)}
    similar = dict(pair for request in requests for pair in request.similar)
    language = context.target.split("-")[0].casefold()
    texts = {request.text for request in requests}
    return fill(
        template,
        {
            "language": context.target_name,
            "title": _one_row(context.title),
            "terms": "; ".join(f"{source} = {translation}" for source, translation in terms.items()),
            "names": "; ".join(f"{source} = {name}" for source, name in names.items() if source not in terms),
            "similar": "\n".join(f"{_one_row(one)} = {_one_row(other)}" for one, other in similar.items()),
            "before": "\n".join(_one_row(text) for text in requests[0].before if text not in texts),
            "after": "\n".join(_one_row(text) for text in requests[-1].after if text not in texts),
            "complaints": "\n".join(
                f"{request.id}: {_one_row(request.complaint)}" for request in requests if request.complaint
            ),
            "units": "\n".join(f"{request.id}: {_one_row(_source_text(request, language))}" for request in requests),
        },
    )


def _fixed(term: Term) -> str:
    return term.preferred + (f" (never {', '.join(term.forbidden)})" if term.forbidden else "")


def _source_text(request: Request, language: str) -> str:
    """The sentence as the model gets it; at a second try its terms are translated already."""
    text = with_values(request.text, language)
    return with_terms(text, request.terms) if request.complaint else text


def matched_answers(text: str, ids: Sequence[str]) -> dict[str, str] | None:
    """The translations by id if the answer is a JSON object with exactly these ids, each once; else None."""
    try:
        answer = json.loads(_unfenced(text), object_pairs_hook=_without_repeats)
    except ValueError:
        return None
    if not isinstance(answer, dict) or set(answer) != set(ids):
        return None
    if not all(isinstance(each, str) for each in answer.values()):
        return None
    return {key: each.strip() for key, each in answer.items()}


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an id stands there twice")
    return found


def _unfenced(text: str) -> str:
    """Without the Markdown fence that some models put around JSON."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```"):
        return text.split("\n", 1)[-1][:-3]
    return text


def _schema(requests: Sequence[Request]) -> dict[str, Any]:
    ids = [request.id for request in requests]
    return {
        "type": "object",
        "properties": {key: {"type": "string"} for key in ids},
        "required": ids,
        "additionalProperties": False,
    }


def _one_row(text: str) -> str:
    return " ".join(text.split())
