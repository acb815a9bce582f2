"""One comment on a pull request: by the REST interfaces of the providers, against a server that knows their routes."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lakectl.cicd.comments import put, shortened
from lakectl.cicd.forges import FORGES, ForgeComments
from lakectl.failure import Failure

MARK = "**lake plan, dev** "
TOKEN = "t0ken"
ROUTES = {
    "GitHub": (r"/repos/acme/lake/issues/7/comments", r"/repos/acme/lake/issues/comments/(\d+)", "PATCH"),
    "GitLab": (
        r"/api/v4/projects/acme%2Flake/merge_requests/7/notes",
        r"/api/v4/projects/acme%2Flake/merge_requests/7/notes/(\d+)",
        "PUT",
    ),
    "Bitbucket": (
        r"/2.0/repositories/acme/lake/pullrequests/7/comments",
        r"/2.0/repositories/acme/lake/pullrequests/7/comments/(\d+)",
        "PUT",
    ),
}


class Forge(ThreadingHTTPServer):
    """A provider with one repository, acme/lake, and one pull request, 7: its comments by id."""

    daemon_threads = True

    def __init__(self, provider: str) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.provider = provider
        self.comments: dict[int, str] = {}

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def told(self, number: int) -> dict[str, Any]:
        text = self.comments[number]
        return {"id": number, **({"content": {"raw": text}} if self.provider == "Bitbucket" else {"body": text})}

    def page(self, query: dict[str, list[str]]) -> Any:
        size = int(query["pagelen" if self.provider == "Bitbucket" else "per_page"][0])
        first = (int(query["page"][0]) - 1) * size
        found = [self.told(number) for number in sorted(self.comments)][first : first + size]
        return {"values": found} if self.provider == "Bitbucket" else found


class Door(BaseHTTPRequestHandler):
    server: Forge

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def do_PATCH(self) -> None:
        self._answer()

    def _answer(self) -> None:
        many, one, method = ROUTES[self.server.provider]
        asked = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        text = body.get("body") or body.get("content", {}).get("raw")
        if TOKEN not in (self.headers.get("PRIVATE-TOKEN"), (self.headers.get("Authorization") or "")[7:]):
            self._say(401, {"message": "Bad credentials"})
        elif self.command == "GET" and re.fullmatch(many, asked.path):
            self._say(200, self.server.page(parse_qs(asked.query)))
        elif self.command == "POST" and re.fullmatch(many, asked.path) and text:
            number = len(self.server.comments) + 1
            self.server.comments[number] = text
            self._say(201, self.server.told(number))
        elif self.command == method and text and (found := re.fullmatch(one, asked.path)):
            self.server.comments[int(found[1])] = text
            self._say(200, self.server.told(int(found[1])))
        else:
            self._say(404, {"message": "Not Found"})

    def _say(self, status: int, told: Any) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(params=sorted(FORGES))
def forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    with Forge(request.param) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def comments(forge: Forge, token: str = TOKEN, repository: str = "acme/lake") -> ForgeComments:
    return ForgeComments(forge.provider, repository, "7", token, forge.api)


def test_a_plan_is_one_comment_that_is_written_anew(forge: Forge) -> None:
    forge.comments = {number: f"a remark, {number}" for number in range(1, 101)}
    put(comments(forge), MARK, "of one: 1 to add")
    assert forge.comments[101] == f"{MARK}of one: 1 to add"
    put(comments(forge), MARK, "of two: nothing to do")
    assert len(forge.comments) == 101
    assert forge.comments[101] == f"{MARK}of two: nothing to do"
    put(comments(forge), "**lake plan, prod** ", "of two: 1 to add")
    assert len(forge.comments) == 102


def test_a_refusal_says_who_refused_what_and_where_to_look(forge: Forge) -> None:
    with pytest.raises(Failure, match=rf"{forge.provider} refused GET .*401.*Bad credentials.*cicd\.token"):
        put(comments(forge, token="another"), MARK, "x")
    with pytest.raises(Failure, match=r"refused GET .*404"):
        put(comments(forge, repository="acme/other"), MARK, "x")
    assert forge.comments == {}


def test_a_provider_that_is_not_there_is_named() -> None:
    with pytest.raises(Failure, match="GitHub did not answer GET"):
        ForgeComments("GitHub", "acme/lake", "7", TOKEN, "http://127.0.0.1:1").written()


def test_a_plan_that_is_too_long_ends_with_how_much_is_left_out() -> None:
    text = "\n".join(f"line {number:03}" for number in range(100))
    short = shortened(text, 300)
    kept = short.partition("\n\n")[0].splitlines()
    assert len(short) <= 300
    assert kept == text.splitlines()[: len(kept)]
    assert short.endswith(f"… and {100 - len(kept)} lines more, which the log of the check has.")
    assert shortened(text, len(text)) == text
