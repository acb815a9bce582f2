"""Pipelines that deploy: start one with a commit."""

from __future__ import annotations

from typing import Any, Protocol

from botocore.exceptions import ClientError

from lake.gateways.trouble import asking, code_of


class Pipelines(Protocol):
    def start(self, name: str, commit: str) -> bool:
        """Start an execution that takes this commit; whether there is such a pipeline."""


class CodePipelines:
    def __init__(self, client: Any) -> None:
        self._client = client

    def start(self, name: str, commit: str) -> bool:
        revision = {"actionName": "Source", "revisionType": "COMMIT_ID", "revisionValue": commit}
        with asking(f"The pipeline {name}"):
            try:
                self._client.start_pipeline_execution(name=name, sourceRevisions=[revision])
            except ClientError as error:
                if code_of(error) != "PipelineNotFoundException":
                    raise
                return False
        return True
