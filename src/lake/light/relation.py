"""A part as a SQL relation: the raw cells of each record, its object, and its number there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lake.light.binding import path_of
from lake.light.dialect import Dialect
from lake.light.part import Part
from lake.light.sql import quoted, text, texts
from lake.light.template import Template

NEVER = "\x01\x02\x01"
"""A word for null that no cell is: DuckDB would also forgive a row that ends with one null too many."""

BUFFER = 8 << 20
"""Bytes that an engine reads at once: what stays in the processor's cache. DuckDB's own choice is 16 long lines."""

NUMBERS = ("_file", "_src_row", "_line")


def raw(column: str) -> str:
    """The name of a declared column's cell as it was read."""
    return f"_raw_{column}"


def relation(part: Part) -> str:
    """A query that gives `_file`, `_src_row`, `_line`, `_quoted` and `raw(name)` of every column, in file order."""
    if part.template:
        return _plain_lines(part, part.template)
    if part.kind == "clean":
        decoded = "decode(unhex(_hex))" if part.quotes_raw else "NULL::VARCHAR"
        return f"SELECT *, {decoded} AS _quoted FROM {scan(part)}"
    cells = ", ".join(quoted(raw(name)) for name in part.columns)
    named = ", ".join(_named(part)) if part.kind == "parquet" else cells
    place = "_index" if part.kind == "joined" else "file_index AS _index"
    rows = f"SELECT {named}, {place}, row_number() OVER () AS _row FROM {scan(part)}"
    numbers = "NULL::BIGINT AS _line, NULL::VARCHAR AS _quoted"
    if len(part.pieces) == 1:
        piece = part.pieces[0]
        return f"SELECT {cells}, {piece.source} AS _file, _row + {piece.before} AS _src_row, {numbers} FROM ({rows})"
    starts, start = [], 0
    for index, piece in enumerate(part.pieces):
        starts.append(f"({index}, {piece.source}, {piece.before - start})")
        start += piece.records
    pieces = f"(VALUES {', '.join(starts)}) AS p(_index, _file, _shift)"
    return f"SELECT {cells}, _file, _row + _shift AS _src_row, {numbers} FROM ({rows}) JOIN {pieces} USING (_index)"


def _plain_lines(part: Part, template: Template) -> str:
    """The lines that are written as the template says; numbers count all lines."""
    (piece,) = part.pieces
    lines = f"SELECT *, row_number() OVER () AS _row FROM {scan(part)}"
    numbers = f"{piece.source} AS _file, _row + {piece.before} AS _src_row, _row + {piece.before} AS _line"
    cells = ", ".join(quoted(raw(name)) for name in part.columns)
    return f"SELECT {cells}, {numbers}, NULL::VARCHAR AS _quoted FROM ({template.cells(lines)})"


def _named(part: Part) -> Iterator[str]:
    """The cells of Parquet under their raw names."""
    for name, place in zip(part.columns, part.places or part.columns, strict=True):
        first, *rest = path_of(place)
        cell = quoted(first) + "".join(f"[{text(field)}]" for field in rest)
        yield f"{cell} AS {quoted(raw(name))}"


def scan(part: Part) -> str:
    """The table function that reads the part's files."""
    paths = texts(str(path) for path in part.paths)
    if part.kind == "parquet":
        return f"read_parquet({paths}, union_by_name = true)"
    if part.template:
        split = replace(part.dialect, delimiter=part.template.delimiter, quote="")
        types = dict.fromkeys(part.template.pieces, "VARCHAR")
        return f"read_csv({paths}, {_options(replace(part, dialect=split), types)}, null_padding = true)"
    names = [raw(name) for name in part.columns]
    types = dict.fromkeys(names, "VARCHAR")
    if part.kind == "joined":
        types = {"_index": "INTEGER"} | types
    if part.kind == "clean":
        hexadecimal = {"_hex": "VARCHAR"} if part.quotes_raw else {}
        types = dict.fromkeys(NUMBERS, "BIGINT") | hexadecimal | types
    return f"read_csv({paths}, {_options(part, types)})"


def _options(part: Part, types: dict[str, str]) -> str:
    dialect: Dialect = part.dialect
    nulls = dialect.null_values if part.nulls_are_read else (NEVER,)
    columns = ", ".join(f"{text(name)}: {text(type_)}" for name, type_ in types.items())
    options = {
        "columns": "{" + columns + "}",
        "auto_detect": "false",
        "header": "false",
        "skip": str(part.skip),
        "parallel": "false",
        "delim": text(dialect.delimiter),
        "quote": text(dialect.quote),
        "escape": text(dialect.escape if dialect.quote else ""),
        "comment": "''",
        "nullstr": texts(nulls),
        "allow_quoted_nulls": "false",
        "max_line_size": str(dialect.max_line_bytes),
        "buffer_size": str(max(2 * dialect.max_line_bytes, BUFFER)),
    }
    if part.kind in ("clean", "joined", "lines"):
        options["new_line"] = r"'\n'"
    return ", ".join(f"{name} = {value}" for name, value in options.items())


def counts(part: Part) -> str:
    """A query for the number of records in each of the part's pieces, by their place."""
    place = "_index" if part.kind == "joined" else "file_index"
    return f"SELECT {place}, count(*) FROM {scan(part)} GROUP BY 1 ORDER BY 1"
