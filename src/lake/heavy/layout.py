"""The layout of a table's files as its dataset declares it. Athena has no words to change it, so a run does.

What lies there already stays as it is and stays readable; only what is written from then on is laid out anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lake.core.iceberg import partition_of
from lake.core.table import Table
from lake.heavy.iceberg import IcebergTable

FILE_SIZE = "write.target-file-size-bytes"
"""https://iceberg.apache.org/docs/1.10.0/configuration/#write-properties"""

Change = Callable[[Any], None]
"""What adds its part to a transaction of Iceberg's."""


def lay_out(table: IcebergTable, declared: Table) -> None:
    """Give the table the declared partitions, order and file size, in one commit if any of them differs."""
    table.handle.refresh()
    changes = [
        *_partition_changes(table, declared.partition),
        *_sort_changes(table, declared.sort),
        *_size_changes(table, declared.file_size),
    ]
    if not changes:
        return
    transaction = table.handle.newTransaction()
    for change in changes:
        change(transaction)
    transaction.commitTransaction()
    table.reload()


def _partition_changes(table: IcebergTable, declared: Sequence[str]) -> list[Change]:
    """The order of partitions means nothing to a reader, so that alone is no change."""
    schema = table.handle.schema()
    fields = [field for field in table.handle.spec().fields() if not field.transform().isVoid()]
    have = {partition_of(str(f.transform()), schema.findColumnName(f.sourceId())): f.name() for f in fields}
    want = [text.replace(" ", "") for text in declared]
    if set(have) == set(want):
        return []

    def change(transaction: Any) -> None:
        update = transaction.updateSpec()
        for text in have.keys() - set(want):
            update = update.removeField(have[text])
        for text in want:
            if text not in have:
                update = update.addField(_term(table, text))
        update.commit()

    return [change]


def _term(table: IcebergTable, text: str) -> Any:
    """A partition in Iceberg's own words: `month(at)`, `bucket(8,id)`, `id`."""
    expressions = table.spark._jvm.org.apache.iceberg.expressions.Expressions
    transform, bracket, rest = text.removesuffix(")").partition("(")
    if not bracket:
        return expressions.ref(text)
    *number, column = rest.split(",")
    return getattr(expressions, transform)(column, *map(int, number))


def _sort_changes(table: IcebergTable, declared: Sequence[str]) -> list[Change]:
    schema, order = table.handle.schema(), table.handle.sortOrder()
    have = [(schema.findColumnName(one.sourceId()), one.direction().name().lower()) for one in order.fields()]
    want = [(text.removesuffix(" desc"), "desc" if text.endswith(" desc") else "asc") for text in declared]
    if have == want:
        return []

    def change(transaction: Any) -> None:
        iceberg = table.spark._jvm.org.apache.iceberg
        nulls = {"asc": iceberg.NullOrder.NULLS_FIRST, "desc": iceberg.NullOrder.NULLS_LAST}
        update = transaction.replaceSortOrder()
        for column, direction in want:
            update = getattr(update, direction)(iceberg.expressions.Expressions.ref(column), nulls[direction])
        update.commit()

    return [change]


def _size_changes(table: IcebergTable, declared: int) -> list[Change]:
    want = str(declared) if declared else None
    if table.handle.properties().get(FILE_SIZE) == want:
        return []

    def change(transaction: Any) -> None:
        update = transaction.updateProperties()
        (update.set(FILE_SIZE, want) if want else update.remove(FILE_SIZE)).commit()

    return [change]
