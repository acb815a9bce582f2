"""The shell of a build: one process a command, and what a command exports or enters stays for the next.

`exit` in a command ends that command alone, as in CodeBuild: the state is written in a trap, read by the next shell.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

FOUND_BY = "CODEBUILD_BUILD_ID"
SCRIPT = """
trap 'code=$?; {{ export -p; echo "cd \\"$PWD\\""; }} > "{state}.next" 2>/dev/null \
&& mv "{state}.next" "{state}"; exit $code' EXIT
if [ -f "{state}" ]; then . "{state}" >/dev/null; fi
{command}
"""


class BuildShell:
    """Runs commands in `folder`, line by line to `write`; `close` ends whatever still runs of this build."""

    def __init__(self, program: str, folder: Path, scratch: Path, variables: Mapping[str, str]) -> None:
        self._program, self._folder, self._state = program, folder, scratch / "shell-state"
        self._variables = dict(variables)
        self._running: subprocess.Popen[str] | None = None
        self._closed = threading.Event()

    def run(self, command: str, write: Callable[[str], None]) -> int:
        """The command's exit code; -1 where the build was ended."""
        if self._closed.is_set():
            return -1
        script = SCRIPT.format(state=self._state, command=command)
        process = subprocess.Popen(
            [self._program, "-c", script],
            cwd=self._folder,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._running = process
        if self._closed.is_set():
            _end(process.pid)
        assert process.stdout is not None
        # a child that was left behind may hold the pipe open: what counts is the end of the command
        reader = threading.Thread(target=_copy, args=(process.stdout, write), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(1.0)
        return -1 if self._closed.is_set() else code

    def value(self, name: str) -> str:
        """A variable as the commands left it."""
        said: list[str] = []
        self.run(f'printf "%s" "${{{name}}}"', said.append)
        return "\n".join(said)

    def close(self) -> None:
        """End the running command and every process of the build, also those that left its session."""
        self._closed.set()
        if self._running is not None and self._running.poll() is None:
            _end(self._running.pid)
        end_all(self._variables[FOUND_BY])


def end_all(build: str) -> None:
    """Kill every process that carries this build's id in its environment."""
    mark = f"{FOUND_BY}={build}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)


def _end(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _copy(lines: object, write: Callable[[str], None]) -> None:
    for line in lines:  # type: ignore[attr-defined]
        write(line.rstrip("\n"))
