"""The Glue job: a plan from S3, a result to S3, one line of summary, and an error that names its cause."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from heavy.small_lake import SmallLake, dataset_of, set_rule
from lake.core.run import plan_to_json, result_from_json

NOON = "2025-05-01 12:00:00"
ARGUMENTS = ["--JOB_NAME", "heavy", "--plan", "s3://stage/runs/a+b #1/plan.json", "--result", "s3://stage/r.json"]
GLUES_OWN = ["--JOB_ID", "j", "--JOB_RUN_ID", "jr_1", "--enable-metrics", "true"]


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="stage")
        yield client


def put_plan(s3: Any, lake: SmallLake, *files: str) -> None:
    dataset = lake.dataset
    compiled = json.loads(json.dumps(_entry(dataset)))
    body = json.dumps(plan_to_json(lake.plan(1, *files), compiled))
    s3.put_object(Bucket="stage", Key="runs/a+b #1/plan.json", Body=body.encode())


def _entry(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {name: _entry(getattr(value, name)) for name in value.__dataclass_fields__}
    return [_entry(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize(("least", "status"), [(0, "published"), (5, "set aside")])
def test_the_result_lies_where_the_arguments_say_and_a_set_aside_run_is_no_failure(
    spark: Any, tmp_path: Path, s3: Any, capsys: pytest.CaptureFixture[str], least: int, status: str
) -> None:
    from lake.heavy.job import main

    rules = (set_rule("some", f"RowCount > {least}"),)
    lake = SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": "append"}, rules=rules)).create_tables()
    put_plan(s3, lake, lake.stage("a", "01", [("x", 1, NOON)]))
    main(ARGUMENTS + GLUES_OWN)
    result = result_from_json(json.loads(s3.get_object(Bucket="stage", Key="r.json")["Body"].read()))
    assert (result.run, result.status, result.rows_in) == ("r00000001", status, 1)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["dataset"] == lake.dataset.path


def test_an_error_fails_the_job_with_its_reason_and_leaves_no_result(spark: Any, tmp_path: Path, s3: Any) -> None:
    from lake.heavy.job import JobFailed, main

    lake = SmallLake(spark, tmp_path, dataset_of(tmp_path.name, {"mode": "append"}))
    put_plan(s3, lake, "file:///nowhere.parquet")
    with pytest.raises(JobFailed, match=r"SchemaConflict: SCHEMA_CONFLICT: table .* does not exist"):
        main(ARGUMENTS)
    lake.create_tables()
    with pytest.raises(JobFailed, match=r"nowhere\.parquet"):
        main(ARGUMENTS)
    assert "Contents" not in s3.list_objects_v2(Bucket="stage", Prefix="r.json")


def test_abbreviated_arguments_are_not_ours() -> None:
    from lake.heavy.job import arguments

    with pytest.raises(SystemExit):
        arguments(["--pla", "s3://b/p", "--result", "s3://b/r"])
