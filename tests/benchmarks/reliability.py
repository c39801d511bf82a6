"""How far a confidence can be believed: `python -m tests.benchmarks.reliability OUT.png REPORT.json ...` draws it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.ticker import PercentFormatter

from pipeline.files import config_file, read_toml
from tests.benchmarks.scoring import reliability

BLUE, ORANGE, GREY = "#0072B2", "#E69F00", "#888888"


def main() -> None:
    out, *reports = map(Path, sys.argv[1:])
    rows = []
    for path in reports:
        report = json.loads(path.read_text(encoding="utf-8"))
        rows += [row for result in report["results"] for row in result["zimu"].get("rows", [])]
    found = reliability(rows)
    bins = [one for one in found["bins"] if one["lines"]]
    middles = [(one["from"] + one["to"]) / 2 for one in bins]
    shares = [one["within_300"] / one["lines"] for one in bins]
    check_below = read_toml(config_file("defaults.toml"))["align"]["check_below"]
    colours = [BLUE if one["from"] >= check_below else ORANGE for one in bins]
    figure, axes = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="a perfect forecast")
    axes.bar(middles, shares, width=[one["to"] - one["from"] for one in bins], color=colours, edgecolor="white")
    for middle, share, one in zip(middles, shares, bins, strict=True):
        axes.annotate(str(one["lines"]), (middle, share), ha="center", va="bottom", fontsize=7, rotation=90)
    axes.set(xlabel="confidence (orange: check, blue: ok)", ylabel="lines that start within 300 ms", ylim=(0, 1.12))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_title(f"{sum(one['lines'] for one in bins)} lines; numbers: lines in each range", fontsize=10)
    axes.legend(loc="upper left", fontsize=8)
    figure.savefig(out, dpi=120)
    summary = {key: value for key, value in found.items() if key != "bins"}
    print(json.dumps(summary), *(json.dumps(one) for one in bins), sep="\n")


if __name__ == "__main__":
    main()
