"""How fast the embedded model works beside bare llama.cpp: `python -m tests.benchmarks.engines`.

The sample's sentences are translated by the engine as a run does it (chat template, answers constrained to the JSON
schema, matched by id), with one sequence and with several. Then bare llama.cpp reads the very same prompts and writes
as many tokens, without template, grammar or JSON. Tokens a second are those written, over the wall time of all of it;
loading and a first request are not counted. All take turns, a few sentences each, so that other work on the machine
slows them alike. Prompt tokens reused are those that a sequence had read before.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.alignment.result import AlignedLine
from pipeline.files import config_dir
from pipeline.translation.engines.base import Context, Request
from pipeline.translation.engines.embedded import EmbeddedModel
from pipeline.translation.engines.llm import Completion, LlmEngine
from pipeline.translation.prompts import Prompts, load_prompts
from pipeline.translation.units import group_sentences

SAMPLE = Path(__file__).parents[2] / "samples" / "riscv" / "transcript.txt"
ENGLISH = Context("zh-Hans", "en", "English", "RISC-V")
_TEMPLATE = "<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
_CONTEXT = 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, how many tokens it has, how many of them were read anew, and how many were written."""

    system: str
    user: str
    prompt: int
    read: int
    written: int


@dataclass(slots=True)
class Recorded:
    """The embedded model, noting what it was asked and what llama.cpp counted."""

    model: EmbeddedModel
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def identity(self) -> str:
        return self.model.identity

    def complete(self, system: str, user: str, schema: dict[str, Any], max_tokens: int) -> Completion:
        completion = self.model.complete(system, user, schema, max_tokens)
        usage = completion.usage
        assert usage is not None
        with self.lock:
            self.asked.append(Asked(system, user, usage.tokens_in, usage.tokens_in - usage.reused, usage.tokens_out))
        return completion

    def close(self) -> None:
        self.model.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engines", description=__doc__)
    parser.add_argument("model", type=Path, help="a GGUF file that uses ChatML, or a folder with one")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--units", type=int, default=16, help="sentences of the sample")
    parser.add_argument("--chunk", type=int, default=4, help="sentences a turn")
    parser.add_argument("--parallel", type=int, nargs="+", default=[1, 2, 4])
    options = parser.parse_args()
    prompts = load_prompts(*(config_dir() / "prompts" / f"translate.{kind}.md" for kind in ("system", "user")))
    requests = _requests(options.units)
    engines = [Measured(options, prompts, parallel) for parallel in options.parallel]
    bare = Bare(options)
    for start in range(0, len(requests), options.chunk):
        chunk = requests[start : start + options.chunk]
        for engine in engines:
            engine.translate(chunk)
        bare.complete(engines[0].model.asked[-len(chunk) :])
    print("| by | sequences | tokens written | prompt tokens reused | seconds | tokens a second | of bare |")
    print("|---|---|---|---|---|---|---|")
    speed = sum(each.written for each in engines[0].model.asked) / bare.seconds
    print(_row("bare llama.cpp", 1, engines[0].model.asked, bare.seconds, None))
    for engine in engines:
        print(_row("Zimu", engine.parallel, engine.model.asked, engine.seconds, speed))


def _requests(count: int) -> list[Request]:
    rows = [row for row in SAMPLE.read_text(encoding="utf-8").split("\n") if row.strip()]
    lines = [AlignedLine(n, row, 2000 * n, 2000 * n + 1900, "ok", 1.0) for n, row in enumerate(rows)]
    units = group_sentences(lines)
    texts = [unit.text for unit in units]
    return [
        Request(unit.id, unit.text, before=tuple(texts[max(0, place - 2) : place]))
        for place, unit in enumerate(units[:count])
    ]


class Measured:
    """The engine with so many sequences, what it was asked, and its wall time."""

    def __init__(self, options: argparse.Namespace, prompts: Prompts, parallel: int) -> None:
        self.parallel, self.seconds = parallel, 0.0
        self.model = Recorded(
            EmbeddedModel(
                lambda: options.model, checksum="", threads=options.threads, context_tokens=_CONTEXT, seed=7,
                temperature=0.0, gpu_layers=0, parallel=parallel,
            )
        )  # fmt: skip
        self._engine = LlmEngine("embedded", self.model, prompts, batch_units=1, parallel=parallel)
        self._engine.translate(_requests(1), ENGLISH, lambda *_: None)
        self.model.asked.clear()

    def translate(self, requests: Sequence[Request]) -> None:
        began = time.perf_counter()
        self._engine.translate(requests, ENGLISH, lambda *_: None)
        self.seconds += time.perf_counter() - began


class Bare:
    """llama.cpp without anything around it, and its wall time."""

    def __init__(self, options: argparse.Namespace) -> None:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(options.model if options.model.is_file() else next(options.model.glob("*.gguf")))
        params.n_ctx = _CONTEXT
        params.n_gpu_layers = 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
        params.verbosity = -1
        params.cache_ram_mib = 0
        self.seconds = 0.0
        self._server = xllamacpp.Server(params)
        self._complete(_TEMPLATE.format("Hello.", "Hello."), 8)

    def complete(self, asked: Sequence[Asked]) -> None:
        """Read the same prompts, and write as many tokens."""
        began = time.perf_counter()
        for each in asked:
            self._complete(_TEMPLATE.format(each.system, each.user), each.written)
        self.seconds += time.perf_counter() - began

    def _complete(self, prompt: str, tokens: int) -> None:
        answer = self._server.handle_completions(
            {"prompt": prompt, "max_tokens": tokens, "temperature": 0.0, "ignore_eos": True, "cache_prompt": True}
        )
        assert answer["usage"]["completion_tokens"] == tokens


def _row(by: str, parallel: int, asked: Sequence[Asked], seconds: float, bare: float | None) -> str:
    written, prompt, read = (
        sum(values) for values in zip(*((a.written, a.prompt, a.read) for a in asked), strict=True)
    )
    speed = written / seconds
    share = "–" if bare is None else f"{100 * speed / bare:.0f} %"
    reused = f"{100 * (1 - read / prompt):.0f} % of {prompt}" if by == "Zimu" else "the same prompts"
    return f"| {by} | {parallel} | {written} | {reused} | {seconds:.1f} | {speed:.1f} | {share} |"


if __name__ == "__main__":
    main()
