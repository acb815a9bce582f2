"""The bill of materials is CycloneDX, and names what is shipped: all of it and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from lakectl.sbom import SHIPPED, bill, document

ROOT = Path(__file__).parents[3]
PIN = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)(?P<marker> ;[^\\\n]+)? ?(?P<digests>(?:\\\n[^\\\n]+)+)$", re.MULTILINE
)
OF_ANOTHER_PYTHON = {("numpy", "python_full_version >= '3.12'")}
"""Lines of requirements/emr.txt that are for another Python than the jobs'."""
JAR = re.compile(r"^(?P<group>[\w.]+):(?P<name>deequ|dqdl):(?P<version>\S+) (?P<digest>\w+)$", re.MULTILINE)


def listed(name: str) -> str:
    return (ROOT / f"requirements/{name}.txt").read_text()


def pinned() -> Iterator[tuple[str, list[str]]]:
    """What the files say that is shipped, as purl and digests, read without the code under test."""
    for name in ("stage-a", "glue", "emr"):
        for pin in PIN.finditer(listed(name)):
            if (pin["name"], (pin["marker"] or "").strip(" ;")) not in OF_ANOTHER_PYTHON:
                yield f"pkg:pypi/{pin['name']}@{pin['version']}", re.findall(r"sha256:(\w{64})", pin["digests"])
    for jar in JAR.finditer(listed("jars")):
        yield f"pkg:maven/{jar['group']}/{jar['name']}@{jar['version']}?type=jar", [jar["digest"]]


def test_it_is_what_the_schema_says() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(document(ROOT)) is None


@pytest.mark.parametrize(("right", "wrong"), [("library", "book"), ("SHA-256", "SHA-0"), ("purl", "url")])
def test_the_schema_refuses_what_it_does_not_say(right: str, wrong: str) -> None:
    text = document(ROOT).replace(f'"{right}"', f'"{wrong}"')
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is not None


def test_every_pin_that_is_shipped_is_in_it_with_its_digests_and_nothing_else() -> None:
    found = [(one["purl"], [digest["content"] for digest in one["hashes"]]) for one in components()]
    assert found == list(pinned())
    assert all(digests for _, digests in found)


def test_what_lies_there_to_be_shipped_is_in_it() -> None:
    named = {f"{one['name']}-{one['version']}" for one in components()}
    for folder in ("stage-a", "glue"):
        there = [one.name.removesuffix(".dist-info") for one in (ROOT / ".lake" / folder).glob("*.dist-info")]
        assert there
        assert {one.replace("_", "-") for one in there} <= named


def test_it_says_which_file_to_change_and_what_only_some_need() -> None:
    said = {(one["properties"][0]["value"], one["scope"]) for one in components()}
    assert said == {(f"requirements/{name}.txt", "required") for name in ("stage-a", "glue", "jars")} | {
        ("requirements/emr.txt", "optional")
    }
    assert all(listed(name) for name in SHIPPED)


def test_the_same_pins_give_the_same_bytes_on_any_machine() -> None:
    command = [sys.executable, "-m", "lakectl.main", "sbom"]
    printed = subprocess.run(command, cwd=ROOT / "docs", capture_output=True, text=True, check=True).stdout
    assert printed == document(ROOT)
    assert json.loads(printed)["metadata"]["component"]["name"] == "lakewright"


def components() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = bill(ROOT)["components"]
    return found
