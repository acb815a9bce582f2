"""Fixed width: declared characters of each line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lake.core.contract import Column
from unit.light.batch import Stage, dataset

COLUMNS = [
    Column("station", "string", at="1-4"),
    Column("day", "date", at="5-12", format="%Y%m%d"),
    Column("rain", "decimal(4,1)", at="14-18"),
    Column("flag", "string", at="19"),
]
DECLARED = dataset(COLUMNS, format_="fixed", options={"skip": 1, "null_values": ["", "-99.9"]})


def test_cells_are_characters_without_their_padding(stage: Stage) -> None:
    text = "STATION\nÄBC 20240102?  1.5X\r\n  D 20240103 -99.9 \n\n"
    assert stage(DECLARED, text.encode()).rows == [
        ("ÄBC", date(2024, 1, 2), Decimal("1.5"), "X"),
        ("D", date(2024, 1, 3), None, None),
    ]


def test_a_declared_encoding_counts_characters_too(stage: Stage) -> None:
    declared = dataset(COLUMNS, format_="fixed", options={"encoding": "cp850"})
    assert stage(declared, "ÄBC 20240102   1.5X\n".encode("cp850")).rows[0][0] == "ÄBC"


def test_a_line_that_does_not_fit_is_set_aside(stage: Stage) -> None:
    lines = ["x", "ABCD20240102", "ABCD20240102   1.5X  y", "ABCD20240231   1.5X", "ABCD20240102  1.55X"]
    lines.append("ABCD20240102   1.5X   ")
    result = stage(DECLARED, "\n".join(lines).encode() + b"\n\xffBCD20240102   1.5X")
    assert len(result.rows) == 1
    assert [(number, line) for number, line, *_ in result.reasons] == [(1, 2), (2, 3), (3, 4), (4, 5), (6, 7)]
    assert [reason for *_, reason in result.reasons] == [
        "line 2: the line has 12 characters, and 'rain' stands at 14-18",
        "line 3: the line goes on after character 19, where the last column ends",
        "day: '20240231' is not a date in the format %Y%m%d",
        "rain: '1.55' is not a decimal(4,1)",
        "line 7: byte 1 of the line is not UTF-8: invalid start byte",
    ]
