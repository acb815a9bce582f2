"""Register: a deployed dataset gets its tables, its version, and at last its claim on a prefix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import islice
from typing import Any
from urllib.parse import quote_plus

from lake.core.arrival import Arrival
from lake.core.claim import Claim, claim_for
from lake.core.dataset import Dataset, dataset_from_json, digest_of
from lake.core.ddl import create_quarantine, create_table, create_view, drop_view, evolve_table
from lake.core.errors import SpecError
from lake.flows.notice import notice
from lake.gateways.ledger import Ledger
from lake.gateways.objects import Objects, address, read_json
from lake.gateways.queues import Queues
from lake.gateways.registry import Registry, dataset_of
from lake.gateways.tables import Tables
from lake.gateways.warehouse import Warehouse

RECORDS_PER_MESSAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the dataset's stack asks for."""

    team: str
    dataset: str
    compiled: str
    digest: str
    queue_url: str
    work_group: str

    @property
    def path(self) -> str:
        return f"{self.team}/{self.dataset}"


@dataclass(frozen=True, slots=True)
class Registrar:
    ledger: Ledger
    registry: Registry
    objects: Objects
    queues: Queues
    tables: Tables
    warehouse: Warehouse
    arrivals_queue: str

    def register(self, wanted: Wanted) -> None:
        """Create or evolve the tables, then make this version count. Objects come once the claim stands."""
        compiled = self._compiled(wanted)
        dataset = dataset_from_json(compiled)
        before = self._dataset(wanted.path, self.registry.current(wanted.path))
        self._prepare_tables(dataset, wanted.work_group, self.registry.knows(wanted.path, wanted.digest))
        for view in dataset.views:
            self.warehouse.run(create_view(dataset, view), wanted.work_group)
        self.registry.keep(wanted.path, compiled)
        claim = claim_of(dataset, wanted.queue_url)
        if claim is not None:
            self.registry.claim(claim)
        self.registry.set_current(wanted.path, wanted.digest)
        for source in dataset.source.inputs:
            self.registry.feed(_path(source), dataset.path)
        old = before.source.inputs if before else ()
        self._leave(wanted.path, set(old) - set(dataset.source.inputs), dataset.source.prefix)
        self._drop_views(before, wanted.work_group, {view.name for view in dataset.views})
        if claim is not None:
            self._announce_again(claim)
        notice("dataset registered", dataset=wanted.path, config=wanted.digest[:12])

    def remove(self, path: str, work_group: str) -> None:
        """Give up claim, feeds, views and the current version; tables, objects and old versions stay."""
        dataset = self._dataset(path, self.registry.current(path))
        self._leave(path, dataset.source.inputs if dataset else (), "")
        self._drop_views(dataset, work_group, set())
        self.registry.remove(path)
        notice("dataset removed", dataset=path)

    def _leave(self, path: str, inputs: Iterable[str], prefix: str) -> None:
        """Take back feeds from these inputs, and every claim of the dataset but that of this prefix."""
        for claim in self.registry.claims():
            if claim.path == path and claim.prefix != prefix:
                self.registry.unclaim(claim)
        for source in inputs:
            self.registry.unfeed(_path(source), path)

    def _dataset(self, path: str, digest: str) -> Dataset | None:
        return dataset_of(self.registry, path, digest) if digest else None

    def _drop_views(self, before: Dataset | None, group: str, kept: set[str]) -> None:
        """Drop the views of an earlier version, but those that are kept, here or by a dataset that took one over."""
        gone = {view.name for view in before.views} - kept if before else set()
        if before is None or not gone:
            return
        for name in self.registry.datasets(before.team):
            path = f"{before.team}/{name}"
            other = self._dataset(path, self.registry.current(path)) if path != before.path else None
            gone -= {view.name for view in other.views} if other else set()
        for name in sorted(gone):
            self.warehouse.run(drop_view(before, name), group)

    def _compiled(self, wanted: Wanted) -> Mapping[str, Any]:
        compiled: Mapping[str, Any] = read_json(self.objects, *address(wanted.compiled))
        found = (compiled.get("team"), compiled.get("name"), compiled.get("digest"), digest_of(compiled))
        if found != (wanted.team, wanted.dataset, wanted.digest, wanted.digest):
            raise SpecError(
                f"{wanted.compiled} holds {found[0]}/{found[1]} {str(found[2])[:12]}, not {wanted.path} "
                f"{wanted.digest[:12]} as the stack asks. Deploy the dataset again with `lake deploy`."
            )
        return compiled

    def _prepare_tables(self, dataset: Dataset, group: str, known: bool) -> None:
        table = dataset.table
        standing = self.tables.find(table.database, table.name)
        statements = [create_table(dataset)] if standing is None else evolve_table(dataset, standing, known)
        if self.tables.find(table.database, table.quarantine) is None:
            statements.append(create_quarantine(dataset))
        for statement in statements:
            self.warehouse.run(statement, group)

    def _announce_again(self, claim: Claim) -> None:
        """Send what waited for this claim to route once more, then forget that it waited."""
        claims = self.registry.claims()
        waiting = (one.arrival for one in self.ledger.unclaimed.under(claim.prefix))
        ours = (one for one in waiting if claim_for(one.key, claims) == claim)
        while chunk := list(islice(ours, RECORDS_PER_MESSAGE)):
            self.queues.send(self.arrivals_queue, [notification(chunk)])
            self.ledger.unclaimed.forget(chunk)
            notice("unclaimed objects announced again", dataset=claim.path, objects=len(chunk))


def claim_of(dataset: Dataset, queue_url: str) -> Claim | None:
    """The claim of a dataset that is fed by objects."""
    if dataset.derived:
        return None
    return Claim(
        prefix=dataset.source.prefix,
        team=dataset.team,
        dataset=dataset.name,
        config=dataset.digest,
        queue_url=queue_url,
        ignore=dataset.source.ignore,
        batch_objects=dataset.batch_objects,
        batch_bytes=dataset.batch_bytes,
    )


def notification(arrivals: Sequence[Arrival]) -> dict[str, object]:
    """Arrivals as S3 announces them."""
    return {"Records": [_record(one) for one in arrivals]}


def _record(arrival: Arrival) -> dict[str, object]:
    return {
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put" if arrival.kind == "put" else "ObjectRemoved:DeleteMarkerCreated",
        "eventTime": arrival.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "s3": {
            "bucket": {"name": arrival.bucket},
            "object": {
                "key": quote_plus(arrival.key),
                "size": arrival.size,
                "eTag": arrival.etag,
                "versionId": arrival.version,
                "sequencer": arrival.sequencer,
            },
        },
    }


def _path(source: str) -> str:
    """`<team>/<dataset>` of an input that is written `<team>.<dataset>`."""
    return source.replace(".", "/", 1)
