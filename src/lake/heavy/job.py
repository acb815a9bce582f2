"""The job on Glue or EMR Serverless: one plan from S3, one run, one result to S3."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import boto3

from lake.core.errors import LakeError
from lake.core.run import plan_from_json, result_to_json
from lake.heavy.failure import explained
from lake.heavy.preflight import check_tables
from lake.heavy.run import run
from lake.heavy.session import session


class JobFailed(LakeError):
    """The run ended by an error; nothing of it is visible."""


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Our two arguments; Glue adds its own, and abbreviations would take those for ours."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--plan", required=True, help="s3:// URI of the plan")
    parser.add_argument("--result", required=True, help="s3:// URI of the result, written when the run ends")
    return parser.parse_known_args(argv)[0]


def main(argv: Sequence[str]) -> None:
    """A set-aside or halted run is a result, not a failure; only an error fails the job."""
    given = arguments(argv)
    try:
        s3 = boto3.client("s3")
        plan = plan_from_json(_read(s3, given.plan))
        if boto3.Session().region_name:  # without one, Iceberg still says what is denied, only late
            check_tables(boto3.client("glue"), s3, plan)
        result = run(session(), plan, datetime.now(UTC).date())
        _write(s3, given.result, result_to_json(result))
    except Exception as error:
        raise JobFailed(explained(error)) from error
    summary = {"dataset": plan.dataset.path} | result_to_json(result)
    sys.stdout.write(json.dumps(summary | {"set_aside": len(result.set_aside)}, default=str) + "\n")


def _read(s3: Any, uri: str) -> dict[str, Any]:
    bucket, key = _place(uri)
    loaded: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return loaded


def _write(s3: Any, uri: str, entry: dict[str, Any]) -> None:
    bucket, key = _place(uri)
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(entry).encode(), ContentType="application/json")


def _place(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri, allow_fragments=False)
    return parts.netloc, parts.path.removeprefix("/")


if __name__ == "__main__":
    main(sys.argv[1:])
