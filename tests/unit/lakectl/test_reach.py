"""As whom a command acts in an environment of another account: a build as its role there, a person as itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from lakectl.cicd.reach import acting_in, build_role, deployment_target, reached_role
from lakectl.doctor import reach
from lakectl.failure import Failure
from lakectl.specs.load import load_lake, load_settings
from lakectl.target import Target, aimed
from unit.specs.project import change, write_project

HOME, OTHER = "123456789012", "210987654321"
"""The account that moto plays, and another one."""
DEV = f'dev: {{account: "{HOME}", region: eu-west-1}}'
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    made = write_project(tmp_path)
    change(made, "lake.yaml", DEV, f'{DEV}\n  prod: {{account: "{OTHER}", region: eu-central-1}}')
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in KEYS:
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield made


def become(monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """Run as a session of this role, as a build does."""
    keys = boto3.client("sts", "eu-west-1").assume_role(RoleArn=role, RoleSessionName="AWSCodeBuild-1")["Credentials"]
    for name, key in zip(KEYS, ("AccessKeyId", "SecretAccessKey", "SessionToken"), strict=True):
        monkeypatch.setenv(name, keys[key])  # type: ignore[literal-required]


def caller(target: Target) -> str:
    return str(target.client("sts").get_caller_identity()["Arn"])


@pytest.mark.parametrize("build", ["deploy", "verify"])
def test_a_build_becomes_its_role_of_the_other_account(root: Path, monkeypatch: pytest.MonkeyPatch, build: str) -> None:
    become(monkeypatch, build_role(load_settings(root), build, "sea"))
    target = acting_in(root, "prod", build, "sea")
    assert caller(target) == f"arn:aws:sts::{OTHER}:assumed-role/lake-cicd-prod-{build}-sea/{build}-sea"
    assert (target.account, target.region) == (OTHER, "eu-central-1")


def test_at_home_a_build_is_what_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become(monkeypatch, build_role(load_settings(root), "deploy", "sea"))
    assert caller(acting_in(root, "dev", "deploy", "sea")).endswith("/lake-cicd-deploy-sea/AWSCodeBuild-1")


@pytest.mark.parametrize("role", ["lake-cicd-deploy-sea", "lake-cicd-verify-platform", "lake-cicd-deploy-platforms"])
def test_nobody_else_is_carried_across(root: Path, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    become(monkeypatch, f"arn:aws:iam::{HOME}:role/{role}")
    with pytest.raises(Failure, match=f"prod is account {OTHER}, but these credentials belong to {HOME}"):
        acting_in(root, "prod", "deploy", "platform")


def test_a_role_of_that_name_in_another_account_is_no_build(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    become(monkeypatch, "arn:aws:iam::999999999999:role/lake-cicd-deploy-platform")
    with pytest.raises(Failure, match="belong to 999999999999"):
        acting_in(root, "prod", "deploy", "platform")


def test_pipelines_ask_for_credentials_of_their_account(root: Path) -> None:
    assert deployment_target(root).account == HOME
    change(root, "lake.yaml", "domain: lake", f'domain: lake\ncicd: {{account: "{OTHER}", region: eu-central-1}}')
    with pytest.raises(Failure, match=f"lake.yaml says that prod is account {OTHER}"):
        deployment_target(root)
    change(root, "lake.yaml", f'cicd: {{account: "{OTHER}"', 'cicd: {account: "999999999999"')
    with pytest.raises(Failure, match=r"the deployment account \(cicd.account\) is account 999999999999"):
        deployment_target(root)
    with pytest.raises(Failure, match="has no environment 'prd'"):
        deployment_target(root, "prd")


def test_the_doctor_says_which_role_does_not_let_its_build_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(root, "lake.yaml", "domain: lake", f'domain: lake\ncicd: {{account: "{OTHER}"}}')
    spec, iam = load_settings(root), boto3.client("iam")
    for build, trusted in (("deploy", build_role(spec, "deploy", "sea")), ("verify", "arn:aws:iam::1:role/x")):
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"ArnEquals": {"aws:PrincipalArn": trusted}},
        }
        iam.create_role(
            RoleName=reached_role(spec, build, "dev", "sea").rpartition("/")[2],
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
    found = {one.name: one for one in reach.look(aimed(root, "dev"), load_lake(root))}
    assert {name: one.state for name, one in found.items()} == {
        "deploy of platform": "mend",
        "verify of platform": "mend",
        "deploy of sea": "ok",
        "verify of sea": "mend",
    }
    assert "is not there" in found["deploy of platform"].found
    assert "does not let" in found["verify of sea"].found
    assert found["verify of sea"].fix == f"With credentials of {HOME}: lake bootstrap --env dev"
    assert list(reach.look(aimed(root, "prod"), load_lake(root))) != []
