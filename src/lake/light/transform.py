"""The light transform of a part: SQL inside the query, or a Python function row by row."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from lake.core.contract import Column
from lake.core.errors import SpecError
from lake.core.type import is_nested, parse_type
from lake.light.aside import Aside, write_aside
from lake.light.dialect import Dialect
from lake.light.engine import EngineError
from lake.light.part import Part, Piece
from lake.light.pipeline import OBJECTS, Pipeline
from lake.light.sql import quoted, text
from lake.light.stage import Staged, stage
from lake.light.value import spelled

ROWS = 5_000
Row = Mapping[str, object]


def transformed(engine: Any, pipeline: Pipeline, part: Part, out: Path, patient: bool = False) -> Iterator[Staged]:
    """Stage a part with the dataset's light transform.

    A `patient` call sets aside the rows that SQL fails on, which takes time; another raises EngineError for them.
    """
    if pipeline.dataset.light.python:
        yield from _by_python(engine, pipeline, part, out)
        return
    try:
        yield stage(engine, pipeline, part, out)
    except EngineError:
        if not (patient and pipeline.light):
            raise
        yield from _around_errors(engine, pipeline, part, out)


def bound(engine: Any, pipeline: Pipeline) -> Pipeline:
    """The pipeline with what its SQL gives. Raises SpecError if that cannot run or lacks a column."""
    if not pipeline.light:
        return pipeline
    file = f"datasets/{pipeline.dataset.team}/{pipeline.dataset.name}/light.sql"
    query = f"DESCRIBE WITH source AS ({pipeline.source_shape()}) SELECT * FROM ({pipeline.light})"
    try:
        given = {name: type_ for name, type_, *_ in engine.execute(query).fetchall()}
    except EngineError as error:
        raise SpecError(f"{file} cannot run: {str(error).splitlines()[0][:300]}") from error
    wanted = [*(column.name for column in pipeline.dataset.staged), "_src_key", "_src_seq", "_src_row"]
    if missing := [name for name in wanted if name not in given]:
        raise SpecError(f"{file} gives no column {', '.join(missing)}; select it, or take it out of light.schema")
    return replace(pipeline, given=given)


def _around_errors(engine: Any, pipeline: Pipeline, part: Part, out: Path) -> Iterator[Staged]:
    """Find the rows that the SQL fails on by halving, set them aside, stage the others."""
    engine.execute(f"CREATE OR REPLACE TABLE _good AS {pipeline.good(part)}")
    numbers = [n for (n,) in engine.execute("SELECT _src_row FROM _good ORDER BY 1").fetchall()]
    errors = dict(_failing(engine, pipeline, part, numbers))
    engine.execute("DROP TABLE _good")
    if not errors:
        raise SpecError("the light transform fails on the batch, but on no row of it; test its SQL with `lake test`")
    source = part.pieces[0].source
    rows = (Aside(source, n, 0, "light", f"the light transform fails: {why}", "") for n, why in errors.items())
    path = out.with_suffix(".light.parquet")
    count = write_aside(engine, rows, path)
    rest = stage(engine, pipeline, replace(part, left_out=tuple(errors)), out)
    yield rest
    yield Staged(None, path, {}, {}, {source: count})


def _failing(engine: Any, pipeline: Pipeline, part: Part, numbers: list[int]) -> Iterator[tuple[int, str]]:
    if not numbers:
        return
    some = f"SELECT * FROM _good WHERE _src_row BETWEEN {numbers[0]} AND {numbers[-1]}"
    try:
        engine.execute(f"SELECT max(hash(r)) FROM ({pipeline.after(part, some)}) r").fetchall()
        return
    except EngineError as error:
        if len(numbers) == 1:
            yield numbers[0], str(error).splitlines()[0][:200]
            return
    half = len(numbers) // 2
    yield from _failing(engine, pipeline, part, numbers[:half])
    yield from _failing(engine, pipeline, part, numbers[half:])


def _by_python(engine: Any, pipeline: Pipeline, part: Part, out: Path) -> Iterator[Staged]:
    """First the rows that keep the source's contract, then the function on each, then the staged contract and rules."""
    dataset = pipeline.dataset
    before = replace(pipeline, dataset=replace(dataset, staged=pipeline.schema, rules=()), enforced=())
    source_rows = stage(engine, before, part, out.with_name(out.name + "-in"))
    yield replace(source_rows, file=None, kept={})
    if source_rows.file is None:
        return
    clean = out.with_suffix(".rows.csv")
    function = transform_in(dataset.light.python, f"datasets/{dataset.team}/{dataset.name}/light.py")
    failed: list[Aside] = []
    count = _apply(engine, source_rows.file, pipeline, function, clean, failed)
    source_rows.file.unlink()
    if count:
        pieces = tuple(Piece(clean, source, clean) for source in part.sources)
        columns = tuple(column.name for column in dataset.staged)
        rows = Part("clean", pieces, columns, Dialect(), counted=True, nulls_are_read=True)
        after = replace(pipeline, schema=dataset.staged)
        yield replace(stage(engine, after, rows, out), rows_in={})
    if failed:
        path = out.with_suffix(".failed.parquet")
        write_aside(engine, failed, path)
        counts: dict[int, int] = {}
        for one in failed:
            counts[one.source] = counts.get(one.source, 0) + 1
        yield Staged(None, path, {}, {}, counts)


Transform = Callable[[dict[str, object]], object]


def transform_in(code: str, name: str) -> Transform:
    """The function `transform` of a module's text."""
    module: dict[str, object] = {"__name__": "light"}
    exec(compile(code, name, "exec"), module)  # noqa: S102  the dataset's own code, deployed with it
    function = module.get("transform")
    if not callable(function):
        raise SpecError(f"{name} defines no function transform(row); add `def transform(row): return row`")
    return function


def _apply(engine: Any, file: Path, pipeline: Pipeline, function: Transform, clean: Path, failed: list[Aside]) -> int:
    """Write what the function gives as a clean part; gives the number of its rows."""
    names = [column.name for column in pipeline.schema]
    home = f"JOIN {OBJECTS} ON _src_key = _key AND _src_seq = _sequencer"
    wanted = ", ".join(quoted(name) for name in names)
    cursor = engine.execute(f"SELECT _place, _src_row, {wanted} FROM read_parquet({text(str(file))}) {home}")
    rows = 0
    with clean.open("w", newline="", encoding="utf-8") as opened:
        while some := cursor.fetchmany(ROWS):
            for place, number, *values in some:
                row = dict(zip(names, values, strict=True))
                try:
                    result = function(dict(row))
                    line = None if result is None else _line(result, pipeline.dataset.staged)
                except Exception as error:  # noqa: BLE001  whatever the dataset's own code raises sets this row aside
                    reason = f"the light transform fails: {type(error).__name__}: {str(error)[:200]}"
                    failed.append(Aside(place, number, 0, "light", reason, json.dumps(row, default=str)))
                    continue
                if line is not None:
                    opened.write(f"{place},{number},,{line}\n")
                    rows += 1
    return rows


def _line(result: object, columns: tuple[Column, ...]) -> str:
    if not isinstance(result, Mapping):
        raise TypeError(f"transform gave {type(result).__name__}; it must give a dict or None")
    names = [column.name for column in columns]
    if set(result) != set(names):
        wrong = sorted(set(map(str, result)) ^ set(names))
        raise KeyError(f"transform gave other columns than declared: {', '.join(wrong)}")
    return ",".join(_cell(result[column.name], column) for column in columns)


def _cell(value: object, column: Column) -> str:
    """A Python value as exact text; None is an empty cell, text is always quoted. Raises TypeError."""
    if value is None:
        return ""
    if is_nested(column.type):
        return '"' + str(spelled(value, parse_type(column.type), column.name)).replace('"', '""') + '"'
    kind = "decimal" if column.type.startswith("decimal") else column.type
    narrower = (isinstance(value, bool) and kind != "boolean") or (isinstance(value, datetime) and kind == "date")
    if isinstance(value, KINDS[kind]) and not narrower:
        return '"' + WRITTEN.get(kind, str)(value).replace('"', '""') + '"'
    raise TypeError(f"{column.name}: {type(value).__name__} {str(value)[:80]!r} is not {column.type}")


def _instant(value: Any) -> str:
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return str(plain.isoformat(sep=" "))


KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "int": (int,),
    "bigint": (int,),
    "float": (float, int),
    "double": (float, int),
    "decimal": (Decimal, int),
    "date": (date,),
    "timestamp": (datetime,),
    "binary": (bytes, bytearray),
}
WRITTEN: dict[str, Callable[[Any], str]] = {
    "boolean": lambda value: "true" if value else "false",
    "decimal": lambda value: format(value, "f"),
    "date": date.isoformat,
    "timestamp": _instant,
    "binary": lambda value: base64.b64encode(value).decode(),
}
