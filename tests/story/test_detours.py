"""The ways beside the demo's journey: what is early, repeated, lost, erased, changed, stopped or taken away."""

from __future__ import annotations

from typing import Any

import pytest
from detours import GATES, Seen
from larger import ROWS

pytestmark = pytest.mark.slow


def test_an_object_that_came_before_its_dataset_is_published_by_its_deployment(detours: Seen) -> None:
    assert detours.early == ["unclaimed"]
    assert detours.early_claimed == ["published"]


def test_announcements_in_other_company_make_no_other_batches(detours: Seen) -> None:
    assert [batch.objects for batch in detours.batches_before] == [1, 1]
    assert detours.batches_after == detours.batches_before


def test_what_route_could_not_send_is_sent_when_it_can(detours: Seen) -> None:
    assert detours.unsent == ["batched"]
    assert detours.recovered == ["published"]


def test_a_version_that_was_erased_before_it_was_read_is_superseded(detours: Seen) -> None:
    assert detours.erased == [("superseded", "DELETED")]


def test_a_column_that_is_declared_later_joins_the_table(detours: Seen) -> None:
    assert detours.columns[:2] == ["gate", "terminal"]
    assert "opened" in detours.columns


def test_a_view_follows_its_file(detours: Seen) -> None:
    assert detours.view_before == [{"gate": "A1"}]
    assert detours.view_after == [{"opened": None, "gate": "a1"}]
    assert "TABLE_NOT_FOUND" in detours.view_gone


def test_partitions_that_are_declared_later_are_those_of_the_next_run_and_readers_see_no_seam(detours: Seen) -> None:
    assert detours.layouts == [[], ["identity", "bucket[4]"]]
    assert [row["gate"] for row in detours.read] == ["A1", "B1", "C1", "E1"]


def test_a_second_run_does_not_start_beside_an_active_one(detours: Seen) -> None:
    assert detours.while_active.endswith("is active")


def test_stopping_an_execution_stops_its_job_and_the_next_attempt_publishes(detours: Seen) -> None:
    assert detours.stopped == "STOPPED"
    assert (detours.again["status"], detours.again["rows_published"]) == ("published", 1)


def test_the_five_minute_rule_looks_at_every_dataset_of_the_team(detours: Seen) -> None:
    assert {GATES, "aviation/flights", "aviation/daily_delays"} <= detours.swept


def test_the_five_minute_rules_may_run_route_and_gather(detours: Seen) -> None:
    assert detours.ruled


def test_alarms_of_platform_and_team_go_off(detours: Seen) -> None:
    assert len(detours.alarmed) == 2


def test_the_five_minute_rules_measure_how_old_things_are(lake: Any, detours: Seen) -> None:
    assert detours.ruled
    found = lake.target.client("cloudwatch").list_metrics(Namespace=f"Lakewright/{lake.target.prefix}")["Metrics"]
    assert {"UnclaimedObjects", "UnclaimedSeconds", "WaitingSeconds", "AgeSeconds"} <= {
        one["MetricName"] for one in found
    }


def test_an_object_that_was_claimed_between_two_looks_does_not_stay_unclaimed(detours: Seen) -> None:
    assert detours.late == []
    assert detours.left_unclaimed == 0


def test_a_reader_of_the_team_queries_its_tables(detours: Seen) -> None:
    assert [row["gate"] for row in detours.read] == ["A1", "B1", "C1", "E1"]
    assert {"gates", "flights", "flights_quarantine"} <= detours.tables


def test_what_is_beyond_a_function_is_published_although_its_execution_was_stopped_once(detours: Seen) -> None:
    found = detours.beyond
    assert found.stopped == "STOPPED"
    assert found.while_stopped == ["batched"]
    assert found.ended == ["published"]
    assert found.rows == ROWS
    assert found.set_aside == [{"reason": "opened: 'soon' is not an int"}]


def test_a_large_version_that_was_erased_before_it_was_read_is_superseded(detours: Seen) -> None:
    assert detours.beyond.erased == [("superseded", "DELETED")]


def test_a_dataset_that_is_taken_away_claims_nothing(detours: Seen) -> None:
    assert f"{GATES}/" not in detours.prefixes
    assert "aviation/flights/" in detours.prefixes
