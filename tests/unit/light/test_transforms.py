"""The light transform: SQL and Python, and what becomes of rows that they filter or fail on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from lake.core.contract import Column
from lake.core.dataset import Light
from lake.core.errors import SpecError
from unit.light.batch import Stage, dataset

A_INT, B_TEXT = Column("a", "int"), Column("b", "string")
KEEP = "_src_key, _src_seq, _src_row"


def test_sql_changes_columns_and_its_filter_is_counted(stage: Stage) -> None:
    sql = f"SELECT a * 2 AS twice, upper(b) AS b, {KEEP} FROM source WHERE a > 1"
    declared = dataset([A_INT, B_TEXT], light=Light(sql=sql), staged=[Column("twice", "bigint"), B_TEXT])
    result = stage(declared, b"a,b\n1,x\n2,y\nno,z\n3,w\n", b"a,b\n1,v\n9,u\n")
    assert result.rows == [(4, "Y"), (6, "W"), (18, "U")]
    assert result.counts == [(4, 2, 1, 1), (2, 1, 0, 1)]
    assert result.reasons == [(3, 4, "contract", "a: 'no' is not an int")]


def test_a_result_that_does_not_fit_its_column_is_set_aside(stage: Stage) -> None:
    sql = f"SELECT a / 2.0 AS half, b, {KEEP} FROM source"
    declared = dataset([A_INT, B_TEXT], light=Light(sql=sql), staged=[Column("half", "int"), B_TEXT])
    result = stage(declared, b"a,b\n2,x\n3,y\n")
    assert result.rows == [(1, "x")]
    assert result.reasons[0][3] == "half: '1.5' is not int after the light transform"


def test_a_row_that_sql_fails_on_is_set_aside_and_the_others_are_staged(stage: Stage) -> None:
    sql = f"SELECT CAST(b AS INTEGER) AS n, {KEEP} FROM source"
    declared = dataset([A_INT, B_TEXT], light=Light(sql=sql), staged=[Column("n", "int")])
    result = stage(declared, b"a,b\n1,10\n2,oops\n3,30\nx,40\n", b"a,b\n1,50\n")
    assert result.rows == [(10,), (30,), (50,)]
    assert result.counts == [(4, 2, 2, 0), (1, 1, 0, 0)]
    assert [(row, rule) for row, _, rule, _ in result.reasons] == [(2, "light"), (4, "contract")]
    assert "oops" in result.reasons[0][3]


PYTHON = """
def transform(row):
    if row["a"] == 0:
        return None
    return {"ratio": 6 / (row["a"] - 1), "b": row["b"]}
"""


def test_python_filters_changes_and_fails_row_by_row(stage: Stage) -> None:
    declared = dataset([A_INT, B_TEXT], light=Light(python=PYTHON), staged=[Column("ratio", "double"), B_TEXT])
    result = stage(declared, b'a,b\n3,x\n0,y\n1,z\nno,w\n4,"q ""r"",\ns"\n5,\n')
    assert result.rows == [(3.0, "x"), (2.0, 'q "r",\ns'), (1.5, None)]
    assert result.counts == [(6, 3, 2, 1)]
    assert result.reasons == [
        (3, None, "light", "the light transform fails: ZeroDivisionError: division by zero"),
        (4, 5, "contract", "a: 'no' is not an int"),
    ]
    assert result.raw[0] == '{"a": 1, "b": "z"}'


def test_python_gets_and_gives_typed_values(stage: Stage) -> None:
    columns = [Column("t", "timestamp"), Column("d", "date"), Column("m", "decimal(9,2)"), Column("f", "boolean")]
    code = """
from datetime import timedelta
def transform(row):
    return row | {"t": row["t"] + timedelta(hours=1), "m": row["m"] * 2, "f": not row["f"]}
"""
    result = stage(dataset(columns, light=Light(python=code)), b"t,d,m,f\n2013-01-01T00:30:00.5Z,2013-01-01,1.5,true\n")
    assert result.rows[0][0] == datetime(2013, 1, 1, 1, 30, 0, 500000)
    assert result.rows[0][2:] == (Decimal("3.00"), False)


def test_a_python_value_of_another_type_is_set_aside(stage: Stage) -> None:
    code = "def transform(row):\n    return {'a': str(row['a']) if row['a'] == 1 else row['a'], 'b': 'é'}\n"
    result = stage(dataset([A_INT, B_TEXT], light=Light(python=code)), b"a,b\n1,x\n2,y\n")
    assert result.rows == [(2, "é")]
    assert result.reasons[0][3] == "the light transform fails: TypeError: a: str '1' is not int"


def test_a_module_without_transform_is_named(stage: Stage) -> None:
    with pytest.raises(SpecError, match=r"datasets/aviation/flights/light.py defines no function transform"):
        stage(dataset([A_INT, B_TEXT], light=Light(python="x = 1")), b"a,b\n1,x\n")


@pytest.mark.parametrize(
    "attempt",
    [
        "(SELECT content FROM read_text('/etc/hostname'))",
        "(SELECT max(x) FROM read_csv('/etc/passwd', delim = '~', header = false, columns = {'x': 'VARCHAR'}))",
        "(SELECT max(filename) FROM read_blob('/proc/self/environ'))",
        "(SELECT max(file) FROM glob('/etc/*'))",
        "(SELECT count(*)::VARCHAR FROM read_text('../../../../etc/hostname'))",
        "getenv('PATH')",
    ],
)
def test_sql_of_a_dataset_cannot_read_the_host(stage: Stage, attempt: str) -> None:
    """F61."""
    declared = dataset([A_INT, B_TEXT], light=Light(sql=f"SELECT a, {attempt} AS b, {KEEP} FROM source"))
    with pytest.raises(SpecError, match=r"light.sql cannot run: (Permission|Catalog) Error"):
        stage(declared, b"a,b\n1,x\n")
