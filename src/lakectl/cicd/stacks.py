"""The stacks of push to deploy: the bootstrap, and for each owner deploy roles, builds and a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lake.core.owner import PLATFORM
from lakectl.cicd.reach import BUILDS, CICD, ROLE_NAME, build_role, in_names, is_apart, reached_role
from lakectl.failure import Failure
from lakectl.package import Artifact, Platform
from lakectl.specs.lake import Cicd, LakeSpec
from lakectl.stacks import Stack, filled
from lakectl.tag import tags_of
from lakectl.target import Target

RELEASE = "released/platform.zip"
"""Where the platform's pipeline keeps what it has deployed and verified last, for teams that build on it."""
SINGLE = ("bootstrap", "boundary", "push", "teams", "pull-requests", "pull-requests-pipeline")
"""What there is once, of the platform."""


@dataclass(frozen=True)
class Plan:
    """What the stacks are drawn from."""

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
    def here(self) -> tuple[str, ...]:
        """The environments of the deployment account and its region."""
        return tuple(name for name in self.environments if not is_apart(self.spec, name))

    @property
    def apart(self) -> tuple[str, ...]:
        """The environments that builds reach by a role of theirs."""
        return tuple(name for name in self.environments if is_apart(self.spec, name))

    @property
    def checks_pull_requests(self) -> bool:
        """They are planned for the first environment, by a role of the deployment account."""
        return self.environments[0] in self.here

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
    if CICD in spec.environments or PLATFORM in teams:
        raise Failure(f"'{CICD}' is no name for an environment, nor '{PLATFORM}' for a team: pipelines use them.")
    if len(chosen) > 3:
        raise Failure("A pipeline passes through at most three environments: list them in lake.yaml, cicd.promote.")
    if spec.cicd.connects and "/" not in spec.cicd.repository:
        raise Failure(f"lake.yaml, cicd.repository: write owner/name for {spec.cicd.provider}.")
    for team, repository in (repositories or {}).items():
        _check_repository(spec.cicd, team, repository)
    plan = Plan(root, spec, teams, chosen, functions, platform, repositories or {})
    _check_roles(plan)
    return plan


def _check_repository(cicd: Cicd, team: str, repository: str) -> None:
    if ("/" in repository) is not cicd.connects:
        wanted = f"owner/name for {cicd.provider}" if cicd.connects else "a name without a slash for CodeCommit"
        raise Failure(f"team/{team}.yaml, repository: write {wanted}.")
    if repository == cicd.repository:
        raise Failure(f"team/{team}.yaml, repository: {repository} is the platform's. Leave it out, or name another.")


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


def owned_stacks(plan: Plan, boundary: str, connection: str = "") -> Iterator[Stack]:
    """Deploy roles, builds and pipelines of all owners; the check of pull requests; what hears of pushes.

    `connection` is the id of a connection, "" for CodeCommit.
    """
    stages = dict(zip(("First", "Second", "Third"), (*plan.environments, "", ""), strict=False))
    teams = {"Boundary": boundary, "ConnectionId": connection, **_reached(plan, "teams", PLATFORM)}
    yield _stack(plan, "teams", "teams", PLATFORM, teams, ())
    source = {"Repository": plan.cicd.repository, "Branch": plan.cicd.branch, "ConnectionId": connection}
    for owner in plan.owners:
        team = owner != PLATFORM
        # builds hold the roles that a pipeline's first execution needs
        for environment in plan.here:
            yield _deployer(plan, environment, owner, boundary)
        check = {"Check": "datasets" if team else plan.cicd.targets, "InNames": in_names(owner)}
        yield _stack(plan, "builds", "builds", owner, {**check, **_reached(plan, "deploy", owner)}, ("deployer",))
        verify = {"InNames": in_names(owner), "Repository": plan.cicd.repository, **_reached(plan, "verify", owner)}
        yield _stack(plan, "verify", "verify", owner, verify, ())
        before = ("builds", "verify") if team else ("builds", "verify", "teams")
        known = {**stages, **source}
        if owner in plan.repositories:
            known |= {"Repository": plan.repositories[owner], "PlatformRelease": RELEASE}
        if owner in plan.repositories and not plan.cicd.connects:
            yield _stack(plan, "source", "source", owner, {**known, "Team": owner}, ())
            before = (*before, "source")
        yield _stack(plan, "pipeline", "pipeline", owner, known, before)
    if plan.checks_pull_requests:
        yield from _pull_requests(plan, source)
    if not plan.cicd.connects:
        code = {"FunctionsCode": plan.functions.key, "Runtime": plan.platform.runtime}
        yield _stack(plan, "push", "push", PLATFORM, {**source, **code}, ())


def _pull_requests(plan: Plan, source: Mapping[str, str]) -> Iterator[Stack]:
    first = {"First": plan.environments[0], "Check": plan.cicd.targets, "Token": plan.cicd.token}
    yield _stack(plan, "pull-requests", "pull-requests", PLATFORM, {**source, **first}, ())
    if plan.cicd.connects:
        room = "pull-requests-pipeline"
        yield _stack(plan, room, room, PLATFORM, source, ("pull-requests",))


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
    given = {**team, "Boundary": boundary, "Environment": environment, "Network": plan.stands_in(environment)}
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
    return Stack(
        name=_name(prefix, name, owner),
        room=template,
        owner=owner,
        template=path,
        parameters=filled(path, {**named, **known}),
        needs=tuple(_name(prefix, one, owner) for one in before),
        tags=tags_of(plan.spec.domain, CICD, template, owner),
    )


def _name(prefix: str, name: str, owner: str) -> str:
    single = name in SINGLE or name.startswith("teams-")
    return f"{prefix}-{name}" if single else f"{prefix}-{name}-{in_names(owner)}"


def cicd_target(target: Target) -> Target:
    """The same account and region, for the stacks of the pipelines."""
    return replace(target, environment=CICD)
