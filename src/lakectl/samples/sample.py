"""The sample of a dataset: what is dropped or read, and what must be published of it.

`sample/` of a drop dataset holds one file as it would be dropped; of a derived one, a file `<team>.<dataset>.csv` for
each input, with rows of that table. `expected.csv` holds the published rows; an empty cell is null.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lake.core.dataset import Dataset
from lakectl.failure import Failure

EXPECTED = "expected.csv"
Row = tuple[str | None, ...]


class BadSample(Failure):
    """A sample that cannot be run as it is."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`dropped` is the file of a drop dataset; `inputs` are a derived one's, by the name of their table."""

    dataset: Dataset
    dropped: Path | None
    inputs: dict[str, list[Row]]
    expected: list[Row]


def sample_of(root: Path, dataset: Dataset, tables: dict[str, Dataset]) -> Sample:
    """Read a sample; `tables` are all datasets by name. Raises BadSample."""
    folder = root / "datasets" / dataset.path / "sample"
    expected = _rows(root, folder / EXPECTED, [column.name for column in dataset.table.columns])
    if dataset.derived:
        inputs = {name: _input(root, folder, tables[name]) for name in dataset.source.inputs}
        return Sample(dataset, None, inputs, expected)
    return Sample(dataset, _dropped(root, folder), {}, expected)


def _dropped(root: Path, folder: Path) -> Path:
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name != EXPECTED)
    place = folder.relative_to(root)
    if not files:
        raise BadSample(f"{place}/ holds no file to drop. Put a few rows there, as they are delivered.")
    if len(files) > 1:
        listed = ", ".join(file.name for file in files)
        raise BadSample(f"{place}/ holds {len(files)} files to drop ({listed}). Keep one beside {EXPECTED}.")
    return files[0]


def _input(root: Path, folder: Path, table: Dataset) -> list[Row]:
    names = [column.name for column in table.table.columns]
    return _rows(root, folder / f"{table.path.replace('/', '.')}.csv", names)


def _rows(root: Path, file: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a CSV file with exactly these columns, in this order."""
    place = file.relative_to(root)
    if not file.is_file():
        raise BadSample(f"{place} is missing. Write its columns and rows: {','.join(columns)}")
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            head = next(reader, [])
            if head != list(columns):
                raise BadSample(_misfit(f"{place}:1", head, columns))
            return [_row(f"{place}:{reader.line_num}", cells, len(columns)) for cells in reader]
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadSample(f"{place} is no CSV file in UTF-8: {error}. Save it as such.") from error


def _misfit(place: str, head: Sequence[str], columns: Sequence[str]) -> str:
    missing = [name for name in columns if name not in head]
    extra = [name for name in head if name not in columns]
    faults = [f"lacks {', '.join(missing)}"] if missing else []
    faults += [f"has {', '.join(map(repr, extra))}, which the table has not"] if extra else []
    said = " and ".join(faults) or "names the columns in another order"
    return f"{place}: the header {said}. Write: {','.join(columns)}"


def _row(place: str, cells: Sequence[str], width: int) -> Row:
    if len(cells) != width:
        raise BadSample(
            f"{place}: {len(cells)} cells, where the header names {width} columns. Quote cells with commas."
        )
    return tuple(cell or None for cell in cells)
