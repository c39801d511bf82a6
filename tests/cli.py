"""The command line as tests call it: in this process, or in one of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def zimu(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *args: str | Path) -> Result:
    """Run `zimu` in this process."""
    monkeypatch.setattr(sys, "argv", ["zimu", *map(str, args)])
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    captured = capfd.readouterr()
    code = ended.value.code
    return Result(code if isinstance(code, int) else 1, captured.out, captured.err)


def start(*args: str | Path, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Run `zimu` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli import main; main()", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
    )
