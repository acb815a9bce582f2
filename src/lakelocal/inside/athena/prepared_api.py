"""The calls about prepared statements that MiniStack lacks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.failure import InvalidRequest


def update(given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    from ministack.services import athena

    key = f"{given.get('WorkGroup')}/{given.get('StatementName')}"
    found = athena._prepared_statements.get(key)
    if found is None:
        raise InvalidRequest(f"PreparedStatement {given.get('StatementName')} was not found")
    told = {name: given[name] for name in ("QueryStatement", "Description") if name in given}
    athena._prepared_statements[key] = found | told | {"LastModifiedTime": time.time()}
    return {}


def batch_get(given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    from ministack.services import athena

    names = given.get("PreparedStatementNames") or []
    found = {name: athena._prepared_statements.get(f"{given.get('WorkGroup')}/{name}") for name in names}
    return {
        "PreparedStatements": [statement for statement in found.values() if statement is not None],
        "UnprocessedPreparedStatementNames": [
            {"StatementName": name, "ErrorCode": "INVALID_INPUT", "ErrorMessage": "Not found"}
            for name, statement in found.items()
            if statement is None
        ],
    }
