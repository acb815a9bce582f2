"""What a function finds around it: variables, clients, the clock, and where its log lines go."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from lake.core.errors import SpecError


def variable(name: str) -> str:
    """An environment variable that the function's template sets."""
    value = os.environ.get(name, "")
    if not value:
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "this function")
        raise SpecError(f"{name} is not set for {function}. Its template must set it; deploy the stack again.")
    return value


@cache
def session() -> Any:
    """The one session of all clients: it keeps what it has loaded of the services' models, and the credentials."""
    from botocore.session import get_session

    return get_session()


@cache
def client(service: str) -> Any:
    """One client for each service, made when first needed, by botocore itself: boto3's own layer is of no use here."""
    from botocore.config import Config

    return session().create_client(
        service,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 5},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=32,
        ),
    )


def now() -> datetime:
    return datetime.now(UTC)


class JsonLines(logging.Formatter):
    """One JSON object a line: the decision, its facts, and the error where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"level": record.levelname, "says": record.getMessage()}
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def start_logging() -> None:
    """Send our log lines to standard output, once."""
    log = logging.getLogger("lake")
    if log.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
