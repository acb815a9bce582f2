"""Pydantic's errors in our words, with places."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lakectl.specs.document import Document, Location, name_of
from lakectl.specs.finding import Finding
from lakectl.specs.model import Spec
from lakectl.specs.name import nearest

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "float_type": "a number",
}


def findings_in(document: Document, model: type[Spec], error: ValidationError) -> Iterator[Finding]:
    details = error.errors(include_url=False)
    unknown = [str(detail["loc"][-1]) for detail in details if detail["type"] == "extra_forbidden"]
    for detail in details:
        if not (detail["type"] == "missing" and get_close_matches(str(detail["loc"][-1]), unknown)):
            yield _finding(document, model, detail)


def _finding(document: Document, model: type[Spec], detail: ErrorDetails) -> Finding:
    location = _written(document, detail["loc"])
    context: dict[str, Any] = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(document, model, location)
    if kind == "missing":
        return document.finding((*location, str(detail["loc"][-1])), "is missing.", "Add it.", at_key=True)
    if context.get("at"):
        location = (*location, context["at"])
    message, hint = _words(detail, context)
    return document.finding(location, message, hint)


def _words(detail: ErrorDetails, context: dict[str, Any]) -> tuple[str, str]:
    kind, value = detail["type"], detail["input"]
    if kind in _EXPECTED:
        quoted = kind == "string_type" and (value is None or isinstance(value, int | float | bool))
        hint = "Put it in quotes." if quoted else ""
        return f"must be {_EXPECTED[kind]}, not {shown(value)}.", hint
    if kind == "literal_error":
        return f"{shown(value)} is not known.", f"Known: {context['expected']}."
    if kind == "union_tag_invalid":
        return f"{context['tag']!r} is not known.", f"Known: {context['expected_tags']}."
    if kind == "union_tag_not_found":
        return f"the key {context['discriminator']} is missing.", "Add it."
    if kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        return f"{shown(value)} is too {'small' if 'ge' in context else 'large'}.", f"The limit is {limit}."
    if kind in ("too_short", "string_too_short"):
        return "must not be empty.", ""
    if kind in ("too_long", "string_too_long"):
        return f"must not be longer than {context['max_length']}.", ""
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} is not a file name that is taken here.", "Write a .sql or .py file of this folder."
    return detail["msg"], str(context.get("hint", ""))


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…"


def _unknown_key(document: Document, model: type[Spec], location: Location) -> Finding:
    key = str(location[-1])
    owner = _model_at(model, document.data, location[:-1])
    if owner is not None and key in owner.NOT_BUILT:
        return document.finding(location, "is not built yet.", owner.NOT_BUILT[key], at_key=True)
    if owner is not None and key in owner.ELSEWHERE:
        return document.finding(location, "does not belong here.", owner.ELSEWHERE[key], at_key=True)
    known = [field.alias or name for name, field in owner.model_fields.items()] if owner else []
    place = f"of {name_of(location[:-1])}" if location[:-1] else "of this file"
    return document.finding(location, f"{key!r} is not a key {place}.", nearest(key, known), at_key=True)


def _written(document: Document, location: tuple[str | int, ...]) -> Location:
    """The part of a location that the user wrote: pydantic adds the names of a union's members."""
    found: Location = ()
    for part in location:
        if (*found, part) in document.places:
            found = (*found, part)
    return found


def _model_at(annotation: Any, data: Any, location: Location) -> type[Spec] | None:
    """The model that describes the mapping at a location."""
    model = _chosen(annotation, data)
    if model is None or not location:
        return model
    part, rest = location[0], location[1:]
    inner = data[part]
    for name, field in model.model_fields.items():
        if (field.alias or name) == part:
            inside = field.annotation
            if rest and isinstance(rest[0], int):
                return _model_at(_element(inside), inner[rest[0]], rest[1:])
            if rest and get_origin(inside) is dict:
                return _model_at(get_args(inside)[1], inner[rest[0]], rest[1:])
            return _model_at(inside, inner, rest)
    return None


def _chosen(annotation: Any, data: Any) -> type[Spec] | None:
    """The model in an annotation: of a union, the member whose tag the data carries."""
    models = list(_models(annotation))
    for model in models:
        tags = [get_args(field.annotation) for name, field in model.model_fields.items() if name in ("kind", "stage")]
        if tags and isinstance(data, dict) and data.get("kind", data.get("stage")) in tags[0]:
            return model
    return models[0] if len(models) == 1 else None


def _models(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, Annotated):
        for one in get_args(annotation):
            yield from _models(one)


def _element(annotation: Any) -> Any:
    """What a tuple, optional or not, holds."""
    if get_origin(annotation) is tuple:
        return get_args(annotation)[0]
    return next((found for one in get_args(annotation) if (found := _element(one)) is not None), None)
