"""How fast the review server answers, over real HTTP: python -m tests.benchmarks.review [--postgresql] [--writers 20].

It prints times and asserts nothing. `--postgresql` has the store in Debian's PostgreSQL, which waits for the disk. The
episode of many units is the sample's text over and over.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from pipeline.alignment.result import AlignedLine, Alignment
from pipeline.store import MachineText, Store
from pipeline.translation.units import Unit, join_lines
from tests.episodes import make_episode
from tests.postgres import running
from tests.review import browsing
from tests.review.serving import Server, serving
from tests.subtitles.episodes import riscv, riscv_in_english

# To lay out a whole episode for the first time can take a minute where others work too.
_PATIENCE_S = 600.0


def long_alignment(units: int) -> tuple[Alignment, list[tuple[Unit, str]]]:
    """The sample with the true times of its lines, repeated until there are so many units."""
    base, english = riscv(), riscv_in_english()
    lines: list[AlignedLine] = []
    found: list[tuple[Unit, str]] = []
    for turn in itertools.count():
        if len(found) >= units:
            break
        first, start = turn * len(base.lines), turn * base.duration_ms
        lines += [
            replace(
                line,
                index=line.index + first,
                start_ms=(line.start_ms or 0) + start,
                end_ms=(line.end_ms or 0) + start,
                chars=tuple((a + start, b + start) for a, b in line.chars),
            )
            for line in base.lines
        ]
        for unit in english:
            own = lines[first + unit.first : first + unit.last + 1]
            text = join_lines([line.text for line in own])
            made = Unit(
                f"u{own[0].index}", own[0].index, own[-1].index, text, own[0].start_ms or 0, own[-1].end_ms or 0
            )
            found.append((made, unit.text))
    last = found[units - 1][0].last
    duration = (lines[last].end_ms or 0) + 2000
    return Alignment("zh-Hans", duration, "by hand", tuple(lines[: last + 1]), ()), found[:units]


def fill(workspace: Path, units: int, episodes: int, url: str = "") -> None:
    """One episode of many units, and many folders of which the store knows three languages each.

    Arguments:
        url: of a database; empty: SQLite in the workspace.
    """
    workspace.mkdir()
    (workspace / "zimu.toml").write_text(f'[store]\nurl = "{url}"\n' if url else "", encoding="utf-8")
    folder = make_episode(workspace / "long")
    alignment, pairs = long_alignment(units)
    (folder / "transcript.txt").write_text("\n".join(line.text for line in alignment.lines) + "\n", encoding="utf-8")
    (folder / "zimu").mkdir()
    alignment.save(folder / "zimu" / "alignment.json")
    times = [(line.start_ms or 0, line.end_ms or 0) for line in alignment.lines]
    with Store.open(url or workspace / "zimu.db") as store:
        identity = store.adopt(folder, workspace=workspace, title="long")
        stored = store.sync(identity, "en", [unit for unit, _ in pairs], line_times=times)
        store.save_machine_many(
            [MachineText(row.id, text, "argos", str(row.id)) for row, (_, text) in zip(stored, pairs, strict=True)]
        )
        for number in range(episodes):
            short = workspace / f"episode-{number:04d}"
            (short / "zimu").mkdir(parents=True)
            (short / "transcript.txt").write_text("一行\n", encoding="utf-8")
            known = store.adopt(short, workspace=workspace, title=f"第{number}集")
            for language in ("en", "ja", "ko"):
                store.sync(known, language, [Unit("u0", 0, 0, f"句子{number}", 0, 1000)])


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def repeated(server: Server, work: Callable[[], object], times: int = 20) -> str:
    """How long something takes by the clock, and how much processor time the server spends on it."""
    process = psutil.Process(server.process.pid or 0)
    before = sum(process.cpu_times()[:2])
    found = median([timed(work) for _ in range(times)])
    return f"{found}; {(sum(process.cpu_times()[:2]) - before) * 1000 / times:.0f} ms of processor"


def median(times: list[float]) -> str:
    ordered = sorted(times)
    return f"median {statistics.median(ordered):.0f} ms, 95 % {ordered[int(len(ordered) * 0.95) - 1]:.0f} ms"


def write_together(server: Server, writers: int, saves: int, every_s: float) -> tuple[list[float], float]:
    """Times of saves by so many people at once, in ms, and the server's processor time for each.

    Each saves a unit of their own every so often; 0: at once again. All have opened the episode before.
    """
    process = psutil.Process(server.process.pid or 0)
    people = [server.browser(f"person {number}") for number in range(writers)]
    units = people[0].episode("long")["units"]
    times: list[float] = []
    lock = threading.Lock()
    together = threading.Barrier(writers)

    def person(number: int) -> None:
        mine = units[number * 7]
        together.wait()
        time.sleep(every_s * number / writers)
        for turn in range(saves):
            begun = time.perf_counter()
            answer = people[number].save(mine, f"{mine['text'][:60]} {turn}")
            took = time.perf_counter() - begun
            assert answer.status_code == 200, answer.text
            mine = answer.json()["unit"]
            with lock:
                times.append(took * 1000)
            time.sleep(max(0.0, every_s - took))

    before = sum(process.cpu_times()[:2])
    threads = [threading.Thread(target=person, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, (sum(process.cpu_times()[:2]) - before) * 1000 / len(times)


def in_the_browser(url: str, times: int = 5) -> list[float]:
    """How long the long episode takes in the browser until it can be worked with, by the page's own clock, in ms."""
    with sync_playwright() as playwright:
        browser = browsing.launch(playwright)
        with browsing.reviewer(browser, url, "Ada") as ada:
            found = []
            for _ in range(times):
                page = ada.open("long")
                found.append(float(page.get_attribute("#editor", "data-ready") or "nan"))
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=600)
    parser.add_argument("--episodes", type=int, default=1000)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="zimu-bench-") as folder,
        running(durable=True) if asked.postgresql else nullcontext() as database,
    ):
        url = database.url("template_zimu") if database is not None else ""
        measure(Path(folder) / "workspace", url, asked)


def measure(workspace: Path, url: str, asked: argparse.Namespace) -> None:
    """Fill a workspace, serve it, and print what the server takes."""
    fill(workspace, asked.units, asked.episodes, url)
    with serving(workspace) as server:
        browser = server.browser("Ada")
        browser.http.timeout = _PATIENCE_S
        print(f"store: {'PostgreSQL' if url else 'SQLite'}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        print(f"list of {asked.episodes} episodes, first time: {timed(lambda: browser.get('/')):.0f} ms")
        print(f"  again: {repeated(server, lambda: browser.get('/'))}")
        print(f"episode of {asked.units} units, first time: {timed(lambda: browser.episode('long')):.0f} ms")
        print(f"  all cues laid out: {timed(lambda: browser.get('/api/cues', id='long', language='en')):.0f} ms")
        print(f"  again: {repeated(server, lambda: browser.episode('long'))}")
        if shutil.which("chromium"):
            print(f"  in the browser, until one can type: {median(in_the_browser(server.url))}")
        print(f"  {len(json.dumps(browser.episode('long'))) / 1e6:.1f} MB of JSON")
        for every_s in (1.0, 0.0):
            times, spent = write_together(server, asked.writers, asked.saves, every_s)
            pace = "one save a second each" if every_s else "no pause between saves"
            print(f"save, {asked.writers} writers, {pace}: {median(times)}; {spent:.0f} ms of processor a save")
    with serving(workspace) as server:
        browser = server.browser("Ada")
        print(f"episode after a restart: {timed(lambda: browser.episode('long')):.0f} ms")
        print(f"load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
