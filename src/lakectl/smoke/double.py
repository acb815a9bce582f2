"""The double of a dataset: what happens to its rows is the same, and nobody who reads the dataset sees them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lake.core.dataset import digest_of
from lakectl.compile import Compiled
from lakectl.specs.name import DOUBLE

NEVER = {"max_wait": 86_400, "max_objects": 1_000}
"""A double is run when it is asked to, and not before."""


def double_of(one: Compiled, mark: str) -> Compiled:
    """The dataset under another name, with a prefix and tables of its own, told apart from others by the mark.

    It has no views and promises no freshness. Rules about all rows together are left out: a sample is no table.
    """
    name = f"{one.dataset}{DOUBLE}{mark}"
    entry: dict[str, Any] = deepcopy(one.entry)
    entry.pop("freshness", None)
    entry |= {"name": name, "views": [], "trigger": NEVER}
    entry["rules"] = [rule for rule in entry["rules"] if rule["kind"] == "row"]
    entry["source"]["prefix"] = f"{one.team}/{name}/"
    location = str(entry["table"]["location"]).rstrip("/").removesuffix(one.dataset)
    entry["table"] |= {"name": name, "location": f"{location}{name}/"}
    entry["digest"] = digest_of(entry)
    return Compiled(one.team, name, entry["digest"], entry)


def least_rows(double: Compiled, expected: int) -> int:
    """How many of the expected rows must come out; rules of zone analytics may set some of them aside."""
    may_set_aside = any(rule["zone"] == "analytics" for rule in double.entry["rules"])
    return min(1, expected) if may_set_aside else expected
