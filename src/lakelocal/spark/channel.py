"""How the driver and the process that started it talk: one JSON object a line, over a socket."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import threading

Message = dict[str, object]


class Channel:
    """Orders come in, events go out. When the other side is gone, so is this process."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        os.set_inheritable(descriptor, False)
        self._orders: queue.Queue[Message] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True, name="orders").start()

    def next(self) -> Message:
        """The next order; waits for it."""
        return self._orders.get()

    def waiting(self) -> bool:
        """Whether another order has come."""
        return not self._orders.empty()

    def tell(self, event: str, **facts: object) -> None:
        """Say what happened."""
        self._socket.sendall(json.dumps({"event": event, **facts}).encode() + b"\n")

    def _listen(self) -> None:
        with self._socket.makefile("rb") as lines:
            for line in lines:
                self._orders.put(json.loads(line))
        # a script may be running: nobody waits for its outcome any more
        os.killpg(os.getpgrp(), signal.SIGKILL)
