"""What AWS's resource types say of their updates: which properties can only be set when a resource is made.

The schemas are those that cfn-lint brings along, read as files: importing cfn-lint takes longer than a whole plan.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

START = "/properties/"


@dataclass(frozen=True, slots=True)
class Updates:
    """`replaces`: a change there makes a new resource. `may_replace`: it does under some conditions."""

    replaces: tuple[tuple[str, ...], ...] = ()
    may_replace: tuple[tuple[str, ...], ...] = ()


def touches(path: Sequence[str], properties: Sequence[Sequence[str]]) -> bool:
    """Whether a change at this place changes one of these properties, a part of it, or what it is a part of."""
    return any(
        all(one in ("*", word) for one, word in zip(listed, path, strict=False)) for listed in properties if listed
    )


@cache
def updates_of(kind: str, region: str) -> Updates:
    """Of a type; a custom resource replaces itself as its function says, so nothing is foretold."""
    folder = _schemas()
    names = _json(folder / "providers" / f"{region}.json") if (folder / "providers" / f"{region}.json").exists() else {}
    name = names.get(kind) or _json(folder / "providers" / "us-east-1.json").get(kind)
    if name is None:
        return Updates()
    schema = _json(folder / "resources" / f"{name}.json")
    return Updates(_paths(schema, "createOnlyProperties"), _paths(schema, "conditionalCreateOnlyProperties"))


def _paths(schema: dict[str, Any], name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(one.removeprefix(START).split("/")) for one in schema.get(name) or ())


@cache
def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@cache
def _schemas() -> Path:
    found = importlib.util.find_spec("cfnlint")
    assert found is not None and found.origin is not None, "cfn-lint is among the requirements of the command line"
    return Path(found.origin).parent / "data/schemas"
