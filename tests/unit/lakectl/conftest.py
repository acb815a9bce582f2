"""`lake` as a person uses it, in a small project on disk."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakectl.main import main
from lakectl.screen import errors, screen

FRAME = re.compile("[─│╭╮╰╯]+")
"""What is drawn around an error of usage."""


@dataclass(frozen=True)
class Said:
    """How a command ended, and all that it printed, on one line; `out` and `err` are as they were printed."""

    code: int
    text: str
    out: str
    err: str


Say = Callable[..., Said]


@pytest.fixture
def lake_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Type `lake …` in a folder (an empty one by default)."""

    monkeypatch.delenv("LAKE_ENV", raising=False)

    def say(*words: str, at: Path = tmp_path) -> Said:
        monkeypatch.chdir(at)
        monkeypatch.setattr(sys, "argv", ["lake", *words])
        monkeypatch.setenv("COLUMNS", "500")
        for console in (screen, errors):
            monkeypatch.setattr(console, "_width", None)  # xdist's workers begin with 80 columns
        with pytest.raises(SystemExit) as ended:
            main()
        found = capsys.readouterr()
        return Said(
            int(ended.value.code or 0),
            " ".join(FRAME.sub(" ", f"{found.out} {found.err}").split()),
            found.out,
            found.err,
        )

    return say
