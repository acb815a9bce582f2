"""Deequ's opinion of a table, in DQDL, and what can be believed of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from py4j.java_gateway import JavaPackage
from pyspark.sql import DataFrame

from lake.core.errors import LakeError

os.environ["SPARK_VERSION"] = "3.5"  # pydeequ cannot be imported without it, and Glue does not set it
from pydeequ.dqdl import EvaluateDataQuality

MISSED = re.compile(r"Value: .* does not meet the constraint requirement!.*")
NOTHING = re.compile(r"Empty state for analyzer .*")


class MissingJar(LakeError):
    """A jar that Deequ needs is not on the job's class path."""


class EvaluationError(LakeError):
    """Deequ could not judge a rule. It reports this as a failed rule, which would be a false verdict."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What Deequ said. `silent`: there was no value to judge, which Deequ calls a failure."""

    said: Literal["passed", "failed", "silent"]
    reason: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)


def opinions(frame: DataFrame, rules: Sequence[str]) -> dict[str, Opinion]:
    """Judge all rules over the frame in one call; the answer is keyed by the rule's text."""
    if not rules:
        return {}
    texts = list(dict.fromkeys(rules))
    answers = EvaluateDataQuality.process(frame.sparkSession, frame, f"Rules = [ {', '.join(texts)} ]").collect()
    found = {_compact(row.Rule): row for row in answers}
    unheard = [text for text in texts if _compact(text) not in found]
    if unheard:
        raise EvaluationError(f"Deequ gave no verdict on {'; '.join(unheard)}.")
    return {text: _opinion(text, found[_compact(text)]) for text in texts}


def check_jars(jvm: Any) -> None:
    """Raises MissingJar: py4j takes a class that is not there for a package, and fails late without saying which."""
    needed = {
        "Deequ": jvm.com.amazon.deequ.dqdl.EvaluateDataQuality,
        "DQDL": jvm.software.amazon.glue.dqdl.parser.DQDLParser,
    }
    for jar, found in needed.items():
        if isinstance(found, JavaPackage):
            raise MissingJar(f"The job's --extra-jars lack {jar}: {found._fqn} is not there. Deploy the job again.")


def _opinion(text: str, row: object) -> Opinion:
    outcome, reason = str(getattr(row, "Outcome", "")), str(getattr(row, "FailureReason", None) or "")
    metrics = dict(getattr(row, "EvaluatedMetrics", None) or {})
    if outcome == "Passed":
        return Opinion("passed", metrics=metrics)
    lines = reason.splitlines()
    if outcome == "Failed" and any(NOTHING.match(line) for line in lines):
        return Opinion("silent", "there is no value to judge", metrics)
    if outcome == "Failed" and lines and all(MISSED.match(line) for line in lines):
        return Opinion("failed", " ".join(lines), metrics)
    raise EvaluationError(f"Deequ could not judge {text}: {reason[:500] or outcome}")


def _compact(text: str) -> str:
    return "".join(text.split())
