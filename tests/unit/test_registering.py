"""Registration: tables first, then the version, the claim, and what waited for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lake.core.contract import PROVENANCE, QUARANTINE, Column
from lake.core.dataset import Dataset, dataset_from_json
from lake.core.ddl import columns_of, create_quarantine, create_table, evolve_table
from lake.core.errors import SpecError
from lake.core.iceberg import Standing
from lake.flows.registering import Registrar, Wanted
from lake.gateways.objects import json_bytes
from lake.gateways.warehouse import MemoryWarehouse
from unit.example import RAW, arrival, compiled, derived
from unit.world import PATH, STAGE_A, World

ARRIVALS = "arrivals"
GROUP = "lake-dev-aviation"
COMPILED = "s3://lake-artifacts/datasets/flights.json"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def warehouse() -> MemoryWarehouse:
    return MemoryWarehouse()


@pytest.fixture
def registrar(world: World, warehouse: MemoryWarehouse) -> Registrar:
    gateways = (world.ledger, world.registry, world.objects, world.queues, world.tables)
    return Registrar(*gateways, warehouse, ARRIVALS)


def wanted(registrar: Registrar, entry: dict[str, Any], **changes: Any) -> Wanted:
    registrar.objects.write("lake-artifacts", "datasets/flights.json", json_bytes(entry))
    asked = Wanted("aviation", entry["name"], COMPILED, entry["digest"], STAGE_A, "lake-dev-aviation")
    return replace(asked, **changes)


def table(*columns: Column, partition: list[str] | None = None, mode: str = "append") -> Dataset:
    entry = compiled(mode=mode)
    found = dataset_from_json(entry)
    return replace(found, table=replace(found.table, columns=columns, partition=tuple(partition or ())))


def test_a_new_dataset_gets_both_tables_its_version_and_its_claim(
    registrar: Registrar, warehouse: MemoryWarehouse, world: World
):
    entry = compiled()
    registrar.register(wanted(registrar, entry))
    (first, group), (second, _) = warehouse.statements
    assert first.startswith(
        "CREATE TABLE IF NOT EXISTS `lake_dev_aviation`.`flights` (\n  `row` string COMMENT 'The row'"
    )
    assert "`_src_key` string COMMENT" in first
    assert "LOCATION 's3://lake-analytics/aviation/flights/'" in first
    assert "'write_compression'='zstd'" in first
    assert "`flights_quarantine`" in second
    assert "PARTITIONED BY (`run_id`)" in second
    assert group == "lake-dev-aviation"
    assert world.registry.current(PATH) == entry["digest"]
    (claim,) = world.registry.claims()
    assert (claim.prefix, claim.config, claim.queue_url) == ("aviation/flights/", entry["digest"], STAGE_A)
    assert world.registry.datasets("aviation") == ["flights"]


def test_what_came_before_its_dataset_is_published_without_a_new_drop(registrar: Registrar, world: World):
    one = world.put("a b+c.csv", "1")
    other = world.put("../b.csv", "2")
    world.settle()
    assert world.fates(one) == "unclaimed"
    registrar.register(wanted(registrar, compiled()))
    assert world.ledger.unclaimed.count() == 0
    for url, body, _ in list(world.queues.sent):
        assert url == ARRIVALS
        world.pending.append(("arrivals", body))
    world.queues.sent.clear()
    world.settle()
    assert [world.fates(one), world.fates(other)] == ["published", "published"]


def test_only_objects_of_this_claim_are_announced_again(registrar: Registrar, world: World):
    nested = compiled("other", source={"kind": "drop", "prefix": "aviation/flights/inner/", "format": "csv"})
    claim = arrival("aviation/flights/inner/a.csv")
    registrar.register(wanted(registrar, nested))
    world.ledger.unclaimed.note([claim, arrival("aviation/flights/a.csv"), arrival("elsewhere/a.csv")], world.now)
    registrar.register(wanted(registrar, compiled()))
    assert {one.arrival.key for one in world.ledger.unclaimed.under("")} == {claim.key, "elsewhere/a.csv"}


def test_a_prefix_of_another_dataset_is_refused_and_nothing_of_it_changes(registrar: Registrar, world: World):
    registrar.register(wanted(registrar, compiled()))
    thief = compiled("weather", source={"kind": "drop", "prefix": "aviation/flights/", "format": "csv"})
    with pytest.raises(SpecError, match=r"'aviation/flights/' of aviation/weather is claimed by another dataset"):
        registrar.register(wanted(registrar, thief))
    registrar.remove("aviation/weather", GROUP)
    assert [claim.path for claim in world.registry.claims()] == [PATH]


def test_another_prefix_gives_the_old_one_up(registrar: Registrar, world: World):
    registrar.register(wanted(registrar, compiled()))
    moved = compiled(source={"kind": "drop", "prefix": "aviation/moved/", "format": "csv"})
    registrar.register(wanted(registrar, moved))
    assert [claim.prefix for claim in world.registry.claims()] == ["aviation/moved/"]
    assert world.registry.knows(PATH, compiled()["digest"])


def test_a_derived_dataset_is_fed_and_claims_nothing(registrar: Registrar, world: World):
    registrar.register(wanted(registrar, derived()))
    assert world.registry.claims() == []
    assert world.registry.feeds(PATH) == ["aviation/daily"]
    registrar.register(wanted(registrar, derived(inputs=("aviation.weather",))))
    assert (world.registry.feeds(PATH), world.registry.feeds("aviation/weather")) == ([], ["aviation/daily"])
    registrar.remove("aviation/daily", GROUP)
    assert world.registry.feeds("aviation/weather") == []


def test_a_removed_dataset_keeps_tables_and_versions(registrar: Registrar, warehouse: MemoryWarehouse, world: World):
    registrar.register(wanted(registrar, compiled()))
    count = len(warehouse.statements)
    registrar.remove(PATH, GROUP)
    registrar.remove(PATH, GROUP)
    assert (world.registry.claims(), world.registry.current(PATH)) == ([], "")
    assert world.registry.knows(PATH, compiled()["digest"])
    assert len(warehouse.statements) == count


def test_compiled_text_of_another_version_is_refused(registrar: Registrar):
    with pytest.raises(SpecError, match=r"as the stack asks. Deploy the dataset again"):
        registrar.register(wanted(registrar, compiled(), digest="0" * 64))
    with pytest.raises(SpecError, match=r"as the stack asks"):
        registrar.register(wanted(registrar, {**compiled(), "description": "forged"}))
    with pytest.raises(SpecError, match=r"holds aviation/flights"):
        registrar.register(wanted(registrar, compiled(), team="finance"))


def standing(dataset: Dataset, partition: tuple[str, ...] = ()) -> Standing:
    return Standing(columns_of(dataset), partition, dataset.table.location, None)


def test_an_unchanged_table_needs_no_statement():
    dataset = table(Column("id", "int", "It's an id; truly"), Column("price", "decimal(10, 2)"))
    have = replace(
        standing(dataset),
        columns=tuple(
            replace(
                one,
                type=one.type.replace(" ", ""),
                description=one.description.replace("'", "\u2019").replace(";", ","),
            )
            for one in columns_of(dataset)
        ),
    )
    assert evolve_table(dataset, have) == []


def test_columns_are_added_widened_and_described():
    have = standing(table(Column("id", "int"), Column("x", "float", "old"), Column("m", "decimal(9,2)")))
    want = table(
        Column("id", "bigint"), Column("x", "float", "new"), Column("m", "decimal(12,2)"), Column("y", "date", "Y")
    )
    assert evolve_table(want, have) == [
        "ALTER TABLE `lake_dev_aviation`.`flights` CHANGE COLUMN `id` `id` bigint",
        "ALTER TABLE `lake_dev_aviation`.`flights` CHANGE COLUMN `x` `x` float COMMENT 'new'",
        "ALTER TABLE `lake_dev_aviation`.`flights` CHANGE COLUMN `m` `m` decimal(12,2)",
        "ALTER TABLE `lake_dev_aviation`.`flights` ADD COLUMNS (`y` date COMMENT 'Y')",
    ]


@pytest.mark.parametrize(
    ("want", "message"),
    [
        ([Column("b", "int")], r"column 'a' is in the table and not in the declaration"),
        ([Column("a", "string"), Column("b", "int")], r"column 'a' cannot turn from bigint into string"),
        ([Column("a", "int"), Column("b", "int")], r"column 'a' cannot turn from bigint into int"),
    ],
)
def test_what_only_a_rebuild_could_do_is_refused_with_the_next_step(want: list[Column], message: str):
    have = standing(table(Column("a", "bigint"), Column("b", "int")))
    with pytest.raises(SpecError, match=message + r".*declare a dataset of another name"):
        evolve_table(table(*want), have)


def test_a_table_that_has_rows_of_another_mode_never_becomes_a_history():
    """Only the keys that a run touches would get their versions; the others would be true at no time."""
    have = standing(table(Column("id", "int"), Column("at", "date")))
    dataset = table(Column("id", "int"), Column("at", "date"), mode="history")
    kept = replace(dataset.table, order_by=("at",), validity=("since", "until", "now"))
    with pytest.raises(SpecError, match=r"when they were true \('since'\).*declare a dataset of another name"):
        evolve_table(replace(dataset, table=kept), have)


def test_history_adds_three_columns_before_the_provenance():
    dataset = table(Column("id", "int"), Column("at", "date"), mode="history")
    kept = replace(dataset.table, order_by=("at",), validity=("since", "until", "now"), partition=("now",))
    statement = create_table(replace(dataset, table=kept))
    assert [line.split()[0].strip("`") for line in statement.splitlines()[1:7]] == [
        "id", "at", "since", "until", "now", "_src_key",
    ]  # fmt: skip
    assert "`until` date COMMENT" in statement
    assert "PARTITIONED BY (`now`)" in statement


def test_another_partition_is_left_to_the_next_run():
    dataset = table(Column("a", "int"), partition=["bucket(4, a)"])
    assert evolve_table(dataset, standing(dataset)) == []


def test_a_version_that_comes_back_leaves_newer_columns_alone():
    have = standing(table(Column("a", "bigint"), Column("new", "int")))
    assert evolve_table(table(Column("a", "int")), have, keep_extra=True) == []


def test_the_statements_quote_every_name_and_expression():
    dataset = table(Column("at", "timestamp"), partition=["day(at)", "bucket(16, at)"])
    assert "PARTITIONED BY (day(`at`), bucket(16, `at`))" in create_table(dataset)
    assert all(f"`{column.name}`" in create_table(dataset) for column in PROVENANCE)
    assert all(f"`{column.name}`" in create_quarantine(dataset) for column in QUARANTINE)
    assert RAW not in create_table(dataset)


def views(**sql: str) -> list[dict[str, Any]]:
    return [{"name": name, "sql": text, "reads": []} for name, text in sql.items()]


def test_views_are_made_after_the_tables_and_dropped_with_their_files(registrar: Registrar, warehouse: MemoryWarehouse):
    registrar.register(wanted(registrar, compiled(views=views(early="SELECT 1 AS a", late="SELECT 2 AS a"))))
    assert [statement for statement, _ in warehouse.statements][2:] == [
        "CREATE OR REPLACE VIEW lake_dev_aviation.early AS\nSELECT 1 AS a",
        "CREATE OR REPLACE VIEW lake_dev_aviation.late AS\nSELECT 2 AS a",
    ]
    del warehouse.statements[:]
    registrar.register(wanted(registrar, compiled(views=views(late="SELECT 3 AS a"))))
    assert [one for one, _ in warehouse.statements if "VIEW" in one] == [
        "CREATE OR REPLACE VIEW lake_dev_aviation.late AS\nSELECT 3 AS a",
        "DROP VIEW IF EXISTS lake_dev_aviation.early",
    ]
    del warehouse.statements[:]
    registrar.remove(PATH, GROUP)
    assert warehouse.statements == [("DROP VIEW IF EXISTS lake_dev_aviation.late", "lake-dev-aviation")]


def test_a_view_that_another_dataset_took_over_stays(registrar: Registrar, warehouse: MemoryWarehouse):
    registrar.register(wanted(registrar, compiled(views=views(late="SELECT 1 AS a"))))
    other = compiled("weather", views=views(late="SELECT 1 AS a"))
    registrar.register(wanted(registrar, other))
    registrar.register(wanted(registrar, compiled()))
    assert not [one for one, _ in warehouse.statements if one.startswith("DROP")]
