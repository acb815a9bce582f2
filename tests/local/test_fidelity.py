"""The table of what the local cloud does knows everything that our templates use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lakelocal.inside import fidelity
from local.conftest import ROOT

ROOMS = ("foundations", "team", "pipelines", "datasets", "templates")


class Plain:
    """Any intrinsic's short form, as its value alone."""

    @classmethod
    def of(cls, loader: Any, tag: str, node: Any) -> Any:
        from ruamel.yaml.nodes import MappingNode, SequenceNode

        if isinstance(node, MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)


def loaded(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_multi_constructor("!", Plain.of)
    return yaml.load(path.read_text())


def templates() -> list[Path]:
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*.yaml")]
    return sorted(path for path in found if "AWSTemplateFormatVersion" in path.read_text())


def resources(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, resource in loaded(path)["Resources"].items():
        yield name, resource["Type"], resource.get("Properties") or {}


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.stem)
def test_every_resource_of_a_template_is_kept_or_recorded(path: Path) -> None:
    wrong = [
        f"{name}: {text}"
        for name, kind, properties in resources(path)
        if not kind.startswith("AWS::Serverless::") and (text := fidelity.refusal(kind, properties))
    ]
    assert wrong == []


def test_no_property_is_both_kept_and_only_recorded() -> None:
    twice = {kind: row.kept & row.recorded for kind, row in fidelity.TYPES.items() if row.kept & row.recorded}
    assert twice == {}


def test_an_unknown_type_and_an_unknown_property_are_refused_by_name() -> None:
    assert "AWS::Made::Up is not supported" in str(fidelity.refusal("AWS::Made::Up", {}))
    assert "Colour" in str(fidelity.refusal("AWS::SQS::Queue", {"QueueName": "q", "Colour": "red"}))
