"""The environment that a command speaks to: an account and region of AWS, or the cloud on this laptop."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lakectl.branch.name import check_no_branch
from lakectl.failure import Failure
from lakectl.specs.lake import Environment, LakeSpec
from lakectl.specs.load import load_settings
from lakectl.specs.name import nearest
from lakelocal import cloud


@dataclass(frozen=True)
class Target:
    """Where commands act. With a `deploy_role` CloudFormation acts as that role, else as whoever calls."""

    root: Path
    domain: str
    environment: str
    account: str
    region: str
    endpoint: str | None
    _session: boto3.Session
    deploy_role: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def local(self) -> bool:
        return self.endpoint is not None

    @property
    def acting(self) -> dict[str, str]:
        """What calls that change a stack say of the role that CloudFormation acts as."""
        return {"RoleARN": self.deploy_role} if self.deploy_role else {}

    @property
    def prefix(self) -> str:
        """What leads the name of every stack and queue: `<domain>-<environment>`."""
        return f"{self.domain}-{self.environment}"

    def client(self, service: str) -> Any:
        """One client a service; botocore's clients may be shared by threads, their making may not."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._session.client(
                    service,  # type: ignore[call-overload]
                    endpoint_url=self.endpoint,
                    config=Config(retries={"mode": "standard", "max_attempts": 5}, max_pool_connections=32),
                )
            return self._clients[service]

    def assuming(self, role: str, session: str) -> Target:
        """The same place, as a role that whoever acts now may assume: for an hour, as one role after another has."""
        keys = self.client("sts").assume_role(RoleArn=role, RoleSessionName=session)["Credentials"]
        made = boto3.Session(
            keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=self.region
        )
        return replace(self, _session=made, _clients={}, _lock=threading.Lock())

    def setting(self, room: str, owner: str, thing: str) -> str:
        """The name or ARN that a room has written down for the others."""
        name = f"/lake/{self.domain}/{self.environment}/{room}/{owner}/{thing}"
        try:
            return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            raise Failure(
                f"{self.environment} has no {room} of {owner} yet ({name} is missing). Run `lake deploy` first."
            ) from error


def environment_of(lake: LakeSpec, environment: str | None) -> str:
    """The environment of `--env`, or the first of lake.yaml. Raises Failure for one that is not there."""
    check_no_branch(lake, environment)
    name = environment or next(iter(lake.environments))
    if name not in lake.environments:
        raise Failure(f"lake.yaml has no environment '{name}'. {nearest(name, lake.environments)}")
    return name


def target_for(root: Path, environment: str | None) -> Target:
    """The target of `--env`, or of the first environment in lake.yaml. Raises Failure for another's credentials."""
    found = aimed(root, environment)
    if not found.local or cloud.running(root) is None:
        check_account(found, found.environment)
    return found


def aimed(root: Path, environment: str | None) -> Target:
    """The same, whoever the credentials belong to."""
    lake = load_settings(root)
    name = environment_of(lake, environment)
    return target_at(root, lake.domain, name, lake.environments[name])


def target_at(root: Path, domain: str, environment: str, place: Environment) -> Target:
    """What carries this environment's name in an account and region, whoever the credentials belong to."""
    if place.account in cloud.ACCOUNTS:
        return _local(root, domain, environment, place)
    session = boto3.Session(region_name=place.region)
    return Target(root, domain, environment, place.account, place.region, None, session)


def start_laptop(root: Path, *, cold: bool = False, workers: int = 1) -> cloud.Running:
    """Start the cloud on this laptop in the region that lake.yaml says for it, or find it running."""
    environments = load_settings(root).environments.values()
    region = next((one.region for one in environments if one.account in cloud.ACCOUNTS), cloud.REGION)
    return cloud.up(root, cold=cold, workers=workers, region=region)


def _local(root: Path, domain: str, environment: str, place: Environment) -> Target:
    region = place.region
    running = cloud.running(root)
    if running is None and (endpoint := os.environ.get("AWS_ENDPOINT_URL")):
        # a build of the local cloud, whose checkout has no cloud of its own: keys and endpoint come with it
        session = boto3.Session(region_name=region)
        return Target(root, domain, environment, place.account, region, endpoint, session)
    if running is None:
        raise Failure(f"{environment} is the cloud on this laptop, and it is not running. Start it: lake local up")
    if running.region != region:
        raise Failure(
            f"lake.yaml says that {environment} is in {region}, but the cloud on this laptop runs in {running.region}. "
            "Stop it and start it again: lake local down, then lake local up."
        )
    session = boto3.Session(
        aws_access_key_id=place.account, aws_secret_access_key=cloud.SECRET, region_name=running.region
    )
    return Target(root, domain, environment, place.account, running.region, running.endpoint, session)


def check_account(target: Target, what: str) -> None:
    """Refuse credentials of another account before anything is written with them."""
    found = target.client("sts").get_caller_identity()["Account"]
    if found != target.account:
        raise Failure(
            f"lake.yaml says that {what} is account {target.account}, "
            f"but these credentials belong to {found}. Choose another profile (AWS_PROFILE), or correct lake.yaml."
        )
