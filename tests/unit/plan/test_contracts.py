"""What a new version of a dataset means for its readers and for its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakectl.compile import Compiled, compile_lake
from lakectl.plan.contract import ContractChange, contract_change, readers_of
from unit.specs.project import PORTS, SHIPS, change, write_project

LIGHT = "datasets/sea/ports/light.sql"
HEAVY = "datasets/sea/calls/heavy.sql"
RULE = """table: {mode: merge, keys: [imo]}
quality:
  - {zone: stage, rule: 'IsComplete "name"', on_fail: warn}
"""
MONTHLY = "mode: append, partition: [month(called_at)]"


def compiled(root: Path) -> dict[str, Compiled]:
    return {one.name: one for one in compile_lake(root, "dev")}


def changed(root: Path, name: str, file: str, old: str, new: str) -> ContractChange:
    """How one dataset of the small project changes by a text in one of its files."""
    before = compiled(write_project(root))
    change(root, file, old, new)
    after = compiled(root)
    return contract_change(name, before[name].entry, after[name].entry, readers_of(name, after.values()))


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "breaks", "says"),
    [
        ("sea.ships", SHIPS, "  - {name: built, type: date}\n", "", True, "column built is gone"),
        ("sea.ships", SHIPS, "imo, type: int,", "imo, type: bigint,", True, "column imo turns from int into bigint"),
        ("sea.ships", SHIPS, "false}", "false, description: Number}", False, "column imo is described differently"),
        ("sea.ports", PORTS, "mode: append", MONTHLY, False, "table: partition turns from nothing"),
        ("sea.ports", LIGHT, "upper(port)", "lower(port)", False, "the SQL of its light transform is another"),
        ("sea.calls", HEAVY, "count(*)", "count(p.port)", False, "the SQL of its table transform is another"),
        ("sea.ships", SHIPS, "Ships.", "Vessels.", False, "description turns from Ships. into Vessels."),
        ("sea.ships", SHIPS, "format: csv", "format: tsv", False, "source: format turns from csv into tsv"),
    ],
)
def test_a_change_is_told_and_a_reader_is_warned_where_it_concerns_him(
    tmp_path: Path, name: str, file: str, old: str, new: str, breaks: bool, says: str
) -> None:
    found = changed(tmp_path, name, file, old, new)
    assert any(says in one for one in found.changes), found.changes
    assert bool(found.breaks) == breaks


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "rows"),
    [
        ("sea.ports", LIGHT, "upper(port)", "lower(port)", "what is staged stays as it is"),
        ("sea.ships", SHIPS, "keys: [imo]", "keys: [imo, name]", "what is published stays as it is"),
        ("sea.calls", HEAVY, "count(*)", "count(p.port)", "the next run makes every row anew"),
        ("sea.ships", SHIPS, "Ships.", "Vessels.", ""),
    ],
)
def test_what_becomes_of_rows_that_are_there_is_told(
    tmp_path: Path, name: str, file: str, old: str, new: str, rows: str
) -> None:
    found = changed(tmp_path, name, file, old, new)
    assert found.rows.startswith(rows) and bool(found.rows) == bool(rows)


def test_a_rule_that_comes_or_changes_is_told(tmp_path: Path) -> None:
    found = changed(tmp_path, "sea.ships", SHIPS, "table: {mode: merge, keys: [imo]}\n", RULE)
    assert 'stage rule IsComplete "name" is new' in found.changes
    before = compiled(tmp_path)["sea.ships"].entry
    change(tmp_path, SHIPS, "on_fail: warn", "on_fail: halt")
    after = compiled(tmp_path)["sea.ships"].entry
    assert 'stage rule IsComplete "name" turns from warn into halt' in contract_change("x", before, after, []).changes


def test_readers_are_found_through_each_other(tmp_path: Path) -> None:
    found = compiled(write_project(tmp_path))
    assert readers_of("sea.ships", found.values()) == ["sea.calls"]
    assert readers_of("sea.calls", found.values()) == []
