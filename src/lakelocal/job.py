"""A Glue job as a process of its own, to be stopped in: the deployed job's arguments and role, the clone's own code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal import jvm
from lakelocal.cloud import Running, client_environment
from lakelocal.engine.identity import keys
from lakelocal.inside.glue_arguments import read_job
from lakelocal.inside.glue_artifacts import Artifacts
from lakelocal.inside.glue_conf import engine_conf, properties_text
from lakelocal.inside.glue_machine import Machine

SERVICE = "glue.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Command:
    """What to start, and the variables that it sees."""

    words: list[str]
    environment: dict[str, str]


def command(
    root: Path, found: Running, job: Mapping[str, Any], given: Mapping[str, str], script: Path, debug_port: int
) -> Command:
    """The process of one run; with `debug_port` it waits there for a debugger. Raises Refused, Unfetched, OSError.

    Whatever the job ships of the clone is taken from the clone itself, so that an editor's breakpoints fit.
    """
    import boto3

    asked, machine = read_job(job, given), Machine(root)
    own = client_environment(found) | keys(found.port, str(job["Role"]), "lake-run-job", SERVICE)
    s3 = boto3.client(
        "s3",
        endpoint_url=found.endpoint,
        region_name=found.region,
        aws_access_key_id=own["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=own["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=own["AWS_SESSION_TOKEN"],
    )
    folder = root / ".lake/job"
    folder.mkdir(parents=True, exist_ok=True)
    artifacts = Artifacts(folder / "files")
    packages = [artifacts.fetch(s3, uri) for uri in asked.packages]
    jars = machine.jars(asked.iceberg) + [machine.ours(artifacts.fetch(s3, uri)) for uri in asked.jars]
    conf = engine_conf(asked.conf, jars, packages, found.endpoint, found.region, jvm.options(root))
    properties = folder / "spark.properties"
    properties.write_text(properties_text(conf))
    java, python = machine.java_home(), str(machine.python)
    waiting = [str(root / ".lake/debugger/debugpy"), "--listen", f"127.0.0.1:{debug_port}", "--wait-for-client"]
    words = [python, "-s", "-X", "frozen_modules=off", *(waiting if debug_port else []), str(script)]
    environment = {
        "PATH": f"{java / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "JAVA_HOME": str(java),
        "LANG": "C.UTF-8",
        "PYTHONPATH": ":".join([str(root / "src"), *map(str, packages)]),
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file '{properties}' pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(jvm.conf_folder(root)),
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
        "GLUE_VERSION": "5.1",
        "GLUE_PYTHON_VERSION": "3",
        **own,
    }
    return Command([*words, *asked.for_script], environment)
