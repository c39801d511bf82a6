"""A batch killed at random moments, then run to its end: python -m tests.benchmarks.chaos [--kills 200] [--lanes 2].

Real stages on episodes of five seconds; after every run that got to its end, and after the last one, everything people
get is compared byte by byte with what an undisturbed batch made. Lanes are workspaces that are struck at the same time:
while one waits for its disk or its processes to end, another one works.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.batch.chaos import Chaos
from tests.translation.chat_server import ChatServer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200, help="of all lanes together")
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimu-chaos-") as folder, ChatServer() as server:
        chaos = Chaos(Path(folder), server, asked.seed)
        chaos.prepare()
        print(f"undisturbed: {chaos.undisturbed_s:.1f} s, {len(chaos.expected)} files", flush=True)
        started, done = time.monotonic(), itertools.count(1)

        def tell() -> None:
            number, spent = next(done), time.monotonic() - started
            print(f"\rkill {number} of {asked.kills}, {spent / number:.1f} s each", end="", flush=True)

        def strike(lane: int) -> int:
            share = asked.kills // asked.lanes + (lane < asked.kills % asked.lanes)
            return chaos.kill_again_and_again(chaos.fresh(f"killed {lane}"), share, seed=lane, tell=tell)

        with ThreadPoolExecutor(asked.lanes) as pool:
            ended = sum(pool.map(strike, range(asked.lanes)))
        spent = time.monotonic() - started
    print(f"\n{asked.kills} killed, {ended} runs at their end before; all right each time; {spent:.0f} s")


if __name__ == "__main__":
    main()
