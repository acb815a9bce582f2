"""`lake trace`: the whole story of one object."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Any

import typer

from lake.flows.story import Chapter, Story, story_of
from lakectl.failure import Failure
from lakectl.opened import Opened, opened
from lakectl.option import Environment, Json
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json
from lakectl.target import target_for

COLOURS = {"published": "green", "superseded": "dim", "rejected": "red", "quarantined": "red", "unclaimed": "yellow"}

FOREIGN = re.compile(r"(?!s3://)\w+:/")
"""An address of something else, or s3:// misspelt."""


def command(
    address: Annotated[str, typer.Argument(help="s3://<raw bucket>/<key>, or the key alone.", show_default=False)],
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """What became of an object: every version, its rows, its batch, its run, and its end."""
    lake = opened(target_for(find_root(), environment))
    story = trace(lake, address)
    if as_json:
        show_json({"bucket": story.bucket, "key": story.key, "dataset": story.dataset} | {"versions": _rows(story)})
        return
    screen.print(f"[bold]{plain(story.key)}[/bold] in {story.bucket}: {story.dataset or 'no dataset claims it'}")
    for chapter in story.chapters:
        colour = COLOURS.get(chapter.fate.state, "cyan")
        screen.print(f"\n  version {plain(chapter.arrival.version)}  [{colour}]{chapter.fate.state}[/{colour}]")
        for at, event in chapter.timeline:
            screen.print(f"    {f'{at:%Y-%m-%d %H:%M:%S}' if at else '':19}  {plain(event)}")
        if chapter.fate.reason and chapter.counts and chapter.counts.message:
            screen.print(f"    {'':19}  {plain(chapter.counts.message)}")
        elif chapter.is_in_quarantine:
            screen.print(f"    {'':19}  {plain(ask_why(story))}", soft_wrap=True)


def ask_why(story: Story) -> str:
    """The command that shows which rows of an object were set aside, and why."""
    table, key = story.dataset.replace("/", "."), story.key.replace("'", "''")
    query = f"select _line, reason, row from {table}_quarantine where _src_key = '{key}'"  # noqa: S608 - to be read, not run
    quoted = shlex.quote(query) if re.search(r'["$`\\!]', query) else f'"{query}"'
    return f"see which, and why: lake query {quoted}"


def trace(lake: Opened, address: str) -> Story:
    """The story of an address. Raises Failure where the lake was never told of it."""
    bucket, key = place(address, lake.raw)
    story = story_of(lake.ledger, lake.registry, lake.objects, lake.stage, bucket, key)
    if not story.chapters:
        raise Failure(
            f"The lake was never told of s3://{bucket}/{key}. It may still be on its way (`lake local status` shows "
            "the queues), or the key is written differently: `aws s3 ls` it."
        )
    return story


def place(address: str, raw: str) -> tuple[str, str]:
    """Bucket and key of `s3://bucket/key`, or of a key in raw. Raises Failure."""
    bucket, key = raw, address
    if FOREIGN.match(address):
        raise Failure(f"{address!r} is no address of S3. Give its key, or s3://{raw}/<key>.")
    if address.startswith("s3://"):
        bucket, _, key = address.removeprefix("s3://").partition("/")
    if not key:
        raise Failure(f"{address!r} names no object. Give its key, or s3://{raw}/<key>.")
    if bucket != raw:
        raise Failure(f"Objects arrive in s3://{raw}/, and nothing is known of objects in '{bucket}'.")
    return bucket, key


def _rows(story: Story) -> list[dict[str, Any]]:
    return [_row(chapter) for chapter in story.chapters]


def _row(chapter: Chapter) -> dict[str, Any]:
    counts = chapter.counts
    return {
        "version": chapter.arrival.version,
        "at": chapter.arrival.at.isoformat(),
        "state": chapter.fate.state,
        "reason": chapter.fate.reason,
        "message": counts.message if counts else "",
        "batch": chapter.batch.id if chapter.batch else None,
        "run": chapter.run.id if chapter.run else None,
        "rows_in": counts.rows_in if counts else None,
        "rows_staged": counts.rows_staged if counts else None,
        "rows_rejected": counts.rows_rejected if counts else None,
        "rows_set_aside": chapter.set_aside,
    }
