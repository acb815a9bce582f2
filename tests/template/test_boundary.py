"""A role of a team that was given every right still stays within its team: the boundary, under IAM that is enforced."""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
OURS, THEIRS = "aviation", "harbour"
DENIED = {"AccessDenied", "AccessDeniedException", "KMS.AccessDeniedException", "AccessDenied.KMS"}
Client = Callable[[str], Any]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cloud.Running]:
    if not cloud.environment_folder(ROOT).exists():
        pytest.fail("the local cloud's environment is not installed: run `make setup`")
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    state = tmp_path_factory.mktemp("cloud")
    yield cloud.up(ROOT, cold=True, state=state)
    cloud.down(ROOT, state=state)


@pytest.fixture(scope="module")
def admin(running: cloud.Running) -> Client:
    session = boto3.Session(running.account, cloud.SECRET, region_name=running.region)
    return lambda service: session.client(service, endpoint_url=running.endpoint)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def lake(admin: Client) -> Callable[[str], str]:
    """The foundations and two teams, stood up; gives what they wrote to SSM."""

    def setting(name: str) -> str:
        return str(admin("ssm").get_parameter(Name=f"/lake/lake/dev/{name}")["Parameter"]["Value"])

    def stand_up(name: str, template: str, **more: str) -> None:
        given = {"Domain": "lake", "Environment": "dev", **more}
        admin("cloudformation").create_stack(
            StackName=f"lake-dev-{name}",
            TemplateBody=(ROOT / template).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        admin("cloudformation").get_waiter("stack_create_complete").wait(
            StackName=f"lake-dev-{name}", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )

    stand_up("artifacts", "foundations/artifacts.yaml")
    stand_up("storage", "foundations/storage.yaml")
    stand_up("ledger", "foundations/ledger.yaml")
    stand_up("events", "foundations/events.yaml")
    admin("s3").put_object(
        Bucket=setting("artifacts/platform/bucket"), Key="functions/empty.zip", Body=an_empty_package()
    )
    stand_up(
        "arrivals",
        "foundations/arrivals.yaml",
        FunctionsCode="functions/empty.zip",
        Runtime=a_runtime(),
        Release="first",
    )
    for team in (OURS, THEIRS):
        stand_up(f"team-{team}", "team/template.yaml", Team=team)
    return setting


@pytest.fixture(scope="module")
def insider(running: cloud.Running, admin: Client, lake: Callable[[str], str]) -> Client:
    """A role of our team whose own policy allows everything."""
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    trust = {"Effect": "Allow", "Principal": {"AWS": running.account}, "Action": "sts:AssumeRole"}
    role = admin("iam").create_role(
        RoleName="insider",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        PermissionsBoundary=lake(f"team/{OURS}/boundary-arn"),
    )["Role"]
    admin("iam").put_role_policy(RoleName="insider", PolicyName="all", PolicyDocument=json.dumps(everything))
    keys = admin("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="test")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=running.region
    )
    return lambda service: session.client(service, endpoint_url=running.endpoint)  # type: ignore[call-overload]


def a_runtime() -> str:
    python = ROOT / ".lake/envs/runtime/pyvenv.cfg"
    version = next(line for line in python.read_text().splitlines() if line.startswith("version"))
    return "python" + ".".join(version.split("=")[1].strip().split(".")[:2])


def an_empty_package() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("lake/__init__.py", "")
    return content.getvalue()


def refused(call: Callable[..., object], **said: object) -> bool:
    """Whether IAM refuses the call; any other trouble is the test's own mistake."""
    try:
        call(**said)
    except ClientError as error:
        if error.response["Error"]["Code"] in DENIED:
            return True
        raise
    return False


@pytest.mark.parametrize(("zone", "mine"), [("stage", True), ("analytics", True), ("results", True), ("raw", False)])
def test_a_team_writes_its_own_prefix_alone(
    admin: Client, insider: Client, lake: Callable[[str], str], zone: str, mine: bool
) -> None:
    bucket = lake(f"storage/platform/{zone}-bucket")
    admin("s3").put_object(Bucket=bucket, Key=f"{THEIRS}/secret", Body=b"1")
    admin("s3").put_object(Bucket=bucket, Key=f"{OURS}/ours", Body=b"1")
    s3 = insider("s3")
    assert not refused(s3.get_object, Bucket=bucket, Key=f"{OURS}/ours")
    assert refused(s3.put_object, Bucket=bucket, Key=f"{OURS}/new", Body=b"1") is not mine
    assert refused(s3.get_object, Bucket=bucket, Key=f"{THEIRS}/secret")
    assert refused(s3.put_object, Bucket=bucket, Key=f"{THEIRS}/secret", Body=b"2")
    assert refused(s3.delete_object, Bucket=bucket, Key=f"{OURS}/ours")
    assert refused(s3.list_objects_v2, Bucket=bucket, Prefix=f"{THEIRS}/")
    assert not refused(s3.list_objects_v2, Bucket=bucket, Prefix=f"{OURS}/")


def test_a_team_reads_and_writes_its_own_rows_alone(insider: Client, lake: Callable[[str], str]) -> None:
    table, dynamodb = lake("ledger/platform/ledger-table"), insider("dynamodb")

    def key(team: str) -> dict[str, dict[str, str]]:
        return {"pk": {"S": f"{team}/flights#B"}, "sk": {"S": "b"}}

    assert not refused(dynamodb.put_item, TableName=table, Item=key(OURS))
    assert not refused(dynamodb.get_item, TableName=table, Key=key(OURS))
    assert refused(dynamodb.put_item, TableName=table, Item=key(THEIRS))
    assert refused(dynamodb.get_item, TableName=table, Key=key(THEIRS))
    assert refused(dynamodb.batch_get_item, RequestItems={table: {"Keys": [key(OURS), key(THEIRS)]}})
    assert refused(dynamodb.scan, TableName=table)
    statement = f"SELECT * FROM \"{table}\" WHERE pk = '{THEIRS}/flights#B'"
    assert refused(dynamodb.execute_statement, Statement=statement)
    assert refused(dynamodb.put_item, TableName=lake("ledger/platform/registry-table"), Item=key(OURS))


def test_a_team_uses_its_own_queues_and_key_alone(admin: Client, insider: Client, lake: Callable[[str], str]) -> None:
    sqs = admin("sqs")
    ours = sqs.create_queue(QueueName=f"lake-dev-{OURS}-stage-a")["QueueUrl"]
    theirs = sqs.create_queue(QueueName=f"lake-dev-{THEIRS}-stage-a")["QueueUrl"]
    assert not refused(insider("sqs").send_message, QueueUrl=ours, MessageBody="1")
    assert refused(insider("sqs").send_message, QueueUrl=theirs, MessageBody="1")
    assert refused(insider("sqs").receive_message, QueueUrl=theirs)
    kms = insider("kms")
    assert not refused(kms.generate_data_key, KeyId=lake(f"team/{OURS}/key-arn"), KeySpec="AES_256")
    assert refused(kms.generate_data_key, KeyId=lake(f"team/{THEIRS}/key-arn"), KeySpec="AES_256")


def test_a_team_sees_its_own_database_and_work_group_alone(insider: Client, lake: Callable[[str], str]) -> None:
    glue, athena = insider("glue"), insider("athena")
    assert not refused(glue.get_database, Name=lake(f"team/{OURS}/database"))
    assert refused(glue.get_database, Name=lake(f"team/{THEIRS}/database"))
    assert refused(athena.start_query_execution, QueryString="SELECT 1", WorkGroup=lake(f"team/{THEIRS}/workgroup"))


def test_a_role_cannot_widen_its_own_rights(insider: Client, lake: Callable[[str], str]) -> None:
    iam, boundary = insider("iam"), lake(f"team/{OURS}/boundary-arn")
    assert refused(iam.delete_role_permissions_boundary, RoleName="insider")
    assert refused(iam.create_policy_version, PolicyArn=boundary, PolicyDocument="{}", SetAsDefault=True)
    assert refused(iam.create_role, RoleName="other", AssumeRolePolicyDocument="{}")
