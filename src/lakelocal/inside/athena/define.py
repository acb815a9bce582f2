"""DDL statements, done as the caller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.athena import ddl, iceberg_change, iceberg_ddl, partition_ddl, view_ddl
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import code_of, glue_table, has_database, is_iceberg, need_database, told
from lakelocal.inside.athena.failure import ddl_failed, not_built
from lakelocal.inside.athena.show import lines_of
from lakelocal.inside.athena.translate import read_failure
from lakelocal.inside.athena.view import is_view


def run_ddl(caller: Caller, statement: ddl.Ddl, database: str, spill: Path) -> list[str]:
    """Do it, in `database` where the statement names none; the lines of its result."""
    try:
        if isinstance(statement, ddl.Show):
            return list(lines_of(caller, statement, database))
        if isinstance(statement, ddl.CreateView):
            view_ddl.create(caller, statement.table[0] or database, database, statement, spill)
            return []
        _do(caller, statement, database)
    except ClientError as error:
        raise told(error) from error
    except OSError as error:
        raise read_failure(error, "the table") from error
    return []


def _do(caller: Caller, statement: ddl.Ddl, database: str) -> None:
    if isinstance(statement, ddl.CreateDatabase):
        return _create_database(caller, statement)
    if isinstance(statement, ddl.DropDatabase):
        return _drop_database(caller, statement)
    assert not isinstance(statement, ddl.Show | ddl.CreateView)  # its caller has taken these
    where, name = statement.table[0] or database, statement.table[1]
    if isinstance(statement, ddl.CreateIceberg):
        need_database(caller, where)
        return iceberg_ddl.create(caller, where, statement)
    if isinstance(statement, ddl.CreateExternal):
        need_database(caller, where)
        return _create_external(caller, where, statement)
    if isinstance(statement, ddl.DropView):
        return view_ddl.drop(caller, where, statement)
    table = glue_table(caller, where, name)
    if table is not None and is_view(table):
        raise ddl_failed(
            f"SemanticException [Error 10020]: {where}.{name} is a view. Use CREATE OR REPLACE or DROP VIEW."
        )
    if isinstance(statement, ddl.DropTable):
        if table is None and not statement.if_exists:
            raise ddl_failed(f"SemanticException [Error 10001]: Table not found {where}.{name}")
        if table is None:
            return None
        if is_iceberg(table):
            return iceberg_ddl.drop(caller, where, name, str(table["StorageDescriptor"].get("Location", "")))
        caller.glue.delete_table(DatabaseName=where, Name=name)
        return None
    if table is None:
        raise ddl_failed(f"SemanticException [Error 10001]: Table not found {where}.{name}")
    return _alter(caller, statement, where, table)


def _alter(caller: Caller, statement: ddl.Ddl, database: str, table: Mapping[str, Any]) -> None:
    if isinstance(statement, ddl.AddPartition):
        if is_iceberg(table):
            raise ddl_failed("SemanticException ALTER TABLE ADD PARTITION is not supported for Iceberg tables")
        return partition_ddl.add(caller, statement, database, table)
    if isinstance(statement, ddl.RepairTable):
        return partition_ddl.repair(caller, database, table)
    change = iceberg_change.change_of(statement)
    if change is None or not is_iceberg(table):
        raise ddl_failed(
            f"SemanticException {not_built(f'{type(statement).__name__} of a table that is not Iceberg')} "
            "Use glue:UpdateTable."
        )
    known = (database, str(table["Name"]))
    iceberg_change.alter(caller, known, change)
    if isinstance(statement, ddl.UnsetProperties):
        iceberg_change.forget(caller, known, statement.keys)
    return None


def _create_external(caller: Caller, database: str, statement: ddl.CreateExternal) -> None:
    try:
        caller.glue.create_table(DatabaseName=database, TableInput=statement.table_input)
    except ClientError as error:
        if code_of(error) == "AlreadyExistsException":
            if statement.if_not_exists:
                return
            raise ddl_failed(f"AlreadyExistsException: Table {statement.table[1]} already exists") from error
        raise


def _create_database(caller: Caller, statement: ddl.CreateDatabase) -> None:
    given = {"Name": statement.name}
    if statement.comment:
        given["Description"] = statement.comment
    if statement.location:
        given["LocationUri"] = statement.location
    try:
        caller.glue.create_database(DatabaseInput=given)
    except ClientError as error:
        if code_of(error) != "AlreadyExistsException":
            raise
        if not statement.if_not_exists:
            raise ddl_failed(f"AlreadyExistsException: Database {statement.name} already exists") from error


def _drop_database(caller: Caller, statement: ddl.DropDatabase) -> None:
    if not has_database(caller, statement.name):
        if statement.if_exists:
            return
        raise ddl_failed(f"SemanticException [Error 10072]: Database does not exist: {statement.name}")
    if not statement.cascade and caller.glue.get_tables(DatabaseName=statement.name)["TableList"]:
        raise ddl_failed(
            f"InvalidOperationException: Database {statement.name} is not empty. One or more tables exist."
        )
    caller.glue.delete_database(Name=statement.name)
