"""An account: whose credentials these are, whether its names are free, and whether its quotas suffice.

Each question that may not be asked, or that the service does not answer, is a note and no failure. Sources:
https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeAccountLimits.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
https://docs.aws.amazon.com/general/latest/gr/glue.html
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/endpoints-quotas.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from lakectl.doctor.check import Check, judged
from lakectl.specs.load import Lake
from lakectl.specs.network import Network
from lakectl.specs.pipeline import EMR_WORKERS
from lakectl.stacks import FOUNDATIONS, NETWORK, OPTIONAL, OPTIONAL_OF_A_TEAM, ROOMS_OF_A_TEAM
from lakectl.target import Target

TOPIC = "account"
ZONES = ("raw", "stage", "analytics", "results", "logs", "artifacts")
DPUS = {"G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}
STACKS = len(FOUNDATIONS) + len(NETWORK) + len(OPTIONAL)
STACKS_OF_A_TEAM = 1 + len(ROOMS_OF_A_TEAM) + len(OPTIONAL_OF_A_TEAM)
ROLES, ROLES_OF_A_TEAM = 3, 9
"""Stacks and roles with every optional room."""
ENDPOINTS = 8
"""Interface endpoints of a network that the lake makes; each has an address in both subnets."""
RESERVED = 5
"""Addresses of a subnet that AWS keeps: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""
VPCS = "L-F678F1CE"
"""The quota of VPCs in a region."""
GLUE_RUNS = ("Glue", "glue", "concurrent job runs per account", "Glue runs at a time")
GLUE_DPUS = ("Glue", "glue", "dpus", "Glue DPUs")
EMR_VCPUS = ("EMR Serverless", "emr-serverless", "concurrent vcpus per account", "EMR Serverless vCPUs")
"""Service, its code in Service Quotas, words of the quota's name, and what we call it."""
OF_THE_PLATFORM = 20
"""Functions of the platform that may run at the same time; a team has its stage A and five more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a lake needs of its account."""

    stacks: int
    roles: int
    functions: int
    runs: int
    dpus: int
    vcpus: int


def wanted_by(lake: Lake) -> Wanted:
    teams, datasets = len(lake.teams), len(lake.datasets)
    heavy = [(lake.pipeline_of(team).stage_b, lake.pipeline_of(team).stage_a) for team in lake.teams]
    return Wanted(
        stacks=STACKS + teams * STACKS_OF_A_TEAM + datasets,
        roles=ROLES + teams * ROLES_OF_A_TEAM,
        functions=OF_THE_PLATFORM + sum(light.concurrency + 5 for _, light in heavy),
        runs=datasets,
        dpus=sum(job.workers * DPUS[job.worker] for job, _ in heavy if job.engine == "glue"),
        vcpus=sum(job.workers * EMR_WORKERS[job.worker].cores for job, _ in heavy if job.engine == "emr-serverless"),
    )


def look(target: Target, lake: Lake) -> Iterator[Check]:
    owner = _asked("credentials", lambda: _credentials(target))
    yield owner
    if owner.state == "mend":
        return
    wanted = wanted_by(lake)
    for zone in ZONES:
        yield _asked(f"bucket {zone}", partial(_bucket, target, zone))
    yield _asked("functions at a time", lambda: _functions(target, wanted.functions))
    yield _asked("stacks", lambda: _stacks(target, wanted.stacks))
    yield _asked("roles", lambda: _roles(target, wanted.roles))
    yield _asked("Glue runs at a time", lambda: _quota(target, *GLUE_RUNS, wanted.runs))
    yield _asked("Glue DPUs", lambda: _quota(target, *GLUE_DPUS, wanted.dpus))
    if wanted.vcpus:
        yield _asked("EMR Serverless vCPUs", lambda: _quota(target, *EMR_VCPUS, wanted.vcpus))
    network = lake.spec.environments[target.environment].network
    if network and network.cidr:
        yield _asked("networks", lambda: _networks(target))
        yield addresses(lake, network)


def _asked(name: str, ask: Callable[[], Check]) -> Check:
    try:
        return ask()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        fix = f"Allow {error.operation_name} to who deploys, or look it up in the console."
        return Check(TOPIC, name, "note", f"unknown: {code}", fix)
    except BotoCoreError as error:
        fix = "Log in (aws sso login), or choose a profile (AWS_PROFILE)."
        return Check(TOPIC, name, "mend" if name == "credentials" else "note", str(error), fix)


def _credentials(target: Target) -> Check:
    try:
        found = target.client("sts").get_caller_identity()
    except ClientError as error:
        return Check(TOPIC, "credentials", "mend", str(error), "Log in (aws sso login), or choose a profile.")
    fix = f"lake.yaml says {target.account} for {target.environment}: choose another profile, or correct lake.yaml."
    return judged(TOPIC, "credentials", found["Account"] == target.account, str(found["Arn"]), fix)


def _bucket(target: Target, zone: str) -> Check:
    """Bucket names are the world's: one that is taken by another account can never be ours."""
    name = f"{target.prefix}-{target.account}-{target.region}-{zone}"
    try:
        target.client("s3").head_bucket(Bucket=name, ExpectedBucketOwner=target.account)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in ("404", "NoSuchBucket", "NotFound"):
            return Check(TOPIC, f"bucket {zone}", "ok", f"{name} is free")
        if code != "403":
            raise
        fix = "Choose another `domain` in lake.yaml, or ask who owns it."
        return Check(TOPIC, f"bucket {zone}", "mend", f"{name} belongs to another account, or is closed to you", fix)
    return Check(TOPIC, f"bucket {zone}", "ok", f"{name} is ours")


def _functions(target: Target, wanted: int) -> Check:
    limit = target.client("lambda").get_account_settings()["AccountLimit"]
    free = int(limit.get("UnreservedConcurrentExecutions", limit["ConcurrentExecutions"]))
    return _enough(target, "functions at a time", free, wanted, "Lambda, Concurrent executions")


def _stacks(target: Target, wanted: int) -> Check:
    client = target.client("cloudformation")
    limits = {one["Name"]: int(one["Value"]) for one in client.describe_account_limits()["AccountLimits"]}
    pages = client.get_paginator("describe_stacks").paginate()
    others = sum(not one["StackName"].startswith(f"{target.prefix}-") for page in pages for one in page["Stacks"])
    return _enough(target, "stacks", limits["StackLimit"] - others, wanted, "CloudFormation, Stack count")


def _roles(target: Target, wanted: int) -> Check:
    summary = target.client("iam").get_account_summary()["SummaryMap"]
    ours = sum(_of_us(one["RoleName"], target) for one in _all_roles(target))
    return _enough(target, "roles", summary["RolesQuota"] - summary["Roles"] + ours, wanted, "IAM, Roles per account")


def _all_roles(target: Target) -> Iterator[dict[str, str]]:
    for page in target.client("iam").get_paginator("list_roles").paginate():
        yield from page["Roles"]


def _of_us(name: str, target: Target) -> bool:
    return name.startswith(f"{target.prefix}-")


def _quota(target: Target, service: str, code: str, words: str, name: str, wanted: int) -> Check:
    pages = target.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=code)
    found = [one for page in pages for one in page["Quotas"] if words in one["QuotaName"].lower()]
    if not found:
        fix = f"Look into the console: Service Quotas, {service}."
        return Check(TOPIC, name, "note", "Service Quotas does not tell", fix)
    there = int(min(one["Value"] for one in found))
    return _enough(target, name, there, wanted, f"{service}, {found[0]['QuotaName']}")


def _networks(target: Target) -> Check:
    pages = target.client("ec2").get_paginator("describe_vpcs").paginate()
    tags = [{one["Key"]: one["Value"] for one in vpc.get("Tags", [])} for page in pages for vpc in page["Vpcs"]]
    ours = {"lake:domain": target.domain, "lake:environment": target.environment}
    others = sum(not ours.items() <= one.items() for one in tags)
    quota = target.client("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode=VPCS)["Quota"]
    return _enough(target, "networks", int(quota["Value"]) - others, 1, "VPC, VPCs per Region")


def addresses(lake: Lake, network: Network) -> Check:
    """Whether the largest run of every team finds addresses at the same time; a run stands in one subnet."""
    there = network.addresses // 2 - RESERVED - ENDPOINTS
    wanted = sum(lake.pipeline_of(team).stage_b.most for team in lake.teams)
    fix = "Take a wider cidr in lake.yaml, or fewer most_workers in pipelines/<name>.yaml."
    return judged(TOPIC, "addresses", there >= wanted, f"{there:,} in a subnet, {wanted:,} workers", fix)


def _enough(target: Target, name: str, there: int, wanted: int, quota: str) -> Check:
    if target.local and there < wanted:
        fix = "Nothing is lost of it: on a laptop the others wait for their turn."
        return Check(TOPIC, name, "note", f"{there:,} there, {wanted:,} wanted", fix)
    fix = f"Ask for more in Service Quotas ({quota}); requests take hours to days."
    return judged(TOPIC, name, there >= wanted, f"{there:,} there, {wanted:,} wanted", fix)
