"""The DDL statements of Athena as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Name = tuple[str | None, str]  # database, if said, and table


@dataclass(frozen=True, slots=True)
class Column:
    """A column as DDL declares it; `type` in Athena's DDL words."""

    name: str
    type: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Partition:
    """A partition field: a column and its transform, `identity` where none is said."""

    column: str
    transform: str = "identity"
    width: int = 0


@dataclass(frozen=True, slots=True)
class CreateIceberg:
    table: Name
    columns: tuple[Column, ...]
    location: str
    partitions: tuple[Partition, ...] = ()
    comment: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateExternal:
    """CREATE EXTERNAL TABLE: the Glue `TableInput` that the statement stands for."""

    table: Name
    table_input: Mapping[str, object]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddColumns:
    table: Name
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ReplaceColumns:
    table: Name
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ChangeColumn:
    table: Name
    old: str
    new: Column


@dataclass(frozen=True, slots=True)
class DropColumn:
    table: Name
    column: str


@dataclass(frozen=True, slots=True)
class SetProperties:
    table: Name
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnsetProperties:
    table: Name
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddPartition:
    """ALTER TABLE ADD PARTITION of a plain table: values by column, and where they lie."""

    table: Name
    partitions: tuple[tuple[Mapping[str, str], str | None], ...]
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class RepairTable:
    """MSCK REPAIR TABLE: register the partitions that lie below the table's location."""

    table: Name


@dataclass(frozen=True, slots=True)
class DropTable:
    table: Name
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE [OR REPLACE] VIEW: `sql` stands where it stood in the statement."""

    table: Name
    sql: str
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class DropView:
    table: Name
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateDatabase:
    name: str
    comment: str | None = None
    location: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropDatabase:
    name: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class Show:
    """SHOW TABLES, VIEWS, DATABASES, COLUMNS, CREATE TABLE, CREATE VIEW, PARTITIONS, TBLPROPERTIES; DESCRIBE."""

    what: str
    table: Name = (None, "")
    database: str | None = None
    pattern: str | None = None


Ddl = (
    CreateIceberg
    | CreateExternal
    | AddColumns
    | ReplaceColumns
    | ChangeColumn
    | DropColumn
    | SetProperties
    | UnsetProperties
    | AddPartition
    | DropTable
    | RepairTable
    | CreateView
    | DropView
    | CreateDatabase
    | DropDatabase
    | Show
)
