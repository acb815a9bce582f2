"""CREATE VIEW, DROP VIEW and SHOW CREATE VIEW, done as the caller."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lakelocal.inside.athena import ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import glue_table, need_database
from lakelocal.inside.athena.failure import QueryFailed, ddl_failed
from lakelocal.inside.athena.query import described
from lakelocal.inside.athena.type_name import hive_name, trino_name
from lakelocal.inside.athena.view import CATALOG, ViewColumn, is_view, table_input, view_of


def create(caller: Caller, database: str, session: str, statement: ddl.CreateView, spill: Path) -> None:
    """Check the query as this caller, then keep it. `session` is the database of names without one."""
    need_database(caller, database)
    name = statement.table[1]
    there = glue_table(caller, database, name)
    if there is not None and not is_view(there):
        raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: Table already exists: '{CATALOG}.{database}.{name}'")
    if there is not None and not statement.replaces:
        raise QueryFailed(f"TABLE_ALREADY_EXISTS: line 1:1: View already exists: '{CATALOG}.{database}.{name}'")
    given = table_input(session, name, statement.sql.strip(), _columns(caller, session, statement, spill))
    change = caller.glue.create_table if there is None else caller.glue.update_table
    change(DatabaseName=database, TableInput=given)


def _columns(caller: Caller, session: str, statement: ddl.CreateView, spill: Path) -> list[ViewColumn]:
    found = [
        ViewColumn(name.lower(), trino_name(kind, whole=whole), hive_name(kind, whole=whole))
        for name, kind, whole in described(statement.sql, caller, session, spill)
    ]
    for at, column in enumerate(found):
        if column.name == f"_col{at}":
            raise QueryFailed(f"MISSING_COLUMN_NAME: Column name not specified at position {at + 1}")
        if column.name in [other.name for other in found[:at]]:
            raise QueryFailed(f"DUPLICATE_COLUMN_NAME: Column name '{column.name}' specified more than once")
    return found


def drop(caller: Caller, database: str, statement: ddl.DropView) -> None:
    name = statement.table[1]
    there = glue_table(caller, database, name)
    if there is None:
        if statement.if_exists:
            return
        raise QueryFailed(f"TABLE_NOT_FOUND: line 1:1: View '{CATALOG}.{database}.{name}' does not exist")
    if not is_view(there):
        raise QueryFailed(
            f"TABLE_NOT_FOUND: line 1:1: View '{CATALOG}.{database}.{name}' does not exist, but a table with that name "
            f"exists. Did you mean DROP TABLE {database}.{name}?"
        )
    caller.glue.delete_table(DatabaseName=database, Name=name)


def create_statement(caller: Caller, database: str, name: str) -> Iterator[str]:
    """The statement that makes a view again."""
    there = glue_table(caller, database, name)
    if there is None or not is_view(there):
        raise ddl_failed(f"SemanticException [Error 10001]: View not found {database}.{name}")
    yield f"CREATE VIEW {database}.{name} AS"
    yield from view_of(there).sql.splitlines()
