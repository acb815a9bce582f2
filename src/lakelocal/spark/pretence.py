"""A few S3 objects and Glue tables in memory, behind HTTP: the clients in the JVM warm up on it.

It knows just what Iceberg's GlueCatalog and S3FileIO and Hadoop's S3A ask for during a rehearsal. The cloud itself
is never asked: a rehearsal needs no permission and leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

WHEN = "Tue, 01 Jan 2013 00:00:00 GMT"
Answer = tuple[int, dict[str, str], bytes]


class Pretence:
    """Objects by path (`/bucket/key`) and tables by name; `endpoint` serves both APIs."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._tables: dict[str, dict[str, object]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = _body(self)
                status, headers, content = outer._answer(self.command, self.path, dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815 - the names that http.server wants

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: this is a rehearsal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, name="pretence").start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        lower = {name.lower(): value for name, value in headers.items()}
        if "x-amz-target" in lower:
            return self._glue(lower["x-amz-target"].rpartition(".")[2], json.loads(body))
        url = urlsplit(path)
        key, query = unquote(url.path), parse_qs(url.query, keep_blank_values=True)
        if verb == "PUT":
            self.objects[key] = body
            return 200, {"ETag": _etag(body)}, b""
        if "delete" in query or verb == "DELETE":
            self.objects.pop(key, None)
            return (200, {}, b"<DeleteResult/>") if verb == "POST" else (204, {}, b"")
        if "list-type" in query or "prefix" in query:
            return 200, {"Content-Type": "application/xml"}, self._listing(key, query)
        return self._object(verb, key, lower.get("range"))

    def _object(self, verb: str, key: str, wanted: str | None) -> Answer:
        content = self.objects.get(key)
        if content is None:
            return 404, {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>"
        headers = {"ETag": _etag(content), "Last-Modified": WHEN, "Accept-Ranges": "bytes"}
        if verb == "HEAD":
            return 200, headers | {"Content-Length": str(len(content))}, b""
        if wanted is None:
            return 200, headers, content
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start = int(first) if first else len(content) - int(last)
        end = min(int(last) if first and last else len(content) - 1, len(content) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        return 206, headers, content[start : end + 1]

    def _listing(self, bucket: str, query: dict[str, list[str]]) -> bytes:
        root, prefix = bucket.rstrip("/") + "/", query.get("prefix", [""])[0]
        found = [(key.removeprefix(root), body) for key, body in self.objects.items() if key.startswith(root + prefix)]
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2013-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>{escape(_etag(body))}</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
            for key, body in sorted(found)
        )
        return (
            f"<ListBucketResult><Name>{escape(root.strip('/'))}</Name><Prefix>{escape(prefix)}</Prefix>"
            f"<KeyCount>{len(found)}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{entries}"
            "</ListBucketResult>"
        ).encode()

    def _glue(self, action: str, asked: dict[str, object]) -> Answer:
        table = asked.get("TableInput")
        if isinstance(table, dict):
            version = str(int(time.time() * 1000))
            kept = {**table, "DatabaseName": asked.get("DatabaseName"), "VersionId": version}
            self._tables[str(table["Name"])] = kept
            return _json(200, {})
        if action == "GetDatabase":
            return _json(200, {"Database": {"Name": asked["Name"]}})
        found = self._tables.get(str(asked.get("Name")))
        if action == "GetTable" and found:
            return _json(200, {"Table": found})
        return _json(400, {"__type": "EntityNotFoundException", "message": "not found"})


def _json(status: int, facts: dict[str, object]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(facts).encode()


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def _body(request: BaseHTTPRequestHandler) -> bytes:
    """What the client sent, without the framing of `aws-chunked`."""
    if request.headers.get("Transfer-Encoding") == "chunked":
        sent = b""
        while size := int(request.rfile.readline().partition(b";")[0], 16):
            sent += request.rfile.read(size)
            request.rfile.readline()
        request.rfile.readline()
    else:
        sent = request.rfile.read(int(request.headers.get("Content-Length") or 0))
    if not request.headers.get("x-amz-decoded-content-length"):
        return sent
    content = b""
    while sent:
        head, _, rest = sent.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if size == 0:
            break
        content, sent = content + rest[:size], rest[size + 2 :]
    return content
