"""The ledger's runs, and the head that lets only one of them go on at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from lake.core.arrival import instant
from lake.core.gathering import Head
from lake.core.run import Run
from lake.gateways.dynamo import Table


class Runs(Protocol):
    """`path` is the dataset, `<team>/<dataset>`."""

    def make(self, run: Run) -> Run:
        """Record a run unless its id is known, and give what stands."""

    def get(self, path: str, run: str) -> Run | None: ...

    def newest(self, path: str, most: int = 0) -> list[Run]:
        """The newest runs first; 0 gives all."""

    def move(self, after: Run, before: Run) -> bool:
        """Replace the run while its status and attempt are those of `before`; whether it did."""

    def head(self, path: str) -> Head: ...

    def move_head(self, path: str, after: Head, before: Head) -> bool:
        """Replace the head while it is still `before`; whether it did."""


class DynamoRuns:
    def __init__(self, table: Table) -> None:
        self._table = table

    def make(self, run: Run) -> Run:
        if self._table.put_if(_item(run), "attribute_not_exists(pk)"):
            return run
        return self.get(run.path, run.id) or run

    def get(self, path: str, run: str) -> Run | None:
        item = self._table.get((f"{path}#R", run))
        return _run(item) if item else None

    def newest(self, path: str, most: int = 0) -> list[Run]:
        found = [_run(item) for item in self._table.query(f"{path}#R", newest=most)]
        return found if most else found[::-1]

    def move(self, after: Run, before: Run) -> bool:
        expected = {"status": before.status, "attempt": before.attempt}
        return self._table.put_if(_item(after), "#status = :status AND #attempt = :attempt", expected)

    def head(self, path: str) -> Head:
        item = self._table.get((f"{path}#H", "head"))
        return _head(item) if item else Head()

    def move_head(self, path: str, after: Head, before: Head) -> bool:
        item = {"pk": f"{path}#H", "sk": "head"} | _head_fields(after)
        if before == Head() and self._table.put_if(item, "attribute_not_exists(pk)"):
            return True
        conditions, values = [], {}
        for name, value in _head_fields(before, absent="").items():
            if value == "":
                conditions.append(f"attribute_not_exists(#{name})")
            else:
                conditions.append(f"#{name} = :{name}")
                values[name] = value
        return self._table.put_if(item, " AND ".join(conditions), values)


class MemoryRuns:
    """`writes` counts what DynamoDB would bill as written items."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str], Run] = {}
        self._heads: dict[str, Head] = {}
        self.writes = 0

    def make(self, run: Run) -> Run:
        self.writes += 1
        return self._runs.setdefault((run.path, run.id), run)

    def get(self, path: str, run: str) -> Run | None:
        return self._runs.get((path, run))

    def newest(self, path: str, most: int = 0) -> list[Run]:
        found = [run for (owner, _), run in sorted(self._runs.items(), reverse=True) if owner == path]
        return found[:most] if most else found

    def move(self, after: Run, before: Run) -> bool:
        self.writes += 1
        stands = self._runs.get((after.path, after.id))
        if stands is None or (stands.status, stands.attempt) != (before.status, before.attempt):
            return False
        self._runs[after.path, after.id] = after
        return True

    def head(self, path: str) -> Head:
        return self._heads.get(path, Head())

    def move_head(self, path: str, after: Head, before: Head) -> bool:
        self.writes += 1
        if self.head(path) != before:
            return False
        self._heads[path] = after
        return True


def _item(run: Run) -> dict[str, Any]:
    fields = {name: _text(value) for name, value in asdict(run).items() if value not in ("", None)}
    return {"pk": f"{run.path}#R", "sk": run.id} | fields


def _run(item: Mapping[str, Any]) -> Run:
    fields = {name: value for name, value in item.items() if name not in ("pk", "sk")}
    ended = fields.get("ended_at")
    return Run(
        **{"reason": "", "config": ""}
        | fields
        | {"started_at": instant(fields["started_at"]), "ended_at": instant(ended) if ended else None}
    )


def _head_fields(head: Head, absent: str | None = None) -> dict[str, Any]:
    fields = {name: _text(value) if value else absent for name, value in asdict(head).items() if name != "runs"}
    return {"runs": head.runs} | {name: value for name, value in fields.items() if value is not None}


def _head(item: Mapping[str, Any]) -> Head:
    since = item.get("active_since")
    return Head(
        runs=item["runs"],
        active=item.get("active", ""),
        execution=item.get("execution", ""),
        active_since=instant(since) if since else None,
        halted=item.get("halted", ""),
    )


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
