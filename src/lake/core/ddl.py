"""Athena's statements that create and evolve the tables of a dataset.

Grammar: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
"""

from __future__ import annotations

from collections.abc import Sequence

from lake.core.contract import PROVENANCE, QUARANTINE, Column
from lake.core.dataset import Dataset, View
from lake.core.errors import SpecError
from lake.core.iceberg import Standing
from lake.core.type import DECIMAL

COMMENT_LENGTH = 255
"""What the Glue catalog keeps of a column's comment."""
PROPERTIES = "TBLPROPERTIES ('table_type'='ICEBERG', 'format'='parquet', 'write_compression'='zstd')"
WIDENINGS = {("int", "bigint"), ("float", "double")}
"""The type changes that Iceberg can do without rewriting files; decimals may gain digits before the point."""


def columns_of(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that the dataset's table has in the catalog."""
    return dataset.table.published if dataset.derived else (*dataset.table.published, *PROVENANCE)


def create_table(dataset: Dataset) -> str:
    table = dataset.table
    return _create(table.database, table.name, columns_of(dataset), table.partition, table.location, table.description)


def create_quarantine(dataset: Dataset) -> str:
    table = dataset.table
    about = f"Rows that {dataset.team}.{dataset.name} set aside, with reasons"
    location = f"{table.location.rstrip('/')}_quarantine/"
    return _create(table.database, table.quarantine, QUARANTINE, ("run_id",), location, about)


def _create(
    database: str, name: str, columns: Sequence[Column], partition: Sequence[str], location: str, about: str
) -> str:
    listed = ",\n  ".join(_column(column) for column in columns)
    partitioned = f"PARTITIONED BY ({', '.join(_quoted(one) for one in partition)})\n" if partition else ""
    comment = f"COMMENT '{literal(about)}'\n" if about else ""
    return (
        f"CREATE TABLE IF NOT EXISTS `{database}`.`{name}` (\n  {listed}\n)\n"
        f"{comment}{partitioned}LOCATION '{location.rstrip('/')}/'\n{PROPERTIES}"
    )


def create_view(dataset: Dataset, view: View) -> str:
    """Also for a view that stands: what it says of its tables' columns is then said anew."""
    return f"CREATE OR REPLACE VIEW {dataset.table.database}.{view.name} AS\n{view.sql}"


def drop_view(dataset: Dataset, name: str) -> str:
    return f"DROP VIEW IF EXISTS {dataset.table.database}.{name}"


def evolve_table(dataset: Dataset, standing: Standing, keep_extra: bool = False) -> list[str]:
    """What turns the standing table into the declared one, in order. Raises SpecError where only a rebuild could.

    Partitions are none of its business: Athena has no statement that changes them, so the next run does.
    `keep_extra` leaves columns that the declaration lacks: a version that was registered before comes back.
    """
    table = dataset.table
    have = {column.name: column for column in standing.columns}
    want = {column.name: column for column in columns_of(dataset)}
    extra = sorted(have.keys() - want.keys())
    if extra and not keep_extra:
        raise _refusal(dataset, f"column '{extra[0]}' is in the table and not in the declaration")
    if begins := [column for column in table.validity if column not in have]:
        raise _refusal(dataset, f"its rows do not say when they were true ('{begins[0]}'), as those of mode history do")
    name = f"`{table.database}`.`{table.name}`"
    statements = [
        _change(dataset, name, have[column.name], column, keep_extra)
        for column in want.values()
        if column.name in have and not _same(have[column.name], column)
    ]
    if added := [column for column in want.values() if column.name not in have]:
        statements.append(f"ALTER TABLE {name} ADD COLUMNS ({', '.join(_column(column) for column in added)})")
    return [statement for statement in statements if statement]


def _change(dataset: Dataset, name: str, have: Column, want: Column, keep_extra: bool) -> str:
    kind = want.type
    if not _same_type(have.type, want.type) and not _widens(have.type, want.type):
        if not (keep_extra and _widens(want.type, have.type)):
            raise _refusal(dataset, f"column '{want.name}' cannot turn from {have.type} into {want.type}")
        kind = have.type
    if kind == have.type and literal(want.description) == literal(have.description):
        return ""
    return f"ALTER TABLE {name} CHANGE COLUMN `{want.name}` `{want.name}` {kind}{_comment(want)}"


def _refusal(dataset: Dataset, what: str) -> SpecError:
    return SpecError(
        f"Table {dataset.table.database}.{dataset.table.name} cannot become what datasets/{dataset.path}/dataset.yaml "
        f"declares: {what}. Undo that change, or declare a dataset of another name and put its files there."
    )


def _same(have: Column, want: Column) -> bool:
    return _same_type(have.type, want.type) and literal(have.description) == literal(want.description)


def _same_type(have: str, want: str) -> bool:
    return have.replace(" ", "") == want.replace(" ", "")


def _widens(have: str, want: str) -> bool:
    if (have, want) in WIDENINGS:
        return True
    before, after = DECIMAL.fullmatch(have), DECIMAL.fullmatch(want)
    return bool(before and after and before[2] == after[2] and int(after[1]) > int(before[1]))


def _column(column: Column) -> str:
    return f"`{column.name}` {column.type.replace(' ', '')}{_comment(column)}"


def _comment(column: Column) -> str:
    return f" COMMENT '{literal(column.description)}'" if column.description else ""


def literal(text: str) -> str:
    """Text that may stand between single quotes in Hive's and in Trino's SQL, which escape them differently."""
    plain = text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace("\\", "/").replace(";", ",")
    return " ".join(plain.split())[:COMMENT_LENGTH]


def _quoted(expression: str) -> str:
    """A partition expression with its column in backticks: `month`, day(`at`), bucket(8, `id`)."""
    name, bracket, rest = expression.replace(" ", "").partition("(")
    if not bracket:
        return f"`{name}`"
    arguments = rest.rstrip(")").split(",")
    return f"{name}({', '.join([*arguments[:-1], f'`{arguments[-1]}`'])})"
