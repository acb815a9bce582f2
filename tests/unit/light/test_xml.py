"""XML: rows at a declared path, cells from children and attributes, entities refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lake.core.contract import Column
from lake.core.dataset import Dataset
from unit.light.batch import Stage, dataset

COLUMNS = [
    Column("id", "int", at="@id"),
    Column("title", "string"),
    Column("price", "decimal(6,2)"),
    Column("currency", "string", at="price/@currency"),
    Column("tags", "array<string>", at="tags/tag"),
]
GOOD = '<book id="1"><title>A &amp; é</title><price currency="EUR"> 1.50 </price><tags><tag>x</tag><tag/></tags></book>'
ROW = (1, "A & é", Decimal("1.50"), "EUR", ["x", None])


@pytest.fixture
def declared() -> Dataset:
    return dataset(COLUMNS, format_="xml", options={"row": "shop/books/book"})


def shop(*books: str, head: str = "") -> str:
    names = 'xmlns="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    listed = "\n".join(books)
    return f"{head}<shop {names}><books>\n{listed}\n</books><other><book/></other></shop>"


def test_cells_arrive_exactly(stage: Stage, declared: Dataset) -> None:
    nothing = '<book id="2"><title i:nil="true"/><price/></book>'
    result = stage(declared, shop(GOOD, nothing, "<book><title><![CDATA[<b>]]></title></book>").encode())
    assert result.rows == [ROW, (2, None, None, None, None), (None, "<b>", None, None, None)]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "windows-1252"])
def test_a_document_says_its_own_encoding(stage: Stage, declared: Dataset, encoding: str) -> None:
    text = shop(GOOD, head=f'<?xml version="1.0" encoding="{encoding}"?>')
    assert stage(declared, text.encode(encoding)).rows == [ROW]


def test_a_declared_encoding_stands_above_the_documents(stage: Stage) -> None:
    declared = dataset(COLUMNS, format_="xml", options={"row": "shop/books/book", "encoding": "latin-1"})
    assert stage(declared, shop(GOOD).encode("latin-1")).rows == [ROW]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1.50", "1.505", "price: '1.505' is not a decimal(6,2)"),
        ('id="1"', 'id="x"', "id: 'x' is not an int"),
        ('id="1"', 'id="1" isbn="2"', "@isbn: is not declared"),
        ("<title>", "<subtitle/><title>", "subtitle: is not declared"),
        ("<title>", "<title>B</title><title>", "title: stands 2 times"),
        ("A &amp; é", "A <i>b</i>", "title: holds elements, not text"),
        ("<title>", "loose<title>", "book: text that no column declares"),
    ],
)
def test_another_row_is_set_aside_with_its_line(stage: Stage, declared: Dataset, old: str, new: str, said: str) -> None:
    result = stage(declared, shop(GOOD, GOOD.replace(old, new), GOOD).encode())
    assert result.rows == [ROW, ROW]
    assert result.reasons[0][:2] == (2, 3)
    assert said in result.reasons[0][3]


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "reason", "said"),
    [
        (shop(GOOD)[:-9].encode(), "CORRUPT", "line 3, column"),
        (shop(GOOD, head=BOMB).encode(), "CORRUPT", "line 1: the document declares a DOCTYPE"),
        (shop(GOOD, "</book>").encode(), "CORRUPT", "mismatched tag"),
        (b"<shop><book/></shop>", "SCHEMA", "no element at shop/books/book; its root is 'shop'"),
        (shop(GOOD).encode("latin-1"), "ENCODING", "line 2, column 29"),
    ],
)
def test_a_broken_document_gives_no_row(
    stage: Stage, declared: Dataset, content: bytes, reason: str, said: str
) -> None:
    result = stage(declared, content)
    assert (result.rows, result.ends[0][0]) == ([], reason)
    assert said in result.ends[0][1]
