"""The tables in the catalog, as their own metadata files describe them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from lake.core.errors import LakeError
from lake.core.iceberg import Standing, standing_from_metadata
from lake.gateways.objects import Objects, address
from lake.gateways.trouble import asking, code_of

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient


class NotIceberg(LakeError):
    """A table of this name exists and is not ours to read."""


class Tables(Protocol):
    def find(self, database: str, name: str) -> Standing | None:
        """The table as it stands now; None where there is none. Raises NotIceberg."""


class GlueTables:
    def __init__(self, client: GlueClient, objects: Objects) -> None:
        self._client = client
        self._objects = objects

    def find(self, database: str, name: str) -> Standing | None:
        try:
            table = self._client.get_table(DatabaseName=database, Name=name)["Table"]
        except ClientError as error:
            if code_of(error) == "EntityNotFoundException":
                return None
            with asking(f"reading table {database}.{name} in the catalog"):
                raise
        metadata = table.get("Parameters", {}).get("metadata_location")
        if not metadata:
            raise NotIceberg(
                f"Table {database}.{name} exists and is not an Iceberg table. "
                "Give the dataset another name, or drop that table in the catalog."
            )
        return standing_from_metadata(json.loads(self._objects.read(*address(metadata))))


class MemoryTables:
    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], Standing] = {}

    def find(self, database: str, name: str) -> Standing | None:
        return self.tables.get((database, name))
