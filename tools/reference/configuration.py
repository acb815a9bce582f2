"""Every key of the YAML files, from the models that check them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from table import table

from lakectl.specs.schema import MODELS, schema_of

WHAT = {
    "dataset": "One dataset, everything about it: `datasets/<team>/<dataset>/dataset.yaml`.",
    "lake": "The lake as a whole: `lake.yaml`.",
    "pipeline": "Which stages a dataset goes through, and their sizes: `pipelines/<name>.yaml`.",
    "team": "A team: `team/<team>.yaml`.",
}
NOTE = "Unknown keys are refused. Editors complete and check these files by the JSON Schema in `schemas/`."


def pages() -> dict[str, str]:
    return {f"{name}-yaml.md": _page(name, schema_of(name)) for name in MODELS}


def _page(name: str, schema: Mapping[str, Any]) -> str:
    parts = [f"# {name}.yaml\n", WHAT[name] + " " + NOTE + "\n", _keys(schema)]
    for title, found in sorted(schema.get("$defs", {}).items()):
        if found.get("type") == "object":
            parts += [f"## {title}\n", _paragraph(found.get("description", "")), _keys(found)]
    return "\n".join(part for part in parts if part)


def _keys(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (f"`{key}`", _type(found), "required" if key in required else _default(found.get("default")))
        for key, found in schema.get("properties", {}).items()
    ]
    return table(("key", "value", "default"), rows)


def _default(value: object) -> str:
    return "" if value is None else f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _paragraph(text: str) -> str:
    return text + "\n" if text else ""


def _type(found: Mapping[str, Any]) -> str:
    return " or ".join(dict.fromkeys(_types(found)))


def _types(found: Mapping[str, Any]) -> Iterator[str]:
    if "$ref" in found:
        title = found["$ref"].rpartition("/")[2]
        yield f"[{title}](#{title.lower()})"
    elif "const" in found:
        yield f"`{found['const']}`"
    elif "enum" in found:
        yield ", ".join(f"`{one}`" for one in found["enum"])
    elif alternatives := found.get("anyOf") or found.get("oneOf"):
        for one in alternatives:
            if one.get("type") != "null":
                yield from _types(one)
    elif found.get("type") == "array":
        yield f"list of {_type(found.get('items', {})) or 'anything'}"
    elif found.get("type") == "object" and isinstance(found.get("additionalProperties"), Mapping):
        yield f"mapping to {_type(found['additionalProperties'])}"
    elif examples := found.get("examples"):
        yield "such as " + ", ".join(f"`{one}`" for one in examples)
    elif pattern := found.get("pattern"):
        yield f"text like `{pattern}`"
    elif "type" in found:
        yield str(found["type"])
