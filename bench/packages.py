"""Unzipped sizes of what functions are made of: Lambda takes 250 MB, and every megabyte is a slower cold start."""

from __future__ import annotations

import zipfile
from pathlib import Path

from bench.budget import Result
from lakectl.package import LAPTOP, artifacts

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("functions", "stage-a")


def measured(folder: Path, rounds: int) -> list[Result]:
    built = artifacts(ROOT, LAPTOP)
    return [Result(f"package-{name}", unzipped(built[name].path)) for name in PACKAGES]


def unzipped(package: Path) -> float:
    """Megabytes on a function's disk."""
    with zipfile.ZipFile(package) as archive:
        return round(sum(entry.file_size for entry in archive.infolist()) / 1e6, 1)
