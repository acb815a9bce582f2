"""Bytecode for functions: their folder is read-only, so what is not shipped would be compiled at every cold start."""

from __future__ import annotations

import hashlib
import py_compile
import sys
from collections.abc import Mapping
from pathlib import Path

TASK = "/var/task/"
"""Where Lambda unpacks a function: what a traceback shall name."""


def with_bytecode(files: Mapping[str, Path], runtime: str, folder: Path) -> dict[str, Path]:
    """The files, and beside each source its bytecode for `runtime`.

    Only the same Python can compile for a runtime: without it sources go alone, which runs just as well, but starts
    more slowly. Bytecode is kept in `folder` by its source's digest. It is unchecked: nobody changes a function's
    files, and their times say nothing.
    """
    if runtime != f"python{sys.version_info[0]}.{sys.version_info[1]}":
        return dict(files)
    compiled = {
        _beside(inside): _compiled(inside, path, folder) for inside, path in files.items() if inside.endswith(".py")
    }
    return {**files, **compiled}


def _beside(inside: str) -> str:
    """`a/__pycache__/b.cpython-312.pyc` for `a/b.py`."""
    path = Path(inside)
    return (path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc").as_posix()


def _compiled(inside: str, source: Path, folder: Path) -> Path:
    digest = hashlib.sha256(inside.encode() + b"\0" + source.read_bytes()).hexdigest()[:32]
    path = folder / f"{digest}.{sys.implementation.cache_tag}.pyc"
    if not path.exists():
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(path), TASK + inside, doraise=True, invalidation_mode=mode)
    return path
