"""The rows that are converted: 18 columns of every kind that a delivery has, the same at every run."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from lake.core.contract import Column
from lake.core.dataset import Dataset, Light, Source, Trigger
from lake.core.quality import Rule
from lake.core.table import Table

ROWS = 850_000
COLUMNS = {
    "id": ("bigint", "9000000000 + i"),
    "customer": ("int", "i * 7919 % 100000"),
    "quantity": ("int", "h % 1000"),
    "delta": ("int", "CASE WHEN h % 20 > 0 THEN h // 1000 % 20000 - 10000 END"),
    "price": ("decimal(12,2)", "(h // 7 % 10000000 / 100)::DECIMAL(12, 2)"),
    "tax": ("decimal(10,3)", "(h // 11 % 1000000 / 1000)::DECIMAL(10, 3)"),
    "latitude": ("double", "round(h // 13 % 180000000 / 1e6 - 90, 6)"),
    "longitude": ("double", "round(h // 17 % 360000000 / 1e6 - 180, 6)"),
    "active": ("boolean", "h % 2 = 0"),
    "day": ("date", "DATE '2013-01-01' + (h // 19 % 3650)::INTEGER"),
    "taken": ("timestamp", "TIMESTAMP '2013-01-01' + to_seconds((h // 23 % 300000000)::BIGINT)"),
    "seen": (
        "timestamp",
        "strftime(make_timestamp((1356998400 + h // 29 % 300000000) * 1000000), '%Y-%m-%dT%H:%M:%SZ')",
    ),
    "token": ("string", "md5(i::VARCHAR)"),
    "city": ("string", "['New York', 'Chicago', 'Los Angeles', 'San Francisco', 'Boston', 'Dallas'][1 + h % 6]"),
    "note": (
        "string",
        "CASE WHEN h % 10 = 0 THEN 'said \"as agreed\", twice ' || i ELSE 'a plain remark ' || i % 1000 END",
    ),
    "email": ("string", "'user' || i % 50000 || '@example.com'"),
    "country": ("string", "['US', 'DE', 'FR', 'JP'][1 + h // 31 % 4]"),
    "address": ("string", "i % 300 || ' ' || repeat('Long Street ', (1 + h // 37 % 3)::INTEGER)"),
}
"""For each column its declared type and the SQL that makes it, of the row's number `i` and its hash `h`."""

DUCKDB = {"string": "VARCHAR", "int": "INTEGER"}

RULES = (
    "id IS NOT NULL",
    "customer BETWEEN 0 AND 99999",
    "quantity >= 0",
    "price >= 0",
    "tax < 1000",
    "latitude BETWEEN -90 AND 90",
    "longitude BETWEEN -180 AND 180",
    "country IN ('US', 'DE', 'FR', 'JP')",
    "length(token) = 32",
    "day >= DATE '2013-01-01'",
)


def declared(format_: str, rules: int = 0) -> Dataset:
    """The dataset, with the first of RULES."""
    columns = tuple(Column(name, type_) for name, (type_, _) in COLUMNS.items())
    return Dataset(
        digest="d",
        team="shop",
        name="orders",
        description="",
        owner="",
        source=Source("drop", "shop/orders/", format_),
        schema=columns,
        staged=columns,
        light=Light(),
        table=Table("lake", "orders", "s3://a/b/", "append", columns),
        rules=tuple(
            Rule(f"r{n}", "stage", predicate, "row", "sql", "quarantine", predicate)
            for n, predicate in enumerate(RULES[:rules])
        ),
        trigger=Trigger(),
    )


def duckdb_columns() -> str:
    """The declared columns as DuckDB's readers want them."""
    types = {name: DUCKDB.get(type_, type_.upper()) for name, (type_, _) in COLUMNS.items()}
    return "{" + ", ".join(f"'{name}': '{type_}'" for name, type_ in types.items()) + "}"


def written(folder: Path, format_: str, rows: int = ROWS) -> Path:
    """The rows as a file of `format_`: csv, jsonl or parquet. Made once."""
    path = folder / f"orders-{rows}.{format_}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = {"csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json", "parquet": "FORMAT parquet, COMPRESSION zstd"}[
            format_
        ]
        typed = format_ == "parquet"
        listed = ", ".join(
            f"({sql}){'::' + DUCKDB.get(type_, type_) if typed else ''} AS {name}"
            for name, (type_, sql) in COLUMNS.items()
        )
        query = f"SELECT {listed} FROM (SELECT i, (hash(i) % 9000000000)::BIGINT AS h FROM range({rows}) t(i))"
        unfinished = path.with_suffix(".part")
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({query}) TO '{unfinished}' ({options})")
        unfinished.rename(path)
    return path


def repeated(folder: Path, size: int) -> Path:
    """A CSV of at least `size` bytes: the same rows over and over under one header."""
    once = written(folder, "csv")
    path = folder / f"orders-of-{size}.csv"
    if not path.exists():
        with once.open("rb") as source, path.with_suffix(".part").open("wb") as out:
            header = len(source.readline())
            body = once.stat().st_size - header
            out.write(once.read_bytes()[:header])
            out.flush()
            for _ in range(-(-size // body)):
                done = header
                while done < header + body:
                    done += os.sendfile(out.fileno(), source.fileno(), done, header + body - done)
        path.with_suffix(".part").rename(path)
    return path
