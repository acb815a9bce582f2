"""Parquet files of one schema become one file: row groups are copied as they are, the footer is written anew.

Format: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from lake.light.thrift import Reader, Struct, written

MAGIC = b"PAR1"
TAIL = 8
"""After the footer: its length in four bytes, and MAGIC."""

NUM_ROWS, ROW_GROUPS = 3, 4
COLUMNS, GROUP_OFFSET, ORDINAL = 1, 5, 7
CHUNK_OFFSET, META_DATA, OFFSET_INDEX, COLUMN_INDEX = 2, 3, 4, 6
DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER = 9, 10, 11, 14


def join_row_groups(files: Sequence[Path], path: Path) -> None:
    """Write the row groups of all files, in order, to `path`. The files have the same columns in the same order."""
    whole: Struct | None = None
    with path.open("wb") as out:
        out.write(MAGIC)
        for file in files:
            with file.open("rb") as part:
                footer, end = _footer(part)
                shift = out.tell() - len(MAGIC)
                part.seek(len(MAGIC))
                _copy(part, out, end - len(MAGIC))
            for group in footer.get(ROW_GROUPS).values:
                _move(group, shift)
            if whole is None:
                whole = footer
            else:
                whole.put(NUM_ROWS, whole.get(NUM_ROWS) + footer.get(NUM_ROWS))
                whole.get(ROW_GROUPS).values.extend(footer.get(ROW_GROUPS).values)
        if whole is None:
            raise ValueError("no Parquet files to join")
        for ordinal, group in enumerate(whole.get(ROW_GROUPS).values):
            if group.get(ORDINAL) is not None:
                group.put(ORDINAL, ordinal)
        encoded = written(whole)
        out.write(encoded + len(encoded).to_bytes(4, "little") + MAGIC)


def _footer(file: BinaryIO) -> tuple[Struct, int]:
    """The file's metadata, and where its data ends."""
    size = file.seek(0, 2)
    file.seek(size - TAIL)
    length = int.from_bytes(file.read(4), "little")
    end = size - TAIL - length
    file.seek(end)
    return Reader(file.read(length)).struct(), end


def _copy(source: BinaryIO, out: BinaryIO, size: int) -> None:
    while size and (chunk := source.read(min(size, 1 << 20))):
        out.write(chunk)
        size -= len(chunk)


def _move(group: Struct, shift: int) -> None:
    """Every offset in a row group points `shift` bytes further. 0 means that there is none."""
    _shift(group, shift, GROUP_OFFSET)
    for chunk in group.get(COLUMNS).values:
        _shift(chunk, shift, CHUNK_OFFSET, OFFSET_INDEX, COLUMN_INDEX)
        _shift(chunk.get(META_DATA), shift, DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, BLOOM_FILTER)


def _shift(value: Struct, shift: int, *fields: int) -> None:
    for field in fields:
        if value.get(field):
            value.put(field, value.get(field) + shift)


def move_or_join(files: Sequence[Path], path: Path) -> None:
    """One file is moved, several are joined, none gives none."""
    if len(files) == 1:
        shutil.move(files[0], path)
    elif files:
        join_row_groups(files, path)
