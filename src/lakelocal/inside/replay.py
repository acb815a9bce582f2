"""Which statements the recorded decisions needed: each part of each policy is taken away, and what flips is counted.

`python -m lakelocal.inside.replay` reads one question from stdin and writes one answer, for all roles at once:

    {"decisions": [...],
     "cases": {case: {"role": name, "policies": {name: document}, "boundary": document or null}}}
    {"cases": {case: {"carried": {"<Sid>|<action>|<resource>": count}, "lacking": [actions]}},
     "resources": {arn: {"carried": {"<Sid>|<action>": count}, "bites": {"<Sid>": count}}}}

A case is a role under these policies. `bites` counts, for each Deny, the allowed decisions that it alone would have
denied over plain HTTP.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

Document = Mapping[str, Any]
Decision = Mapping[str, Any]


@dataclass(frozen=True)
class Grants:
    """What a role is allowed: its own statements, one for each action on each resource, within its boundary."""

    parts: Mapping[str, Any]
    limits: tuple[Any, ...] = ()

    def without(self, name: str) -> Grants:
        return replace(self, parts={key: part for key, part in self.parts.items() if key != name})


@dataclass
class Case:
    """A role's grants, what of them carried a decision, and what the role asked for in vain."""

    grants: Grants
    carried: Counter[str] = field(default_factory=Counter)
    lacking: set[str] = field(default_factory=set)


def main() -> None:
    json.dump(answer(json.load(sys.stdin)), sys.stdout)


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one question, as the module's first lines show them."""
    documents = _recorded(question["decisions"])
    cases, named = _cases(question["cases"])
    resources: dict[str, dict[str, Counter[str]]] = {
        arn: {"carried": Counter(), "bites": Counter()} for arn in documents
    }
    for decision in question["decisions"]:
        owner = policy_home(decision["resource"])
        document = documents.get(owner)
        for case in named.get(decision["role"], ()):
            _weigh(case, decision, document)
        if document is None or not decision["allowed"]:
            continue
        grants = None if decision["service"] else next((case.grants for case in named.get(decision["role"], ())), None)
        if decision["service"] or grants is not None:
            found = resources[owner]
            found["carried"].update(_needed_parts(decision, document, grants))
            found["bites"].update(_biting(decision, document, grants))
    return {
        "cases": {name: {"carried": case.carried, "lacking": sorted(case.lacking)} for name, case in cases.items()},
        "resources": resources,
    }


def policy_home(arn: str) -> str:
    """The resource whose policy speaks for this one: an object's is its bucket's."""
    return arn.split("/")[0] if arn.startswith("arn:aws:s3:::") else arn


def _recorded(decisions: Sequence[Decision]) -> dict[str, Document]:
    return {policy_home(one["resource"]): one["resource_policy"] for one in decisions if one["resource_policy"]}


def _cases(asked: Mapping[str, Any]) -> tuple[dict[str, Case], dict[str, list[Case]]]:
    cases, named = {}, dict[str, list[Case]]()
    for name, about in asked.items():
        boundary = about.get("boundary")
        limits = ([_parsed(boundary["Statement"])],) if boundary else ()
        parts = dict(part for document in about["policies"].values() for part in _parts(document, "Resource"))
        cases[name] = Case(Grants(parts, limits))
        named.setdefault(about["role"], []).append(cases[name])
    return cases, named


def _parts(document: Document, *split: str) -> Iterator[tuple[str, Any]]:
    """A policy's statements, each split by action, and by these members too."""
    for statement in _many(document["Statement"]):
        members = ("Action", *split)
        for values in product(*(_many(statement[member]) for member in members)):
            one = {**statement, **dict(zip(members, values, strict=True))}
            yield "|".join((str(statement.get("Sid")), *values)), _parsed([one])[0]


def _parsed(statements: Any) -> list[Any]:
    from ministack.core import iam_evaluator

    parsed: list[Any] = iam_evaluator.parse_policy_document({"Statement": statements})
    return parsed


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _weigh(case: Case, decision: Decision, document: Document | None) -> None:
    """Count the one part that carried an allowed decision, or note what is denied again."""
    from ministack.core import iam_evaluator

    allows = _allows(decision, case.grants, document)
    if not decision["allowed"] and not allows:
        case.lacking.add(decision["action"])
    if not decision["allowed"] or not allows:
        return
    context = _context(decision)
    matching = [
        name for name, part in case.grants.parts.items() if iam_evaluator._first_match(context, [part], "Allow")
    ]
    # where two parts allow the same, neither is needed for this decision
    if len(matching) == 1 and not _allows(decision, case.grants.without(matching[0]), document):
        case.carried[matching[0]] += 1


def _needed_parts(decision: Decision, document: Document, grants: Grants | None) -> Iterator[str]:
    """The parts of a resource's policy without which this decision would be a denial."""
    if not _allows(decision, grants, document):
        return
    for statement in _many(document["Statement"]):
        for action in _many(statement["Action"]) if statement["Effect"] == "Allow" else ():
            rest = [
                {**one, "Action": [each for each in _many(one["Action"]) if one is not statement or each != action]}
                for one in _many(document["Statement"])
            ]
            if not _allows(decision, grants, {"Statement": [one for one in rest if one["Action"]]}):
                yield f"{statement.get('Sid')}|{action}"


def _biting(decision: Decision, document: Document, grants: Grants | None) -> Iterator[str]:
    """Each Deny that alone stands between plain HTTP and what this decision allowed."""
    plain = {**decision, "secure": False}
    for statement in _many(document["Statement"]):
        if statement["Effect"] != "Deny":
            continue
        rest = {"Statement": [one for one in _many(document["Statement"]) if one is not statement]}
        if not _allows(plain, grants, document) and _allows(plain, grants, rest):
            yield str(statement.get("Sid"))


def _allows(decision: Decision, grants: Grants | None, document: Document | None) -> bool:
    """What IAM says: by the resource's policy alone to a service, by both to a role."""
    from ministack.core import iam_evaluator

    context = _context(decision)
    if grants is None:
        found = iam_evaluator.evaluate_resource_policy(document, context, service=decision["service"])
        return bool(found.decision == "Allow")
    result = iam_evaluator.evaluate(context, [list(grants.parts.values())], *grants.limits)
    if document is not None:
        required, owner = decision["resource_policy_required"], decision["resource_owner"]
        result = iam_evaluator.combine_resource_policy(
            result, context, document, owner, required=required, limits=grants.limits
        )
    return bool(result.decision == "Allow")


def _context(decision: Decision) -> Any:
    from ministack.core import iam_evaluator

    return iam_evaluator.EvalContext(
        principal_arn=decision["principal"],
        principal_type=decision["type"],
        principal_account=decision["account"],
        action=decision["action"],
        resource_arn=decision["resource"],
        region=decision["region"],
        source_ip="127.0.0.1",
        secure_transport=decision["secure"],
        service_context=decision["context"],
        principal_keys=decision["keys"],
    )


if __name__ == "__main__":
    main()
