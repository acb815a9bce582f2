"""One thing to install, made once for each version of the files that describe it."""

import hashlib
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


def install(root: Path, part: Part) -> bool:
    """Make the part unless it is there already; true if there was work to do."""
    stamp = root / ".lake" / "stamps" / part.name
    digest = _digest(part)
    if stamp.exists() and stamp.read_text() == digest:
        return False
    print(f"  installing {part.name} ...", end="", flush=True)
    started = time.monotonic()
    part.make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)
    print(f" {time.monotonic() - started:.0f} s", flush=True)
    return True


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
