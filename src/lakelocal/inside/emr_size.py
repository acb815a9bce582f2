"""How large the workers of a run may be: what EMR Serverless refuses of their cores and memory.

https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/app-behavior.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GB = 1024
MEMORY = {1: (2, 8, 1), 2: (4, 16, 1), 4: (8, 30, 1), 8: (16, 60, 4), 16: (32, 120, 8)}
"""Cores to the least, the most and the step of a worker's memory in GB."""
OVERHEAD = 0.1
LEAST_OVERHEAD = 384
DEFAULT_CORES, DEFAULT_MEMORY = "4", "14g"
SIZE = re.compile(r"(\d+)\s*([kmgt]?)b?", re.IGNORECASE)
IN_MB = {"k": 1 / 1024, "m": 1, "": 1, "g": GB, "t": GB * GB}


def wrong_size(conf: Mapping[str, str]) -> str:
    """Why no worker of this size would start; "" where it would."""
    for kind in ("driver", "executor"):
        cores = conf.get(f"spark.{kind}.cores", DEFAULT_CORES)
        if not cores.isdecimal() or int(cores) not in MEMORY:
            known = ", ".join(map(str, MEMORY))
            return f"spark.{kind}.cores {cores} is not supported. A worker has {known} vCPU."
        memory = _megabytes(conf.get(f"spark.{kind}.memory", DEFAULT_MEMORY))
        if not memory:
            return f"spark.{kind}.memory {conf[f'spark.{kind}.memory']!r} is no size: write it like 14g."
        more = _megabytes(conf.get(f"spark.{kind}.memoryOverhead", "")) or max(LEAST_OVERHEAD, OVERHEAD * memory)
        least, most, _ = MEMORY[int(cores)]
        if memory + more > most * GB:
            whole = (memory + more) / GB
            return (
                f"A {kind} of {whole:.1f} GB, overhead included, is too large for {cores} vCPU: {least} to {most} GB."
            )
    return ""


def _megabytes(text: str) -> float:
    found = SIZE.fullmatch(text.strip())
    return int(found[1]) * IN_MB[found[2].lower()] if found else 0.0
