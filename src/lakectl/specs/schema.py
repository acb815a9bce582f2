"""JSON Schemas of the YAML files, for editors that complete and check while one writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.lake import LakeSpec
from lakectl.specs.model import Spec
from lakectl.specs.pipeline import PipelineSpec
from lakectl.specs.quantity import BYTES, SECONDS, in_words
from lakectl.specs.team import TeamSpec

MODELS: dict[str, type[Spec]] = {"dataset": DatasetSpec, "lake": LakeSpec, "pipeline": PipelineSpec, "team": TeamSpec}


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = _plain(MODELS[name].model_json_schema(by_alias=True))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"{name}.yaml"} | schema


def _plain(schema: Any) -> Any:
    """Without what pydantic adds of its own: titles that repeat names; and with defaults as they would be written."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: {name: _plain(one) for name, one in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if key not in ("title", "default", "discriminator")
    }
    return plain | _default(schema)


def _default(schema: dict[str, Any]) -> dict[str, Any]:
    """An empty default goes without saying, and that of a mapping is said of its keys."""
    value = schema.get("default")
    if isinstance(value, list | dict) or value in (None, ""):
        return {}
    if schema.get("type") == "string" and isinstance(value, int):
        value = in_words(value, SECONDS if "second" in schema["pattern"] else BYTES)
    return {"default": value}


def schema_files() -> dict[str, str]:
    """The text of each schema by its file's name."""
    return {f"{name}.schema.json": json.dumps(schema_of(name), indent=2, ensure_ascii=False) + "\n" for name in MODELS}


def export_schemas(folder: Path) -> list[Path]:
    """Write all schemas into a folder; the files written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in schema_files()]
