"""`lake status`: where the datasets stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from lake.flows.overview import DatasetOverview, team_overview, unclaimed_count
from lakectl.opened import opened
from lakectl.option import Environment, Json, check_team
from lakectl.root import find_root
from lakectl.screen import plain, screen, show_json, show_table
from lakectl.specs.load import team_names
from lakectl.target import target_for


def command(
    team: Annotated[str | None, typer.Option("--team", "-t", help="One team only.")] = None,
    environment: Environment = None,
    as_json: Json = False,
) -> None:
    """What waits, what runs, how the last run of each dataset ended."""
    root = find_root()
    check_team(root, team)
    lake = opened(target_for(root, environment))
    now = datetime.now(UTC)
    found = [
        one
        for name in ([team] if team else team_names(root))
        for one in team_overview(lake.ledger, lake.registry, name)
    ]
    rows = [_row(one, now) for one in found]
    unclaimed = unclaimed_count(lake.ledger)
    if as_json:
        show_json({"datasets": rows, "unclaimed": unclaimed})
        return
    show_table([_shown(row) for row in rows], empty="No dataset is deployed: lake deploy")
    for one in found:
        if one.head.halted:
            name = one.path.replace("/", ".")
            screen.print(f"\n[red]{name} is halted[/red]: {plain(one.head.halted)} Go on: lake run {name}")
    if unclaimed:
        screen.print(
            f"\n{unclaimed} {'object is' if unclaimed == 1 else 'objects are'} claimed by no dataset. "
            "Deploy one that claims them, and they are published without a new drop."
        )


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row in the words of a terminal; what is halted is said below the table."""
    since = f" since {row['seconds']:,} s" if row["seconds"] is not None else ""
    return {
        "dataset": row["dataset"],
        "waiting": f"{row['waiting']:,}{since}",
        "last run": row["last"],
        "ended": "goes on" if row["active"] == row["last"] != "" else row["ended"],
        "its rows": row["rows"],
        "aside": row["aside"],
    }


def _row(one: DatasetOverview, now: datetime) -> dict[str, Any]:
    last = one.runs[0] if one.runs else None
    waits = int((now - one.waiting_since).total_seconds()) if one.waiting_since else None
    return {
        "dataset": one.path.replace("/", "."),
        "waiting": one.waiting_objects,
        "seconds": waits,
        "active": one.head.active,
        "last": last.id if last else "",
        "ended": last.status if last else "",
        "rows": last.rows_published if last else None,
        "aside": last.rows_quarantined if last else None,
        "halted": one.head.halted,
    }
