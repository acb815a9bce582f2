"""Reads DDL into values."""

from __future__ import annotations

from lakelocal.inside.athena import ddl, table_parse
from lakelocal.inside.athena.cursor import Cursor


def read(cursor: Cursor) -> ddl.Ddl:
    """The statement at the cursor; raises InvalidRequest with the place where it stops making sense."""
    for words, reader in (
        (("create", "database"), _create_database),
        (("create", "schema"), _create_database),
        (("drop", "database"), _drop_database),
        (("drop", "schema"), _drop_database),
        (("create", "external"), table_parse.create_external),
        (("create", "table"), table_parse.create),
        (("alter", "table"), table_parse.alter),
        (("drop", "table"), _drop_table),
        (("create", "or", "replace", "view"), lambda cursor: _create_view(cursor, replaces=True)),
        (("create", "view"), _create_view),
        (("drop", "view"), _drop_view),
        (("show",), _show),
        (("msck", "repair", "table"), lambda cursor: ddl.RepairTable(cursor.dotted())),
        (("describe",), _describe),
        (("desc",), _describe),
    ):
        if cursor.take(*words):
            found = reader(cursor)
            cursor.finish()
            return found
    raise cursor.mismatch("'ALTER', 'CREATE', 'DESCRIBE', 'DROP', 'SELECT', 'SHOW', 'VALUES', 'WITH'")


def _create_database(cursor: Cursor) -> ddl.CreateDatabase:
    missing = cursor.take("if", "not", "exists")
    name = cursor.name()
    comment = cursor.string() if cursor.take("comment") else None
    location = cursor.string() if cursor.take("location") else None
    return ddl.CreateDatabase(name, comment, location, missing)


def _drop_database(cursor: Cursor) -> ddl.DropDatabase:
    if_exists = cursor.take("if", "exists")
    name = cursor.name()
    cascade = cursor.take("cascade")
    cursor.take("restrict")
    return ddl.DropDatabase(name, if_exists, cascade)


def _drop_table(cursor: Cursor) -> ddl.DropTable:
    if_exists = cursor.take("if", "exists")
    return ddl.DropTable(cursor.dotted(), if_exists)


def _create_view(cursor: Cursor, *, replaces: bool = False) -> ddl.CreateView:
    table = cursor.dotted()
    cursor.expect("as")
    return ddl.CreateView(table, cursor.rest_in_place(), replaces)


def _drop_view(cursor: Cursor) -> ddl.DropView:
    if_exists = cursor.take("if", "exists")
    return ddl.DropView(cursor.dotted(), if_exists)


def _show(cursor: Cursor) -> ddl.Show:
    if cursor.take("databases") or cursor.take("schemas"):
        cursor.take("like")
        return ddl.Show("databases", pattern=None if cursor.done else cursor.string())
    if cursor.take("tables"):
        database = cursor.name() if cursor.take("in") or cursor.take("from") else None
        return ddl.Show("tables", database=database, pattern=None if cursor.done else cursor.string())
    if cursor.take("views"):
        database = cursor.name() if cursor.take("in") or cursor.take("from") else None
        cursor.take("like")
        return ddl.Show("views", database=database, pattern=None if cursor.done else cursor.string())
    if cursor.take("columns"):
        if not cursor.take("in"):
            cursor.expect("from")
        table = cursor.dotted()
        database = cursor.name() if cursor.take("in") or cursor.take("from") else table[0]
        return ddl.Show("columns", table=(database, table[1]))
    if cursor.take("create", "table"):
        return ddl.Show("create table", table=cursor.dotted())
    if cursor.take("create", "view"):
        return ddl.Show("create view", table=cursor.dotted())
    if cursor.take("partitions"):
        return ddl.Show("partitions", table=cursor.dotted())
    if cursor.take("tblproperties"):
        return ddl.Show("tblproperties", table=cursor.dotted())
    raise cursor.mismatch(
        "COLUMNS, CREATE TABLE, CREATE VIEW, DATABASES, PARTITIONS, SCHEMAS, TABLES, TBLPROPERTIES, VIEWS"
    )


def _describe(cursor: Cursor) -> ddl.Show:
    if cursor.take("extended") or cursor.take("formatted"):
        return ddl.Show("describe formatted", table=cursor.dotted())
    return ddl.Show("describe", table=cursor.dotted())
