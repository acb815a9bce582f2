"""Nested columns: structs, arrays and maps arrive with every leaf exact, or their row is set aside."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from lake.core.contract import Column
from lake.core.dataset import Light
from lake.core.type import WrongType, parse_type, written
from unit.light.batch import Stage, dataset

PLACE = "struct<lat:double,at:timestamp,day:date,n:bigint,price:decimal(20,10),ok:boolean>"
COLUMNS = [Column("place", PLACE), Column("tags", "array<string>"), Column("counts", "map<string,array<int>>")]
GOOD = {
    "place": {"lat": 1.5, "at": "2024-01-02T03:04:05Z", "day": "2024-01-02",
              "n": 9007199254740993, "price": "1.05", "ok": True},
    "tags": ["a", 'b"c\n\\', None, ""],
    "counts": {"k": [1, None], "": []},
}  # fmt: skip


def test_every_leaf_arrives_exactly(stage: Stage) -> None:
    result = stage(dataset(COLUMNS, format_="jsonl"), json.dumps(GOOD).encode() + b'\n{"place": {}, "tags": []}\n')
    place = {
        "lat": 1.5, "at": datetime(2024, 1, 2, 3, 4, 5), "day": date(2024, 1, 2),
        "n": 9007199254740993, "price": Decimal("1.0500000000"), "ok": True,
    }  # fmt: skip
    assert result.rows == [
        (place, ["a", 'b"c\n\\', None, ""], {"k": [1, None], "": []}),
        (dict.fromkeys(place), [], None),
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"place": {"lat": "1"}}, "place.lat: '1' is a string, not a double"),
        ({"place": {"n": 2**63}}, "place.n: 9223372036854775808 is not a bigint"),
        ({"place": {"price": 0.12345678901}}, "place.price: 0.12345678901 is not a decimal(20,10)"),
        ({"place": {"at": "2024-01-02"}}, "place.at: '2024-01-02' is not a timestamp"),
        ({"place": {"day": "2023-02-29"}}, "place.day: '2023-02-29' is not a date"),
        ({"place": {"long": 1}}, "place.long: is not declared in place"),
        ({"place": []}, "place: [] is a list, not an object"),
        ({"tags": ["a", 1]}, "tags[1]: 1 is a number, not a string"),
        ({"tags": "a"}, "tags: 'a' is a string, not a list"),
        ({"counts": {"k": [2**31]}}, "counts.k[0]: 2147483648 is not an int"),
    ],
)
def test_a_leaf_that_does_not_fit_sets_the_row_aside(stage: Stage, value: object, said: str) -> None:
    result = stage(dataset(COLUMNS, format_="jsonl"), json.dumps(value).encode())
    assert result.rows == []
    assert said in result.reasons[0][3]


def parquet(path: Path, query: str) -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def test_parquet_brings_its_own(stage: Stage, tmp_path: Path) -> None:
    columns = [
        Column("s", "struct<a:bigint,b:array<string>>"),
        Column("m", "map<string,int>"),
        Column("x", "int", at="$.deep.x"),
    ]
    query = "SELECT {'b': ['x'], 'a': 1::INTEGER} AS s, MAP {'k': 1} AS m, {'x': 5} AS deep"
    result = stage(dataset(columns, format_="parquet"), parquet(tmp_path / "1", query))
    assert result.rows == [({"a": 1, "b": ["x"]}, {"k": 1}, 5)]
    other = stage(dataset(columns, format_="parquet"), parquet(tmp_path / "2", query.replace("'x'", "1", 1)))
    assert other.ends[0][0] == "SCHEMA"


def test_transforms_see_them(stage: Stage) -> None:
    light = Light(sql="SELECT place.lat AS lat, tags, _src_key, _src_seq, _src_row FROM source")
    staged = [Column("lat", "double"), COLUMNS[1]]
    result = stage(dataset(COLUMNS, format_="jsonl", light=light, staged=staged), json.dumps(GOOD).encode())
    assert result.rows == [(1.5, ["a", 'b"c\n\\', None, ""])]
    python = Light(python="def transform(row):\n    return {**row, 'tags': [*row['tags'], 'z']}\n")
    result = stage(dataset(COLUMNS, format_="jsonl", light=python), json.dumps(GOOD).encode())
    assert result.rows[0][1][-1] == "z"
    assert result.rows[0][0]["n"] == 9007199254740993


NO_TYPES = [
    "array<int",
    "array<>",
    "map<int,int>",
    "struct<a int>",
    "struct<a:int,a:int>",
    "int>",
    "list",
    "decimal(0,0)",
]


@pytest.mark.parametrize("text", NO_TYPES)
def test_what_is_no_type_is_said(text: str) -> None:
    with pytest.raises(WrongType):
        parse_type(text)


def test_a_type_has_one_spelling() -> None:
    said = written(parse_type("struct< a : int, b: list<map<string , decimal( 5, 2 )>> >"))
    assert said == "struct<a:int,b:array<map<string,decimal(5,2)>>>"
