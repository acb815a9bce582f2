"""Lines on their way to CloudWatch Logs."""

from __future__ import annotations

import threading
import time

from lakelocal.inside.door import CallFailed, Host


class LogSink:
    """Lines for one CloudWatch Logs stream; they arrive at `flush`, or by themselves every 200 lines."""

    def __init__(self, host: Host, group: str, stream: str) -> None:
        self._host, self._group, self._stream = host, group, stream
        self._lines: list[dict[str, object]] = []
        self._lock = threading.Lock()
        names = {"logGroupName": group}
        for action, payload in (
            ("CreateLogGroup", names),
            ("CreateLogStream", {**names, "logStreamName": stream}),
        ):
            try:
                host.call("logs", action, payload)
            except CallFailed as error:
                if error.code != "ResourceAlreadyExistsException":
                    raise

    def write(self, line: str) -> None:
        with self._lock:
            self._lines.append({"timestamp": int(time.time() * 1000), "message": line})
            full = len(self._lines) >= 200
        if full:
            self.flush()

    def flush(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        for start in range(0, len(lines), 1000):
            self._host.call(
                "logs",
                "PutLogEvents",
                {
                    "logGroupName": self._group,
                    "logStreamName": self._stream,
                    "logEvents": lines[start : start + 1000],
                },
            )
