"""What is shipped to functions and jobs, as a bill of materials: https://cyclonedx.org/docs/1.6/json/"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lakectl.package import GLUE, GLUE_JARS, LAMBDA, Platform
from lakectl.pins import jars_in, packages_in

SHIPPED: Mapping[str, tuple[Platform, ...]] = {"stage-a": (LAMBDA, GLUE), "glue": (GLUE,), "emr": (GLUE,)}
"""Requirements whose packages go into artifacts, and for which platforms.

What Lambda, Glue and EMR Serverless bring along is not shipped: it is there in versions that AWS chooses.
"""
OPTIONAL = ("emr",)
"""Shipped where a pipeline runs on EMR Serverless, and nowhere else."""


def document(root: Path) -> str:
    """The bill as JSON; equal pins give equal bytes, so it has neither a time nor a serial number."""
    return json.dumps(bill(root), indent=2) + "\n"


def bill(root: Path) -> dict[str, Any]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {"type": "application", "bom-ref": name, "name": name, "version": version},
        },
        "components": [*_packages(root), *_jars(root)],
    }


def _packages(root: Path) -> Iterator[dict[str, Any]]:
    for name, platforms in SHIPPED.items():
        pythons = [platform.runtime.removeprefix("python") for platform in platforms]
        for package in packages_in(root / f"requirements/{name}.txt"):
            if any(package.is_for(python) for python in pythons):
                purl = f"pkg:pypi/{package.name}@{quote(package.version)}"
                yield _component({"name": package.name}, package.version, purl, package.digests, name)


def _jars(root: Path) -> Iterator[dict[str, Any]]:
    for jar in jars_in(root / "requirements/jars.txt"):
        if jar.file_name.startswith(GLUE_JARS):
            purl = f"pkg:maven/{jar.group}/{jar.artifact}@{quote(jar.version)}?type=jar"
            yield _component({"group": jar.group, "name": jar.artifact}, jar.version, purl, (jar.digest,), "jars")


def _component(
    named: Mapping[str, str], version: str, purl: str, digests: tuple[str, ...], listed: str
) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": purl,
        **named,
        "version": version,
        "scope": "optional" if listed in OPTIONAL else "required",
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in digests],
        "purl": purl,
        "properties": [{"name": "lake:pinned-in", "value": f"requirements/{listed}.txt"}],
    }
