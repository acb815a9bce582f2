"""One Spark session with an Iceberg catalog in a folder, and a small lake to run plans on."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPARK = ROOT / ".lake/envs/spark"
FORGOTTEN = "ignore:unclosed <socket:ResourceWarning"
"""py4j leaves a socket behind by every collect()."""


def _reach_spark() -> None:
    """Spark lives in its own environment, of the same Python; ours come first where both have a package."""
    packages = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    sys.path += [str(SPARK / packages), str(ROOT / ".lake/glue")]
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": str(SPARK / "bin/python")}


_reach_spark()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.filterwarnings(FORGOTTEN))


@pytest.fixture(scope="package")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pyspark and pydeequ import is old
        import lake.heavy.job  # noqa: F401 - imports all of the engine
        from lakelocal.spark.alone import iceberg_in, started
    session = started(ROOT, 2, iceberg_in(tmp_path_factory.mktemp("warehouse")))
    yield session
    session.stop()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
