"""Runs in a child of the engine: builds the root that a function sees, and becomes the function's first process.

`python -I -S enter.py PLAN`. Everything of this machine is there, read-only, but /tmp, /opt and most of /var, which
are the function's own; its owner's AWS and SSH keys are covered. What fails is written to the descriptor of the plan.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NEW_MOUNTS, NEW_USER = 0x00020000, 0x10000000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
MOUNT_SETATTR, HERE, ALL_BELOW, READ_ONLY = 442, -100, 0x8000, 1
DIE_WITH_PARENT = 1
OWN = {"/": {"tmp", "opt", "var"}, "/var": {"task", "runtime", "lang", "rapid", "tmp", "opt"}}

libc = ctypes.CDLL(None, use_errno=True)


def main(plan: dict[str, Any], status: int) -> None:
    """Never returns: the process becomes the function's, or ends with code 127 after telling why."""
    fcntl.fcntl(status, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    try:
        new_namespace()
        build(plan["root"], plan)
        os.chroot(plan["root"])
        os.chdir(plan["folder"])
        libc.prctl(DIE_WITH_PARENT, signal.SIGKILL)
        os.execvp(plan["command"][0], plan["command"])  # noqa: S606  becomes it
    except OSError as error:
        os.write(status, f"{error.strerror}: {error.filename}".encode())
    os._exit(127)


def new_namespace() -> None:
    """Mounts of our own; who is not root becomes root of a user namespace first, for only root may mount."""
    user, group = os.getuid(), os.getgid()
    called(libc.unshare(NEW_MOUNTS | (NEW_USER if user else 0)), "a mount namespace")
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    mount(None, "/", None, RECURSIVE | PRIVATE)


def build(root: str, plan: dict[str, Any]) -> None:
    Path(root).mkdir(exist_ok=True)
    mount("tmpfs", root, b"tmpfs", 0, b"mode=755")
    for name in ("var", "opt", "tmp", ".empty"):
        Path(root, name).mkdir()
    for base, own in OWN.items():
        for entry in os.scandir(base):
            if entry.name in own:
                continue
            if entry.is_symlink():
                Path(root + entry.path).symlink_to(Path(entry.path).readlink())
            elif entry.is_dir():
                show(entry.path, root + entry.path)
    for source, target, _ in plan["binds"]:
        show(source, root + target)
    for source, target in plan["links"]:
        Path(root + target).parent.mkdir(parents=True, exist_ok=True)
        Path(root + target).symlink_to(source)
    for folder in plan["hidden"]:
        if Path(folder).is_dir():
            show(f"{root}/.empty", root + folder)
    protect(root, (target for _, target, writable in plan["binds"] if writable))


def show(source: str, target: str) -> None:
    place = Path(target)
    if Path(source).is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    mount(source, target, None, BIND | RECURSIVE)


def protect(root: str, writable: Iterable[str]) -> None:
    """Read-only, all mounts below included (Linux 5.12), but for what the function may write."""
    attributes(root, READ_ONLY, 0)
    for target in writable:
        attributes(root + target, 0, READ_ONLY)


def attributes(path: str, on: int, off: int) -> None:
    asked = (ctypes.c_uint64 * 4)(on, off, 0, 0)
    called(libc.syscall(MOUNT_SETATTR, HERE, path.encode(), ALL_BELOW, ctypes.byref(asked), 32), path)


def mount(source: str | None, target: str, kind: bytes | None, flags: int, data: bytes | None = None) -> None:
    called(libc.mount(source.encode() if source else None, target.encode(), kind, flags, data), target)


def called(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), int(sys.argv[2]))
