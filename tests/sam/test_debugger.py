"""An editor stops stage A on a row of the flights, reads it, changes it, and lets it go on."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from lakectl.commands.trace import trace
from lakectl.opened import opened
from lakelocal import sam
from sam.conftest import free_port
from sam.dap import Editor

pytestmark = pytest.mark.slow
KEY = "aviation/flights/debugged.csv"
PLACE, LINE = "src/lake/light/record.py", "yield Record(number, start, raw)"
ROW = "2013,1,1,soon,1630,NA,NA,1815,NA,EV,4308,N18120,EWR,RDU,NA,416,16,30,2013-01-01T21:00:00Z"
CHANGED, CHANGED_AGAIN = ROW.replace("soon", "changed in the debugger"), ROW.replace("soon", "changed once more")


@pytest.fixture(scope="module")
def batch(lake: Any) -> Any:
    """One good flight, and one that left "soon", routed and waiting for stage A."""
    sample = (lake.root / "datasets/aviation/flights/sample/flights.csv").read_text().splitlines()
    content = "\n".join([*sample[:2], ROW, ""])
    bucket = opened(lake.target).raw
    lake.target.client("s3").put_object(Bucket=bucket, Key=KEY, Body=content.encode())
    lake.command("invoke", "route", f"s3://{bucket}/{KEY}")
    return trace(opened(lake.target), KEY).chapters[0].batch


def change_the_row(port: int, root: Path, remote: str, becomes: str) -> None:
    """What a person does in an editor."""
    with Editor(port, root / "src", remote) as editor:
        editor.stop_at(root / PLACE, LINE)
        thread, frame = editor.stopped()
        assert editor.value("raw", frame) == repr(ROW.encode())
        editor.set("raw", repr(becomes.encode()), frame)
        editor.go_on(thread)
        editor.leave()


def set_aside(lake: Any) -> list[str]:
    """The rows that stage A set aside, as it quotes them."""
    found = opened(lake.target)
    batch = trace(found, KEY).chapters[0].batch
    assert batch is not None
    file = lake.root / ".lake/rejected.parquet"
    file.write_bytes(found.objects.read(found.stage, batch.rejected_key))
    return [row for (row,) in duckdb.sql(f"select row from '{file}'").fetchall()]


def test_stage_a_stops_on_a_row_through_sam(lake: Any, batch: Any) -> None:
    event = lake.root / ".lake/stage-a.json"
    event.write_text(lake.command("invoke", "stage-a", KEY, "--print-event"))
    port = free_port()
    command = [str(sam.environment_folder(lake.root) / "bin/sam"), "local", "invoke", "StageA"]
    with subprocess.Popen(
        [*command, "-e", str(event), "-d", str(port)],
        cwd=lake.root,
        env=lake.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            change_the_row(port, lake.root, "/var/task", CHANGED)
            answer, log = process.communicate(timeout=60)
        finally:
            process.kill()
    assert json.loads(answer) == {"batchItemFailures": []}, log
    assert set_aside(lake) == [CHANGED]


def test_stage_a_stops_on_a_row_of_a_batch_that_is_staged_again(lake: Any, batch: Any) -> None:
    port = free_port()
    with lake.begun("invoke", "stage-a", "--replay", batch.id, "--debug", "--debug-port", str(port)) as process:
        try:
            change_the_row(port, lake.root, str(lake.root / "src"), CHANGED_AGAIN)
            answer, log = process.communicate(timeout=60)
        finally:
            process.kill()
    assert json.loads(answer) == {"batchItemFailures": []}, log
    assert set_aside(lake) == [CHANGED_AGAIN]
    assert trace(opened(lake.target), KEY).chapters[0].batch.generation == 2  # type: ignore[union-attr]
