"""A mistake is told with its place, what is wrong, and the nearest right word."""

# ruff: noqa: E501 - a message is one line, and so is its case

from __future__ import annotations

from pathlib import Path

import pytest

from lake.light.binary import CONTENT_TYPES
from lakectl.commands.validate import validate
from lakectl.specs.finding import BrokenSpecs
from lakectl.specs.load import load_lake
from unit.specs.project import CALLS, PORTS, SHIPS, change, write, write_project

LIGHT = "datasets/sea/ports/light.sql"
HEAVY = "datasets/sea/calls/heavy.sql"
TABLE = "table: {mode: merge, keys: [imo]}"
PER_ROW = "A transform here works row by row, so that each row keeps its origin."
PARTITIONS = "Known: col, year(col), month(col), day(col), hour(col), bucket(n, col), truncate(n, col)."
RULES = "Known: ColumnLength, ColumnValues, Completeness, IsComplete, IsUnique, Mean, RowCount."


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def test_the_small_project_is_without_findings(root: Path) -> None:
    assert validate(root) == ()


def test_a_team_that_is_nowhere_is_told_how_to_make(root: Path) -> None:
    (team,) = (root / "team").glob("*.yaml")
    team.unlink()
    said = [str(finding) for finding in validate(root)]
    assert any(f"A new team is a file, team/{team.stem}.yaml." in one for one in said), said


CASES = [
    # YAML and its models
    (SHIPS, "merge", "upsert", "10:15: table.mode: 'upsert' is not a mode. Did you mean 'merge'? Known: append, history, merge, replace."),
    (SHIPS, "type: date", "type: dat", "9:25: schema[2].type: 'dat' is not a type. Did you mean 'date'? Known: array<type>, bigint, binary, boolean, date, decimal(p,s), double, float, int, map<string,type>, string, struct<name:type>, timestamp."),
    (SHIPS, "type: date", "type: date, format: dd.MM.yyyy", "9:39: schema[2].format: 'dd.MM.yyyy' is not in strptime's terms: it has no %. Write it like %Y-%m-%d or %d.%m.%Y %H:%M:%S."),
    (SHIPS, "type: date", "type: 'decimal(5,9)'", "9:25: schema[2].type: 'decimal(5,9)' cannot exist. Precision goes from 1 to 38, scale from 0 to the precision."),
    (SHIPS, "format: csv", "format: cvs", "5:30: source.format: 'cvs' is not a format. Did you mean 'csv'? Known: avro, binary, csv, excel, fixed, json, jsonl, orc, parquet, tsv, xml."),
    (SHIPS, "format: csv", "format: ndjson", "5:30: source.format: 'ndjson' is not a format. Did you mean 'jsonl'? Known: avro, binary, csv, excel, fixed, json, jsonl, orc, parquet, tsv, xml."),
    (SHIPS, "format: csv", "format: jsonl, options: {delimiter: x}", "5:47: source.options.delimiter: 'delimiter' is an option of csv, tsv; jsonl takes ignore_extra, require_all, encoding, max_ratio, max_line_bytes. Remove it."),
    (SHIPS, "format: csv", "format: csv, options: {encoding: windows-1252}", "5:55: source.options.encoding: 'windows-1252' is not an encoding. Did you mean 'cp1252'? Known: ascii, big5, cp1250, cp1251, cp1252, cp1253, cp1254, cp1257, cp437, cp850, cp852, cp866, cp932, euc-jp, euc-kr, gb18030, iso-8859-15, iso-8859-2, iso-8859-5, iso-8859-7, iso-8859-9, koi8-r, latin-1, mac-roman, shift_jis, utf-16, utf-16-be, utf-16-le, utf-32, utf-32-be, utf-32-le, utf-8."),
    (SHIPS, "format: csv", "format: csv, options: {delimiter: '||'}", "5:56: source.options.delimiter: '||' is not one character. Write one character that is no line end; an empty quote stands for none."),
    (SHIPS, "format: csv", "format: fixed", "7:12: schema[0].name: 'imo' has no place in the line. Add at: 12-20, the characters where it stands."),
    (SHIPS, "format: csv", "format: xml", "5:9: source.options: xml needs the option row. Add options: {row: root/element}, the path to the elements that are rows."),
    (SHIPS, "format: csv", "format: json, options: {path: data}", "5:52: source.options.path: 'data' is not a path. Write $ for the top, or the keys on the way: $.data.items."),
    (SHIPS, "type: date", "type: array<string>", "9:25: schema[2].type: csv has no nested cells. Declare a string. Nested: jsonl, json, avro, parquet, orc, xml."),
    (SHIPS, "type: date", "type: 'struct<a:int,b:strin>'", "9:25: schema[2].type: 'struct<a:int,b:strin>': 'strin' is not a type. Did you mean 'string'? Known: array<type>, bigint, binary, boolean, date, decimal(p,s), double, float, int, map<string,type>, string, struct<name:type>, timestamp."),
    (SHIPS, "type: date", "type: 'array<int'", "9:25: schema[2].type: 'array<int': '>' is missing at the end. Write it like array<string>, map<string,int> or struct<a:int,b:array<string>>."),
    (SHIPS, "type: date", "type: date, at: name", "9:35: schema[2].at: 'name' is taken by 'name' already. Give each column its own place."),
    (SHIPS, "kind: drop", "kind: stream", "5:16: source.kind: source kind 'stream' is not built yet. Use drop, and put files into the raw bucket; or tables, to read other datasets."),
    (SHIPS, "table:", "tabel:", "10:1: tabel: 'tabel' is not a key of this file. Did you mean 'table'? Known: batch, dataset, description, freshness, light, owner, pipeline, quality, schema, source, table, team, trigger."),
    (SHIPS, "format: csv", "format: csv, options: {delimter: x}", "5:45: source.options.delimter: 'delimter' is not a key of source.options. Did you mean 'delimiter'? Known: content_types, delimiter, encoding, escape, false_values, header, header_row, ignore_extra, max_line_bytes, max_ratio, null_values, path, quote, require_all, row, sheet, skip, true_values."),
    (SHIPS, "format: csv", "format: csv, options: {decimal: ','}", "5:45: source.options.decimal: is not built yet. Declare the column as string, and in light.sql write CAST(replace(price, ',', '.') AS DECIMAL(9, 2)) AS price."),
    (SHIPS, "format: csv", "format: binary, options: {content_types: [pdf]}", f"5:64: source.options.content_types[0]: 'pdf' is not told from first bytes. Did you mean 'application/pdf'? Known: {', '.join(sorted(CONTENT_TYPES))}."),
    (SHIPS, "dataset: ships", "  dataset: ships", "2:10: not YAML: mapping values are not allowed in this context. Indent keys alike, and quote a text that holds ': '."),
    (SHIPS, "format: csv", "format: csv, options: {null_values: [1.10]}", "5:59: source.options.null_values[0]: must be text, not 1.1. Put it in quotes."),
    (SHIPS, "description: Ships.", "description: x\nfreshness: 1 minute", "4:12: freshness: freshness is shorter than it can be measured. Write '5 minutes' or more: ages are measured every five minutes."),
    (SHIPS, "dataset: ships", "dataset: Ships", "2:10: dataset: 'Ships' is not a name: a small letter first, then up to 39 small letters, digits or underscores. Choose another name."),
    (SHIPS, "name: built", "name: order", "9:12: schema[2].name: 'order' is a reserved word. Choose another name."),
    ("lake.yaml", "eu-west-1", "Ireland", "4:42: environments.dev.region: 'Ireland' is not a region. Write it like 'eu-west-1'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: ten}}", "4:69: environments.dev.network.cidr: 'ten' is not a range of addresses. Write it like '10.20.0.0/20'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.20.0.0}}", "4:69: environments.dev.network.cidr: '10.20.0.0' is not a range of addresses. Write it like '10.20.0.0/20'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.20.0.0/26}}", "4:69: environments.dev.network.cidr: '10.20.0.0/26' has 64 addresses. Take a range from /16 to /24: each endpoint and each worker of a job has an address."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.0.0.0/8}}", "4:69: environments.dev.network.cidr: '10.0.0.0/8' has 16,777,216 addresses. Take a range from /16 to /24: each endpoint and each worker of a job has an address."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.20.0.1/20}}", "4:69: environments.dev.network.cidr: '10.20.0.1/20' is an address in the range 10.20.0.0/20. Write '10.20.0.0/20'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 52.20.0.0/20}}", "4:69: environments.dev.network.cidr: '52.20.0.0/20' is not private. Take a range within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cdir: 10.20.0.0/20}}", "4:63: environments.dev.network.cdir: 'cdir' is not a key of environments.dev.network. Did you mean 'cidr'? Known: cidr, subnets, vpc."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {}}", "4:62: environments.dev.network: must say cidr, or vpc and subnets, and not both. Write cidr to have a network made, or vpc and subnets to use one."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.20.0.0/20, vpc: vpc-0a1b2c3d}}", "4:62: environments.dev.network: must say cidr, or vpc and subnets, and not both. Write cidr to have a network made, or vpc and subnets to use one."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {subnets: {eu-west-1a: subnet-0a1b2c3d, eu-west-1b: subnet-1a1b2c3d}}}", "4:62: environments.dev.network: the key vpc is missing. Add it."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {vpc: vpc-0a1b2c3d}}", "4:62: environments.dev.network: a lake stands in two subnets, in two zones. Name two private subnets, each by its zone: {eu-west-1a: subnet-…, eu-west-1b: subnet-…}."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {vpc: vpc-0a1b2c3d, subnets: {eu-west-1a: subnet-0a1b2c3d}}}", "4:91: environments.dev.network.subnets: a lake stands in two subnets, in two zones. Name two private subnets, each by its zone: {eu-west-1a: subnet-…, eu-west-1b: subnet-…}."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {vpc: vpc-0a1b2c3d, subnets: {eu-west-1a: subnet-0a1b2c3d, eu-west-1b: subnet-0a1b2c3d}}}", "4:91: environments.dev.network.subnets: a lake stands in two subnets, in two zones. Name two private subnets, each by its zone: {eu-west-1a: subnet-…, eu-west-1b: subnet-…}."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {vpc: vpc-0a1b2c3d, subnets: {eu-west-1a: subnet-0a1b2c3d, us-east-1b: subnet-1a1b2c3d}}}", "4:62: environments.dev.network: us-east-1b is no zone of eu-west-1. Name zones of this region, like 'eu-west-1a'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {vpc: mine, subnets: {eu-west-1a: subnet-0a1b2c3d, eu-west-1b: subnet-1a1b2c3d}}}", "4:68: environments.dev.network.vpc: 'mine' is not the id of a VPC. Write it like 'vpc-0a1b2c3d4e5f60718'."),
    ("lake.yaml", "eu-west-1}", "eu-west-1, network: {cidr: 10.20.0.0/20}}\n  prod: {account: \"123456789012\", region: eu-west-1, network: {cidr: 10.20.8.0/21}}", "4:3: environments: the network of prod, 10.20.8.0/21, overlaps that of dev, 10.20.0.0/20. Take ranges that lie apart: networks that overlap can never be joined."),
    ("lake.yaml", "domain: lake", "domain: lake\nnetwork: {cidr: 10.20.0.0/20}", "3:1: network: does not belong here. It belongs to an environment: write {account: …, region: …, network: {cidr: 10.20.0.0/20}}."),
    ("lake.yaml", "domain: lake", "domain: lake\nretention: {raw: 36 hours}", "3:18: retention.raw: S3 expires objects by the day. Write whole days."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b, wrkers: 2}", "5:16: stages[1].wrkers: 'wrkers' is not a key of stages[1]. Did you mean 'workers'? Known: engine, most_workers, stage, timeout, worker, workers."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b, workers: 20, most_workers: 4}", "5:43: stages[1].most_workers: at most 4 workers are fewer than the 20 of every run. Write a number from 20 to 299, or leave it out."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b, engine: emr}", "5:24: stages[1].engine: 'emr' is not an engine. Known: emr-serverless, glue."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b, engine: emr-serverless, worker: G.8X}", "5:48: stages[1].worker: EMR Serverless has no worker like G.8X. Write one of G.1X, G.2X, G.4X, and more workers."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b}\n  - {stage: b, engine: emr-serverless}", "4:3: stages: the stages are a, b, b; other ways than a, b are not built yet. List stage a, then stage b. A second engine is a second pipeline, of another team."),
    ("pipelines/standard.yaml", "{stage: b}", "{stage: b, workers: 300}", "5:25: stages[1].workers: 300 is too large. The limit is 299."),
    ("pipelines/standard.yaml", "{stage: a}", "{stage: a, largest: 2 gigs}", "4:25: stages[0].largest: 'gigs' is not a unit of size. Known: B, GB, KB, MB, TB."),
    ("pipelines/standard.yaml", "{stage: a}", "{stage: a, larger: {worker: G.3X}}", "4:33: stages[0].larger.worker: 'G.3X' is not a worker type. Known: G.1X, G.2X, G.4X, G.8X."),
    ("pipelines/standard.yaml", "  - {stage: b}\n", "", "4:3: stages: the stages are a; other ways than a, b are not built yet. List stage a, then stage b."),
    ("team/sea.yaml", "team: sea", "team: waters_of_the_north_atlantic", "1:7: team: 'waters_of_the_north_atlantic' has 28 characters; a team has 26 at most, for names are made of it. Choose another name."),
    ("team/sea.yaml", "owner: sea@", "budget: 5\nowner: sea@", "3:1: budget: is not built yet. Set 'query: {scan_limit: 100 GB}' to bound what a query costs, and budget in lake.yaml for all."),
    # names that other files must hold
    (SHIPS, "owner:", "pipeline: standrad\nowner:", "4:11: pipeline: 'standrad' is not a pipeline. Did you mean 'standard'? Known: standard."),
    (SHIPS, "format: csv", "format: csv, prefix: sea/ports/x/", "5:43: source.prefix: 'sea/ports/x/' lies inside 'sea/ports/', which is the prefix of sea.ports. Choose another prefix."),
    (SHIPS, "format: csv", "format: csv, prefix: landing/", "5:43: source.prefix: 'landing/' lies outside of the team's keys; its roles read 'sea/' and nothing else. Write 'sea/…/'."),
    (SHIPS, "keys: [imo]", "keys: [imoo]", "10:29: table.keys[0]: 'imoo' is not a column of the table. Did you mean 'imo'? Known: built, imo, name."),
    (SHIPS, ", keys: [imo]", "", "10:8: table.keys: mode 'merge' needs keys. Add keys: [column, …]."),
    (SHIPS, "merge", "append", "10:23: table.keys: means nothing in mode 'append'. Remove it, or use mode 'merge'."),
    (SHIPS, "[imo]}", "[imo], partition: [months(built)]}", f"10:47: table.partition[0]: 'months(built)' is not a partition. {PARTITIONS}"),
    (SHIPS, "[imo]}", "[imo], partition: [day(name)]}", f"10:47: table.partition[0]: 'day(name)' cannot be made of a string. {PARTITIONS}"),
    (SHIPS, "[imo]}", "[imo], partition: [year(built), day(built)]}", "10:60: table.partition[1]: 'day(built)' and 'year(built)' are made of the same column in the same way. Keep the finer one."),
    (SHIPS, "date}\ntable: {mode: merge, keys: [imo]}", "date}\n  - {name: built_year, type: int}\ntable: {mode: merge, keys: [imo], partition: [year(built)]}", "11:47: table.partition[0]: Iceberg calls 'year(built)' 'built_year', which is a column of the table. Rename that column."),
    (SHIPS, "[imo]}", "[imo], sort: [nam desc]}", "10:42: table.sort[0]: 'nam' is not a column of the table. Did you mean 'name'? Known: built, imo, name."),
    (SHIPS, "[imo]}", "[imo], sort: [name down]}", "10:42: table.sort[0]: 'name down' is not an order. Known: col, col asc, col desc."),
    (SHIPS, "[imo]}", "[imo], sort: [name, imo, name desc]}", "10:53: table.sort[2]: 'name' is sorted by already. Remove it."),
    (SHIPS, "[imo]}", "[imo], file_size: 128 mega}", "10:46: table.file_size: 'mega' is not a unit of size. Known: B, GB, KB, MB, TB."),
    (SHIPS, "merge, keys: [imo]", "history", "10:8: table.keys: mode 'history' needs keys. Add keys: [column, …]."),
    (SHIPS, "merge, keys: [imo]", "histroy, keys: [imo]", "10:15: table.mode: 'histroy' is not a mode. Did you mean 'history'? Known: append, history, merge, replace."),
    (SHIPS, "merge, keys: [imo]", "scd2, keys: [imo]", "10:15: table.mode: 'scd2' is not a mode. Did you mean 'history'? Known: append, history, merge, replace."),
    (SHIPS, "merge, keys: [imo]", "history, keys: [imo], order_by: [name]", "10:48: table.order_by[0]: 'name' is a string; the first of order_by says when a version began. Put a date or a timestamp first, or leave order_by out: then it is when the object was put."),
    (SHIPS, "merge, keys: [imo]", "history, keys: [imo], order_by: [built]", "10:48: table.order_by[0]: 'built' may be null, and then nobody knows when a version began. Declare it with nullable: false."),
    (SHIPS, "built, type: date}\ntable: {mode: merge, keys: [imo]", "built, type: date, nullable: false}\ntable: {mode: history, keys: [imo, built], order_by: [built]", "10:55: table.order_by[0]: 'built' is a key too, so that no key would ever have a second version. Take it out of keys."),
    (SHIPS, "merge, keys: [imo]", "history, keys: [imo], validity: {valid_to: name}", "10:58: table.validity.valid_to: mode 'history' adds a column 'name', and the table has one. Write validity: {valid_to: another name}."),
    (SHIPS, "merge, keys: [imo]", "history, keys: [imo], validity: {valid_to: valid_from}", "10:58: table.validity.valid_to: 'valid_from' names two columns. Choose another name."),
    (SHIPS, "[imo]}", "[imo], validity: {valid_to: until}}", "10:35: table.validity: means nothing in mode 'merge'. Remove it, or use mode 'history'."),
    (SHIPS, "merge, keys: [imo]", "history, keys: [imo], sort: [valid_form]", "10:44: table.sort[0]: 'valid_form' is not a column of the table. Did you mean 'valid_from'? Known: built, imo, is_current, name, valid_from, valid_to."),
    (CALLS, "mode: replace", "mode: history\n  keys: [name]", "7:9: table.mode: mode 'history' of a derived dataset is not built yet: its rows do not say when they became true. Use 'merge', or keep the history of an input."),
    (CALLS, "table:", "trigger: {max_wait: 1 hour}\ntable:", "6:1: trigger: a derived dataset runs whenever an input has published. Remove it."),
    (SHIPS, "[imo]}", "[imo], delete_when: nam = 1}", "10:48: table.delete_when: 'nam' is not a column. Did you mean 'name'? Known: built, imo, name."),
    (PORTS, "light.sql", "lite.sql", "10:14: light.sql: there is no file 'lite.sql' here. Did you mean 'light.sql'? Known: light.sql."),
    # SQL
    (LIGHT, "upper(port)", "upper(prot)", "1:19: 'prot' is not a column. Did you mean 'port'? Known: called_at, imo, port."),
    (LIGHT, "upper(port)", "max(port)", f"1:13: the aggregate max() is refused. {PER_ROW}"),
    (LIGHT, "upper(port)", "row_number() OVER ()", f"1:13: a window function is refused. {PER_ROW}"),
    (LIGHT, "upper(port) AS port", "unnest([port]) AS port", f"1:13: a function that makes several rows of one is refused. {PER_ROW}"),
    (LIGHT, "upper(port)", "getenv('HOME')", "1:13: getenv() is refused. A transform sees its rows and nothing else."),
    (LIGHT, "SELECT imo", "SELECT DISTINCT imo", f"1:1: DISTINCT is refused. {PER_ROW}"),
    (LIGHT, "upper(port)", "upper(port", "1:24: not SQL near 'AS': Expecting )."),
    (LIGHT, "SELECT imo", "SELEC imo", "1:1: not SQL: 'SELEC' is no word to begin with. Did you mean 'SELECT'?"),
    (LIGHT, "upper(port)", "upper(port) *", "1:27: not SQL near 'AS': something is missing here."),
    (LIGHT, "called_at", "now() AS called_at", "1:34: now() is refused: it gives another result each time. Use _ingested_at for the time of arrival."),
    (LIGHT, "AS port", "AS port, port AS harbour", "1:34: 'harbour' is not declared in schema (or in light.schema). Known: called_at, imo, port."),
    (LIGHT, "upper(port)", "uper(port)", "1:13: DuckDB: Scalar Function with name uper does not exist."),
    (LIGHT, "FROM source", "FROM source; DROP TABLE x", "1:1: holds 2 statements. Write one SELECT."),
    (HEAVY, "p.imo", "p.im", "3:24: 'im' is not a column. Did you mean 'imo'? Known: _batch_id, _ingested_at, _src_key, _src_row, _src_seq, called_at, imo, port."),
    (HEAVY, "JOIN sea.ports", "JOIN sea.ports JOIN sea.prots", "3:21: 'sea.prots' is not a table that this transform reads. Did you mean 'sea.ports'? Known: sea.ports, sea.ships."),
    # rules
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'IsComplet \"name\"'}}]", f"11:32: quality[0].rule: 'IsComplet' is not a rule type. Did you mean 'IsComplete'? {RULES}"),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'Uniqueness \"name\" > 1'}}]", f"11:32: quality[0].rule: Uniqueness is not judged yet. {RULES}"),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'IsComplete \"nam\"'}}]", "11:44: quality[0].rule: 'nam' is not a column in stage. Did you mean 'name'? Known: built, imo, name."),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'ColumnValues \"imo\" > 1 where \"nam is null\"'}}]", "11:62: quality[0].rule: 'nam' is not a column. Did you mean 'name'? Known: _batch_id, _ingested_at, _src_key, _src_row, _src_seq, built, imo, name."),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'ColumnValues \"name\" matches \"(a+)+\"'}}]", "11:52: quality[0].rule: a repeat inside a repeat in '(a+)+' is refused: it can take for ever. Write it without."),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'IsComplete \"name\" where \"imo > 1 -- x\"'}}]", "11:57: quality[0].rule: holds a comment. Write the comment beside it."),
    (SHIPS, TABLE, f"{TABLE}\nquality: [{{zone: stage, rule: 'ColumnValues \"imo\" in [1]', on_fail: explode}}]", "11:69: quality[0].on_fail: 'explode' is not a consequence. Known: halt, quarantine, warn."),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), CASES, ids=[case[2][-40:] for case in CASES])
def test_a_mistake_is_told_in_one_line_with_its_place(root: Path, file: str, old: str, new: str, expected: str) -> None:
    change(root, file, old, new)
    assert f"{file}:{expected}" in validate(root).text().splitlines()


def test_all_mistakes_of_all_files_are_told_at_once_in_order(root: Path) -> None:
    change(root, SHIPS, "merge", "upsert")
    change(root, SHIPS, "type: date", "type: dat")
    change(root, PORTS, "light.sql", "lite.sql")
    change(root, "lake.yaml", "eu-west-1", "Ireland")
    places = [(one.path, one.line) for one in validate(root)]
    assert places == [(PORTS, 10), (SHIPS, 9), (SHIPS, 10), ("lake.yaml", 4)]


def test_a_cycle_is_shown_whole(root: Path) -> None:
    write(root, "datasets/sea/again/dataset.yaml", _derived("again", "sea.calls"))
    change(root, CALLS, "[sea.ships, sea.ports]", "[sea.ships, sea.again]")
    assert "the datasets feed one another: sea.again → sea.calls → sea.again." in validate(root).text()


def test_an_input_of_another_team_is_refused_by_name(root: Path) -> None:
    write(root, "team/air.yaml", "team: air\ndescription: Pilots.\nowner: air@example.com\n")
    write(root, "datasets/air/seen/dataset.yaml", _derived("seen", "sea.ships").replace("team: sea", "team: air"))
    assert (
        "datasets/air/seen/dataset.yaml:5:31: source.from[0]: 'sea.ships' belongs to another team; "
        "reading across teams is not built yet. Read datasets of air."
    ) in validate(root).text()


def test_what_refers_to_a_broken_file_is_not_blamed(root: Path) -> None:
    change(root, SHIPS, "type: date", "type: dat")
    change(root, "pipelines/standard.yaml", "{stage: b}", "{stage: b, worker: G.3X}")
    assert {one.path for one in validate(root)} == {SHIPS, "pipelines/standard.yaml"}


def test_a_python_transform_must_define_transform(root: Path) -> None:
    change(root, PORTS, "sql: light.sql", "python: light.py")
    write(root, "datasets/sea/ports/light.py", "import numpy\n\ndef transfrom(row):\n    return row\n")
    assert [str(one) for one in validate(root)] == [
        "datasets/sea/ports/light.py:1:1: 'numpy' is not there where a light transform runs. "
        "Use Python's standard library, or table.python.",
        "datasets/sea/ports/light.py:1:1: defines no function 'transform'. Write def transform(row).",
    ]


def test_a_rule_that_nulls_break_is_a_warning_and_does_not_stop(root: Path) -> None:
    change(root, SHIPS, TABLE, f'{TABLE}\nquality: [{{zone: analytics, rule: \'ColumnValues "name" in ["a"]\'}}]')
    found = validate(root)
    assert [str(one) for one in found.warnings] == [
        f"{SHIPS}:11:35: warning: quality[0].rule: a null in 'name' breaks this rule. "
        'Add where "name is not null", or a rule IsComplete "name".'
    ]
    assert found.errors == ()


def test_loading_broken_files_raises_with_every_mistake(root: Path) -> None:
    change(root, SHIPS, "merge", "upsert")
    change(root, PORTS, "append", "upsert")
    with pytest.raises(BrokenSpecs, match=r"2 mistakes to correct\.") as raised:
        load_lake(root)
    assert len(raised.value.findings) == 2


def _derived(name: str, source: str) -> str:
    return (
        f"team: sea\ndataset: {name}\ndescription: x\nowner: sea@example.com\n"
        f"source: {{kind: tables, from: [{source}]}}\n"
        "table: {mode: replace, python: heavy.py, schema: [{name: a, type: int}]}\n"
    )
