"""Which recorded decisions would turn out otherwise under other policies.

`python -m lakelocal.inside.replay` reads from stdin
`{"decisions": [...], "role": name, "policies": {name: document}, "boundary": document or null}` and writes
`{"flips": {"<policy>/<Sid or index>": [indexes of decisions that this statement alone carries]}}`.
With `"without": "<policy>/<Sid or index>"` it writes `{"denied": [indexes]}` for that statement left out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
Decision = Mapping[str, Any]


def denied(
    decisions: Sequence[Decision], policies: Mapping[str, Document], boundary: Document | None = None
) -> list[int]:
    """The indexes of the decisions that were allowed and would be denied under these identity policies."""
    from ministack.core import iam_evaluator

    parsed = [iam_evaluator.parse_policy_document(dict(document)) for document in policies.values()]
    limits = [[iam_evaluator.parse_policy_document(dict(boundary))]] if boundary else []
    return [
        index
        for index, decision in enumerate(decisions)
        if decision["allowed"] and not _allows(decision, parsed, limits)
    ]


def flips(
    decisions: Sequence[Decision], policies: Mapping[str, Document], boundary: Document | None = None
) -> dict[str, list[int]]:
    """For every statement, the decisions that would be denied without it: none means nothing needed it."""
    already = set(denied(decisions, policies, boundary))
    return {
        name: [index for index in denied(decisions, fewer, boundary) if index not in already]
        for name, fewer in _each_left_out(policies)
    }


def _each_left_out(policies: Mapping[str, Document]) -> Iterator[tuple[str, dict[str, Document]]]:
    for policy, document in policies.items():
        statements = document["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        for index, statement in enumerate(listed):
            rest = [each for each in listed if each is not statement]
            yield (
                f"{policy}/{statement.get('Sid') or index}",
                {**policies, policy: {**document, "Statement": rest}},
            )


def _allows(decision: Decision, parsed: list[Any], limits: list[Any]) -> bool:
    from ministack.core import iam_evaluator

    context = iam_evaluator.EvalContext(
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
    result = iam_evaluator.evaluate(context, parsed, *limits)
    if decision["resource_policy"] is not None:
        result = iam_evaluator.combine_resource_policy(
            result,
            context,
            decision["resource_policy"],
            decision["resource_owner"],
            required=decision["resource_policy_required"],
            limits=tuple(limits),
        )
    return bool(result.decision == "Allow")


def main() -> None:
    asked = json.load(sys.stdin)
    decisions, policies = asked["decisions"], asked["policies"]
    if asked.get("role"):
        decisions = [each if each["role"] == asked["role"] else {**each, "allowed": False} for each in decisions]
    boundary = asked.get("boundary")
    if asked.get("without"):
        fewer = dict(_each_left_out(policies))[asked["without"]]
        answer: dict[str, object] = {"denied": denied(decisions, fewer, boundary)}
    else:
        answer = {"flips": flips(decisions, policies, boundary)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
