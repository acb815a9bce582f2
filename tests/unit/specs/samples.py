"""The samples of the repository's datasets: what is dropped, what is staged of it, what must come out.

`sample/` of a drop dataset holds one file as it would be dropped; of a derived one, a file `<team>.<dataset>.csv` for
each input, with rows of that table. `expected.csv` holds the published rows; an empty cell is null.
"""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb

from lake.core.contract import PROVENANCE, Column
from lake.core.dataset import Dataset

ROOT = Path(__file__).parents[3]
SPARK = ROOT / ".lake/envs/spark"
SQL_TYPES = {"string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT"}

Row = list[str | None]


def folder_of(dataset: Dataset) -> Path:
    return ROOT / "datasets" / dataset.path / "sample"


def rows_in(file: Path, nulls: tuple[str, ...] = ("",)) -> tuple[list[str], list[Row]]:
    with file.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    return head, [[None if cell in nulls else cell for cell in row] for row in rows]


def tables_of(dataset: Dataset) -> dict[str, Any]:
    """What the heavy transform reads, as text."""
    if not dataset.derived:
        return {"staged": _staged(dataset)}
    return {name: _input(name, folder_of(dataset)) for name in dataset.source.inputs}


def _input(name: str, folder: Path) -> dict[str, Any]:
    from lakectl.compile import compile_lake

    table = next(one.value().table for one in compile_lake(ROOT, "dev") if one.name == name)
    head, rows = rows_in(folder / f"{name}.csv")
    assert head == [column.name for column in table.columns]
    return {"columns": {column.name: column.type for column in table.columns}, "rows": rows}


def _staged(dataset: Dataset) -> dict[str, Any]:
    """The light transform of the dropped file, cell by cell as declared."""
    (file,) = (one for one in folder_of(dataset).iterdir() if one.name != "expected.csv")
    nulls = ("", *dataset.source.options.get("null_values", ()))
    head, rows = rows_in(file, nulls)
    with duckdb.connect() as connection:
        _load(connection, dataset.schema, head, rows)
        if dataset.light.sql:
            relation = connection.execute(dataset.light.sql)
            names = [str(one[0]) for one in relation.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
        else:
            found = _by_python(connection, dataset)
    columns = {column.name: column.type for column in (*dataset.staged, *PROVENANCE)}
    return {"columns": columns, "rows": [[_text(row.get(name)) for name in columns] for row in found]}


def _load(connection: duckdb.DuckDBPyConnection, columns: tuple[Column, ...], head: list[str], rows: list[Row]) -> None:
    kinds = {column.name: SQL_TYPES.get(column.type, column.type) for column in columns}
    assert sorted(head) == sorted(kinds)
    declared = ", ".join(f"{name} {kinds[name]}" for name in head)
    connection.execute(
        f"CREATE TABLE source ({declared}, _src_key VARCHAR DEFAULT 'k', _src_seq VARCHAR DEFAULT 's', _src_row BIGINT)"
    )
    for number, row in enumerate(rows, start=1):
        cells = ", ".join("?" for _ in row)
        connection.execute(f"INSERT INTO source VALUES ({cells}, 'k', 's', {number})", row)


def _by_python(connection: duckdb.DuckDBPyConnection, dataset: Dataset) -> list[dict[str, Any]]:
    names = [column.name for column in dataset.schema]
    rows = connection.execute(f"SELECT {', '.join(names)}, _src_row FROM source").fetchall()
    module: dict[str, Any] = {"transform": lambda row: row}
    exec(compile(dataset.light.python, "light.py", "exec"), module)
    return [
        given | {"_src_key": "k", "_src_seq": "s", "_src_row": row[-1]}
        for row in rows
        if (given := module["transform"](dict(zip(names, row[:-1], strict=True)))) is not None
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def published(datasets: list[Dataset]) -> list[list[Row]]:
    """What each dataset publishes of its sample, sorted; one Spark for all."""
    cases = [
        {
            "sql": dataset.table.sql,
            "python": dataset.table.python,
            "columns": {column.name: column.type for column in dataset.table.columns},
            "tables": tables_of(dataset),
        }
        for dataset in datasets
    ]
    done = subprocess.run(
        [str(SPARK / "bin/python"), str(Path(__file__).with_name("run_samples.py"))],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "SPARK_LOCAL_IP": "127.0.0.1"},
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return [sorted(rows, key=str) for rows in json.loads(done.stdout.splitlines()[-1])]
