"""The table of what the local cloud does knows everything that our templates use."""

from __future__ import annotations

import pytest

from lakectl.lint.project import Template, read_project
from lakelocal.inside import fidelity
from local.conftest import ROOT


@pytest.mark.parametrize("template", read_project(ROOT).templates, ids=lambda template: template.path)
def test_every_resource_of_a_template_is_kept_or_recorded(template: Template) -> None:
    wrong = [
        f"{resource.name}: {text}"
        for resource in template.resources.values()
        if not resource.type.startswith("AWS::Serverless::")
        and (text := fidelity.refusal(resource.type, resource.properties))
    ]
    assert wrong == []


def test_no_property_is_both_kept_and_only_recorded() -> None:
    twice = {kind: row.kept & row.recorded for kind, row in fidelity.TYPES.items() if row.kept & row.recorded}
    assert twice == {}


def test_an_unknown_type_and_an_unknown_property_are_refused_by_name() -> None:
    assert "AWS::Made::Up is not supported" in str(fidelity.refusal("AWS::Made::Up", {}))
    assert "Colour" in str(fidelity.refusal("AWS::SQS::Queue", {"QueueName": "q", "Colour": "red"}))
