"""One trial: a sample is put into raw, becomes rows of a table that a reader counts, and is taken out again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from lakectl import athena, runs
from lakectl.compile import Compiled
from lakectl.failure import Failure
from lakectl.runs import Started
from lakectl.smoke import registration
from lakectl.smoke.double import double_of, least_rows
from lakectl.smoke.removal import take_out
from lakectl.target import Target

STAGED_SECONDS, RUN_SECONDS = 240.0, 420.0
"""Until stage A must have read a sample, and until its run must have ended: less than a verification may last."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a sample: its dataset, the object, its end; no `trouble` is good."""

    dataset: str
    object: str
    end: str = ""
    trouble: str = ""
    seconds: float = 0.0


def tried(target: Target, one: Compiled, sample: Path, expected: int, mark: str, *, keep: bool = False) -> Trial:
    """Try a dataset; nothing of it is left in raw, stage and analytics, but what is kept because it went well."""
    began = time.monotonic()
    double = double_of(one, mark)
    address = f"s3://{target.setting('storage', 'platform', 'raw-bucket')}/{double.prefix}{sample.name}"
    end, trouble = _said(lambda: _through(target, double, sample, expected))
    left = "" if keep and not trouble else _said(lambda: take_out(target, one.team, double.dataset))[1]
    told = "; ".join([*([trouble] if trouble else []), *([f"not all is taken out: {left}"] if left else [])])
    return Trial(one.name, address, end, told, round(time.monotonic() - began, 1))


def _said(act: Callable[[], str | None]) -> tuple[str, str]:
    """What it answered, and what went wrong."""
    try:
        return act() or "", ""
    except (Failure, ClientError, BotoCoreError) as error:
        return "", str(error)


def _through(target: Target, double: Compiled, sample: Path, expected: int) -> str:
    """Send the sample through; its end. Raises Failure where it does not come out as it should."""
    bucket, key = target.setting("artifacts", "platform", "bucket"), double.artifact_key
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=double.json())
    properties = {"Digest": double.digest, "Compiled": f"s3://{bucket}/{key}"}
    queue = target.setting("stage-a", double.team, "queue-url")
    registration.ask(target, "Create", double.team, double.dataset, QueueUrl=queue, **properties)
    raw = target.setting("storage", "platform", "raw-bucket")
    target.client("s3").put_object(Bucket=raw, Key=f"{double.prefix}{sample.name}", Body=sample.read_bytes())
    run = _started(target, double)
    ended = runs.follow(target, run.execution, seconds=RUN_SECONDS)
    if ended.get("status") != "published":
        raise Failure(f"run {run.run} ended as {ended.get('status')}: {ended.get('message')}")
    rows = _rows(target, double)
    if not least_rows(double, expected) <= rows <= expected:
        raise Failure(f"{rows} rows came out of the table, and sample/expected.csv has {expected}")
    return f"{rows} {'row' if rows == 1 else 'rows'} published and read"


def _started(target: Target, double: Compiled) -> Started:
    """The run of the sample, which gather starts as soon as stage A has read it."""
    deadline = time.monotonic() + STAGED_SECONDS
    while True:
        started = runs.start(target, double.team, double.dataset)
        if started.run is not None:
            return started
        if time.monotonic() > deadline:
            raise Failure(
                f"it was not staged in {STAGED_SECONDS:.0f} s ({started.reason}): see the logs of route and of stage A "
                f"of {double.team}"
            )
        time.sleep(1.0 if target.local else 3.0)


def _rows(target: Target, double: Compiled) -> int:
    sql = f"select count(*) as n from {double.team}.{double.dataset}"  # noqa: S608 - the names are ours
    return int(athena.ask(reader(target, double.team), sql, {double.team}).rows[0]["n"])


def reader(target: Target, team: str) -> Target:
    """The target as the role of those who read a team's tables, which finds nothing that is written down."""
    role = target.setting("team", team, "role-arn")
    return replace(target.assuming(role, "verify"), _clients={"ssm": target.client("ssm")})
