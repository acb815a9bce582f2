"""A template with its parameters filled in, as far as that can be known without AWS.

What only AWS knows stays as the function that asks for it: pseudo-parameters, references to other resources, `resolve`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lakectl.lint.document import many

VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
LIST = "CommaDelimitedList"
NO_VALUE = {"Ref": "AWS::NoValue"}
ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack, its properties filled in. `kept` is what happens to it when it goes or is replaced."""

    name: str
    type: str
    properties: Mapping[str, Any]
    deletion: str = "Delete"
    replacement: str = "Delete"

    @property
    def retained(self) -> bool:
        """Whether it outlives being taken out of its template."""
        return self.deletion.startswith("Retain")


def resources_of(document: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Resource]:
    """The resources that a template makes with these parameters; its defaults stand for those that are not said."""
    filled = _Filled(document, parameters)
    found = {}
    for name, body in (document.get("Resources") or {}).items():
        condition = body.get("Condition")
        if condition is not None and filled.holds(condition) is False:
            continue
        deletion, replacement = (str(filled.value(body.get(one, "Delete"))) for one in ATTRIBUTES)
        properties = filled.value(body.get("Properties") or {})
        found[name] = Resource(name, str(body.get("Type", "")), properties, deletion, replacement)
    return found


def references(value: Any) -> Iterator[str]:
    """The logical names that a value refers to; parameters are filled in by now."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "Ref":
                yield str(inner)
            elif key == "Fn::GetAtt":
                yield str(many(inner)[0]).split(".")[0]
            elif key == "Fn::Sub":
                text, named = _parts(inner)
                yield from (word.split(".")[0] for word in VARIABLE.findall(text) if word not in named)
                yield from references(named)
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


class _Filled:
    """Values of one template with the parameters of one stack."""

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        declared = document.get("Parameters") or {}
        self._conditions = document.get("Conditions") or {}
        self._parameters = {
            name: _typed(parameters.get(name, about.get("Default")), about) for name, about in declared.items()
        }

    def value(self, value: Any) -> Any:
        if isinstance(value, list):
            filled = [self.value(one) for one in value]
            return [one for one in filled if one != NO_VALUE]
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            (key, inner), *_ = value.items()
            if key in _FUNCTIONS:
                return _FUNCTIONS[key](self, inner)
        filled_map = {str(key): self.value(inner) for key, inner in value.items()}
        return {key: inner for key, inner in filled_map.items() if inner != NO_VALUE}

    def holds(self, condition: Any) -> bool | None:
        """Whether a condition holds; None where only AWS can say."""
        if isinstance(condition, str):
            return self.holds(self._conditions[condition]) if condition in self._conditions else None
        (key, inner), *_ = condition.items()
        if key == "Condition":
            return self.holds(inner)
        if key == "Fn::Equals":
            left, right = (self.value(one) for one in inner)
            known = not (isinstance(left, Mapping) or isinstance(right, Mapping))
            return str(left) == str(right) if known else None
        truths = [self.holds(one) for one in inner]
        if key == "Fn::Not":
            return None if truths[0] is None else not truths[0]
        decides = bool(key == "Fn::Or")
        if decides in truths:
            return decides
        return None if None in truths else not decides

    def ref(self, name: Any) -> Any:
        return self._parameters.get(name, {"Ref": name})

    def chosen(self, inner: Sequence[Any]) -> Any:
        held = self.holds(inner[0])
        if held is None:
            return {"Fn::If": [inner[0], self.value(inner[1]), self.value(inner[2])]}
        return self.value(inner[1] if held else inner[2])

    def substituted(self, inner: Any) -> Any:
        text, named = _parts(inner)
        known = {name: self.value(value) for name, value in named.items()}

        def word(found: re.Match[str]) -> str:
            value = known.get(found[1], self._parameters.get(found[1]))
            return value if isinstance(value, str) else found[0]

        filled = VARIABLE.sub(word, text)
        left = {name: value for name, value in known.items() if not isinstance(value, str)}
        if left:
            return {"Fn::Sub": [filled, left]}
        return {"Fn::Sub": filled} if VARIABLE.search(filled) else filled.replace("${!", "${")

    def joined(self, inner: Sequence[Any]) -> Any:
        separator, parts = inner[0], self.value(inner[1])
        if isinstance(parts, list) and all(isinstance(one, str) for one in parts):
            return str(separator).join(parts)
        return {"Fn::Join": [separator, parts]}

    def selected(self, inner: Sequence[Any]) -> Any:
        index, values = (self.value(one) for one in inner)
        known = isinstance(values, list) and str(index).isdecimal() and int(index) < len(values)
        return values[int(index)] if known else {"Fn::Select": [index, values]}


_FUNCTIONS: Mapping[str, Any] = {
    "Ref": _Filled.ref,
    "Fn::If": _Filled.chosen,
    "Fn::Sub": _Filled.substituted,
    "Fn::Join": _Filled.joined,
    "Fn::Select": _Filled.selected,
}


def _parts(inner: Any) -> tuple[str, Mapping[str, Any]]:
    """The text of a `Fn::Sub` and the values that it names itself."""
    return (inner[0], inner[1]) if isinstance(inner, list) else (inner, {})


def _typed(value: Any, about: Mapping[str, Any]) -> Any:
    text = "" if value is None else str(value)
    return [one.strip() for one in text.split(",")] if about.get("Type") == LIST else text
