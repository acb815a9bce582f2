"""The release of a template's functions: a name that changes with their code or configuration, and only then.

A version of a function holds its code and its configuration, and CloudFormation publishes one where a property of
`AWS::Lambda::Version` changes. The function says its release too: Lambda refuses to publish what did not change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lakectl.plan.template import references

PARAMETER = "Release"
LIVE = "live"
"""The alias through which every function is called."""


def release_of(document: Mapping[str, Any], values: Mapping[str, str]) -> str:
    """What names the functions of a template with these parameters. What `Release` itself is given counts too: it
    stands for what the functions find written down by other stacks."""
    functions = {
        name: one.get("Properties")
        for name, one in (document.get("Resources") or {}).items()
        if one.get("Type") == "AWS::Lambda::Function"
    }
    declared = document.get("Parameters") or {}
    chosen_by = {**functions, "Conditions": document.get("Conditions") or {}}
    named = sorted(set(references(chosen_by)) & set(declared))
    said = {name: values.get(name, declared[name].get("Default")) for name in named}
    return hashlib.sha256(json.dumps([functions, said], sort_keys=True).encode()).hexdigest()[:12]
