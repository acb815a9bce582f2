"""The most memory that the conversion of a large CSV takes, in a process of its own.

The CSV has 2 GB, or as many as BENCH_GIGABYTES says.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

from bench.budget import Result
from bench.conversion import staged
from bench.orders import declared, repeated

GIGABYTES = 2.0


def measured(folder: Path, rounds: int) -> list[Result]:
    size = float(os.environ.get("BENCH_GIGABYTES", GIGABYTES))
    file = repeated(folder / "data", int(size * 1e9))
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", str(file), str(folder)], capture_output=True, text=True, check=True
    )
    return [Result("memory", float(done.stdout), {"gigabytes": round(file.stat().st_size / 1e9, 2)})]


if __name__ == "__main__":
    staged(Path(sys.argv[1]), declared("csv"), Path(sys.argv[2]))
    print(round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
