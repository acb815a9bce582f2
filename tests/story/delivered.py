"""What the story of the formats delivers: a good file and a broken one of each, packed in every way."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import fastavro
from backports import zstd

from unit.light.picture import png
from unit.light.xlsx import header, workbook

SPARK = Path(__file__).parents[2] / ".lake/envs/spark/bin/python"
FORMATS = Path(__file__).parent / "formats"
PDF = b"%PDF-1.7\n1 0 obj<</Type /Pages /Kids [] /Count 3>>\n%%"


@dataclass(frozen=True)
class Delivery:
    """Files by name, and how the broken one ends; `aside` rows of the good ones break their contract."""

    good: dict[str, bytes]
    broken: bytes
    reason: str
    aside: int


def text(format_: str, name: str, encoding: str = "utf-8") -> bytes:
    return (FORMATS / format_ / name).read_text().encode(encoding)


def expected(format_: str) -> list[tuple[str, ...]]:
    """What Athena shall answer; an empty cell is null or an empty text."""
    with (FORMATS / format_ / "expected.csv").open(newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


def zipped(lines: bytes, header: int) -> bytes:
    """Two members, each with the header."""
    head, rows = lines.splitlines(keepends=True)[:header], lines.splitlines(keepends=True)[header:]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.txt", b"".join(head + rows[:2]))
        archive.writestr("b/2.txt", b"".join(head + rows[2:]))
    return out.getvalue()


def parquet(query: str) -> bytes:
    path = Path("copied.parquet").resolve()
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    content = path.read_bytes()
    path.unlink()
    return content


def orc(query: str) -> bytes:
    """Written by the library of Spark's environment, which is the larger machine's."""
    source, written = (Path(f"written.{name}").resolve() for name in ("parquet", "orc"))
    source.write_bytes(parquet(query))
    write = (
        "import sys; from pyarrow import orc, parquet; orc.write_table(parquet.read_table(sys.argv[1]), sys.argv[2])"
    )
    subprocess.run([SPARK, "-c", write, str(source), str(written)], check=True)
    return written.read_bytes()


def avro(codec: str) -> bytes:
    schema = json.loads(text("avro", "schema.json"))
    usual = {"fare": Decimal("0.05"), "bookedAt": None, "names": ["Émile"], "cabin": "ECONOMY"}
    first = {"fare": Decimal("99.90"), "bookedAt": datetime(2026, 1, 2, 3, 4, 5, 678000, UTC), "names": ["Ada"]}
    records = [{"booking": 1, **usual, **first, "cabin": "FIRST"}, {"booking": 2, **usual}, {"booking": 2**31, **usual}]
    out = io.BytesIO()
    fastavro.writer(out, schema, records, codec=codec)
    return out.getvalue()


def gate_plan() -> bytes:
    rows = [
        header("Gates of 2024"),
        [],
        header("Gate", "Opens on", "Rent (EUR)", "Seats"),
        [("text", "007"), ("date", "45293"), ("number", "1.1000000000000001"), ("number", "120")],
        [("text", "A1")],
        [("number", "7"), None, None, ("text", "many")],
    ]
    return workbook({"Notes": [header("x")], "Plan": rows})


DELIVERIES: dict[str, Callable[[], Delivery]] = {
    "csv": lambda: Delivery(
        {"good": bz2.compress(text("csv", "good.csv", "cp1252"))}, text("csv", "broken.csv"), "HEADER", 1
    ),
    "tsv": lambda: Delivery({"good": zstd.compress(text("tsv", "good.tsv"))}, text("tsv", "broken.tsv"), "ENCODING", 1),
    "fixed": lambda: Delivery(
        {"good": zipped(text("fixed", "good.txt"), 1)}, gzip.compress(text("fixed", "good.txt"))[:-9], "CORRUPT", 2
    ),
    "jsonl": lambda: Delivery(
        {"good": gzip.compress(text("jsonl", "good.jsonl"))}, text("jsonl", "broken.jsonl"), "CORRUPT", 3
    ),
    "json": lambda: Delivery(
        {"good": lzma.compress(text("json", "good.json", "utf-16"))},
        text("json", "broken.json", "utf-16"),
        "CORRUPT",
        1,
    ),
    "parquet": lambda: Delivery(
        {"good": parquet(text("parquet", "good.sql").decode())},
        parquet(text("parquet", "broken.sql").decode()),
        "SCHEMA",
        1,
    ),
    "avro": lambda: Delivery({"good": avro("deflate")}, avro("null")[:-20], "CORRUPT", 1),
    "orc": lambda: Delivery(
        {"good": orc(text("orc", "good.sql").decode())}, orc(text("orc", "good.sql").decode())[:-40], "CORRUPT", 1
    ),
    "excel": lambda: Delivery({"good": gate_plan()}, gate_plan()[:-30], "CORRUPT", 1),
    "xml": lambda: Delivery({"good": text("xml", "good.xml", "latin-1")}, text("xml", "broken.xml"), "CORRUPT", 2),
    "binary": lambda: Delivery({"picture": png(640, 480), "paper": PDF}, b"not a picture", "SCHEMA", 0),
}
