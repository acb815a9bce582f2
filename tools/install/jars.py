"""Spark's jars by Maven coordinates: fetched by Maven where it is, else by Spark's own resolver; checked by SHA-256."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import java
from part import Part, run


@dataclass(frozen=True)
class Jar:
    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"


def parts(root: Path) -> Iterator[Part]:
    listed = root / "requirements/jars.txt"
    yield Part("jars", [listed], lambda: _fetch(root, listed), root / ".lake/jars")


def _fetch(root: Path, listed: Path) -> None:
    wanted = list(read(listed))
    folder = root / ".lake/jars"
    with tempfile.TemporaryDirectory(dir=root / ".lake") as scratch:
        fetched = Path(scratch)
        if shutil.which("mvn"):
            _by_maven(wanted, fetched)
        else:
            _by_ivy(root, wanted, fetched)
        for jar in wanted:
            _check(fetched / jar.file_name, jar)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for jar in wanted:
            shutil.move(fetched / jar.file_name, folder / jar.file_name)


def read(listed: Path) -> Iterator[Jar]:
    for line in listed.read_text().splitlines():
        if line and not line.startswith("#"):
            coordinates, sha256 = line.split()
            yield Jar(*coordinates.split(":"), sha256)


def _check(path: Path, jar: Jar) -> None:
    found = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "nothing"
    if found != jar.sha256:
        raise RuntimeError(
            f"{jar.file_name} is not the file that requirements/jars.txt names: "
            f"expected SHA-256 {jar.sha256}, found {found}. Delete it from the Maven or Ivy cache and run again."
        )


def _by_maven(wanted: Sequence[Jar], folder: Path) -> None:
    """Exclusions keep out what the jars depend on: Spark brings it, or the bundle would be 280 MB."""
    exclude = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    dependencies = "".join(
        f"<dependency><groupId>{jar.group}</groupId><artifactId>{jar.artifact}</artifactId>"
        f"<version>{jar.version}</version>{exclude}</dependency>"
        for jar in wanted
    )
    pom = folder / "pom.xml"
    pom.write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>lake</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{dependencies}</dependencies></project>"
    )
    run(["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"], "jars by Maven")


def _by_ivy(root: Path, wanted: Sequence[Jar], folder: Path) -> None:
    """Spark ships Ivy, which reads the same repository."""
    ivy = next((root / ".lake/envs/spark").glob("lib/python*/site-packages/pyspark/jars/ivy-*.jar"))
    dependencies = "".join(
        f'<dependency org="{jar.group}" name="{jar.artifact}" rev="{jar.version}" transitive="false"/>'
        for jar in wanted
    )
    module = folder / "ivy.xml"
    module.write_text(
        f'<ivy-module version="2.0"><info organisation="lake" module="jars"/>'
        f"<dependencies>{dependencies}</dependencies></ivy-module>"
    )
    pattern = f"{folder}/[artifact]-[revision].[ext]"
    trusting = _trust(root, folder / "trusted.p12")
    run(
        [java.command(root), *trusting, "-jar", ivy, "-ivy", module, "-types", "jar", "-retrieve", pattern],
        "jars by Ivy",
    )


def _trust(root: Path, store: Path) -> list[str]:
    """Options that make Java trust whom the machine trusts; none where the machine keeps no list."""
    script = Path(__file__).with_name("trust.py")
    made = subprocess.run([root / ".venv/bin/python", script, store], capture_output=True, check=False)
    if made.returncode:
        return []
    return [f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStoreType=PKCS12"]
