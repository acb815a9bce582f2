"""Smoke runs: what a double of a dataset keeps, and which datasets are tried."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lake.core.dataset import digest_of
from lake.flows.registering import claim_of
from lakectl.compile import Compiled, compile_lake
from lakectl.smoke.choice import Note, chosen, passed, route_of
from lakectl.smoke.double import double_of, least_rows
from lakectl.specs.lake import LakeSpec
from lakectl.specs.name import DOUBLE, problem_with_name
from lakectl.stack_status import Deployed

ROOT = Path(__file__).resolve().parents[3]
HERE = {"account": "123456789012", "region": "eu-west-1"}


@pytest.fixture(scope="module")
def every() -> list[Compiled]:
    return compile_lake(ROOT, "dev")


def named(every: list[Compiled], name: str) -> Compiled:
    return next(one for one in every if one.name == name)


def names(found: list[Compiled]) -> list[str]:
    return [one.dataset for one in found]


def test_a_double_shares_nothing_with_its_dataset_that_a_reader_or_a_deliverer_sees(every: list[Compiled]) -> None:
    one = named(every, "aviation.flights")
    double = double_of(one, "1a2b")
    was, now = one.value(), double.value()
    assert (double.team, double.dataset) == ("aviation", "flights__try_1a2b")
    assert now.source.prefix == "aviation/flights__try_1a2b/"
    assert now.table.location == was.table.location.replace("/flights/", "/flights__try_1a2b/")
    assert {now.table.name, now.table.quarantine}.isdisjoint({was.table.name, was.table.quarantine})
    assert (now.views, now.freshness) == ((), 0)
    assert was.views
    claim = claim_of(now, "queue")
    assert claim is not None
    assert not one.prefix.startswith(claim.prefix)
    assert not claim.prefix.startswith(one.prefix)


def test_a_double_does_to_its_rows_what_its_dataset_does(every: list[Compiled]) -> None:
    one = named(every, "aviation.flights")
    was, now = one.value(), double_of(one, "1a2b").value()
    assert (now.schema, now.staged, now.light, now.source.options) == (
        was.schema,
        was.staged,
        was.light,
        was.source.options,
    )
    assert (now.table.sql, now.table.keys, now.table.mode) == (was.table.sql, was.table.keys, was.table.mode)
    assert [rule.dqdl for rule in now.rules] == [rule.dqdl for rule in was.rules if rule.kind == "row"]


def test_a_double_is_named_by_what_it_says_and_its_dataset_is_left_as_it_was(every: list[Compiled]) -> None:
    one = named(every, "aviation.flights")
    double = double_of(one, "1a2b")
    assert double.digest == digest_of(double.entry) != one.digest
    assert one.digest == digest_of(one.entry)


def test_no_dataset_may_be_named_as_a_double_is() -> None:
    assert DOUBLE in problem_with_name("flights__try_1a2b", "dataset")
    assert problem_with_name("flights_try", "dataset") == ""


@pytest.mark.parametrize(("name", "expected", "least"), [("rail.departures", 9, 9), ("aviation.flights", 8, 1)])
def test_all_rows_must_come_out_where_no_rule_may_set_one_aside(
    every: list[Compiled], name: str, expected: int, least: int
) -> None:
    assert least_rows(double_of(named(every, name), "1"), expected) == least


def test_what_never_passed_is_tried_and_what_is_made_of_tables_is_not(every: list[Compiled]) -> None:
    aviation = [one for one in every if one.team == "aviation"]
    due = names(chosen(aviation, Note(), "r1"))
    assert sorted(due) == ["airlines", "airports", "flights", "planes", "weather"]


def test_what_passed_is_tried_again_when_it_changed(every: list[Compiled]) -> None:
    aviation = [one for one in every if one.team == "aviation" and not one.derived]
    note = passed(Note(), "r1", aviation)
    assert chosen(aviation, note, "r1") == []
    changed = Note("r1", {**note.datasets, "planes": "before"})
    assert names(chosen(aviation, changed, "r1")) == ["planes"]


def test_other_code_is_tried_with_one_dataset_of_a_team(every: list[Compiled]) -> None:
    aviation = [one for one in every if one.team == "aviation" and not one.derived]
    note = passed(Note(), "r1", aviation)
    assert len(chosen(aviation, note, "r2")) == 1


def test_the_route_changes_with_the_rooms_that_an_object_passes_through() -> None:
    def stacks(**digests: str) -> dict[str, Deployed]:
        return {f"lake-dev-{name.replace('_', '-')}": Deployed("", digest, "") for name, digest in digests.items()}

    before = stacks(arrivals="1", stage_a_rail="1", stage_a_aviation="1", dataset_rail_departures="1")
    assert route_of(before, "lake-dev", "rail") != route_of(before | stacks(arrivals="2"), "lake-dev", "rail")
    assert route_of(before, "lake-dev", "rail") != route_of(before | stacks(stage_a_rail="2"), "lake-dev", "rail")
    for other in (stacks(stage_a_aviation="2"), stacks(dataset_rail_departures="2")):
        assert route_of(before, "lake-dev", "rail") == route_of(before | other, "lake-dev", "rail")


@pytest.mark.parametrize(
    ("environments", "cicd", "tried_in"),
    [
        (["dev"], {}, ("dev",)),
        (["dev", "test", "prod"], {}, ("dev", "test")),
        (["dev", "test", "prod"], {"promote": ["test", "prod"]}, ("test",)),
        (["dev", "prod"], {"smoke": []}, ()),
        (["dev", "prod"], {"smoke": ["dev", "prod"]}, ("dev", "prod")),
    ],
)
def test_samples_are_sent_before_production_unless_lake_yaml_says_otherwise(
    environments: list[str], cicd: dict[str, Any], tried_in: tuple[str, ...]
) -> None:
    said = {"organisation": "o", "domain": "lake", "environments": dict.fromkeys(environments, HERE), "cicd": cicd}
    assert LakeSpec.model_validate(said).tries_samples_in == tried_in
