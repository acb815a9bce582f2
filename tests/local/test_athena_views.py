"""Views: kept in the catalog in Athena's own form, checked when made, read with the reader's own rights."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from lakelocal import cloud
from local.arrange import make_bucket
from local.athena_asking import append, ask, done, fresh, told
from local.conftest import Client

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def athena(client: Client, running: cloud.Running) -> Any:
    """Athena with one Iceberg table, `trips`, of three rows."""
    found = client("athena")
    for bucket in ("athena-results", "athena-data"):
        make_bucket(client("s3"), bucket)
    done(found, "CREATE DATABASE IF NOT EXISTS athena_tests")
    done(
        found,
        "CREATE TABLE trips (id int, name string, price decimal(10,2), at timestamp) "
        "LOCATION 's3://athena-data/trips' TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    append(running, "id,name,price,at\n1,a,1.50,2013-01-01 00:00:00\n2,b,2.50,\n3,a,,\n", table="athena_tests.trips")
    return found


@pytest.fixture
def view(athena: Any) -> str:
    name = fresh("view")
    done(athena, f"CREATE VIEW {name} AS SELECT name, sum(id) AS ids, max(price) AS top FROM trips GROUP BY name")
    return name


def test_a_view_is_read_like_a_table(athena: Any, view: str) -> None:
    assert told(athena, f"SELECT * FROM {view} ORDER BY name") == [["a", "4", "1.50"], ["b", "2", "2.50"]]
    assert told(athena, f"SELECT v.ids FROM athena_tests.{view} v WHERE v.name = 'b'") == [["2"]]
    assert told(athena, f"SELECT a.ids + b.ids FROM {view} a JOIN {view} b ON a.name = b.name ORDER BY 1") == [
        ["4"],
        ["8"],
    ]
    assert told(athena, f"SELECT x FROM {view} AS t(w, x, y) ORDER BY 1") == [["2"], ["4"]]


def test_the_catalog_keeps_it_as_athena_does(athena: Any, client: Client, view: str) -> None:
    table = client("glue").get_table(DatabaseName="athena_tests", Name=view)["Table"]
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["Parameters"]["presto_view"] == "true"
    text = table["ViewOriginalText"]
    kept = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */")))
    assert (kept["catalog"], kept["schema"]) == ("awsdatacatalog", "athena_tests")
    assert kept["originalSql"].startswith("SELECT name, sum(id)")
    assert kept["columns"] == [
        {"name": "name", "type": "varchar"},
        {"name": "ids", "type": "bigint"},
        {"name": "top", "type": "decimal(10,2)"},
    ]
    stored = [(column["Name"], column["Type"]) for column in table["StorageDescriptor"]["Columns"]]
    assert stored == [("name", "string"), ("ids", "bigint"), ("top", "decimal(10,2)")]


def test_it_is_shown_replaced_and_dropped(athena: Any, view: str) -> None:
    assert [view] in done(athena, "SHOW VIEWS")
    assert ["trips"] not in done(athena, "SHOW VIEWS IN athena_tests")
    assert done(athena, f"SHOW CREATE VIEW {view}")[0] == [f"CREATE VIEW athena_tests.{view} AS"]
    assert "already exists" in ask(athena, f"CREATE VIEW {view} AS SELECT 1 AS one").reason
    done(athena, f"CREATE OR REPLACE VIEW {view} AS SELECT 1 AS one;")
    assert told(athena, f"SELECT * FROM {view}") == [["1"]]
    done(athena, f"DROP VIEW {view}")
    assert ask(athena, f"SELECT * FROM {view}").reason.startswith("TABLE_NOT_FOUND")
    assert "does not exist" in ask(athena, f"DROP VIEW {view}").reason
    done(athena, f"DROP VIEW IF EXISTS {view}")


def test_a_view_may_read_views(athena: Any, view: str) -> None:
    outer = fresh("outer")
    done(athena, f"CREATE VIEW {outer} AS WITH trips AS (SELECT ids * 2 AS ids FROM {view}) SELECT * FROM trips")
    assert told(athena, f"WITH trips AS (SELECT 7 AS x) SELECT ids, x FROM {outer}, trips ORDER BY 1") == [
        ["4", "7"],
        ["8", "7"],
    ]
    done(athena, f"CREATE OR REPLACE VIEW {view} AS SELECT id AS ids, name, price AS top FROM trips")
    done(athena, f"DROP VIEW {view}")
    assert ask(athena, f"SELECT * FROM {outer}").reason.startswith("INVALID_VIEW: Failed analyzing stored view")


def test_a_view_that_reads_itself_is_refused(athena: Any, view: str) -> None:
    other = fresh("other")
    done(athena, f"CREATE VIEW {other} AS SELECT name FROM {view}")
    done(athena, f"CREATE OR REPLACE VIEW {view} AS SELECT name FROM {other}")
    assert "reads itself" in ask(athena, f"SELECT * FROM {view}").reason


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nope FROM trips", "COLUMN_NOT_FOUND: line 1:{at}: Column 'nope'"),
        ("SELECT id FROM nowhere", "TABLE_NOT_FOUND: line 1:{after}: Table"),
        ("SELECT count(*) FROM trips", "MISSING_COLUMN_NAME: Column name not specified at position 1"),
        ("SELECT id, id FROM trips", "DUPLICATE_COLUMN_NAME"),
        ("SELECT id FROM trips WHERE name > 1", "TYPE_MISMATCH"),
    ],
)
def test_a_view_is_checked_when_it_is_made(athena: Any, sql: str, reason: str) -> None:
    lead = "CREATE VIEW never AS "
    asked = ask(athena, lead + sql)
    assert asked.state == "FAILED"
    assert asked.reason.startswith(reason.format(at=len(lead) + 8, after=len(lead) + 16))
    assert ask(athena, "SELECT * FROM never").reason.startswith("TABLE_NOT_FOUND")


def test_a_view_whose_table_changed_is_stale_until_it_is_made_again(athena: Any, running: cloud.Running) -> None:
    table, view = fresh("changing"), fresh("view")
    done(
        athena,
        f"CREATE TABLE {table} (id int) LOCATION 's3://athena-data/{table}' TBLPROPERTIES ('table_type'='ICEBERG')",
    )
    done(athena, f"CREATE VIEW {view} AS SELECT * FROM {table}")
    done(athena, f"ALTER TABLE {table} ADD COLUMNS (more string)")
    assert ask(athena, f"SELECT * FROM {view}").reason.startswith("VIEW_IS_STALE")
    done(athena, f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM {table}")
    assert ask(athena, f"SELECT * FROM {view}").rows == [["id", "more"]]


def test_a_table_is_no_view_and_a_view_no_table(athena: Any, view: str) -> None:
    assert "Did you mean DROP TABLE" in ask(athena, "DROP VIEW trips").reason
    assert "is a view" in ask(athena, f"DROP TABLE {view}").reason
    assert "Table already exists" in ask(athena, "CREATE OR REPLACE VIEW trips AS SELECT 1 AS a").reason
