"""Reads the statements that write rows into values.

Grammar: https://docs.aws.amazon.com/athena/latest/ug/dml-queries-functions-operators.html
"""

from __future__ import annotations

from lakelocal.inside.athena import dml
from lakelocal.inside.athena.cursor import Cursor


def read(cursor: Cursor) -> dml.Dml | None:
    """The statement at the cursor, or None if it is not one that writes rows. Raises InvalidRequest with the place."""
    for words, reader in (
        (("insert", "into"), _insert),
        (("create", "table"), _create_table_as),
        (("unload",), _unload),
        (("delete", "from"), _change_rows),
        (("update",), _change_rows),
        (("merge", "into"), _change_rows),
        (("optimize",), _optimize),
        (("vacuum",), _vacuum),
    ):
        if cursor.looks_at(*words) and (words != ("create", "table") or cursor.holds_at_the_top("as")):
            cursor.take(*words)
            found = reader(cursor)
            cursor.finish()
            return found
    return None


def _insert(cursor: Cursor) -> dml.Insert:
    table = cursor.dotted()
    columns: list[str] = []
    if cursor.looks_at("(") and not any(cursor.looks_at("(", word) for word in ("select", "with", "values", "(")):
        cursor.expect("(")
        columns.append(cursor.name())
        while cursor.take(","):
            columns.append(cursor.name())
        cursor.expect(")")
    return dml.Insert(table, tuple(columns), cursor.rest_in_place())


def _create_table_as(cursor: Cursor) -> dml.CreateTableAs:
    table = cursor.dotted()
    properties = _properties(cursor) if cursor.take("with") else {}
    cursor.expect("as")
    with_data = True
    if cursor.drop_end("with", "no", "data"):
        with_data = False
    else:
        cursor.drop_end("with", "data")
    return dml.CreateTableAs(table, properties, cursor.rest_in_place(), with_data)


def _unload(cursor: Cursor) -> dml.Unload:
    sql = cursor.bracket_in_place()
    cursor.expect("to")
    location = cursor.string()
    cursor.expect("with")
    return dml.Unload(sql, location, _properties(cursor))


def _change_rows(cursor: Cursor) -> dml.ChangeRows:
    table = cursor.dotted()
    cursor.skip_all()
    return dml.ChangeRows(table, cursor.text)


def _optimize(cursor: Cursor) -> dml.Optimize:
    table = cursor.dotted()
    cursor.expect("rewrite", "data", "using", "bin_pack")
    return dml.Optimize(table, cursor.rest_in_place() if cursor.take("where") else "")


def _vacuum(cursor: Cursor) -> dml.Vacuum:
    return dml.Vacuum(cursor.dotted())


def _properties(cursor: Cursor) -> dict[str, dml.Property]:
    """`(key = 'text', key = ARRAY['a', 'b'])`."""
    cursor.expect("(")
    found: dict[str, dml.Property] = {}
    while True:
        key = cursor.name()
        cursor.expect("=")
        found[key] = _array(cursor) if cursor.take("array") else cursor.literal()
        if not cursor.take(","):
            cursor.expect(")")
            return found


def _array(cursor: Cursor) -> tuple[str, ...]:
    cursor.expect("[")
    found = [cursor.string()]
    while cursor.take(","):
        found.append(cursor.string())
    cursor.expect("]")
    return tuple(found)
