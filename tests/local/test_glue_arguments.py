"""What a Glue job's arguments mean to the local engine, and which are refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakelocal.inside.glue_arguments import Refused, read_job, spark_conf
from lakelocal.inside.glue_conf import engine_conf, properties_text


def job(kind: str = "glueetl", version: str = "5.1", **arguments: str) -> dict[str, Any]:
    named = {f"--{name.replace('_', '-')}": value for name, value in arguments.items()}
    command = {"Name": kind, "ScriptLocation": "s3://b/job.py"}
    return {"Name": "heavy", "GlueVersion": version, "Command": command, "DefaultArguments": named}


def test_one_conf_argument_holds_many_settings() -> None:
    assert spark_conf("a.b=1 --conf c=d=e  --conf f=-Dx=y -Dz=w") == {"a.b": "1", "c": "d=e", "f": "-Dx=y -Dz=w"}


def test_a_conf_that_is_no_assignment_is_refused() -> None:
    with pytest.raises(Refused, match="not name=value"):
        spark_conf("a=b --conf lonely")


def test_a_run_overrides_the_jobs_defaults_but_not_what_is_fixed() -> None:
    defined = job(size="1", place="here") | {"NonOverridableArguments": {"--place": "fixed"}}
    asked = read_job(defined, {"--size": "2", "--place": "there"})
    assert asked.for_script == ("--size", "2", "--place", "fixed")


def test_glues_own_arguments_do_not_reach_the_script() -> None:
    asked = read_job(job(enable_metrics="", datalake_formats="iceberg", conf="a=b", extra_jars="s3://b/x.jar"), {})
    assert asked.for_script == ()
    assert (asked.iceberg, asked.jars, asked.conf) == (True, ("s3://b/x.jar",), {"a": "b"})


@pytest.mark.parametrize(
    ("defined", "named"),
    [
        (job(kind="pythonshell"), "pythonshell"),
        (job(version="4.0"), "Glue 4.0"),
        (job(job_bookmark_option="job-bookmark-enable"), "bookmarks"),
        (job(datalake_formats="hudi"), "hudi"),
        (job(job_language="scala"), "scala"),
        (job(enable_glue_datacatalog="true"), "--enable-glue-datacatalog"),
    ],
)
def test_what_the_engine_does_not_do_is_refused_by_name(defined: dict[str, Any], named: str) -> None:
    with pytest.raises(Refused, match=named):
        read_job(defined, {})


def test_each_catalog_of_the_job_is_told_to_address_buckets_by_path() -> None:
    asked = {"spark.sql.catalog.one": "org.apache.iceberg.spark.SparkCatalog", "spark.sql.catalog.one.warehouse": "w"}
    conf = engine_conf(asked, [Path("/j/a.jar")], [], "http://127.0.0.1:1", "eu-west-1", "-XX:+Quick")
    assert conf["spark.sql.catalog.one.s3.path-style-access"] == "true"
    assert conf["spark.driver.extraClassPath"] == "/j/a.jar"


def test_the_machine_decides_the_sizes_and_the_job_the_rest() -> None:
    asked = {"spark.driver.memory": "64g", "spark.executor.cores": "9", "spark.sql.shuffle.partitions": "3"}
    conf = engine_conf(asked, [], [], "http://127.0.0.1:1", "eu-west-1", "-XX:+Quick")
    assert (conf["spark.driver.memory"], conf["spark.sql.shuffle.partitions"]) == ("1g", "3")
    assert "spark.executor.cores" not in conf
    assert conf["spark.driver.extraJavaOptions"] == "-XX:+Quick -XX:+ExitOnOutOfMemoryError"


def test_a_backslash_survives_the_properties_file() -> None:
    assert properties_text({"a:b": r"\d+"}) == "a\\:b=\\\\d+\n"
