"""A batch killed at random moments, then run to its end: python -m tests.benchmarks.chaos [--kills 200].

Real stages on episodes of five seconds; after every run that got to its end, and after the last one, everything people
get is compared byte by byte with what an undisturbed batch made.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.batch.chaos import Chaos
from tests.translation.chat_server import ChatServer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zimu-chaos-") as folder, ChatServer() as server:
        chaos = Chaos(Path(folder), server, asked.seed)
        chaos.prepare()
        print(f"undisturbed: {chaos.undisturbed_s:.1f} s, {len(chaos.expected)} files", flush=True)
        started = time.monotonic()
        ended = chaos.kill_again_and_again(
            chaos.fresh("killed"), asked.kills, tell=lambda text: print(f"\r{text}", end="", flush=True)
        )
        spent = time.monotonic() - started
    print(f"\n{asked.kills - ended} killed, {ended} at their end before; all right after each; {spent:.0f} s")


if __name__ == "__main__":
    main()
