"""Run in Spark's environment by `make setup`: rehearse once, and archive the classes that it took."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from pyspark import SparkContext

from lakelocal import jvm
from lakelocal.spark.alone import started
from lakelocal.spark.rehearsal import rehearse
from lakelocal.spark.session import Sessions

SETTINGS = {
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.path.style.access": "true",
    "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
}
NOBODY = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal", "AWS_REGION": "eu-west-1"}


def main(root: Path) -> None:
    """Write the archive, or say as the last line why there is none; every JVM starts without it as well."""
    jvm.conf_folder(root).mkdir(parents=True, exist_ok=True)
    jvm.archive(root).unlink(missing_ok=True)
    os.environ |= NOBODY
    options = f"{jvm.QUICK} -XX:ArchiveClassesAtExit={jvm.archive(root)}"
    session = started(root, 2, {**SETTINGS, "spark.driver.extraJavaOptions": options})
    with tempfile.TemporaryDirectory() as folder:
        problems = rehearse(Sessions(), Path(folder), lambda: False, rounds=1)
    process = SparkContext._gateway.proc
    session.stop()
    SparkContext._gateway.shutdown()
    with contextlib.suppress(OSError):
        process.stdin.close()  # what the JVM waits for
    process.wait(120)
    if problems or not jvm.archive(root).exists():
        sys.stdout.write(f"without an archive: {'; '.join(problems) or 'this Java makes none'}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
