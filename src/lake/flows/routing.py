"""Route: announced objects find their dataset, or wait for one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from lake.core.arrival import Arrival, arrivals_in
from lake.core.claim import Claim, claim_for
from lake.core.entry import Entry
from lake.core.errors import LakeError
from lake.flows.notice import notice, warn
from lake.flows.outbox import Outbox
from lake.gateways.registry import Registry


class Refused(LakeError):
    """A message is no notification about our bucket: it stays, and ends among the dead letters."""


@dataclass(frozen=True, slots=True)
class Route:
    """Claims are read at every call: a dataset counts for the next object once its registration has answered."""

    outbox: Outbox
    registry: Registry
    raw_bucket: str

    def deliver(self, messages: Mapping[str, str], now: datetime) -> list[str]:
        """Settle every arrival in these messages (id to body); the ids of those that must come back."""
        arrivals: dict[str, list[Arrival]] = {}
        failed: set[str] = set()
        for message, body in messages.items():
            try:
                arrivals[message] = announced(body, self.raw_bucket)
            except Refused as refusal:
                warn("message refused", message=message, why=str(refusal))
                failed.add(message)
        unsettled = self._settle({one for many in arrivals.values() for one in many}, now)
        failed.update(message for message, many in arrivals.items() if not unsettled.isdisjoint(many))
        return sorted(failed)

    def _settle(self, arrivals: set[Arrival], now: datetime) -> set[Arrival]:
        """Settle what can be; what cannot be yet is given back."""
        if not arrivals:
            return set()
        groups, unclaimed = by_claim(arrivals, self.registry.claims())
        unsettled: set[Arrival] = set()
        for claim, many in groups.items():
            unsettled |= _attempt(claim.path, many, partial(self._hand_on, claim, many))
        if unclaimed:
            unsettled |= _attempt("unclaimed", unclaimed, partial(self._keep_unclaimed, unclaimed, now))
        return unsettled

    def _hand_on(self, claim: Claim, many: list[Arrival]) -> None:
        ignored = [one for one in many if one.kind == "put" and claim.ignores(one.key, one.size)]
        if ignored:
            reason = "matches source.ignore, or marks a folder"
            self.outbox.ledger.entries.enter(claim.path, [Entry(one, end="ignored", reason=reason) for one in ignored])
            notice("objects ignored", dataset=claim.path, objects=len(ignored))
        if wanted := set(many) - set(ignored):
            self.outbox.settle(claim, wanted)

    def _keep_unclaimed(self, many: list[Arrival], now: datetime) -> None:
        """Note them, then look once more: a registration that came in between has not seen them."""
        unclaimed = self.outbox.ledger.unclaimed
        unclaimed.note(many, now)
        claims = self.registry.claims()
        groups, left = by_claim(many, claims)
        for claim, found in groups.items():
            self._hand_on(claim, found)
            unclaimed.forget(found)
        if left:
            notice("objects unclaimed", objects=len(left), known=[claim.prefix for claim in claims][:20])


def by_claim(arrivals: Iterable[Arrival], claims: Sequence[Claim]) -> tuple[dict[Claim, list[Arrival]], list[Arrival]]:
    """Arrivals by the claim that takes them, and those that none takes."""
    groups: dict[Claim, list[Arrival]] = {}
    unclaimed: list[Arrival] = []
    for arrival in arrivals:
        claim = claim_for(arrival.key, claims)
        (unclaimed if claim is None else groups.setdefault(claim, [])).append(arrival)
    return groups, unclaimed


def _attempt(where: str, many: list[Arrival], act: Callable[[], None]) -> set[Arrival]:
    """What trouble with one dataset leaves unsettled; the others go on."""
    try:
        act()
    except LakeError as error:
        warn("objects not settled", dataset=where, objects=len(many), error=type(error).__name__, why=str(error))
        return set(many)
    return set()


def announced(body: str, raw_bucket: str) -> list[Arrival]:
    """The arrivals in one message's body. Raises Refused."""
    try:
        arrivals = arrivals_in(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"not an S3 notification ({type(error).__name__}): delete it from the dead letters") from error
    if foreign := {one.bucket for one in arrivals} - {raw_bucket}:
        raise Refused(
            f"it speaks of bucket {sorted(foreign)[0]}; only {raw_bucket} is served. "
            "Look who may send to the arrivals queue, then delete it from the dead letters"
        )
    return arrivals
