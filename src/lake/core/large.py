"""What a function cannot stage, and the one execution that stages it on a larger machine instead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from lake.core.arrival import Arrival
from lake.core.batch import Batch
from lake.core.format import HEAVY

LARGEST = 2 * 1024**3
"""Bytes of one object that a function reads, unless its pipeline says otherwise."""

LONGEST_NAME = 80
"""Characters of an execution's name: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html"""


def needs_larger(members: Iterable[Arrival], format_: str, largest: int) -> bool:
    """Whether a batch is beyond a function: decided by format and size, before a byte is read."""
    puts = [one for one in members if one.kind == "put"]
    return bool(puts) and (format_ in HEAVY or any(one.size > largest for one in puts))


def execution_name(batch: Batch, attempt: int) -> str:
    """The same batch, generation and attempt give the same name, so that no attempt is made twice."""
    last = f"{batch.id}-{batch.generation}-{attempt}"
    path = f"{batch.team}-{batch.dataset}"
    room = LONGEST_NAME - len(last) - 1
    if len(path) > room:
        path = f"{path[: room - 9]}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
    return f"{path}-{last}"
