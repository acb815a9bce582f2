"""`lake`: the command line. Exit codes: 0 done, 1 it failed and says why, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, ProfileNotFound
from rich.markup import escape

from lake.core.errors import LakeError
from lakectl.failure import Failure
from lakectl.screen import errors
from lakectl.verbs import Verbs
from lakelocal.cloud import CloudError

SIGN_IN = "Sign in (aws sso login), choose another profile (AWS_PROFILE), or write keys down (aws configure)."
TURNED_AWAY = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
"""What AWS calls credentials that are too old, or nobody's."""


class Lake(Verbs):
    """`lake`, whose verbs end in words. It is said here, because typer ends without a word at an interruption."""

    def invoke(self, ctx: Any) -> Any:
        with saying_errors():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Lake,
    epilog="For a start: lake doctor, lake local up, lake deploy, lake drop FILE -d TEAM.DATASET, lake status. "
    "Each verb has --help; each listing has --json.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)


@app.callback()
def lake() -> None:
    """A serverless data lake: push files, get checked, catalogued tables."""


def main() -> None:
    """Run a command."""
    with saying_errors():
        app()


@contextmanager
def saying_errors() -> Iterator[None]:
    """A user's mistake, or AWS's refusal, ends in words and exit code 1, never in a traceback."""
    try:
        yield
    except (Failure, LakeError, CloudError) as error:
        _end(str(error))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        said = f"AWS refused {error.operation_name} ({code}): {error.response['Error'].get('Message', '')}"
        _end(f"{said.rstrip('. ')}. {SIGN_IN}" if code in TURNED_AWAY else said)
    except NoCredentialsError:
        _end(f"This is on AWS, and there are no credentials. {SIGN_IN}")
    except ProfileNotFound as error:
        _end(f"{error}. Correct AWS_PROFILE: `aws configure list-profiles` shows what there is.")
    except BotoCoreError as error:
        _end(f"{error} (is the local cloud running? `lake local up`; on AWS: are there credentials?)")
    except OSError as error:
        if error.filename is None:
            raise
        _end(f"{error.filename} cannot be used: {error.strerror}. Look at it: ls -ld {error.filename}")
    except KeyboardInterrupt:
        errors.print("Interrupted. What was begun on AWS goes on there; the same command again is safe.")
        sys.exit(130)


def _end(message: str) -> None:
    errors.print(f"[bold red]error:[/bold red] {escape(message)}")
    sys.exit(1)


if __name__ == "__main__":
    main()
