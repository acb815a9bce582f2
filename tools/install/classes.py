"""The classes of Spark, loaded once and archived, so that a JVM starts in half of the time."""

from collections.abc import Iterator
from pathlib import Path

import java
from part import Part, run


def parts(root: Path) -> Iterator[Part]:
    """Needs Spark, Java and the jars, and is made again when one of them changes."""
    listed = [root / "requirements" / f"{name}.txt" for name in ("spark", "java", "jars")]
    code = [root / "src/lakelocal" / name for name in ("jvm.py", "spark/classes.py", "spark/rehearsal.py")]
    yield Part("classes", [*listed, *code], lambda: _archive(root), root / ".lake/spark")


def _archive(root: Path) -> None:
    packages = f"{root / 'src'}:{root / '.lake/glue'}"
    home = Path(java.command(root)).parent.parent
    said = run(
        [
            *("env", "SPARK_LOCAL_IP=127.0.0.1", f"PYTHONPATH={packages}", f"JAVA_HOME={home}"),
            *((root / ".lake/envs/spark").resolve() / "bin/python", "-m", "lakelocal.spark.classes", root),
        ],
        "the archive of Spark's classes",
    )
    if not (root / ".lake/spark/classes.jsa").exists():
        print(f" {said.strip().splitlines()[-1]} ...", end="", flush=True)
