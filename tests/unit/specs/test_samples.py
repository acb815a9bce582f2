"""Each dataset carries its own test: what goes in, what must come out."""

from __future__ import annotations

import pytest

from lake.core.dataset import Dataset
from lakectl.compile import compile_lake
from unit.specs.samples import ROOT, Row, folder_of, published, rows_in

DATASETS = [one.value() for one in compile_lake(ROOT, "dev")]


@pytest.fixture(scope="module")
def given() -> dict[str, list[Row]]:
    return dict(zip((dataset.name for dataset in DATASETS), published(DATASETS), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_a_sample_gives_exactly_what_its_dataset_promises(dataset: Dataset, given: dict[str, list[Row]]) -> None:
    head, expected = rows_in(folder_of(dataset) / "expected.csv")
    assert head == [column.name for column in dataset.table.columns]
    assert given[dataset.name] == sorted(expected, key=str)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_every_dataset_has_a_sample_and_describes_its_columns(dataset: Dataset) -> None:
    assert (folder_of(dataset) / "expected.csv").is_file()
    assert [one.name for one in (*dataset.schema, *dataset.table.columns) if not one.description] == []
