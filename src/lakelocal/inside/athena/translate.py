"""What goes wrong inside the engine, pyarrow or boto3, in Athena's words."""

from __future__ import annotations

import re

import duckdb
from botocore.exceptions import ClientError
from sqlglot import exp

from lakelocal.inside.athena.failure import (
    SYSTEM,
    USER,
    QueryCancelled,
    QueryFailed,
    glue_refused,
    storage_refused,
)
from lakelocal.inside.athena.place import identifier, where

STOPPED = "Query cancelled by user"
_COLUMN = re.compile(r'(?:Referenced column|Table "[^"]*" does not have a column named|Column) "([^"]+)"')
_FUNCTION = re.compile(r"Function with name \"?(\w+)\"? (?:does not exist|is not)", re.IGNORECASE)
_CAST = re.compile(r"Could not convert string [\"'](.*?)[\"'] to (\w+)", re.DOTALL)
_KEY = re.compile(r"key '([^']+)' in bucket '([^']+)'")
_TYPES = {"INT32": "integer", "INT64": "bigint", "INT16": "smallint", "INT8": "tinyint", "DOUBLE": "double"}


def engine_failure(error: duckdb.Error, text: str, tree: exp.Expression) -> Exception:
    """A failure of the query in DuckDB."""
    said = str(error).split("\n\nLINE")[0].strip()
    first = said.split("\n")[0]
    if isinstance(error, duckdb.InterruptException):
        return QueryCancelled(STOPPED)
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryFailed(
            f"EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor. {first}", SYSTEM
        )
    if isinstance(error, duckdb.BinderException) and (found := _COLUMN.search(said)):
        name = found[1].split(".")[-1]
        at = identifier(tree, name)
        return QueryFailed(
            f"COLUMN_NOT_FOUND: {where(text, at) if at else 'line 1:1'}: Column '{name}' cannot be resolved "
            "or requester is not authorized to access requested resources"
        )
    if isinstance(error, duckdb.CatalogException) and (found := _FUNCTION.search(said)):
        return QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: the function '{found[1].lower()}'")
    if isinstance(error, duckdb.ConversionException):
        if found := _CAST.search(said):
            kind = _TYPES.get(found[2].upper(), found[2].lower())
            return QueryFailed(f"INVALID_CAST_ARGUMENT: Cannot cast '{found[1]}' to {kind}")
        return QueryFailed(f"INVALID_CAST_ARGUMENT: {_bare(first)}")
    if _bare(first).startswith("NOT_SUPPORTED: "):
        return QueryFailed(_bare(first))
    if "Division by zero" in said or "division by zero" in said:
        return QueryFailed("DIVISION_BY_ZERO: Division by zero")
    if isinstance(error, duckdb.OutOfRangeException):
        return QueryFailed(f"NUMERIC_VALUE_OUT_OF_RANGE: {_bare(first)}")
    if isinstance(error, duckdb.BinderException) and "GROUP BY" in said:
        return QueryFailed(f"EXPRESSION_NOT_AGGREGATE: {_bare(first)}")
    if isinstance(error, duckdb.BinderException) and ("No function matches" in said or "compare" in said):
        return QueryFailed(f"TYPE_MISMATCH: {_bare(first)}")
    if isinstance(error, duckdb.BinderException | duckdb.ParserException | duckdb.CatalogException):
        return QueryFailed(f"SYNTAX_ERROR: {_bare(first)}")
    if isinstance(error, duckdb.PermissionException):
        return QueryFailed(f"PERMISSION_DENIED: {_bare(first)}")
    return QueryFailed(f"GENERIC_USER_ERROR: {_bare(first)}", USER)


def read_failure(error: Exception, table: str) -> Exception:
    """A failure while a table's metadata or files are read."""
    if isinstance(error, QueryFailed | QueryCancelled):
        return error
    text = str(error)
    if isinstance(error, ClientError):
        return glue_refused(text) if "AccessDenied" in text else QueryFailed(f"HIVE_METASTORE_ERROR: {text}")
    if "ACCESS_DENIED" in text or isinstance(error, PermissionError):
        found = _KEY.search(text)
        return storage_refused(f"s3://{found[2]}/{found[1]}" if found else f"the files of {table}")
    if isinstance(error, FileNotFoundError):
        return QueryFailed(f"ICEBERG_MISSING_METADATA: Error accessing the files of {table}: {text}")
    return QueryFailed(f"GENERIC_INTERNAL_ERROR: reading {table}: {type(error).__name__}: {text}", SYSTEM)


def _bare(text: str) -> str:
    """Without DuckDB's own name of the kind of error."""
    return re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", text)
