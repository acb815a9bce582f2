"""Which datasets are tried: those that were never tried as they are now, or one of a team whose code has changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from lakectl.compile import Compiled
from lakectl.stack_status import Deployed
from lakectl.stacks import NETWORK, ROOMS_OF_A_TEAM
from lakectl.target import Target

SHARED = (*NETWORK, "storage", "ledger", "arrivals", "registration")


@dataclass(frozen=True, slots=True)
class Note:
    """What of a team has passed: the digest of each dataset, and that of the rooms which its objects pass through."""

    route: str = ""
    datasets: Mapping[str, str] = field(default_factory=dict)


def chosen(every: Sequence[Compiled], note: Note, route: str) -> list[Compiled]:
    """The datasets of one team that are due; those made of tables have no sample that could be dropped."""
    dropped = [one for one in every if not one.derived]
    changed = [one for one in dropped if note.datasets.get(one.dataset) != one.digest]
    return changed or (dropped[:1] if note.route != route else [])


def passed(note: Note, route: str, good: Sequence[Compiled]) -> Note:
    """The note after these have passed."""
    return Note(route, {**note.datasets, **{one.dataset: one.digest for one in good}})


def route_of(stacks: Mapping[str, Deployed], prefix: str, team: str) -> str:
    """Changes when a room that the team's objects pass through was deployed anew."""
    rooms = [*SHARED, *(f"{room}-{team.replace('_', '-')}" for room in ROOMS_OF_A_TEAM)]
    said = [(room, stacks[f"{prefix}-{room}"].digest) for room in rooms if f"{prefix}-{room}" in stacks]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def note_of(target: Target, team: str) -> Note:
    """What was written down of a team; an empty note where nothing was."""
    try:
        answer = target.client("s3").get_object(Bucket=_bucket(target), Key=_key(team))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchKey", "404"):
            raise
        return Note()
    told: dict[str, Any] = json.loads(answer["Body"].read())
    return Note(told["route"], told["datasets"])


def keep(target: Target, team: str, note: Note) -> None:
    body = json.dumps(asdict(note), sort_keys=True).encode()
    target.client("s3").put_object(Bucket=_bucket(target), Key=_key(team), Body=body)


def _bucket(target: Target) -> str:
    return target.setting("artifacts", "platform", "bucket")


def _key(team: str) -> str:
    return f"tried/{team}.json"
