"""`python -m lakectl.unpacked FUNCTION FOLDER`: a function's package as a folder, for `sam build`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from lakectl.package import LAPTOP, function_files, stage_a_files

LINKED_BYTES = 1 << 20
"""Libraries this large are linked: nobody edits them, and DuckDB alone has 60 MB."""


def main(function: str, folder: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    files = stage_a_files(root, LAPTOP) if function == "StageA" else function_files(root)
    for inside, file in files.items():
        place(file, folder / inside)


def place(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.stat().st_size > LINKED_BYTES:
        try:
            os.link(file, target)
            return
        except OSError:  # another file system
            pass
    shutil.copy2(file, target)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
