"""What the commands of a build see: nothing of the host but where its programs and its package caches are.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lakelocal.inside.cicd.buildspec import Buildspec
from lakelocal.inside.cicd.records import Document
from lakelocal.inside.door import Host

KEPT = ("PATH", "LANG", "TZ", "JAVA_HOME")


class PhaseFailed(Exception):
    """A phase ended badly: CodeBuild's status code, and the message of its context."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of a build: its home, and its primary source in it."""

    home: Path
    source: Path

    def secondary(self, identifier: str) -> Path:
        return self.home / f"src-{identifier}"


def environment(host: Host, ssm: Any, record: Document, spec: Buildspec, places: Places) -> dict[str, str]:
    """Every variable; the project's and the action's own stand over those of the buildspec."""
    given = {one["name"]: one for one in record["environment"]["environmentVariables"]}
    overlaid = {name: _value(ssm, one) for name, one in given.items()}
    stored = {name: _parameter(ssm, value) for name, value in spec.parameters.items()}
    more = {f"CODEBUILD_SRC_DIR_{name}": str(places.secondary(name)) for name in record["inputs"] if name}
    return {**_machine(host, places), **_build(record, places), **spec.variables, **stored, **overlaid, **more}


def _machine(host: Host, places: Places) -> dict[str, str]:
    person = Path.home()
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        **_package_settings(host),
        "HOME": str(places.home),
        "TMPDIR": str(places.home),
        "XDG_CACHE_HOME": str(person / ".cache"),
        "XDG_CONFIG_HOME": str(person / ".config"),
        "CI": "true",
        "LAKE_SETUP_FROM": str(host.root),
        "AWS_REGION": host.region,
        "AWS_DEFAULT_REGION": host.region,
        "AWS_ENDPOINT_URL": host.endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _package_settings(host: Host) -> dict[str, str]:
    """What cloud.py has kept of the person's settings for pip and uv."""
    kept = host.state_folder / "package-settings.json"
    return dict(json.loads(kept.read_text())) if kept.exists() else {}


def _build(record: Document, places: Places) -> dict[str, str]:
    return {
        "CODEBUILD_BUILD_ID": record["id"],
        "CODEBUILD_BUILD_ARN": record["arn"],
        "CODEBUILD_BUILD_NUMBER": str(record["buildNumber"]),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": record["initiator"],
        "CODEBUILD_LOG_PATH": record["logs"]["streamName"],
        "CODEBUILD_RESOLVED_SOURCE_VERSION": record.get("resolvedSourceVersion", ""),
        "CODEBUILD_SOURCE_VERSION": record.get("sourceVersion", ""),
        "CODEBUILD_SRC_DIR": str(places.source),
        "CODEBUILD_START_TIME": str(int(record["startTime"] * 1000)),
    }


def _value(ssm: Any, variable: Mapping[str, str]) -> str:
    kind = variable.get("type", "PLAINTEXT")
    if kind == "PARAMETER_STORE":
        return _parameter(ssm, variable["value"])
    if kind != "PLAINTEXT":
        raise PhaseFailed("CLIENT_ERROR", f"The local CodeBuild reads no variables of the type {kind}")
    return variable["value"]


def _parameter(ssm: Any, name: str) -> str:
    found = ssm.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    if not found:
        raise PhaseFailed("CLIENT_ERROR", f"Parameter Store has no {name}")
    return str(found[0]["Value"])
