"""The demo's journey on fewer days: from files in a bucket to answers from Athena, all on the local cloud."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from oracle import DAILY_DELAYS, PUNCTUALITY, rows_of

from lakectl.demo.flights import CORRECTED_DAY, REPEATED_DAY, SPOILT_DAY, SPOILT_ROWS, TRUNCATED_DAY
from lakectl.demo.journey import Journey

pytestmark = pytest.mark.slow


def _close(found: list[dict[str, Any]], expected: list[tuple[Any, ...]]) -> None:
    """Same rows in the same order; means were rounded to six places by the lake."""
    assert [tuple(row.values()) for row in found] == [
        tuple(pytest.approx(cell, abs=1e-6) if isinstance(cell, float) else cell for cell in row) for row in expected
    ]


def test_all_flights_but_the_spoilt_ones_are_published(lake: Any, truth: Any, journey: Journey) -> None:
    columns = "year, month, day, dep_time, dep_delay, arr_delay, carrier, flight, tailnum, origin, dest, distance"
    found = lake.query(
        f"select {columns} from aviation.flights order by year, month, day, carrier, flight, origin, dep_time"
    )
    expected = rows_of(
        truth, f"select {columns} from flights order by year, month, day, carrier, flight, origin, dep_time"
    )
    _close(found, expected)


def test_spoilt_rows_are_kept_with_their_line_and_reason(lake: Any, journey: Journey) -> None:
    found = lake.query('select "_src_key" as key, "_line" as line, reason from aviation.flights_quarantine order by 2')
    assert len(found) == SPOILT_ROWS
    assert {row["key"] for row in found} == {f"aviation/flights/{SPOILT_DAY}.csv"}
    assert [row["line"] for row in found] == list(range(2, 2 + SPOILT_ROWS))
    assert {row["reason"] for row in found} == {"dep_time: 'soon' is not an int"}


def test_the_query_that_a_trace_ends_with_shows_what_was_set_aside(lake: Any, journey: Journey) -> None:
    said = lake.command("trace", f"aviation/flights/{SPOILT_DAY}.csv")
    (printed,) = [line for line in said.splitlines() if "see which, and why: lake " in line]
    words = shlex.split(printed.partition("see which, and why: lake ")[2])
    rows = json.loads(lake.command(*words, "--json"))
    assert [row["reason"] for row in rows] == ["dep_time: 'soon' is not an int"] * SPOILT_ROWS


def test_the_other_sources_are_published_whole(lake: Any, truth: Any, journey: Journey) -> None:
    for name in ("weather", "planes", "airports", "airlines"):
        rows = lake.query(f"select count(*) as n from aviation.{name}")
        assert rows == [{"n": rows_of(truth, f"select count(*) from {name}")[0][0]}], name


def test_a_saved_view_answers_as_an_independent_computation(lake: Any, truth: Any, journey: Journey) -> None:
    columns = "airline, carrier, flight, origin, dest, dep_delay"
    order = "order by carrier, flight, origin, dep_delay"
    expected = rows_of(
        truth,
        f"""select {columns.replace("airline,", "airlines.name as airline,")} from flights left join airlines
        using (carrier) where dep_delay > 60 {order}""",
    )
    assert len(expected) > 20
    _close(lake.query(f"select {columns} from aviation.late_departures {order}"), expected)


def test_daily_delays_equal_an_independent_computation(lake: Any, truth: Any, journey: Journey) -> None:
    found = lake.query(
        """select flight_date, origin, flights, cancelled, mean_dep_delay, mean_arr_delay, mean_temp, mean_wind_speed,
        mean_precip, mean_visib from aviation.daily_delays order by flight_date, origin"""
    )
    _close(found, rows_of(truth, DAILY_DELAYS))


def test_carrier_punctuality_equals_an_independent_computation(lake: Any, truth: Any, journey: Journey) -> None:
    found = lake.query(
        """select carrier, name, flights, mean_arr_delay, on_time_share, planes, mean_seats
        from aviation.carrier_punctuality order by carrier"""
    )
    _close(found, rows_of(truth, PUNCTUALITY))


def test_trace_tells_how_each_object_ended(lake: Any, journey: Journey) -> None:
    def ends(key: str) -> list[str]:
        return [version["state"] for version in lake.json("trace", f"aviation/flights/{key}")["versions"]]

    assert ends("2013-01-01.csv") == ["published"]
    assert ends(f"{SPOILT_DAY}.csv") == ["published"]
    assert ends(f"{REPEATED_DAY}-again.csv") == ["published"]
    assert ends(f"{CORRECTED_DAY}.csv") == ["superseded", "published"]
    assert ends(f"{TRUNCATED_DAY}-copy.csv.gz") == ["rejected"]


def test_trace_says_why_a_file_was_rejected(lake: Any, journey: Journey) -> None:
    said = lake.command("trace", f"aviation/flights/{TRUNCATED_DAY}-copy.csv.gz")
    assert "CORRUPT" in said


def test_an_unclaimed_object_is_published_once_a_dataset_claims_it(lake: Any, journey: Journey) -> None:
    traced = lake.json("trace", "aviation/tickets/2013-01.csv")
    assert [version["state"] for version in traced["versions"]] == ["unclaimed"]
    _declare_tickets(lake.root)
    lake.command("deploy")
    journey.quiet()
    lake.command("run", "aviation.tickets")
    assert lake.query("select sum(price) as total from aviation.tickets") == [{"total": "448.90"}]
    traced = lake.json("trace", "aviation/tickets/2013-01.csv")
    assert [version["state"] for version in traced["versions"]] == ["published"]


def test_deploying_again_writes_nothing(lake: Any, journey: Journey) -> None:
    assert lake.json("deploy")["written"] == []


def _declare_tickets(root: Path) -> None:
    folder = root / "datasets/aviation/tickets"
    folder.mkdir(exist_ok=True)
    (folder / "dataset.yaml").write_text(
        """team: aviation
dataset: tickets
description: What tickets cost.
owner: aviation-data@example.com
source: {kind: drop, format: csv}
schema:
  - {name: ticket, type: int, nullable: false}
  - {name: flight, type: string}
  - {name: price, type: "decimal(10,2)"}
table: {mode: merge, keys: [ticket]}
"""
    )
