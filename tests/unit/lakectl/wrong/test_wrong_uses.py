"""Ten wrong uses of each verb: each ends in words that name what is wrong and the next step."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from lakectl.verbs import VERBS
from unit.lakectl.conftest import Say
from unit.lakectl.wrong.use import Use

TEN = 10
REPORTS = ("validate", "test", "doctor", "verify")
"""Verbs whose answer is what they found, on standard output."""


def verbs() -> Iterator[str]:
    """Every verb as it is typed: `query`, `local up`."""
    for name, verb in VERBS.items():
        below = getattr(verb.command(name), "commands", None)
        yield from (f"{name} {one}" for one in below) if below else (name,)


def table_of(verb: str) -> Any:
    """The module that holds the uses of a verb."""
    return import_module(f"unit.lakectl.wrong.table.{verb.replace(' ', '_').replace('-', '_')}")


def uses_of(verb: str) -> tuple[Use, ...]:
    """None for a verb without a table, of which another test complains."""
    try:
        found: tuple[Use, ...] = table_of(verb).USES
    except ModuleNotFoundError:
        return ()
    return found


EVERY = [(verb, use) for verb in verbs() for use in uses_of(verb)]


@pytest.mark.parametrize("verb", verbs())
def test_a_verb_has_ten_wrong_uses_or_says_why_not(verb: str) -> None:
    table = table_of(verb)
    assert len(table.USES) >= TEN or table.FEWER
    assert len({(use.typed, use.at) for use in table.USES}) == len(table.USES)
    assert all(use.typed.split()[0] == verb.split()[0] and use.says for use in table.USES)


def test_no_table_is_left_of_a_verb_that_is_gone() -> None:
    tables = {file.stem for file in (Path(__file__).parent / "table").glob("[a-z]*.py")}
    assert tables == {verb.replace(" ", "_").replace("-", "_") for verb in verbs()}


@pytest.mark.parametrize(("verb", "use"), EVERY, ids=[f"{use.typed} @ {use.at.__name__}" for _, use in EVERY])
def test_a_wrong_use_is_answered_clearly(
    verb: str, use: Use, tmp_path: Path, person: pytest.MonkeyPatch, lake_says: Say
) -> None:
    found = lake_says(*shlex.split(use.typed), at=use.at(tmp_path, person))
    assert "Traceback" not in found.text
    assert [words for words in use.says if words not in found.text] == [], found.text
    assert found.code == use.code, found.text
    assert use.code in (1, 2, 130)
    if "--json" in use.typed:
        assert found.out == "" or json.loads(found.out) is not None
    else:
        assert found.err != "" or verb in REPORTS
