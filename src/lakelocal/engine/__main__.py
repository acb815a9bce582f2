"""`python -m lakelocal.engine SETTING`: serve the socket until SIGTERM."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import socketserver
import sys
import threading
from pathlib import Path

from lakelocal.engine import api
from lakelocal.engine.exchange import Exchange, peer_of
from lakelocal.engine.setting import read


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """For its owner alone: the socket is closed to others, and each peer is asked who it is."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, engine: api.Engine) -> None:
        self._engine = engine
        path = Path(engine.setting.socket)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            super().__init__(str(path), Exchange)
        finally:
            os.umask(before)

    def handle(self, exchange: Exchange) -> None:
        api.handle(exchange, self._engine)

    def verify_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> bool:
        assert isinstance(request, socket.socket)
        return peer_of(request)[1] == os.getuid()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


def main(text: str) -> None:
    setting = read(text)
    shutil.rmtree(Path(setting.state) / "containers", ignore_errors=True)  # left by an engine that was killed
    engine = api.Engine(setting)
    server = Server(engine)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ended.wait()
    engine.stop()
    Path(setting.socket).unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1])
