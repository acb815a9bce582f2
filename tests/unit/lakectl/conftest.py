"""`lake` as a person uses it, in a small project on disk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakectl.main import main


@dataclass(frozen=True)
class Said:
    """How a command ended, and all that it printed, on one line."""

    code: int
    text: str


Say = Callable[..., Said]


@pytest.fixture
def lake_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Type `lake …` in a folder (an empty one by default)."""

    def say(*words: str, at: Path = tmp_path) -> Said:
        monkeypatch.chdir(at)
        monkeypatch.setattr(sys, "argv", ["lake", *words])
        monkeypatch.setenv("COLUMNS", "500")
        monkeypatch.delenv("LAKE_ENV", raising=False)
        with pytest.raises(SystemExit) as ended:
            main()
        found = capsys.readouterr()
        return Said(int(ended.value.code or 0), " ".join(f"{found.out} {found.err}".split()))

    return say
