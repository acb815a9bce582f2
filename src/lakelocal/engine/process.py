"""The processes of one container: started in a session of their own, watched, and ended together."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from lakelocal.engine.launch import ENTER, Launch
from lakelocal.engine.refusal import Refused

LONGEST_FRAME = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
WATCH_SECONDS = 0.1


class Process:
    """Started at once. Raises Refused when it cannot be, with the reason that the child found."""

    def __init__(self, launched: Launch, memory: int, on_frame: Callable[[bytes], None], on_end: Callable[[], None]):
        self.exit: int | None = None
        self.out_of_memory = False
        self._ended = threading.Event()
        self._process = _started(launched)
        readers = [
            threading.Thread(target=_read, args=(number, stream, on_frame), daemon=True)
            for number, stream in ((1, self._process.stdout), (2, self._process.stderr))
        ]
        for reader in readers:
            reader.start()
        threading.Thread(target=self._await_end, args=(readers, on_end), daemon=True).start()
        if memory:
            threading.Thread(target=self._watch, args=(memory,), daemon=True).start()

    @property
    def id(self) -> int:
        return self._process.pid

    def wait(self, seconds: float | None = None) -> int | None:
        self._ended.wait(seconds)
        return self.exit

    def signal(self, number: int, spared: int | None = None) -> None:
        """To every process of the container, the youngest first: no last words about a lost parent."""
        if self.exit is None:
            for pid, _ in sorted(self._members(), reverse=True):
                if pid != spared:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)

    def _await_end(self, readers: list[threading.Thread], on_end: Callable[[], None]) -> None:
        code = self._process.wait()
        for reader in readers:
            reader.join(2)
        self.exit = 128 - code if code < 0 else code
        self._ended.set()
        on_end()

    def _watch(self, limit: int) -> None:
        """Lambda ends what grows beyond MemorySize; the runtime emulator, our first process, then says so."""
        while not self._ended.wait(WATCH_SECONDS):
            if sum(size for pid, size in _family(self.id) if pid != self.id) > limit:
                self.out_of_memory = True
                self.signal(signal.SIGKILL, spared=self.id)
                return

    def _members(self) -> Iterator[tuple[int, int]]:
        """The process ids of our session, and how many bytes each has in memory."""
        for entry in os.scandir("/proc"):
            if entry.name.isdigit() and (found := _stat(int(entry.name))) and found[0] == self.id:
                yield int(entry.name), found[1]


def _stat(pid: int) -> tuple[int, int] | None:
    """Session and bytes in memory of a process; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[3]), int(fields[21]) * PAGE


def _family(pid: int) -> Iterator[tuple[int, int]]:
    """A process and all that it started, with their bytes in memory.

    It is asked ten times a second of every container that waits: a look at all processes would take half a processor.
    """
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        if found := _stat(one):
            yield one, found[1]
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                waiting += map(int, children.read_text().split())


def _started(launched: Launch) -> subprocess.Popen[bytes]:
    """The child holds a pipe until it becomes the function: what comes out of it is why it could not."""
    told, tells = os.pipe()
    entering = str(ENTER) in launched.command
    try:
        process = subprocess.Popen(
            [*launched.command, str(tells)] if entering else launched.command,
            cwd=launched.folder,
            env=launched.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(tells,) if entering else (),
            start_new_session=True,
        )
    except OSError as error:
        os.close(told)
        raise Refused(500, f"The container cannot start: {error}") from error
    finally:
        os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        reason = pipe.read()
    if reason:
        process.wait()
        raise Refused(500, f"The container cannot start: {reason.decode(errors='replace')}")
    return process


def _read(number: int, stream: IO[bytes] | None, on_frame: Callable[[bytes], None]) -> None:
    """One frame a line, never cut inside a character: SAM decodes each frame alone, and looks at how it begins."""
    assert stream is not None
    with stream:
        while line := stream.readline(LONGEST_FRAME):
            while not line.endswith(b"\n") and _goes_on(stream):
                line += stream.read(1)
            on_frame(struct.pack(">BxxxL", number, len(line)) + line)


def _goes_on(stream: IO[bytes]) -> bool:
    """Whether the next byte belongs to the character before it."""
    following = stream.peek(1)[:1]  # type: ignore[attr-defined]
    return bool(following) and 0x80 <= following[0] < 0xC0


def ended_with(peer: int, act: Callable[[], None]) -> None:
    """Act once the process that asked for the container is gone: nobody else would tidy up after it."""

    def watch() -> None:
        while Path(f"/proc/{peer}").exists():
            time.sleep(1)
        act()

    threading.Thread(target=watch, daemon=True).start()
