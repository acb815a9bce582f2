"""Stacks as they would stand in an account, and what CloudFormation asks for to make, change and delete them.

What only AWS knows is made up as the local cloud makes it up: names of resources, and ARNs of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lakectl.lint.document import many, read, strings_in
from lakectl.plan.template import VARIABLE, Resource, resources_of
from lakectl.stacks import Stack
from lakelocal.inside.provisioning_demands import REFERENCE, of_creation, of_deletion, of_update, reference_demand
from lakelocal.inside.provisioning_needs import TYPES
from lakelocal.inside.request import Demand

ACCOUNT, REGION = "123456789012", "eu-west-1"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
}
REFERRED_TO_BY_ARN = ("AWS::IAM::ManagedPolicy", "AWS::SNS::Topic", "AWS::StepFunctions::StateMachine")
VERSIONED = {"AWS::Lambda::Alias": ":live", "AWS::Lambda::Version": ":1"}


class StandingStacks:
    """The stacks of one account and region."""

    def __init__(self, stacks: Iterable[Stack]) -> None:
        self._stacks = {stack.name: resources_of(_document(stack.template), stack.parameters) for stack in stacks}
        self._written = {
            self._filled(stack, one.properties["Name"]): (stack, one.properties["Value"])
            for stack, resources in self._stacks.items()
            for one in resources.values()
            if one.type == "AWS::SSM::Parameter"
        }

    def demands(self, stack: Stack) -> Iterator[Demand]:
        """All that the table of provisioning says of a stack's resources, each as it is and with every property new."""
        for one in self._stacks[stack.name].values():
            filled = self._filled(stack.name, one.properties)
            for text in strings_in(filled):
                for found in REFERENCE.finditer(text):
                    if asked := reference_demand(found[0], REGION, ACCOUNT):
                        yield asked
            properties = self._with_tags(stack, one.type, self._known(filled))
            physical = self._name(stack.name, one)
            yield from of_creation(one.type, one.name, properties, stack.name, REGION, ACCOUNT)
            yield from of_update(one.type, physical, {}, properties, REGION, ACCOUNT)
            if one.deletion != "Retain":
                yield from of_deletion(one.type, physical, properties, REGION, ACCOUNT)

    def policies(self, stack: str, role: str) -> dict[str, Any]:
        """A role's own policies, those that its stack attaches to it, and its boundary, as the replay asks for them."""
        resources, says = self._stacks[stack], self.properties(stack, role)
        policies = {one["PolicyName"]: one["PolicyDocument"] for one in says["Policies"]}
        for name, other in resources.items():
            if other.type == "AWS::IAM::ManagedPolicy" and {"Ref": role} in other.properties.get("Roles", []):
                policies[name] = self.properties(stack, name)["PolicyDocument"]
        return {"policies": policies, "boundary": self._boundary(says)}

    def properties(self, stack: str, name: str) -> dict[str, Any]:
        """The properties of a resource, with all that is known."""
        found: dict[str, Any] = self._known(self._filled(stack, self._stacks[stack][name].properties))
        return found

    def arn(self, stack: str, name: str) -> str:
        return self._arn(stack, self._stacks[stack][name])

    def _boundary(self, role: Mapping[str, Any]) -> Any:
        """The document of a role's boundary; none where it has none."""
        wanted = role.get("PermissionsBoundary")
        for stack, resources in self._stacks.items() if wanted else ():
            for one in resources.values():
                if one.type == "AWS::IAM::ManagedPolicy" and self._arn(stack, one) == wanted:
                    return self.properties(stack, one.name)["PolicyDocument"]
        assert wanted is None, f"{wanted} is the boundary of a role, and of no stack"
        return None

    def _with_tags(self, stack: Stack, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
        """CloudFormation gives the tags of a stack to its resources."""
        tags = [{"Key": key, "Value": value} for key, value in stack.tags.items()]
        told = {name: tags for name in ("Tags", "ResourceTags") if kind in TYPES and name in TYPES[kind].properties}
        return {**properties, **told}

    def _filled(self, stack: str, value: Any) -> Any:
        """A value with what other resources of its stack are called."""
        if isinstance(value, list):
            return [self._filled(stack, one) for one in value]
        if not isinstance(value, Mapping):
            return value
        match list(value.items()):
            case [("Ref", name)]:
                return self._referred(stack, name)
            case [("Fn::GetAtt", place)]:
                name, attribute = place if isinstance(place, list) else place.split(".", 1)
                return self._attribute(stack, name, attribute)
            case [("Fn::Sub", said)]:
                return self._substituted(stack, said)
        return {key: self._filled(stack, one) for key, one in value.items()}

    def _substituted(self, stack: str, said: Any) -> str:
        text, more = said if isinstance(said, list) else (said, {})
        named = self._filled(stack, more)

        def word(name: str) -> str:
            if name in named:
                return str(named[name])
            resource, _, attribute = name.partition(".")
            return self._attribute(stack, resource, attribute) if attribute else self._referred(stack, name)

        return VARIABLE.sub(lambda found: word(found[1]), text)

    def _referred(self, stack: str, name: str) -> str:
        if name.startswith("AWS::"):
            return PSEUDO.get(name, name)
        one = self._stacks[stack][name]
        if one.type == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self._name(stack, one)}"
        if one.type in VERSIONED:
            return self._arn(stack, one) + VERSIONED[one.type]
        return self._arn(stack, one) if one.type in REFERRED_TO_BY_ARN else self._name(stack, one)

    def _attribute(self, stack: str, name: str, attribute: str) -> str:
        one = self._stacks[stack][name]
        return self._arn(stack, one) if attribute.endswith("Arn") else self._name(stack, one)

    def _name(self, stack: str, one: Resource) -> str:
        """The name that its properties give a resource, or that CloudFormation makes up."""
        found: Any = one.properties
        for part in TYPES[one.type].name.split(".") if one.type in TYPES else ():
            found = found.get(part) if isinstance(found, Mapping) else None
        given = self._known(self._filled(stack, many(found)[0])) if found and found is not one.properties else ""
        return given if isinstance(given, str) and given else f"{stack}-{one.name}-X"

    def _arn(self, stack: str, one: Resource) -> str:
        name = self._name(stack, one)
        return (
            name
            if name.startswith("arn:")
            else TYPES[one.type].arn[-1].format(region=REGION, account=ACCOUNT, name=name)
        )

    def _known(self, value: Any) -> Any:
        """A value with what other stacks have written down."""
        if isinstance(value, list):
            return [self._known(one) for one in value]
        if isinstance(value, Mapping):
            return {key: self._known(one) for key, one in value.items()}
        return REFERENCE.sub(lambda found: self._setting(found["name"]), value) if isinstance(value, str) else value

    def _setting(self, name: str) -> str:
        stack, value = self._written[name]
        return str(self._known(self._filled(stack, value)))


@cache
def _document(template: Path) -> dict[str, Any]:
    return read(template.read_text())
