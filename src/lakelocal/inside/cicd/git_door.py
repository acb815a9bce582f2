"""Git over HTTP in front of `git http-backend`: the credential helper's signature, IAM, an event for each push.

Sources: https://git-scm.com/docs/git-http-backend, https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-basic-git.html
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import re
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from lakelocal.inside.cicd import git
from lakelocal.inside.cicd.codecommit import CodeCommit
from lakelocal.inside.cicd.home import stranger
from lakelocal.inside.credentials import Credentials
from lakelocal.inside.door import Host
from lakelocal.inside.hook import Hook

HOOKS = (
    Hook("ministack.core.iam_evaluator", "resolve_credential", ("access_key_id", "account_id", "session_token")),
    Hook("ministack.core.iam_evaluator", "CredentialResolutionError"),
    Hook("ministack.core.responses", "set_request_account_id"),
    Hook("ministack.core.responses", "set_request_region"),
)
ASKED = re.compile(r"(?P<name>.+?)/(?P<rest>info/refs|git-upload-pack|git-receive-pack)")
"""What git asks of a repository, https://git-scm.com/docs/http-protocol; owner/name has a slash in it."""
CLOCKS_MAY_DIFFER = timedelta(minutes=15)
Answer = tuple[int, list[tuple[str, str]], bytes]


class Repositories(Protocol):
    """Where a door's repositories are, and who hears of a push."""

    def path(self, name: str) -> Path: ...
    def tell_moved(self, name: str, before: dict[str, str], after: dict[str, str]) -> None: ...


class Door(ABC):
    """An ASGI layer: what git asks below `prefix` is answered here, everything else further in."""

    prefix = ""

    def __init__(self, inner: Callable[..., Any], host: Host, repositories: Repositories) -> None:
        self._inner, self._host, self._repositories = inner, host, repositories

    @abstractmethod
    def refusal(self, who: Credentials, name: str, *, pushes: bool) -> Answer | None:
        """Why these keys get nothing of this repository; None if they do."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope.get("type") != "http" or not scope["path"].startswith(self.prefix):
            await self._inner(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        status, headers, content = await asyncio.to_thread(self._answer, scope, body)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": content})

    def _answer(self, scope: Any, body: bytes) -> Answer:
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        asked = ASKED.fullmatch(scope["path"].removeprefix(self.prefix))
        if asked is None:
            return 404, [], b"git asks for no such thing\n"
        name, rest = asked["name"], asked["rest"]
        given = headers.get("authorization", "")
        if not given.startswith("Basic "):
            return 401, [("WWW-Authenticate", 'Basic realm="AWS CodeCommit"')], b""
        who = verified(given.removeprefix("Basic "), f"{self.prefix}{name}", headers["host"], self._host.region)
        if who is None:
            return 403, [], b"The signature does not match; is the clock right?\n"
        query = scope.get("query_string", b"").decode()
        refused = self.refusal(who, name, pushes="git-receive-pack" in rest + query)
        return refused or self._serve(name, rest, scope["method"], query, headers, body)

    def _serve(self, name: str, rest: str, method: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        place = self._repositories.path(name)
        before = git.references(place)
        optional = {"HTTP_CONTENT_ENCODING": "content-encoding", "GIT_PROTOCOL": "git-protocol"}
        environment = {
            **git.environment(),
            "GIT_PROJECT_ROOT": str(place.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/{place.name}/{rest}",
            "QUERY_STRING": query,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_USER": "local",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            **{name: headers[header] for name, header in optional.items() if header in headers},
        }
        done = subprocess.run([_backend()], input=body, capture_output=True, env=environment, check=False)
        answer = _parsed(done.stdout)
        after = git.references(place)
        if after != before:
            self._host.spawn(self._repositories.tell_moved, name, before, after)
        return answer


class GitDoor(Door):
    """The repositories of CodeCommit: IAM decides who may pull and push."""

    prefix = "/v1/repos/"

    def __init__(self, inner: Callable[..., Any], host: Host, repositories: CodeCommit) -> None:
        super().__init__(inner, host, repositories)
        self._codecommit = repositories

    def refusal(self, who: Credentials, name: str, *, pushes: bool) -> Answer | None:
        action = "codecommit:GitPush" if pushes else "codecommit:GitPull"
        if denied := stranger(self._host) or self._host.denial(who, action, self._codecommit.arn(name)):
            return 403, [("Content-Type", "text/plain")], f"{denied}\n".encode()
        if self._codecommit.records.get(name) is None:
            return 404, [], b"repository not found\n"
        return None


def verified(basic: str, path: str, host: str, region: str) -> Credentials | None:
    """The keys that made this user name and password as AWS's credential helper does; None for anything else."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials as Keys
    from ministack.core import iam_evaluator, responses

    try:
        user, _, password = base64.b64decode(basic).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    key, _, token = user.partition("%")
    responses.set_request_account_id(key)
    responses.set_request_region(region)
    found = iam_evaluator.resolve_credential(key, session_token=token or None)
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        return None
    stamp, _, signature = password.partition("Z")
    if not _fresh(stamp):
        return None
    request = AWSRequest(method="GIT", url=f"http://{host}{path}")
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Keys(key, found.secret_access_key), "codecommit", region)
    said = f"GIT\n{path}\n\nhost:{host.split(':')[0]}\n\nhost\n"
    expected = signer.signature(signer.string_to_sign(request, said), request)
    if not hmac.compare_digest(expected, signature):
        return None
    return Credentials(key, found.secret_access_key, token or None)


def _fresh(stamp: str) -> bool:
    try:
        signed = datetime.strptime(stamp, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - signed) < CLOCKS_MAY_DIFFER


@cache
def _backend() -> str:
    """Git's own server program; where it is, git says."""
    said = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()
    return str(Path(said) / "git-http-backend")


def _parsed(said: bytes) -> Answer:
    """A CGI answer taken apart."""
    head, _, body = said.partition(b"\r\n\r\n")
    lines = [line.partition(": ") for line in head.decode(errors="replace").split("\r\n") if ": " in line]
    status = next((value for name, _, value in lines if name == "Status"), "200")
    headers = [(name, value) for name, _, value in lines if name not in ("Status", "Content-Length")]
    return int(status.split()[0]), headers, body
