"""Why a query fails: Athena's words, with the category and type that `AthenaError` carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SYSTEM, USER = 1, 2
_USER_ERROR = 1000
# by meaning, from https://docs.aws.amazon.com/athena/latest/ug/error-reference.html; which one AWS gives each
# failure is not documented
_TYPES = {
    "EXCEEDED_LOCAL_MEMORY_LIMIT": 0,
    "GENERIC_INTERNAL_ERROR": 200,
    "HIVE_METASTORE_ERROR": 204,
    "ICEBERG_COMMIT_ERROR": 233,
    "ICEBERG_MISSING_METADATA": 233,
    "Access denied when writing output to url": 401,
    "HIVE_BAD_DATA": 1001,
    "HIVE_CURSOR_ERROR": 1001,
    "FAILED": 1003,
    "COLUMN_NOT_FOUND": 1006,
    "EXPRESSION_NOT_AGGREGATE": 1006,
    "MISSING_SCHEMA_NAME": 1006,
    "DUPLICATE_COLUMN_NAME": 1006,
    "INVALID_TABLE_PROPERTY": 1006,
    "INVALID_VIEW": 1006,
    "MISSING_COLUMN_NAME": 1006,
    "SYNTAX_ERROR": 1006,
    "TABLE_ALREADY_EXISTS": 1006,
    "VIEW_IS_STALE": 1006,
    "TYPE_MISMATCH": 1006,
    "INVALID_CAST_ARGUMENT": 1007,
    "DIVISION_BY_ZERO": 1007,
    "NUMERIC_VALUE_OUT_OF_RANGE": 1007,
    "INVALID_ARGUMENTS": 1100,
    "INVALID_LITERAL": 1100,
    "INVALID_FUNCTION_ARGUMENT": 1106,
    "TABLE_NOT_FOUND": 1110,
    "HIVE_PATH_ALREADY_EXISTS": 1114,
    "HIVE_TOO_MANY_OPEN_PARTITIONS": 1120,
    "MERGE_TARGET_ROW_MULTIPLE_MATCHES": 1007,
    "NOT_SUPPORTED": 1200,
    "CATALOG_NOT_FOUND": 1301,
    "SCHEMA_NOT_FOUND": 1301,
    "FUNCTION_NOT_FOUND": 1303,
    "Insufficient permissions to execute the query. User": 1500,
    "PERMISSION_DENIED": 1501,
}


@dataclass(eq=False)
class QueryFailed(Exception):
    """The query ends FAILED; `reason` is its StateChangeReason."""

    reason: str
    category: int = USER

    def __str__(self) -> str:
        return self.reason

    def described(self) -> dict[str, Any]:
        """The `AthenaError` of GetQueryExecution."""
        return {
            "ErrorCategory": self.category,
            "ErrorType": _TYPES.get(self.reason.partition(":")[0], _USER_ERROR),
            "Retryable": False,
            "ErrorMessage": self.reason,
        }


@dataclass(eq=False)
class QueryCancelled(Exception):
    """The query ends CANCELLED: somebody stopped it, or it would scan more than its work group allows."""

    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class InvalidRequest(Exception):
    """The request itself is refused with InvalidRequestException."""

    message: str
    athena_code: str = "INVALID_INPUT"

    def __str__(self) -> str:
        return self.message


def not_built(what: str, instead: str = "") -> InvalidRequest:
    """The refusal of a statement that Athena has and this engine has not."""
    step = f" {instead}" if instead else ""
    return InvalidRequest(f"NOT_SUPPORTED: not built in the local Athena: {what}.{step}", "NOT_SUPPORTED")


def ddl_failed(reason: str) -> QueryFailed:
    """A DDL statement that fails, in Hive's form."""
    return QueryFailed(f"FAILED: {reason}")


def glue_refused(message: str) -> QueryFailed:
    """The catalog refused the caller."""
    return QueryFailed(f"Insufficient permissions to execute the query. {message}".strip())


def storage_refused(location: str, detail: str = "") -> QueryFailed:
    """S3 refused the caller data of a table."""
    told = f" ({detail})" if detail else ""
    return QueryFailed(f"PERMISSION_DENIED: Permission denied on S3 path: {location}{told}")
