"""The ledger's batches, and the hints which of them wait for a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

from lake.core.arrival import instant
from lake.core.batch import Batch, State
from lake.core.gathering import Waiting
from lake.gateways.dynamo import Table


class Batches(Protocol):
    """`path` is the dataset, `<team>/<dataset>`."""

    def make(self, batch: Batch) -> Batch:
        """Record a batch unless its id is known, and give what stands."""

    def get(self, path: str, ids: Iterable[str]) -> dict[str, Batch]:
        """Those of these batches that exist."""

    def all(self, path: str) -> list[Batch]:
        """Every batch of the dataset, by id."""

    def move(self, after: Batch, *before: State) -> bool:
        """Replace the batch while it stands in one of these states, in the same generation; whether it did."""

    def reopen(self, after: Batch, before: Batch) -> bool:
        """Replace the batch by its next generation if it is still as it was read; whether it did."""

    def drop(self, batch: Batch) -> None:
        """Forget a batch that was made and has no objects."""

    def wait(self, path: str, waiting: Waiting) -> None:
        """Note that this waits for a run; a second note changes nothing that matters."""

    def waiting(self, path: str) -> list[Waiting]:
        """What waits for a run, by id. A hint: the batch's own state decides."""

    def unwait(self, path: str, ids: Iterable[str]) -> None:
        """Forget these notes."""


class DynamoBatches:
    def __init__(self, table: Table) -> None:
        self._table = table

    def make(self, batch: Batch) -> Batch:
        if self._table.put_if(_item(batch), "attribute_not_exists(pk)"):
            return batch
        return self.get(batch.path, [batch.id]).get(batch.id, batch)

    def get(self, path: str, ids: Iterable[str]) -> dict[str, Batch]:
        items = self._table.get_all((f"{path}#B", one) for one in ids)
        return {item["id"]: _batch(item) for item in items}

    def all(self, path: str) -> list[Batch]:
        return [_batch(item) for item in self._table.query(f"{path}#B")]

    def move(self, after: Batch, *before: State) -> bool:
        states = {f"state{number}": state for number, state in enumerate(before)}
        condition = f"#generation = :generation AND #state IN ({', '.join(f':{name}' for name in states)})"
        return self._table.put_if(_item(after), condition, {**states, "generation": after.generation})

    def reopen(self, after: Batch, before: Batch) -> bool:
        read = {"generation": before.generation, "state": before.state} | ({"run": before.run} if before.run else {})
        run = "#run = :run" if before.run else "attribute_not_exists(#run)"
        return self._table.put_if(_item(after), f"#generation = :generation AND #state = :state AND {run}", read)

    def drop(self, batch: Batch) -> None:
        self._table.delete_if((f"{batch.path}#B", batch.id), "state", "made")

    def wait(self, path: str, waiting: Waiting) -> None:
        self._table.put(
            {
                "pk": f"{path}#W",
                "sk": waiting.id,
                "objects": waiting.objects,
                "at": waiting.at.isoformat(),
                "staged_at": waiting.staged_at.isoformat(),
            }
        )

    def waiting(self, path: str) -> list[Waiting]:
        return [
            Waiting(item["sk"], item["objects"], instant(item["at"]), instant(item["staged_at"]))
            for item in self._table.query(f"{path}#W")
        ]

    def unwait(self, path: str, ids: Iterable[str]) -> None:
        self._table.delete_all((f"{path}#W", one) for one in ids)


class MemoryBatches:
    """`writes` counts what DynamoDB would bill as written items."""

    def __init__(self) -> None:
        self._batches: dict[tuple[str, str], Batch] = {}
        self._waiting: dict[tuple[str, str], Waiting] = {}
        self.writes = 0

    def make(self, batch: Batch) -> Batch:
        self.writes += 1
        return self._batches.setdefault((batch.path, batch.id), batch)

    def get(self, path: str, ids: Iterable[str]) -> dict[str, Batch]:
        return {one: self._batches[path, one] for one in ids if (path, one) in self._batches}

    def all(self, path: str) -> list[Batch]:
        return [batch for (owner, _), batch in sorted(self._batches.items()) if owner == path]

    def move(self, after: Batch, *before: State) -> bool:
        self.writes += 1
        stands = self._batches.get((after.path, after.id))
        if stands is None or stands.state not in before or stands.generation != after.generation:
            return False
        self._batches[after.path, after.id] = after
        return True

    def reopen(self, after: Batch, before: Batch) -> bool:
        self.writes += 1
        stands = self._batches.get((after.path, after.id))
        if stands is None or _standing(stands) != _standing(before):
            return False
        self._batches[after.path, after.id] = after
        return True

    def drop(self, batch: Batch) -> None:
        self.writes += 1
        stands = self._batches.get((batch.path, batch.id))
        if stands is not None and stands.state == "made":
            del self._batches[batch.path, batch.id]

    def wait(self, path: str, waiting: Waiting) -> None:
        self.writes += 1
        self._waiting[path, waiting.id] = waiting

    def waiting(self, path: str) -> list[Waiting]:
        return [one for (owner, _), one in sorted(self._waiting.items()) if owner == path]

    def unwait(self, path: str, ids: Iterable[str]) -> None:
        for one in ids:
            self.writes += 1
            self._waiting.pop((path, one), None)


def _standing(batch: Batch) -> tuple[int, State, str]:
    return batch.generation, batch.state, batch.run


def _item(batch: Batch) -> dict[str, Any]:
    fields = {name: value for name, value in asdict(batch).items() if value != ""}
    return {"pk": f"{batch.path}#B", "sk": batch.id} | fields | {"at": batch.at.isoformat()}


def _batch(item: Mapping[str, Any]) -> Batch:
    fields = {name: value for name, value in item.items() if name not in ("pk", "sk")}
    return Batch(**fields | {"at": instant(item["at"])})
