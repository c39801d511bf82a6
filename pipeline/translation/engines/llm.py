"""Translation by a chat model: batches with stable ids, answers in JSON that are matched by id, never by order."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pipeline.files import sha256_json
from pipeline.progress import Reporter
from pipeline.translation.engines.base import Context, NextToken, OnDone, Request
from pipeline.translation.engines.budget import Budget, Usage, estimate_tokens
from pipeline.translation.engines.parallel import in_parallel
from pipeline.translation.glossary import Term, with_terms
from pipeline.translation.numbers import with_english_values, with_values
from pipeline.translation.prompts import Prompts, fill

# No Chinese character, no full-width form, no second row: a small model leaves words in Chinese, even when it is told.
_NO_HAN = r"^[^\u2e80-\u9fff\uf900-\uffef\n]+$"
# Tokens an answer may take: the longest that is sensible, so that a model which repeats itself stops.
_TOKENS_PER_CHARACTER = 3
_TOKENS_PER_UNIT = 32
# And how many a usual one takes, for what is told before.
_USUAL_PER_CHARACTER = 1
_USUAL_PER_UNIT = 10


class RefusedError(Exception):
    """The model or its server would not answer because of the content."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A chat model's answer; `cut` says that it ran into the token limit.

    `usage` is what the server counted; None where it does not say.
    """

    text: str
    cut: bool
    usage: Usage | None = None


class ChatModel(Protocol):
    """Something that answers a system and a user message."""

    @property
    def identity(self) -> str:
        """The model with its checksum or address, and its parameters."""

    @property
    def next_token(self) -> NextToken | None:
        """How it goes on with a text in ChatML; None where it can't be asked that."""

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
    """Units go in batches; a batch whose answer does not have exactly its ids is split in two, never padded.

    Arguments:
        batch_units: units a request.
        parallel: requests at once; the answers come back one at a time, in the order they are known.
        budget: what the requests may take, and where it is counted; None where they cost nothing.
        reporter: told what is going to be asked, and what it took.
    """

    follows_instructions = True
    through = ""

    def __init__(
        self,
        name: str,
        model: ChatModel,
        prompts: Prompts,
        *,
        batch_units: int,
        parallel: int = 1,
        budget: Budget | None = None,
        reporter: Reporter | None = None,
    ) -> None:
        self.name = name
        self.refused: set[str] = set()
        self.next_token = model.next_token
        self._model = model
        self._prompts = prompts
        self._batch_units = batch_units
        self._parallel = parallel
        self._budget = budget
        self._reporter = reporter
        self._before: Usage | None = None

    @property
    def identity(self) -> str:
        return sha256_json([self.name, self._model.identity, self._prompts.digest, self._batch_units])

    def translate(self, requests: Sequence[Request], context: Context, on_done: OnDone) -> None:
        asked = [request for request in requests if request.id not in self.refused]
        batches = [asked[start : start + self._batch_units] for start in range(0, len(asked), self._batch_units)]
        self._announce(batches, context)
        if self._parallel == 1 or len(batches) < 2:
            for batch in batches:
                self._batch(batch, context, on_done)
            return
        lock = threading.Lock()  # what the answers decide is read for the next request

        def hints(text: str) -> tuple[Term, ...]:
            with lock:
                return context.hints(text)

        def done(unit_id: str, text: str) -> None:
            with lock:
                on_done(unit_id, text)

        in_parallel(
            lambda batch, deliver: self._batch(batch, replace(context, hints=hints), deliver),
            batches,
            threads=min(self._parallel, len(batches)),
            on_done=done,
        )

    def close(self) -> None:
        self._model.close()
        if self._budget is not None and self._before is not None:
            used = self._budget.used - self._before
            self._tell(f"{self.name}: took {self._budget.told(used)}{self._budget.left()}")

    def _announce(self, batches: Sequence[Sequence[Request]], context: Context) -> None:
        """Tell once what the sentences will take, before the first request."""
        if self._budget is None or self._before is not None or not batches:
            return
        self._before = self._budget.used
        tokens_in = sum(estimate_tokens(*self._messages(batch, context)) for batch in batches)
        tokens_out = sum(_usual(request) for batch in batches for request in batch)
        expected = Usage(len(batches), tokens_in, tokens_out)
        self._tell(
            f"{self.name}: {sum(map(len, batches))} sentences, about {self._budget.told(expected)}{self._budget.left()}"
        )

    def _tell(self, message: str) -> None:
        if self._reporter is not None and self._budget is not None:
            (self._reporter.info if self._budget.rates.matter else self._reporter.detail)(message)

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
        longest = sum(_TOKENS_PER_UNIT + _TOKENS_PER_CHARACTER * len(request.text) for request in requests)
        system, user = self._messages(requests, context)
        try:
            completion = self._complete(system, user, _schema(requests, self._pattern(context)), longest)
        except RefusedError:
            if len(requests) == 1:
                self.refused.add(requests[0].id)
            return None
        return None if completion.cut else matched_answers(completion.text, [request.id for request in requests])

    def _pattern(self, context: Context) -> str:
        """What the embedded model may write, as a regular expression; empty: anything. Servers know JSON schema only in
        part, so they are not asked to."""
        han = context.target.split("-")[0].casefold() in ("zh", "ja", "yue")
        return "" if han or not self.name.startswith("embedded") else _NO_HAN

    def _messages(self, requests: Sequence[Request], context: Context) -> tuple[str, str]:
        system = fill(self._prompts.system, {"language": context.target_name})
        return system, user_message(self._prompts.user, requests, context)

    def _complete(self, system: str, user: str, schema: dict[str, Any], longest: int) -> Completion:
        with self._paid(Usage(1, estimate_tokens(system, user), longest)) as bill:
            try:
                completion = self._model.complete(system, user, schema, longest)
            except RefusedError:
                bill.used = Usage(1, bill.most.tokens_in, 0)
                raise
            bill.used = completion.usage or Usage(1, bill.most.tokens_in, estimate_tokens(completion.text))
            return completion

    @contextmanager
    def _paid(self, most: Usage) -> Iterator[_Bill]:
        bill = _Bill(most)
        if self._budget is None:
            yield bill
            return
        reserved = self._budget.reserve(most)
        try:
            yield bill
        finally:
            self._budget.settle(reserved, bill.used)


@dataclass(slots=True)
class _Bill:
    """What a request takes at most, and what it took."""

    most: Usage
    used: Usage = Usage()  # noqa: RUF009  # frozen


def _usual(request: Request) -> int:
    return _USUAL_PER_UNIT + _USUAL_PER_CHARACTER * len(request.text)


def user_message(template: str, requests: Sequence[Request], context: Context) -> str:
    """The user's message for a batch of units that follow one another."""
    terms = {term.source: _fixed(term) for request in requests for term in request.terms}
    names = {term.source: term.preferred for request in requests for term in context.hints(request.text)}
    similar = dict(pair for request in requests for pair in request.similar)
    source, language = (tag.split("-")[0].casefold() for tag in (context.source, context.target))
    texts = {request.text for request in requests}
    return fill(
        template,
        {
            "language": context.target_name,
            "title": _one_row(with_values(context.title, language)),
            "terms": "; ".join(f"{source} = {translation}" for source, translation in terms.items()),
            "names": "; ".join(f"{source} = {name}" for source, name in names.items() if source not in terms),
            "similar": "\n".join(f"{_one_row(one)} = {_one_row(other)}" for one, other in similar.items()),
            "before": "\n".join(_with_translation(text, context) for text in requests[0].before if text not in texts),
            "after": "\n".join(_one_row(text) for text in requests[-1].after if text not in texts),
            "complaints": "\n".join(
                f"{request.id}: {_one_row(request.complaint)}" for request in requests if request.complaint
            ),
            "units": "\n".join(
                f"{request.id}: {_one_row(_source_text(request, source, language))}" for request in requests
            ),
        },
    )


def _fixed(term: Term) -> str:
    return term.preferred + (f" (never {', '.join(term.forbidden)})" if term.forbidden else "")


def _source_text(request: Request, source: str, language: str) -> str:
    """The sentence as the model gets it, with the mark that captions leave out; at a second try its terms are
    translated already."""
    text = (with_english_values if source == "en" else with_values)(request.text, language)
    text = with_terms(text, request.terms) if request.complaint else text
    if source != "zh" or not text or not text[-1].isalnum():
        return text
    return text + ("？" if text[-1] in "吗呢" else "。")


def _with_translation(text: str, context: Context) -> str:
    said = context.said(text)
    return f"{_one_row(text)} = {_one_row(said)}" if said else _one_row(text)


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


def _schema(requests: Sequence[Request], pattern: str = "") -> dict[str, Any]:
    ids = [request.id for request in requests]
    return {
        "type": "object",
        "properties": {key: {"type": "string", **({"pattern": pattern} if pattern else {})} for key in ids},
        "required": ids,
        "additionalProperties": False,
    }


def _one_row(text: str) -> str:
    return " ".join(text.split())
