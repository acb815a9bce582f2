"""buildspec.yml, version 0.2, as values; what the local CodeBuild does not do is refused by name.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
TOP = {"version", "env", "phases", "reports", "artifacts", "cache"}
IN_ENV = {"shell", "variables", "parameter-store", "exported-variables"}
IN_PHASE = {"commands", "finally", "on-failure", "runtime-versions"}
IN_ARTIFACTS = {"files", "base-directory", "name", "exclude-paths", "discard-paths", "secondary-artifacts"}
IN_REPORT = {"files", "base-directory", "file-format"}


class WrongBuildspec(Exception):
    """The file cannot be run; CodeBuild calls it YAML_FILE_ERROR."""


@dataclass(frozen=True, slots=True)
class Phase:
    commands: tuple[str, ...] = ()
    at_last: tuple[str, ...] = ()
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Which files leave the build, relative to `base`."""

    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    base: str = "."
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    files: tuple[str, ...]
    base: str = "."


@dataclass(frozen=True, slots=True)
class Buildspec:
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    exported: tuple[str, ...] = ()
    phases: Mapping[str, Phase] = field(default_factory=dict)
    artifacts: Artifacts = field(default_factory=Artifacts)
    secondary: Mapping[str, Artifacts] = field(default_factory=dict)
    reports: Mapping[str, Report] = field(default_factory=dict)
    shell: str = "sh"


def read(text: str) -> Buildspec:
    """The buildspec; raises WrongBuildspec naming what is wrong with it."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise WrongBuildspec(f"it is no YAML: {error}") from error
    if not isinstance(said, dict) or str(said.get("version")) != "0.2":
        raise WrongBuildspec("it must begin with `version: 0.2`")
    _only(said, TOP, "the buildspec")
    env, artifacts = _map(said, "env"), _map(said, "artifacts")
    _only(env, IN_ENV, "env")
    shell = str(env.get("shell", "sh"))
    if shell not in ("bash", "sh"):
        raise WrongBuildspec(f"env.shell is {shell}: bash or sh")
    phases = _map(said, "phases")
    _only(phases, set(PHASES), "phases")
    secondary = artifacts.get("secondary-artifacts") or {}
    return Buildspec(
        variables={name: str(value) for name, value in _map(env, "variables").items()},
        parameters={name: str(value) for name, value in _map(env, "parameter-store").items()},
        exported=tuple(env.get("exported-variables") or ()),
        phases={name: _phase(name, body or {}) for name, body in phases.items()},
        artifacts=_artifacts(artifacts),
        secondary={name: _artifacts(body) for name, body in secondary.items()},
        reports={name: _report(name, body) for name, body in _map(said, "reports").items()},
        shell=shell,
    )


def _phase(name: str, body: Mapping[str, Any]) -> Phase:
    _only(body, IN_PHASE, f"phases.{name}")
    wanted = str(body.get("on-failure", "ABORT")).upper()
    if wanted not in ("ABORT", "CONTINUE"):
        raise WrongBuildspec(f"phases.{name}.on-failure is {wanted}: the local CodeBuild does ABORT and CONTINUE")
    return Phase(_texts(body.get("commands")), _texts(body.get("finally")), wanted == "CONTINUE")


def _artifacts(body: Mapping[str, Any]) -> Artifacts:
    _only(body, IN_ARTIFACTS, "artifacts")
    return Artifacts(
        files=_texts(body.get("files")),
        exclude=_texts(body.get("exclude-paths")),
        base=str(body.get("base-directory", ".")),
        flat=str(body.get("discard-paths", "no")).lower() in ("yes", "true"),
    )


def _report(name: str, body: Mapping[str, Any]) -> Report:
    _only(body, IN_REPORT, f"reports.{name}")
    form = str(body.get("file-format", "JUNITXML")).upper()
    if form != "JUNITXML":
        raise WrongBuildspec(f"reports.{name} has the format {form}: the local CodeBuild reads JUNITXML")
    return Report(_texts(body.get("files")), str(body.get("base-directory", ".")))


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(str(one) for one in (value if isinstance(value, list) else [value]))


def _map(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name) or {}
    if not isinstance(found, dict):
        raise WrongBuildspec(f"{name} is no mapping")
    return found


def _only(said: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(said) - known)
    if unknown:
        raise WrongBuildspec(f"{where} has {', '.join(unknown)}, which the local CodeBuild does not do")
