"""Small objects are read together; nobody can tell from the result."""

from __future__ import annotations

import pytest

from lake.core.contract import Column
from lake.light import delimited
from unit.light.batch import Result, Stage, dataset

COLUMNS = [Column("a", "int"), Column("b", "string")]
PLAIN = b"a,b\n1,x\n2,y\n"
ODD = {
    "only a header": b"a,b\n",
    "no line end": b"a,b\n1,x\n2,y",
    "a byte order mark": b"\xef\xbb\xbfa,b\n1,x\n",
    "a line end in a cell": b'a,b\n1,"two\nlines"\n2,y\n',
    "a line end in the header": b'a,"b"\n1,x\n',
    "a blank line": b"a,b\n1,x\n\n2,y\n",
    "a row that does not fit": b"a,b\n1,x\nsoon,y\n3,z\n",
    "a cell too many": b"a,b\n1,x\n2,y,z\n",
    "a cell too few": b"a,b\n1\n2,y\n",
    "an open quote": b'a,b\n1,x\n2,"y\n',
    "an open quote at the end": b'a,b\n1,x\n2,"',
    "other order": b"b,a\nx,1\n",
    "carriage returns": b"a,b\r\n1,x\r\n2,y\r\n",
    "quoted empty cells": b'a,b\n1,""\n2,\n',
    "bytes that are no text": b"a,b\n1,\xff\n2,y\n",
}


def told(result: Result, place: int) -> tuple[object, ...]:
    """Everything that a batch says of its object at a place."""
    key = f"aviation/flights/{place}.csv"
    one = next((one for one in result.report.objects if one.key == key), None)
    rows = [row[:2] + row[4:5] for row in result.table if row[2] == key]
    return (one and (one.rows_in, one.rows_staged, one.rows_rejected, one.reason, one.message), rows)


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_object_among_plain_ones_is_read_as_by_itself(stage: Stage, odd: str) -> None:
    declared = dataset(COLUMNS)
    together = stage(declared, PLAIN, PLAIN, ODD[odd], PLAIN)
    objects = [PLAIN, PLAIN, ODD[odd], PLAIN]
    alone = [stage(declared, *[b"a,b\n"] * place, content) for place, content in enumerate(objects)]
    for place in range(4):
        assert told(together, place) == told(alone[place], place)
    assert together.reasons == alone[2].reasons
    assert together.raw == alone[2].raw


def test_objects_that_are_not_small_are_read_where_they_lie(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    together = stage(dataset(COLUMNS), PLAIN, PLAIN)
    monkeypatch.setattr(delimited, "SMALL", 0)
    assert stage(dataset(COLUMNS), PLAIN, PLAIN).table == together.table
