"""What a job run of EMR Serverless asks of the engine; what would differ from AWS is refused by name."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from lakelocal.inside.emr_size import wrong_size
from lakelocal.inside.glue_arguments import Asked, Refused

RELEASES = ("emr-7.12.0",)
ICEBERG = "/usr/share/aws/iceberg/lib/iceberg-spark3-runtime.jar"
"""Where the image of EMR Serverless has Iceberg; nobody finds it who does not name it."""
PYTHON = "/usr/bin/python3.11"
DRIVER, EXECUTOR = "spark.emr-serverless.driverEnv.", "spark.executorEnv."
PYTHONS = (f"{DRIVER}PYSPARK_PYTHON", f"{EXECUTOR}PYSPARK_PYTHON")
OPTIONS = {
    "--jars": "spark.jars",
    "--py-files": "spark.submit.pyFiles",
    "--files": "spark.files",
    "--archives": "spark.archives",
}
"""Options of spark-submit that are settings by another name."""
UNSUPPORTED = ("spark.master", "spark.submit.deployMode")
READ_HERE = (*OPTIONS.values(), *UNSUPPORTED)
DEFAULT_GROUP = "/aws/emr-serverless"


def read_run(application: Mapping[str, Any], given: Mapping[str, Any]) -> Asked:
    """The application's configuration overlaid by the run's. Raises Refused."""
    if application["releaseLabel"] not in RELEASES:
        raise Refused(
            f"The application runs {application['releaseLabel']}. Locally only {', '.join(RELEASES)} runs "
            "(Spark 3.5.6, Iceberg 1.10.0, Python 3.11)."
        )
    for name, value in (("mode", "BATCH"), ("executionIamPolicy", None), ("flexExecution", None)):
        if given.get(name) not in (None, value):
            raise Refused(f"{name} is not done by the local cloud: leave it out of local runs.")
    driver = (given.get("jobDriver") or {}).get("sparkSubmit")
    if not driver:
        raise Refused("A run of a Spark application has a jobDriver with sparkSubmit, and nothing else runs here.")
    overrides = given.get("configurationOverrides") or {}
    settings = {
        **_defaults(application.get("runtimeConfiguration")),
        **_defaults(overrides.get("applicationConfiguration")),
        **_submitted(str(driver.get("sparkSubmitParameters") or "")),
    }
    if problem := wrong_size(settings):
        raise Refused(problem)
    jars = _listed(settings, "spark.jars")
    asked = Asked(
        script=str(driver.get("entryPoint") or ""),
        jars=tuple(jar for jar in jars if jar != ICEBERG),
        packages=tuple(_listed(settings, "spark.submit.pyFiles")),
        files=tuple(_listed(settings, "spark.files")),
        archives=tuple(_archives(settings)),
        iceberg=ICEBERG in jars,
        conf=dict(_for_spark(settings)),
        log_group=_log_group(application, overrides),
        for_script=tuple(str(word) for word in driver.get("entryPointArguments") or ()),
    )
    _refuse_another_python(settings)
    return asked


def _defaults(configurations: Any) -> dict[str, str]:
    """The properties of spark-defaults, which is the one classification that is read here."""
    found: dict[str, str] = {}
    for one in configurations or ():
        if one.get("classification") != "spark-defaults" or one.get("configurations"):
            raise Refused(f"The classification {one.get('classification')} is not read by the local cloud.")
        found |= {name: str(value) for name, value in (one.get("properties") or {}).items()}
    return found


def _submitted(text: str) -> dict[str, str]:
    """What spark-submit's own words set. Raises Refused."""
    found: dict[str, str] = {}
    words = iter(shlex.split(text))
    for word in words:
        option, _, value = word.partition("=") if word.startswith("--") else (word, "", "")
        value = value or next(words, "")
        if option == "--conf":
            name, equals, setting = value.partition("=")
            if not equals:
                raise Refused(f"--conf {value!r} is not name=value.")
            found[name] = setting
        elif option in OPTIONS:
            found[OPTIONS[option]] = value
        else:
            known = ", ".join(("--conf", *OPTIONS))
            raise Refused(f"The local cloud does not read {option!r} of sparkSubmitParameters: it knows {known}.")
    for name in UNSUPPORTED:
        if name in found:
            raise Refused(f"Option '{name}' is not supported")  # in the words of AWS
    return found


def _archives(settings: Mapping[str, str]) -> Iterator[str]:
    """The archives that lie on the path of Python; another one would be unpacked for nothing that runs here."""
    places = {settings.get(f"{DRIVER}PYTHONPATH"), settings.get(f"{EXECUTOR}PYTHONPATH")}
    for archive in _listed(settings, "spark.archives"):
        uri, _, folder = archive.partition("#")
        if places != {f"./{folder}"}:
            raise Refused(
                f"The archive {uri} is not on the path of Python: set {DRIVER}PYTHONPATH and {EXECUTOR}PYTHONPATH "
                f"to ./{folder}."
            )
        yield uri


def _for_spark(settings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if name.startswith((DRIVER, EXECUTOR)) and not name.endswith(("PYTHON", "PYTHONPATH")):
            raise Refused(f"{name} is not done by the local cloud: its engines have an environment of their own.")
        if not name.startswith(("spark.emr-serverless.", EXECUTOR)) and name not in READ_HERE:
            yield name, value


def _refuse_another_python(settings: Mapping[str, str]) -> None:
    for name in PYTHONS:
        if settings.get(name) != PYTHON:
            raise Refused(
                f"{name} is {settings.get(name) or 'not set'}: EMR Serverless would take Python 3.9, and the local "
                f"cloud has 3.11. Set it to {PYTHON}."
            )


def _log_group(application: Mapping[str, Any], overrides: Mapping[str, Any]) -> str:
    monitoring = {
        **(application.get("monitoringConfiguration") or {}),
        **(overrides.get("monitoringConfiguration") or {}),
    }
    for name in ("s3MonitoringConfiguration", "prometheusMonitoringConfiguration"):
        if monitoring.get(name):
            raise Refused(f"{name} is not done by the local cloud: logs go to CloudWatch.")
    watch = monitoring.get("cloudWatchLoggingConfiguration") or {}
    return str(watch.get("logGroupName") or DEFAULT_GROUP) if watch.get("enabled") else ""


def _listed(settings: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in settings.get(name, "").split(",") if part.strip()]
