"""Operators and functions of Trino: the engine is held to the table of examples, and docs/athena.md to both."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from lakelocal import cloud
from local import athena_doc
from local.athena_examples import AGGREGATES, FUNCTIONS, OPERATORS, ROWS, WINDOWS, Answer, Examples, Fails
from local.conftest import ROOT

GROUPS: tuple[tuple[Examples, str], ...] = (
    (OPERATORS, ""),
    (FUNCTIONS, ""),
    (AGGREGATES, ROWS),
    (WINDOWS, f"{ROWS} ORDER BY n"),
)


def in_cloud(script: str, given: Any = None) -> Any:
    """What a script answers that runs in the cloud's own environment."""
    python = cloud.environment_folder(ROOT) / "bin" / "python"
    done = subprocess.run(
        [python, ROOT / "tests" / "local" / script],
        input=json.dumps(given),
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _asked() -> list[tuple[str, str, Answer]]:
    """Expression, its FROM, and its answer; those that fail one by one."""
    return [
        (text, source, answer) for group, source in GROUPS for one in group.values() for text, answer in one.items()
    ]


@pytest.mark.slow
def test_the_engine_answers_as_trino_does() -> None:
    asked = _asked()
    together = [
        {
            "expressions": [text for text, its, answer in asked if its == source and not isinstance(answer, Fails)],
            "from": source,
        }
        for _, source in GROUPS
    ]
    alone = [(text, source, answer) for text, source, answer in asked if isinstance(answer, Fails)]
    groups = [*together, *({"expressions": [text], "from": source} for text, source, _ in alone)]
    found = in_cloud("athena_evaluate.py", groups)
    told = {
        (text, group["from"]): answer
        for group, answers in zip(groups, found, strict=True)
        for text, answer in zip(group["expressions"], answers, strict=True)
    }
    wrong = [
        f"{text}: {told[text, source]}, not {answer!r}"
        for text, source, answer in asked
        if not _is(told[text, source], answer)
    ]
    assert not wrong, "\n".join(wrong)


def _is(told: dict[str, Any], answer: Answer) -> bool:
    if isinstance(answer, Fails):
        return str(told.get("fails", "")).startswith(answer.reason)
    return "value" in told and told["value"] == answer


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the engine says of its tables, and of the examples."""
    examples = {**FUNCTIONS, **AGGREGATES, **WINDOWS, "cast": {"CAST(1 AS integer)": "1"}}
    found: dict[str, Any] = in_cloud("athena_calls.py", {name: list(texts) for name, texts in examples.items()})
    return found


def test_each_function_that_works_is_held_to_an_example_of_each_of_its_forms(told: dict[str, Any]) -> None:
    assert told["unheld"] == [], "functions.py says that these work; no example does"
    assert told["unknown"] == [], "athena_examples.py holds these; functions.py does not know them"


def test_the_page_about_athena_is_what_the_tables_say(told: dict[str, Any]) -> None:
    assert athena_doc.PAGE.read_text() == athena_doc.page(told), (
        "docs/athena.md is stale: run `.venv/bin/python -m local.athena_doc` in tests/"
    )
