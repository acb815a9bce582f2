"""I15: whatever JSON lines say, DuckDB and the reader that takes every line by itself make the same of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lake.core.contract import Column
from lake.light.convert import convert
from lake.light.source import Source
from unit.light.batch import AT, dataset

COLUMNS = [
    Column("id", "bigint", nullable=False),
    Column("n", "int"),
    Column("zip", "string"),
    Column("price", "decimal(10,2)"),
    Column("ratio", "double"),
    Column("single", "float"),
    Column("ok", "boolean"),
    Column("day", "date"),
    Column("seen", "timestamp"),
    Column("raw", "binary"),
    Column("spelled", "date", format="%d.%m.%Y"),
    Column("last", "string", at="é, the last"),
]
SPACES = ((",", ":"), (", ", ": "))
NASTY = (
    *("null", "true", "false", "0", "-0", "1", "-1", "1.0", "1e2", "1E+2", "12.5", "12.50", "12.", ".5", "01", "+1"),
    *("9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "2147483648"),
    *("0.1000000000000000055", "1e999", "1e-999", "NaN", "Infinity", "-Infinity", "1_000", "0x1F", "1 ", " 1", 
      "16777217"),
    *('"1"', '"1.0"', '"12.50"', '"NaN"', '""', '"null"', '"true"', '"00501"', '"a\\"b"', '"a\\\\"', 
      '"\\/"', '"\\u00e9"'),
    *('"\\u0000"', '"\\\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\x"', '"a,"', '",\\"n\\":1"', 
      '", "', '"},"', '"{"'),
    *('"a\tb"', '"a\x7fb"', '"a\u2028b"', '"é"', '"😀"', '"a" ', '"a","n":1', '"a", "n": 1', '"a","x":"b"', '1,"n":2'),
    *('{"a":1}', "[1]", "{}", "[]", '"2024-01-02"', '"2024-1-2"', '"2024-02-30"', '" 2024-01-02"', '"02.01.2024"'),
    *('"2024-01-02 03:04:05"', '"2024-01-02T03:04:05Z"', '"2024-01-02T03:04:5 Z"', '"2024-01-02T24:00:00Z"'),
    *('"2024-01-02T03:04:05.123456+01:00"', '"2024-01-02\\u0020 03:04:05"', '"YWI="', '"YWI"', '"a', 'a"', "", "nul"),
)  # fmt: skip
USUAL = {
    "id": ("1", "9000000000"), "n": ("7", "-7", "null"), "zip": ('"00501"', '"a \\"b\\" c"', "null", '"é"'),
    "price": ("12.5", "12.50", "0.0", "7", "null"), "ratio": ("-8.741666", "0.0", "1e-3", "5", "null"),
    "single": ("0.5", "null"), "ok": ("true", "false", "null"), "day": ('"2024-01-02"', "null"),
    "seen": ('"2024-01-02 03:04:05"', '"2024-01-02T03:04:05Z"', "null"), "raw": ('"YWI="', "null"),
    "spelled": ('"02.01.2024"', "null"), "last": ('"x"', '"a, b"', '"a,b"', '"a,"', "null"),
}  # fmt: skip
ODD = st.sampled_from([b"rubbish", b"{}", b"[]", b'{"id":1}', b'{"id":1}{"id":2}', b'{"id":1} x', b"{", b"\xff", b"\0"])
BREAKS: tuple[list[bytes], ...] = (*[[]] * 8, [b""], [b"  "], [b"x\ry"])
"""With one of these an object is read line by line from its first line on."""
TAILS = st.sampled_from([b""] * 12 + [b" ", b"}", b',"n":1}', b"\xff", b"\r", b"\xed\xa0\x80", b"//"])


@st.composite
def lines(draw: st.DrawFn, comma: str, colon: str) -> bytes:
    if draw(st.integers(0, 9)) == 0:
        return draw(ODD)
    cells = {one.name: draw(st.sampled_from(USUAL[one.name])) for one in COLUMNS}
    for name in draw(st.lists(st.sampled_from([*cells]), max_size=2)):
        cells[name] = draw(st.sampled_from(NASTY) | st.text(max_size=6).map(json.dumps))
    members = [f"{json.dumps(one.place, ensure_ascii=False)}{colon}{cells[one.name]}" for one in COLUMNS]
    change = draw(st.integers(0, 15))
    if change == 0:
        members = members[::-1]
    elif change == 1:
        members.pop(draw(st.integers(0, len(members) - 1)))
    elif change == 2:
        members.insert(draw(st.integers(0, len(members))), draw(st.sampled_from([members[3], '"new":1', '"":""'])))
    return ("{" + comma.join(members) + "}").encode(errors="surrogatepass") + draw(TAILS)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    comma, colon = draw(st.sampled_from(SPACES))
    first = (
        "{" + comma.join(f"{json.dumps(c.place, ensure_ascii=False)}{colon}{USUAL[c.name][0]}" for c in COLUMNS) + "}"
    )
    rest = draw(st.lists(lines(comma, colon), min_size=1, max_size=25))
    end = draw(st.sampled_from([b"\n"] * 5 + [b"\r\n"]))
    return (
        draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
        + end.join([first.encode(), *rest, *draw(st.sampled_from(BREAKS))])
        + draw(st.sampled_from([b"", end]))
    )


def staged(root: Path, content: bytes) -> Iterator[Any]:
    """All that comes of it: counts, the rows with their provenance, and those set aside with line and reason."""
    root.mkdir()
    (root / "in").write_bytes(content)
    source = Source(root / "in", "k", "0", AT, len(content))
    report = convert([source], dataset(COLUMNS, format_="jsonl"), "b", root / "s", root / "r", root / "scratch", 1)
    yield report.objects
    for name in "sr":
        with duckdb.connect() as connection:
            found = (
                connection.execute(f"FROM read_parquet('{root / name}')").fetchall() if (root / name).exists() else []
            )
        yield sorted(map(repr, found))


def agree(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        fast = [*staged(Path(folder) / "fast", content)]
        with patch("lake.light.plain_lines.template_of", lambda *_: None):
            slow = [*staged(Path(folder) / "slow", content)]
    return fast == slow


@pytest.mark.parametrize("cut", [False, True])
@pytest.mark.parametrize(("comma", "colon"), SPACES)
def test_every_literal_in_every_column(comma: str, colon: str, cut: bool) -> None:
    """With `cut` also those that cut a line into too many pieces, so that the slice is sifted."""
    texts = []
    for changed in COLUMNS:
        for literal in (*USUAL[changed.name], *(one for one in NASTY if cut or f'{comma}"' not in one)):
            cells = {one.name: USUAL[one.name][0] for one in COLUMNS} | {changed.name: literal}
            members = (f"{json.dumps(one.place, ensure_ascii=False)}{colon}{cells[one.name]}" for one in COLUMNS)
            texts.append("{" + comma.join(members) + "}")
    assert agree("\n".join(texts).encode())


@given(files())
@settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_both_readers_agree(content: bytes) -> None:
    assert agree(content)
