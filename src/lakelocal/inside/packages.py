"""Unpacked deployment packages, one read-only copy for all processes that run them."""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import threading
import time
import uuid
import zipfile
from pathlib import Path

KEEP_SECONDS = 7 * 24 * 3600
_lock = threading.Lock()
_digests: dict[int, tuple[bytes, str]] = {}


def unpacked(package: bytes, shelf: Path) -> Path:
    """The folder that holds this package's files. Raises ValueError when an entry would leave the folder."""
    folder = shelf / _digest(package)[:32]
    with _lock:
        if not folder.exists():
            partial = shelf / f"{uuid.uuid4().hex}.partial"
            try:
                _extract(package, partial)
                partial.rename(folder)
            finally:
                if partial.exists():
                    _remove(partial)
        (shelf / f"{folder.name}.used").touch()
    return folder


def prune(shelf: Path) -> None:
    """Forget packages that nothing has used for a week."""
    now = time.time()
    for mark in shelf.glob("*.used"):
        if now - mark.stat().st_mtime > KEEP_SECONDS:
            _remove(shelf / mark.stem)
            mark.unlink()
    for partial in shelf.glob("*.partial"):
        _remove(partial)


def _digest(package: bytes) -> str:
    """SHA-256, kept while the same bytes object lives: a large package is hashed once."""
    kept = _digests.get(id(package))
    if kept is None or kept[0] is not package:
        if len(_digests) > 64:
            _digests.clear()
        kept = (package, hashlib.sha256(package).hexdigest())
        _digests[id(package)] = kept
    return kept[1]


def _extract(package: bytes, folder: Path) -> None:
    folder.mkdir(parents=True)
    inside = folder.resolve()
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for entry in archive.infolist():
            target = (folder / entry.filename).resolve()
            if inside not in (target, *target.parents):
                raise ValueError(f"The package's entry {entry.filename!r} lies outside of the package.")
            archive.extract(entry, folder)
            if not entry.is_dir():
                mode = (entry.external_attr >> 16) & 0o777
                target.chmod((mode or 0o644) & 0o555 | 0o444)
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o555)


def _remove(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder, ignore_errors=True)
