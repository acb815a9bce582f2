"""Container credentials on loopback: every Spark engine asks here for the keys of its role, and asks again."""

from __future__ import annotations

import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lakelocal.inside.credentials import UnknownRole
from lakelocal.inside.door import Host

LIFETIME_SECONDS = 3600


class CredentialServer:
    """Answers as the endpoint of AWS_CONTAINER_CREDENTIALS_FULL_URI does, each token for one role."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._roles: dict[str, tuple[str, str, str]] = {}
        outer = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """The host's log is for what went wrong."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True, name="glue-credentials").start()

    def environment(self, role: str, session: str, service: str) -> dict[str, str]:
        """The variables through which a process becomes this role, as the service that the role trusts makes it."""
        token = secrets.token_urlsafe(24)
        self._roles[token] = role, session, service
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self._server.server_port}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def forget(self, environment: dict[str, str]) -> None:
        """End the right that `environment` gave."""
        self._roles.pop(environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", ""), None)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        role = self._roles.get(request.headers.get("Authorization", ""))
        try:
            if role is None:
                status, facts = 401, {"code": "Unauthorized", "message": "no such token"}
            else:
                status, facts = 200, self._keys(*role)
        except UnknownRole as error:
            status, facts = 400, {"code": "AssumeRoleUnauthorizedAccess", "message": str(error)}
        body = json.dumps(facts).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def _keys(self, role: str, session: str, service: str) -> dict[str, str]:
        keys = self._host.role_credentials(role, session, service)
        expires = keys.expiration or time.time() + LIFETIME_SECONDS
        return {
            "AccessKeyId": keys.access_key_id,
            "SecretAccessKey": keys.secret_access_key,
            "Token": keys.session_token or "",
            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires)),
        }
