"""The statements that write rows, or tidy what is written, as values. `sql` stands where it stood in its statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lakelocal.inside.athena.ddl import Name

Property = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Insert:
    table: Name
    columns: tuple[str, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    table: Name
    properties: Mapping[str, Property]
    sql: str
    with_data: bool = True


@dataclass(frozen=True, slots=True)
class Unload:
    sql: str
    location: str
    properties: Mapping[str, Property]


@dataclass(frozen=True, slots=True)
class ChangeRows:
    """DELETE, UPDATE or MERGE, as written."""

    table: Name
    sql: str


@dataclass(frozen=True, slots=True)
class Optimize:
    """OPTIMIZE … REWRITE DATA USING BIN_PACK; `where` may be empty."""

    table: Name
    where: str


@dataclass(frozen=True, slots=True)
class Vacuum:
    table: Name


Dml = Insert | CreateTableAs | Unload | ChangeRows | Optimize | Vacuum
