"""When a run must read the files of older batches again."""

from __future__ import annotations

import pytest

from lake.core.dataset import dataset_from_json
from lake.core.planning import needs_history
from unit.example import compiled, derived


@pytest.mark.parametrize(
    ("mode", "delete_when", "removed", "needed"),
    [
        ("append", "", ["a"], False),
        ("merge", "", [], False),
        ("merge", "", ["a"], True),
        ("merge", "row = 'gone'", [], True),
        ("history", "", [], True),
        ("replace", "", [], True),
    ],
)
def test_older_files_are_read_where_the_table_alone_does_not_know(
    mode: str, delete_when: str, removed: list[str], needed: bool
) -> None:
    entry = compiled(mode=mode)
    entry["table"]["delete_when"] = delete_when
    assert needs_history(dataset_from_json(entry), removed) is needed


def test_a_derived_dataset_has_no_files() -> None:
    assert not needs_history(dataset_from_json(derived()), [])
