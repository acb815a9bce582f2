"""What the actions of a pipeline do, as the pipeline's role and through the services' own doors.

Source: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lakelocal.inside.cicd import git, pipeline_storage
from lakelocal.inside.cicd.pipeline_turns import Interrupted
from lakelocal.inside.cicd.records import Document
from lakelocal.inside.credentials import Credentials

if TYPE_CHECKING:
    from lakelocal.inside.cicd.pipeline_runner import Runner

VARIABLE = re.compile(r"#\{([\w@-]+)\.([\w@-]+)\}")
PROVIDER_ACTIONS = ("GetBranch", "StartUploadArchiveToS3", "GetUploadArchiveToS3Status")
"""What CodePipeline does at a connection's provider for an artifact, as its condition key names it."""


class ActionFailed(Exception):
    """An action ended badly, with CodePipeline's code for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Acting:
    """One action at work: its declaration and configuration, the record of its run, who it is."""

    runner: Runner
    execution: Document
    stage: str
    action: Document
    settings: Mapping[str, str]
    run: Document
    credentials: Credentials
    bucket: str

    def demand(self, action: str, resource: str, context: Mapping[str, object] | None = None) -> None:
        denied = self.runner.host.denial(self.credentials, action, resource, context)
        if denied:
            raise ActionFailed("PermissionError", denied)

    def client(self, service: str) -> Any:
        return self.runner.host.client(service, self.credentials)

    def place(self, artifact: str) -> str:
        """A new key for an artifact, as CodePipeline makes them."""
        return f"{self.execution['pipeline']['name'][:20]}/{artifact[:10]}/{uuid.uuid4().hex[:7]}"

    def put(self, artifact: str, content: bytes) -> None:
        key = self.place(artifact)
        store = self.execution["pipeline"]["artifactStore"]
        encryption = store.get("encryptionKey")
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption["id"]} if encryption else {}
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=content, **sealed)
        self.execution["artifacts"][artifact] = key


def settings_of(execution: Document, action: Document) -> dict[str, str]:
    """The configuration with its variables resolved. Raises ActionFailed for one that nothing has set."""

    def resolved(found: re.Match[str]) -> str:
        values = execution["namespaces"].get(found[1], {})
        if found[2] not in values:
            raise ActionFailed("InvalidVariable", f"Nothing has set the variable {found[0]}")
        return str(values[found[2]])

    return {name: VARIABLE.sub(resolved, str(value)) for name, value in (action.get("configuration") or {}).items()}


def codecommit(at: Acting) -> dict[str, str]:
    name, branch = at.settings["RepositoryName"], at.settings["BranchName"]
    repositories = at.runner.codecommit
    found = at.client("codecommit").get_branch(repositoryName=name, branchName=branch)["branch"]
    for action in ("GetCommit", "UploadArchive", "GetUploadArchiveStatus"):
        at.demand(f"codecommit:{action}", repositories.arn(name))
    asked = at.execution["wanted"].get(at.action["name"])
    place = repositories.path(name)
    return _take_commit(at, place, branch, asked or found["commitId"]) | {"RepositoryName": name}


def _take_commit(at: Acting, place: Path, branch: str, wanted: str) -> dict[str, str]:
    commit = git.commit_of(place, wanted)
    if commit is None:
        raise ActionFailed("ConfigurationError", f"{place.stem} has no commit {wanted}")
    for artifact in at.action.get("outputArtifacts") or []:
        at.put(artifact["name"], git.archive(place, commit))
    date, _, message = git.say(place, "show", "-s", "--format=%aI%n%B", commit).partition("\n")
    at.execution["revisions"][at.action["name"]] = {
        "name": next(iter(at.action.get("outputArtifacts") or [{"name": ""}]))["name"],
        "revisionId": commit,
        "revisionSummary": message,
        "created": time.time(),
    }
    return {"CommitId": commit, "BranchName": branch, "CommitMessage": message, "AuthorDate": date}


def connection(at: Acting) -> dict[str, str]:
    """The prefix of the actions and keys is that of the connection's ARN: codeconnections, or the older one."""
    arn, name, branch = (at.settings[one] for one in ("ConnectionArn", "FullRepositoryId", "BranchName"))
    prefix = arn.split(":")[2]
    keys = {"fullrepositoryid": name, "branchname": branch, "providerpermissionsrequired": "read_only"}
    for action in PROVIDER_ACTIONS:
        context = {f"{prefix}:{key}": value for key, value in {**keys, "provideraction": action}.items()}
        at.demand(f"{prefix}:UseConnection", arn, context)
    at.runner.connections.check_available(arn)
    mirrors = at.runner.mirrors
    asked = at.execution["wanted"].get(at.action["name"])
    commit = asked or (git.commit_of(mirrors.path(name), f"refs/heads/{branch}") if mirrors.there(name) else None)
    if commit is None:
        raise ActionFailed("ConfigurationError", f"The mirror of {name} has no branch {branch}: git push local")
    found = _take_commit(at, mirrors.path(name), branch, commit)
    return found | {"ConnectionArn": arn, "FullRepositoryName": name}


def codebuild(at: Acting) -> dict[str, str]:
    name = at.settings["ProjectName"]
    builds = at.runner.codebuild
    at.demand("codebuild:StartBuild", builds.arn("project", name))
    project = builds.projects.get(name)
    if project is None:
        raise ActionFailed("ConfigurationError", f"There is no CodeBuild project {name}")
    given = [one["name"] for one in at.action["inputArtifacts"]]
    primary = at.settings.get("PrimarySource", given[0])
    inputs = {("" if one == primary else one): f"{at.bucket}/{at.execution['artifacts'][one]}" for one in given}
    made = [one["name"] for one in at.action.get("outputArtifacts") or []]
    keys = {one: at.place(one) for one in made}
    outputs = {("" if len(made) == 1 else one): f"{at.bucket}/{key}" for one, key in keys.items()}
    revision = next((one["revisionId"] for one in at.execution["revisions"].values() if one["name"] == primary), "")
    overlay = json.loads(at.settings.get("EnvironmentVariables") or "[]")
    initiator = f"codepipeline/{at.execution['pipeline']['name']}"
    version = revision or at.execution["commit"]
    build = builds.begin(project, overlay, inputs, outputs, initiator, version=version)
    at.run["externalExecutionId"] = build["id"]
    at.runner.changed(at.execution)
    build = _followed(at, build["id"])
    if build["buildStatus"] != "SUCCEEDED":
        raise ActionFailed("JobFailed", f"Build terminated with state: {build['buildStatus']}{_reason(build)}")
    at.execution["artifacts"].update(keys)
    return {one["name"]: one["value"] for one in build.get("exportedEnvironmentVariables") or []}


def _followed(at: Acting, number: str) -> Document:
    client = at.client("codebuild")
    while True:
        build: Document = client.batch_get_builds(ids=[number])["builds"][0]
        if build["buildStatus"] != "IN_PROGRESS":
            return build
        if at.execution.get("stop") == "abandon":
            client.stop_build(id=number)
        if at.runner.closing:
            raise Interrupted
        time.sleep(0.2)


def _reason(build: Document) -> str:
    for phase in build["phases"]:
        for context in phase.get("contexts") or []:
            if context.get("message"):
                return f". Phase: {phase['phaseType']}, {context.get('statusCode', '')}: {context['message']}"
    return ""


def approval(at: Acting) -> dict[str, str]:
    at.run.setdefault("token", str(uuid.uuid4()))
    topic = at.settings.get("NotificationArn")
    if topic and not at.run.get("told"):
        about = {
            "pipelineName": at.execution["pipeline"]["name"],
            "stageName": at.stage,
            "actionName": at.action["name"],
            "token": at.run["token"],
            "customData": at.settings.get("CustomData", ""),
        }
        subject = f"APPROVAL NEEDED: {about['pipelineName']}"[:100]
        at.client("sns").publish(TopicArn=topic, Subject=subject, Message=json.dumps({"approval": about}))
    at.run["told"] = True
    at.runner.changed(at.execution)
    limit = at.run["startTime"] + 60 * float(at.action.get("timeoutInMinutes") or 10080)
    while "result" not in at.run:
        if at.runner.closing:
            raise Interrupted
        if at.execution.get("stop"):
            raise ActionFailed("Abandoned", "The execution was stopped.")
        if time.time() > limit:
            raise ActionFailed("ApprovalTimedOut", "Nobody answered in time.")
        at.runner.wait(0.5)
    if at.run["result"]["status"] != "Approved":
        raise ActionFailed("Rejected", f"Rejected: {at.run['result']['summary']}")
    return {}


def storage(at: Acting) -> dict[str, str]:
    source = at.action["actionTypeId"]["category"] == "Source"
    return pipeline_storage.take(at) if source else pipeline_storage.keep(at)


ACTIONS: dict[str, Callable[[Acting], dict[str, str]]] = {
    "CodeCommit": codecommit,
    "CodeStarSourceConnection": connection,
    "CodeBuild": codebuild,
    "Manual": approval,
    "S3": storage,
}
