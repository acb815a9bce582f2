"""The JSON Schemas that editors use are those of the models, and hold for the repository's own files."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from lakectl.specs.document import read_document
from lakectl.specs.schema import MODELS, export_schemas, schema_files

ROOT = Path(__file__).parents[3]
FILES = {
    "dataset": sorted((ROOT / "datasets").glob("*/*/dataset.yaml")),
    "lake": [ROOT / "lake.yaml"],
    "pipeline": [ROOT / "pipelines/standard.yaml"],
    "team": [ROOT / "team/aviation.yaml"],
}
PAIRS = [(name, file) for name, files in FILES.items() for file in files]


def test_the_committed_schemas_are_current(tmp_path: Path) -> None:
    for file in export_schemas(tmp_path):
        committed = (ROOT / "schemas" / file.name).read_text(encoding="utf-8")
        assert committed == file.read_text(encoding="utf-8"), "write them anew with export_schemas(Path('schemas'))"
    assert set(schema_files()) == {f"{name}.schema.json" for name in MODELS}


@pytest.mark.parametrize(("name", "file"), PAIRS, ids=[file.parent.name for _, file in PAIRS])
def test_the_files_of_the_repository_hold_to_their_schema_and_name_it(name: str, file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(read_document(str(file), text).data)
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (file.parent / named).resolve() == ROOT / "schemas" / f"{name}.schema.json"


@pytest.mark.parametrize("broken", ["table: {mode: upsert}", "tabel: {}", "schema: [{name: A, type: int}]"])
def test_a_schema_finds_what_the_models_find(broken: str) -> None:
    schema = json.loads((ROOT / "schemas/dataset.schema.json").read_text(encoding="utf-8"))
    whole = read_document("x", FILES["dataset"][0].read_text(encoding="utf-8")).data
    data = whole | read_document("x", broken).data
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(data))
