"""SELECT over Iceberg and Parquet tables: values, types, places of errors, results, work groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import make_bucket
from local.athena_asking import RESULTS, append, ask, done, finished, fresh, start, told
from local.conftest import ROOT, Client, client_of

pytestmark = pytest.mark.slow

FLIGHTS = """id,carrier,delay,price,day,at,late
1,UA,2.5,10.50,2013-01-01,2013-01-01 05:00:00,true
2,B6,,0.05,2013-01-02,2013-01-02 23:00:00.123,false
3,UA,-25000000000,,2013-02-01,2013-02-03 01:00:00,
4,"q""uo,te",0.0001,1.00,,,true
"""


@pytest.fixture(scope="module")
def athena(client: Client, running: cloud.Running) -> Any:
    """Athena with one Iceberg table, `flights`, of four rows."""
    found, s3 = client("athena"), client("s3")
    for bucket in ("athena-results", "athena-data"):
        make_bucket(s3, bucket)
    done(found, "CREATE DATABASE IF NOT EXISTS athena_tests")
    done(
        found,
        """CREATE TABLE athena_tests.flights (id bigint, carrier string, delay double, price decimal(10,2), day date,
        at timestamp, late boolean) PARTITIONED BY (month(at)) LOCATION 's3://athena-data/flights/'
        TBLPROPERTIES ('table_type'='ICEBERG')""",
    )
    append(running, FLIGHTS, table="athena_tests.flights")
    return found


def test_values_are_printed_as_athena_prints_them(athena: Any) -> None:
    asked = ask(athena, "SELECT * FROM flights ORDER BY id")
    assert asked.rows == [
        ["id", "carrier", "delay", "price", "day", "at", "late"],
        ["1", "UA", "2.5", "10.50", "2013-01-01", "2013-01-01 05:00:00.000", "true"],
        ["2", "B6", None, "0.05", "2013-01-02", "2013-01-02 23:00:00.123", "false"],
        ["3", "UA", "-2.5E10", None, "2013-02-01", "2013-02-03 01:00:00.000", None],
        ["4", 'q"uo,te', "1.0E-4", "1.00", None, None, "true"],
    ]
    assert [kind for _, kind in asked.columns] == [
        "bigint", "varchar", "double", "decimal", "date", "timestamp", "boolean",
    ]  # fmt: skip


def test_the_csv_object_lies_where_the_execution_says(athena: Any, client: Client) -> None:
    asked = ask(athena, "SELECT id, carrier, delay FROM flights WHERE id IN (2, 4) ORDER BY id")
    assert asked.location == f"{RESULTS}{asked.execution['QueryExecutionId']}.csv"
    bucket, _, key = asked.location.removeprefix("s3://").partition("/")
    text = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert text == '"id","carrier","delay"\n"2","B6",\n"4","q""uo,te","1.0E-4"\n'
    assert client("s3").head_object(Bucket=bucket, Key=f"{key}.metadata")["ContentLength"] > 0


@pytest.mark.parametrize(
    "name",
    [
        "flights",
        "athena_tests.flights",
        '"AwsDataCatalog"."athena_tests".flights',
        "awsdatacatalog.athena_tests.FLIGHTS",
    ],
)
def test_a_table_is_found_by_each_of_its_names(athena: Any, name: str) -> None:
    assert told(athena, f"SELECT count(*) FROM {name}") == [["4"]]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ("id >= 2 AND id < 4", "23"),
        ("carrier = 'UA'", "13"),
        ("day = DATE '2013-01-02'", "2"),
        ("at > TIMESTAMP '2013-01-01 05:00:00'", "23"),
        ("at BETWEEN TIMESTAMP '2013-01-02 00:00:00' AND TIMESTAMP '2013-02-28 00:00:00'", "23"),
        ("delay IS NULL OR price IS NULL", "23"),
        ("NOT (carrier = 'UA')", "24"),
        ("5 < id OR id = 1", "1"),
        ("late", "14"),
        ("day IS NOT NULL AND NOT late", "2"),
        ("id IN (SELECT max(id) FROM flights)", "4"),
    ],
)
def test_a_condition_means_the_same_whether_it_is_pushed_down_or_not(athena: Any, condition: str, ids: str) -> None:
    rows = told(athena, f"SELECT id FROM flights WHERE {condition} ORDER BY 1")
    assert "".join(str(row[0]) for row in rows) == ids


def test_a_condition_on_the_outer_side_of_a_join_is_not_pushed_below_it(athena: Any) -> None:
    sql = (
        "SELECT a.id FROM flights a LEFT JOIN flights b ON a.id = b.id AND b.id < 3 WHERE b.carrier IS NULL ORDER BY 1"
    )
    assert told(athena, sql) == [["3"], ["4"]]


def test_a_cte_that_is_read_twice_gives_its_rows_twice(athena: Any) -> None:
    sql = "WITH f AS (SELECT id FROM flights) SELECT count(*) FROM f a CROSS JOIN f b"
    assert told(athena, sql) == [["16"]]


def test_only_the_columns_that_are_named_are_scanned(athena: Any) -> None:
    nothing = ask(athena, "SELECT count(*) FROM flights").scanned
    one = ask(athena, "SELECT id FROM flights").scanned
    everything = ask(athena, "SELECT * FROM flights").scanned
    assert nothing == 0 < one < everything / 3


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        (
            "SELECT * FROM athena_tests.nope",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.athena_tests.nope' does",
        ),
        ("SELECT * FROM nodb.t", "SCHEMA_NOT_FOUND: line 1:15: Schema 'nodb' does not exist"),
        ("SELECT id,\n  nope FROM flights", "COLUMN_NOT_FOUND: line 2:3: Column 'nope' cannot be resolved"),
        ("SELECT nope(id) FROM flights", "FUNCTION_NOT_FOUND: line 1:8: Function 'nope' not registered"),
        ("SELECT ifnull(id, 1) FROM flights", "FUNCTION_NOT_FOUND: line 1:8: Function 'ifnull' not registered"),
        (
            "SELECT id FROM flights WHERE id = 'a'",
            "TYPE_MISMATCH: line 1:33: Cannot apply operator: bigint = varchar(1)",
        ),
        (
            "SELECT id FROM flights WHERE day > '2013'",
            "TYPE_MISMATCH: line 1:34: Cannot apply operator: date > varchar(4)",
        ),
        ("SELECT id / 0 FROM flights", "DIVISION_BY_ZERO"),
        ("SELECT CAST(carrier AS integer) FROM flights", "INVALID_CAST_ARGUMENT: Cannot cast"),
        ("SELECT id, count(*) FROM flights", "EXPRESSION_NOT_AGGREGATE"),
        (
            "SELECT * FROM information_schema.nope",
            "TABLE_NOT_FOUND: Table 'awsdatacatalog.information_schema.nope' does",
        ),
        (
            "SELECT split(carrier, ',', 2) FROM flights",
            "NOT_SUPPORTED: line 1:8: not built in the local Athena: the function 'split' with 3 arguments; it takes 2",
        ),
        (
            "SELECT zip_with(ARRAY[1], ARRAY[2], (a, b) -> a + b)",
            "NOT_SUPPORTED: not built in the local Athena: the function 'zip_with'",
        ),
    ],
)
def test_a_query_fails_in_athenas_words_at_its_place(athena: Any, sql: str, reason: str) -> None:
    asked = ask(athena, sql)
    assert asked.state == "FAILED"
    assert asked.reason.startswith(reason)
    assert asked.execution["Status"]["AthenaError"]["ErrorCategory"] == 2


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("SELECT a b c FROM flights", "line 1:12: mismatched input 'c'"),
        ("EXPLAIN SELECT 1", "not built in the local Athena: EXPLAIN"),
        ("INSERT INTO flights SELEC 1", "mismatched input"),
        ("MERGE INTO flights", "mismatched input"),
        ("SELECT 1; SELECT 2", "Only one sql statement is allowed"),
    ],
)
def test_what_cannot_be_read_or_is_not_built_is_refused_at_once(athena: Any, sql: str, message: str) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException") as refused:
        start(athena, sql)
    assert message in refused.value.response["Error"]["Message"]


def test_results_come_in_pages_and_the_header_counts(athena: Any) -> None:
    number = start(athena, "SELECT n FROM UNNEST(sequence(1, 1200)) AS t(n) ORDER BY n")
    assert finished(athena, number).rows == [["n"], *([str(n)] for n in range(1, 1201))]
    first = athena.get_query_results(QueryExecutionId=number)
    assert len(first["ResultSet"]["Rows"]) == 1000
    second = athena.get_query_results(QueryExecutionId=number, NextToken=first["NextToken"])
    assert second["ResultSet"]["Rows"][0]["Data"] == [{"VarCharValue": "1000"}]
    assert "NextToken" not in second


def test_a_page_begins_at_a_row_whatever_the_cells_hold(athena: Any) -> None:
    cell = """concat('a"', chr(10), ',', CAST(n AS varchar))"""
    number = start(
        athena, f"SELECT {cell} AS c, if(n % 2 = 0, '') AS e FROM UNNEST(sequence(1, 350)) AS t(n) ORDER BY n"
    )
    expected = [[f'a"\n,{n}', "" if n % 2 == 0 else None] for n in range(1, 351)]
    assert finished(athena, number).rows[1:] == expected
    page = athena.get_query_results(QueryExecutionId=number, MaxResults=7, NextToken="203")
    assert page["ResultSet"]["Rows"][0]["Data"] == [{"VarCharValue": 'a"\n,203'}, {}]
    assert page["NextToken"] == "210"


def test_time_travel_and_metadata_tables_tell_the_same_history(athena: Any, running: cloud.Running) -> None:
    name = fresh("history")
    done(
        athena,
        f"CREATE TABLE {name} (id bigint) LOCATION 's3://athena-data/{name}' TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    append(running, "id\n1\n", table=f"athena_tests.{name}")
    append(running, "id\n2\n", table=f"athena_tests.{name}")
    (first,), _ = told(athena, f'SELECT snapshot_id FROM "{name}$snapshots" ORDER BY committed_at')
    assert told(athena, f"SELECT count(*) FROM {name} FOR VERSION AS OF {first}") == [["1"]]
    assert told(athena, f"SELECT count(*) FROM {name}") == [["2"]]
    before = ask(athena, f"SELECT * FROM {name} FOR TIMESTAMP AS OF TIMESTAMP '2013-01-01 00:00:00 UTC'")
    assert before.reason.startswith("INVALID_ARGUMENTS: No version history table")


def test_a_plain_table_shows_registered_partitions_only(athena: Any, running: cloud.Running) -> None:
    name = fresh("plain")
    for day in (1, 2):
        append(running, f"id,name\n{day},a\n", object=f"athena-data/{name}/dt=2013-01-0{day}/part.parquet")
    done(
        athena,
        f"""CREATE EXTERNAL TABLE {name} (id bigint, name string, added int) PARTITIONED BY (dt date)
        STORED AS PARQUET LOCATION 's3://athena-data/{name}/'""",
    )
    assert told(athena, f"SELECT * FROM {name}") == []
    done(athena, f"ALTER TABLE {name} ADD PARTITION (dt = '2013-01-02')")
    asked = ask(athena, f"SELECT * FROM {name}")
    assert asked.rows == [["id", "name", "added", "dt"], ["2", "a", None, "2013-01-02"]]
    assert asked.scanned > 0
    assert told(athena, f"SELECT count(*) FROM {name}") == [["1"]]
    assert done(athena, f"SHOW PARTITIONS {name}") == [["dt=2013-01-02"]]


def test_a_partition_value_that_its_type_does_not_know_is_named(athena: Any, running: cloud.Running) -> None:
    name = fresh("plain")
    append(running, "id\n1\n", object=f"athena-data/{name}/year=soon/part.parquet")
    done(
        athena,
        f"""CREATE EXTERNAL TABLE {name} (id bigint) PARTITIONED BY (year int)
        STORED AS PARQUET LOCATION 's3://athena-data/{name}/'""",
    )
    done(athena, f"ALTER TABLE {name} ADD PARTITION (year = 'soon')")
    refused = ask(athena, f"SELECT * FROM {name}").reason
    assert refused == "HIVE_INVALID_PARTITION_VALUE: Invalid partition value 'soon' for integer partition key: year"


@pytest.mark.parametrize(
    ("declared", "stored", "read"), [("id string", "INT64", "varchar"), ("name int", "BINARY", "integer")]
)
def test_a_file_whose_type_is_another_is_named(
    athena: Any, running: cloud.Running, declared: str, stored: str, read: str
) -> None:
    name, column = fresh("plain"), declared.split()[0]
    append(running, "id,name\n1,a\n", object=f"athena-data/{name}/part.parquet")
    done(athena, f"CREATE EXTERNAL TABLE {name} ({declared}) STORED AS PARQUET LOCATION 's3://athena-data/{name}/'")
    assert ask(athena, f"SELECT {column} FROM {name}").reason == (
        f"HIVE_BAD_DATA: Field {column}'s type {stored} in parquet file s3://athena-data/{name}/part.parquet "
        f"is incompatible with type {read} defined in table schema"
    )


def test_a_work_group_settles_where_results_go(athena: Any) -> None:
    name = fresh("group")
    settled = {
        "OutputLocation": "s3://athena-results/settled/",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
    }
    athena.create_work_group(
        Name=name, Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": settled}
    )
    asked = ask(athena, "SELECT 1", WorkGroup=name)
    assert asked.location == f"s3://athena-results/settled/{asked.execution['QueryExecutionId']}.csv"
    assert asked.execution["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    assert athena.list_query_executions(WorkGroup=name)["QueryExecutionIds"] == [asked.execution["QueryExecutionId"]]
    with pytest.raises(ClientError, match=r"WorkGroup nowhere is not found\."):
        start(athena, "SELECT 1", WorkGroup="nowhere")


def test_a_work_groups_scan_limit_ends_a_query_before_it_reads(athena: Any, running: cloud.Running) -> None:
    name = fresh("wide")
    done(
        athena,
        f"CREATE TABLE {name} (n bigint, text string) LOCATION 's3://athena-data/{name}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    import random

    noise = random.Random(1)  # what does not compress
    rows = "\n".join(f"{n},{noise.randbytes(4000).hex()}" for n in range(6000))
    append(running, f"n,text\n{rows}\n", table=f"athena_tests.{name}")
    athena.create_work_group(Name=name, Configuration={"BytesScannedCutoffPerQuery": 10_000_000})
    stopped = ask(athena, f"SELECT max(text) FROM {name}", WorkGroup=name)
    assert stopped.state == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in stopped.reason
    assert ask(athena, f"SELECT max(n) FROM {name}", WorkGroup=name).state == "SUCCEEDED"


def test_the_same_token_starts_a_query_once(athena: Any) -> None:
    token = fresh("a-token-of-at-least-32-characters")
    first = start(athena, "SELECT 1", ClientRequestToken=token)
    assert start(athena, "SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        start(athena, "SELECT 2", ClientRequestToken=token)


def test_a_stopped_query_gives_its_thread_back(athena: Any) -> None:
    many = "UNNEST(sequence(1, 500000))"
    endless = f"SELECT count(*) FROM {many} a(x) CROSS JOIN {many} b(y) WHERE x % 7 = y % 11"
    numbers = [start(athena, endless) for _ in range(4)]  # more than run at once
    for number in numbers:
        athena.stop_query_execution(QueryExecutionId=number)
    assert {finished(athena, number).state for number in numbers} == {"CANCELLED"}
    assert told(athena, "SELECT 1") == [["1"]]


def test_results_of_an_unfinished_or_failed_query_are_refused(athena: Any) -> None:
    failed = ask(athena, "SELECT * FROM nodb.t").execution["QueryExecutionId"]
    with pytest.raises(ClientError, match="Final query state: FAILED"):
        athena.get_query_results(QueryExecutionId=failed)
    with pytest.raises(ClientError, match="was not found"):
        athena.get_query_execution(QueryExecutionId="00000000-0000-0000-0000-000000000000")


def test_a_query_and_its_results_outlive_the_host(tmp_path: Path, running: cloud.Running) -> None:
    state = tmp_path / "cloud"
    try:
        first = cloud.up(ROOT, cold=True, state=state)
        make_bucket(client_of(first, "s3"), "athena-results")
        asked = ask(client_of(first, "athena"), "SELECT 1 AS one, NULL AS nothing")
        cloud.down(ROOT, state=state)
        second = cloud.up(ROOT, cold=True, state=state)
        again = finished(client_of(second, "athena"), asked.execution["QueryExecutionId"])
        assert again.rows == asked.rows == [["one", "nothing"], ["1", None]]
        assert again.execution["Statistics"] == asked.execution["Statistics"]
    finally:
        cloud.down(ROOT, state=state)
