"""Checkov in its own environment, and what it says of each resource."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class NoVerdict(Exception):
    """Checkov ended without a word, or without having seen everything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one check of one resource in one look at a template: it failed, or is skipped."""

    template: str
    resource: str
    check: str
    title: str
    end: str
    reason: str

    @property
    def about(self) -> tuple[str, str, str]:
        return self.template, self.resource, self.check

    def __str__(self) -> str:
        return f"{self.template}: {self.resource}: {self.check} ({self.title})"


def judged(folder: Path, resources: int, checkov: Path) -> list[Verdict]:
    """Checkov's verdicts on the templates in a folder. Raises NoVerdict where it has not read all resources."""
    options = ["--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"]
    done = subprocess.run(
        [str(checkov), "--directory", str(folder), *options],
        env={name: value for name, value in os.environ.items() if name != "BC_API_KEY"} | {"LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
        read, unread = report["summary"]["resource_count"], report["results"].get("parsing_errors", [])
    except (ValueError, KeyError, TypeError) as error:
        raise NoVerdict(f"Checkov gave no verdict:\n{done.stdout[-500:]}{done.stderr[-2000:]}") from error
    if unread or read != resources:
        raise NoVerdict(f"Checkov read {read} of {resources} resources. Files that it names: {unread or 'none'}.")
    results = report["results"]
    return [_verdict(one, end) for end in ("failed", "skipped") for one in results.get(f"{end}_checks", [])]


def _verdict(one: dict[str, Any], end: str) -> Verdict:
    path = one["file_path"].lstrip("/").partition("/")[2].removesuffix(".json")
    reason = one["check_result"].get("suppress_comment", "").strip()
    reason = "" if reason == "No comment provided" else reason
    return Verdict(path, one["resource"].rpartition(".")[2], one["check_id"], one["check_name"], end, reason)
