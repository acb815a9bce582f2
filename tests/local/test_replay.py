"""Every decision is recorded, and the replay of the record shows which statements were needed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakelocal import cloud
from local.arrange import as_role, make_bucket, role, unique
from local.conftest import ROOT

pytestmark = pytest.mark.slow
Client = Callable[..., Any]


def test_the_record_of_decisions_shows_which_statement_is_needed(
    client: Client, running: cloud.Running, state: Path
) -> None:
    bucket = unique("bucket")
    make_bucket(client("s3"), bucket)
    statements = [
        {"Sid": "Write", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
        {"Sid": "Idle", "Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/*"},
    ]
    arn = role(client("iam"), allow=statements)
    client("s3", as_role(client, arn)).put_object(Bucket=bucket, Key="k", Body=b"1")
    name = arn.rsplit("/", 1)[-1]
    lines = (state / "decisions.jsonl").read_text().splitlines()
    decisions = [each for each in map(json.loads, lines) if each["role"] == name]
    assert [(each["action"], each["allowed"]) for each in decisions] == [("s3:PutObject", True)]
    document = client("iam").get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    case = {"role": name, "policies": {"p": document}, "boundary": None}
    answer = replayed({"decisions": decisions, "cases": {"it": case}})
    needed = {f"Write|s3:PutObject|arn:aws:s3:::{bucket}/*": 1}
    assert answer["cases"] == {"it": {"carried": needed, "lacking": []}}


def test_the_replay_finds_a_missing_part_a_boundary_and_a_refusal_of_plain_http(client: Client, state: Path) -> None:
    bucket = make_bucket(client("s3"), unique("bucket"))
    objects = f"arn:aws:s3:::{bucket}/*"
    secure = {"Bool": {"aws:SecureTransport": "false"}}
    plain = {"Sid": "Plain", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": objects}
    policy = {"Version": "2012-10-17", "Statement": [{**plain, "Condition": secure}]}
    client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    arn = role(client("iam"), allow=[{"Sid": "Write", "Action": "s3:PutObject", "Resource": objects}])
    client("s3", as_role(client, arn)).put_object(Bucket=bucket, Key="k", Body=b"1")
    with pytest.raises(ClientError):
        client("s3", as_role(client, arn)).get_object(Bucket=bucket, Key="k")
    name = arn.rsplit("/", 1)[-1]
    decisions = [json.loads(line) for line in (state / "decisions.jsonl").read_text().splitlines()]
    written = client("iam").get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    both = {"Statement": [*written["Statement"], {**written["Statement"][0], "Sid": "Again"}]}
    nothing = {"Statement": [{**written["Statement"][0], "Action": "s3:GetObject"}]}

    def case(document: object, boundary: object = None) -> dict[str, Any]:
        return {"role": name, "policies": {"p": document}, "boundary": boundary}

    cases = {"as it is": case(written), "twice": case(both), "bounded": case(written, nothing), "other": case(nothing)}
    answer = replayed({"decisions": [one for one in decisions if one["role"] == name], "cases": cases})
    found = answer["cases"]
    assert found["as it is"] == {"carried": {f"Write|s3:PutObject|{objects}": 1}, "lacking": ["s3:GetObject"]}
    assert found["twice"]["carried"] == {}
    assert found["bounded"]["carried"] == {}
    assert found["other"]["lacking"] == []
    assert answer["resources"] == {f"arn:aws:s3:::{bucket}": {"carried": {}, "bites": {"Plain": 1}}}


def replayed(question: dict[str, Any]) -> Any:
    python = cloud.environment_folder(ROOT) / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "lakelocal.inside.replay"],
        input=json.dumps(question),
        env={"PYTHONPATH": str(ROOT / "src")},
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)
