"""`lake`: the command line. Exit codes: 0 done, 1 it failed and says why, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from lake.core.errors import LakeError
from lakectl.failure import Failure
from lakectl.screen import errors
from lakectl.verbs import Verbs
from lakelocal.cloud import CloudError

app = typer.Typer(
    cls=Verbs,
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
        _end(f"AWS refused {error.operation_name} ({code}): {error.response['Error'].get('Message', '')}")
    except BotoCoreError as error:
        _end(f"{error} (is the local cloud running? `lake local up`; on AWS: are there credentials?)")
    except KeyboardInterrupt:
        errors.print("Interrupted. What was begun on AWS goes on there; the same command again is safe.")
        sys.exit(130)


def _end(message: str) -> None:
    errors.print(f"[bold red]error:[/bold red] {escape(message)}")
    sys.exit(1)


if __name__ == "__main__":
    main()
