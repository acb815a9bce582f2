"""The templates of this repository, as they are."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from lakectl.lint.document import many, text_of
from lakectl.lint.project import Project, Template, read_project
from lakectl.lint.run import judge

ROOT = Path(__file__).parents[2]
PROJECT = read_project(ROOT)
TEMPLATES = [template.path for template in PROJECT.templates]


def test_our_own_rules_find_nothing() -> None:
    assert judge(PROJECT).text() == ""


@pytest.mark.parametrize("folder", sorted({path.partition("/")[0] for path in TEMPLATES}))
def test_cfn_lint_finds_nothing(folder: str) -> None:
    """A folder at a time, because cfn-lint reads its rules and AWS's schemas for each call anew."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    paths = [str(ROOT / path) for path in TEMPLATES if path.startswith(f"{folder}/")]
    assert [str(match) for match in Runner(ConfigMixIn(["--template", *paths])).run()] == []


@pytest.mark.parametrize("path", TEMPLATES)
def test_no_template_ignores_a_rule(path: str) -> None:
    """But what checkov alone says, with a reason beside it; `make scan` says which of these are needed."""
    told = re.sub(r"# checkov:skip=CKV2?_AWS_\d+: \S.{15,}$", "", (ROOT / path).read_text(), flags=re.MULTILINE)
    assert not re.search(r"cfn-lint|cfn_nag|checkov|ignore_checks", told)


def test_every_handler_has_a_function_and_every_function_a_handler() -> None:
    named = {
        str(function.properties["Handler"])
        for template in PROJECT.templates
        for function in template.of_type("AWS::Lambda::Function")
    }
    files = (file for file in (ROOT / "src/lake/handlers").glob("*.py") if "def handler(" in file.read_text())
    assert named == {f"lake.handlers.{file.stem}.handler" for file in files}


def test_every_function_gets_the_variables_that_its_handler_reads() -> None:
    for template in PROJECT.templates:
        for function in template.of_type("AWS::Lambda::Function"):
            module = str(function.properties["Handler"]).split(".")[-2]
            source = (ROOT / f"src/lake/handlers/{module}.py").read_text()
            asked = set(re.findall(r'"(LAKE_[A-Z_]+)"', source))
            given = set(function.properties["Environment"]["Variables"])
            assert asked <= given, f"{template.path} {function.name} lacks {asked - given}"


def test_raw_announces_what_people_do_and_not_what_its_lifecycle_does() -> None:
    """S3 tells of expiry by events of their own, LifecycleExpiration:*, and it must not remove rows."""
    (raw,) = (
        bucket
        for template in PROJECT.templates
        for bucket in template.of_type("AWS::S3::Bucket")
        if bucket.name == "RawBucket"
    )
    queues = raw.properties["NotificationConfiguration"]["QueueConfigurations"]
    assert [one["Event"] for one in queues] == ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def test_the_boundary_fits_into_a_managed_policy() -> None:
    """IAM takes 6,144 characters, white space not counted."""
    document = boundary(PROJECT)
    sample = {"AWS::Partition": "aws", "AWS::Region": "ap-southeast-1", "AWS::AccountId": "123456789012"}
    sample |= {"Domain": "analytics0", "Environment": "production", "Team": "a_team_with_a_long_name"}
    said = json.dumps(document)
    said = re.sub(r"\{\{resolve:ssm:.*?/(\w[\w-]*)\}\}", lambda found: "x" * (75 if "arn" in found[1] else 63), said)
    for name, value in sample.items():
        said = said.replace(f"${{{name}}}", value)
    said = re.sub(r'\{"Fn::Sub": ("[^"]*")\}', r"\1", said)
    assert len(re.sub(r"\s", "", said)) <= 6144


def test_the_boundary_never_lets_a_role_change_its_rights_or_leave_the_teams_prefix() -> None:
    for statement in boundary(PROJECT)["Statement"]:
        if statement["Action"] == "iam:PassRole":  # a run of EMR Serverless is handed the team's own job role
            assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}}
            assert text_of(statement["Resource"]).endswith("-stage-b-job-${InNames}-JobRole-*")
            continue
        refused = ("iam:", "sts:", "kms:Put", "kms:Create")
        assert not any(action.startswith(refused) for action in many(statement["Action"]))
        for resource in map(text_of, statement["Resource"] if isinstance(statement["Resource"], list) else []):
            if ":s3:::" in resource and "/jobs/" not in resource:
                assert resource.endswith("/${Team}/*")


def test_every_stack_may_be_deployed_with_the_ledgers_names_alone() -> None:
    """No template exports: whatever passes between stacks passes through SSM, so that each can be replaced."""
    for template in PROJECT.templates:
        assert "Fn::ImportValue" not in template.text
        assert not any("Export" in output for output in (template.document.get("Outputs") or {}).values())


def test_both_engines_give_a_job_the_same_rights_but_for_its_log() -> None:
    glue, emr = (_rights(f"pipelines/stage-b-{name}.yaml") for name in ("job", "emr"))
    assert set(emr) == {*glue, "JobMayFindItsLog"}
    for sid in set(glue) - {"JobMayLog"}:
        assert emr[sid] == glue[sid]


def test_both_engines_are_told_the_same_story() -> None:
    glue, emr = (json.loads((ROOT / f"pipelines/stage-b{name}.asl.json").read_text()) for name in ("", "-emr"))
    tasks = [machine["States"].pop("Heavy run") for machine in (glue, emr)]
    assert glue == emr
    (first,), (second,) = (task["Retry"] for task in tasks)
    assert {**first, "ErrorEquals": []} == {**second, "ErrorEquals": []}
    assert tasks[0]["Catch"] == tasks[1]["Catch"]


def test_both_engines_configure_spark_alike() -> None:
    (job,) = _template("pipelines/stage-b-job.yaml").of_type("AWS::Glue::Job")
    (application,) = _template("pipelines/stage-b-emr.yaml").of_type("AWS::EMRServerless::Application")
    conf = dict(pair.split("=", 1) for pair in job.properties["DefaultArguments"]["--conf"].split(" --conf "))
    (defaults,) = application.properties["RuntimeConfiguration"]
    assert conf.items() <= defaults["Properties"].items()


def _template(path: str) -> Template:
    return next(template for template in PROJECT.templates if template.path == path)


def _rights(path: str) -> dict[str, Any]:
    """What a template's job role may do with data, by statement; how Glue stands in a network is no matter of EMR's."""
    said = (one for one in _template(path).statements if one.resource.name == "JobRole")
    return {one.sid: one.says for one in said if one.policy not in ("AssumeRolePolicyDocument", "network")}


def boundary(project: Project) -> dict[str, list[dict[str, Any]]]:
    (team,) = (template for template in project.templates if template.path == "team/template.yaml")
    (policy,) = team.of_type("AWS::IAM::ManagedPolicy")
    document: dict[str, list[dict[str, Any]]] = policy.properties["PolicyDocument"]
    return document
