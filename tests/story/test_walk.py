"""The walk of docs/follow-one-object.md: what the ledger and the buckets hold after each of its steps."""

from __future__ import annotations

from typing import Any

import pytest

from lake.flows.story import Chapter
from lakectl.commands.trace import trace
from lakectl.demo.flights import SPOILT_DAY, SPOILT_ROWS
from lakectl.opened import Opened, opened

pytestmark = pytest.mark.slow
KEY = f"aviation/flights/{SPOILT_DAY}.csv"


@pytest.fixture
def walked(lake: Any, journey: Any) -> tuple[Opened, Chapter]:
    found = opened(lake.target)
    return found, trace(found, KEY).chapters[0]


def test_one_object_walks_from_announced_to_published(walked: tuple[Opened, Chapter]) -> None:
    found, chapter = walked
    assert found.registry.claims()
    assert chapter.batch is not None
    members = found.objects.read(found.stage, chapter.batch.manifest_key).decode()
    assert KEY in members
    assert found.objects.read(found.stage, chapter.batch.staged_key).startswith(b"PAR1")
    assert found.objects.read(found.stage, chapter.batch.rejected_key).startswith(b"PAR1")
    assert chapter.counts is not None
    assert (chapter.counts.rows_in, chapter.counts.rows_rejected) == (956, SPOILT_ROWS)
    assert chapter.batch.state == "assigned"
    assert chapter.run is not None
    assert chapter.run.status == "published"
    assert chapter.run.snapshot
    assert chapter.fate.state == "published"
