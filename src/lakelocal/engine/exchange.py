"""One request on the socket and its answer: JSON, a stream of JSON documents, frames of output, or a file."""

from __future__ import annotations

import json
import re
import shutil
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler
from io import BufferedIOBase
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

from lakelocal.engine.refusal import Refused

JSON = "application/json"


class Exchange(BaseHTTPRequestHandler):
    """Hands each request to the server's `handle`, and turns what it raises into Docker's form of an error."""

    protocol_version = "HTTP/1.1"
    server_version = "Lakewright"
    query: dict[str, str]
    route: str

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self.route = re.sub(r"^/v\d+\.\d+(?=/)", "", url.path)
        self.query = dict(parse_qsl(url.query))
        self._answered = self._read = False
        try:
            act: Callable[[Exchange], None] = self.server.handle  # type: ignore[attr-defined]
            act(self)
        except Refused as error:
            self.answer(error.status, {"message": str(error)})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except Exception as error:  # noqa: BLE001  a bug of ours must not leave SAM waiting
            self.answer(500, {"message": f"{type(error).__name__}: {error}"})

    do_POST = do_DELETE = do_HEAD = do_PUT = do_GET  # noqa: N815  names of http.server

    @property
    def peer(self) -> int:
        """The process at the other end."""
        return peer_of(self.connection)[0]

    def json(self) -> dict[str, Any]:
        """The body, as an object."""
        found: dict[str, Any] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self._read = True
        return found

    def save_body(self, file: IO[bytes]) -> None:
        """Write the body to a file, a piece at a time: a layer may be large."""
        self._read = True
        if self.headers.get("Transfer-Encoding") != "chunked":
            shutil.copyfileobj(_Limited(self.rfile, int(self.headers.get("Content-Length") or 0)), file)
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            shutil.copyfileobj(_Limited(self.rfile, size), file)
            self.rfile.readline()
        self.rfile.readline()

    def answer(self, status: int, value: object = None) -> None:
        if self._answered:  # an error in the middle of a stream: all that is left is to end it
            self.close_connection = True
            return
        if not self._read:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = b"" if value is None else json.dumps(value).encode()
        self._begin(status, JSON, {"Content-Length": str(len(data))})
        self.wfile.write(b"" if self.command == "HEAD" else data)

    def stream(self, documents: Iterable[Mapping[str, Any]], hold: threading.Event | None = None) -> None:
        """Documents as they come; with `hold`, nothing more and no end until the client goes or it is set."""
        self._begin(200, JSON, {"Transfer-Encoding": "chunked"})
        for document in documents:
            data = json.dumps(document).encode() + b"\r\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        while hold is not None and not hold.wait(0.2) and not _gone(self.connection):
            pass
        self.wfile.write(b"0\r\n\r\n")

    def frames(self, frames: Iterable[bytes], upgrade: bool) -> None:
        """Output in Docker's frames, on what was a request: nothing else follows on this connection."""
        upgraded = {"Connection": "Upgrade", "Upgrade": "tcp"} if upgrade and self.headers.get("Upgrade") else {}
        kind = "application/vnd.docker.multiplexed-stream"
        self._begin(101 if upgraded else 200, kind, upgraded or {"Connection": "close"})
        self.close_connection = True
        for frame in frames:
            self.wfile.write(frame)

    def send_file(self, file: IO[bytes], kind: str, headers: Mapping[str, str]) -> None:
        size = file.tell()
        file.seek(0)
        self._begin(200, kind, {**headers, "Content-Length": str(size)})
        if self.command != "HEAD":
            shutil.copyfileobj(file, self.wfile)

    def _begin(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self._answered = True
        self.send_response(status)
        for name, value in {"Api-Version": "1.44", "Ostype": "linux", "Content-Type": kind, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def address_string(self) -> str:
        return "the socket"

    def log_message(self, format: str, *args: object) -> None:
        """The answers say what went wrong."""


class _Limited:
    """So many bytes of a stream, then its end."""

    def __init__(self, stream: BufferedIOBase, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def peer_of(connection: socket.socket) -> tuple[int, int]:
    """Process and user at the other end of a unix socket."""
    process, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return process, user


def _gone(connection: socket.socket) -> bool:
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
