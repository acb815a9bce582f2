"""One spelling for each manufacturer: the register of planes keeps the name of the year in which a plane was built."""

from __future__ import annotations

SPELLINGS = {
    "AIRBUS INDUSTRIE": "AIRBUS",
    "CANADAIR LTD": "CANADAIR",
    "MCDONNELL DOUGLAS AIRCRAFT CO": "MCDONNELL DOUGLAS",
    "MCDONNELL DOUGLAS CORPORATION": "MCDONNELL DOUGLAS",
}


def transform(row: dict[str, object]) -> dict[str, object] | None:
    manufacturer = row["manufacturer"]
    if isinstance(manufacturer, str):
        row["manufacturer"] = SPELLINGS.get(manufacturer, manufacturer)
    return row
