"""The registry: claims, versions, feeds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.conftest import Place
from lake.core.claim import Claim
from lake.core.errors import SpecError
from lake.gateways.registry import DynamoRegistry, MemoryRegistry, Registry, UnknownDataset, dataset_of
from unit.example import compiled

PATH = "aviation/flights"
CLAIM = Claim("aviation/flights/", "aviation", "flights", "digest", "queue", ("*.tmp",), 7, 70)


@pytest.fixture
def registry(place: Place) -> Registry:
    return MemoryRegistry() if place.name == "memory" else DynamoRegistry(place.client("dynamodb"), place.table())


def test_a_claim_is_kept_and_renewed_by_its_dataset(registry: Registry):
    registry.claim(CLAIM)
    registry.claim(replace(CLAIM, config="next"))
    assert registry.claims() == [replace(CLAIM, config="next")]


def test_a_claim_of_another_dataset_is_refused_by_name(registry: Registry):
    registry.claim(CLAIM)
    with pytest.raises(SpecError, match=r"aviation/flights/.*aviation/weather.*source.prefix"):
        registry.claim(replace(CLAIM, dataset="weather"))
    registry.unclaim(replace(CLAIM, dataset="weather"))
    assert registry.claims() == [CLAIM]
    registry.unclaim(CLAIM)
    assert registry.claims() == []


def test_versions_never_change_and_old_ones_stay(registry: Registry):
    old, new = compiled(), compiled(description="Better")
    registry.keep(PATH, old)
    registry.keep(PATH, {**old, "description": "Changed behind our back"})
    registry.keep(PATH, new)
    registry.set_current(PATH, new["digest"])
    assert registry.compiled(PATH, old["digest"]) == old
    assert dataset_of(registry, PATH).description == "Better"
    assert dataset_of(registry, PATH, old["digest"]).description == "Flights"
    assert registry.knows(PATH, old["digest"])
    assert not registry.knows(PATH, "nothing")


def test_an_unknown_dataset_is_named(registry: Registry):
    with pytest.raises(UnknownDataset, match=r"aviation/flights is not registered"):
        dataset_of(registry, PATH)
    with pytest.raises(UnknownDataset, match=r"no version abc"):
        registry.compiled(PATH, "abc")


def test_a_removed_dataset_keeps_its_versions(registry: Registry):
    registry.keep(PATH, compiled())
    registry.set_current(PATH, compiled()["digest"])
    assert registry.datasets("aviation") == ["flights"]
    registry.remove(PATH)
    assert (registry.current(PATH), registry.datasets("aviation")) == ("", [])
    assert registry.knows(PATH, compiled()["digest"])


def test_feeds_say_which_datasets_read_a_table(registry: Registry):
    registry.feed(PATH, "aviation/daily")
    registry.feed(PATH, "aviation/carriers")
    registry.feed(PATH, "aviation/daily")
    registry.unfeed(PATH, "aviation/carriers")
    assert registry.feeds(PATH) == ["aviation/daily"]
