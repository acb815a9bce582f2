"""`lake`: the command line. Exit codes: 0 done, 1 it failed and says why, 2 wrong usage, 130 interrupted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from lake.core.errors import LakeError
from lakectl.commands import (
    bootstrap,
    deploy,
    destroy,
    doctor,
    drop,
    invoke,
    local,
    pipeline,
    plan,
    query,
    run,
    run_job,
    run_state,
    sam,
    status,
    test,
    trace,
    validate,
    verify,
)
from lakectl.failure import Failure
from lakectl.option import Answering
from lakectl.screen import errors
from lakelocal.cloud import CloudError

app = typer.Typer(
    help="A serverless data lake: push files, get checked, catalogued tables.",
    epilog="For a start: lake doctor, lake local up, lake deploy, lake drop FILE -d TEAM.DATASET, lake status. "
    "Each verb has --help; each listing has --json.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)
WRITE, DEPLOY, USE, TRY = "Write datasets", "Deploy", "Deliver, watch and ask", "Try one thing"
PANELS: dict[str, dict[str, Callable[..., None]]] = {
    WRITE: {"validate": validate.command, "test": test.command},
    DEPLOY: {
        "doctor": doctor.command,
        "plan": plan.command,
        "bootstrap": bootstrap.command,
        "deploy": deploy.command,
        "verify": verify.command,
        "destroy": destroy.command,
    },
    USE: {
        "drop": drop.command,
        "run": run.command,
        "status": status.command,
        "trace": trace.command,
        "query": query.command,
    },
    TRY: {
        "invoke": invoke.command,
        "run-state": run_state.command,
        "run-job": run_job.command,
        "env": sam.show_values,
        "shell": sam.shell,
    },
}
"""The verbs as `lake --help` lists them, in the order in which one comes to need them."""

KINDS = {"plan": Answering}
"""Verbs whose exit code 2 is an answer."""

for panel, verbs in PANELS.items():
    for verb, act in verbs.items():
        app.command(verb, cls=KINDS.get(verb), rich_help_panel=panel)(act)
local.app.command("engine")(sam.engine)
app.add_typer(local.app, name="local", rich_help_panel=DEPLOY)
app.add_typer(pipeline.app, name="pipeline", rich_help_panel=DEPLOY)


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
