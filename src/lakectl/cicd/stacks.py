"""The stacks of push to deploy: the bootstrap, and for each owner deploy roles, builds and a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lake.core.owner import PLATFORM
from lakectl.failure import Failure
from lakectl.package import Artifact, Platform
from lakectl.specs.lake import Cicd, LakeSpec
from lakectl.stacks import Stack, filled
from lakectl.target import Target

ENVIRONMENT = "cicd"
"""Second part of the names of everything here; no environment of the lake may be called so."""
RELEASE = "released/platform.zip"
"""Where the platform's pipeline keeps what it has deployed and verified last, for teams that build on it."""
SINGLE = ("bootstrap", "push", "teams", "pull-requests", "pull-requests-pipeline")
"""What there is once, of the platform."""


@dataclass(frozen=True)
class Plan:
    """What the stacks are drawn from. `bound` is the ARN of the boundary, known once the bootstrap stands."""

    root: Path
    spec: LakeSpec
    teams: tuple[str, ...]
    environments: tuple[str, ...]
    functions: Artifact
    platform: Platform
    repositories: Mapping[str, str] = field(default_factory=dict)
    """Teams that have a repository of their own, and which."""

    @property
    def cicd(self) -> Cicd:
        return self.spec.cicd

    def stands_in(self, environment: str) -> str:
        """The name of an environment's network; "" where there is none."""
        network = self.spec.environments[environment].network
        return network.name if network else ""

    @property
    def owners(self) -> tuple[str, ...]:
        return (PLATFORM, *self.teams)


def plan_for(
    root: Path,
    spec: LakeSpec,
    teams: tuple[str, ...],
    functions: Artifact,
    platform: Platform,
    repositories: Mapping[str, str] | None = None,
) -> Plan:
    """Raises Failure for what the pipelines cannot do yet."""
    chosen = tuple(spec.cicd.promote or spec.environments)
    unknown = [name for name in chosen if name not in spec.environments]
    if unknown:
        raise Failure(f"lake.yaml promotes to {unknown[0]}, which is not among its environments.")
    if ENVIRONMENT in spec.environments or PLATFORM in teams:
        raise Failure(
            f"'{ENVIRONMENT}' is no name for an environment, nor '{PLATFORM}' for a team: pipelines use them."
        )
    if len(chosen) > 3:
        raise Failure("A pipeline passes through at most three environments: list them in lake.yaml, cicd.promote.")
    there = {name: (spec.environments[name].account, spec.environments[name].region) for name in chosen}
    apart = [name for name in chosen if there[name] != there[chosen[0]]]
    if apart:
        raise Failure(
            f"{apart[0]} is in another account or region than {chosen[0]}. Pipelines across accounts are not built: "
            "list the environments of one account and region in lake.yaml, cicd.promote, and bootstrap each account."
        )
    if spec.cicd.connects and "/" not in spec.cicd.repository:
        raise Failure(f"lake.yaml, cicd.repository: write owner/name for {spec.cicd.provider}.")
    for team, repository in (repositories or {}).items():
        _check_repository(spec.cicd, team, repository)
    return Plan(root, spec, teams, chosen, functions, platform, repositories or {})


def _check_repository(cicd: Cicd, team: str, repository: str) -> None:
    if ("/" in repository) is not cicd.connects:
        wanted = f"owner/name for {cicd.provider}" if cicd.connects else "a name without a slash for CodeCommit"
        raise Failure(f"team/{team}.yaml, repository: write {wanted}.")
    if repository == cicd.repository:
        raise Failure(f"team/{team}.yaml, repository: {repository} is the platform's. Leave it out, or name another.")


def bootstrap_stack(plan: Plan) -> Stack:
    """What everything else needs first."""
    known = {
        "Provider": plan.cicd.provider,
        "Repository": plan.cicd.repository,
        "NotificationEmail": plan.cicd.email or "",
        "LogsRetentionDays": str(plan.spec.retention.days["logs"]),
    }
    return _stack(plan, "bootstrap", "bootstrap", PLATFORM, known, ())


def owned_stacks(plan: Plan, boundary: str, connection: str = "") -> Iterator[Stack]:
    """Deploy roles, builds and pipelines of all owners; the check of pull requests; what hears of pushes.

    `connection` is the id of a connection, "" for CodeCommit.
    """
    stages = dict(zip(("First", "Second", "Third"), (*plan.environments, "", ""), strict=False))
    yield _stack(plan, "teams", "teams", PLATFORM, {"Boundary": boundary, "ConnectionId": connection}, ())
    source = {"Repository": plan.cicd.repository, "Branch": plan.cicd.branch, "ConnectionId": connection}
    for owner in plan.owners:
        team = {"Team": owner, "InNames": in_names(owner)} if owner != PLATFORM else {}
        # builds hold the roles that a pipeline's first execution needs
        for environment in plan.environments:
            room = "team-deployer" if team else "deployer"
            network = plan.spec.environments[environment].network
            given = {
                **team,
                "Boundary": boundary,
                "Environment": environment,
                "Network": network.name if network else "",
            }
            yield _stack(plan, room, f"deployer-{environment}", owner, given, ())
        check = "datasets" if team else plan.cicd.check
        yield _stack(plan, "builds", "builds", owner, {"Check": check, "InNames": in_names(owner)}, ("deployer",))
        about = {"InNames": in_names(owner), "Repository": plan.cicd.repository}
        yield _stack(plan, "verify", "verify", owner, about, ())
        before = ("builds", "verify") if team else ("builds", "verify", "teams")
        known = {**stages, **source}
        if owner in plan.repositories:
            known |= {"Repository": plan.repositories[owner], "PlatformRelease": RELEASE}
        if owner in plan.repositories and not plan.cicd.connects:
            yield _stack(plan, "source", "source", owner, {**known, **team}, ())
            before = (*before, "source")
        yield _stack(plan, "pipeline", "pipeline", owner, known, before)
    first = {"First": plan.environments[0], "Check": plan.cicd.check, "Token": plan.cicd.token}
    yield _stack(plan, "pull-requests", "pull-requests", PLATFORM, {**source, **first}, ())
    if plan.cicd.connects:
        room = "pull-requests-pipeline"
        yield _stack(plan, room, room, PLATFORM, source, ("pull-requests",))
    else:
        code = {"FunctionsCode": plan.functions.key, "Runtime": plan.platform.runtime}
        yield _stack(plan, "push", "push", PLATFORM, {**source, **code}, ())


def in_names(owner: str) -> str:
    """An owner as it stands in the names of stacks, which allow no underscore."""
    return owner.replace("_", "-")


def _stack(plan: Plan, template: str, name: str, owner: str, known: Mapping[str, str], after: tuple[str, ...]) -> Stack:
    path = plan.root / f"templates/cicd/{template}.yaml"
    prefix = f"{plan.spec.domain}-{ENVIRONMENT}"
    before = [
        f"{one}-{environment}" if one == "deployer" else one
        for one in after
        for environment in (plan.environments if one == "deployer" else ("",))
    ]
    named = {"Domain": plan.spec.domain, "Environment": ENVIRONMENT, "Owner": owner}
    tags = {
        "lake:domain": plan.spec.domain,
        "lake:environment": ENVIRONMENT,
        "lake:room": template,
        "lake:owner": owner,
    }
    return Stack(
        name=_name(prefix, name, owner),
        room=template,
        owner=owner,
        template=path,
        parameters=filled(path, {**named, **known}),
        needs=tuple(_name(prefix, one, owner) for one in before),
        tags=tags,
    )


def _name(prefix: str, name: str, owner: str) -> str:
    return f"{prefix}-{name}" if name in SINGLE else f"{prefix}-{name}-{in_names(owner)}"


def cicd_target(target: Target) -> Target:
    """The same account and region, where the stacks of the pipelines are."""
    return replace(target, environment=ENVIRONMENT)
