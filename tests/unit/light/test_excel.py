"""Excel workbooks: each cell is what its column declares, or its row is set aside."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pytest

from lake.core.contract import Column
from unit.light.batch import Stage, dataset
from unit.light.xlsx import header, workbook

COLUMNS = [
    Column("zip", "string"),
    Column("amount", "decimal(10,2)", at="Amount in EUR"),
    Column("day", "date"),
    Column("seen", "timestamp"),
    Column("paid", "boolean"),
    Column("pieces", "int"),
]
NAMES = header("zip", "Amount in EUR", "day", "seen", "paid", "pieces")


def test_cells_arrive_as_declared(stage: Stage) -> None:
    rows = [
        NAMES,
        [("text", "00501"), ("number", "1.1000000000000001"), ("date", "45293"), ("instant", "45293.5"),
         ("boolean", 1), ("number", "7")],
        [("inline", "a_x000D_b"), ("number", "1E2"), ("date", "59"), None, ("boolean", 0), ("number", "3.0")],
        [],
        [("text", "last"), None, None, ("date", "45293"), None, None],
    ]  # fmt: skip
    result = stage(dataset(COLUMNS, format_="excel"), workbook({"Data": rows}))
    assert result.rows == [
        ("00501", Decimal("1.10"), date(2024, 1, 2), datetime(2024, 1, 2, 12), True, 7),
        ("a\rb", Decimal("100.00"), date(1900, 2, 28), None, False, 3),
        ("last", None, None, datetime(2024, 1, 2), None, None),
    ]


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        (0, ("number", "501"), "zip: 501 is a number, not a string"),
        (0, ("error", "#REF!"), "zip: #REF! is no value, not a string"),
        (1, ("text", "1.5 EUR"), "amount: '1.5 EUR' is not a decimal(10,2)"),
        (1, ("number", "1.005"), "amount: '1.005' is not a decimal(10,2)"),
        (2, ("number", "45293"), "day: 45293 is no value, not a date"),
        (2, ("date", "45293.25"), "day: 2024-01-02 06:00:00 is a timestamp, not a date"),
        (2, ("date", "60"), "day: 60.0 shown as a date"),
        (5, ("number", "1.5"), "pieces: '1.5' is not an int"),
        (5, ("date", "45293"), "pieces: 2024-01-02 is a date, not an int"),
        (6, ("number", "1"), "G2: holds a value outside of the header"),
    ],
)
def test_another_cell_sets_the_row_aside(stage: Stage, place: int, cell: tuple[str, str], said: str) -> None:
    row: list[tuple[str, object] | None] = [None] * 7
    row[place] = cell
    result = stage(dataset(COLUMNS, format_="excel"), workbook({"Data": [NAMES, row]}))
    assert result.rows == []
    assert result.reasons[0][:2] == (1, 2)
    assert said in result.reasons[0][3]


def test_a_sheet_and_a_header_row_are_declared(stage: Stage) -> None:
    rows = [header("A report"), [], header("a"), [("number", "1")]]
    book = workbook({"Notes": [header("x")], "Data": rows})
    declared = dataset([Column("a", "int")], format_="excel", options={"sheet": "Data", "header_row": 3})
    assert stage(declared, book).rows == [(1,)]
    unsure = dataset([Column("a", "int")], format_="excel")
    assert "2 sheets: 'Notes', 'Data'; declare options.sheet" in stage(unsure, book).ends[0][1]
    elsewhere = dataset([Column("a", "int")], format_="excel", options={"sheet": "Dat"})
    assert "no sheet 'Dat'; it has 'Notes', 'Data'" in stage(elsewhere, book).ends[0][1]


def test_days_may_be_counted_from_1904(stage: Stage) -> None:
    book = workbook({"Data": [header("day"), [("date", "1")]]}, from_1904=True)
    assert stage(dataset([Column("day", "date")], format_="excel"), book).rows == [(date(1904, 1, 2),)]


def test_what_is_no_workbook_is_rejected(stage: Stage) -> None:
    whole = workbook({"Data": [header("a"), [("number", "1")]]})
    other = BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    objects = (whole[:-30], b"a,b\n1,2\n", other.getvalue(), b"\xd0\xcf\x11\xe0" + b"\0" * 600, whole)
    result = stage(dataset([Column("a", "int")], format_="excel"), *objects)
    assert [reason for reason, _ in result.ends] == ["CORRUPT"] * 4 + [""]
    assert "old .xls" in result.ends[3][1]


def test_a_header_is_bound_by_name(stage: Stage) -> None:
    result = stage(dataset([Column("pieces", "int")], format_="excel"), workbook({"D": [header("peices")]}))
    assert result.ends[0][0] == "HEADER"
    assert "did you mean 'pieces'" in result.ends[0][1]
