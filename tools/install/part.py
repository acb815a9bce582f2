"""One thing to install, made once for each version of the files that describe it."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """`make` creates the part; it is called again when `described_by`, or the Python that runs this, changes."""

    name: str
    described_by: Sequence[Path]
    make: Callable[[], None]
    folder: Path | None = None


def install(root: Path, part: Part, parts: Sequence[Part] = ()) -> bool:
    """Make the part unless it is there already; true if there was work to do. `parts` are all of them."""
    stamp = root / ".lake" / "stamps" / part.name
    digest = _digest(part)
    if stamp.exists() and stamp.read_text() == digest and (part.folder is None or part.folder.exists()):
        return False
    if taken_over(root, part, parts):
        return False
    if part.folder is not None and part.folder.is_symlink():
        part.folder.unlink()  # another clone's: what differs here must not be changed there
    print(f"  installing {part.name} ...", end="", flush=True)
    started = time.monotonic()
    part.make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    print(f" {time.monotonic() - started:.0f} s", flush=True)
    return True


def taken_over(root: Path, part: Part, parts: Sequence[Part]) -> bool:
    """Link what another clone has made from the same files, where LAKE_SETUP_FROM names one: a build on a laptop does.

    Parts that share a folder are linked together or not at all; what is linked is never written to, see `install`.
    """
    other = os.environ.get("LAKE_SETUP_FROM", "")
    if not other or Path(other).resolve() == root.resolve() or part.folder is None:
        return False
    if not all(_same(Path(other), one) for one in parts if one.folder == part.folder):
        return False
    if not part.folder.is_symlink():
        shutil.rmtree(part.folder, ignore_errors=True)
        part.folder.parent.mkdir(parents=True, exist_ok=True)
        part.folder.symlink_to((Path(other) / part.folder.relative_to(root)).resolve())
    stamp = root / ".lake/stamps" / part.name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(part))
    return True


def _same(other: Path, part: Part) -> bool:
    stamp = other / ".lake/stamps" / part.name
    return stamp.exists() and stamp.read_text() == _digest(part)


def run(command: Sequence[str | Path], what: str) -> str:
    """Run a command quietly; when it fails, show the end of what it said."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise RuntimeError("\n".join([f"Could not install {what}:", *said]))
    return done.stdout


def _digest(part: Part) -> str:
    content = hashlib.sha256(f"{sys.version_info[:2]}{sys.prefix}".encode())
    for path in part.described_by:
        content.update(path.read_bytes())
    return content.hexdigest()
