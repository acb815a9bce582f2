"""`lake plan` of 100 datasets of which one changed: seconds, what it writes, and whether it sees that one alone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.budget import Result
from bench.deploy import DATASETS, READS, noting
from bench.lakes import READINGS, TEAM, deployed
from lakectl.deployment import blueprint_for
from lakectl.plan.make import plan_for
from lakectl.stacks import stacks_of
from lakectl.target import target_for

CHANGED = "readings_050"
SERVICES = ("cloudformation", "s3", "ssm", "dynamodb", "glue")


def measured(folder: Path, rounds: int) -> list[Result]:
    datasets = {f"readings_{n:03}": READINGS.format(name=f"readings_{n:03}") for n in range(DATASETS)}
    with deployed(folder / "plan", datasets) as target:
        file = target.root / "datasets" / TEAM / CHANGED / "dataset.yaml"
        file.write_text(file.read_text().replace("Readings of a sensor.", "What a sensor said."))
        laps = [_once(target.root) for _ in range(rounds)]
        commands = [_as_typed(target.root) for _ in range(rounds)]
    seconds, calls = [lap[0] for lap in laps], [lap[1] for lap in laps]
    written = sorted({call for lap in calls for call in lap if not call.startswith(READS)})
    details = {
        "datasets": DATASETS,
        "changed": 1,
        "rounds": rounds,
        "fastest_s": round(min(seconds), 2),
        "calls": len(calls[0]),
        "command_s": round(median(commands), 2),
    }
    writes = sum(1 for lap in calls for call in lap if not call.startswith(READS))
    return [
        Result("plan", round(median(seconds), 2), details),
        Result("plan-writes", writes, {"calls": written} if written else {}),
    ]


def _once(root: Path) -> tuple[float, list[str]]:
    """One plan as the command makes it, with a target of its own; its calls."""
    began = time.perf_counter()
    target = target_for(root, None)
    calls: list[str] = []
    for service in SERVICES:
        target.client(service).meta.events.register("before-call", noting(calls))
    blueprint = blueprint_for(target)
    plan = plan_for(target, blueprint, stacks_of(blueprint))
    assert [one.owner for one in plan.changes] == [f"{TEAM}-{CHANGED}"]
    return time.perf_counter() - began, calls


def _as_typed(root: Path) -> float:
    """The same with the start of a Python process and its imports."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "lakectl.main", "plan"], cwd=root, capture_output=True, check=False)
    assert done.returncode == 2, done.stderr.decode()
    return time.perf_counter() - began
