"""What this clone has for Spark: Java 17, the Spark environment, the jars that Glue brings by itself."""

from __future__ import annotations

import filecmp
import importlib.metadata
import re
from dataclasses import dataclass
from pathlib import Path

from lakelocal import jvm
from lakelocal.inside.glue_arguments import Refused

NEXT_STEP = "run `make setup`"


@dataclass(frozen=True, slots=True)
class Machine:
    """The folder of a clone, asked for the parts of a Spark engine."""

    root: Path

    @property
    def python(self) -> Path:
        """The interpreter with Spark; its version is Glue's. Raises Refused."""
        python = jvm.spark_home(self.root) / "bin" / "python"
        if not python.exists():
            raise Refused(f"Spark is not installed at {python.parent.parent}: {NEXT_STEP}.")
        return python

    def jars(self, iceberg: bool) -> list[Path]:
        """The jars that are on Glue's class path without being asked for. Raises Refused."""
        try:
            return jvm.jars(self.root, *jvm.S3_JARS, *(jvm.ICEBERG_JARS if iceberg else ()))
        except FileNotFoundError as error:
            raise Refused(str(error)) from error

    def ours(self, jar: Path) -> Path:
        """The jar of this clone with the same bytes, where it has one: its classes may be archived by that path."""
        for own in (self.root / ".lake/jars").resolve().glob("*.jar"):
            if filecmp.cmp(own, jar, shallow=False):
                return own
        return jar

    def java_home(self) -> Path:
        """Java 17: the machine's if it has one, else the one that setup installed. Raises Refused."""
        try:
            return jvm.java_home(self.root)
        except FileNotFoundError as error:
            raise Refused(str(error)) from error

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


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
