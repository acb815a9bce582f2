"""The compiler: the user's words kept, completed, versioned."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from lake.core.dataset import dataset_from_json, digest_of
from lakectl.compile import Compiled, compile_lake
from lakectl.specs.finding import BrokenSpecs
from lakectl.specs.load import UnknownDataset, load_lake, load_settings, prefix_of, split_name, team_names
from unit.specs.project import CALLS, PORTS, SHIPS, change, write, write_project

LIGHT = "datasets/sea/ports/light.sql"
HEAVY = "datasets/sea/calls/heavy.sql"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def compiled(root: Path, name: str) -> Compiled:
    return next(one for one in compile_lake(root, "dev") if one.dataset == name)


def test_inputs_come_before_what_reads_them(root: Path) -> None:
    assert [one.name for one in compile_lake(root, "dev")] == ["sea.ports", "sea.ships", "sea.calls"]


def test_a_dataset_knows_its_names_in_the_environment(root: Path) -> None:
    table = compiled(root, "ships").value().table
    assert table.database == "lake_dev_sea"
    assert table.location == "s3://lake-dev-123456789012-eu-west-1-analytics/sea/ships/"
    other = compile_lake(root, "dev", account="000000000000", region="us-east-1")[0].value().table
    assert other.location == "s3://lake-dev-000000000000-us-east-1-analytics/sea/ports/"


def test_an_unknown_environment_is_told_with_the_known_ones(root: Path) -> None:
    with pytest.raises(BrokenSpecs, match=r"'prod' is not among them\. Known: dev\."):
        compile_lake(root, "prod")


def test_the_runtime_reads_what_was_written(root: Path) -> None:
    for one in compile_lake(root, "dev"):
        entry = json.loads(one.json())
        assert dataset_from_json(entry) == one.value()
        assert digest_of(entry) == one.digest == entry["digest"]
        assert one.artifact_key == f"datasets/sea/{one.dataset}/{one.digest}.json"


def test_the_digest_changes_with_the_meaning_and_not_with_the_layout(root: Path) -> None:
    before = compiled(root, "ships")
    change(root, SHIPS, "description: Ships.", "# Who sails.\ndescription:   Ships.")
    assert compiled(root, "ships").json() == before.json()
    change(root, SHIPS, "description:   Ships.", "description: Boats.")
    assert compiled(root, "ships").digest != before.digest


def test_the_digest_changes_with_a_transform(root: Path) -> None:
    before = compiled(root, "ports").digest
    change(root, LIGHT, "upper", "lower")
    assert compiled(root, "ports").digest != before


def test_light_sql_is_kept_word_for_word_and_hands_on_its_origin(root: Path) -> None:
    write(
        root, LIGHT, "-- ports\nSELECT imo, upper(port) AS port, called_at -- when\nFROM source WHERE imo > 0; -- end\n"
    )
    assert compiled(root, "ports").value().light.sql == (
        "-- ports\nSELECT imo, upper(port) AS port, called_at, _src_key, _src_seq, _src_row -- when\n"
        "FROM source WHERE imo > 0"
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM source",
        "SELECT *, FROM source s",
        "SELECT extract(year FROM called_at) * 1 AS imo, port, called_at FROM source",
        "SELECT s.imo, s.port, s.called_at FROM source AS s WHERE s.imo * 2 > 4",
        "SELECT imo, 'FROM source, *' AS port, called_at /* FROM * */ FROM source",
    ],
)
def test_completed_sql_gives_the_same_rows_with_their_origin(root: Path, sql: str) -> None:
    write(root, LIGHT, sql)
    light = compiled(root, "ports").value().light.sql
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE source (imo INTEGER, port VARCHAR, called_at TIMESTAMP)")
        connection.execute("INSERT INTO source VALUES (7, 'Kiel', '2026-01-31 12:00:00')")
        (plain,) = connection.execute(sql).fetchall()
        for name in ("_src_key", "_src_seq", "_src_row"):
            connection.execute(f"ALTER TABLE source ADD COLUMN {name} VARCHAR DEFAULT '{name}'")
        assert connection.execute(light).fetchall() == [(*plain, "_src_key", "_src_seq", "_src_row")]


def test_heavy_sql_of_a_dropped_dataset_carries_all_provenance(root: Path) -> None:
    change(root, SHIPS, "keys: [imo]", 'keys: [imo], sql: heavy.sql, schema: ["*", {name: age, type: int}]')
    write(root, "datasets/sea/ships/heavy.sql", "SELECT *, year(built) AS age FROM staged")
    assert compiled(root, "ships").value().table.sql == (
        "SELECT imo, name, built, year(built) AS age, _src_key, _src_seq, _src_row, _batch_id, _ingested_at FROM staged"
    )


def test_a_replacing_table_may_aggregate(root: Path) -> None:
    change(
        root, SHIPS, "{mode: merge, keys: [imo]}", "{mode: replace, sql: heavy.sql, schema: [{name: n, type: bigint}]}"
    )
    change(root, CALLS, "[sea.ships, sea.ports]", "[sea.ports]")
    write(root, HEAVY, "SELECT port AS name, count(*) AS calls FROM sea.ports GROUP BY port")
    write(root, "datasets/sea/ships/heavy.sql", "SELECT count(*) AS n FROM staged")
    assert compiled(root, "ships").value().table.sql == "SELECT count(*) AS n FROM staged"


def test_names_of_inputs_become_views_under_their_old_alias(root: Path) -> None:
    assert compiled(root, "calls").value().table.sql == (
        "SELECT ships.name, count(*) AS calls\nFROM sea__ships AS ships\n"
        "JOIN sea__ports AS p ON p.imo = ships.imo\nGROUP BY ships.name"
    )


def test_full_names_of_columns_follow_their_table(root: Path) -> None:
    write(
        root,
        HEAVY,
        "SELECT sea.ships.name, count(*) AS calls FROM sea.ships, sea.ports AS p GROUP BY sea.ships.name",
    )
    assert compiled(root, "calls").value().table.sql == (
        "SELECT ships.name, count(*) AS calls FROM sea__ships AS ships, sea__ports AS p GROUP BY ships.name"
    )


def test_history_adds_its_columns_to_the_table_and_to_what_others_read(root: Path) -> None:
    change(root, SHIPS, "name: built, type: date", "name: built, type: date, nullable: false")
    mode = "mode: history, keys: [imo], order_by: [built], validity: {valid_to: until}, partition: [is_current]"
    change(root, SHIPS, "mode: merge, keys: [imo]", mode)
    change(root, HEAVY, "FROM sea.ships", "FROM (SELECT * FROM sea.ships WHERE is_current AND until IS NULL) AS ships")
    published = compiled(root, "ships").value().table.published
    assert [(one.name, one.type) for one in published[-3:]] == [
        ("valid_from", "date"),
        ("until", "date"),
        ("is_current", "boolean"),
    ]
    assert "until" in compiled(root, "calls").value().table.sql


def test_the_order_and_the_size_of_files_are_compiled(root: Path) -> None:
    change(root, SHIPS, "keys: [imo]", "keys: [imo], sort: [built desc, name asc], file_size: 128 MB")
    table = compiled(root, "ships").value().table
    assert (table.sort, table.file_size) == (("built desc", "name"), 128 * 1024**2)


def test_partitions_have_one_spelling(root: Path) -> None:
    change(root, SHIPS, "keys: [imo]", 'keys: [imo], partition: ["bucket( 4 ,imo)", "year( built )"]')
    assert compiled(root, "ships").value().table.partition == ("bucket(4, imo)", "year(built)")


def test_sizes_come_from_the_pipeline_unless_the_dataset_has_its_own(root: Path) -> None:
    change(root, "pipelines/standard.yaml", "stages:", "batch: {objects: 7, bytes: 1 MB}\nstages:")
    change(root, PORTS, "owner:", "batch: {objects: 9}\ntrigger: {max_wait: 10 seconds, max_objects: 3}\nowner:")
    ships, ports = compiled(root, "ships").value(), compiled(root, "ports").value()
    assert (ships.batch_objects, ships.batch_bytes, ships.trigger.max_wait) == (7, 1024**2, 300)
    assert (ports.batch_objects, ports.trigger.max_wait, ports.trigger.max_objects) == (9, 10, 3)


def test_a_team_has_the_pipeline_of_its_datasets(root: Path) -> None:
    fast = "pipeline: fast\ndescription: x\nstages: [{stage: a, memory: 512 MB}, {stage: b}]\n"
    write(root, "pipelines/fast.yaml", fast)
    for name in (SHIPS, PORTS, CALLS):
        change(root, name, "owner:", "pipeline: fast\nowner:")
    assert load_lake(root).pipeline_of("sea").stage_a.memory == 512 * 1024**2


def test_only_written_options_are_compiled(root: Path) -> None:
    change(root, SHIPS, "format: csv", "format: csv, options: {null_values: [NA], header: false}")
    assert compiled(root, "ships").value().source.options == {"null_values": ["NA"], "header": False}


def test_names_and_prefixes_can_be_asked_for_without_compiling(root: Path) -> None:
    assert load_settings(root).environments["dev"].region == "eu-west-1"
    assert team_names(root) == ["sea"]
    assert split_name(root, "sea.ships") == split_name(root, "sea/ships") == ("sea", "ships")
    assert prefix_of(root, "sea.ships") == "sea/ships/"
    with pytest.raises(UnknownDataset, match=r"'sea\.shps' is not a dataset\. Did you mean 'sea\.ships'\?"):
        split_name(root, "sea.shps")
    with pytest.raises(UnknownDataset, match="it is made of other tables"):
        prefix_of(root, "sea.calls")
