"""JSON lines that DuckDB reads: the same rows, numbers and reasons as the reader that takes every line by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lake.core.contract import Column
from lake.core.dataset import Light
from lake.light import json_lines
from lake.light.template import template_of
from unit.light.batch import Result, Stage, dataset

COLUMNS = [
    Column("id", "bigint"),
    Column("zip", "string"),
    Column("price", "decimal(10,2)"),
    Column("ratio", "double", at="The Ratio"),
    Column("seen", "timestamp"),
    Column("ok", "boolean"),
    Column("n", "int"),
]
FORM = '{"id": %s, "zip": %s, "price": %s, "The Ratio": %s, "seen": %s, "ok": %s, "n": %s}'
USUAL = ("1", '"00501"', "12.50", "1e-3", '"2024-01-02T03:04:05Z"', "true", "7")
CELLS = {
    0: ["9007199254740993", "9223372036854775807", "9223372036854775808", '"1"', "1.0", "1e2", "-0", "null", "true"],
    1: ['"é"', '"a\\"b"', '"\\u00e9"', '"\\\\"', '""',
        "501", "null", '"a, \\"n\\": 9"', '"x"}', '"\\u0000"', '"\\ud800"'],
    2: ["12.345", "12.5", "1", "1e1", '"12.50"', "123456789.00",
        "0.1000000000000000055", "null", "-0.00", "01.5", "+1"],
    3: ["NaN", "-Infinity", "0.1000000000000000055", "9007199254740993", "1e999", "1e-999",
        '"1"', "null", "1" * 60, "-1.5E+3"],
    4: ['"2024-01-02 03:04:05"', '"2024-01-02T03:04:05+01:00"', '"2024-02-30 00:00:00"', '"2024-01-02"', "null", "1"],
    5: ["false", "null", '"true"', "1", "True"],
    6: ["2147483647", "2147483648", "null", "1.5", '7, "n": 8', '7, "m": 8', "7 ", " 7"],
}  # fmt: skip
LINES = [
    FORM % USUAL,
    *(FORM % (*USUAL[:at], cell, *USUAL[at + 1 :]) for at, cells in CELLS.items() for cell in cells),
    '{"zip": "x", "id": 5}',
    '{"zip": "x", "id": 5, "price": 1, "The Ratio": 2, "seen": null, "ok": null, "n": 1}',
    "rubbish",
    "[]",
    FORM % USUAL,
]


def spelled(result: Result) -> tuple[Any, ...]:
    rows = sorted((row[-3], *map(repr, row[:-5])) for row in result.table)
    return rows, sorted(result.reasons), result.counts, [len(raw) > 0 for raw in result.raw]


def test_both_ways_of_reading_agree(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    assert template_of(LINES[0].encode(), COLUMNS)
    by_itself: list[int] = []
    usual = json_lines.row_of

    def watched(raw: bytes, line: int, *rest: Any) -> Any:
        by_itself.append(line)
        return usual(raw, line, *rest)

    monkeypatch.setattr("lake.light.plain_lines.row_of", watched)
    declared = dataset(COLUMNS, format_="jsonl")
    fast = stage(declared, "\n".join(LINES).encode())
    assert 30 < len(by_itself) < len(LINES)
    slow = stage(declared, ("\n" + "\n".join(LINES)).encode())
    numbers, reasons, counts, raw = spelled(slow)
    reasons = [
        (n, line - 1, rule, reason.replace(f"line {line}:", f"line {line - 1}:")) for n, line, rule, reason in reasons
    ]
    assert spelled(fast) == (numbers, reasons, counts, raw)


def test_compact_lines_have_a_template_too(stage: Stage) -> None:
    lines = [json.dumps({"a": n, "b": "x"}, separators=(",", ":")) for n in range(5)]
    assert template_of(lines[0].encode(), [Column("b", "string"), Column("a", "int")])
    result = stage(dataset([Column("b", "string"), Column("a", "int")], format_="jsonl"), "\n".join(lines).encode())
    assert [row[1] for row in result.rows] == [0, 1, 2, 3, 4]


OTHERS = ['{"a":1}', '{"a": 1, "b": 2, "c": 3}', '{"a": 1, "a": 1}', '{ "a": 1, "b": 2}', "x", '{"a" : 1, "b" : 2}']


@pytest.mark.parametrize("line", OTHERS)
def test_another_first_line_has_none(line: str) -> None:
    assert template_of(line.encode(), [Column("a", "int"), Column("b", "int")]) is None


def test_slices_count_their_lines_through(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lake.light.plain_lines.SLICE", 100)
    monkeypatch.setattr("lake.light.plain_lines.CHUNK", 40)
    lines = [json.dumps({"a": n}) if n % 7 else '{"a": "no"}' for n in range(1, 100)]
    result = stage(dataset([Column("a", "int")], format_="jsonl"), "\n".join(lines).encode() + b"\n")
    assert sorted((row[0], row[-3]) for row in result.table) == [(n, n) for n in range(1, 100) if n % 7]
    assert [(number, line) for number, line, *_ in result.reasons] == [(n, n) for n in range(7, 100, 7)]


def test_a_light_transform_filters_and_counts(stage: Stage) -> None:
    light = Light(sql="SELECT a, _src_key, _src_seq, _src_row FROM source WHERE a > 2")
    result = stage(dataset([Column("a", "int")], format_="jsonl", light=light), b'{"a": 1}\n{"a": 3}\n{"a": "x"}\n')
    assert (result.rows, result.counts) == ([(3,)], [(3, 1, 1, 1)])
