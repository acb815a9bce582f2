"""CloudFormation in the local cloud: properties are kept or refused, never dropped."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.arrange import lambda_runtime, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def deploy(client: Client, resources: dict[str, Any], stack: str | None = None) -> tuple[str, dict[str, str]]:
    """A stack of these resources once it has settled: its status and the reasons of what failed."""
    cloudformation = client("cloudformation")
    name = stack or unique("stack")
    body = json.dumps({"Resources": resources})
    start = cloudformation.update_stack if stack else cloudformation.create_stack
    start(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])

    def settled() -> Any:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if status.endswith("IN_PROGRESS") else status

    status = until(settled)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = {
        event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
        for event in events
        if "FAILED" in event["ResourceStatus"]
    }
    return f"{name} {status}", failed


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def test_a_buckets_settings_are_kept(client: Client) -> None:
    name = unique("bucket")
    bucket = resource(
        "AWS::S3::Bucket",
        BucketName=name,
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
            ]
        },
        LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 90}]},
        LoggingConfiguration={"DestinationBucketName": name, "LogFilePrefix": "log/"},
        Tags=[{"Key": "team", "Value": "aviation"}],
        VersioningConfiguration={"Status": "Enabled"},
    )
    status, failed = deploy(client, {"Bucket": bucket})
    assert status.endswith("CREATE_COMPLETE"), failed
    s3 = client("s3")
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert rule["BucketKeyEnabled"] is True
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]["Expiration"] == {"Days": 90}
    assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetPrefix"] == "log/"
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "team", "Value": "aviation"}]
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


def test_a_tables_settings_are_kept(client: Client) -> None:
    name = unique("table")
    table = resource(
        "AWS::DynamoDB::Table",
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        SSESpecification={"SSEEnabled": True, "SSEType": "KMS"},
    )
    status, failed = deploy(client, {"Table": table})
    assert status.endswith("CREATE_COMPLETE"), failed
    dynamodb = client("dynamodb")
    lifetime = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert lifetime == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert dynamodb.describe_table(TableName=name)["Table"]["SSEDescription"]["Status"] == "ENABLED"


def test_a_boundary_set_by_a_stack_limits_the_role(client: Client) -> None:
    name = unique("bounded")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    resources = {
        "Boundary": resource("AWS::IAM::ManagedPolicy", PolicyDocument=policy),
        "Role": resource(
            "AWS::IAM::Role",
            RoleName=name,
            AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
            PermissionsBoundary={"Ref": "Boundary"},
            Policies=[{"PolicyName": "all", "PolicyDocument": everything}],
        ),
    }
    status, failed = deploy(client, resources)
    assert status.endswith("CREATE_COMPLETE"), failed
    role = client("iam").get_role(RoleName=name)["Role"]
    assert "PermissionsBoundaryArn" in role["PermissionsBoundary"]
    keys = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="tester")["Credentials"]
    client("sqs", keys).list_queues()
    with pytest.raises(client("s3").exceptions.ClientError, match="AccessDenied"):
        client("s3", keys).list_buckets()


def test_a_function_and_a_job_keep_what_the_template_says(client: Client) -> None:
    function, job = unique("function"), unique("job")
    resources = {
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": resource(
            "AWS::Lambda::Function",
            FunctionName=function,
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Runtime=lambda_runtime(),
            Handler="index.handler",
            Code={"ZipFile": "def handler(e, c): return 1"},
            ReservedConcurrentExecutions=2,
            Architectures=["arm64"],
            EphemeralStorage={"Size": 1024},
            LoggingConfig={"LogFormat": "JSON"},
        ),
        "Job": resource(
            "AWS::Glue::Job",
            Name=job,
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Command={"Name": "glueetl", "ScriptLocation": "s3://bucket/job.py", "PythonVersion": "3"},
            GlueVersion="5.1",
            WorkerType="G.1X",
            NumberOfWorkers=2,
            ExecutionProperty={"MaxConcurrentRuns": 3},
            DefaultArguments={"--conf": "a=b --conf c=d"},
            Timeout=30,
        ),
    }
    status, failed = deploy(client, resources)
    assert status.endswith("CREATE_COMPLETE"), failed
    found = client("lambda").get_function(FunctionName=function)
    assert found["Concurrency"]["ReservedConcurrentExecutions"] == 2
    assert found["Configuration"]["Architectures"] == ["arm64"]
    assert found["Configuration"]["LoggingConfig"]["LogFormat"] == "JSON"
    kept = client("glue").get_job(JobName=job)["Job"]
    assert kept["ExecutionProperty"] == {"MaxConcurrentRuns": 3}
    assert (kept["GlueVersion"], kept["Timeout"], kept["NumberOfWorkers"]) == ("5.1", 30, 2)


@pytest.mark.parametrize(
    ("kind", "properties", "words"),
    [
        ("AWS::S3::Bucket", {"ObjectLockEnabled": True}, "ObjectLockEnabled"),
        ("AWS::Lambda::EventSourceMapping", {"TumblingWindowInSeconds": 5}, "TumblingWindowInSeconds"),
        ("AWS::EFS::FileSystem", {}, "AWS::EFS::FileSystem is not supported"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(
    client: Client, kind: str, properties: dict[str, Any], words: str
) -> None:
    status, failed = deploy(client, {"Thing": resource(kind, **properties)})
    assert status.endswith("ROLLBACK_COMPLETE")
    assert words in failed["Thing"]


def test_what_is_only_recorded_says_so(client: Client) -> None:
    status, _ = deploy(client, {"Settings": resource("AWS::LakeFormation::DataLakeSettings", Admins=[])})
    name, outcome = status.split()
    assert outcome == "CREATE_COMPLETE"
    events = client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    assert any("recorded only" in event.get("ResourceStatusReason", "") for event in events)


def test_a_bucket_that_is_not_empty_is_not_deleted(client: Client) -> None:
    name = unique("bucket")
    status, _ = deploy(client, {"Bucket": resource("AWS::S3::Bucket", BucketName=name)})
    client("s3").put_object(Bucket=name, Key="k", Body=b"1")
    stack = status.split()[0]
    client("cloudformation").delete_stack(StackName=stack)

    def failed() -> Any:
        found = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return found == "DELETE_FAILED"

    assert until(failed)
    assert client("s3").get_object(Bucket=name, Key="k")["Body"].read() == b"1"


def test_a_retained_bucket_survives_its_stack(client: Client) -> None:
    name = unique("bucket")
    bucket = {**resource("AWS::S3::Bucket", BucketName=name), "DeletionPolicy": "Retain"}
    stack = deploy(client, {"Bucket": bucket})[0].split()[0]
    client("cloudformation").delete_stack(StackName=stack)
    client("cloudformation").get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 20}
    )
    client("s3").head_bucket(Bucket=name)


REGISTER = """
import json, urllib.request
def handler(event, context):
    answer = {"Status": "SUCCESS", "PhysicalResourceId": "registered", "StackId": event["StackId"],
              "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"],
              "Data": {"Said": event["ResourceProperties"]["Say"]}}
    request = urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT")
    urllib.request.urlopen(request).read()
"""


def test_a_custom_resource_is_answered_by_its_function(client: Client) -> None:
    resources = {
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": resource(
            "AWS::Lambda::Function",
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Runtime=lambda_runtime(),
            Handler="index.handler",
            Code={"ZipFile": REGISTER},
        ),
        "Version": resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"}, Description="first"),
        "Live": resource(
            "AWS::Lambda::Alias",
            Name="live",
            FunctionName={"Ref": "Function"},
            FunctionVersion={"Fn::GetAtt": ["Version", "Version"]},
        ),
        "Custom": resource("Custom::Registration", ServiceToken={"Ref": "Live"}, Say="hello"),
        "Said": resource("AWS::SSM::Parameter", Type="String", Value={"Fn::GetAtt": ["Custom", "Said"]}),
    }
    status, failed = deploy(client, resources)
    name, outcome = status.split()
    assert outcome == "CREATE_COMPLETE", failed
    found = client("cloudformation").describe_stack_resource(StackName=name, LogicalResourceId="Said")
    parameter = found["StackResourceDetail"]["PhysicalResourceId"]
    assert client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"] == "hello"
    resources["Custom"]["Properties"]["ServiceToken"] = {"Fn::GetAtt": ["Function", "Arn"]}
    assert "Modifying service token is not allowed" in deploy(client, resources, name)[1]["Custom"]


def test_a_version_is_published_of_a_function_that_changed(client: Client) -> None:
    version = resource("AWS::Lambda::Version", FunctionName={"Ref": "Function"}, Description="first")
    resources = {
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": resource(
            "AWS::Lambda::Function",
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Runtime=lambda_runtime(),
            Handler="index.handler",
            Code={"ZipFile": REGISTER},
        ),
        "Version": version,
    }
    status, failed = deploy(client, resources)
    name, outcome = status.split()
    assert outcome == "CREATE_COMPLETE", failed
    version["Properties"]["Description"] = "second"
    assert "A version for this Lambda function exists ( 1 )" in deploy(client, resources, name)[1]["Version"]
    version["Properties"]["CodeSha256"] = "of another package"
    assert "is different from current CodeSHA256 in $LATEST" in deploy(client, resources)[1]["Version"]


def test_a_custom_resource_whose_function_raises_fails_at_once(client: Client) -> None:
    source = "def handler(event, context): raise LookupError('no such dataset')"
    resources = {
        "Role": resource("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST),
        "Function": resource(
            "AWS::Lambda::Function",
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Runtime=lambda_runtime(),
            Handler="index.handler",
            Code={"ZipFile": source},
        ),
        "Custom": resource("Custom::Registration", ServiceToken={"Fn::GetAtt": ["Function", "Arn"]}),
    }
    _, failed = deploy(client, resources)
    assert "LookupError: no such dataset" in failed["Custom"]


def test_numbers_that_parameters_carry_as_text_are_numbers(client: Client) -> None:
    name = unique("group")
    configuration = {
        "EnforceWorkGroupConfiguration": "true",
        "BytesScannedCutoffPerQuery": "10000000",
        "ResultConfiguration": {"OutputLocation": "s3://bucket/results/"},
    }
    group = resource("AWS::Athena::WorkGroup", Name=name, WorkGroupConfiguration=configuration)
    status, failed = deploy(client, {"Group": group})
    assert status.endswith("CREATE_COMPLETE"), failed
    kept = client("athena").get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]
    assert kept["BytesScannedCutoffPerQuery"] == 10_000_000
    assert kept["EnforceWorkGroupConfiguration"] is True
    wrong = {**configuration, "BytesScannedCutoffPerQuery": "ten"}
    group = resource("AWS::Athena::WorkGroup", Name=unique("group"), WorkGroupConfiguration=wrong)
    assert "expected a number" in deploy(client, {"Group": group})[1]["Group"]
