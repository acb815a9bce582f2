"""botocore's errors become ours, with the name of the thing in the message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from lake.core.errors import TryAgain


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Everything that AWS refuses inside becomes TryAgain: the message stays, and a person reads why."""
    try:
        yield
    except ClientError as error:
        found = error.response.get("Error", {})
        raise TryAgain(f"{what}: {found.get('Code')}: {found.get('Message')}") from error
    except BotoCoreError as error:
        raise TryAgain(f"{what}: {type(error).__name__}: {error}") from error


def code_of(error: ClientError) -> str:
    """AWS's short name of what went wrong."""
    return str(error.response.get("Error", {}).get("Code", ""))
