"""Pull requests of the local CodeCommit: told as on AWS, checked by a build that a rule starts, merged."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cicd.conftest import ROOT, Client
from cicd.workshop import commit, git, keys_of, until
from lakectl.commands import pull_request
from lakectl.failure import Failure
from lakelocal import cloud
from local.arrange import role

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
NAME = "asking"
LAKE = f"""organisation: example
domain: lake
environments: {{dev: {{account: "000000000000", region: eu-west-1}}}}
cicd: {{repository: {NAME}}}
"""
ARN = f"arn:aws:codecommit:eu-west-1:000000000000:{NAME}"
SPEC = "version: 0.2\nphases: {build: {commands: [git log -1 --format=%H, 'echo of $PULL_REQUEST: $(cat number)']}}"
CHANGED = {"commit": "$.detail.sourceCommit", "number": "$.detail.pullRequestId"}
SAID = """{"sourceVersion": <commit>, "environmentVariablesOverride":
    [{"name": "PULL_REQUEST", "value": <number>, "type": "PLAINTEXT"}]}"""


@pytest.fixture(scope="module")
def clone(client: Client, running: cloud.Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a branch `more` that is one commit ahead; whatever is told of its pull requests is queued."""
    made = client("codecommit").create_repository(repositoryName=NAME)["repositoryMetadata"]
    folder = tmp_path_factory.mktemp("asking")
    commit(folder, {"buildspec.yml": SPEC, "number": "1"})
    git(folder, "remote", "add", "local", made["cloneUrlHttp"])
    push(folder, running, "main")
    git(folder, "checkout", "-q", "-b", "more")
    commit(folder, {"number": "2"})
    push(folder, running, "more")
    queue = client("sqs").create_queue(QueueName=NAME)["QueueUrl"]
    where = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events = {"Service": "events.amazonaws.com"}
    may = {"Effect": "Allow", "Principal": events, "Action": "sqs:SendMessage", "Resource": where}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    client("events").put_rule(Name="told", EventPattern=json.dumps({"source": ["aws.codecommit"], "resources": [ARN]}))
    client("events").put_targets(Rule="told", Targets=[{"Id": "q", "Arn": where}])
    return folder


def push(folder: Path, running: cloud.Running, branch: str) -> str:
    git(folder, "push", "-q", "local", branch, keys=keys_of(running))
    return git(folder, "rev-parse", branch)


KEPT: list[dict[str, Any]] = []
"""What has been told so far."""


def told(client: Client, event: str) -> dict[str, Any]:
    """The detail of the latest event of this name, once it has been told."""
    queue = client("sqs").get_queue_url(QueueName=NAME)["QueueUrl"]

    def look() -> dict[str, Any] | None:
        for one in client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            KEPT.append(json.loads(one["Body"])["detail"])
            client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
        return next((one for one in reversed(KEPT) if one["event"] == event), None)

    return dict(until(look, what=event))


def opened(client: Client, source: str = "more") -> dict[str, Any]:
    target = {"repositoryName": NAME, "sourceReference": source, "destinationReference": "main"}
    return dict(client("codecommit").create_pull_request(title="More", targets=[target])["pullRequest"])


def session(client: Client, name: str, actions: list[str]) -> dict[str, str]:
    """Keys of a role that may do this to the repository alone; asking again, those of another session of it."""
    iam = client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}
    try:
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName="asking", AssumeRolePolicyDocument=document)
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    may = {"Effect": "Allow", "Action": actions, "Resource": ARN}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_role_policy(RoleName="asking", PolicyName="p", PolicyDocument=policy)
    arn = "arn:aws:iam::000000000000:role/asking"
    return dict(client("sts").assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"])


@pytest.fixture(scope="module")
def checking(client: Client, clone: Path) -> str:
    """A project whose source is the repository, and a rule that starts it for each commit of a pull request."""
    logs = {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "arn:aws:logs:*:*:log-group:/aws/*"}
    pull = {"Action": "codecommit:GitPull", "Resource": ARN}
    client("codebuild").create_project(
        name=NAME,
        source={"type": "CODECOMMIT", "location": f"https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/{NAME}"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=role(client("iam"), "codebuild.amazonaws.com", allow=[logs, pull]),
    )
    project = f"arn:aws:codebuild:eu-west-1:000000000000:project/{NAME}"
    start = role(client("iam"), "events.amazonaws.com", allow=[{"Action": "codebuild:StartBuild", "Resource": project}])
    pattern = {
        "detail-type": ["CodeCommit Pull Request State Change"],
        "resources": [ARN],
        "detail": {"event": ["pullRequestCreated", "pullRequestSourceBranchUpdated"], "pullRequestStatus": ["Open"]},
    }
    client("events").put_rule(Name="checks", EventPattern=json.dumps(pattern))
    transformer = {"InputPathsMap": CHANGED, "InputTemplate": SAID}
    target = {"Id": "b", "Arn": project, "RoleArn": start, "InputTransformer": transformer}
    client("events").put_targets(Rule="checks", Targets=[target])
    return NAME


def checked(client: Client, version: str) -> list[str]:
    """The lines of the build of a commit, once it has ended well."""
    builds = client("codebuild")

    def ended() -> Any:
        ids = builds.list_builds_for_project(projectName=NAME)["ids"]
        found = builds.batch_get_builds(ids=ids)["builds"] if ids else []
        return next((one for one in found if one["sourceVersion"] == version and one["buildComplete"]), None)

    build = until(ended, what=f"the check of {version[:7]}")
    assert build["buildStatus"] == "SUCCEEDED", build["phases"]
    assert (build["initiator"], build["resolvedSourceVersion"]) == ("rule/checks", version)
    place = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
    return [event["message"] for event in client("logs").get_log_events(**place)["events"]]


def test_each_commit_of_a_pull_request_is_told_and_checked(
    client: Client, clone: Path, checking: str, running: cloud.Running
) -> None:
    first = opened(client)
    number, tip = first["pullRequestId"], git(clone, "rev-parse", "more")
    detail = told(client, "pullRequestCreated")
    assert (detail["pullRequestId"], detail["sourceCommit"], detail["pullRequestStatus"]) == (number, tip, "Open")
    assert (detail["destinationReference"], detail["isMerged"]) == ("refs/heads/main", "False")
    assert detail["destinationCommit"] == git(clone, "rev-parse", "main")
    lines = checked(client, tip)
    assert tip in lines and f"of {number}: 2" in lines
    commit(clone, {"number": "3"})
    newer = push(clone, running, "more")
    assert told(client, "pullRequestSourceBranchUpdated")["sourceCommit"] == newer
    assert f"of {number}: 3" in checked(client, newer)
    again = client("codecommit").list_pull_requests(repositoryName=NAME, pullRequestStatus="OPEN")
    assert again["pullRequestIds"] == [number]


def test_only_its_author_changes_a_comment_and_only_who_may_comment_does(client: Client, clone: Path) -> None:
    number = client("codecommit").list_pull_requests(repositoryName=NAME)["pullRequestIds"][0]
    place = {"pullRequestId": number, "repositoryName": NAME}
    tips = {"beforeCommitId": git(clone, "rev-parse", "main"), "afterCommitId": git(clone, "rev-parse", "more")}
    actions = ["codecommit:PostCommentForPullRequest", "codecommit:GetCommentsForPullRequest"]
    narrow = client("codecommit", session(client, "first", actions))
    posted = narrow.post_comment_for_pull_request(**place, **tips, content="a plan")["comment"]
    with pytest.raises(ClientError, match="not authorized to perform: codecommit:UpdateComment"):
        narrow.update_comment(commentId=posted["commentId"], content="another")
    with pytest.raises(ClientError, match="not authorized to perform: codecommit:GetPullRequest"):
        narrow.get_pull_request(pullRequestId=number)
    actions += ["codecommit:UpdateComment"]
    other = client("codecommit", session(client, "second", actions))
    with pytest.raises(ClientError, match="CommentNotCreatedByCallerException"):
        other.update_comment(commentId=posted["commentId"], content="another")
    same = client("codecommit", session(client, "first", actions))
    same.update_comment(commentId=posted["commentId"], content="a newer plan")
    said = same.get_comments_for_pull_request(**place)["commentsForPullRequestData"]
    assert [one["content"] for place in said for one in place["comments"]] == ["a newer plan"]
    with pytest.raises(ClientError, match="CommentContentSizeLimitExceededException"):
        same.update_comment(commentId=posted["commentId"], content="x" * 10_241)


@pytest.fixture
def here(clone: Path, running: cloud.Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person in the clone, whose lake is in this cloud."""
    (clone / "lake.yaml").write_text(LAKE)
    monkeypatch.chdir(clone)
    keys = keys_of(running)
    monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    capsys.readouterr()
    pull_request.list_all(as_json=True)
    return list(json.loads(capsys.readouterr().out))


@pytest.mark.usefixtures("here")
def test_a_merge_is_a_push_and_what_cannot_be_merged_is_refused(
    client: Client, clone: Path, running: cloud.Running, capsys: pytest.CaptureFixture[str]
) -> None:
    codecommit = client("codecommit")
    number = codecommit.list_pull_requests(repositoryName=NAME)["pullRequestIds"][0]
    old = git(clone, "rev-parse", "more~1")
    with pytest.raises(ClientError, match="TipOfSourceReferenceIsDifferentException"):
        codecommit.merge_pull_request_by_fast_forward(pullRequestId=number, repositoryName=NAME, sourceCommitId=old)
    git(clone, "checkout", "-q", "-b", "aside", "main")
    commit(clone, {"aside": "1"})
    push(clone, running, "aside")
    aside = opened(client, "aside")["pullRequestId"]
    assert [one["number"] for one in listed(capsys)] == [aside, number]
    pull_request.merge(int(number))
    merged = told(client, "pullRequestMergeStatusUpdated")
    assert (merged["isMerged"], merged["pullRequestStatus"], merged["mergeOption"]) == (
        "True",
        "Closed",
        "FAST_FORWARD_MERGE",
    )
    tip = git(clone, "rev-parse", "more")
    assert told(client, "referenceUpdated")["commitId"] == tip
    branch = codecommit.get_branch(repositoryName=NAME, branchName="main")["branch"]
    assert branch["commitId"] == tip
    with pytest.raises(Failure, match=r"main has commits that aside has not.*git rebase main"):
        pull_request.merge(int(aside))
    with pytest.raises(ClientError, match="PullRequestAlreadyClosedException"):
        codecommit.merge_pull_request_by_fast_forward(pullRequestId=number, repositoryName=NAME)
    codecommit.update_pull_request_status(pullRequestId=aside, pullRequestStatus="CLOSED")
    assert told(client, "pullRequestStatusChanged")["pullRequestStatus"] == "Closed"


def test_pull_requests_and_what_is_said_on_them_outlive_a_killed_cloud(
    client: Client, clone: Path, running: cloud.Running, state: Path
) -> None:
    def known() -> list[Any]:
        codecommit = client("codecommit")
        numbers = codecommit.list_pull_requests(repositoryName=NAME)["pullRequestIds"]
        every = [codecommit.get_pull_request(pullRequestId=one)["pullRequest"] for one in numbers]
        return [
            every,
            codecommit.get_comments_for_pull_request(pullRequestId=numbers[-1])["commentsForPullRequestData"],
        ]

    before = known()
    assert all(before)
    found = cloud.running(ROOT, state=state)
    assert found is not None
    subprocess.run(["kill", "-9", str(found.pid)], check=True)
    cloud.up(ROOT, cold=True, state=state)
    assert known() == before
