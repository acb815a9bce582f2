"""lake.yaml: the lake as a whole."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from lakectl.specs.model import ShortName, Spec, matching
from lakectl.specs.network import Network
from lakectl.specs.quantity import Seconds

DAY = 86400


def _whole_days(value: int) -> int:
    if value % DAY:
        raise PydanticCustomError("days", "S3 expires objects by the day.", {"hint": "Write whole days."})
    return value


Days = Annotated[Seconds, AfterValidator(_whole_days)]
"""A duration of whole days, in seconds."""

Account = Annotated[str, matching(r"\d{12}", "the number of an AWS account", "123456789012")]
Region = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d", "a region", "eu-west-1")]
Email = Annotated[str, matching(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", "someone@example.com")]

Principal = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/\S+",
        "the ARN of a role or a user",
        "arn:aws:iam::123456789012:role/data-lake-administrator",
    ),
]


class Environment(Spec):
    """Where one environment runs; with `network`, functions and jobs stand in a VPC without internet."""

    account: Account
    region: Region
    network: Network | None = None

    @model_validator(mode="after")
    def _zones_of_the_region(self) -> Environment:
        for zone in self.network.zones if self.network else ():
            if zone[:-1] != self.region:
                words = {"zone": zone, "region": self.region, "at": "network"}
                hint = f"Name zones of this region, like '{self.region}a'."
                raise PydanticCustomError("zone", "{zone} is no zone of {region}.", {**words, "hint": hint})
        return self


class Retention(Spec):
    """How long files are kept. Expiry never removes rows from a table."""

    raw: Days = 90 * DAY
    stage: Days = 365 * DAY
    logs: Days = 30 * DAY

    @property
    def days(self) -> dict[str, int]:
        return {"raw": self.raw // DAY, "stage": self.stage // DAY, "logs": self.logs // DAY}


class Alarms(Spec):
    """Who hears of the platform's alarms; a team's are in team/<team>.yaml."""

    email: Email


class Budget(Spec):
    """US dollars of a month for all that carries the lake's tags, and who is told at 80 and 100 percent."""

    dollars: Annotated[int, Field(ge=1)]
    email: Email


class LakeFormation(Spec):
    """Who administers permissions in Lake Formation: one to three roles or users, by ARN."""

    administrators: Annotated[list[Principal], Field(min_length=1, max_length=3)]


class Cicd(Spec):
    """Push to deploy: where the commits come from, and the environments that they pass through, in this order.

    The pipelines themselves are in `account` and `region`, by default those of the first environment.
    """

    account: Account | None = None
    region: Region | None = None
    provider: Literal["CodeCommit", "GitHub", "GitLab", "Bitbucket"] = "CodeCommit"
    repository: str = "lake"
    connection: str = ""
    token: Annotated[str, matching(r"(/[\w.-]+)+|", "the name of a parameter", "/lake/cicd/token")] = ""
    """Behind a connection: the parameter in SSM that holds a token which may comment on pull requests."""
    branch: str = "main"
    promote: Annotated[list[ShortName], Field(max_length=3, default_factory=list)]
    check: Literal["check", "quick"] = "check"
    also: list[Literal["scan", "audit"]] | None = None
    """More targets of make that a commit of the platform must pass; by default `scan` beside `check`."""
    email: Email | None = None
    smoke: list[ShortName] | None = None
    """Environments in which `lake verify` sends samples through; by default all before the last."""

    @property
    def targets(self) -> str:
        """What make is asked for at each commit of the platform."""
        usual = ["scan"] if self.check == "check" else []
        return " ".join([self.check, *(usual if self.also is None else self.also)])

    @property
    def connects(self) -> bool:
        """Whether commits come through a connection, which a person confirms once."""
        return self.provider != "CodeCommit"


class LakeSpec(Spec):
    """The organisation, the domain, and where each environment runs."""

    NOT_BUILT: ClassVar[dict[str, str]] = {
        "encryption": "Every store is encrypted: data with a key of the platform, queues with a key of their team.",
    }
    ELSEWHERE: ClassVar[dict[str, str]] = {
        "network": "It belongs to an environment: write {account: …, region: …, network: {cidr: 10.20.0.0/20}}.",
    }

    organisation: str
    description: str = ""
    domain: ShortName
    environments: Annotated[dict[ShortName, Environment], Field(min_length=1)]
    retention: Retention = Retention()
    alarms: Alarms | None = None
    dashboards: bool = False
    audit: bool = False
    tracing: bool = False
    budget: Budget | None = None
    lake_formation: LakeFormation | None = None
    cicd: Annotated[Cicd, Field(default_factory=Cicd)]

    @model_validator(mode="after")
    def _networks_apart(self) -> LakeSpec:
        made = [(name, one.network) for name, one in self.environments.items() if one.network]
        for (one, network), (other, beside) in combinations(made, 2):
            if network.overlaps(beside):
                words = {"other": other, "range": beside.cidr, "one": one, "more": network.cidr, "at": "environments"}
                hint = "Take ranges that lie apart: networks that overlap can never be joined."
                problem = "the network of {other}, {range}, overlaps that of {one}, {more}."
                raise PydanticCustomError("overlap", problem, {**words, "hint": hint})
        return self

    @property
    def switched_on(self) -> frozenset[str]:
        """The optional rooms that this lake has."""
        switches = {
            "dashboard": self.dashboards,
            "audit": self.audit,
            "budget": self.budget is not None,
            "lake-formation": self.lake_formation is not None,
        }
        return frozenset(room for room, on in switches.items() if on)

    @property
    def deployment(self) -> Environment:
        """The account and region where pipelines are."""
        first = next(iter(self.environments.values()))
        return Environment(account=self.cicd.account or first.account, region=self.cicd.region or first.region)

    @property
    def tries_samples_in(self) -> tuple[str, ...]:
        """The environments where samples are sent through what is deployed; the only one, if there is no other."""
        if self.cicd.smoke is not None:
            return tuple(self.cicd.smoke)
        passed = tuple(self.cicd.promote or self.environments)
        return passed[:-1] or passed
