"""The views beside a dataset: `views/<name>.sql`, one SELECT in Athena's SQL each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from lake.core.contract import QUARANTINE
from lakectl.resolve.column import readable_columns
from lakectl.resolve.graph import inputs_of
from lakectl.specs.dataset import DatasetSpec
from lakectl.specs.finding import BrokenSpecs, Finding
from lakectl.specs.load import Lake, Loaded
from lakectl.specs.text import Text
from lakectl.sql import relation
from lakectl.sql.statement import Statement, parse_query

NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True, slots=True)
class View:
    """A checked view. `reads` are the datasets whose tables it names."""

    name: str
    statement: Statement
    reads: tuple[str, ...]

    def sql(self, databases: Mapping[str, str]) -> str:
        """The user's words, each team in them as its database."""
        return relation.in_databases(self.statement, databases)


def views_of(lake: Lake, dataset: Loaded[DatasetSpec], findings: list[Finding]) -> tuple[View, ...]:
    """The views of one dataset that are sound; what is wrong with the others is noted."""
    found = []
    for file in _files(dataset):
        problems = list(_name_problems(lake, dataset, file))
        view = None if problems else _view(lake, dataset, file, problems)
        findings += problems
        if view is not None and not problems:
            found.append(view)
    return tuple(found)


def _files(dataset: Loaded[DatasetSpec]) -> list[Path]:
    return sorted(one for one in (dataset.folder / "views").glob("*") if not one.name.startswith("."))


def _path(dataset: Loaded[DatasetSpec], file: Path) -> str:
    return file.relative_to(dataset.folder.parents[2]).as_posix()


def _name_problems(lake: Lake, dataset: Loaded[DatasetSpec], file: Path) -> Iterator[Finding]:
    path, team = _path(dataset, file), dataset.spec.team
    if file.suffix != ".sql" or not file.is_file():
        yield Finding(path, 1, 1, "", "is not a view.", "Call it <name>.sql, or move it out of views/.")
    elif not NAME.fullmatch(file.stem):
        yield Finding(path, 1, 1, "", f"{file.stem!r} cannot name a view.", "Use small letters, digits and _.")
    elif file.stem in _tables_of(lake, team):
        yield Finding(path, 1, 1, "", f"{team}.{file.stem} is a table already.", "Give the view another name.")
    else:
        others = [one for one in _files_of_team(lake, team) if one.name == file.name and one != file]
        for other in others:
            message = f"{team}.{file.stem} is a view already, in {_path(dataset, other)}."
            yield Finding(path, 1, 1, "", message, "Give one of them another name.")


def _tables_of(lake: Lake, team: str) -> set[str]:
    names = {one.spec.dataset for one in lake.datasets.values() if one.spec.team == team}
    return names | {f"{name}_quarantine" for name in names}


def _files_of_team(lake: Lake, team: str) -> list[Path]:
    return [file for one in lake.datasets.values() if one.spec.team == team for file in _files(one)]


def _view(lake: Lake, dataset: Loaded[DatasetSpec], file: Path, problems: list[Finding]) -> View | None:
    path = _path(dataset, file)
    try:
        statement = parse_query(Text(path, file.read_text(encoding="utf-8")), "trino")
    except UnicodeDecodeError as error:
        problems.append(Finding(path, 1, 1, "", f"byte {error.start} is not UTF-8.", "Save it as UTF-8."))
        return None
    except BrokenSpecs as broken:
        problems += broken.findings
        return None
    inputs = _inputs(lake, dataset.spec.team)
    problems += relation.name_problems(
        statement, inputs, f"of team {dataset.spec.team}, which alone this view can read"
    )
    problems += _column_problems(statement)
    tables = {name.removesuffix("_quarantine") for name in relation.read_tables(statement, inputs)}
    return View(file.stem, statement, tuple(sorted(tables & lake.datasets.keys())))


def _inputs(lake: Lake, team: str) -> dict[str, tuple[str, ...] | None]:
    found: dict[str, tuple[str, ...] | None] = {}
    for name, one in lake.datasets.items():
        if one.spec.team == team:
            found[f"{name}_quarantine"] = tuple(column.name for column in QUARANTINE)
            found[name] = readable_columns(one.spec)
    return found


def _column_problems(statement: Statement) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, one in enumerate(statement.tree.selects, 1):
        name = one.output_name.lower()
        if not name and not one.find(exp.Star):
            yield statement.finding(one, f"column {number} of the view has no name.", "Add AS <name>.")
        elif name in seen and name != "*":
            yield statement.finding(one, f"{name!r} names two columns of the view.", nearest_free(name, seen))
        seen.add(name)


def nearest_free(name: str, taken: set[str]) -> str:
    number = next(number for number in range(2, len(taken) + 3) if f"{name}_{number}" not in taken)
    return f"Call one of them AS {name}_{number}, or what it is."


def order_problems(lake: Lake, views: Mapping[str, Sequence[View]]) -> Iterator[Finding]:
    """Views that read what is itself made of their dataset: neither could be deployed before the other."""
    for name, mine in views.items():
        for view in mine:
            for read in view.reads:
                if read != name and name in _behind(lake, views, read):
                    message = f"{read!r} is made after {name!r}, which this view belongs to."
                    hint = f"Move it to datasets/{read.replace('.', '/')}/views/."
                    table = _table(view.statement, read)
                    yield view.statement.finding(table, message, hint)


def _table(statement: Statement, name: str) -> exp.Expression | None:
    tables = statement.tree.find_all(exp.Table)
    return next((table for table in tables if relation.table_name(table).removesuffix("_quarantine") == name), None)


def _behind(lake: Lake, views: Mapping[str, Sequence[View]], name: str) -> set[str]:
    """All that must stand before a dataset."""
    found: set[str] = set()
    open_ = [name]
    while open_:
        one = open_.pop()
        before = {*needs_of(lake, views, one)} - found
        found |= before
        open_ += before
    return found


def needs_of(lake: Lake, views: Mapping[str, Sequence[View]], name: str) -> list[str]:
    """The datasets that a dataset and its views read."""
    inputs = inputs_of(lake.datasets[name]) if name in lake.datasets else ()
    reads = (read for view in views.get(name, ()) for read in view.reads)
    return sorted({*inputs, *reads} - {name})
