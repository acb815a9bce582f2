"""Start runs and follow them to their end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from lakectl.failure import Failure
from lakectl.pause import Pause
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Started:
    """What gather answered: a run and its execution, or why there is none."""

    run: str | None
    execution: str = ""
    reason: str = ""


def start(target: Target, team: str, dataset: str) -> Started:
    """Ask gather for a run now."""
    answer = target.client("lambda").invoke(
        FunctionName=target.setting("stage-b", team, "gather-function"),
        Payload=json.dumps({"team": team, "dataset": dataset, "reason": "asked"}).encode(),
    )
    payload: dict[str, Any] = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError"):
        raise Failure(f"gather of {team} failed: {payload.get('errorType')}: {payload.get('errorMessage')}")
    return Started(payload.get("run"), payload.get("execution_arn", ""), payload.get("reason", ""))


def follow(
    target: Target, execution: str, tell: Callable[[str], None] = lambda state: None, seconds: float = inf
) -> dict[str, Any]:
    """Wait for an execution; its output. Each state is told as it is entered.

    Raises Failure with the error and cause of a failed one, and for one that goes on longer than that.
    """
    client = target.client("stepfunctions")
    last = ""
    deadline, pause = time.monotonic() + seconds, Pause(target)
    while True:
        found = client.describe_execution(executionArn=execution)
        state = _current_state(client, execution)
        if state and state != last:
            last = state
            tell(state)
        if found["status"] != "RUNNING":
            break
        if time.monotonic() > deadline:
            raise Failure(f"{execution.rsplit(':', 1)[-1]} still runs after {seconds:.0f} s, at '{last}'.")
        pause.sleep()
    if found["status"] != "SUCCEEDED":
        raise Failure(f"{execution.rsplit(':', 1)[-1]} ended as {found['status']}: {_cause(found)}")
    output: dict[str, Any] = json.loads(found.get("output") or "{}")
    return output


def _cause(execution: dict[str, Any]) -> str:
    """Why an execution failed; of a function its own message, of a job that and where its log lies."""
    cause = str(execution.get("cause", ""))
    try:
        job = json.loads(cause)
        if "errorMessage" in job:
            return f"{execution.get('error', '')}: {job['errorMessage']}"
        if "StateDetails" in job:
            stream = f"/applications/{job['ApplicationId']}/jobs/{job['JobRunId']}/SPARK_DRIVER/stderr"
            return f"{str(job['StateDetails']).rstrip('.')}. Its log: heavy, stream {stream}."
        return f"{str(job['ErrorMessage']).rstrip('.')}. Its log: {job['LogGroupName']}, stream {job['Id']}."
    except (ValueError, TypeError, KeyError):
        return f"{execution.get('error', '')} {cause[:2000]}".strip()


def _current_state(client: Any, execution: str) -> str:
    events = client.get_execution_history(executionArn=execution, reverseOrder=True, maxResults=10)["events"]
    for event in events:
        entered = event.get("stateEnteredEventDetails")
        if entered:
            return str(entered["name"])
    return ""
