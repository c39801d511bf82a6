"""llama.cpp in this process, by xllamacpp: no server to start, no port that others could use."""

from __future__ import annotations

import importlib
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.translation.engines.base import EngineUnavailableError
from pipeline.translation.engines.budget import Usage
from pipeline.translation.engines.llm import Completion

_SILENT = -1  # llama.cpp's verbosity that prints nothing, not even while it loads
_DEBUG = 4
_TOKENS = 40  # looked at for the next one; what is not among them has less than a thousandth


class EmbeddedModel:
    """A GGUF model, loaded at its first use.

    Arguments:
        model: gives the GGUF file, or a folder that holds one; called at the first use, so it may fetch it.
        checksum: of the model, for fingerprints.
        threads: 0 leaves it to llama.cpp.
        context_tokens: prompt and answer together.
        gpu_layers: -1 puts on the GPU what fits.
        parallel: sequences that are worked on at once, each with a context of its own.
        debug: lets llama.cpp print its log to standard error.
    """

    def __init__(
        self,
        model: Callable[[], Path],
        *,
        checksum: str,
        threads: int,
        context_tokens: int,
        seed: int,
        temperature: float,
        gpu_layers: int,
        parallel: int = 1,
        debug: bool = False,
    ) -> None:
        self.checksum = checksum
        self._path = model
        self._threads = threads
        self._context = context_tokens
        self._seed = seed
        self._temperature = temperature
        self._gpu_layers = gpu_layers
        self._parallel = parallel
        self._debug = debug
        self._server: Any = None
        self._loading = threading.Lock()
        self.identity = f"llama.cpp {checksum} seed={seed} temperature={temperature}"

    def complete(self, system: str, user: str, schema: dict[str, Any], max_tokens: int) -> Completion:
        answer = self._loaded().handle_chat_completions(
            {
                "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}],
                "max_tokens": max_tokens,
                "temperature": self._temperature,
                "seed": self._seed,
                "cache_prompt": True,
                "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
            }
        )
        if error := answer.get("error"):
            if error.get("type") == "exceed_context_size_error":  # A smaller batch may fit.
                return Completion("", cut=True)
            raise _failure(error.get("message", error))
        try:
            choice = answer["choices"][0]
            cut = choice.get("finish_reason") == "length"
            return Completion(choice["message"].get("content") or "", cut, _usage(answer))
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise _failure(answer) from error

    def next_token(self, prompt: str) -> dict[str, float]:
        """The likeliest next tokens of a prompt, each with the logarithm of its probability.

        What was read of the prompt before is not read again.

        Raises:
            EngineUnavailableError: the model can't be loaded, or failed: the prompt is too long for its context.
        """
        answer = self._loaded().handle_completions(
            {"prompt": prompt, "max_tokens": 1, "logprobs": _TOKENS, "temperature": 0.0, "cache_prompt": True}
        )
        try:
            likely = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            return {token["token"]: float(token["logprob"]) for token in likely}
        except (KeyError, IndexError, TypeError) as error:
            raise _failure(answer.get("error", answer)) from error

    def forget(self) -> None:
        """Put something else in the place of the last prompts, so that none of them is reused."""
        if self._server is not None:
            for _ in range(self._parallel):
                self._server.handle_completions({"prompt": "\n", "max_tokens": 1, "cache_prompt": False})

    def close(self) -> None:
        self._server = None

    def _loaded(self) -> Any:
        with self._loading:  # Two sequences ask at once; without it each would load a model of its own.
            if self._server is None:
                self._server = self._load(_gguf(self._path()))
            return self._server

    def _load(self, path: Path) -> Any:
        xllamacpp: Any = importlib.import_module("xllamacpp")  # 0.3 s to load, and untyped

        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_ctx = self._context * self._parallel
        params.n_parallel = self._parallel
        params.n_gpu_layers = self._gpu_layers
        if self._threads:
            params.cpuparams.n_threads = self._threads
            params.cpuparams_batch.n_threads = self._threads
        params.warmup = False
        params.verbosity = _DEBUG if self._debug else _SILENT
        # Every sequence reuses the beginning of its own last prompt; there is no second cache to put idle ones into,
        # and without it llama.cpp would just empty them.
        params.cache_ram_mib = 0
        params.cache_idle_slots = False
        # The library always opens an HTTP port on 127.0.0.1. Nobody gets the key, so nobody can use it.
        params.api_keys = [secrets.token_hex(32)]
        params.cors_origins = ""
        params.ui = False
        params.endpoint_slots = False
        try:
            return xllamacpp.Server(params)
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineUnavailableError(
                "The language model can't be loaded.",
                where=path,
                remedy="Check it with `zimu models verify`, and that there is memory for it with `zimu doctor`.",
            ) from error


class WarmModel:
    """A loaded model lent for a time: after it, it stays loaded, and knows no more than one that was just loaded."""

    def __init__(self, model: EmbeddedModel) -> None:
        self._model = model
        self.checksum, self.identity = model.checksum, model.identity
        self.complete, self.next_token = model.complete, model.next_token

    def close(self) -> None:
        """Forget what was read: what comes next must not depend on what came before."""
        self._model.forget()


def _usage(answer: dict[str, Any]) -> Usage:
    counts = answer["usage"]
    reused = answer.get("timings", {}).get("cache_n", 0)
    return Usage(1, counts["prompt_tokens"], counts["completion_tokens"], reused)


def _failure(said: object) -> EngineUnavailableError:
    return EngineUnavailableError(
        f"The embedded language model failed: {said}",
        remedy="Run again with --debug, or choose another engine: translate.engine.",
    )


def _gguf(path: Path) -> Path:
    if path.is_file():
        return path
    files = sorted(path.glob("*.gguf")) if path.is_dir() else []
    if len(files) == 1:
        return files[0]
    raise EngineUnavailableError(
        f"There {'is no' if not files else 'is more than one'} GGUF file there.",
        where=path,
        remedy="Fetch the model again: zimu models pull.",
    )
