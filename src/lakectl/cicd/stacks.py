"""The stacks of push to deploy: the bootstrap, and for each owner deploy roles, builds and a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lake.core.owner import PLATFORM
from lakectl.cicd.reach import BUILDS, CICD, ROLE_NAME, build_role, in_names, is_apart, reached_role
from lakectl.failure import Failure
from lakectl.package import Artifact, Platform
from lakectl.specs.lake import Cicd, LakeSpec
from lakectl.stacks import Stack, filled
from lakectl.target import Target


@dataclass(frozen=True)
class Plan:
    """What the stacks are drawn from."""

    root: Path
    spec: LakeSpec
    teams: tuple[str, ...]
    environments: tuple[str, ...]
    functions: Artifact
    platform: Platform

    @property
    def cicd(self) -> Cicd:
        return self.spec.cicd

    @property
    def here(self) -> tuple[str, ...]:
        """The environments of the deployment account and its region."""
        return tuple(name for name in self.environments if not is_apart(self.spec, name))

    @property
    def apart(self) -> tuple[str, ...]:
        """The environments that builds reach by a role of theirs."""
        return tuple(name for name in self.environments if is_apart(self.spec, name))

    @property
    def owners(self) -> tuple[str, ...]:
        return (PLATFORM, *self.teams)


def plan_for(root: Path, spec: LakeSpec, teams: tuple[str, ...], functions: Artifact, platform: Platform) -> Plan:
    """Raises Failure for what the pipelines cannot do yet."""
    chosen = tuple(spec.cicd.promote or spec.environments)
    unknown = [name for name in chosen if name not in spec.environments]
    if unknown:
        raise Failure(f"lake.yaml promotes to {unknown[0]}, which is not among its environments.")
    if CICD in spec.environments or PLATFORM in teams:
        raise Failure(f"'{CICD}' is no name for an environment, nor '{PLATFORM}' for a team: pipelines use them.")
    if len(chosen) > 3:
        raise Failure("A pipeline passes through at most three environments: list them in lake.yaml, cicd.promote.")
    if spec.cicd.provider != "CodeCommit" and "/" not in spec.cicd.repository:
        raise Failure(f"lake.yaml, cicd.repository: write owner/name for {spec.cicd.provider}.")
    plan = Plan(root, spec, teams, chosen, functions, platform)
    _check_roles(plan)
    return plan


def _check_roles(plan: Plan) -> None:
    """What other accounts call by name must fit into one, and lie in the same partition of AWS."""
    for owner in plan.owners:
        own = [build_role(plan.spec, build, owner) for build in BUILDS]
        reached = [reached_role(plan.spec, build, name, owner) for build in BUILDS for name in plan.apart]
        for role in (*own, *reached):
            name = role.rpartition("/")[2]
            if len(name) > ROLE_NAME:
                raise Failure(
                    f"The role {name} of {owner} would have {len(name)} characters, and IAM allows {ROLE_NAME}: "
                    "give the domain, the environment or the team a shorter name."
                )
            if role.split(":")[1] != own[0].split(":")[1]:
                raise Failure(
                    f"{role} is in another partition of AWS than {own[0]}, and no role can be assumed across: "
                    "give each partition a lake.yaml of its own."
                )


def first_stacks(plan: Plan) -> list[Stack]:
    """What everything else needs first."""
    return [bootstrap_stack(plan), _stack(plan, "boundary", "boundary", PLATFORM, {}, ("bootstrap",))]


def bootstrap_stack(plan: Plan) -> Stack:
    """The source, and where its artifacts are kept."""
    known = {
        "Provider": plan.cicd.provider,
        "Repository": plan.cicd.repository,
        "NotificationEmail": plan.cicd.email or "",
        "LogsRetentionDays": str(plan.spec.retention.days["logs"]),
    }
    return _stack(plan, "bootstrap", "bootstrap", PLATFORM, known, ())


def owned_stacks(plan: Plan, boundary: str) -> Iterator[Stack]:
    """Deploy roles, builds and pipelines of all owners; and the function that hears of pushes to CodeCommit."""
    stages = dict(zip(("First", "Second", "Third"), (*plan.environments, "", ""), strict=False))
    yield _stack(plan, "teams", "teams", PLATFORM, {"Boundary": boundary, **_reached(plan, "teams", PLATFORM)}, ())
    source = {"Repository": plan.cicd.repository, "Branch": plan.cicd.branch, "ConnectionId": plan.cicd.connection}
    for owner in plan.owners:
        team = owner != PLATFORM
        # builds hold the roles that a pipeline's first execution needs
        for environment in plan.here:
            yield _deployer(plan, environment, owner, boundary)
        check = {"Check": "datasets" if team else plan.cicd.check, "InNames": in_names(owner)}
        yield _stack(plan, "builds", "builds", owner, {**check, **_reached(plan, "deploy", owner)}, ("deployer",))
        verify = {"InNames": in_names(owner), **_reached(plan, "verify", owner)}
        yield _stack(plan, "verify", "verify", owner, verify, ())
        before = ("builds", "verify") if team else ("builds", "verify", "teams")
        yield _stack(plan, "pipeline", "pipeline", owner, {**stages, **source}, before)
    if plan.cicd.provider == "CodeCommit":
        code = {"FunctionsCode": plan.functions.key, "Runtime": plan.platform.runtime}
        yield _stack(plan, "push", "push", PLATFORM, {**source, **code}, ())


def boundary_apart(plan: Plan) -> Stack:
    """What the roles of an environment that is apart need first."""
    return _stack(plan, "boundary", "boundary", PLATFORM, {}, ())


def stacks_apart(plan: Plan, environment: str, boundary: str) -> Iterator[Stack]:
    """In the account of an environment that is apart: what builds reach it by, and deploy roles of all owners."""
    known = {"Target": environment, "BuildAccount": plan.spec.deployment.account}
    yield _stack(plan, "reach-teams", f"teams-{environment}", PLATFORM, {**known, "Boundary": boundary}, ())
    for owner in plan.owners:
        yield _deployer(plan, environment, owner, boundary)
        yield _stack(plan, "reach", f"reach-{environment}", owner, {**known, "InNames": in_names(owner)}, ())


def _deployer(plan: Plan, environment: str, owner: str, boundary: str) -> Stack:
    team = {"Team": owner, "InNames": in_names(owner)} if owner != PLATFORM else {}
    given = {**team, "Boundary": boundary, "Environment": environment}
    return _stack(plan, "team-deployer" if team else "deployer", f"deployer-{environment}", owner, given, ())


def _reached(plan: Plan, build: str, owner: str) -> dict[str, str]:
    """The roles that a build assumes elsewhere."""
    return {"Reached": ",".join(reached_role(plan.spec, build, name, owner) for name in plan.apart)}


def _stack(plan: Plan, template: str, name: str, owner: str, known: Mapping[str, str], after: tuple[str, ...]) -> Stack:
    path = plan.root / f"templates/cicd/{template}.yaml"
    prefix = f"{plan.spec.domain}-{CICD}"
    before = [
        f"{one}-{environment}" if one == "deployer" else one
        for one in after
        for environment in (plan.here if one == "deployer" else ("",))
    ]
    named = {"Domain": plan.spec.domain, "Environment": CICD, "Owner": owner}
    tags = {
        "lake:domain": plan.spec.domain,
        "lake:environment": CICD,
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
        tags={f"lake:{name}": value for name, value in tags.items()},
    )


def _name(prefix: str, name: str, owner: str) -> str:
    single = name in ("bootstrap", "boundary", "push") or name.startswith("teams")
    return f"{prefix}-{name}" if single else f"{prefix}-{name}-{in_names(owner)}"


def cicd_target(target: Target) -> Target:
    """The same account and region, for the stacks of the pipelines."""
    return replace(target, environment=CICD)
