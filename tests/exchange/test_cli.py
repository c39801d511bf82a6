"""`zimu export` and `zimu import`, as a person uses them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.exchange import CUE_FORMATS, FORMATS
from pipeline.store import Store
from pipeline.subtitles import load
from pipeline.track import Cue, Track
from pipeline.translation.units import Unit
from tests.cli import Result
from tests.stages.aligned import aligned_episode, job

Zimu = Callable[..., Result]

LINES = [(463, 2614), (2752, 4886), (5447, 7711), (7855, 9233), (9361, 11886), (12073, 14048)]
UNITS = [
    Unit("u0", 0, 0, "大家好，欢迎来到今天的节目", 463, 2614),
    Unit("u1", 1, 4, "这一期我们来聊聊RISC-V，以及它为什么能变成全球芯片行业都绕不开的话题", 2752, 11886),
    Unit("u5", 5, 5, "故事要从2010年说起", 12073, 14048),
]  # fmt: skip
ENGLISH = [
    "Hello everyone, welcome to the show.",
    "Today we talk about RISC-V, and how in a dozen years it became something that no chip maker can avoid.",
    "The story begins in 2010, = 1 < 2.",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an episode that is translated into English; made once."""
    workspace = tmp_path_factory.mktemp("made")
    (workspace / "zimu.toml").write_text("[episode]\nto = ['en']\n", "utf-8")
    folder = aligned_episode(workspace / "one")
    work = job(folder)
    facts = {"width": 640, "height": 360}
    work.manifest.record("align", fingerprint="f", state="", outputs=[], summary=facts, seconds=1.0)
    work.manifest.save()
    fill(folder, "en", ENGLISH)
    return workspace


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "workspace")


@pytest.fixture
def episode(workspace: Path) -> Path:
    return workspace / "one"


def fill(folder: Path, language: str, texts: list[str]) -> None:
    work = job(folder)
    times: list[tuple[int, int] | None] = list(LINES)
    for unit, text in zip(work.store.sync(work.episode_id, language, UNITS, line_times=times), texts, strict=True):
        work.store.save_machine(unit.id, text, engine="argos", fingerprint="f")
    work.bench.close()


def stored(folder: Path, language: str = "en"):
    work = job(folder)
    try:
        return work.store.units(work.episode_id, language)
    finally:
        work.bench.close()


def file_of(episode: Path, suffix: str, language: str = "en") -> Path:
    return episode / "zimu" / "exchange" / f"one.{language}.{suffix}"


@pytest.mark.parametrize("suffix", [*FORMATS, *CUE_FORMATS])
def test_what_was_exported_and_not_corrected_changes_nothing(zimu: Zimu, episode: Path, suffix: str) -> None:
    out = zimu("export", episode, "--to", suffix)
    assert (out.code, out.err) == (0, "")
    assert str(file_of(episode, suffix)) in out.out
    before = stored(episode)
    back = zimu("import", episode, file_of(episode, suffix))
    assert (back.code, back.err) == (0, "")
    assert "nothing differs" in back.out
    assert stored(episode) == before


def corrected(path: Path) -> None:
    """An export whose first text an editor corrected, in whatever way the format asks for."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        book.active["F2"] = book.active["F2"].value.replace("show", "programme")
        book.save(path)
    else:
        path.write_bytes(path.read_bytes().replace(b"the show", b"the programme"))


@pytest.mark.parametrize("suffix", [*FORMATS, *CUE_FORMATS])
def test_a_correction_comes_in_as_a_persons_and_is_all_that_changes(zimu: Zimu, episode: Path, suffix: str) -> None:
    zimu("export", episode, "--to", suffix)
    corrected(file_of(episode, suffix))
    before = stored(episode)
    shown = zimu("import", episode, file_of(episode, suffix), "--dry-run")
    assert shown.code == 0
    assert "would change 1 text" in shown.out
    assert "welcome to the programme" in shown.out
    assert stored(episode) == before
    done = zimu("import", episode, file_of(episode, suffix), "--who", "li")
    assert (done.code, done.err) == (0, "")
    after = stored(episode)
    assert after[1:] == before[1:]
    assert (after[0].text, after[0].status) == ("Hello everyone, welcome to the programme.", "edited")
    with Store.open(episode.parent / "zimu.db") as store:
        assert (store.history(after[0].id)[-1].who, store.history(after[0].id)[-1].kind) == ("li", "import")
    assert "nothing differs" in zimu("import", episode, file_of(episode, suffix)).out


def test_an_editors_cues_come_back_from_the_next_export(zimu: Zimu, episode: Path) -> None:
    zimu("export", episode, "--to", "srt")
    path = file_of(episode, "srt")
    cues = list(load(path, language="en").cues)
    last = cues[-1]
    middle = (last.start_ms + last.end_ms) // 2
    cues[-1:] = [Cue(last.start_ms, middle, "The story begins"), Cue(middle + 80, last.end_ms, "in 2010, = 1 ‹ 2.")]
    from pipeline.subtitles import save

    save(Track("en", tuple(cues)), path)
    assert "changed 1 cues" in zimu("import", episode, path).out
    assert stored(episode)[2].text == ENGLISH[2]
    zimu("export", episode, "--to", "srt", "--out", episode / "again")
    assert (episode / "again" / "one.en.srt").read_bytes() == path.read_bytes()


def test_a_conflict_is_shown_with_both_texts_and_left_until_it_is_decided(zimu: Zimu, episode: Path) -> None:
    zimu("export", episode, "--to", "xlsx")
    corrected(file_of(episode, "xlsx"))
    first = stored(episode)[0]
    with Store.open(episode.parent / "zimu.db") as store:
        store.edit(first.id, "Hi all.", "wang", first.revision)
    out = zimu("import", episode, file_of(episode, "xlsx"))
    assert out.code == 1
    assert "Hi all." in out.out
    assert "welcome to the programme" in out.out
    assert "1 text (conflict)" in out.err
    assert stored(episode)[0].text == "Hi all."
    (change,) = zimu("import", episode, file_of(episode, "xlsx"), "--dry-run", "--json").json["changes"]
    assert (change["lines"], change["before"], change["conflict"]) == ("1", "Hi all.", True)
    taken = zimu("import", episode, file_of(episode, "xlsx"), "--take", "1", "--who", "li")
    assert taken.code == 0
    assert stored(episode)[0].text == "Hello everyone, welcome to the programme."
    assert zimu("import", episode, file_of(episode, "xlsx"), "--take", "77").code == 2


def test_approvals_and_notes_of_a_sheet_come_in(zimu: Zimu, episode: Path) -> None:
    zimu("export", episode, "--to", "xlsx")
    book = load_workbook(file_of(episode, "xlsx"))
    book.active["G2"], book.active["H3"] = "approved", "too long?"
    book.active["F4"], book.active["G4"] = "=2010", "approved"
    book.active["F4"].data_type = "s"
    book.save(file_of(episode, "xlsx"))
    out = zimu("import", episode, file_of(episode, "xlsx"), "--who", "li")
    assert "changed 1 status, 1 note, 1 text" in out.out
    after = stored(episode)
    assert [(each.status, each.open_comments) for each in after] == [("approved", 0), ("machine", 1), ("approved", 0)]
    assert (after[2].text, after[2].approved_by) == ("=2010", "li")
    assert "nothing differs" in zimu("import", episode, file_of(episode, "xlsx")).out
    zimu("export", episode, "--to", "xlsx", "--force")
    assert load_workbook(file_of(episode, "xlsx")).active["H3"].value == "li: too long?"


def test_an_imported_text_is_checked_like_any_other(zimu: Zimu, episode: Path) -> None:
    zimu("export", episode, "--to", "csv")
    path = file_of(episode, "csv")
    path.write_bytes(path.read_bytes().replace(b"in 2010", b"in 2011"))
    zimu("import", episode, path)
    assert "number" in [finding.rule for finding in stored(episode)[2].findings]


def test_a_file_of_another_language_or_episode_is_refused(zimu: Zimu, episode: Path, workspace: Path) -> None:
    fill(episode, "de", ["Hallo zusammen.", "Heute geht es um RISC-V und seinen Weg.", "Alles beginnt im Jahr 2010."])
    other = aligned_episode(workspace / "two")
    fill(other, "en", [text.upper() for text in ENGLISH])
    assert zimu("export", episode, "--to", "csv,srt,xliff").code == 0
    for suffix in ("csv", "xliff"):
        wrong = zimu("import", episode, file_of(episode, suffix), "--language", "de")
        assert (wrong.code, "in English, not in German" in wrong.err) == (3, True)
        foreign = zimu("import", other, file_of(episode, suffix))
        assert (foreign.code, "another episode" in foreign.err) == (3, True)
    german = file_of(episode, "srt", "de")
    assert "in German, not in English" in zimu("import", episode, german, "--language", "en").err
    unnamed = german.rename(workspace / "corrected.srt")
    assert "--language" in zimu("import", episode, unnamed).err
    assert "nothing differs" in zimu("import", episode, unnamed, "--language", "de").out
    unnamed.write_text("1\n00:10:00,333 --> 00:10:01,333\nGanz etwas anderes.\n")
    assert "does not look like" in zimu("import", episode, unnamed, "--language", "de").err


@pytest.mark.parametrize(
    ("name", "data", "code", "said"),
    [
        ("x.en.srt", b"", 3, "empty"),
        ("x.en.srt", "1\n00:00:00,000 --> 00:00:01,000\n你好".encode("gb18030"), 3, "not UTF-8"),
        ("x.en.srt", b"hello", 3, "can't be read"),
        ("x.en.vtt", b"WEBVTT\n", 3, "no cue"),
        ("x.en.srt", b"1\n00:00:02,000 --> 00:00:01,000\nHello everyone, welcome to the show.\n", 3, "cue 1"),
        ("x.xlsx", b"PK\x03\x04", 3, "workbook"),
        ("x.csv", b"id,translation\n1,x\n", 3, "no column “source”"),
        ("x.csv", "id,source,translation\n1,另一句,x\n".encode(), 3, "belongs to this episode"),
        ("x.xls", b"x", 2, ".xlsx"),
        ("x.docx", b"x", 2, "Known are"),
    ],
)
def test_bad_files_are_refused_with_what_to_do(zimu: Zimu, episode: Path, name: str, data: bytes, code: int, said: str):
    path = episode / name
    path.write_bytes(data)
    out = zimu("import", episode, path)
    assert (out.code, out.out) == (code, "")
    assert said in out.err
    assert "Unexpected" not in out.err
    assert out.err.count("\n") >= 2


def test_an_export_never_overwrites_what_an_editor_may_have_corrected(zimu: Zimu, episode: Path) -> None:
    zimu("export", episode, "--to", "csv")
    file_of(episode, "csv").write_text("corrected")
    again = zimu("export", episode, "--to", "csv")
    assert again.code == 2
    assert file_of(episode, "csv").read_text() == "corrected"
    assert zimu("export", episode, "--to", "csv", "--force").code == 0


def test_what_can_not_be_exported_is_said(zimu: Zimu, episode: Path, workspace: Path) -> None:
    assert "--to" in zimu("export", episode).err
    assert zimu("export", episode, "--to", "docx").code == 2
    assert "spoken" in zimu("export", episode, "--to", "xlsx", "--languages", "zh-Hans").err
    assert "not translated into Japanese" in zimu("export", episode, "--to", "xlsx", "--languages", "ja").err
    assert zimu("export", episode, "--to", "vtt", "--languages", "zh-Hans").code == 0
    new = aligned_episode(workspace / "new")
    assert "no translations yet" in zimu("export", new, "--to", "xlsx").err


def test_hostile_texts_come_back_from_every_format(zimu: Zimu, episode: Path) -> None:
    texts = ["=1+1 ]]> <b>&amp;", "two\r\nrows\t\x01 ⟦U+0041⟧ x005F_", "مرحبا 😀 'tis"]
    units = stored(episode)
    with Store.open(episode.parent / "zimu.db") as store:
        for unit, text in zip(units, texts, strict=True):
            store.edit(unit.id, text, "li", unit.revision)
    for suffix in (*FORMATS, *CUE_FORMATS):
        assert zimu("export", episode, "--to", suffix).code == 0
        assert "nothing differs" in zimu("import", episode, file_of(episode, suffix)).out, suffix
    assert [each.text for each in stored(episode)] == texts
