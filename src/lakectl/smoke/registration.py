"""The deployed registration, asked as a dataset's stack asks it, and answering to us."""

from __future__ import annotations

import json
from typing import Literal

from lakectl.failure import Failure
from lakectl.target import Target


def ask(target: Target, request: Literal["Create", "Delete"], team: str, dataset: str, **properties: str) -> None:
    """Register a dataset, or give up its claim. Raises Failure in the words of the registration."""
    about = {"Team": team, "Dataset": dataset, "WorkGroup": target.setting("team", team, "workgroup")}
    event = {
        "RequestType": request,
        "StackId": "",
        "RequestId": "",
        "LogicalResourceId": "Registration",
        "ResourceProperties": about | properties,
    }
    function = target.setting("registration", "platform", "live-arn")
    answer = target.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    told = json.loads(answer["Payload"].read() or b"{}")
    if answer.get("FunctionError") or told.get("Status") != "SUCCESS":
        raise Failure(f"the registration failed: {told.get('Reason') or told.get('errorMessage') or told}")
