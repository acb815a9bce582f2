"""Replay: batches are staged again with the dataset's current version, and run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from lake.core.batch import Batch
from lake.core.errors import SpecError
from lake.core.run import Run
from lake.flows.notice import notice
from lake.flows.outbox import stage_a_message
from lake.gateways.ledger import Ledger
from lake.gateways.queues import Queues
from lake.gateways.registry import Registry, dataset_of


@dataclass(frozen=True, slots=True)
class Replayer:
    ledger: Ledger
    registry: Registry
    queues: Queues
    stage_a_queue: str

    def replay(self, path: str, ids: Iterable[str]) -> list[Batch]:
        """Open the next generation of these batches and send it; what is open already is only sent again.

        Readers keep seeing what they saw until the next run. Raises SpecError for a batch that cannot be replayed now.
        """
        config = dataset_of(self.registry, path).digest
        wanted = list(dict.fromkeys(ids))
        found = self.ledger.batches.get(path, wanted)
        runs = {run: self.ledger.runs.get(path, run) for run in {one.run for one in found.values() if one.run}}
        for one in wanted:
            _check(path, one, found.get(one), runs)
        return [self._again(found[one], config) for one in wanted]

    def _again(self, batch: Batch, config: str) -> Batch:
        if batch.state == "assigned" or (batch.state == "staged" and not batch.run):
            after = replace(batch, state="sent", kind="replay", generation=batch.generation + 1, config=config)
            if not self.ledger.batches.reopen(after, batch):
                raise SpecError(f"Batch {batch.id} of {batch.path} has just changed. Look at it with `lake status`.")
            batch = after
        self.queues.send(self.stage_a_queue, [stage_a_message(batch)])
        notice("batch replayed", dataset=batch.path, batch=batch.id, generation=batch.generation)
        return batch


def _check(path: str, name: str, batch: Batch | None, runs: Mapping[str, Run | None]) -> None:
    if batch is None:
        raise SpecError(f"Dataset {path} has no batch {name}. `lake trace` shows the batch of an object.")
    if batch.state == "made":
        # Its objects may still come to belong to another batch: only the outbox knows, and it has not sent this one.
        raise SpecError(f"Batch {name} of {path} is still being made. Route finishes it when its arrivals come again.")
    run = runs.get(batch.run)
    if run is not None and run.status == "started":
        raise SpecError(f"Batch {name} of {path} is in run {run.id}, which goes on. Wait for its end.")
    if run is not None and run.status == "failed":
        # An attempt may have published before it was lost: the next one must find the batch as that one read it.
        raise SpecError(
            f"Batch {name} of {path} is in run {run.id}, which failed. Try it again with `lake run {path}`."
        )
