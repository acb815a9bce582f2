"""JSON lines and JSON documents: keys bind to columns, kinds are never mixed, digits are never lost."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

import pytest

from lake.core.contract import Column
from unit.light.batch import Stage, dataset

COLUMNS = [
    Column("id", "bigint"),
    Column("zip", "string"),
    Column("price", "decimal(20,10)"),
    Column("ratio", "double"),
    Column("day", "date"),
    Column("seen", "timestamp"),
    Column("ok", "boolean"),
    Column("tail", "string", at="$.plane.tail"),
    Column("trip", "int", at="Trip No."),
]
GOOD = (
    '{"id": 9007199254740993, "zip": "00501", "price": 1234567890.0123456789, "ratio": 12.50, "day": "2024-02-29", '
    '"seen": "2024-01-02T03:04:05.5+01:00", "ok": true, "plane": {"tail": "N1\\u00e9\\n\\"x"}, "Trip No.": 7}'
)
ROW = (
    9007199254740993, "00501", Decimal("1234567890.0123456789"), 12.5, date(2024, 2, 29),
    datetime(2024, 1, 2, 2, 4, 5, 500000), True, 'N1é\n"x', 7,
)  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_cells_arrive_exactly(stage: Stage, form: str) -> None:
    text = f"{GOOD}\n\n{GOOD}\r\n" if form == "jsonl" else f"\ufeff [{GOOD},\n{GOOD}]\n"
    assert stage(dataset(COLUMNS, format_=form), text.encode()).rows == [ROW, ROW]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"00501"', "501", "zip: 501 is a number, not a string"),
        ("9007199254740993", "9223372036854775808", "id: '9223372036854775808' is not a bigint"),
        ("9007199254740993", '"1"', "id: '1' is a string, not a bigint"),
        ("9007199254740993", "1e2", "id: '1e2' is not a bigint"),
        ("9007199254740993", "true", "id: True is a boolean, not a bigint"),
        ("1234567890.0123456789", "0.12345678901", "price: '0.12345678901' is not a decimal(20,10)"),
        ("12.50", "NaN", "ratio: NaN is no value, not a double"),
        ("12.50", "1e999", "ratio: '1e999' is not a double"),
        ("12.50", "9007199254740993", "ratio: '9007199254740993' is not a double"),
        ("2024-02-29", "2023-02-29", "day: '2023-02-29' is not a date"),
        ('"ok": true', '"ok": 1', "ok: 1 is a number, not a boolean"),
        ('"ok": true', '"ok": true, "ok": true', "ok: stands more than once"),
        ('"ok": true', '"ok": true, "oops": null', "oops: is not declared"),
        ('{"tail"', '{"tial": 1, "tail"', "plane.tial: is not declared"),
        ('{"tail": "N1\\u00e9\\n\\"x"}', '"N1"', "plane: 'N1' is not an object"),
        ("N1", "\\u0000", "tail: holds a NUL"),
        ("N1", "\\ud800", "tail: holds half of a surrogate pair"),
    ],
)
@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_another_record_is_set_aside_with_its_line(stage: Stage, form: str, old: str, new: str, said: str) -> None:
    bad = GOOD.replace(old, new)
    text = f"{GOOD}\n{bad}\n{GOOD}\n" if form == "jsonl" else f"[{GOOD},\n{bad},\n{GOOD}]"
    result = stage(dataset(COLUMNS, format_=form), text.encode())
    assert result.rows == [ROW, ROW]
    (number, line, rule, reason) = result.reasons[0]
    assert (number, line, rule) == (2, 2, "contract")
    assert said in reason


@pytest.mark.parametrize(
    "bad", [b"{", b"rubbish", b'{"a": 1} x', b'{"a": "\xff"}', b"{'a': 1}", b'{"a": "\x01"}', b"[" * 99_999]
)
def test_a_line_that_is_no_json_is_set_aside(stage: Stage, bad: bytes) -> None:
    result = stage(dataset([Column("a", "int")], format_="jsonl"), b'{"a": 1}\n' + bad + b'\n{"a": 2}\n')
    assert (result.rows, result.counts) == ([(1,), (2,)], [(3, 2, 1, 0)])
    assert result.reasons[0][1] == 2


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b'[{"a": 1}]', b"PAR1xxxx"])
def test_what_holds_no_lines_of_json_is_rejected(stage: Stage, content: bytes) -> None:
    assert stage(dataset([Column("a", "int")], format_="jsonl"), content).ends[0][0] == "CORRUPT"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"a": 1}', "CORRUPT"),
        ('[{"a": 1},]', "CORRUPT"),
        ('[{"a": 1}] x', "CORRUPT"),
        ('{"a": 1}', "SCHEMA"),
        ("3", "SCHEMA"),
        ('[{"a": 1} {"a": 2}]', "CORRUPT"),
        ('[{"a": 1}, {"a": tru}]', "CORRUPT"),
    ],
)
def test_a_broken_document_gives_no_row(stage: Stage, text: str, reason: str) -> None:
    result = stage(dataset([Column("a", "int")], format_="json"), text.encode())
    assert (result.rows, result.ends[0][0]) == ([], reason)


def test_records_lie_under_a_declared_path(stage: Stage) -> None:
    declared = dataset([Column("a", "int")], format_="json", options={"path": "$.data.items"})
    document = {"meta": [{"a": "]}"}], "data": {"n": 2, "items": [{"a": 1}, {"a": 2}], "more": {}}, "end": None}
    assert stage(declared, json.dumps(document).encode()).rows == [(1,), (2,)]
    elsewhere = stage(declared, b'{"data": {"item": []}}')
    assert elsewhere.ends == [("SCHEMA", "the document holds nothing at $.data.items: 'items' is missing")]
    twice = stage(declared, b'{"data": {"items": [{"a": 1}], "items": []}}')
    assert twice.ends[0][0] == "CORRUPT"
    alone = dataset([Column("a", "int")], format_="json", options={"path": "$"})
    assert stage(alone, b'{"a": 5}').rows == [(5,)]


def test_extra_and_missing_keys_are_as_declared(stage: Stage) -> None:
    columns = [Column("a", "int"), Column("b", "int")]
    text = b'{"a": 1, "c": 2}\n{"b": 1}\n{"a": null, "b": 2}\n'
    loose = dataset(columns, format_="jsonl", options={"ignore_extra": True})
    assert stage(loose, text).rows == [(1, None), (None, 1), (None, 2)]
    strict = dataset(columns, format_="jsonl", options={"require_all": True})
    assert stage(strict, text).rows == [(None, 2)]


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_a_declared_encoding_is_read(stage: Stage, form: str) -> None:
    text = '{"a": "é"}' if form == "jsonl" else '[{"a": "é"}]'
    for encoding in ("utf-16", "latin-1"):
        declared = dataset([Column("a", "string")], format_=form, options={"encoding": encoding})
        assert stage(declared, text.encode(encoding)).rows == [("é",)]


def test_a_line_that_is_too_long_is_set_aside(stage: Stage) -> None:
    declared = dataset([Column("a", "string")], format_="jsonl", options={"max_line_bytes": 100})
    result = stage(declared, b'{"a": "x"}\n{"a": "' + b"x" * 200_000 + b'"}\n{"a": "y"}\n')
    assert result.rows == [("x",), ("y",)]
    assert "longer than 100 bytes" in result.reasons[0][3]
    assert len(result.raw[0]) == 100
