"""What `make setup` installs: each environment holds what its requirements pin, each jar has its digest."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path

from packaging.utils import canonicalize_name

from lakectl.doctor.check import Check, judged
from lakectl.pins import jars_in, packages_in

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


def _environment(root: Path, name: str, place: Path) -> Check:
    listed = packages_in(root / f"requirements/{name}.txt")
    wanted = {one.name: one.version for one in listed if one.is_for()}
    if not place.exists():
        return Check(TOPIC, name, "mend", f"{place.relative_to(root)} is missing", "make setup")
    there = {str(canonicalize_name(one.metadata["Name"])): one.version for one in distributions(path=[str(place)])}
    wrong = [f"{package} {there.get(package, 'missing')}, not {version}" for package, version in wanted.items()
             if there.get(package) != version]  # fmt: skip
    told = f"{len(wanted)} packages as pinned" if not wrong else _few(wrong)
    return judged(TOPIC, name, not wrong, told, f"rm -f .lake/stamps/{name}; make setup")


def _jars(root: Path) -> Check:
    listed, wrong = list(jars_in(root / "requirements/jars.txt")), []
    for one in listed:
        jar = root / ".lake/jars" / one.file_name
        if not jar.exists():
            wrong.append(f"{jar.name} is missing")
        elif hashlib.sha256(jar.read_bytes()).hexdigest() != one.digest:
            wrong.append(f"{jar.name} is another file than the one that requirements/jars.txt names")
    told = f"{len(listed)} jars by their SHA-256" if not wrong else _few(wrong)
    return judged(TOPIC, "jars", not wrong, told, "rm -f .lake/stamps/jars; make setup")


def _few(wrong: list[str]) -> str:
    return "; ".join(wrong[:3]) + (f"; and {len(wrong) - 3} more" if len(wrong) > 3 else "")
