"""What the metadata file of an Iceberg table says, in our terms.

Format: https://iceberg.apache.org/spec/#table-metadata-fields
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lake.core.contract import Column

OUR_NAMES = {"long": "bigint"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A table as it stands: columns by order, partition expressions (`month`, `day(at)`), the current snapshot.

    `bytes` are those of its data files, 0 where its writer did not say.
    """

    columns: tuple[Column, ...]
    partition: tuple[str, ...]
    location: str
    snapshot: int | None = None
    bytes: int = 0


def standing_from_metadata(metadata: Mapping[str, Any]) -> Standing:
    fields = _current(metadata, "schemas", "schema-id", "current-schema-id")["fields"]
    names = {field["id"]: field["name"] for field in fields}
    spec = _current(metadata, "partition-specs", "spec-id", "default-spec-id")["fields"]
    snapshot = metadata.get("current-snapshot-id")
    return Standing(
        columns=tuple(_column(field) for field in fields),
        partition=tuple(partition_of(field["transform"], names[field["source-id"]]) for field in spec),
        location=str(metadata["location"]).rstrip("/"),
        snapshot=None if snapshot in (None, -1) else int(snapshot),
        bytes=_bytes(metadata, snapshot),
    )


def _bytes(metadata: Mapping[str, Any], snapshot: object) -> int:
    found = [one for one in metadata.get("snapshots", ()) if one["snapshot-id"] == snapshot]
    return int(found[0].get("summary", {}).get("total-files-size", 0)) if found else 0


def _current(metadata: Mapping[str, Any], many: str, name: str, current: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in metadata[many] if one[name] == metadata[current])
    return found


def _column(field: Mapping[str, Any]) -> Column:
    return Column(
        name=str(field["name"]),
        type=_type(field["type"]),
        description=str(field.get("doc", "")),
        nullable=not field["required"],
    )


def _type(kind: Any) -> str:
    """A type in our words; nested ones are mappings."""
    if isinstance(kind, str):
        return OUR_NAMES.get(kind, kind).replace(" ", "")
    if kind["type"] == "list":
        return f"array<{_type(kind['element'])}>"
    if kind["type"] == "map":
        return f"map<{_type(kind['key'])},{_type(kind['value'])}>"
    fields = ",".join(f"{field['name']}:{_type(field['type'])}" for field in kind["fields"])
    return f"struct<{fields}>"


def partition_of(transform: str, column: str) -> str:
    """A partition as a dataset declares it, without spaces."""
    if transform == "identity":
        return column
    name, _, argument = transform.rstrip("]").partition("[")
    return f"{name}({argument},{column})" if argument else f"{name}({column})"
