"""A job that may not read its tables says so at once, and of what is not there it says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from lake.core.dataset import dataset_from_json
from lake.core.run import Input, Plan
from lake.heavy.preflight import TableUnreadable, check_tables
from unit.example import compiled

PLAN = Plan(
    "r00000001", dataset_from_json(compiled()), inputs={"aviation.planes": Input("lake_dev_aviation.planes", 7)}
)
TABLES = ("flights", "flights_quarantine", "planes")


class Lake:
    """Glue and S3 in one, for a role that is denied some of it."""

    def __init__(self, **denied: str) -> None:
        self.denied = denied
        self.read: list[str] = []

    def get_table(self, DatabaseName: str, Name: str) -> Any:  # noqa: N803 - boto3's names
        self._answer("table", Name)
        return {"Table": {"Parameters": {"metadata_location": f"s3://analytics/{Name}/metadata/a+b #1.json"}}}

    def get_object(self, Bucket: str, Key: str, Range: str) -> None:  # noqa: N803
        assert (Bucket, Range) == ("analytics", "bytes=0-0")
        self._answer("object", Key.split("/")[0])
        self.read.append(Key)

    def _answer(self, kind: str, name: str) -> None:
        if code := self.denied.get(f"{kind}_{name}"):
            raise ClientError({"Error": {"Code": code, "Message": f"not authorized on {name}"}}, "Get")


def test_a_byte_of_every_table_is_read() -> None:
    lake = Lake()
    check_tables(lake, lake, PLAN)
    assert lake.read == [f"{name}/metadata/a+b #1.json" for name in TABLES]


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("kind", ["table", "object"])
def test_what_is_denied_is_named(kind: str, name: str) -> None:
    lake = Lake(**{f"{kind}_{name}": "AccessDenied"})
    place = f"s3://analytics/{name}/" if kind == "object" else rf"table lake_dev_aviation\.{name} in the catalog"
    with pytest.raises(TableUnreadable, match=rf"AccessDenied.*not authorized on {name} \(reading {place}"):
        check_tables(lake, lake, PLAN)


def test_what_is_not_there_is_told_by_those_who_need_it() -> None:
    lake = Lake(table_flights="EntityNotFoundException", object_planes="NoSuchKey")
    check_tables(lake, lake, PLAN)
    assert lake.read == ["flights_quarantine/metadata/a+b #1.json"]
