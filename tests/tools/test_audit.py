"""`make audit` tells three things apart: nothing is known, something is known, nobody answered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # needs an environment of its own
ROOT = Path(__file__).parents[2]
DIGEST = "0" * 64
KNOWN: dict[str, Any] = {
    "id": "PYSEC-2026-1",
    "details": "It lets water in.",
    "aliases": [],
    "affected": [
        {
            "package": {"name": "boat", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Database(BaseHTTPRequestHandler):
    """Answers as OSV does (https://google.github.io/osv.dev/post-v1-query/): it knows a weakness of boats."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps({"vulns": [KNOWN]} if asked["package"]["name"] == "boat" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


@pytest.fixture
def listed(tmp_path: Path) -> tuple[Path, Path]:
    names = ("raft", "boat")
    for name in names:
        (tmp_path / f"{name}.txt").write_text(f"{name}==1.0 \\\n    --hash=sha256:{DIGEST}\n")
    raft, boat = (tmp_path / f"{name}.txt" for name in names)
    return raft, boat


def audit(url: str, *files: Path) -> subprocess.CompletedProcess[str]:
    asked = {"PIP_AUDIT_VULNERABILITY_SERVICE": "osv", "PIP_AUDIT_OSV_URL": url}
    return subprocess.run(
        [sys.executable, ROOT / "tools/audit", *files],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_known_weakness_is_named_with_the_version_that_mends_it(database: str, listed: tuple[Path, Path]) -> None:
    done = audit(database, *listed)
    assert done.returncode == 1, done.stderr
    assert "✓ raft.txt: no known weaknesses" in done.stdout
    assert "boat 1.0: PYSEC-2026-1, mended in 1.1" in done.stdout


def test_where_nothing_is_known_all_is_well(database: str, listed: tuple[Path, Path]) -> None:
    done = audit(database, listed[0])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "✓ raft.txt: no known weaknesses\n"


def test_a_database_that_does_not_answer_is_no_good_news(listed: tuple[Path, Path]) -> None:
    done = audit("http://127.0.0.1:1/v1/query", listed[0])
    assert done.returncode == 3
    assert "? raft.txt: not audited." in done.stderr
    assert "Nothing is known of raft.txt" in done.stdout
    assert "no known" not in done.stdout + done.stderr
