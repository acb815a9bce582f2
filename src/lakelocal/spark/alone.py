"""A Spark that serves one program alone, without a cloud: its settings, and Iceberg tables in a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyspark.sql import SparkSession

from lake.core.contract import Column
from lakelocal import jvm
from lakelocal.spark.names import remember_names

SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ui.explainMode": "simple",  # each plan is told to a UI, whether there is one or not
    "spark.sql.session.timeZone": "UTC",
}
CATALOG = "spark.sql.catalog.glue_catalog"


def started(root: Path, cores: int, more: Mapping[str, str]) -> SparkSession:
    """The session of this process, silent, with the jars of the clone at `root` on its class path."""
    os.environ |= {"SPARK_CONF_DIR": str(jvm.conf_folder(root)), "JAVA_HOME": str(jvm.java_home(root))}
    theirs = {"spark.driver.extraClassPath": jvm.class_path(root), "spark.driver.extraJavaOptions": jvm.options(root)}
    remember_names()
    builder = SparkSession.builder.master(f"local[{cores}]")
    for name, value in {**SETTINGS, **theirs, **more}.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session


def iceberg_in(warehouse: Path) -> dict[str, str]:
    """Settings for tables below `warehouse`, in a catalog of the name that the job has on AWS."""
    return {
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        CATALOG: "org.apache.iceberg.spark.SparkCatalog",
        f"{CATALOG}.type": "hadoop",
        f"{CATALOG}.warehouse": warehouse.as_uri(),
    }


def create_table(spark: SparkSession, name: str, columns: Sequence[Column], partition: Sequence[str] = ()) -> None:
    """An Iceberg table as registration makes it. Spark says `months(at)` where Athena says `month(at)`."""
    fields = re.sub(r"\b(year|month|day|hour)\(", r"\1s(", ", ".join(partition))
    by = f"PARTITIONED BY ({fields})" if fields else ""
    typed = ", ".join(f"`{column.name}` {column.type.replace('timestamp', 'timestamp_ntz')}" for column in columns)
    spark.sql(f"CREATE TABLE {name} ({typed}) USING iceberg {by}")
