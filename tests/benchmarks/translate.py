"""How good translations are, what they cost, and what a translation line by line would be:
`python -m tests.benchmarks.translate [EPISODE...]`.

An EPISODE is a name in `translations/`, or a folder with `transcript.txt`, the lines' times (`truth.json` as
`tests.benchmarks.align --episodes`, or Zimu's `zimu/alignment.json`; without either the times are estimated), and where
somebody has written one, `reference.LANGUAGE.tsv`: first line, last line, translation. Without arguments: the texts of
`translations/`.

Each episode is translated twice with the same model: as Zimu does it, by the translate stage with all its settings; and
line by line with the same prompt, without context, glossary or checks, which is what most tools do. Both are judged by
the same rules. chrF and BLEU (sacrebleu) need a reference; sentences are joined to end where the reference's do.
The result is written as JSON, and printed as the table of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.episode import open_episode
from pipeline.files import sha256_json, write_text
from pipeline.job import Job, Workbench
from pipeline.languages import Language
from pipeline.progress import SilentReporter
from pipeline.stages import translate as stage
from pipeline.stages.sentences import scores_path
from pipeline.stages.terms import episode_glossary
from pipeline.subtitles import translated_track
from pipeline.translation import punctuation
from pipeline.translation.checks import check_unit
from pipeline.translation.engines import Context
from pipeline.translation.engines.base import Request
from pipeline.translation.engines.llm import LlmEngine
from pipeline.translation.glossary import Glossary, missing_terms
from pipeline.translation.numbers import compare_numbers, count_numbers
from pipeline.translation.units import TranslatedUnit, spoken_lines
from tests.benchmarks.marked import MODEL_SCORES
from tests.benchmarks.readability import measure

TEXTS = Path(__file__).parent / "translations"
# Where nothing was measured: speech at five characters a second, and a short pause.
_CHARACTER_MS, _PAUSE_MS = 200, 150


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an episode, lines `first` to `last` (from 0, inclusive), with its translation."""

    first: int
    last: int
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one translation of one episode.

    Attributes:
        system: `zimu`, or `line by line`.
        pieces: sentences or lines.
        seconds: wall time for a piece, loading the model included.
        asked: prompts for a piece.
        chrf, bleu: sacrebleu's with its defaults; None without a reference.
        terms: the glossary's terms in the source, and how many of them are translated as it says.
        numbers: the numbers of the source, and how many of them have their value in the translation.
        errors, warnings: pieces with such a finding, by rule.
        reading: `readability.measure` of the track.
    """

    episode: str
    system: str
    pieces: int
    seconds: float
    asked: float
    chrf: float | None
    bleu: float | None
    terms: tuple[int, int]
    numbers: tuple[int, int]
    errors: dict[str, int]
    warnings: dict[str, int]
    reading: dict[str, object]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.translate", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("episodes", nargs="*", metavar="EPISODE")
    parser.add_argument("--to", default="en", help="the language to translate into")
    parser.add_argument("--engine", default="embedded", help="translate.engine")
    parser.add_argument("--model", default="auto", help="models.llm")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="any other setting (JSON)"
    )
    parser.add_argument(
        "--config", type=Path, help="a folder whose tables take the place of config/: prompts, glossary"
    )
    parser.add_argument("--work", type=Path, help="keep the workspaces there; what they have is not translated again")
    parser.add_argument(
        "--kept-ends", action="store_true", help="take what the model said of sentence ends from sentences/"
    )
    parser.add_argument("--only", choices=["zimu", "lines"], help="one of the two alone")
    parser.add_argument("--show", action="store_true", help="print each sentence with its translation and findings")
    parser.add_argument("--out", type=Path, default=Path("translate.json"), help="where the JSON goes")
    options = parser.parse_args()
    rows = []
    for name in options.episodes or sorted(each.name for each in TEXTS.iterdir() if each.is_dir()):
        folder = TEXTS / name if (TEXTS / name).is_dir() else Path(name)
        with tempfile.TemporaryDirectory() as temporary:
            work = options.work / folder.name if options.work else Path(temporary)
            rows += _measure(folder, work, options)
    options.out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The figures as a table in Markdown."""
    head = ("episode", "by", "pieces", "chrF", "BLEU", "terms", "numbers", "errors", "warnings",
            "cues readable", "s a piece", "prompts a piece")  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in rows:
        reading = row["reading"]
        cells = (
            row["episode"], row["system"], row["pieces"], _rounded(row["chrf"]), _rounded(row["bleu"]),
            "{} of {}".format(*row["terms"]), "{} of {}".format(*row["numbers"]),
            _counts(row["errors"]), _counts(row["warnings"]),
            f"{100 * reading['readable']:.0f} %" if reading.get("cues") else "–",
            f"{row['seconds']:.2f}", f"{row['asked']:.2f}",
        )  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _rounded(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items())) or "0"


def _measure(folder: Path, work: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    job, bench = _job(folder, work, options)
    if options.kept_ends:
        _keep_ends(job, folder.name)
    try:
        language = job.targets[0]
        rows = []
        for system, translate in (("zimu", _by_zimu), ("line by line", _by_lines)):
            if options.only and not system.startswith(options.only[:4]):
                continue
            began, calls = time.perf_counter(), _Calls()
            with calls:
                pieces, reading = translate(job, language)
            figures = _figures(folder, system, pieces, job, language, reading, options.show)
            count = max(1, len(pieces))
            rows.append(
                asdict(figures) | {"seconds": (time.perf_counter() - began) / count, "asked": calls.count / count,
                                   "texts": [[each.source, each.target] for each in pieces]}
            )  # fmt: skip
        return rows
    finally:
        bench.close()


def _keep_ends(job: Job, name: str) -> None:
    """Let the episode have the model's scores that are kept beside the marked texts: they take half the time."""
    texts = [line.text for line in spoken_lines(job.alignment.lines)]
    key = sha256_json([punctuation.VERSION, texts, job.models.checksum(job.model_name("llm"))])
    scores = json.loads(MODEL_SCORES.read_text("utf-8"))[name]
    write_text(scores_path(job), json.dumps({"key": key, "scores": scores}) + "\n")


class _Calls:
    """Counts the prompts that go to a chat model."""

    def __enter__(self) -> None:
        self.count, self._ask = 0, LlmEngine._ask

        def counted(engine: LlmEngine, requests: Sequence[Request], context: Context) -> dict[str, str] | None:
            self.count += 1
            return self._ask(engine, requests, context)

        LlmEngine._ask = counted  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        LlmEngine._ask = self._ask  # type: ignore[method-assign]


def _job(folder: Path, work: Path, options: argparse.Namespace) -> tuple[Job, Workbench]:
    """The episode in a workspace of its own, aligned as the truth says."""
    episode = work / folder.name
    (episode / "zimu").mkdir(parents=True, exist_ok=True)
    (work / "zimu.toml").touch()
    if options.config and not (work / "config").exists():
        (work / "config").symlink_to(options.config.resolve())
    for name in ("transcript.txt", "episode.toml"):
        if (folder / name).is_file():
            (episode / name).write_bytes((folder / name).read_bytes())
    (episode / "sound.wav").touch()
    _alignment(folder).save(episode / "zimu" / "alignment.json")
    flags: dict[str, dict[str, object]] = {
        "episode": {"to": [options.to], "media": "sound.wav"},
        "translate": {"engine": options.engine},
        "models": {"llm": options.model},
        "compute": {"threads": options.threads},
    }
    for setting in options.set:
        name, _, value = setting.partition("=")
        section, _, key = name.partition(".")
        flags.setdefault(section, {})[key] = json.loads(value)
    bench = Workbench()
    return Job(open_episode(episode, flags), bench, SilentReporter()), bench


def _alignment(folder: Path) -> Alignment:
    if (known := folder / "zimu" / "alignment.json").is_file():
        return Alignment.load(known)
    texts = [row for row in (folder / "transcript.txt").read_text("utf-8").splitlines() if row.strip()]
    times = _truth(folder) if (folder / "truth.json").is_file() else _estimated(texts)
    lines = [
        AlignedLine(place, text, *span, "ok" if span[0] is not None else "unspoken", 1.0)
        for place, (text, span) in enumerate(zip(texts, times, strict=True))
    ]
    ends = [line.end_ms for line in lines if line.end_ms is not None]
    return Alignment("zh-Hans", max(ends) + 1000, "truth", tuple(lines), ())


def _truth(folder: Path) -> list[tuple[int | None, int | None]]:
    rows = json.loads((folder / "truth.json").read_text("utf-8"))["lines"]
    return [
        (None, None) if row["start"] is None else (round(1000 * row["start"]), round(1000 * row["end"])) for row in rows
    ]


def _estimated(texts: Sequence[str]) -> list[tuple[int, int]]:
    times, at = [], 0
    for text in texts:
        times.append((at, at + _CHARACTER_MS * len(text)))
        at = times[-1][1] + _PAUSE_MS
    return times


def _by_zimu(job: Job, language: Language) -> tuple[list[Piece], dict[str, object]]:
    (step,) = stage.plan(job)
    step.run()
    units = job.store.units(job.episode_id, language.tag)
    pieces = [Piece(unit.first, unit.last, unit.source, unit.text) for unit in units]
    return pieces, measure(job.track(language), job.alignment, language)


def _by_lines(job: Job, language: Language) -> tuple[list[Piece], dict[str, object]]:
    lines = [line for line in job.alignment.lines if line.start_ms is not None]
    prompts = stage._prompts(job)
    engine = LlmEngine("embedded", stage._embedded(job), prompts, batch_units=1)
    said: dict[str, str] = {}
    try:
        engine.translate(
            [Request(f"u{line.index}", line.text) for line in lines],
            Context(job.source.tag, language.tag, language.name, ""),
            said.__setitem__,
        )
    finally:
        engine.close()
    pieces = [Piece(line.index, line.index, line.text, said.get(f"u{line.index}", "")) for line in lines]
    units = [TranslatedUnit(each.first, each.last, each.target) for each in pieces if each.target]
    return pieces, measure(translated_track(job.alignment, units, language), job.alignment, language)


def _figures(
    folder: Path,
    system: str,
    pieces: Sequence[Piece],
    job: Job,
    language: Language,
    reading: dict[str, object],
    show: bool,
) -> Figures:
    glossary = episode_glossary(job, language)
    primary = language.tag.split("-")[0]
    errors, warnings = Counter[str](), Counter[str]()
    for piece in pieces:
        findings = check_unit(
            piece.source, piece.target, language=language.tag, terms=glossary.hits(piece.source), where=""
        )
        errors.update(each.rule for each in findings if each.severity == "error")
        warnings.update(each.rule for each in findings if each.severity == "warning")
        if show:
            print(f"{piece.first + 1}-{piece.last + 1} {piece.source}\n    {piece.target}")
            for each in findings:
                print(f"    ! {each.severity} {each.rule}: {each.value} → {each.limit}")
    chrf, bleu = _scores(pieces, folder / f"reference.{language.tag}.tsv")
    return Figures(
        folder.name, system, len(pieces), 0.0, 0.0, chrf, bleu, terms_kept(pieces, glossary, language.tag),
        numbers_kept(pieces, primary), dict(errors), dict(warnings), reading,
    )  # fmt: skip


def terms_kept(pieces: Sequence[Piece], glossary: Glossary, tag: str) -> tuple[int, int]:
    """How many of the glossary's terms are translated as it says, of how many."""
    hits = [([term for term in glossary.hits(piece.source) if not term.is_advice], piece.target) for piece in pieces]
    wanted = sum(len(terms) for terms, _ in hits)
    return wanted - sum(len(missing_terms(terms, target, tag)) for terms, target in hits), wanted


def numbers_kept(pieces: Sequence[Piece], language: str) -> tuple[int, int]:
    """How many numbers of the source the translation says, of how many that it must."""
    wanted = sum(count_numbers(piece.source) for piece in pieces)
    lost = sum(len(compare_numbers(piece.source, piece.target, language).missing) for piece in pieces)
    return max(0, wanted - lost), wanted


def _scores(pieces: Sequence[Piece], path: Path) -> tuple[float | None, float | None]:
    if not path.is_file():
        return None, None
    import sacrebleu

    rows = [row.split("\t") for row in path.read_text("utf-8").splitlines()]
    said, wanted = joined(pieces, [(int(first) - 1, int(last) - 1, text) for first, last, text in rows])
    return sacrebleu.corpus_chrf(said, [wanted]).score, sacrebleu.corpus_bleu(said, [wanted]).score


def joined(pieces: Sequence[Piece], rows: Sequence[tuple[int, int, str]]) -> tuple[list[str], list[str]]:
    """The translation and the reference, cut where both end a piece with the same line."""
    borders = sorted({piece.last for piece in pieces} & {last for _, last, _ in rows})
    said, wanted, begin = [], [], 0
    for border in borders:
        said.append(" ".join(piece.target for piece in pieces if begin <= piece.last <= border))
        wanted.append(" ".join(text for _, last, text in rows if begin <= last <= border))
        begin = border + 1
    return said, wanted


if __name__ == "__main__":
    main()
