"""A SELECT with its tables found in the catalog and its views put in, with the caller's own permissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from lakelocal.inside.athena import rewrite
from lakelocal.inside.athena.caller import Caller
from lakelocal.inside.athena.catalog import has_database
from lakelocal.inside.athena.failure import InvalidRequest, QueryFailed
from lakelocal.inside.athena.information import SCHEMA, Information
from lakelocal.inside.athena.place import where
from lakelocal.inside.athena.reference import CATALOG, ForeignCatalog, Reference, references
from lakelocal.inside.athena.source import Source
from lakelocal.inside.athena.stored import source_of
from lakelocal.inside.athena.translate import read_failure
from lakelocal.inside.athena.view import View

DEEPEST = 10
"""Views that read views that read views."""


@dataclass(slots=True)
class Resolved:
    """A query whose tree names only stored tables; `views` are those that were put in, with their trees."""

    text: str
    tree: exp.Expression
    tables: list[tuple[Reference, Source]] = field(default_factory=list)
    views: list[tuple[View, exp.Expression]] = field(default_factory=list)


def resolved(text: str, caller: Caller, database: str) -> Resolved:
    """Read a SELECT and find its tables. Raises QueryFailed with Athena's words."""
    rewrite.check_functions(text)
    found = _resolve(text, rewrite.parse(text), caller, database, {}, ())
    for number, (reference, _) in enumerate(found.tables):
        reference.alias = f"scan_{number}"
    return found


def resolved_change(text: str, tree: exp.Expression, caller: Caller, database: str) -> Resolved:
    """The same for DELETE, UPDATE and MERGE; the table that they change comes first."""
    rewrite.check_functions(text)
    found = _resolve(text, tree, caller, database, {}, ())
    first = next(at for at, (reference, _) in enumerate(found.tables) if reference.node is tree.this)
    found.tables.insert(0, found.tables.pop(first))
    for number, (reference, _) in enumerate(found.tables):
        reference.alias = f"scan_{number}"
    return found


def _resolve(
    text: str,
    tree: exp.Expression,
    caller: Caller,
    database: str,
    known: dict[tuple[str, str, str | None], Source | View],
    inside: tuple[str, ...],
) -> Resolved:
    found = Resolved(text, tree)
    for reference in _references(text, tree, database):
        key = (reference.database, reference.name, reference.metadata)
        if key not in known:
            known[key] = _stored(text, caller, reference)
        stored = known[key]
        if isinstance(stored, View):
            body = _body(reference, stored, caller, known, inside)
            found.tables += body.tables
            found.views += [*body.views, (stored, body.tree)]
            _put_in(reference, stored, body.tree)
        else:
            found.tables.append((reference, stored))
    return found


def _body(
    reference: Reference, view: View, caller: Caller, known: Mapping[Any, Any], inside: tuple[str, ...]
) -> Resolved:
    name = f"{reference.database}.{view.name}"
    if name in inside or len(inside) >= DEEPEST:
        raise QueryFailed(f"INVALID_VIEW: View '{CATALOG}.{name}' reads itself, or views are nested too deep")
    try:
        tree = rewrite.parse(view.sql)
        return _resolve(view.sql, tree, caller, view.database, dict(known), (*inside, name))
    except InvalidRequest as error:
        raise QueryFailed(f"INVALID_VIEW: Failed parsing stored view '{CATALOG}.{name}': {error.message}") from error
    except QueryFailed as error:
        if error.reason.startswith(("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND")):
            raise QueryFailed(f"INVALID_VIEW: Failed analyzing stored view '{CATALOG}.{name}': {error}") from error
        raise


def _put_in(reference: Reference, view: View, body: exp.Expression) -> None:
    """The view's query in place of its name, its columns under the names that the view gives them."""
    if reference.node.args.get("version"):
        raise QueryFailed(f"NOT_SUPPORTED: time travel needs an Iceberg table, and {view.name} is a view")
    given = reference.node.args.get("alias")
    columns = (given.columns if given else []) or [exp.to_identifier(name, quoted=True) for name, _ in view.columns]
    alias = exp.to_identifier(reference.node.alias or reference.node.name, quoted=True)
    for part in ("joins", "pivots", "sample"):
        if reference.node.args.get(part):
            raise QueryFailed(f"NOT_SUPPORTED: not built in the local Athena: {part} of a view")
    named = exp.TableAlias(this=alias, columns=list(columns))
    reference.node.replace(exp.Subquery(this=body, alias=named))


def _references(text: str, tree: exp.Expression, database: str) -> list[Reference]:
    try:
        named = references(tree, database)
    except ForeignCatalog as foreign:
        catalog = foreign.node.catalog
        raise QueryFailed(f"CATALOG_NOT_FOUND: {where(text, foreign.node)}: Catalog '{catalog}' not found") from foreign
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            name = table.this.sql("trino")
            raise QueryFailed(f"FUNCTION_NOT_FOUND: {where(text, table)}: Table function '{name}' not registered")
    return named


def _stored(text: str, caller: Caller, reference: Reference) -> Source | View:
    at = where(text, reference.node)
    if reference.database == SCHEMA:
        return Information(caller, reference.name)
    if not reference.database:
        raise QueryFailed(f"MISSING_SCHEMA_NAME: {at}: Schema must be specified when session schema is not set")
    try:
        source = source_of(caller, reference.database, reference.name, reference.metadata)
    except Exception as error:  # whatever reading the catalog or the metadata raises is said in Athena's words
        raise read_failure(error, reference.full_name) from error
    if source is not None:
        return source
    if not has_database(caller, reference.database):
        raise QueryFailed(f"SCHEMA_NOT_FOUND: {at}: Schema '{reference.database}' does not exist")
    raise QueryFailed(f"TABLE_NOT_FOUND: {at}: Table '{CATALOG}.{reference.database}.{reference.name}' does not exist")
