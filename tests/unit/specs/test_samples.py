"""Each dataset carries its own test: what goes in, what must come out."""

from __future__ import annotations

import pytest

from lakectl.compile import compile_lake
from lakectl.root import find_root
from lakectl.samples.check import Outcome, check
from lakectl.samples.sample import sample_of

ROOT = find_root()
COMPILED = compile_lake(ROOT, "dev")
DATASETS = {one.name: one.value() for one in COMPILED}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return {one.dataset: one for one in check(ROOT, COMPILED, COMPILED)}


@pytest.mark.slow
@pytest.mark.parametrize("name", DATASETS)
def test_a_sample_gives_exactly_what_its_dataset_promises(name: str, outcomes: dict[str, Outcome]) -> None:
    found = outcomes[name]
    assert (found.error, found.missing, found.unexpected) == ("", (), ())
    assert found.rows == len(sample_of(ROOT, DATASETS[name], DATASETS).expected)


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset_has_a_sample_and_describes_its_columns(name: str) -> None:
    dataset = DATASETS[name]
    assert sample_of(ROOT, dataset, DATASETS).expected
    assert [one.name for one in (*dataset.schema, *dataset.table.columns) if not one.description] == []
