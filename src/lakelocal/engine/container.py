"""Containers as Docker's API sees them: created, started, read, stopped, removed."""

from __future__ import annotations

import shutil
import signal
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lakelocal.engine import identity
from lakelocal.engine.image import Image
from lakelocal.engine.launch import launch
from lakelocal.engine.process import Process
from lakelocal.engine.refusal import Refused
from lakelocal.engine.setting import Setting

KEPT_BYTES = 1 << 20
"""Of a container's output; a reader that comes later misses what was before."""
PATIENCE_SECONDS = 5.0
"""How long a function's output waits for a reader that follows it and is slower; then the reader misses some."""


class Container:
    """One function's execution environment."""

    def __init__(self, setting: Setting, image: Image, spec: Mapping[str, Any], name: str) -> None:
        self.id = uuid.uuid4().hex * 2
        self.name = name or f"lake_{self.id[:12]}"
        self.image, self._setting, self._spec = image, setting, spec
        self._home = Path(setting.state) / "containers" / self.id[:16]
        (self._home / "tmp").mkdir(parents=True)
        self._process: Process | None = None
        self._frames: deque[bytes] = deque()
        self._kept = self._dropped = 0
        self._readers: dict[object, int] = {}
        self._changed = threading.Condition()

    @property
    def status(self) -> str:
        if self._process is None:
            return "created"
        return "running" if self._process.exit is None else "exited"

    def described(self) -> dict[str, Any]:
        """As `docker inspect` shows it."""
        process = self._process
        state = {
            "Status": self.status,
            "Running": self.status == "running",
            "OOMKilled": bool(process and process.out_of_memory),
            "ExitCode": (process.exit or 0) if process else 0,
            "Pid": process.id if process else 0,
        }
        return {
            "Id": self.id,
            "Name": f"/{self.name}",
            "Image": self.image.id,
            "Config": {name: value for name, value in self._spec.items() if name != "HostConfig"},
            "HostConfig": self._spec.get("HostConfig") or {},
            "State": state,
            "NetworkSettings": {"Ports": {}, "Networks": {}},
            "Mounts": [],
        }

    def start(self) -> None:
        """Raises Refused with the reason why it cannot start."""
        if self._process is not None:
            return
        declared = dict(pair.split("=", 1) for pair in self._spec.get("Env") or [] if "=" in pair)
        who = identity.variables(self._setting, declared.get("AWS_LAMBDA_FUNCTION_NAME", ""))
        launched = launch(self._setting, self.image, self._spec, self._home, who)
        memory = int((self._spec.get("HostConfig") or {}).get("Memory") or 0)
        self._process = Process(launched, memory, self._keep, self._tell)

    def output(self, from_start: bool, follow: bool) -> Iterator[bytes]:
        """Frames of output as they come, until the container ends."""
        reader = object()
        with self._changed:
            self._readers[reader] = self._dropped if from_start else self._dropped + len(self._frames)
        try:
            while True:
                frames, over = self._next(reader, follow)
                yield from frames
                if over and not frames:
                    return
        finally:
            with self._changed:
                del self._readers[reader]
                self._changed.notify_all()

    def _next(self, reader: object, follow: bool) -> tuple[list[bytes], bool]:
        """What the reader has not seen yet, and whether no more will come."""
        with self._changed:
            while follow and self.status != "exited" and self._readers[reader] >= self._dropped + len(self._frames):
                self._changed.wait(1)
            over = not follow or self.status == "exited"
            place = max(self._readers[reader], self._dropped)
            frames = list(self._frames)[place - self._dropped :]
            self._readers[reader] = place + len(frames)
            self._changed.notify_all()
        return frames, over

    def wait(self, seconds: float | None = None) -> int | None:
        return self._process.wait(seconds) if self._process else None

    def stop(self, seconds: float) -> None:
        if self._process:
            self._process.signal(signal.SIGTERM)
            if self._process.wait(seconds) is None:
                self._process.signal(signal.SIGKILL)

    def remove(self) -> None:
        if self._process:
            self._process.signal(signal.SIGKILL)
            self._process.wait(5)
        shutil.rmtree(self._home, ignore_errors=True)

    def on_this_machine(self, path: str) -> Path:
        """Where a path of the container really lies. Raises Refused."""
        places = {"/tmp": str(self._home / "tmp")}  # noqa: S108  the function's own
        for bind in (self._spec.get("HostConfig") or {}).get("Binds") or []:
            source, target, *_ = bind.split(":")
            places[target] = source
        for target in sorted(places, key=len, reverse=True):
            found = Path(places[target] + path.removeprefix(target))
            if (path == target or path.startswith(f"{target}/")) and found.exists():
                return found
        raise Refused(404, f"Could not find the file {path} in container {self.id[:12]}")

    def _keep(self, frame: bytes) -> None:
        with self._changed:
            self._frames.append(frame)
            self._kept += len(frame)
            self._changed.notify_all()
            while self._kept > KEPT_BYTES and len(self._frames) > 1:
                behind = any(place <= self._dropped for place in self._readers.values())
                if behind and self._changed.wait(PATIENCE_SECONDS):
                    continue
                self._kept -= len(self._frames.popleft())
                self._dropped += 1

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()
