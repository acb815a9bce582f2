"""`lake`: the command line. Exit codes: 0 done, 1 it failed and says why, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from lake.core.errors import LakeError
from lakectl.commands import (
    deploy,
    destroy,
    doctor,
    drop,
    invoke,
    local,
    query,
    run,
    run_job,
    run_state,
    sam,
    status,
    test,
    trace,
    validate,
)
from lakectl.failure import Failure
from lakectl.screen import errors
from lakelocal.cloud import CloudError

app = typer.Typer(
    help="A serverless data lake: push files, get checked, catalogued tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
app.command("validate")(validate.command)
app.command("test")(test.command)
app.command("deploy")(deploy.command)
app.command("drop")(drop.command)
app.command("run")(run.command)
app.command("status")(status.command)
app.command("trace")(trace.command)
app.command("query")(query.command)
app.command("destroy")(destroy.command)
app.command("doctor")(doctor.command)
app.command("invoke")(invoke.command)
app.command("run-job")(run_job.command)
app.command("run-state")(run_state.command)
app.command("env")(sam.show_values)
app.command("shell")(sam.shell)
local.app.command("engine")(sam.engine)
app.add_typer(local.app, name="local")


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
