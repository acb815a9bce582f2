"""F47 to F49: a cell arrives exactly as declared, or its row is set aside."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lake.core.contract import Column
from unit.light.batch import Stage, dataset

KEPT: list[tuple[str, str, Any]] = [
    ("int", "1", 1),
    ("int", "-0", 0),
    ("int", "007", 7),
    ("int", "+5", 5),
    ("bigint", "9007199254740993", 9007199254740993),
    ("bigint", "-9223372036854775808", -9223372036854775808),
    ("double", "0.1", 0.1),
    ("double", "1e5", 1e5),
    ("double", ".5", 0.5),
    ("double", "0.000", 0.0),
    ("double", "9007199254740992", 9007199254740992.0),
    ("double", "-Infinity", float("-inf")),
    ("decimal(12,4)", "1.2", Decimal("1.2000")),
    ("decimal(12,4)", "-1.23450", Decimal("-1.2345")),
    ("decimal(38,10)", "1234567890123456789012345678.0123456789", Decimal("1234567890123456789012345678.0123456789")),
    ("date", "2012-02-29", date(2012, 2, 29)),
    ("timestamp", "2013-01-01 05:00:00", datetime(2013, 1, 1, 5)),
    ("timestamp", "2013-01-01T05:00:00Z", datetime(2013, 1, 1, 5)),
    ("timestamp", "2013-01-01 05:00:00.125000Z", datetime(2013, 1, 1, 5, 0, 0, 125000)),
    ("timestamp", "2013-01-01T05:00:00+05:30", datetime(2012, 12, 31, 23, 30)),
    ("timestamp", "2013-01-01 05:00:00.25-05", datetime(2013, 1, 1, 10, 0, 0, 250000)),
    ("boolean", "TRUE", True),
    ("boolean", "false", False),
    ("string", "NA", "NA"),
    ("string", "00501", "00501"),
    ("string", "1E5", "1E5"),
    ("string", " padded ", " padded "),
    ("string", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ("binary", "aGk=", b"hi"),
]

REFUSED = [
    ("int", ["1.0", " 1", "1 ", "1e5", "1_000", "0x1F", "2147483648", "abc", "-", "\uff11"]),
    ("bigint", ["9223372036854775808", "9007199254740993.0"]),
    ("double", ["1_0", " 1", "1 ", "+-1", "1e400", "1e-400", "9007199254740993", "0x1p3", "one", "nan(1)"]),
    ("float", ["16777217", "1e39"]),
    ("decimal(12,4)", ["1.23456", "1e2", "123456789", " 1", "1_0"]),
    ("date", ["2013-02-30", "2013-1-1", "2013/01/01", "01/02/2013", "2013-01-01 00:00:00", "99999-01-01", "infinity"]),
    ("timestamp", ["2013-01-01 24:00:00", "2013-01-01", "1356998400", "2013-01-01 00:00:60", "infinity"]),
    ("timestamp", ["2013-01-01 00:00:00.1234567", "2013-01-01T00:00:00-99:00", "2013-01-01 00:00:00 Europe/Paris"]),
    ("timestamp", ["2013-1-01T05:00:00Z", "2013-01-01T24:00:00Z", "2013-01-01T 0:00:00Z", "2013-01-01T05:00:00 Z"]),
    ("timestamp", ["2013-01-01T05:00:00.1234567Z", "2013-01-01T05:00:5.Z", "2013-01-01T05:00:00+01:00Z", "Z"]),
    ("boolean", ["1", "0", "t", "yes", " true"]),
    ("binary", ["x", "aGk"]),
]


@pytest.mark.parametrize(("type_", "spelled", "value"), KEPT)
def test_a_cell_that_is_spelled_as_declared_arrives_exactly(stage: Stage, type_: str, spelled: str, value: Any) -> None:
    declared = dataset([Column("cell", type_), Column("n", "int")])
    result = stage(declared, f"cell,n\n{spelled},1\n".encode())
    assert result.rows == [(value, 1)]


@pytest.mark.parametrize(("type_", "spellings"), REFUSED)
def test_a_cell_that_is_spelled_otherwise_is_set_aside_with_its_line(
    stage: Stage, type_: str, spellings: list[str]
) -> None:
    declared = dataset([Column("cell", type_), Column("n", "int")])
    result = stage(declared, "".join(["cell,n\n", *(f"{text},1\n" for text in spellings)]).encode())
    article = "an" if type_[0] == "i" else "a"
    assert result.rows == []
    assert result.reasons == [
        (number, number + 1, "contract", f"cell: '{text}' is not {article} {type_}")
        for number, text in enumerate(spellings, 1)
    ]
    assert result.raw == [f"{text},1" for text in spellings]


def test_a_bare_empty_cell_is_null_and_a_quoted_one_is_text(stage: Stage) -> None:
    result = stage(dataset([Column("a", "int"), Column("b", "string")]), b'a,b\n1,\n2,""\n"",x\n')
    assert result.rows == [(1, None), (2, ""), (None, "x")]


def test_words_for_null_are_null_unless_they_are_quoted_text(stage: Stage) -> None:
    declared = dataset([Column("a", "int"), Column("b", "string")], options={"null_values": ["NA", "-999"]})
    result = stage(declared, b'a,b\nNA,NA\n-999,"NA"\n,x\n')
    assert result.rows == [(None, None), (None, "NA")]
    assert result.reasons == [(3, 4, "contract", "a: '' is not an int")]


def test_a_null_where_none_may_be_sets_the_row_aside(stage: Stage) -> None:
    declared = dataset([Column("a", "int", nullable=False), Column("b", "string", nullable=False)])
    result = stage(declared, b"a,b\n,x\n1,\n2,y\n")
    assert result.rows == [(2, "y")]
    assert [reason for *_, reason in result.reasons] == ["a: is null but must not be", "b: is null but must not be"]


def test_declared_formats_and_words_for_truth_are_the_only_ones(stage: Stage) -> None:
    columns = [Column("d", "date", format="%d/%m/%Y"), Column("t", "boolean")]
    declared = dataset(columns, options={"true_values": ["Y"], "false_values": ["N"]})
    result = stage(declared, b"d,t\n01/02/2013,Y\n2013-02-01,N\n1/2/2013,N\n01/02/2013,true\n")
    assert result.rows == [(date(2013, 2, 1), True)]
    assert len(result.reasons) == 3


def test_a_long_value_is_shortened_and_its_control_characters_are_escaped(stage: Stage) -> None:
    result = stage(dataset([Column("a", "int"), Column("b", "int")]), b"a,b\n\x1b[31m" + b"x" * 100 + b",1\n")
    reason = result.reasons[0][3]
    assert "\x1b" not in reason
    assert reason.startswith("a: '\\u001B[31mxxx")
    assert len(reason) < 130


def test_every_cell_that_is_wrong_is_named(stage: Stage) -> None:
    result = stage(dataset([Column("a", "int"), Column("b", "int")]), b"a,b\nx,y\n")
    assert result.reasons[0][3] == "a: 'x' is not an int; b: 'y' is not an int"
