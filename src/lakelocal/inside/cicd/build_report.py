"""Test reports of builds, read from JUnit's XML."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lakelocal.inside.cicd.build_files import chosen
from lakelocal.inside.cicd.buildspec import Artifacts, Report
from lakelocal.inside.cicd.records import Document

WORSE = {"failure": "FAILED", "error": "ERROR", "skipped": "SKIPPED"}
ACTIONS = ("CreateReportGroup", "CreateReport", "UpdateReport", "BatchPutTestCases")


def report_of(wanted: Report, source: Path, group: str, build: str) -> Document:
    """The report of a build's test files, with its cases."""
    places = chosen(source, Artifacts(files=wanted.files, base=wanted.base))
    cases = [case for place in places for case in _cases(source / wanted.base / place)]
    counts = {status: sum(case["status"] == status for case in cases) for status in ("SUCCEEDED", *WORSE.values())}
    return {
        "arn": f"{group.replace(':report-group/', ':report/')}:{secrets.token_hex(16)}",
        "type": "TEST",
        "name": group.rpartition("/")[2],
        "reportGroupArn": group,
        "executionId": build,
        "status": "FAILED" if counts["FAILED"] or counts["ERROR"] else "SUCCEEDED",
        "created": time.time(),
        "truncated": False,
        "testSummary": {
            "total": len(cases),
            "statusCounts": counts,
            "durationInNanoSeconds": sum(case["durationInNanoSeconds"] for case in cases),
        },
        "cases": cases,
    }


def _cases(file: Path) -> list[dict[str, Any]]:
    # the file was written by the repository's own tests, a moment ago, on this machine
    root = ElementTree.parse(file).getroot()  # noqa: S314
    return [_case(element) for element in root.iter("testcase")]


def _case(element: Any) -> dict[str, Any]:
    worse = next((child for child in element if child.tag in WORSE), None)
    return {
        "name": element.get("name", ""),
        "prefix": element.get("classname", ""),
        "status": WORSE[worse.tag] if worse is not None else "SUCCEEDED",
        "message": (worse.get("message") or "")[:500] if worse is not None else "",
        "durationInNanoSeconds": int(float(element.get("time", 0)) * 1e9),
    }
