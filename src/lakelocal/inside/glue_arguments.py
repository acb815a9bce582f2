"""What a Glue job's arguments mean: what the engine does with them, what the script gets, what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GLUE_VERSION = "5.1"
HARMLESS = frozenset(
    {
        "--continuous-log-conversionPattern",
        "--continuous-log-logGroup",
        "--continuous-log-logStreamPrefix",
        "--disable-proxy-v2",
        "--enable-auto-scaling",
        "--enable-continuous-cloudwatch-log",
        "--enable-continuous-log-filter",
        "--enable-job-insights",
        "--enable-metrics",
        "--enable-observability-metrics",
        "--enable-rename-algorithm-v2",
        "--enable-s3-parquet-optimized-committer",
        "--enable-spark-ui",
        "--execution-class",
        "--spark-event-logs-path",
        "--use-spark-ui",
        "--write-shuffle-files-to-s3",
        "--write-shuffle-spills-to-s3",
    }
)
READ_HERE = frozenset(
    {
        "--additional-python-modules",
        "--conf",
        "--custom-logGroup-prefix",
        "--datalake-formats",
        "--extra-files",
        "--extra-jars",
        "--extra-py-files",
        "--job-language",
        "--python-modules-installer-option",
    }
)
REFUSED = frozenset(
    {
        "--class",
        "--custom-logStream-prefix",
        "--customer-driver-env-vars",
        "--customer-executor-env-vars",
        "--enable-data-lineage",
        "--enable-glue-datacatalog",
        "--enable-glue-di-transforms",
        "--enable-lakeformation-fine-grained-access",
        "--encryption-type",
        "--scriptLocation",
        "--use-postgres-driver",
        "--user-jars-first",
    }
)


class Refused(Exception):
    """The local cloud does not do what this job asks; the message names it and the next step."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asks of the engine. URIs are those of S3 objects."""

    script: str
    jars: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    iceberg: bool = False
    conf: Mapping[str, str] = field(default_factory=dict)
    log_group: str = "/aws-glue/jobs"
    for_script: tuple[str, ...] = ()

    @property
    def gains_by_warmth(self) -> bool:
        """Whether an engine is kept warm for the job: what is slow at first is a table's first use."""
        return self.iceberg


def read_job(job: Mapping[str, Any], given: Mapping[str, str]) -> Asked:
    """The job's own arguments overlaid by the run's. Raises Refused."""
    command = job.get("Command") or {}
    kind, version = command.get("Name", "glueetl"), str(job.get("GlueVersion") or "")
    if kind != "glueetl":
        raise Refused(
            f"Job {job['Name']} is a {kind!r} job. Locally only 'glueetl' runs; make it a Spark job, "
            "or a Lambda function if it needs no Spark."
        )
    if version != GLUE_VERSION:
        raise Refused(
            f"Job {job['Name']} asks for Glue {version or 'without a version'}. Locally only Glue {GLUE_VERSION} runs "
            f"(Spark 3.5.6, Python 3.11): set GlueVersion to '{GLUE_VERSION}'."
        )
    arguments = {
        **(job.get("DefaultArguments") or {}),
        **given,
        **(job.get("NonOverridableArguments") or {}),
    }
    named = {(name if name.startswith("--") else f"--{name}"): str(value) for name, value in arguments.items()}
    _refuse_what_would_differ(job["Name"], named)
    return Asked(
        script=str(command.get("ScriptLocation") or ""),
        jars=_listed(named.get("--extra-jars")),
        packages=_listed(named.get("--extra-py-files")),
        files=_listed(named.get("--extra-files")),
        modules=_listed(named.get("--additional-python-modules")),
        iceberg="iceberg" in _listed(named.get("--datalake-formats")),
        conf=spark_conf(named.get("--conf", "")),
        log_group=named.get("--custom-logGroup-prefix") or "/aws-glue/jobs",
        for_script=tuple(_for_script(named)),
    )


def spark_conf(text: str) -> dict[str, str]:
    """Glue's one `--conf` argument: `a=b --conf c=d --conf e=f`. Raises Refused."""
    conf = {}
    for entry in re.split(r"(?:^|\s+)--conf\s+", text.strip()) if text.strip() else ():
        name, equals, value = entry.strip().partition("=")
        if not entry.strip():
            continue
        if not equals or not name or " " in name:
            raise Refused(f"--conf holds {entry.strip()!r}, which is not name=value: write 'a=b --conf c=d'.")
        conf[name] = value
    return conf


def _refuse_what_would_differ(job: str, named: Mapping[str, str]) -> None:
    for name in sorted(REFUSED & set(named)):
        if named[name].lower() != "false":
            raise Refused(f"Job {job} sets {name}, which the local cloud does not do: leave it out of local runs.")
    formats = set(_listed(named.get("--datalake-formats"))) - {"iceberg"}
    if formats:
        raise Refused(f"Job {job} asks for {', '.join(sorted(formats))} tables. Locally only iceberg is there.")
    option = named.get("--python-modules-installer-option", "--no-index")
    if option != "--no-index":
        raise Refused(
            f"Job {job} gives pip the option {option!r}. Locally nothing is fetched from an index: --no-index."
        )
    if named.get("--job-language", "python") != "python":
        raise Refused(f"Job {job} is written in {named['--job-language']}. Locally only Python scripts run.")
    if named.get("--job-bookmark-option", "job-bookmark-disable") != "job-bookmark-disable":
        raise Refused(f"Job {job} uses job bookmarks, which the local cloud does not keep: job-bookmark-disable.")


def _for_script(named: Mapping[str, str]) -> list[str]:
    words = []
    for name, value in named.items():
        if name in HARMLESS or name in READ_HERE or name in REFUSED:
            continue
        words += [name, value] if value else [name]
    return words


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
