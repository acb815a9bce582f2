"""What functions, jobs and state machines of an environment have written, by the names that people use for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from lakectl.failure import Failure
from lakectl.specs.name import nearest
from lakectl.target import Target


@dataclass(frozen=True, slots=True)
class Log:
    """`name` is `<team>/<what>`, or `platform/<what>`; `group` is what CloudWatch calls it."""

    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str


def logs_of(target: Target) -> list[Log]:
    """All logs of the environment, by name."""
    return sorted(_logs(target), key=lambda log: log.name)


def find(name: str, known: list[Log], environment: str) -> Log:
    """The log of this name, or of this end of a name where one alone has it. Raises Failure."""
    wanted = name.strip("/")
    ends = [log for log in known if log.name == wanted] or [log for log in known if log.name.endswith(f"/{wanted}")]
    if len(ends) == 1 and wanted:
        return ends[0]
    if ends and wanted:
        raise Failure(f"'{name}' may be {' or '.join(log.name for log in ends)}. Name one of them.")
    if not known:
        raise Failure(f"{environment} has no logs: nothing is deployed. Run `lake deploy` first.")
    alone = {log.name.rpartition("/")[2]: log.name for log in known}
    close = {wanted.lower(): alone[end] for end in get_close_matches(wanted.lower(), alone, n=1)}
    raise Failure(f"{environment} has no log '{name}'. {nearest(wanted, [log.name for log in known], close)}")


def last_line(target: Target, log: Log) -> datetime | None:
    """When something was last written."""
    client = target.client("logs")
    streams = client.describe_log_streams(logGroupName=log.group, orderBy="LastEventTime", descending=True, limit=1)
    stamps = [stream.get("lastEventTimestamp") for stream in streams["logStreams"]]
    return _moment(stamps[0]) if stamps and stamps[0] else None


def lines(target: Target, log: Log, since: datetime) -> Iterator[Line]:
    """What was written since then, oldest first."""
    yield from (line for _, line in _events(target, log, int(since.timestamp() * 1000)))


def follow(target: Target, log: Log, since: datetime, tell: Callable[[Line], None]) -> None:
    """Tell each line as it is written, until interrupted."""
    start, seen = int(since.timestamp() * 1000), set[str]()
    while True:
        for identifier, line in _events(target, log, start):
            if identifier not in seen:
                seen.add(identifier)
                tell(line)
                start = max(start, int(line.at.timestamp() * 1000))
        time.sleep(0.3 if target.local else 2.0)


def _logs(target: Target) -> Iterator[Log]:
    place = f"lake/{target.domain}/{target.environment}/"
    pages = target.client("logs").get_paginator("describe_log_groups")
    for prefix in (f"/{place}", f"/aws/vendedlogs/{place}"):
        for page in pages.paginate(logGroupNamePrefix=prefix):
            for group in page["logGroups"]:
                yield Log(group["logGroupName"].removeprefix(prefix), group["logGroupName"])


def _events(target: Target, log: Log, start: int) -> Iterator[tuple[str, Line]]:
    pages = target.client("logs").get_paginator("filter_log_events").paginate(logGroupName=log.group, startTime=start)
    for page in pages:
        for event in page["events"]:
            text = event["message"].rstrip("\n")
            yield event.get("eventId", f"{event['timestamp']} {text}"), Line(_moment(event["timestamp"]), text)


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
