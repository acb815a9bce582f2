"""The Glue catalog as the caller sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import ddl_failed, glue_refused


def glue_table(caller: Caller, database: str, name: str) -> dict[str, Any] | None:
    """The Glue table, or None if there is none. Raises QueryFailed if the caller may not read it."""
    try:
        return dict(caller.glue.get_table(DatabaseName=database, Name=name)["Table"])
    except ClientError as error:
        if code_of(error) == "EntityNotFoundException":
            return None
        raise told(error) from error


def has_database(caller: Caller, name: str) -> bool:
    """Whether there is such a database. Raises QueryFailed if the caller may not know."""
    try:
        caller.glue.get_database(Name=name)
    except ClientError as error:
        if code_of(error) == "EntityNotFoundException":
            return False
        raise told(error) from error
    return True


def partitions_of(caller: Caller, database: str, name: str) -> Iterator[dict[str, Any]]:
    """The registered partitions of a plain table."""
    try:
        for page in caller.glue.get_paginator("get_partitions").paginate(DatabaseName=database, TableName=name):
            yield from page["Partitions"]
    except ClientError as error:
        raise told(error) from error


def is_iceberg(table: Mapping[str, Any]) -> bool:
    return str((table.get("Parameters") or {}).get("table_type", "")).upper() == "ICEBERG"


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def told(error: ClientError) -> Exception:
    """A refusal by the catalog in Athena's words."""
    code, message = code_of(error), str(error.response.get("Error", {}).get("Message", error))
    if code in ("AccessDeniedException", "AccessDenied", "403"):
        return glue_refused(message)
    if code == "EntityNotFoundException":
        return ddl_failed(f"SemanticException {message}")
    return ddl_failed(f"{code}: {message}")


def need_database(caller: Caller, name: str) -> None:
    """Raise QueryFailed unless there is such a database."""
    if not has_database(caller, name):
        raise ddl_failed(f"SemanticException [Error 10072]: Database does not exist: {name}")
