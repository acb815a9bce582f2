"""The heavy job as a process of its own, to be stopped in: settings and role as deployed, the clone's own code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal import jvm
from lakelocal.cloud import Running, client_environment
from lakelocal.engine.identity import keys
from lakelocal.inside import emr_runs, glue_runs
from lakelocal.inside.emr_arguments import read_run
from lakelocal.inside.glue_arguments import Asked, read_job
from lakelocal.inside.glue_artifacts import Artifacts
from lakelocal.inside.glue_conf import engine_conf, properties_text
from lakelocal.inside.glue_machine import Machine
from lakelocal.inside.glue_wheels import unpacked


@dataclass(frozen=True, slots=True)
class Command:
    """What to start, and the variables that it sees."""

    words: list[str]
    environment: dict[str, str]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A job as it is deployed: what it asks for, its role, the service that the role trusts, its environment."""

    asked: Asked
    role: str
    service: str
    environment: Mapping[str, str]


def on_glue(job: Mapping[str, Any], given: Mapping[str, str]) -> Deployed:
    """`job` as GetJob shows it. Raises Refused."""
    return Deployed(read_job(job, given), str(job["Role"]), glue_runs.SERVICE, dict(glue_runs.ENVIRONMENT))


def on_emr_serverless(
    application: Mapping[str, Any], role: str, script: str, submit: str, given: Mapping[str, str]
) -> Deployed:
    """`application` as GetApplication shows it, `script` and `submit` as the state machine says. Raises Refused."""
    words = [word for pair in given.items() for word in pair]
    driver = {"entryPoint": script, "entryPointArguments": words, "sparkSubmitParameters": submit}
    return Deployed(read_run(application, {"jobDriver": {"sparkSubmit": driver}}), role, emr_runs.SERVICE, {})


def command(root: Path, found: Running, deployed: Deployed, script: Path, debug_port: int) -> Command:
    """The process of one run; with `debug_port` it waits there for a debugger. Raises Refused, Unfetched, OSError.

    Whatever the job ships of the clone is taken from the clone itself, so that an editor's breakpoints fit.
    """
    import boto3

    asked, machine = deployed.asked, Machine(root)
    own = client_environment(found) | keys(found.port, deployed.role, "lake-run-job", deployed.service)
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
    shipped = [*packages, *(unpacked(artifacts.fetch(s3, uri)) for uri in asked.archives)]
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
        "PYTHONPATH": ":".join([str(root / "src"), *map(str, shipped)]),
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        "PYSPARK_SUBMIT_ARGS": f"--properties-file '{properties}' pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(jvm.conf_folder(root)),
        "SPARK_LOCAL_DIRS": str(folder / "tmp"),
        **deployed.environment,
        **own,
    }
    return Command([*words, *asked.for_script], environment)
