"""Nested columns of a standing table are read back in the words in which they were declared."""

from __future__ import annotations

from lake.core.iceberg import standing_from_metadata
from lake.core.type import parse_type, written

DECLARED = "struct<lat:double,tags:array<string>,counts:map<string,decimal(10,2)>,seen:timestamp,n:bigint>"


def test_a_nested_type_comes_back_as_it_was_declared() -> None:
    fields = [
        {"id": 2, "name": "lat", "required": False, "type": "double"},
        {"id": 3, "name": "tags", "required": False, "type": {"type": "list", "element-id": 7, "element": "string"}},
        {
            "id": 4,
            "name": "counts",
            "required": False,
            "type": {"type": "map", "key-id": 8, "key": "string", "value-id": 9, "value": "decimal(10, 2)"},
        },
        {"id": 5, "name": "seen", "required": False, "type": "timestamp"},
        {"id": 6, "name": "n", "required": False, "type": "long"},
    ]
    column = {"id": 1, "name": "place", "required": False, "type": {"type": "struct", "fields": fields}}
    metadata = {
        "location": "s3://a/b/",
        "schemas": [{"schema-id": 0, "fields": [column]}],
        "current-schema-id": 0,
        "partition-specs": [{"spec-id": 0, "fields": []}],
        "default-spec-id": 0,
    }
    (found,) = standing_from_metadata(metadata).columns
    assert found.type == DECLARED == written(parse_type(DECLARED))
