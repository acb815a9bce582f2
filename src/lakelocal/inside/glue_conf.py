"""The Spark configuration of a local engine: the job's own, and what only the place of running decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

ENDS_WITHOUT_MEMORY = "-XX:+ExitOnOutOfMemoryError"
# how large a cluster is, is for the machine to say
SIZES = re.compile(
    r"spark\.(master|driver\.(memory|cores|memoryOverhead)|executor\.(memory|cores|instances|memoryOverhead)"
    r"|dynamicAllocation\..*)$"
)


def engine_conf(
    asked: Mapping[str, str], jars: Iterable[Path], packages: Iterable[Path], endpoint: str, region: str, java: str
) -> dict[str, str]:
    """Spark properties of one engine. A job's setting wins, but for the sizes of a cluster. `java`: our JVM options."""
    path = ":".join(str(jar) for jar in jars)
    ours = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.ui.explainMode": "simple",  # each plan is told to a UI, whether there is one or not
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
        "spark.hadoop.fs.s3a.endpoint": endpoint,
        "spark.hadoop.fs.s3a.endpoint.region": region,
        "spark.hadoop.fs.s3a.path.style.access": "true",
        "spark.hadoop.fs.s3a.change.detection.mode": "none",
    }
    theirs = {name: value for name, value in asked.items() if not SIZES.match(name)}
    for catalog in catalogs(theirs):
        ours[f"spark.sql.catalog.{catalog}.s3.path-style-access"] = "true"
    fixed = {
        "spark.master": "local[2]",
        "spark.driver.memory": "1g",
        "spark.driver.extraClassPath": path,
        "spark.driver.extraJavaOptions": " ".join(
            [java, ENDS_WITHOUT_MEMORY, theirs.pop("spark.driver.extraJavaOptions", "")]
        ).strip(),
        "spark.submit.pyFiles": ",".join(str(package) for package in packages),
    }
    return ours | theirs | fixed


def catalogs(conf: Mapping[str, str]) -> list[str]:
    """The names of the Iceberg catalogs that a configuration declares."""
    return [
        found.group(1)
        for name, value in conf.items()
        if (found := re.fullmatch(r"spark\.sql\.catalog\.([^.]+)", name)) and value.startswith("org.apache.iceberg.")
    ]


def properties_text(conf: Mapping[str, str]) -> str:
    """The configuration as a Java properties file."""
    return "".join(f"{_escaped(name, ' :=')}={_escaped(value, '')}\n" for name, value in conf.items())


def _escaped(text: str, special: str) -> str:
    out = text.replace("\\", "\\\\").replace("\n", "\\n")
    for character in special:
        out = out.replace(character, f"\\{character}")
    return out
