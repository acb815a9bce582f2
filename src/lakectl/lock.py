"""One deployment at a time in an environment: a lock that names its holder and ends by itself.

It is one SSM parameter, which needs no table, so that it holds on the very first deployment and while everything is
taken away. Parameter Store gives each write a number of its own, one above the last, and that decides: who saw
version 7 free and wrote version 8 has it; who wrote 9 was late.
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
"""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from lakectl.failure import Failure
from lakectl.target import Target

LASTS = 300.0
"""Seconds until the lock of one who died ends."""
RENEWED = 60.0
PATIENCE = 2.0
"""Seconds between two looks of one who waits."""
TOLD_BY = ("CODEBUILD_BUILD_ID", "GITHUB_RUN_ID", "CI_JOB_ID", "BUILD_ID")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock. `place` and `process` tell a neighbour on the same machine whether he still lives."""

    name: str
    place: str
    process: int
    verb: str
    commit: str
    since: float
    until: float

    def free_at(self, now: float, here: str) -> bool:
        return now >= self.until or (self.place == here and not lives(self.process))

    def told(self) -> str:
        """Who he is and what he does, in words."""
        commit = f" of commit {self.commit[:10]}" if self.commit else ""
        return f"{self.name} (`lake {self.verb}`{commit}, since {_clock(self.since)})"


@contextmanager
def held(
    target: Target,
    verb: str,
    *,
    wait: float = 0.0,
    clock: Callable[[], float] = time.time,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold the environment's lock; it is renewed while the work lasts.

    `wait`: seconds that another may keep it meanwhile. Raises Failure that names who has it.
    """
    lock = Lock(target, me(target.root, verb, clock()), clock)
    deadline = time.monotonic() + wait
    while True:
        try:
            lock.take()
            break
        except Failure:
            if time.monotonic() >= deadline:
                raise
            pause(PATIENCE)
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(lock, stop), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join()
        kept = lock.release()
    if not kept:
        raise Failure(
            f"The lock of {target.environment} ended before `lake {verb}` did (did this machine sleep?), and somebody "
            "else began. Run the same command again: it goes on where things stand."
        )


class Lock:
    """The lock of one environment in the hands of one who wants it."""

    def __init__(self, target: Target, holder: Holder, clock: Callable[[], float] = time.time) -> None:
        self._ssm = target.client("ssm")
        self._name = _place_of(target)
        self._environment = target.environment
        self._holder = holder
        self._clock = clock

    def take(self) -> None:
        """Raises Failure where somebody has it."""
        version, there = self._read()
        if there is not None and not there.free_at(self._clock(), self._holder.place):
            raise self._refusal(there)
        mine = self._lasting()
        try:
            written = self._write(mine, overwrite=version > 0)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterAlreadyExists":
                raise
            raise self._refusal(self._read()[1]) from error
        if written != version + 1:
            raise self._refusal(self._give_back(version + 1, written))

    def renew(self) -> None:
        if self._is_ours():
            self._write(self._lasting(), overwrite=True)

    def release(self) -> bool:
        """Whether it was ours to the end. The parameter stays, so that its version never begins anew."""
        if not self._is_ours():
            return False
        self._write(replace(self._holder, until=0.0), overwrite=True)
        return True

    def _lasting(self) -> Holder:
        return replace(self._holder, until=self._clock() + LASTS)

    def _is_ours(self) -> bool:
        there = self._read()[1]
        return there is not None and replace(there, until=self._holder.until) == self._holder

    def _give_back(self, winner: int, written: int) -> Holder | None:
        """We were a moment too late, and our name stands where the winner's belongs."""
        found = str(self._ssm.get_parameter(Name=f"{self._name}:{winner}")["Parameter"]["Value"])
        if self._read()[0] == written:
            self._ssm.put_parameter(Name=self._name, Type="String", Value=found, Overwrite=True)
        return _holder(found)

    def _read(self) -> tuple[int, Holder | None]:
        try:
            found = self._ssm.get_parameter(Name=self._name)["Parameter"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            return 0, None
        return int(found["Version"]), _holder(found["Value"])

    def _write(self, holder: Holder, *, overwrite: bool) -> int:
        value = json.dumps(asdict(holder))
        answer = self._ssm.put_parameter(Name=self._name, Type="String", Value=value, Overwrite=overwrite)
        return int(answer["Version"])

    def _refusal(self, holder: Holder | None) -> Failure:
        if holder is None:
            return Failure(f"{self._environment} is being deployed by somebody else. Wait, and try again.")
        return Failure(
            f"{self._environment} is being deployed by {holder.told()}. Nothing was written. Try again when that has "
            f"ended; should it have died, its lock ends by itself at {_clock(holder.until)}."
        )


def me(root: Path, verb: str, now: float) -> Holder:
    """Whoever runs this process: the build, or the person and the machine."""
    build = next((f"{name} {os.environ[name]}" for name in TOLD_BY if os.environ.get(name)), "")
    name = build or f"{_user()} on {socket.gethostname()}"
    return Holder(name, _here(), os.getpid(), verb, _commit(root), now, now + LASTS)


def _place_of(target: Target) -> str:
    return f"/lake/{target.domain}/{target.environment}/deploy/lock"


def _renew(lock: Lock, stop: threading.Event) -> None:
    while not stop.wait(RENEWED):
        try:
            lock.renew()
        except (ClientError, BotoCoreError):
            continue  # four more attempts until the lock ends


def _holder(value: str) -> Holder | None:
    try:
        said: dict[str, Any] = json.loads(value)
        return Holder(**said)
    except (ValueError, TypeError):
        return None


def _here() -> str:
    """This machine, and which of its process tables: a container's numbers mean nothing outside of it."""
    try:
        table = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  a link to nothing that is a path
        started = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        table = started = ""
    return f"{socket.gethostname()} {table} {started}".strip()


def lives(process: int) -> bool:
    """Whether a process of this machine goes on."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _commit(root: Path) -> str:
    asked = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S %Z").strip()
