"""How well sentences are found in captions without full stops: `python -m tests.benchmarks.units`.

Precision, recall and F1 of sentence ends, of the texts in `sentences/`: by the rules alone, with the model's scores
that are kept beside the texts, and with measured pauses where `--truth` names a folder of episodes with a
truth.json (as `tests.benchmarks.align --episodes`). `--model FILE.gguf` asks the model again, shows its cost and
keeps what it said; `--fit` fits the weights of config/sentences.toml.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.alignment.result import AlignedLine
from pipeline.translation.engines.embedded import EmbeddedModel
from pipeline.translation.punctuation import model_scores
from pipeline.translation.units import group_sentences
from tests.benchmarks.fit_units import fit
from tests.benchmarks.marked import MODEL_SCORES, Counts, Marked, marked_texts

_TITLES = ("rules", "rules + pauses", "rules + model", "rules + pauses + model")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.units", description=__doc__)
    parser.add_argument("--truth", type=Path, help="a folder of episodes with truth.json, for their pauses")
    parser.add_argument("--model", type=Path, help="ask this GGUF model again")
    parser.add_argument("--threads", type=int, default=1, help="of the model")
    parser.add_argument("--only", nargs="*", help="names of texts: no others")
    parser.add_argument("--fit", action="store_true", help="fit config/sentences.toml to the texts of fitted/")
    options = parser.parse_args()
    if options.model:
        _ask(options.model, options.threads, options.only)
    if options.fit:
        fit()
    print("| text | lines | " + " | ".join(f"{title}: P / R / F1" for title in _TITLES) + " |")
    print("|---" * (2 + len(_TITLES)) + "|")
    for folder in ("measured", "fitted"):
        for text in marked_texts(folder):
            if options.only and text.name not in options.only:
                continue
            print(_row(text, folder, _with_pauses(text, options.truth) if options.truth else None))


def ends(lines: Sequence[AlignedLine], scores: Mapping[int, float] | None = None) -> set[int]:
    """The lines after which the grouping ends a sentence."""
    return {unit.last for unit in group_sentences(lines, model_scores=scores)}


def _row(text: Marked, folder: str, paused: list[AlignedLine] | None) -> str:
    scores = text.model_scores()
    found = [
        ends(text.timed()),
        ends(paused) if paused else None,
        ends(text.timed(), scores),
        ends(paused, scores) if paused else None,
    ]
    cells = [_figures(Counts.of(each, text)) if each is not None else "–" for each in found]
    return f"| {folder}/{text.name} | {len(text.lines)} | " + " | ".join(cells) + " |"


def _figures(counts: Counts) -> str:
    return f"{counts.precision:.2f} / {counts.recall:.2f} / {counts.f1:.3f}"


def _with_pauses(text: Marked, folder: Path) -> list[AlignedLine] | None:
    """The lines with the times of the episode that speaks all of them, or None."""
    for path in sorted(folder.glob("*/truth.json")):
        truth = json.loads(path.read_text("utf-8"))["lines"]
        if tuple(line["text"] for line in truth) == text.lines and all(line["start"] is not None for line in truth):
            times = [(round(1000 * line["start"]), round(1000 * line["end"])) for line in truth]
            return [
                replace(line, start_ms=start, end_ms=end)
                for line, (start, end) in zip(text.timed(), times, strict=True)
            ]
    return None


def _ask(model: Path, threads: int, only: list[str] | None) -> None:
    embedded = EmbeddedModel(
        lambda: model,
        checksum="",
        threads=threads,
        context_tokens=4096,
        seed=7,
        temperature=0.0,
        gpu_layers=0,
    )
    embedded.next_token("你好")  # loaded and warm, so that the cost is that of the texts
    kept = json.loads(MODEL_SCORES.read_text("utf-8")) if MODEL_SCORES.is_file() else {}
    for text in marked_texts("measured") + marked_texts("fitted"):
        if only and text.name not in only:
            continue
        before = time.perf_counter()
        kept[text.name] = [round(score, 2) for score in model_scores(text.timed(), embedded.next_token).values()]
        print(f"{text.name}: {(time.perf_counter() - before) / len(text.lines):.2f} s a line, {threads} threads")
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(kept[name])}" for name in sorted(kept))
    MODEL_SCORES.write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
