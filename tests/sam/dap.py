"""An editor's side of a debugger: the few requests of the Debug Adapter Protocol that stop in a line and look around.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

Message = dict[str, Any]


class Editor:
    """Attached to a debugger that waits on a port; `local` files are found under `remote` over there."""

    def __init__(self, port: int, local: Path, remote: str, seconds: float = 150) -> None:
        self._socket = _connected(port, seconds)
        self._stream = self._socket.makefile("rwb")
        self._number = 0
        self._heard: list[Message] = []
        self.request("initialize", clientID="tests", adapterID="debugpy", pathFormat="path", linesStartAt1=True)
        mappings = [{"localRoot": str(local), "remoteRoot": remote}]
        self._send("attach", request="attach", justMyCode=False, pathMappings=mappings)
        self.event("initialized")

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def stop_at(self, file: Path, text: str) -> int:
        """Set a breakpoint on the first line that holds this text, and let the program run; the line."""
        line = next(number for number, one in enumerate(file.read_text().splitlines(), 1) if text in one)
        told = self.request("setBreakpoints", source={"path": str(file)}, breakpoints=[{"line": line}])
        assert told["breakpoints"][0]["verified"], told
        self.request("configurationDone")
        return line

    def stopped(self) -> tuple[int, Message]:
        """Wait for a stop: the thread, and its uppermost frame."""
        thread = self.event("stopped")["threadId"]
        return thread, self.request("stackTrace", threadId=thread)["stackFrames"][0]

    def value(self, expression: str, frame: Message) -> str:
        return str(self.request("evaluate", expression=expression, frameId=frame["id"], context="repl")["result"])

    def set(self, name: str, value: str, frame: Message) -> None:
        self.request("setExpression", expression=name, value=value, frameId=frame["id"])

    def go_on(self, thread: int) -> None:
        self.request("continue", threadId=thread)

    def leave(self) -> None:
        """Take the breakpoints away and let the program run to its end."""
        self.request("disconnect", terminateDebuggee=False)

    def request(self, command: str, **arguments: Any) -> Message:
        """The body of the answer; fails where the debugger refuses."""
        number = self._send(command, **arguments)
        answer = self._until(lambda one: one["type"] == "response" and one["request_seq"] == number)
        assert answer["success"], answer
        return dict(answer.get("body") or {})

    def event(self, name: str) -> Message:
        return dict(self._until(lambda one: one["type"] == "event" and one["event"] == name).get("body") or {})

    def _send(self, command: str, **arguments: Any) -> int:
        self._number += 1
        asked = {"seq": self._number, "type": "request", "command": command, "arguments": arguments}
        data = json.dumps(asked).encode()
        self._stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._stream.flush()
        return self._number

    def _until(self, wanted: Callable[[Message], bool]) -> Message:
        """The first message that is wanted; the others are kept for later."""
        for place, one in enumerate(self._heard):
            if wanted(one):
                return self._heard.pop(place)
        while not wanted(message := self._next()):
            self._heard.append(message)
        return message

    def _next(self) -> Message:
        length = 0
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the debugger has gone"
        return dict(json.loads(self._stream.read(length)))


def _connected(port: int, seconds: float) -> socket.socket:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=seconds)
        except OSError:
            assert time.monotonic() < deadline, f"nothing listens on port {port}"
            time.sleep(0.1)
