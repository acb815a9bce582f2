"""A template as it is, and as it would be with its conditions on or off, each as a file for checkov."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from lakectl.lint.project import Template

AS_IT_IS = "as-it-is"
NOTHING = {"Ref": "AWS::NoValue"}


def write(templates: Sequence[Template], folder: Path) -> int:
    """Write all looks of all templates, `<look>/<path>`; how many resources there are in them."""
    count = 0
    for template in templates:
        _put(folder / AS_IT_IS / template.path, template.text)
        count += len(template.resources)
        for number, document in enumerate(looks(template)):
            _put(folder / str(number) / f"{template.path}.json", json.dumps(document, indent=1))
            count += len(document["Resources"])
    return count


def looks(template: Template) -> Iterator[dict[str, Any]]:
    """The template without conditions, all of them on at first; then the resources that turn out otherwise."""
    names = list(template.document.get("Conditions") or {})
    seen: list[tuple[str, Any]] = []
    for turned in product((True, False), repeat=len(names)):
        on = dict(zip(names, turned, strict=True))
        new = {name: one for name, one in _resources(template, on) if (name, one) not in seen}
        seen += new.items()
        if new:
            yield {"AWSTemplateFormatVersion": "2010-09-09", "Resources": new}


def _resources(template: Template, on: Mapping[str, bool]) -> Iterator[tuple[str, Any]]:
    for name, resource in template.resources.items():
        if on.get(resource.attributes.get("Condition", ""), True):
            yield name, _turned({key: part for key, part in resource.attributes.items() if key != "Condition"}, on)


def _turned(value: Any, on: Mapping[str, bool]) -> Any:
    if isinstance(value, Mapping):
        if "Fn::If" in value:
            name, yes, no = value["Fn::If"]
            return _turned(yes if on[name] else no, on)
        made = {name: _turned(one, on) for name, one in value.items()}
        return {name: one for name, one in made.items() if one != NOTHING}
    if isinstance(value, list):
        return [one for one in (_turned(item, on) for item in value) if one != NOTHING]
    return value


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
