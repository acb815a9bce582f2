"""DDL: Iceberg tables made, changed and dropped, and what the Glue catalog shows of it."""

from __future__ import annotations

from typing import Any

import pytest

from lakelocal import cloud
from local.arrange import make_bucket
from local.athena_asking import append, ask, done, fresh, told
from local.conftest import Client

pytestmark = pytest.mark.slow

ICEBERG = "LOCATION 's3://athena-data/x' TBLPROPERTIES ('table_type'='ICEBERG')"


@pytest.fixture(scope="module")
def athena(client: Client) -> Any:
    for bucket in ("athena-results", "athena-data"):
        make_bucket(client("s3"), bucket)
    done(client("athena"), "CREATE DATABASE IF NOT EXISTS athena_tests COMMENT 'for tests'")
    return client("athena")


@pytest.fixture
def table(athena: Any) -> str:
    """An empty table `(id int 'the key', name string, share float, price decimal(8,2), at timestamp)`."""
    name = fresh("made")
    done(
        athena,
        f"""CREATE TABLE IF NOT EXISTS athena_tests.{name} (
          id int COMMENT 'the key', name string, share float, price decimal(8,2), at timestamp COMMENT 'it''s when')
        COMMENT 'a table of tests'
        PARTITIONED BY (truncate(2, name), month(at), bucket(4, id))
        LOCATION 's3://athena-data/{name}/'
        TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='zstd')""",
    )
    return name


def columns_of(client: Client, name: str) -> dict[str, tuple[str, str | None]]:
    found = client("glue").get_table(DatabaseName="athena_tests", Name=name)["Table"]
    return {
        column["Name"]: (column["Type"], column.get("Comment"))
        for column in found["StorageDescriptor"]["Columns"]
        if column["Parameters"]["iceberg.field.current"] == "true"
    }


def test_a_created_table_is_in_the_catalog_with_its_comments(athena: Any, client: Client, table: str) -> None:
    found = client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]
    assert found["Description"] == "a table of tests"
    assert found["Parameters"]["table_type"] == "ICEBERG"
    assert found["Parameters"]["metadata_location"].startswith(f"s3://athena-data/{table}/metadata/00000-")
    assert columns_of(client, table) == {
        "id": ("int", "the key"),
        "name": ("string", None),
        "share": ("float", None),
        "price": ("decimal(8,2)", None),
        "at": ("timestamp", "it's when"),
    }


def test_columns_are_added_renamed_widened_and_dropped_and_old_rows_stay(
    athena: Any, client: Client, running: cloud.Running, table: str
) -> None:
    append(running, "id,name,share,price,at\n7,a,0.5,1.25,2013-01-01 00:00:00\n", table=f"athena_tests.{table}")
    done(athena, f"ALTER TABLE {table} ADD COLUMNS (extra string COMMENT 'more', gone int)")
    done(athena, f"ALTER TABLE {table} CHANGE COLUMN share portion double COMMENT 'wider'")
    done(athena, f"ALTER TABLE {table} CHANGE COLUMN price price decimal(12,2)")
    done(athena, f"ALTER TABLE {table} CHANGE COLUMN extra extra string COMMENT 'still more'")
    done(athena, f"ALTER TABLE {table} DROP COLUMN gone")
    assert columns_of(client, table) == {
        "id": ("int", "the key"),
        "name": ("string", None),
        "portion": ("double", "wider"),
        "price": ("decimal(12,2)", None),
        "at": ("timestamp", "it's when"),
        "extra": ("string", "still more"),
    }
    assert told(athena, f"SELECT id, portion, price, extra FROM {table}") == [["7", "0.5", "1.25", None]]
    assert (
        client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]["Description"] == "a table of tests"
    )


def test_replaced_columns_are_exactly_those_that_were_listed(athena: Any, client: Client, table: str) -> None:
    done(athena, f"ALTER TABLE {table} REPLACE COLUMNS (id bigint, name string, at timestamp, fresh boolean)")
    assert {name: kind for name, (kind, _) in columns_of(client, table).items()} == {
        "id": "bigint",
        "name": "string",
        "at": "timestamp",
        "fresh": "boolean",
    }


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE TABLE {table} (id int) {iceberg}", "AlreadyExistsException"),
        ("CREATE TABLE nodb.t (id int) {iceberg}", "SemanticException [Error 10072]: Database does not exist: nodb"),
        ("CREATE TABLE t (id smallint) {iceberg}", "SemanticException Unsupported type 'smallint'"),
        (
            "ALTER TABLE {table} SET TBLPROPERTIES ('write.x'='1')",
            "SemanticException Unsupported table property key: write.x",
        ),
        (
            "ALTER TABLE {table} ADD COLUMNS (name string)",
            "SemanticException [Error 10036]: Duplicate column name: name",
        ),
        (
            "ALTER TABLE {table} CHANGE COLUMN nope x int",
            "SemanticException [Error 10002]: Invalid column reference nope",
        ),
        (
            "ALTER TABLE {table} CHANGE COLUMN name name int",
            "SemanticException Cannot change column type: name: string -> int",
        ),
        (
            "ALTER TABLE nope ADD COLUMNS (name string)",
            "SemanticException [Error 10001]: Table not found athena_tests.nope",
        ),
        ("DROP TABLE nope", "SemanticException [Error 10001]: Table not found athena_tests.nope"),
        ("SHOW TABLES IN nodb", "SemanticException [Error 10072]: Database does not exist: nodb"),
    ],
)
def test_ddl_that_cannot_be_done_says_why(athena: Any, table: str, statement: str, reason: str) -> None:
    asked = ask(athena, statement.format(table=table, iceberg=ICEBERG))
    assert asked.state == "FAILED"
    assert asked.reason.startswith(f"FAILED: {reason}")


def test_every_transform_of_time_is_a_partition_field(athena: Any) -> None:
    for transform in ("year(at)", "month(at)", "day(at)", "hour(at)", "at"):
        name = fresh("timed")
        done(athena, f"CREATE TABLE {name} (id int, at timestamp) PARTITIONED BY ({transform}) {ICEBERG}")
        said = transform.replace("at", "`at`")
        assert [f"PARTITIONED BY ({said})"] in done(athena, f"SHOW CREATE TABLE {name}")


def test_what_exists_is_left_alone_if_asked_so(athena: Any, client: Client, table: str) -> None:
    before = client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]["VersionId"]
    done(
        athena,
        f"CREATE TABLE IF NOT EXISTS {table} (x int) LOCATION 's3://athena-data/x' "
        "TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    assert client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]["VersionId"] == before
    done(athena, "DROP TABLE IF EXISTS nope")


def test_properties_are_set_and_unset(athena: Any, client: Client, table: str) -> None:
    done(athena, f"ALTER TABLE {table} SET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds'='60')")
    assert ["vacuum_max_snapshot_age_seconds\t60"] in done(athena, f"SHOW TBLPROPERTIES {table}")
    found = client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]["Parameters"]
    assert found["vacuum_max_snapshot_age_seconds"] == "60"
    done(athena, f"ALTER TABLE {table} UNSET TBLPROPERTIES ('vacuum_max_snapshot_age_seconds')")
    after = client("glue").get_table(DatabaseName="athena_tests", Name=table)["Table"]["Parameters"]
    assert after == {key: value for key, value in found.items() if key != "vacuum_max_snapshot_age_seconds"} | {
        "metadata_location": after["metadata_location"],
        "previous_metadata_location": found["metadata_location"],
    }


def test_dropping_an_iceberg_table_deletes_its_data(
    athena: Any, client: Client, running: cloud.Running, table: str
) -> None:
    append(running, "id,name,share,price,at\n7,a,0.5,1.25,2013-01-01 00:00:00\n", table=f"athena_tests.{table}")
    assert client("s3").list_objects_v2(Bucket="athena-data", Prefix=f"{table}/")["KeyCount"] > 2
    done(athena, f"DROP TABLE {table}")
    assert client("s3").list_objects_v2(Bucket="athena-data", Prefix=f"{table}/")["KeyCount"] == 0
    assert [table] not in done(athena, "SHOW TABLES")


def test_the_catalog_is_shown_in_lines(athena: Any, table: str) -> None:
    assert [table] in done(athena, f"SHOW TABLES IN athena_tests '{table[:6]}*'")
    assert ["athena_tests"] in done(athena, "SHOW DATABASES LIKE 'athena*'")
    described = [str(cells[0]).split() for cells in done(athena, f"DESCRIBE {table}")]
    assert ["id", "int", "the", "key"] in described
    shown = "\n".join(str(cells[0]) for cells in done(athena, f"SHOW CREATE TABLE {table}"))
    assert "at timestamp COMMENT 'it''s when')" in shown
    assert f"LOCATION 's3://athena-data/{table}'" in shown
    assert "PARTITIONED BY (truncate(2, `name`), month(`at`), bucket(4, `id`))" in shown
