"""Views beside a dataset: read, checked, named in full, deployed after what they read."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakectl.commands.validate import validate
from lakectl.compile import compile_lake
from unit.specs.project import write, write_project

VIEW = "datasets/sea/ships/views/early.sql"
SQL = """\
-- Calls of old ships; 'sea.ships' in a text is no table.
SELECT ships.name, p.port AS at, sea.ships.imo, 'sea.ships' AS said
FROM sea.ships
JOIN "sea".ports AS p ON p.imo = ships.imo
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def told(root: Path) -> list[str]:
    return [str(one) for one in validate(root)]


def test_a_view_is_compiled_with_its_databases_named_in_full(root: Path) -> None:
    write(root, VIEW, SQL)
    (ships,) = [one for one in compile_lake(root, "dev") if one.dataset == "ships"]
    (view,) = ships.value().views
    assert view.name == "early"
    assert "lake_dev_sea.ships.imo, 'sea.ships' AS said" in view.sql
    assert "FROM lake_dev_sea.ships\nJOIN lake_dev_sea.ports AS p" in view.sql
    assert view.sql.startswith("-- Calls of old ships; 'sea.ships' in a text")
    assert ships.needs == ("sea.ports",)


def test_a_dataset_is_deployed_after_what_its_views_read(root: Path) -> None:
    write(root, "datasets/sea/ports/views/names.sql", "SELECT name FROM sea.ships\n")
    assert [one.dataset for one in compile_lake(root, "dev")] == ["ships", "ports", "calls"]


def test_another_view_is_another_version(root: Path) -> None:
    digests = set()
    for sql in (SQL, SQL.replace("p.port", "upper(p.port)")):
        write(root, VIEW, sql)
        digests |= {one.digest for one in compile_lake(root, "dev") if one.dataset == "ships"}
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("name", "sql", "expected"),
    [
        ("a.sql", "SELECT nam FROM sea.ships", "1:8: 'nam' is not a column. Did you mean 'name'?"),
        ("a.sql", "SELECT name\nFROM sea.ship", "2:6: 'sea.ship' is not a table of team sea, which alone this view"),
        ("a.sql", "SELECT name FROM ships", "1:18: 'ships' is not a table of team sea"),
        ("a.sql", "SELECT upper(name) FROM sea.ships", "1:8: column 1 of the view has no name. Add AS <name>."),
        ("a.sql", "SELECT name, imo AS name FROM sea.ships", "'name' names two columns of the view."),
        ("a.sql", "SELEC name FROM sea.ships", "1:1: not SQL: 'SELEC' is no word to begin with."),
        ("a.sql", "DROP TABLE sea.ships", "1:1: DROP is not a SELECT."),
        ("a.sql", "", "is empty. Write one SELECT."),
        ("ports.sql", "SELECT name FROM sea.ships", "sea.ports is a table already. Give the view another name."),
        ("ships_quarantine.sql", "SELECT 1 AS a", "sea.ships_quarantine is a table already."),
        ("Old-ships.sql", "SELECT name FROM sea.ships", "'Old-ships' cannot name a view."),
        ("a.txt", "SELECT name FROM sea.ships", "is not a view. Call it <name>.sql, or move it out of views/."),
        ("a.sql", "SELECT calls FROM sea.calls", "1:19: 'sea.calls' is made after 'sea.ships', which this view"),
    ],
)
def test_a_mistake_is_told_with_its_place(root: Path, name: str, sql: str, expected: str) -> None:
    write(root, f"datasets/sea/ships/views/{name}", sql)
    (finding,) = told(root)
    assert finding.startswith(f"datasets/sea/ships/views/{name}:")
    assert expected in finding


def test_two_views_of_a_team_cannot_share_a_name(root: Path) -> None:
    write(root, VIEW, "SELECT name FROM sea.ships")
    write(root, "datasets/sea/ports/views/early.sql", "SELECT port FROM sea.ports")
    first, second = told(root)
    assert "sea.early is a view already, in datasets/sea/ships/views/early.sql." in first
    assert "sea.early is a view already, in datasets/sea/ports/views/early.sql." in second


def test_views_that_read_one_anothers_datasets_are_refused(root: Path) -> None:
    write(root, VIEW, "SELECT port FROM sea.ports")
    write(root, "datasets/sea/ports/views/late.sql", "SELECT name FROM sea.ships")
    assert all("is made after" in one for one in told(root))
    assert len(told(root)) == 2
