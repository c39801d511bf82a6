"""Makes a workspace with every kind of people's work in it, to be kept as this release leaves it.

Run once for each release, in a checkout of its own code, before the next one changes anything (README.md here):

    python -m tests.upgrades.keep tests/upgrades/workspaces/schema-2.zip

No model is needed: times are the sample's true ones, and a scripted server translates.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.alignment import AlignedLine, Alignment
from pipeline.alignment.result import ExtraSpeech
from pipeline.episode import open_episode
from pipeline.job import Job, Workbench
from pipeline.progress import SilentReporter
from pipeline.review.lines import rewrite
from pipeline.stages.realign import take_over
from pipeline.store import SCHEMA_VERSION, Store, StoredUnit
from pipeline.track import Cue
from pipeline.translation.memory_store import load_memory
from pipeline.translation.units import Unit, join_lines
from tests.episodes import LINES, SAMPLE, ffmpeg
from tests.stages.aligned import TRUTH, mark_aligned
from tests.translation.chat_server import ChatServer, default_translation

_bench = Workbench()
SPOKEN, SECONDS = 20, 47.0
PEOPLE = ("王老师", "Ada", "gone")
SETTINGS = '[translate]\nengine = "server"\n[server]\nbase_url = "{url}"\nmodel = "{model}"\n'
EPISODE = '[episode]\ntitle = "RISC-V 的故事"\nto = ["en", "ja"]\n'
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header creationtool="t" creationtoolversion="1" segtype="sentence" o-tmf="t" adminlang="en"
srclang="zh-Hans" datatype="plaintext"/><body><tu><tuv xml:lang="zh-Hans"><seg>从前有座山</seg></tuv>
<tuv xml:lang="en"><seg>Once there was a mountain.</seg></tuv></tu></body></tmx>
"""


def main(target: Path) -> None:
    """Write the workspace, and what has to be found in it, into an archive."""
    home = Path(tempfile.mkdtemp(prefix="zimu-kept-"))
    try:
        workspace = home / "workspace"
        with ChatServer() as server:
            tokens = _make(workspace, server)
        expected = {
            "version": __version__, "schema": SCHEMA_VERSION, "tokens": tokens,
            **_all_that_is_there(workspace / "zimu.db", workspace / "season 1" / "第一集"),
        }  # fmt: skip
        target.parent.mkdir(parents=True, exist_ok=True)
        _bench.close()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.writestr("expected.json", json.dumps(expected, default=asdict, ensure_ascii=False, indent=1))
            for path in sorted(workspace.rglob("*")):
                if path.is_file() and path.name != ".lock":
                    archive.write(path, path.relative_to(home).as_posix())
    finally:
        shutil.rmtree(home)
    print(f"{target}: {target.stat().st_size:,} bytes, {len(expected['units'])} units")


def _japanese(text: str) -> str:
    return (
        "それはつまり"
        + " ".join(re.findall(r"[A-Za-z0-9.\-]+", text))
        + "というお話を"
        + "いろいろ" * (len(text) // 9)
        + "します。"
    )


def _make(workspace: Path, server: ChatServer) -> dict[str, str]:
    folder = workspace / "season 1" / "第一集"
    _aligned(folder)
    _set(workspace, server.url, "first")
    mark_aligned(folder)
    _run(folder, server)
    with Store.open(workspace / "zimu.db") as store:
        _first_work(store, folder)
    _set(workspace, server.url, "second")  # another model: proposals beside people's texts, which are stale
    _run(folder, server)
    with Store.open(workspace / "zimu.db") as store:
        _second_work(store, folder)
        _line_work(store, folder)
        tokens = _people(store)
    memory = workspace.parent / "old.tmx"
    memory.write_text(TMX, encoding="utf-8")
    _zimu("memory", "import", memory, "--in", workspace)
    mark_aligned(folder)
    _bench.close()
    _run(folder, server)
    return tokens


def _run(folder: Path, server: ChatServer) -> None:
    """Up to the subtitles, in two languages by one server that does not know which it is asked for."""
    for language, translate in (("en", default_translation), ("ja", _japanese)):
        server.translate = translate
        _zimu("run", "--until", "translate", "--to", language, folder)
    _zimu("run", "--until", "subtitle", folder)


def _aligned(folder: Path) -> None:
    folder.mkdir(parents=True)
    ffmpeg(
        "-i", SAMPLE / "video.mp4", "-t", str(SECONDS), "-vn", "-c:a", "libopus", "-b:a", "12k", folder / "talk.opus"
    )
    (folder / "transcript.txt").write_text("\n".join(LINES[:SPOKEN]) + "\n", encoding="utf-8")
    (folder / "episode.toml").write_text(EPISODE, encoding="utf-8")
    true = json.loads(TRUTH.read_text(encoding="utf-8"))["lines"][:SPOKEN]
    lines = tuple(
        AlignedLine(
            n, line["text"], line["start_ms"], line["end_ms"], "check" if n == 7 else "ok", 0.5 if n == 7 else 1
        )
        for n, line in enumerate(true)
    )
    extra = (ExtraSpeech(46_200, 46_800, "对吧", 0.7),)
    Alignment("zh-Hans", int(SECONDS * 1000), "whisper-base", lines, extra).save(folder / "zimu" / "alignment.json")


def _set(workspace: Path, url: str, model: str) -> None:
    (workspace / "zimu.toml").write_text(SETTINGS.format(url=url, model=model), encoding="utf-8")


def _zimu(*args: str | Path) -> None:
    command = [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, args)]
    subprocess.run(command, check=True)


def _units(store: Store, folder: Path, language: str = "en") -> tuple[StoredUnit, ...]:
    episode = store.episode_at(folder.relative_to(folder.parent.parent).as_posix())
    assert episode is not None
    return store.units(episode.id, language)


def _part(folder: Path, first: int, last: int) -> Unit:
    lines = _job(folder).alignment.lines[first : last + 1]
    text = join_lines([line.text for line in lines])
    return Unit(f"u{first}", first, last, text, lines[0].start_ms or 0, lines[-1].end_ms or 0)


def _job(folder: Path) -> Job:
    return Job(open_episode(folder), _bench, SilentReporter())


def _first_work(store: Store, folder: Path) -> None:
    """Every button of the review page."""
    units, who = _units(store, folder), "王老师"
    a, b, c, d, e, *_ = units
    a = store.edit(a.id, "Hello, and welcome — “你好” 🎬.", who, a.revision)
    a = store.edit(a.id, "Hello everyone.", "Ada", a.revision)
    a = store.undo(a.id, "Ada", a.revision)
    a = store.redo(a.id, "Ada", a.revision)
    a = store.revert(a.id, 2, who, a.revision)
    store.approve(a.id, who, a.revision)
    b = store.approve(b.id, "Ada", b.revision)
    b = store.reopen(b.id, "Ada", b.revision)
    store.flag(b.id, "是这个意思吗？", "Ada", b.revision)
    c = store.edit(c.id, "A text of Ada's.", "Ada", c.revision)
    remark = store.comment(c.id, "第一条意见\nwith a second row", who)
    store.comment(c.id, "<b>not bold</b>", "Ada")
    store.resolve_comment(remark.id, "Ada")
    half = (d.start_ms + d.end_ms) // 2
    cues = [Cue(d.start_ms, half, "One half"), Cue(half + 80, d.end_ms, "and the other.")]
    store.edit(d.id, "One half and the other.", who, d.revision, cues=cues)
    e = store.edit(e.id, "Imported.", "Ada", e.revision, kind="import")
    e = store.flag(e.id, "?", "Ada", e.revision)
    store.unflag(e.id, "Ada", e.revision)
    lines = [line.text for line in _job(folder).transcript.lines]
    long = next(unit for unit in reversed(_units(store, folder)) if unit.last > unit.first)
    parts = [(_part(folder, long.first, long.first), "Split off."), (_part(folder, long.first + 1, long.last), "Rest.")]
    store.split(long.id, parts, who, long.revision, everywhere=True, lines=lines)
    ja = _units(store, folder, "ja")
    merged = _part(folder, ja[-2].first, ja[-1].last)
    store.merge([(u.id, u.revision) for u in ja[-2:]], merged, "まとめて。", "Ada", lines=lines)


def _second_work(store: Store, folder: Path) -> None:
    """What people do with proposals, one is taken, one refused, the rest still stand; and with findings."""
    proposed = [unit for unit in _units(store, folder) if unit.proposal]
    assert len(proposed) >= 3
    assert all(unit.stale for unit in proposed)
    store.accept(proposed[1].id, "Ada", proposed[1].revision)
    store.reject(proposed[2].id, "Ada", proposed[2].revision)
    found = [unit for unit in _units(store, folder, "ja") if unit.findings][-1]
    store.dismiss(found.id, found.findings[0].rule, "固有名词", "王老师", found.revision)


def _line_work(store: Store, folder: Path) -> None:
    """A line corrected in the transcript, and times that a person gave to another."""
    job = _job(folder)
    before = [line.text for line in job.transcript.lines]
    episode = job.episode_id
    new = before[2] + "！"
    store.edit_line(episode, before, 2, new, "王老师")
    rewrite(job.transcript, 2, before[2], new, insert=False)
    take_over(_job(folder), current=False)
    after = [line.text for line in _job(folder).transcript.lines]
    line = _job(folder).alignment.lines[5]
    store.pin(episode, after, 5, (line.start_ms or 0) + 40, (line.end_ms or 0) - 20, "Ada")
    take_over(_job(folder), current=False)


def _people(store: Store) -> dict[str, str]:
    tokens = {name: store.add_person(name)[1] for name in PEOPLE}
    tokens["Ada"] = store.renew("Ada")[1]
    store.revoke("gone")
    return tokens


def _all_that_is_there(database: Path, folder: Path) -> dict[str, Any]:
    """The whole of people's work, as this release reads it."""
    lines = [line.text for line in _job(folder).transcript.lines]
    with Store.open(database) as store:
        assert store.check() == ()
        (episode,) = store.episodes()
        languages = store.languages(episode.id)
        units = [
            unit
            for language in languages
            for unit in (*store.units(episode.id, language), *store.detached(episode.id, language))
        ]
        memory = load_memory(store, source="zh-Hans", target="en")
        found = memory.exact("从前有座山")
        assert found is not None
        return {
            "episode": asdict(episode),
            "units": [unit._asdict() for unit in units],
            "history": {unit.id: [asdict(each) for each in store.history(unit.id)] for unit in units},
            "comments": {unit.id: [asdict(each) for each in store.comments(unit.id)] for unit in units},
            "dismissals": {unit.id: [asdict(each) for each in store.dismissals(unit.id)] for unit in units},
            "pins": [asdict(pin) for pin in store.pins(episode.id, lines)],
            "borders": [asdict(border) for border in store.all_borders(episode.id, lines)],
            "line_edits": [asdict(edit) for edit in store.line_edits(episode.id)],
            "people": [asdict(person) for person in store.people()],
            "tallies": [asdict(tally) for tally in store.overview()],
            "memory": {"从前有座山": found.entry.target},
        }  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
