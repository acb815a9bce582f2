"""Glue's catalog asks for a table at three levels: the catalog, its database, itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lakelocal.inside.request import Demand, Request

TABLE_CALLS = re.compile(r"glue:(Batch)?(Create|Update|Delete|Get|Search)(Table|Partition|ColumnStatistics)")


def glue_resource(request: Request) -> str | None:
    """The resource that Glue names first for this action; None leaves MiniStack's answer."""
    data = request.json()
    prefix = f"arn:aws:glue:{request.region}:{request.account}"
    action = request.action
    if TABLE_CALLS.match(action) or "Database" in action:
        return f"{prefix}:catalog"
    if "Job" in action:
        name = data.get("JobName") or data.get("Name")
        return f"{prefix}:job/{name}" if name else "*"
    if "Crawler" in action:
        name = data.get("Name") or data.get("CrawlerName")
        return f"{prefix}:crawler/{name}" if name else "*"
    return None


def of_catalog(request: Request) -> Iterator[Demand]:
    data = request.json()
    prefix = f"arn:aws:glue:{request.region}:{request.account}"
    is_table = TABLE_CALLS.match(request.action)
    database = data.get("DatabaseName") or (data.get("DatabaseInput") or {}).get("Name")
    if not is_table and "Database" in request.action:
        database = database or data.get("Name")
    if not database:
        return
    yield Demand(request.action, f"{prefix}:database/{database}")
    if not is_table:
        return
    named = data.get("TableName") or (data.get("TableInput") or {}).get("Name")
    if "Table" in request.action.removesuffix("TableVersions"):
        named = named or data.get("Name")
    for table in data.get("TablesToDelete") or [named or "*"]:
        yield Demand(request.action, f"{prefix}:table/{database}/{table}")
