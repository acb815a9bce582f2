"""What a function's cold start imports, from its own package, as Lambda does: the handler, botocore, and its engine.

Each is imported in a fresh interpreter of the functions' runtime environment, whose botocore stands for that of Lambda.
The interpreter's own start is not counted: it is there before the package is. The figure is processor time, which a
busy machine does not stretch as it does the clock.
"""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.budget import Result
from lakectl.package import LAPTOP, artifacts

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".lake/envs/runtime/bin/python"
HANDLERS = {
    "functions": ("route", "gather", "plan_run", "record_run", "register_dataset"),
    "stage-a": ("stage_a",),
}
ALSO = {"functions": ("botocore.session",), "stage-a": ("botocore.session", "lake.light.convert")}
"""What the first call imports, or the handler itself."""
TIMED = """
import sys, time
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
began = time.process_time()
for module in sys.argv[2:]:
    __import__(module)
print(time.process_time() - began)
"""


def measured(folder: Path, rounds: int) -> list[Result]:
    built = artifacts(ROOT, LAPTOP)
    found = {}
    for package, handlers in HANDLERS.items():
        place = folder / "unpacked" / package
        shutil.rmtree(place, ignore_errors=True)
        with zipfile.ZipFile(built[package].path) as archive:
            archive.extractall(place)
        for handler in handlers:
            modules = (f"lake.handlers.{handler}", *ALSO[package])
            seconds(place, modules)  # the disk's cache is warm from now on
            found[handler] = round(1000 * median(seconds(place, modules) for _ in range(rounds)))
    return [Result("imports", max(found.values()), found)]


def seconds(package: Path, modules: Sequence[str]) -> float:
    command = [str(PYTHON), "-I", "-c", TIMED, str(package), *modules]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
