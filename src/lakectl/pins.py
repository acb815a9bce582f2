"""What requirements/*.txt pin: packages and jars, each with its version and the digests of its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@dataclass(frozen=True, slots=True)
class Package:
    """A package of PyPI, by its name there. `digests` are the SHA-256 of all its files; a machine gets one of them."""

    name: str
    version: str
    digests: tuple[str, ...]
    marker: Marker | None

    def is_for(self, python: str | None = None) -> bool:
        """Whether it is meant for a Python ("3.12") on Linux; for the one that runs this by default."""
        there = {} if python is None else {"python_version": python, "python_full_version": f"{python}.0"}
        return self.marker is None or self.marker.evaluate({"sys_platform": "linux", **there})


@dataclass(frozen=True, slots=True)
class Jar:
    """A jar of Maven Central, and the SHA-256 of the one file that it is."""

    group: str
    artifact: str
    version: str
    digest: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def packages_in(listed: Path) -> Iterator[Package]:
    """The packages of a hashed requirements file, as uv writes it, in its order."""
    for line in listed.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if line and line[0].isalnum():
            asked = Requirement(line.partition("--hash")[0].strip())
            version = str(asked.specifier).removeprefix("==")
            digests = tuple(re.findall(r"--hash=sha256:(\w+)", line))
            yield Package(canonicalize_name(asked.name), version, digests, asked.marker)


def jars_in(listed: Path) -> Iterator[Jar]:
    """The jars of requirements/jars.txt, in its order."""
    for line in listed.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            coordinates, digest = line.split()
            group, artifact, version = coordinates.split(":")
            yield Jar(group, artifact, version, digest)
