"""Permissions that a change widens or narrows, statement by statement."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Literal

from lakectl.lint.document import many
from lakectl.lint.project import policies_of
from lakectl.plan.template import Resource

Verdict = Literal["widened", "narrowed", "changed"]
TRUST = "AssumeRolePolicyDocument"
ANYONE = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """The smallest part of a statement: one action on one resource for one principal, under one condition."""

    effect: str
    principal: str
    action: str
    resource: str
    condition: str

    def __str__(self) -> str:
        words = [self.action, f"on {self.resource}" if self.resource else "", f"for {self.principal}"]
        words = [word for word in words if word and word != "for "]
        return " ".join([*words, f"when {self.condition}"] if self.condition else words)

    def covers(self, other: Grant) -> bool:
        """Whether whoever has this one gains nothing by the other."""
        return (
            self.effect == other.effect
            and self.condition in ("", other.condition)
            and _covers(self.principal, other.principal)
            and _covers(self.action.lower(), other.action.lower())
            and _covers(self.resource, other.resource)
        )


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of one policy, taken apart."""

    policy: str
    sid: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class PermissionChange:
    """What one statement allows that nothing of the same resource allowed before, and the other way round."""

    resource: str
    policy: str
    sid: str
    gains: tuple[str, ...]
    loses: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        if self.gains and self.loses:
            return "changed"
        return "widened" if self.gains else "narrowed"


def permission_changes(before: Mapping[str, Resource], after: Mapping[str, Resource]) -> tuple[PermissionChange, ...]:
    """Of a whole stack. A statement that another of the same resource takes over changes nothing."""
    found: list[PermissionChange] = []
    for name in dict.fromkeys([*after, *before]):
        old = list(statements_of(before[name])) if name in before else []
        new = list(statements_of(after[name])) if name in after else []
        found += _of_resource(name, old, new)
    return tuple(found)


def statements_of(resource: Resource) -> Iterator[Statement]:
    for policy, document in policies_of(resource.properties):
        for number, said in enumerate(many(document.get("Statement"))):
            yield Statement(policy, str(said.get("Sid") or f"statement {number + 1}"), tuple(_grants(policy, said)))
    if resource.type == "AWS::IAM::Role":
        for arn in many(resource.properties.get("ManagedPolicyArns")):
            everything = Grant("Allow", ANYONE, f"everything in {_told(arn)}", "", "")
            yield Statement("ManagedPolicyArns", _told(arn), (everything,))
        boundary = resource.properties.get("PermissionsBoundary")
        if boundary:
            outside = Grant("Deny", ANYONE, f"everything outside {_told(boundary)}", "", "")
            yield Statement("PermissionsBoundary", "boundary", (outside,))
    if resource.type == "AWS::Lambda::Permission":
        yield Statement("Permission", resource.name, (_invocation(resource.properties),))


def _of_resource(name: str, old: Sequence[Statement], new: Sequence[Statement]) -> Iterator[PermissionChange]:
    gained = _news(new, old)
    lost = _news(old, new)
    for policy, sid in dict.fromkeys([*gained, *lost]):
        more, less = gained.get((policy, sid), []), lost.get((policy, sid), [])
        gains = [*_allowed(more), *_forbidden(less, "no longer forbidden: ")]
        loses = [*_allowed(less), *_forbidden(more, "forbidden: ")]
        yield PermissionChange(name, policy, sid, tuple(gains), tuple(loses))


def _news(these: Sequence[Statement], those: Sequence[Statement]) -> dict[tuple[str, str], list[Grant]]:
    """What these statements say that those do not, by policy and Sid."""
    found: dict[tuple[str, str], list[Grant]] = {}
    known = [grant for each in those for grant in each.grants]
    for one in these:
        if fresh := [grant for grant in one.grants if not any(other.covers(grant) for other in known)]:
            found[one.policy, one.sid] = fresh
    return found


def _allowed(grants: Iterable[Grant]) -> Iterator[str]:
    return (str(one) for one in grants if one.effect == "Allow")


def _forbidden(grants: Iterable[Grant], words: str) -> Iterator[str]:
    return (f"{words}{one}" for one in grants if one.effect != "Allow")


def _grants(policy: str, said: Mapping[str, Any]) -> Iterator[Grant]:
    actions = _listed(said, "Action")
    resources = [""] if policy == TRUST else _listed(said, "Resource")
    condition = json.dumps(_plain(said["Condition"]), sort_keys=True) if said.get("Condition") else ""
    for principal, action, resource in product(_principals(said), actions, resources):
        yield Grant(str(said.get("Effect", "Allow")), principal, action, resource, condition)


def _listed(said: Mapping[str, Any], name: str) -> list[str]:
    """`Action` or `Resource`; what only excludes stays one opaque word, which covers nothing but itself."""
    if f"Not{name}" in said:
        return ["everything but " + ", ".join(sorted(_told(one) for one in many(said[f"Not{name}"])))]
    return [_told(one) for one in many(said.get(name))] or [""]


def _principals(said: Mapping[str, Any]) -> list[str]:
    if "NotPrincipal" in said:
        return ["everybody but " + json.dumps(_plain(said["NotPrincipal"]), sort_keys=True)]
    principal = said.get("Principal")
    if isinstance(principal, Mapping) and not _is_function(principal):
        return [_told(one) for ones in principal.values() for one in many(ones)]
    return [_told(principal)] if principal is not None else [ANYONE]


def _invocation(properties: Mapping[str, Any]) -> Grant:
    asked = {name: properties[name] for name in ("SourceArn", "SourceAccount", "PrincipalOrgID") if name in properties}
    condition = json.dumps(_plain(asked), sort_keys=True) if asked else ""
    who, what, where = (_told(properties.get(name, "")) for name in ("Principal", "Action", "FunctionName"))
    return Grant("Allow", who, what, where, condition)


def _is_function(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _told(value: Any) -> str:
    """A value as a person writes it: `${Queue.Arn}` for a GetAtt."""
    told = _plain(value)
    return told if isinstance(told, str) else json.dumps(told, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        (key, inner), *_ = value.items()
        if key == "Ref":
            return f"${{{inner}}}"
        if key == "Fn::GetAtt":
            return f"${{{'.'.join(many(inner))}}}"
        if key == "Fn::Sub" and isinstance(inner, str):
            return inner
    return {key: _plain(inner) for key, inner in value.items()}


def _covers(pattern: str, value: str) -> bool:
    return pattern == value or bool(_matcher(pattern).fullmatch(value))


@cache
def _matcher(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards: `*` stands for any text, `?` for one character, which a `*` is not."""
    words = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(words.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)
