"""Things that several tests of the local cloud need to exist first."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LAMBDA_RUNTIME_CFG = Path(__file__).resolve().parents[2] / ".lake/envs/runtime/pyvenv.cfg"

LOGS = {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def make_bucket(s3: Any, name: str) -> str:
    """A bucket of ours in the client's region, made unless it is there; its name."""
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    return name


def lambda_runtime() -> str:
    """The name of the runtime that the installed interpreter stands for."""
    line = next(line for line in LAMBDA_RUNTIME_CFG.read_text().splitlines() if line.startswith("version_info"))
    major, minor = line.split("=")[1].strip().split(".")[:2]
    return f"python{major}.{minor}"


def package(source: str, **files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
        for name, text in files.items():
            archive.writestr(name.replace("__", "/") + ".py", text)
    return buffer.getvalue()


def role(iam: Any, *services: str, allow: list[dict[str, Any]] | None = None, **about: Any) -> str:
    """A role that these services may assume, with these statements; its ARN."""
    name = unique("role")
    principal = {"Service": list(services)} if services else {"AWS": "*"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **about)["Role"]["Arn"]
    if allow:
        grant(iam, arn, allow)
    return arn


def grant(iam: Any, role_arn: str, statements: list[dict[str, Any]]) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", **statement} for statement in statements],
    }
    iam.put_role_policy(RoleName=role_arn.rsplit("/", 1)[-1], PolicyName="p", PolicyDocument=json.dumps(document))


def function(client: Callable[..., Any], source: str, role_arn: str | None = None, **about: Any) -> str:
    """A deployed function's name."""
    name = unique("function")
    arn = role_arn or role(client("iam"), "lambda.amazonaws.com", allow=[LOGS])
    settings = {"Runtime": lambda_runtime(), "Timeout": 20, "MemorySize": 128} | about
    client("lambda").create_function(
        FunctionName=name, Role=arn, Handler="app.handler", Code={"ZipFile": package(source)}, **settings
    )
    return name


def until(happened: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Ask until the answer is truthy; the last answer."""
    deadline = time.monotonic() + seconds
    answer = happened()
    while not answer and time.monotonic() < deadline:
        time.sleep(0.05)
        answer = happened()
    return answer


def as_role(client: Callable[..., Any], role_arn: str) -> dict[str, str]:
    """Credentials of a role that anyone may assume."""
    answer = client("sts").assume_role(RoleArn=role_arn, RoleSessionName="tester")
    return dict(answer["Credentials"])
