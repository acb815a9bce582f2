"""Two who deploy at once: one does, the other is told who (F69)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clone import Lake
from deploying.conftest import Lives, written

pytestmark = pytest.mark.slow
HOLDS = """
import sys
from pathlib import Path
from lakectl import lock
from lakectl.target import target_for
with lock.held(target_for(Path(sys.argv[1]), None), "deploy"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def somebody_deploying(lake: Lake) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock, until it is told to end or is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(lake.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        try:
            yield other
        finally:
            other.kill()


@contextmanager
def with_memory(lake: Lake, size: int) -> Iterator[None]:
    """A change to deploy, taken back afterwards."""
    room = lake.root / "foundations/registration.yaml"
    before = room.read_text()
    room.write_text(before.replace("MemorySize: 512", f"MemorySize: {size}"))
    try:
        yield
    finally:
        room.write_text(before)


def memory(lake: Lake) -> int:
    name = lake.target.setting("registration", "platform", "function-arn")
    found = lake.target.client("lambda").get_function_configuration(FunctionName=name)
    return int(found["MemorySize"])


def test_a_second_one_writes_nothing_and_is_told_who_deploys(lake: Lake, first: Lives) -> None:
    before = memory(lake)
    with with_memory(lake, 640), somebody_deploying(lake):
        said = lake.command("deploy", expect=1)
        refused = lake.command("destroy", "--yes", expect=1)
    assert "dev is being deployed by" in said and "Nothing was written" in said
    assert "dev is being deployed by" in refused
    assert memory(lake) == before


def test_who_has_nothing_to_deploy_needs_no_lock(lake: Lake, first: Lives) -> None:
    with somebody_deploying(lake):
        assert written(lake) == []


def test_after_one_who_was_killed_the_next_goes_on_at_once(lake: Lake, first: Lives) -> None:
    with with_memory(lake, 768):
        with somebody_deploying(lake) as other:
            other.kill()
            other.wait()
            assert written(lake) == ["lake-dev-registration"]
        assert memory(lake) == 768
    written(lake)
    assert memory(lake) == 512
