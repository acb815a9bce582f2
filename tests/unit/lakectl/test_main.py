"""How a command ends when AWS, or this machine, refuses something: in words, with the next step."""

from __future__ import annotations

import errno

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from lakectl.main import saying_errors


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "So it is."}}, "GetObject")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refused("ExpiredToken"), "AWS refused GetObject (ExpiredToken): So it is. Sign in (aws sso login)"),
        (refused("AccessDenied"), "AWS refused GetObject (AccessDenied): So it is."),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "is the local cloud running? `lake local up`"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/a.csv"), "/data/a.csv cannot be used: Permission"),
        (OSError(errno.EROFS, "Read-only file system", ".lake"), ".lake cannot be used: Read-only file system."),
    ],
)
def test_a_refusal_ends_in_words(error: Exception, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, saying_errors():
        raise error
    found = capsys.readouterr()
    assert (ended.value.code, found.out) == (1, "")
    assert said in " ".join(found.err.split())


@pytest.mark.parametrize("error", [OSError("of no file"), KeyError("a mistake of ours")])
def test_a_mistake_of_ours_is_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)), saying_errors():
        raise error
