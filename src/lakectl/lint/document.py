"""A CloudFormation template as plain values: short tags become the functions that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

WITHOUT_PREFIX = ("Ref", "Condition")


class _Constructor(SafeConstructor):
    """Knows `!Ref`, `!Sub` and their kin."""


def _function(constructor: Any, tag: str, node: Node) -> dict[str, Any]:
    if isinstance(node, ScalarNode):
        value: Any = constructor.construct_scalar(node)
    elif isinstance(node, SequenceNode):
        value = constructor.construct_sequence(node, deep=True)
    else:
        value = constructor.construct_mapping(node, deep=True) if isinstance(node, MappingNode) else None
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in WITHOUT_PREFIX else f"Fn::{tag}": value}


_Constructor.add_multi_constructor("!", _function)


def read(text: str) -> dict[str, Any]:
    """The template; raises ruamel's YAMLError where it is no YAML."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    document = yaml.load(text)
    return document if isinstance(document, dict) else {}


def text_of(value: Any) -> str:
    """What a string property says, with `!Sub` unresolved: `${Domain}-${Environment}-raw`; "" where it is computed."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and "Fn::Sub" in value:
        body = value["Fn::Sub"]
        return str(body[0] if isinstance(body, list) else body)
    return ""


def target_of(value: Any) -> str:
    """The logical id that a `!Ref` or `!GetAtt` points to, or ""."""
    if not isinstance(value, Mapping):
        return ""
    if "Ref" in value:
        return str(value["Ref"])
    return str(value["Fn::GetAtt"][0]) if "Fn::GetAtt" in value else ""


def many(value: Any) -> list[Any]:
    """IAM and CloudFormation let one stand for a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def strings_in(value: Any) -> Iterator[str]:
    """Every string anywhere inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)
