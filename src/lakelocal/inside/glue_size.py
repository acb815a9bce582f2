"""How large a run may be: what Glue refuses of worker types and numbers of workers.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html and
https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TYPES = ("Standard", "G.025X", "G.1X", "G.2X", "G.4X", "G.8X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X", "Z.2X")
LEAST, MOST = 2, 299


def wrong_size(job: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Why Glue would not start a run of this size; "" where it would. What a run does not say, its job does."""
    type_ = asked.get("WorkerType") or job.get("WorkerType") or "G.1X"
    workers = asked.get("NumberOfWorkers") or job.get("NumberOfWorkers") or LEAST
    if type_ not in TYPES:
        return f"Worker type {type_} is not supported. Known: {', '.join(TYPES)}"
    if bool(asked.get("WorkerType")) != bool(asked.get("NumberOfWorkers")):
        return "Please set both Worker Type and Number of Workers."
    if not isinstance(workers, int) or not LEAST <= workers <= MOST:
        return f"Number of workers {workers} is out of bounds: from {LEAST} to {MOST} for {type_}."
    return ""
