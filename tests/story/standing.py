"""How a lake under test stands: its rows by digest, its commits, its runs, its dead letters, its processes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lake.flows.overview import team_overview
from lakectl import athena
from lakectl.opened import opened
from lakectl.target import Target

TEAM = "aviation"
CHANGES_WITH_DELIVERY = {"_src_seq", "_batch_id", "_ingested_at", "run_id"}
"""Columns that tell of the delivery of a row, and so change when the same file is delivered again."""
DEAD_QUEUES = (
    ("storage", "platform", "arrivals-dead-queue-url"),
    ("stage-a", TEAM, "dead-queue-url"),
    ("stage-b", TEAM, "dead-queue-url"),
)


@dataclass(frozen=True)
class Standing:
    """Equal standings: not one commit, run, batch or dead letter came between them."""

    commits: Mapping[str, str]
    runs: Mapping[str, int]
    waiting: Mapping[str, int]
    dead: int


def standing(target: Target) -> Standing:
    found = opened(target)
    overview = team_overview(found.ledger, found.registry, TEAM, 1)
    runs = {one.path: one.head.runs for one in overview}
    waiting = {one.path: one.waiting_batches for one in overview}
    return Standing(commits(target), runs, waiting, dead_letters(target))


def commits(target: Target) -> dict[str, str]:
    """Each table's metadata file: a commit of any kind writes another one. A view has none."""
    database = target.setting("team", TEAM, "database")
    pages = target.client("glue").get_paginator("get_tables").paginate(DatabaseName=database)
    tables = [table for page in pages for table in page["TableList"] if table["TableType"] != "VIRTUAL_VIEW"]
    return {table["Name"]: table["Parameters"]["metadata_location"] for table in tables}


def branches(target: Target, table: str) -> list[str]:
    """The branches of a table on which runs write at this moment."""
    return [name for name in metadata_of(target, table).get("refs", {}) if name.startswith("run_")]


def metadata_of(target: Target, table: str) -> dict[str, Any]:
    """What the table's newest metadata file says."""
    bucket, _, key = commits(target)[table].removeprefix("s3://").partition("/")
    found: dict[str, Any] = json.loads(target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return found


def digest(target: Target, *tables: str) -> dict[str, str]:
    """What readers see of each table, whatever its order: the SHA-256 of its rows without signs of delivery."""
    return {table: _digest(target, table) for table in tables}


def _digest(target: Target, table: str) -> str:
    """Athena tells it in one row: to fetch a year of flights takes longer than to make one."""
    cells = ", ".join(f"cast({column} as varchar)" for column in _columns(target, table))
    row = f"to_hex(sha256(to_utf8(array_join(array[{cells}], chr(31), chr(30)))))"
    told = "array_join(array_agg(told order by told), ',')"
    sql = f"select count(*) as rows, to_hex(sha256(to_utf8(coalesce({told}, '')))) as digest from"
    (found,) = athena.ask(target, f"{sql} (select {row} as told from {TEAM}.{table}) as each_row", {TEAM}).rows
    return f"{found['rows']} rows, {found['digest']}"


def _columns(target: Target, table: str) -> list[str]:
    database = target.setting("team", TEAM, "database")
    found = target.client("glue").get_table(DatabaseName=database, Name=table)["Table"]
    names = [column["Name"] for column in found["StorageDescriptor"]["Columns"]]
    return [name for name in names if name not in CHANGES_WITH_DELIVERY]


def dead_letters(target: Target) -> int:
    return sum(_messages(target, target.setting(*place)) for place in DEAD_QUEUES)


def _messages(target: Target, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    return int(target.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def children(parent: int, sign: str) -> Iterator[int]:
    """The processes that a process has started whose command line holds a sign."""
    for process in (int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdigit()):
        if _parent(process) == parent and sign.encode() in _read(process, "cmdline"):
            yield process


def is_alive(process: int) -> bool:
    """Whether it still runs; a zombie does not."""
    return _facts(process)[:1] not in ([], ["Z"])


def environment(process: int) -> dict[str, str]:
    """The variables that a process was started with; none if it has ended."""
    pairs = _read(process, "environ").decode(errors="replace").split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _parent(process: int) -> int:
    return int([*_facts(process), "0", "0"][1])


def _facts(process: int) -> list[str]:
    """State, parent and more, as `man 5 proc_pid_stat` lists them after the name; empty if it has ended."""
    return _read(process, "stat").decode(errors="replace").rpartition(")")[2].split()


def _read(process: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except OSError:
        return b""
