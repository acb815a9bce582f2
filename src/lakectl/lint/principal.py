"""Whom a policy lets in from another account is named by a condition: AWS takes no principal that is not there yet.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakectl.lint.document import many, text_of
from lakectl.lint.project import Project, Statement
from lakectl.specs.finding import Finding

IDENTITY = re.compile(r"arn:.+:(?:iam|sts)::(?P<account>\$\{[\w:]+\}|\d{12}):(?P<who>.+)")
HERE = "${AWS::AccountId}"
OPERATORS = ("ArnEquals", "ArnLike", "StringEquals", "StringLike")


def check(project: Project) -> Iterator[Finding]:
    for template in project.templates:
        for statement in template.statements:
            for name in _identities(statement):
                words = (statement.resource.name, statement.sid or "Statement")
                found = IDENTITY.fullmatch(name)
                if found is None or statement.says.get("Effect") != "Allow":
                    continue
                if found["who"] != "root":
                    hint = "Let the account's root in, and name the role in a condition on aws:PrincipalArn."
                    yield template.finding(words, f"names {found['who']}, and AWS refuses one that is not there.", hint)
                elif found["account"] != HERE and not _names_its_role(statement):
                    hint = "Add the condition ArnEquals: {aws:PrincipalArn: the role's ARN}."
                    yield template.finding(words, "lets everybody of another account in.", hint)


def _identities(statement: Statement) -> Iterator[str]:
    principal = statement.says.get("Principal")
    if isinstance(principal, dict):
        yield from (text_of(one) for one in many(principal.get("AWS")))


def _names_its_role(statement: Statement) -> bool:
    condition = statement.says.get("Condition") or {}
    return any("aws:PrincipalArn" in (condition.get(operator) or {}) for operator in OPERATORS)
