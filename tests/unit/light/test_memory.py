"""Readers give their first row long before they have read a file: they hold a little of it, however long it is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import fastavro
import pytest

from lake.core.contract import Column
from lake.light.row import Document
from lake.light.source import Source
from unit.light.batch import AT
from unit.light.xlsx import header, workbook

ROWS = 6_000
FILLER = random.Random(1).randbytes(150).hex()


def avro(path: Path) -> None:
    schema = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}]}
    with path.open("wb") as file:
        fastavro.writer(file, schema, ({"a": n, "b": FILLER} for n in range(ROWS)))


def excel(path: Path) -> None:
    random_ = random.Random(2)
    rows = [[("number", n), ("inline", random_.randbytes(150).hex())] for n in range(ROWS)]
    path.write_bytes(workbook({"D": [header("a", "b"), *rows]}))


WRITERS: dict[str, Callable[[Path], object]] = {
    "json_lines": lambda path: path.write_text("".join(f'{{"a": {n}, "b": "{FILLER}"}}\n' for n in range(ROWS))),
    "json_document": lambda path: path.write_text(json.dumps([{"a": n, "b": FILLER} for n in range(ROWS)])),
    "fixed": lambda path: path.write_text("".join(f"{n:<6}{FILLER}\n" for n in range(ROWS))),
    "xml": lambda path: path.write_text(
        f"<r>{''.join(f'<row><a>{n}</a><b>{FILLER}</b></row>' for n in range(ROWS))}</r>"
    ),
    "avro": avro,
    "excel": lambda path: path.write_bytes(
        workbook(
            {
                "D": [
                    header("a", "b"),
                    *([("number", n), ("inline", random.Random(n).randbytes(150).hex())] for n in range(ROWS)),
                ]
            }
        )
    ),
}


@pytest.mark.parametrize("module", WRITERS)
def test_a_reader_holds_a_little_of_a_file(tmp_path: Path, module: str) -> None:
    path = tmp_path / "object"
    WRITERS[module](path)
    fixed = module == "fixed"
    schema = (Column("a", "int", at="1-6" if fixed else ""), Column("b", "string", at="7-306" if fixed else ""))
    source = Source(path, "k", "0", AT, path.stat().st_size)
    rows = import_module(f"lake.light.{module}").read(Document(path, source, schema, {"row": "r/row"}, tmp_path))
    assert not next(rows).problem
    assert _read_of(path) < path.stat().st_size / 2
    assert sum(not row.problem for row in rows) == ROWS - 1


def _read_of(path: Path) -> int:
    """Up to where this process has read the open file."""
    (opened,) = (fd for fd in Path("/proc/self/fd").iterdir() if fd.is_symlink() and fd.readlink() == path)
    position = (Path("/proc/self/fdinfo") / opened.name).read_text().split()[1]
    return int(position)
