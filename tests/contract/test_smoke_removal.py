"""A double is taken out whole, whatever fails on the way, and what is left is found again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from contract.conftest import KEYS
from lakectl.branch.deploy import take_away
from lakectl.branch.standing import closed, standing
from lakectl.failure import Failure
from lakectl.smoke.removal import KEPT as SEVEN_DAYS
from lakectl.smoke.removal import LONGEST, left_over, take_out
from lakectl.specs.lake import Cicd
from lakectl.target import Target

PREFIX = "lake-dev"
DOUBLE = "flights__try_1a2b"
KEPT = "aviation/flights/monday.csv"


class Registration:
    """The deployed function, as far as an invocation goes."""

    def __init__(self, status: str = "SUCCESS") -> None:
        self.status, self.asked = status, []

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        self.asked.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps({"Status": self.status, "Reason": "it is broken"}).encode())}


@pytest.fixture
def target() -> Iterator[Target]:
    with mock_aws():
        session = boto3.Session("x", "y", region_name="eu-west-1")
        made = Target(Path(), "lake", "dev", "123456789012", "eu-west-1", None, session)
        for zone in ("raw", "stage", "analytics", "artifacts"):
            made.client("s3").create_bucket(
                Bucket=f"{PREFIX}-{zone}", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
            )
            made.client("s3").put_bucket_versioning(
                Bucket=f"{PREFIX}-{zone}", VersioningConfiguration={"Status": "Enabled"}
            )
        written = {f"storage/platform/{zone}-bucket": f"{PREFIX}-{zone}" for zone in ("raw", "stage", "analytics")}
        written |= {"artifacts/platform/bucket": f"{PREFIX}-artifacts", "team/aviation/database": "lake_dev_aviation"}
        written |= {"team/aviation/workgroup": "w", "registration/platform/live-arn": "register"}
        written |= {"ledger/platform/ledger-table": "ledger"}
        for name, value in written.items():
            made.client("ssm").put_parameter(Name=f"/lake/lake/dev/{name}", Value=value, Type="String")
        made.client("dynamodb").create_table(TableName="ledger", **KEYS)
        for dataset in ("flights", DOUBLE):
            for part in ("B", "H"):
                item = {"pk": {"S": f"aviation/{dataset}#{part}"}, "sk": {"S": "one"}}
                made.client("dynamodb").put_item(TableName="ledger", Item=item)
        made.client("glue").create_database(DatabaseInput={"Name": "lake_dev_aviation"})
        for table in ("flights", DOUBLE, f"{DOUBLE}_quarantine"):
            made.client("glue").create_table(DatabaseName="lake_dev_aviation", TableInput={"Name": table})
        for zone, key in (
            ("raw", f"aviation/{DOUBLE}/flights.csv"),
            ("raw", KEPT),
            ("stage", f"aviation/{DOUBLE}/staged/a.parquet"),
            ("analytics", f"aviation/{DOUBLE}_quarantine/metadata/0.json"),
            ("artifacts", f"datasets/aviation/{DOUBLE}/digest.json"),
            ("artifacts", "datasets/aviation/flights/digest.json"),
        ):
            made.client("s3").put_object(Bucket=f"{PREFIX}-{zone}", Key=key, Body=b"1")
        yield made


def with_registration(target: Target, registration: Registration) -> Target:
    return replace(target, _clients={"lambda": registration})


def versions(target: Target) -> list[str]:
    """Every version and delete marker of every object."""
    found = []
    for zone in ("raw", "stage", "analytics", "artifacts"):
        listed = target.client("s3").list_object_versions(Bucket=f"{PREFIX}-{zone}")
        found += [one["Key"] for one in (*listed.get("Versions", []), *listed.get("DeleteMarkers", []))]
    return found


def tables(target: Target) -> list[str]:
    return [one["Name"] for one in target.client("glue").get_tables(DatabaseName="lake_dev_aviation")["TableList"]]


def ledger(target: Target) -> list[str]:
    return sorted(item["pk"]["S"] for item in target.client("dynamodb").scan(TableName="ledger")["Items"])


def test_nothing_of_a_double_is_left_and_all_of_its_dataset_stays(target: Target) -> None:
    registration = Registration()
    for _ in range(2):  # again changes nothing
        take_out(with_registration(target, registration), "aviation", DOUBLE)
        assert versions(target) == [KEPT, "datasets/aviation/flights/digest.json"]
        assert tables(target) == ["flights"]
        assert ledger(target) == ["aviation/flights#B", "aviation/flights#H"]
    asked = registration.asked[0]
    assert (asked["RequestType"], asked["ResourceProperties"]["Dataset"]) == ("Delete", DOUBLE)


def test_a_step_that_fails_keeps_no_rows_and_is_told_and_found_again(target: Target) -> None:
    with pytest.raises(Failure, match="it is broken"):
        take_out(with_registration(target, Registration("FAILED")), "aviation", DOUBLE)
    assert [key for key in versions(target) if DOUBLE in key] == [f"datasets/aviation/{DOUBLE}/digest.json"]
    assert tables(target) == ["flights"]
    later = datetime.now(UTC) + LONGEST + timedelta(minutes=1)
    assert list(left_over(target, "aviation", later)) == [DOUBLE]


def test_a_double_that_may_still_be_tried_is_not_left_over(target: Target) -> None:
    assert list(left_over(target, "aviation", datetime.now(UTC) + LONGEST / 2)) == []


def branched(target: Target) -> None:
    """Branches of the pull requests 7 and 8, beside what a verification works on."""
    for name in ("flights__try_pr7", "planes__try_pr7", "flights__try_pr8"):
        key = f"datasets/aviation/{name}/digest.json"
        target.client("s3").put_object(Bucket=f"{PREFIX}-artifacts", Key=key, Body=b"1")


def test_a_branch_is_left_over_when_its_pull_request_is_closed_or_its_time_is_up(target: Target) -> None:
    branched(target)
    now = datetime.now(UTC)
    of_seven = ["flights__try_pr7", "planes__try_pr7"]
    assert list(left_over(target, "aviation", now)) == []
    assert list(left_over(target, "aviation", now, {"7"})) == of_seven
    assert list(left_over(target, "aviation", now + SEVEN_DAYS - timedelta(hours=1))) == [DOUBLE]
    late = list(left_over(target, "aviation", now + SEVEN_DAYS + timedelta(minutes=1)))
    assert sorted(late) == sorted([DOUBLE, *of_seven, "flights__try_pr8"])


def test_a_branch_is_taken_away_whole_and_no_other(target: Target) -> None:
    branched(target)
    assert [one.name for one in standing(target, "7")] == ["aviation.flights", "aviation.planes"]
    gone = take_away(with_registration(target, Registration()), "7")
    assert [one.double for one in gone] == ["flights__try_pr7", "planes__try_pr7"]
    assert [(one.number, one.double) for one in standing(target)] == [("8", "flights__try_pr8")]
    assert f"datasets/aviation/{DOUBLE}/digest.json" in versions(target)


class PullRequests:
    """CodeCommit, as far as it is asked: 7 is closed, 8 was never made."""

    def get_pull_request(self, pullRequestId: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        if pullRequestId != "7":
            raise ClientError({"Error": {"Code": "PullRequestDoesNotExistException"}}, "GetPullRequest")
        return {"pullRequest": {"pullRequestStatus": "CLOSED"}}


def test_only_codecommit_is_asked_which_pull_requests_are_closed(target: Target) -> None:
    branched(target)
    asked = replace(target, _clients={"codecommit": PullRequests()})
    assert list(closed(asked, Cicd(), standing(target))) == ["7"]
    assert list(closed(target, Cicd(provider="GitHub", repository="acme/lake"), standing(target))) == []
