"""What the translation benchmark counts."""

from __future__ import annotations

import json

import pytest

from pipeline.translation.glossary import Glossary, Term
from tests.benchmarks.translate import TEXTS, Piece, _alignment, _scores, joined, main, numbers_kept, terms_kept
from tests.translation.chat_server import ChatServer


def test_translation_and_reference_are_cut_where_both_end_with_the_same_line():
    pieces = [Piece(0, 0, "", "a"), Piece(1, 2, "", "b"), Piece(3, 3, "", "c"), Piece(4, 5, "", "d")]
    rows = [(0, 2, "A B"), (3, 4, "C"), (5, 5, "D")]
    assert joined(pieces, rows) == (["a b", "c d"], ["A B", "C D"])


def test_numbers_and_terms_are_counted_by_what_the_translation_keeps():
    pieces = [
        Piece(0, 0, "英伟达卖出了100亿颗芯片", "NVIDIA sold 10 billion chips."),
        Piece(1, 1, "2010年的英伟达", "Once."),
    ]
    glossary = Glossary((Term("英伟达", ("NVIDIA",)), Term("芯片", ("chip",)), Term("卖出", ("sell", "*"))))
    assert numbers_kept(pieces, "en") == (1, 2)
    assert terms_kept(pieces, glossary, "en") == (2, 3)


@pytest.mark.parametrize(
    "folder", sorted(each for each in TEXTS.iterdir() if each.is_dir()), ids=lambda each: each.name
)
def test_every_text_has_times_and_its_reference_covers_every_line_once(folder):
    alignment = _alignment(folder)
    starts = [line.start_ms for line in alignment.lines]
    assert starts == sorted(starts)
    path = folder / "reference.en.tsv"
    if path.is_file():
        rows = [row.split("\t") for row in path.read_text("utf-8").splitlines()]
        covered = [line for first, last, _ in rows for line in range(int(first), int(last) + 1)]
        assert covered == list(range(1, len(starts) + 1))


def test_the_reference_itself_has_the_highest_scores():
    path = TEXTS / "riscv" / "reference.en.tsv"
    rows = [row.split("\t") for row in path.read_text("utf-8").splitlines()]
    pieces = [Piece(int(first) - 1, int(last) - 1, "", text) for first, last, text in rows]
    assert _scores(pieces, path) == (pytest.approx(100), pytest.approx(100))


def test_an_episode_is_measured_as_zimu_translates_it(tmp_path, monkeypatch):
    episode = tmp_path / "talk"
    episode.mkdir()
    (episode / "transcript.txt").write_text("大家好。\n我们再见。\n", "utf-8")
    (episode / "reference.en.tsv").write_text("1\t1\tHello.\n2\t2\tSee you.\n", "utf-8")
    with ChatServer() as server:
        options = [f'server.base_url="{server.url}"', 'server.model="m"']
        monkeypatch.setattr(
            "sys.argv",
            ["translate", str(episode), "--engine", "server", "--only", "zimu", "--out", str(tmp_path / "out.json"),
             "--work", str(tmp_path / "work"), *(part for option in options for part in ("--set", option))],
        )  # fmt: skip
        main()
        asked = len(server.calls)
        main()
        assert len(server.calls) == asked > 0  # the workspace is kept
    (row,) = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert [source for source, _ in row["texts"]] == ["大家好。", "我们再见。"]
    assert all(target for _, target in row["texts"])
    assert (row["pieces"], row["chrf"] > 0) == (2, True)
