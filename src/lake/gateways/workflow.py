"""The workflow of stage B: one execution for each attempt of each run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol

from botocore.exceptions import ClientError

from lake.gateways.trouble import asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

Standing = Literal["unknown", "running", "succeeded", "failed"]


class Workflow(Protocol):
    def start(self, name: str, payload: Mapping[str, object]) -> None:
        """Start one execution of this name; asking again changes nothing."""

    def standing(self, name: str) -> Standing:
        """Where the execution of this name stands; `failed` covers time-outs and aborts too."""

    def reference(self, name: str) -> str:
        """What a person looks an execution up by."""


class StepFunctionsWorkflow:
    def __init__(self, client: SFNClient, state_machine: str) -> None:
        self._client = client
        self._machine = state_machine

    def start(self, name: str, payload: Mapping[str, object]) -> None:
        try:
            self._client.start_execution(stateMachineArn=self._machine, name=name, input=json.dumps(payload))
        except ClientError as error:
            if code_of(error) == "ExecutionAlreadyExists":
                return
            with asking(f"starting execution {name} of {self._machine}"):
                raise

    def standing(self, name: str) -> Standing:
        try:
            status = self._client.describe_execution(executionArn=self.reference(name))["status"]
        except ClientError as error:
            if code_of(error) == "ExecutionDoesNotExist":
                return "unknown"
            with asking(f"looking up execution {name} of {self._machine}"):
                raise
        if status in ("RUNNING", "PENDING_REDRIVE"):
            return "running"
        return "succeeded" if status == "SUCCEEDED" else "failed"

    def reference(self, name: str) -> str:
        return f"{self._machine.replace(':stateMachine:', ':execution:')}:{name}"


class MemoryWorkflow:
    """`started` maps names to payloads; `ended` is set by whoever plays the state machine."""

    def __init__(self) -> None:
        self.started: dict[str, Mapping[str, object]] = {}
        self.ended: dict[str, Standing] = {}

    def start(self, name: str, payload: Mapping[str, object]) -> None:
        self.started.setdefault(name, payload)

    def standing(self, name: str) -> Standing:
        if name not in self.started:
            return "unknown"
        return self.ended.get(name, "running")

    def reference(self, name: str) -> str:
        return f"memory:{name}"
