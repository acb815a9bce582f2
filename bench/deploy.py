"""`lake deploy` of 100 datasets of which none changed: seconds, and what it writes."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.budget import Result
from bench.lakes import READINGS, deployed
from lakectl.commands.deploy import blueprint_for, deploy
from lakectl.stacks import stacks_of
from lakectl.target import target_for

DATASETS = 100
READS = ("Describe", "Get", "List", "Head", "Query")


def measured(folder: Path, rounds: int) -> list[Result]:
    datasets = {f"readings_{n:03}": READINGS.format(name=f"readings_{n:03}") for n in range(DATASETS)}
    with deployed(folder / "deploy", datasets) as target:
        laps = [_again(target.root) for _ in range(rounds)]
    seconds = [lap[0] for lap in laps]
    written = sorted({call for lap in laps for call in lap[1]})
    details = {"datasets": DATASETS, "rounds": rounds, "fastest_s": round(min(seconds), 2)}
    writes = sum(len(lap[1]) for lap in laps)
    return [
        Result("deploy", round(median(seconds), 2), details),
        Result("deploy-writes", writes, {"calls": written} if written else {}),
    ]


def _again(root: Path) -> tuple[float, list[str]]:
    """One deployment as the command does it, with a target of its own; the calls that are no reads."""
    began = time.perf_counter()
    target = target_for(root, None)
    calls: list[str] = []
    for service in ("cloudformation", "s3", "ssm"):
        target.client(service).meta.events.register("before-call", noting(calls))
    blueprint = blueprint_for(target)
    deploy(target, blueprint, stacks_of(blueprint))
    return time.perf_counter() - began, [call for call in calls if not call.startswith(READS)]


def noting(calls: list[str]) -> Any:
    return lambda model, **_: calls.append(model.name)
