"""A burst of objects, from the first PUT until the last is staged, against the bare calls on the same cloud.

5,000 objects, or as many as BENCH_OBJECTS says, by eight clients.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from pathlib import Path

from bench.bare import BATCH, Bare, arrange, called
from bench.budget import Result
from bench.clients import client, clients_of, everyone
from bench.lakes import READINGS, TEAM, deployed
from bench.race import race
from lakectl.opened import Opened, opened
from lakectl.target import Target

OBJECTS = 5_000
PATIENCE = 300.0
DATASET = "readings"
CONTENT = b"id,sensor,value,taken\n" + b"".join(
    b"%d,sensor-%d,%d.25,2026-01-01 00:00:%02d\n" % (n, n % 7, n * 3, n) for n in range(24)
)


def measured(folder: Path, rounds: int) -> list[Result]:
    objects = int(os.environ.get("BENCH_OBJECTS", OBJECTS))
    rounds_of_ours, rounds_of_bare = count(), count()
    with deployed(folder / "burst", {DATASET: READINGS.format(name=DATASET)}) as target:
        lake, names = opened(target), arrange(*(target.client(name) for name in ("s3", "sqs", "dynamodb")))
        with clients_of(str(target.endpoint), target.account, target.region) as pool:
            found = race(
                rounds,
                lambda: _ours(pool, target, lake, next(rounds_of_ours), objects),
                lambda: _bare(pool, names, next(rounds_of_bare), objects),
            )
    rates = {f"{who}_per_s": round(objects / float(str(found.details[f"{who}_s"]))) for who in ("ours", "anchor")}
    details = {name: value for name, value in found.details.items() if "cpu" not in name}
    return [Result("burst", round(found.ratio, 2), {"objects": objects, **rates, **details})]


def _put(task: tuple[str, int, int, int]) -> None:
    bucket, round_, first, last = task
    for number in range(first, last):
        key = f"{TEAM}/{DATASET}/{round_}-{number}.csv"
        client("s3").put_object(Bucket=bucket, Key=key, Body=CONTENT)


def _ours(pool: ProcessPoolExecutor, target: Target, lake: Opened, round_: int, objects: int) -> None:
    before = _staged(lake)
    starts = range(0, objects, BATCH)
    everyone(pool, _put, [(lake.raw, round_, first, min(first + BATCH, objects)) for first in starts])
    deadline = time.monotonic() + PATIENCE
    while (done := _staged(lake) - before) < objects:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{done} of {objects} objects staged after {PATIENCE:.0f} s")
        time.sleep(0.1)


def _staged(lake: Opened) -> int:
    batches = lake.ledger.batches.all(f"{TEAM}/{DATASET}")
    return sum(batch.objects for batch in batches if batch.state in ("staged", "assigned"))


def _bare(pool: ProcessPoolExecutor, names: dict[str, str], round_: int, objects: int) -> None:
    tasks = [Bare(**names, round_=round_, place=place, content=CONTENT) for place in range(objects // BATCH)]
    everyone(pool, called, tasks)
