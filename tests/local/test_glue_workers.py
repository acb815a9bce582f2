"""More than one worker: the same job on a standalone cluster, whose executors share its tasks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakelocal import cloud
from local.conftest import ROOT
from local.glue_lab import ARGUMENTS, BUCKET, Lab, furnish

pytestmark = pytest.mark.slow


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    state = tmp_path / "cloud"
    lab = Lab(cloud.up(ROOT, cold=True, workers=2, state=state))
    try:
        furnish(lab, tmp_path)
        yield lab
    finally:
        cloud.down(ROOT, state=state)


def tasks_by_executor(events: Path) -> Counter[str]:
    """Tasks that ended well, by Spark's own event log."""
    lines = [json.loads(line) for file in events.iterdir() for line in file.read_text().splitlines()]
    ended = [line for line in lines if line["Event"] == "SparkListenerTaskEnd"]
    return Counter(one["Task Info"]["Executor ID"] for one in ended if one["Task End Reason"]["Reason"] == "Success")


def test_a_jobs_tasks_run_on_two_executors_and_publish_what_one_would(lab: Lab, tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.mkdir()
    logged = f" --conf spark.eventLog.enabled=true --conf spark.eventLog.dir={events.as_uri()}"
    arguments = ARGUMENTS | {"--conf": ARGUMENTS["--conf"] + logged}
    script = (Path(__file__).parent / "glue_scripts" / "publish.py").read_text()
    job = lab.job("publish", script, DefaultArguments=arguments)
    source, table = f"s3://{BUCKET}/staged/rows.parquet", "glue_catalog.lab.flights"
    run = lab.run(job, source=source, table=table, bucket=BUCKET, result="results/0.json")
    assert run["JobRunState"] == "SUCCEEDED", run["ErrorMessage"] + lab.log("error", run["Id"])
    assert lab.object("results/0.json")["published"] == 900
    assert set(tasks_by_executor(events)) == {"0", "1"}
