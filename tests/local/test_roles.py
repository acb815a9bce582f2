"""IAM in the local cloud asks for what AWS asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import as_role, function, grant, make_bucket, package, role, unique, until

pytestmark = pytest.mark.slow
Client = Callable[..., Any]
ACCOUNT, REGION = cloud.ACCOUNT, cloud.REGION


def key(client: Client, *services: str) -> str:
    """A key whose policy leaves the account's principals to IAM, and lets these services in."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    let_in = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [root, *([let_in] if services else [])]}
    arn: str = client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    return arn


def encrypted_bucket(client: Client, key_arn: str) -> str:
    name = unique("bucket")
    make_bucket(client("s3"), name)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    client("s3").put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    return name


def test_metrics_of_one_namespace_are_written_and_no_others(client: Client) -> None:
    ours = {"StringEquals": {"cloudwatch:namespace": "ours"}}
    arn = role(client("iam"), allow=[{"Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": ours}])
    metrics = client("cloudwatch", as_role(client, arn))
    metrics.put_metric_data(Namespace="ours", MetricData=[{"MetricName": "age", "Value": 1}])
    with pytest.raises(ClientError, match="cloudwatch:PutMetricData"):
        metrics.put_metric_data(Namespace="theirs", MetricData=[{"MetricName": "age", "Value": 1}])


def test_an_encrypted_bucket_asks_for_its_key(client: Client) -> None:
    key_arn = key(client)
    bucket = encrypted_bucket(client, key_arn)
    objects = {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{bucket}/*"}
    arn = role(client("iam"), allow=[objects])
    s3 = client("s3", as_role(client, arn))
    with pytest.raises(ClientError, match="kms:GenerateDataKey on resource: " + key_arn):
        s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    grant(client("iam"), arn, [objects, {"Action": "kms:GenerateDataKey", "Resource": key_arn}])
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.get_object(Bucket=bucket, Key="k")
    grant(client("iam"), arn, [objects, {"Action": "kms:*", "Resource": key_arn}])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def test_a_key_policy_that_leaves_iam_out_denies(client: Client) -> None:
    key_arn = key(client)
    bucket = encrypted_bucket(client, key_arn)
    arn = role(client("iam"), allow=[{"Action": "*", "Resource": "*"}])
    only_another = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/another"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [only_another]})
    client("kms").put_key_policy(KeyId=key_arn, PolicyName="default", Policy=policy)
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        client("s3", as_role(client, arn)).put_object(Bucket=bucket, Key="k", Body=b"1")


def test_an_encrypted_queue_asks_for_its_key(client: Client) -> None:
    key_arn = key(client)
    url = client("sqs").create_queue(QueueName=unique("queue"), Attributes={"KmsMasterKeyId": key_arn})["QueueUrl"]
    arn = role(client("iam"), allow=[{"Action": "sqs:*", "Resource": "*"}])
    sqs = client("sqs", as_role(client, arn))
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        sqs.send_message(QueueUrl=url, MessageBody="m")
    grant(client("iam"), arn, [{"Action": ["sqs:*", "kms:GenerateDataKey"], "Resource": "*"}])
    with pytest.raises(ClientError, match="kms:Decrypt"):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "m"}])


@pytest.mark.parametrize(
    ("queue_lets_in", "key_lets_in", "accepted"),
    [(False, True, False), (True, False, False), (True, True, True)],
)
def test_a_bucket_notifies_a_queue_only_when_queue_and_key_let_it_in(
    client: Client, queue_lets_in: bool, key_lets_in: bool, accepted: bool
) -> None:
    key_arn = key(client, *(["s3.amazonaws.com"] if key_lets_in else []))
    sqs, bucket = client("sqs"), unique("bucket")
    url = sqs.create_queue(QueueName=unique("queue"), Attributes={"KmsMasterKeyId": key_arn})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}},
    }
    if queue_lets_in:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    make_bucket(client("s3"), bucket)
    settings = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    ask = client("s3").put_bucket_notification_configuration
    if not accepted:
        with pytest.raises(ClientError, match="Unable to validate the following destination"):
            ask(Bucket=bucket, NotificationConfiguration=settings)
        return
    ask(Bucket=bucket, NotificationConfiguration=settings)
    client("s3").put_object(Bucket=bucket, Key="a b+c", Body=b"1")
    bodies = [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert any("a+b%2Bc" in body for body in bodies)


@pytest.mark.parametrize(
    ("resources", "missing"),
    [
        (["database/d", "table/d/t"], ":catalog"),
        (["catalog", "table/d/t"], ":database/d"),
        (["catalog", "database/d", "table/d/other"], ":table/d/t"),
        (["catalog", "database/d", "table/d/t"], None),
    ],
)
def test_a_table_of_the_catalog_is_asked_for_at_three_levels(
    client: Client, resources: list[str], missing: str | None
) -> None:
    glue = client("glue")
    for create, data in (
        (glue.create_database, {"DatabaseInput": {"Name": "d"}}),
        (glue.create_table, {"DatabaseName": "d", "TableInput": {"Name": "t"}}),
    ):
        try:
            create(**data)
        except glue.exceptions.AlreadyExistsException:
            continue
    arns = [f"arn:aws:glue:{REGION}:{ACCOUNT}:{each}" for each in resources]
    arn = role(client("iam"), allow=[{"Action": "glue:GetTable", "Resource": arns}])
    reader = client("glue", as_role(client, arn))
    if missing:
        with pytest.raises(ClientError, match=f"glue:GetTable on resource: .*{missing} "):
            reader.get_table(DatabaseName="d", Name="t")
    else:
        assert reader.get_table(DatabaseName="d", Name="t")["Table"]["Name"] == "t"


@pytest.fixture(scope="module")
def table(client: Client) -> str:
    name = unique("table")
    client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def of_team(table: str, *actions: str) -> dict[str, Any]:
    return {
        "Action": list(actions),
        "Resource": f"arn:aws:dynamodb:*:*:table/{table}",
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["aviation/*"]}},
    }


def test_leading_keys_keep_teams_apart(client: Client, table: str) -> None:
    arn = role(client("iam"), allow=[of_team(table, "dynamodb:*")])
    dynamodb = client("dynamodb", as_role(client, arn))
    ours, theirs = {"pk": {"S": "aviation/flights"}}, {"pk": {"S": "finance/ledger"}}
    dynamodb.put_item(TableName=table, Item=ours)
    dynamodb.query(
        TableName=table,
        KeyConditionExpression="#k = :v",
        ExpressionAttributeNames={"#k": "pk"},
        ExpressionAttributeValues={":v": ours["pk"]},
    )
    for denied in (
        lambda: dynamodb.put_item(TableName=table, Item=theirs),
        lambda: dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": theirs}}]}),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": theirs}}]),
        lambda: dynamodb.query(
            TableName=table, KeyConditionExpression="pk = :v", ExpressionAttributeValues={":v": theirs["pk"]}
        ),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            denied()


def test_partiql_is_authorised_as_the_statements_that_it_runs(client: Client, table: str) -> None:
    arn = role(client("iam"), allow=[of_team(table, "dynamodb:PartiQLInsert")])
    dynamodb = client("dynamodb", as_role(client, arn))

    def insert(*keys: str) -> Any:
        each = [
            {"Statement": f"INSERT INTO \"{table}\" VALUE {{'n': ?, 'pk': ?}}", "Parameters": [{"N": "1"}, {"S": k}]}
            for k in keys
        ]
        return dynamodb.batch_execute_statement(Statements=each)["Responses"]

    assert not any("Error" in answer for answer in insert("aviation/a", "aviation/b"))
    with pytest.raises(ClientError, match="dynamodb:PartiQLInsert"):
        insert("aviation/c", "finance/d")
    with pytest.raises(ClientError, match="dynamodb:PartiQLSelect"):
        dynamodb.execute_statement(Statement=f"SELECT * FROM \"{table}\" WHERE pk = 'aviation/a'")


def test_handing_a_role_to_a_service_needs_pass_role(client: Client) -> None:
    passed = role(client("iam"), "lambda.amazonaws.com")
    create = {"Action": "lambda:CreateFunction", "Resource": "*"}
    arn = role(client("iam"), allow=[create])
    deployer = client("lambda", as_role(client, arn))
    name = unique("function")
    asked = {
        "FunctionName": name,
        "Role": passed,
        "Handler": "app.handler",
        "Code": {"ZipFile": package("def handler(e, c): pass")},
    }
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {passed}"):
        deployer.create_function(**asked, Runtime=runtime())
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    grant(client("iam"), arn, [create, {"Action": "iam:PassRole", "Resource": passed, "Condition": to_lambda}])
    deployer.create_function(**asked, Runtime=runtime())


def runtime() -> str:
    from local.arrange import lambda_runtime

    return lambda_runtime()


def test_a_function_whose_role_may_not_read_the_queue_is_not_mapped(client: Client) -> None:
    url = client("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    name = function(client, "def handler(e, c): pass")
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName=name)


def test_a_rule_reaches_a_function_only_by_permission(client: Client) -> None:
    logs = {"Action": "logs:*", "Resource": "*"}
    silent, open_ = (
        function(
            client, "def handler(e, c): print('reached')", role(client("iam"), "lambda.amazonaws.com", allow=[logs])
        )
        for _ in range(2)
    )
    events, rule = client("events"), unique("rule")
    rule_arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))["RuleArn"]
    arn_of = {
        name: client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]
        for name in (silent, open_)
    }
    client("lambda").add_permission(
        FunctionName=open_,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule_arn,
    )
    events.put_targets(Rule=rule, Targets=[{"Id": name[-8:], "Arn": arn} for name, arn in arn_of.items()])
    events.put_events(Entries=[{"Source": rule, "DetailType": "t", "Detail": "{}"}])

    def groups() -> list[str]:
        found = client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/function-")["logGroups"]
        return [group["logGroupName"].removeprefix("/aws/lambda/") for group in found]

    assert until(lambda: open_ in groups())
    assert silent not in groups()


def test_a_missing_key_is_hidden_from_who_may_not_list(client: Client) -> None:
    bucket = unique("bucket")
    make_bucket(client("s3"), bucket)
    objects = {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    arn = role(client("iam"), allow=[objects])
    s3 = client("s3", as_role(client, arn))
    with pytest.raises(ClientError, match="s3:ListBucket"):
        s3.get_object(Bucket=bucket, Key="missing")
    grant(client("iam"), arn, [objects, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}])
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="missing")


def test_a_version_that_is_gone_is_hidden_from_who_may_not_list(client: Client) -> None:
    bucket = unique("bucket")
    make_bucket(client("s3"), bucket)
    client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    gone = client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    client("s3").delete_object(Bucket=bucket, Key="k", VersionId=gone)
    versions = {"Action": "s3:GetObjectVersion", "Resource": f"arn:aws:s3:::{bucket}/*"}
    arn = role(client("iam"), allow=[versions])
    s3 = client("s3", as_role(client, arn))
    with pytest.raises(ClientError, match="s3:ListBucket"):
        s3.get_object(Bucket=bucket, Key="k", VersionId=gone)
    grant(client("iam"), arn, [versions, {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}])
    with pytest.raises(ClientError, match="NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="k", VersionId=gone)


def test_who_may_call_an_alias_may_not_call_the_function(client: Client) -> None:
    name = function(client, "def handler(e, c): return c.function_version")
    functions = client("lambda")
    arn = functions.publish_version(FunctionName=name)["FunctionArn"].removesuffix(":1")
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    allowed = role(client("iam"), allow=[{"Action": "lambda:InvokeFunction", "Resource": f"{arn}:live"}])
    caller = client("lambda", as_role(client, allowed))
    for asked in ({"FunctionName": name, "Qualifier": "live"}, {"FunctionName": f"{arn}:live"}):
        answer = caller.invoke(**asked)
        assert (answer["ExecutedVersion"], json.loads(answer["Payload"].read())) == ("1", "1")
    for asked in ({"FunctionName": name}, {"FunctionName": name, "Qualifier": "1"}):
        with pytest.raises(ClientError, match="lambda:InvokeFunction on resource"):
            caller.invoke(**asked)
    with pytest.raises(ClientError, match="lambda:UpdateAlias"):
        caller.update_alias(FunctionName=name, Name="live", FunctionVersion="1")


def test_a_rule_reaches_an_alias_only_by_the_permission_of_the_alias(client: Client) -> None:
    functions, events, rule, called = client("lambda"), client("events"), unique("rule"), []
    rule_arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))["RuleArn"]
    for qualifier in ({}, {"Qualifier": "live"}):
        name = function(client, "def handler(e, c): print('reached')", logging_role(client))
        functions.publish_version(FunctionName=name)
        alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")["AliasArn"]
        functions.add_permission(
            FunctionName=name,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule_arn,
            **qualifier,
        )
        events.put_targets(Rule=rule, Targets=[{"Id": name[-8:], "Arn": alias}])
        called.append(name)
    events.put_events(Entries=[{"Source": rule, "DetailType": "t", "Detail": "{}"}])
    past, through = called

    def groups() -> list[str]:
        found = client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/function-")["logGroups"]
        return [group["logGroupName"].removeprefix("/aws/lambda/") for group in found]

    assert until(lambda: through in groups())
    assert past not in groups()


def logging_role(client: Client) -> str:
    return role(client("iam"), "lambda.amazonaws.com", allow=[{"Action": "logs:*", "Resource": "*"}])
