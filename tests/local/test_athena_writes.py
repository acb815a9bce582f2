"""Statements that write rows: INSERT, CTAS, UNLOAD, DELETE, UPDATE, MERGE, OPTIMIZE, VACUUM; parameters; partitions."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.arrange import make_bucket
from local.athena_asking import RESULTS, ask, done, fresh, start, told
from local.conftest import Client

pytestmark = pytest.mark.slow

ICEBERG = "LOCATION 's3://athena-data/{0}' TBLPROPERTIES ('table_type'='ICEBERG'{1})"


@pytest.fixture(scope="module")
def athena(client: Client) -> Any:
    found = client("athena")
    for bucket in ("athena-results", "athena-data"):
        make_bucket(client("s3"), bucket)
    done(found, "CREATE DATABASE IF NOT EXISTS athena_tests")
    return found


@pytest.fixture
def table(athena: Any) -> str:
    """An Iceberg table of three rows, partitioned by name."""
    name = fresh("written")
    columns = "(id int, name string, price decimal(10,2), at timestamp) PARTITIONED BY (name)"
    done(athena, f"CREATE TABLE {name} {columns} " + ICEBERG.format(name, ", 'vacuum_max_snapshot_age_seconds'='0'"))
    rows = "(1, 'a', 1.50, TIMESTAMP '2013-01-01 00:00:00'), (2, 'b', NULL, NULL), (3, 'c', 2.25, NULL)"
    done(athena, f"INSERT INTO {name} VALUES {rows}")
    return name


def keys(client: Client, prefix: str) -> list[str]:
    listed = client("s3").list_objects_v2(Bucket="athena-data", Prefix=prefix)
    return [found["Key"] for found in listed.get("Contents", ())]


def test_rows_are_inserted_by_one_snapshot(athena: Any, client: Client, table: str) -> None:
    asked = ask(athena, f"INSERT INTO {table} (name, id) SELECT name, id + 10 FROM {table}")
    assert asked.state == "SUCCEEDED", asked.reason
    assert told(athena, f"SELECT id, name, price FROM {table} WHERE id > 9 ORDER BY 1") == [
        ["11", "a", None],
        ["12", "b", None],
        ["13", "c", None],
    ]
    assert told(athena, f'SELECT count(*) FROM "{table}$snapshots"') == [["2"]]
    number = asked.execution["QueryExecutionId"]
    assert athena.get_query_results(QueryExecutionId=number)["UpdateCount"] == 3
    assert asked.execution["Statistics"]["DataManifestLocation"] == f"{RESULTS}{number}-manifest.csv"
    listed = client("s3").get_object(Bucket="athena-results", Key=f"out/{number}-manifest.csv")["Body"].read().decode()
    assert len(listed.splitlines()) == 3


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("INSERT INTO {0} SELECT 'x', 'a', 1.5, NULL", "TYPE_MISMATCH: line 1:1: Insert query has mismatched column"),
        ("INSERT INTO {0} SELECT 1", "TYPE_MISMATCH"),
        ("INSERT INTO {0} SELECT 5000000000, 'a', 1.5, NULL", "TYPE_MISMATCH"),
        ("INSERT INTO {0} (id, nam) SELECT 1, 'a'", "COLUMN_NOT_FOUND: Insert column name does not exist in target"),
        ("INSERT INTO nowhere SELECT 1", "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.athena_tests.nowhere'"),
        ("DELETE FROM {0} WHERE nope = 1", "COLUMN_NOT_FOUND"),
        ("UPDATE {0} SET id = 1 / 0", "DIVISION_BY_ZERO"),
        (
            "MERGE INTO {0} AS t USING (VALUES (1), (1)) AS s(id) ON t.id = s.id WHEN MATCHED THEN DELETE",
            "MERGE_TARGET_ROW_MULTIPLE_MATCHES",
        ),
        ("OPTIMIZE {0} REWRITE DATA USING BIN_PACK WHERE id = 1", "NOT_SUPPORTED: the condition of OPTIMIZE takes"),
    ],
)
def test_a_statement_that_fails_changes_nothing(athena: Any, table: str, statement: str, reason: str) -> None:
    asked = ask(athena, statement.format(table))
    assert asked.state == "FAILED"
    assert asked.reason.startswith(reason)
    assert told(athena, f'SELECT count(*), sum(id) FROM "{table}"') == [["3", "6"]]


def test_rows_are_deleted_updated_and_merged(athena: Any, table: str) -> None:
    done(athena, f"DELETE FROM {table} WHERE name = 'b' OR price > 100")
    done(athena, f"UPDATE {table} SET price = price + 1, name = upper(name) WHERE id = (SELECT min(id) FROM {table})")
    done(
        athena,
        f"""MERGE INTO {table} AS t USING (VALUES (1, 'x'), (3, 'gone'), (9, 'new')) AS s(id, name) ON t.id = s.id
        WHEN MATCHED AND s.name = 'gone' THEN DELETE
        WHEN MATCHED THEN UPDATE SET name = s.name
        WHEN NOT MATCHED THEN INSERT (id, name) VALUES (s.id, s.name)""",
    )
    assert told(athena, f"SELECT id, name, price, at FROM {table} ORDER BY id") == [
        ["1", "x", "2.50", "2013-01-01 00:00:00.000"],
        ["9", "new", None, None],
    ]
    done(athena, f"DELETE FROM {table} WHERE id = 77")
    operations = told(athena, f'SELECT operation FROM "{table}$snapshots" ORDER BY committed_at')
    assert operations == [["append"], ["overwrite"], ["overwrite"], ["overwrite"]]


def test_a_query_becomes_a_table(athena: Any, client: Client, table: str) -> None:
    plain, parted, iceberg = fresh("plain"), fresh("parted"), fresh("iceberg")
    asked = ask(athena, f"CREATE TABLE {plain} AS SELECT id, avg(price) OVER () AS mean FROM {table}")
    assert asked.state == "SUCCEEDED", asked.reason
    assert asked.location == f"{RESULTS}tables/{asked.execution['QueryExecutionId']}"
    assert told(athena, f"SELECT * FROM {plain} ORDER BY 1") == [["1", "1.88"], ["2", "1.88"], ["3", "1.88"]]
    where = f"external_location = 's3://athena-data/{parted}/', partitioned_by = ARRAY['name']"
    done(athena, f"CREATE TABLE {parted} WITH ({where}) AS SELECT id, name FROM {table}")
    done(athena, f"INSERT INTO {parted} VALUES (7, 'a b')")
    assert sorted(done(athena, f"SHOW PARTITIONS {parted}")) == [["name=a"], ["name=a b"], ["name=b"], ["name=c"]]
    assert told(athena, f"SELECT id FROM {parted} WHERE name = 'a b'") == [["7"]]
    where = f"table_type = 'ICEBERG', is_external = false, location = 's3://athena-data/{iceberg}/'"
    done(athena, f"CREATE TABLE {iceberg} WITH ({where}, partitioning = ARRAY['month(at)']) AS SELECT * FROM {table}")
    assert told(athena, f"SELECT count(*) FROM {iceberg}") == [["3"]]
    made = client("glue").get_table(DatabaseName="athena_tests", Name=iceberg)["Table"]
    assert made["Parameters"]["table_type"] == "ICEBERG"
    assert "month(`at`)" in str(done(athena, f"SHOW CREATE TABLE {iceberg}"))


def test_a_table_is_made_where_nothing_is_and_nowhere_else(athena: Any, table: str) -> None:
    where = f"external_location = 's3://athena-data/{table}/'"
    assert ask(athena, f"CREATE TABLE {table} AS SELECT 1 AS a").reason.startswith("TABLE_ALREADY_EXISTS")
    assert ask(athena, f"CREATE TABLE other WITH ({where}) AS SELECT 1 AS a").reason.startswith(
        "HIVE_PATH_ALREADY_EXISTS"
    )
    group = fresh("enforced")
    settled = {"OutputLocation": "s3://athena-results/settled/"}
    athena.create_work_group(
        Name=group, Configuration={"EnforceWorkGroupConfiguration": True, "ResultConfiguration": settled}
    )
    refused = ask(athena, f"CREATE TABLE other WITH ({where}) AS SELECT 1 AS a", WorkGroup=group)
    assert "enforces a centralized output location" in refused.reason
    empty = fresh("empty")
    done(athena, f"CREATE TABLE {empty} AS SELECT id FROM {table} WITH NO DATA")
    assert told(athena, f"SELECT count(*) FROM {empty}") == [["0"]]


def test_rows_are_unloaded_to_an_empty_place(athena: Any, client: Client, table: str) -> None:
    place = fresh("unloaded")
    unload = f"UNLOAD (SELECT id, name FROM {table}) TO 's3://athena-data/{place}/' WITH (format = 'PARQUET')"
    done(athena, unload)
    assert len(keys(client, f"{place}/")) == 1
    assert ask(athena, unload).reason.startswith("HIVE_PATH_ALREADY_EXISTS")
    done(
        athena,
        f"CREATE EXTERNAL TABLE {place} (id int, name string) STORED AS PARQUET LOCATION 's3://athena-data/{place}/'",
    )
    assert told(athena, f"SELECT sum(id), max(name) FROM {place}") == [["6", "c"]]
    assert "Use format = 'PARQUET'" in ask(athena, unload.replace("PARQUET", "ORC")).reason


def test_small_files_are_packed_and_old_snapshots_vacuumed(athena: Any, client: Client, table: str) -> None:
    for number in range(4):
        done(athena, f"INSERT INTO {table} VALUES ({number}, 'a', NULL, NULL)")
    files = f'SELECT count(*) FROM "{table}$files"'
    assert told(athena, files) == [["7"]]
    done(athena, f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK WHERE name = 'b'")
    assert told(athena, files) == [["7"]]
    done(athena, f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK")
    assert told(athena, files) == [["3"]]
    before = len(keys(client, f"{table}/data/"))
    time.sleep(1.1)  # S3 tells times in whole seconds
    done(athena, f"VACUUM {table}")
    assert (before, len(keys(client, f"{table}/data/"))) == (8, 3)
    assert told(athena, f'SELECT count(*) FROM "{table}$snapshots"') == [["1"]]
    assert told(athena, f"SELECT count(*), sum(id) FROM {table}") == [["7", "12"]]


def test_statements_are_prepared_and_filled(athena: Any, table: str) -> None:
    name = fresh("prepared")
    done(athena, f"PREPARE {name} FROM SELECT name FROM {table} WHERE id = ? OR name = ? ORDER BY 1")
    assert told(athena, f"EXECUTE {name} USING 1, concat('c', '')") == [["a"], ["c"]]
    assert told(athena, f"EXECUTE {name}", ExecutionParameters=["2", "'?'"]) == [["b"]]
    athena.update_prepared_statement(StatementName=name, WorkGroup="primary", QueryStatement="SELECT ? + 1 AS n")
    assert told(athena, f"EXECUTE {name} USING 2") == [["3"]]
    assert told(athena, f"SELECT id FROM {table} WHERE name = ?", ExecutionParameters=["'b'"]) == [["2"]]
    with pytest.raises(ClientError, match="Incorrect number of parameters: expected 1 but found 2"):
        start(athena, f"EXECUTE {name} USING 1, 2")
    with pytest.raises(ClientError, match="expected 1 but found 0"):
        start(athena, "SELECT ?")
    done(athena, f"DEALLOCATE PREPARE {name}")
    with pytest.raises(ClientError, match=f"PreparedStatement {name} was not found"):
        start(athena, f"EXECUTE {name} USING 1")


def test_projected_partitions_are_computed_from_the_tables_properties(athena: Any) -> None:
    name = fresh("projected")
    properties = {
        "projection.enabled": "true",
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": "2013-01-30,2013-02-02",
        "projection.hour.type": "integer",
        "projection.hour.range": "0,2",
        "projection.hour.digits": "2",
        "storage.location.template": f"s3://athena-data/{name}/${{day}}/h${{hour}}",
    }
    given = ", ".join(f"'{key}'='{value}'" for key, value in properties.items())
    done(
        athena,
        f"CREATE EXTERNAL TABLE {name} (id int) PARTITIONED BY (day date, hour string) STORED AS PARQUET "
        f"LOCATION 's3://athena-data/{name}/' TBLPROPERTIES ({given})",
    )
    for number, place in enumerate(("2013-01-31/h01", "2013-02-02/h00", "2014-01-01/h00")):
        unload = f"UNLOAD (SELECT {number} AS id) TO 's3://athena-data/{name}/{place}/' WITH (format = 'PARQUET')"
        done(athena, unload)
    assert told(athena, f"SELECT id, day, hour FROM {name} ORDER BY id") == [
        ["0", "2013-01-31", "01"],
        ["1", "2013-02-02", "00"],
    ]
    assert told(athena, f"SELECT id FROM {name} WHERE hour = '00' AND day > DATE '2013-01-31'") == [["1"]]


def test_folders_become_partitions(athena: Any) -> None:
    name = fresh("folders")
    for day in (1, 2):
        place = f"s3://athena-data/{name}/day=2013-01-0{day}/k=x/"
        done(athena, f"UNLOAD (SELECT {day} AS id) TO '{place}' WITH (format = 'PARQUET')")
    done(
        athena,
        f"CREATE EXTERNAL TABLE {name} (id int) PARTITIONED BY (day date, k string) STORED AS PARQUET "
        f"LOCATION 's3://athena-data/{name}/'",
    )
    done(athena, f"MSCK REPAIR TABLE {name}")
    assert told(athena, f"SELECT id, k FROM {name} WHERE day = DATE '2013-01-02'") == [["2", "x"]]


def test_the_catalog_can_be_asked_as_tables(athena: Any, table: str) -> None:
    view = fresh("view")
    done(athena, f"CREATE VIEW {view} AS SELECT id FROM {table}")
    kinds = "SELECT table_type FROM information_schema.tables WHERE table_schema = 'athena_tests' AND table_name = "
    assert told(athena, f"{kinds}'{table}'") == [["BASE TABLE"]]
    assert told(athena, f"{kinds}'{view}'") == [["VIEW"]]
    assert told(
        athena,
        "SELECT column_name, data_type FROM information_schema.columns "
        f"WHERE table_schema = 'athena_tests' AND table_name = '{table}' ORDER BY ordinal_position",
    ) == [["id", "integer"], ["name", "varchar"], ["price", "decimal(10,2)"], ["at", "timestamp(3)"]]
