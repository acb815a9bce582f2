"""What `make setup` installs: each environment holds what its requirements pin, each jar has its digest."""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

from lakectl.doctor.check import Check, judged

TOPIC = "installed"
PLACES: Mapping[str, str] = {
    "dev": ".venv/lib/{python}/site-packages",
    "cloud": ".lake/envs/cloud/lib/{python}/site-packages",
    "spark": ".lake/envs/spark/lib/{python}/site-packages",
    "runtime": ".lake/envs/runtime/lib/{python}/site-packages",
    "stage-a": ".lake/stage-a",
    "glue": ".lake/glue",
    "demo": ".lake/data",
}
"""Where the packages of each requirements file lie."""


def look(root: Path) -> Iterator[Check]:
    if not (root / "requirements").is_dir():
        yield Check(TOPIC, "requirements", "mend", "requirements/ is missing", "git checkout -- requirements")
        return
    for name, place in PLACES.items():
        yield _environment(root, name, root / place.format(python=f"python{sys.version_info[0]}.{sys.version_info[1]}"))
    yield _jars(root)


def pins_in(text: str) -> dict[str, str]:
    """Package and version of each pinned line that is meant for this machine and Python."""
    lines = [line.rstrip("\\ ") for line in text.splitlines() if line and line[0].isalnum()]
    asked = [one for one in map(Requirement, lines) if one.marker is None or one.marker.evaluate()]
    return {_plain(one.name): str(one.specifier).removeprefix("==") for one in asked}


def _environment(root: Path, name: str, place: Path) -> Check:
    wanted = pins_in((root / f"requirements/{name}.txt").read_text(encoding="utf-8"))
    if not place.exists():
        return Check(TOPIC, name, "mend", f"{place.relative_to(root)} is missing", "make setup")
    there = {_plain(one.metadata["Name"]): one.version for one in distributions(path=[str(place)])}
    wrong = [f"{package} {there.get(package, 'missing')}, not {version}" for package, version in wanted.items()
             if there.get(package) != version]  # fmt: skip
    told = f"{len(wanted)} packages as pinned" if not wrong else _few(wrong)
    return judged(TOPIC, name, not wrong, told, f"rm -f .lake/stamps/{name}; make setup")


def _jars(root: Path) -> Check:
    listed = (root / "requirements/jars.txt").read_text(encoding="utf-8").splitlines()
    wrong, count = [], 0
    for line in listed:
        if not line or line.startswith("#"):
            continue
        coordinates, digest = line.split()
        _, artifact, version = coordinates.split(":")
        count += 1
        jar = root / ".lake/jars" / f"{artifact}-{version}.jar"
        if not jar.exists():
            wrong.append(f"{jar.name} is missing")
        elif hashlib.sha256(jar.read_bytes()).hexdigest() != digest:
            wrong.append(f"{jar.name} is another file than the one that requirements/jars.txt names")
    told = f"{count} jars by their SHA-256" if not wrong else _few(wrong)
    return judged(TOPIC, "jars", not wrong, told, "rm -f .lake/stamps/jars; make setup")


def _few(wrong: list[str]) -> str:
    return "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
