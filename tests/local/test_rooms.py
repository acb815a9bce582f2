"""The rooms that lake.yaml switches on stand up, and say what they show, keep, or only remember."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from local.arrange import unique, until
from local.conftest import ROOT

pytestmark = pytest.mark.slow
Client = Callable[..., Any]


def stand_up(client: Client, template: str, **given: str) -> dict[str, str]:
    """A room alone, with what it reads of others already in SSM; its resources' states, with what was noted."""
    cloudformation, name = client("cloudformation"), unique("room")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=(ROOT / template).read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        Capabilities=["CAPABILITY_IAM"],
    )

    def settled() -> Any:
        status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if status.endswith("IN_PROGRESS") else status

    status = until(settled)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reasons = {one["LogicalResourceId"]: one.get("ResourceStatusReason", "") for one in reversed(events)}
    assert status == "CREATE_COMPLETE", reasons
    return reasons


def written(client: Client, domain: str, **names: str) -> None:
    """What other rooms would have written to SSM."""
    for place, value in names.items():
        name = f"/lake/{domain}/dev/{place.replace('__', '/').replace('_', '-')}"
        client("ssm").put_parameter(Name=name, Type="String", Value=value, Overwrite=True)


def test_the_audit_trail_is_remembered_and_its_bucket_is_real(client: Client) -> None:
    domain = unique("a")[:10].replace("-", "")
    written(client, domain, artifacts__platform__logs_bucket="logs")
    reasons = stand_up(client, "foundations/audit.yaml", Domain=domain, Environment="dev")
    assert "recorded only" in reasons["Trail"]
    buckets = [one["Name"] for one in client("s3").list_buckets()["Buckets"]]
    assert any(name.startswith(f"{domain}-dev-") and name.endswith("-audit") for name in buckets)


def test_a_budget_is_remembered(client: Client) -> None:
    given = {"Domain": "b", "Environment": "dev", "BudgetDollars": "100", "BudgetEmail": "someone@example.com"}
    assert "recorded only" in stand_up(client, "foundations/budget.yaml", **given)["Budget"]


def test_lake_formation_is_remembered_and_its_role_reads_alone(client: Client) -> None:
    domain = unique("l")[:10].replace("-", "")
    written(
        client,
        domain,
        artifacts__platform__key_arn="arn:aws:kms:eu-west-1:000000000000:key/k",
        storage__platform__analytics_bucket="analytics",
        registration__platform__role_arn="arn:aws:iam::000000000000:role/register",
        stage_b__aviation__job_role_arn="arn:aws:iam::000000000000:role/job",
    )
    administrator = "arn:aws:iam::000000000000:role/administrator"
    given = {"Domain": domain, "Environment": "dev"}
    reasons = stand_up(client, "foundations/lake-formation.yaml", **given, Administrator=administrator)
    reasons |= stand_up(client, "pipelines/lake-formation.yaml", **given, Team="aviation")
    recorded = {name for name, reason in reasons.items() if "recorded only" in reason}
    assert recorded == {"Settings", "Location", "RegistrationMayMakeTablesHere", "JobMayChangeTablesHere"}
    lent = next(one for one in client("iam").list_roles()["Roles"] if "LendingRole" in one["RoleName"])
    policy = client("iam").get_role_policy(RoleName=lent["RoleName"], PolicyName="lend")["PolicyDocument"]
    assert [one["Action"] for one in policy["Statement"]] == ["s3:GetObject", "s3:ListBucket", "kms:Decrypt"]


def test_the_dashboards_show_queues_functions_and_ages(client: Client) -> None:
    domain = unique("d")[:10].replace("-", "")
    written(
        client,
        domain,
        storage__platform__arrivals_queue_name="arrivals",
        storage__platform__arrivals_dead_queue_name="dead",
        arrivals__platform__route_function="route",
        stage_b__aviation__state_machine_arn="arn:machine",
    )
    stand_up(client, "foundations/dashboard.yaml", Domain=domain, Environment="dev")
    stand_up(client, "pipelines/dashboard.yaml", Domain=domain, Environment="dev", Team="aviation")
    shown = {name: board(client, name) for name in (f"{domain}-dev", f"{domain}-dev-aviation")}
    assert '"arrivals"' in shown[f"{domain}-dev"]
    assert "UnclaimedSeconds" in shown[f"{domain}-dev"]
    assert "arn:machine" in shown[f"{domain}-dev-aviation"]
    assert "AgeSeconds" in shown[f"{domain}-dev-aviation"]


def board(client: Client, name: str) -> str:
    """A dashboard's body, which must be JSON."""
    body = client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    return json.dumps(json.loads(body))
