"""Athena's API for queries; what is not about queries goes to MiniStack's own handler."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lakelocal.inside.athena import execution, prepared_api, work_group
from lakelocal.inside.athena.caller import Caller, caller_of
from lakelocal.inside.athena.execution import Record
from lakelocal.inside.athena.failure import InvalidRequest
from lakelocal.inside.door import Host

if TYPE_CHECKING:
    from lakelocal.inside.athena.results import Pages
    from lakelocal.inside.athena.runner import Runner

Answer = tuple[int, dict[str, str], bytes]
PAGE, LISTED = 1000, 50


class Api:
    """`handle_request` of the service `athena`. The engine is loaded when the first query needs it."""

    def __init__(self, host: Host, other: Callable[..., Any]) -> None:
        self._host, self._other = host, other
        self._loading = threading.Lock()
        self._loaded: tuple[Runner, Pages] | None = None
        self._actions: dict[str, Callable[[Mapping[str, Any], Caller], dict[str, Any]]] = {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._get,
            "BatchGetQueryExecution": self._batch_get,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
            "ListQueryExecutions": self._list,
            "UpdatePreparedStatement": prepared_api.update,
            "BatchGetPreparedStatement": prepared_api.batch_get,
        }

    async def handle_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Answer:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action not in self._actions:
            answer: Answer = await self._other(method, path, headers, body, query)
            return answer
        try:
            given = json.loads(body or b"{}")
            caller = caller_of(self._host, headers, query)
            # the clients below come back through the door: never on the loop that serves it
            found = await asyncio.to_thread(self._actions[action], given, caller)
        except InvalidRequest as refused:
            return _answer(
                400,
                {
                    "__type": "InvalidRequestException",
                    "message": refused.message,
                    "Message": refused.message,
                    "AthenaErrorCode": refused.athena_code,
                },
            )
        return _answer(200, found)

    def close(self) -> None:
        """Stop all queries."""
        if self._loaded:
            self._loaded[0].close()

    def _engine(self) -> tuple[Runner, Pages]:
        """DuckDB, pyarrow and pyiceberg are 100 MB of memory that an idle cloud need not hold."""
        with self._loading:
            if self._loaded is None:
                from lakelocal.inside.athena.results import Pages
                from lakelocal.inside.athena.runner import Runner

                self._loaded = Runner(self._host.state_folder / "tmp" / "athena"), Pages()
            return self._loaded

    def _start(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        if (repeated := self._repeated(given)) is not None:
            return {"QueryExecutionId": repeated}
        runner, _ = self._engine()
        from lakelocal.inside.athena.request import accepted

        found = accepted(given, caller)
        number = str(found.record["QueryExecutionId"])
        _records()[number] = found.record
        runner.start(found, caller)
        return {"QueryExecutionId": number}

    def _repeated(self, given: Mapping[str, Any]) -> str | None:
        """The query that was started by the same token."""
        token, work_group = given.get("ClientRequestToken"), given.get("WorkGroup") or "primary"
        for number, record in _records().items() if token else ():
            if record.get("_token") == token:
                if record["Query"] != given.get("QueryString") or record["WorkGroup"] != work_group:
                    raise InvalidRequest("Idempotent parameters do not match")
                return str(number)
        return None

    def _get(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        return {"QueryExecution": execution.shown(_record(given))}

    def _batch_get(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        records, numbers = _records(), given.get("QueryExecutionIds") or []
        if len(numbers) > LISTED:
            raise InvalidRequest(f"At most {LISTED} QueryExecutionIds can be asked for in one call")
        return {
            "QueryExecutions": [execution.shown(records[number]) for number in numbers if number in records],
            "UnprocessedQueryExecutionIds": [
                {"QueryExecutionId": number, "ErrorCode": "INTERNAL_FAILURE", "ErrorMessage": "Not found"}
                for number in numbers
                if number not in records
            ],
        }

    def _stop(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        self._engine()[0].stop(_record(given))
        return {}

    def _list(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        name = given.get("WorkGroup") or "primary"
        work_group.settings_of(name)
        mine = [record for record in _records().values() if record["WorkGroup"] == name]
        mine.sort(key=lambda record: -float(record["Status"]["SubmissionDateTime"]))
        first, size = _window(given, LISTED)
        page = {"QueryExecutionIds": [record["QueryExecutionId"] for record in mine[first : first + size]]}
        return page | ({"NextToken": str(first + size)} if first + size < len(mine) else {})

    def _results(self, given: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        record = _record(given)
        state = record["Status"]["State"]
        if state not in execution.TERMINAL:
            raise InvalidRequest(f"Query has not yet finished. Current state: {state}", "INVALID_QUERY_EXECUTION_STATE")
        if state != "SUCCEEDED":
            raise InvalidRequest(
                f"Query did not finish successfully. Final query state: {state}", "INVALID_QUERY_EXECUTION_STATE"
            )
        first, size = _window(given, PAGE)
        pages = self._engine()[1]
        from lakelocal.inside.athena.printed import ResultColumn

        rows: list[list[str | None]] = []
        if record.get("_updated") is None:
            rows = pages.rows(caller, record["ResultConfiguration"]["OutputLocation"], first, size + 1)
        columns = [ResultColumn(**stored).info() for stored in record["_columns"]]
        page: dict[str, Any] = {
            "UpdateCount": record.get("_updated") or 0,
            "ResultSet": {
                "Rows": [{"Data": [_datum(cell) for cell in row]} for row in rows[:size]],
                "ResultSetMetadata": {"ColumnInfo": columns},
            },
        }
        return page | ({"NextToken": str(first + size)} if len(rows) > size else {})


def _records() -> Any:
    from ministack.services import athena

    return athena._executions


def _record(given: Mapping[str, Any]) -> Record:
    number = str(given.get("QueryExecutionId") or "")
    found: Record | None = _records().get(number)
    if found is None:
        raise InvalidRequest(f"QueryExecution {number} was not found")
    return found


def _window(given: Mapping[str, Any], most: int) -> tuple[int, int]:
    size = given.get("MaxResults") or most
    if not 0 < int(size) <= most:
        raise InvalidRequest(f"MaxResults is more than maximum allowed length {most}.")
    token = str(given.get("NextToken") or "0")
    if not token.isdigit():
        raise InvalidRequest("NextToken is invalid")
    return int(token), int(size)


def _datum(cell: str | None) -> dict[str, str]:
    return {} if cell is None else {"VarCharValue": cell}


def _answer(status: int, told: Mapping[str, Any]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(told).encode()
