"""Push to deploy from the beginning: bootstrap, a push, an approval, one team's dataset, a broken test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lakectl.demo.push import BROKEN, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cicd")]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    made = Workplace(ROOT, tmp_path_factory.mktemp("push") / "clone")
    made.make()
    made.up()
    yield made
    made.down()


def test_a_push_becomes_a_lake_and_each_team_deploys_its_own(place: Workplace) -> None:
    place.lake("bootstrap", "--env", "dev")
    assert "Nothing to do" in place.lake("bootstrap", "--env", "dev")
    first = place.git("rev-parse", "HEAD")
    place.push()
    assert place.reached("platform", first) == "waits"
    assert place.table("dev", "departures")

    # what runs goes on after the cloud was stopped, and asks for the same approval
    place.down()
    place.up()
    place.lake("pipeline", "approve", "platform")
    assert place.reached("platform", first, approved=True) == "Succeeded"
    assert place.table("test", "departures")

    more = place.commit(place.another_dataset("returns"), "A dataset more")
    place.push()
    assert place.reached("rail", more) == "waits"
    assert place.table("dev", "returns")
    for other in ("platform", "aviation"):
        assert place.execution(other, more) is None

    broken = place.commit({"datasets/rail/returns/sample/expected.csv": BROKEN}, "A test that fails")
    place.push()
    assert place.reached("rail", broken) == "Failed"
    stopped = place.execution("rail", broken)
    assert stopped is not None
    reached = [one["stage"] for one in place.pipeline("rail")["actions"] if one["execution"] == stopped["id"]]
    assert reached == ["Source", "Check"]
    assert "returns" in place.lake("pipeline", "logs", "rail", "--action", "Check")
