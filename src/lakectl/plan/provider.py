"""What AWS's resource types say of their updates: which properties can only be set when a resource is made.

The schemas are those that cfn-lint brings along, read as files: importing cfn-lint takes longer than a whole plan.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

START = "/properties/"
HOME = "us-east-1"
GIVES_TAGS = re.compile(r":(Tag|AddTags|CreateTags|PutBucketTagging)")


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
    schema = _schema(kind, region)
    return Updates(_paths(schema, "createOnlyProperties"), _paths(schema, "conditionalCreateOnlyProperties"))


@cache
def tag_actions(kind: str) -> tuple[str, ...]:
    """The actions of which one gives a resource of this type its tags; none where the type takes no tags."""
    tagging = _schema(kind, HOME).get("tagging") or {}
    return tuple(one for one in tagging.get("permissions", ()) if GIVES_TAGS.search(one))


def _schema(kind: str, region: str) -> dict[str, Any]:
    """Of a type in a region, or where every type is; nothing for a type that AWS does not know."""
    folder = _schemas()
    names = _json(folder / "providers" / f"{region}.json") if (folder / "providers" / f"{region}.json").exists() else {}
    name = names.get(kind) or _json(folder / "providers" / f"{HOME}.json").get(kind)
    return _json(folder / "resources" / f"{name}.json") if name else {}


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
