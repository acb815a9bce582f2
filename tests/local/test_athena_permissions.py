"""Queries run with the caller's own permissions, and SQL cannot reach the host."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import make_bucket
from local.athena_asking import RESULTS, append, ask, done, fresh, start
from local.conftest import Client, client_of

pytestmark = pytest.mark.slow

TABLE = "guarded"
SQL = f"SELECT name FROM {TABLE}"
Role = Callable[..., Any]


@pytest.fixture(scope="module")
def athena(client: Client, running: cloud.Running) -> Any:
    found = client("athena")
    for bucket in ("athena-results", "athena-data"):
        make_bucket(client("s3"), bucket)
    done(found, "CREATE DATABASE IF NOT EXISTS athena_tests")
    done(
        found,
        f"CREATE TABLE {TABLE} (id bigint, name string) LOCATION 's3://athena-data/{TABLE}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    append(running, "id,name\n1,a\n", table=f"athena_tests.{TABLE}")
    return found


@pytest.fixture
def reader(client: Client, running: cloud.Running) -> Role:
    """Athena as a role that may read the table, but for the statements that are named."""
    glue = f"arn:aws:glue:{running.region}:{running.account}:"
    group = f"arn:aws:athena:{running.region}:{running.account}:workgroup/primary"
    resources = [f"{glue}catalog", f"{glue}database/athena_tests", f"{glue}table/athena_tests/{TABLE}"]
    allowed = {
        "query": (["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"], group),
        "catalog": (["glue:GetTable", "glue:GetDatabase", "glue:GetPartitions"], resources),
        "data": (["s3:GetObject"], f"arn:aws:s3:::athena-data/{TABLE}/*"),
        "buckets": (["s3:ListBucket", "s3:GetBucketLocation"], "arn:aws:s3:::athena-*"),
        "write": (["s3:PutObject"], "arn:aws:s3:::athena-results/*"),
        "read": (["s3:GetObject"], "arn:aws:s3:::athena-results/*"),
    }

    def make(*without: str) -> Any:
        name = fresh("reader")
        everyone = {"Effect": "Allow", "Principal": {"AWS": running.account}, "Action": "sts:AssumeRole"}
        statements = [
            {"Effect": "Allow", "Action": actions, "Resource": resource}
            for key, (actions, resource) in allowed.items()
            if key not in without
        ]
        iam = client("iam")
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy([everyone]))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="reads", PolicyDocument=_policy(statements))
        keys = client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
        return client_of(running, "athena", keys)

    return make


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_a_role_with_just_these_permissions_reads(athena: Any, reader: Role) -> None:
    assert ask(reader(), SQL).rows == [["name"], ["a"]]


@pytest.mark.parametrize(
    ("without", "kind", "reason"),
    [
        ("catalog", 1500, "Insufficient permissions to execute the query. User: "),
        ("data", 1501, f"PERMISSION_DENIED: Permission denied on S3 path: s3://athena-data/{TABLE}/"),
        ("write", 401, f"Access denied when writing output to url: {RESULTS}"),
    ],
)
def test_a_missing_permission_fails_the_query(athena: Any, reader: Role, without: str, kind: int, reason: str) -> None:
    asked = ask(reader(without), SQL)
    assert asked.state == "FAILED"
    assert asked.execution["Status"]["AthenaError"]["ErrorType"] == kind
    assert asked.reason.startswith(reason)


def test_who_may_not_query_or_find_the_output_bucket_starts_nothing(athena: Any, reader: Role) -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        start(reader("query"), SQL)
    with pytest.raises(ClientError, match="Unable to verify/create output bucket athena-results"):
        start(reader("buckets"), SQL)


def test_who_may_not_read_the_output_gets_no_results(athena: Any, reader: Role) -> None:
    caller = reader("read")
    number = start(caller, SQL)
    with pytest.raises(ClientError, match="Could not read the query's results"):
        from local.athena_asking import finished

        finished(caller, number)


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO {TABLE} VALUES (2, 'b')",
        f"DELETE FROM {TABLE}",
        f"CREATE VIEW more AS SELECT * FROM {TABLE}",
        f"CREATE TABLE more WITH (external_location = 's3://athena-data/more/') AS SELECT * FROM {TABLE}",
        f"UNLOAD (SELECT * FROM {TABLE}) TO 's3://athena-data/more/' WITH (format = 'PARQUET')",
        f"PREPARE more FROM SELECT * FROM {TABLE}",
        f"DROP TABLE {TABLE}",
        f"ALTER TABLE {TABLE} ADD COLUMNS (x int)",
        "CREATE TABLE more (id int) LOCATION 's3://athena-data/more' TBLPROPERTIES ('table_type'='ICEBERG')",
    ],
)
def test_a_reader_changes_no_table(athena: Any, reader: Role, statement: str) -> None:
    asked = ask(reader(), statement)
    assert asked.state == "FAILED"
    assert asked.reason.startswith(("Insufficient permissions to execute the query.", "PERMISSION_DENIED"))
    assert ask(athena, SQL).rows == [["name"], ["a"]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM read_text('{path}')",
        "SELECT * FROM '{path}'",
        'SELECT * FROM "{path}"',
        "SELECT * FROM glob('{path}*')",
        "SELECT read_text('{path}')",
        "COPY (SELECT 1) TO '{path}.out'",
        "ATTACH '{path}.db' AS other",
        "INSTALL httpfs",
        "LOAD '{path}'",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "SELECT getenv('HOME')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM sqlite_master",
        "SELECT 1; COPY (SELECT 1) TO '{path}.out'",
        "WITH x AS (SELECT * FROM read_csv('{path}')) SELECT * FROM x",
    ],
)
def test_sql_reaches_nothing_of_the_host(athena: Any, tmp_path: Path, sql: str) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("the-secret\nof-the-host\n")
    try:
        asked = ask(athena, sql.format(path=secret))
    except ClientError as refused:
        assert "InvalidRequestException" in str(refused)
    else:
        assert asked.state == "FAILED"
        assert "the-secret" not in asked.reason
    assert [found.name for found in tmp_path.iterdir()] == ["secret.csv"]
