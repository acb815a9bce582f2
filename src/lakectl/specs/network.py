"""The network of one environment: made by the lake, or one that the company has."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from lakectl.specs.model import Spec, matching

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""Where addresses may lie that no endpoint on the internet has."""
WIDEST, NARROWEST = 16, 24
"""A VPC takes no range beyond /16; half of a /24 is 123 addresses, one for each endpoint and each worker of a job."""


def _range(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        found = ipaddress.IPv4Network(value if "/" in value else "", strict=False)
    except ValueError:
        raise _wrong(f"{value!r} is not a range of addresses.", "Write it like '10.20.0.0/20'.") from None
    if not WIDEST <= found.prefixlen <= NARROWEST:
        hint = f"Take a range from /{WIDEST} to /{NARROWEST}: each endpoint and each worker of a job has an address."
        raise _wrong(f"{value!r} has {found.num_addresses:,} addresses.", hint)
    if value != str(found):
        raise _wrong(f"{value!r} is an address in the range {found}.", f"Write '{found}'.")
    if not any(found.subnet_of(ipaddress.IPv4Network(one)) for one in PRIVATE):
        raise _wrong(f"{value!r} is not private.", f"Take a range within {', '.join(PRIVATE)}.")
    return value


def _wrong(problem: str, hint: str, at: str = "") -> PydanticCustomError:
    return PydanticCustomError("network", "{problem}", {"problem": problem, "hint": hint, "at": at})


Range = Annotated[str, BeforeValidator(_range), WithJsonSchema({"type": "string", "examples": ["10.20.0.0/20"]})]
Zone = Annotated[str, matching(r"[a-z]{2}(-[a-z]+)+-\d[a-z]", "an availability zone", "eu-west-1a")]
Vpc = Annotated[str, matching(r"vpc-[0-9a-f]{8,17}", "the id of a VPC", "vpc-0a1b2c3d4e5f60718")]
Subnet = Annotated[str, matching(r"subnet-[0-9a-f]{8,17}", "the id of a subnet", "subnet-0a1b2c3d4e5f60718")]


class Network(Spec):
    """Where functions and jobs stand: `cidr` makes a network without internet, `vpc` and `subnets` name one."""

    cidr: Annotated[Range | None, Field(description="Range of addresses of a network that the lake makes.")] = None
    vpc: Annotated[Vpc | None, Field(description="A network that is there already, and reaches AWS.")] = None
    subnets: Annotated[
        dict[Zone, Subnet], Field(description="Its two private subnets, each by its zone.", default_factory=dict)
    ]

    @model_validator(mode="after")
    def _one_of_two(self) -> Network:
        if bool(self.cidr) == bool(self.vpc or self.subnets):
            hint = "Write cidr to have a network made, or vpc and subnets to use one."
            raise _wrong("must say cidr, or vpc and subnets, and not both.", hint)
        if self.cidr:
            return self
        if self.vpc is None:
            raise _wrong("the key vpc is missing.", "Add it.")
        if len(set(self.subnets.values())) != 2 or len(self.subnets) != 2:
            hint = "Name two private subnets, each by its zone: {eu-west-1a: subnet-…, eu-west-1b: subnet-…}."
            raise _wrong("a lake stands in two subnets, in two zones.", hint, "subnets" if self.subnets else "")
        return self

    @property
    def name(self) -> str:
        """Changes when functions and jobs must stand elsewhere, and only then."""
        return self.cidr or ",".join([str(self.vpc), *(f"{zone}={self.subnets[zone]}" for zone in self.zones)])

    @property
    def zones(self) -> list[str]:
        return sorted(self.subnets)

    @property
    def halves(self) -> list[str]:
        """The ranges of the two subnets of a network that is made."""
        return [str(half) for half in ipaddress.IPv4Network(str(self.cidr)).subnets()]

    @property
    def addresses(self) -> int:
        """How many addresses a network that is made has."""
        return ipaddress.IPv4Network(str(self.cidr)).num_addresses

    def overlaps(self, other: Network) -> bool:
        """Whether two networks that are made could never be joined."""
        if not (self.cidr and other.cidr):
            return False
        return ipaddress.IPv4Network(self.cidr).overlaps(ipaddress.IPv4Network(other.cidr))
