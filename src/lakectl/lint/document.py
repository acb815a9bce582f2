"""A CloudFormation template as plain values: short tags become the functions that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import yaml  # type: ignore[import-untyped]

WITHOUT_PREFIX = ("Ref", "Condition")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Knows `!Ref`, `!Sub` and their kin, leaves a date a text as CloudFormation does, and lets no key come twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} is said twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def _function(loader: Any, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in WITHOUT_PREFIX else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _function)


def read(text: str) -> dict[str, Any]:
    """The template; raises YAMLError where it is no YAML."""
    document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader with CloudFormation's tags
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


def either(value: Any) -> list[Any]:
    """All that `!If` may leave of a value: both branches, nothing for `AWS::NoValue`; otherwise the value itself."""
    if not isinstance(value, Mapping):
        return [value]
    if "Fn::If" in value:
        return [one for branch in value["Fn::If"][1:] for one in either(branch)]
    return [] if value.get("Ref") == "AWS::NoValue" else [value]


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
