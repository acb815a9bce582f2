"""Arrivals of one dataset become batches, each sent once, however often they are announced.

The order of the writes is the promise: manifest, batch item, objects, message, batch sent. Whoever meets an object
that a batch owns which was not sent yet sends that batch before anything is acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lake.core.arrival import Arrival
from lake.core.batch import Batch, batch_id, batches_of
from lake.core.claim import Claim
from lake.core.entry import Entry
from lake.core.manifest import manifest_from_json, manifest_to_json
from lake.flows.notice import notice
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Objects, json_bytes, read_json
from lake.gateways.queues import Queues


@dataclass(frozen=True, slots=True)
class Outbox:
    ledger: Ledger
    objects: Objects
    queues: Queues
    stage_bucket: str

    def settle(self, claim: Claim, arrivals: Iterable[Arrival]) -> None:
        """When it returns, every arrival belongs to a batch whose message is on the team's queue."""
        seen: set[str] = set()
        left: list[tuple[Batch, list[Arrival]]] = [
            (_batch_for(claim, candidates), candidates)
            for candidates in batches_of(_distinct(arrivals), claim.batch_objects, claim.batch_bytes)
        ]
        while left:
            batch, candidates = left.pop()
            if batch.id in seen:
                continue
            seen.add(batch.id)
            others = self._settle_one(claim, batch, candidates) - seen
            left.extend(self._unsent(claim, others))

    def _settle_one(self, claim: Claim, batch: Batch, candidates: list[Arrival]) -> set[str]:
        """Send one batch of those candidates that it owns; the ids of the batches that own the rest."""
        self.objects.create(self.stage_bucket, batch.manifest_key, _manifest(batch, candidates))
        batch = self.ledger.batches.make(batch)
        entries = self.ledger.entries.enter(claim.path, [Entry(one, batch.id) for one in candidates])
        if batch.state == "made":
            self._send(claim, batch, [entry.arrival for entry in entries if entry.batch == batch.id], len(candidates))
        return {entry.batch for entry in entries if entry.batch not in ("", batch.id)}

    def _send(self, claim: Claim, batch: Batch, members: Sequence[Arrival], candidates: int) -> None:
        if not members:
            self.ledger.batches.drop(batch)
            return
        if len(members) < candidates:
            self.objects.write(self.stage_bucket, batch.manifest_key, _manifest(batch, members))
        size = sum(one.size for one in members)
        self.queues.send(claim.queue_url, [stage_a_message(batch)])
        self.ledger.batches.move(replace(batch, state="sent", objects=len(members), bytes=size), "made")
        notice("batch sent", dataset=batch.path, batch=batch.id, objects=len(members), bytes=size)

    def _unsent(self, claim: Claim, ids: set[str]) -> list[tuple[Batch, list[Arrival]]]:
        if not ids:
            return []
        made = [batch for batch in self.ledger.batches.get(claim.path, ids).values() if batch.state == "made"]
        return [
            (batch, manifest_from_json(read_json(self.objects, self.stage_bucket, batch.manifest_key)))
            for batch in made
        ]


def stage_a_message(batch: Batch) -> dict[str, object]:
    return {"team": batch.team, "dataset": batch.dataset, "batch": batch.id, "generation": batch.generation}


def _batch_for(claim: Claim, candidates: Sequence[Arrival]) -> Batch:
    return Batch(
        team=claim.team,
        dataset=claim.dataset,
        id=batch_id(candidates),
        config=claim.config,
        objects=len(candidates),
        bytes=sum(one.size for one in candidates),
        at=max(one.at for one in candidates),
    )


def _distinct(arrivals: Iterable[Arrival]) -> list[Arrival]:
    return list({(one.key_hash, one.identity): one for one in arrivals}.values())


def _manifest(batch: Batch, arrivals: Iterable[Arrival]) -> bytes:
    return json_bytes(manifest_to_json(batch.id, arrivals))
