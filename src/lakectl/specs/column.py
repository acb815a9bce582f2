"""A column as a user declares it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from lake.core.contract import DECIMAL, SIMPLE_TYPES, Column
from lakectl.specs.model import ColumnName, Spec
from lakectl.specs.name import nearest

TYPES = (*SIMPLE_TYPES, "decimal(p,s)")
ALIASES = {
    "integer": "int",
    "long": "bigint",
    "bool": "boolean",
    "str": "string",
    "text": "string",
    "varchar": "string",
    "datetime": "timestamp",
    "numeric": "decimal(p,s)",
    "real": "float",
    "bytes": "binary",
}


def _type(value: Any) -> Any:
    if not isinstance(value, str) or value in SIMPLE_TYPES:
        return value
    decimal = DECIMAL.fullmatch(value)
    if decimal:
        precision, scale = int(decimal[1]), int(decimal[2])
        if not (1 <= precision <= 38 and scale <= precision):
            context = {"value": repr(value), "hint": "Precision goes from 1 to 38, scale from 0 to the precision."}
            raise PydanticCustomError("type", "{value} cannot exist.", context)
        return f"decimal({precision},{scale})"
    hint = nearest(value, TYPES, ALIASES)
    raise PydanticCustomError("type", "{value} is not a type.", {"value": repr(value), "hint": hint})


ColumnType = Annotated[
    str,
    BeforeValidator(_type),
    WithJsonSchema(
        {"anyOf": [{"enum": list(SIMPLE_TYPES)}, {"type": "string", "pattern": r"^decimal\(\d{1,2}, ?\d{1,2}\)$"}]}
    ),
]


class ColumnSpec(Spec):
    """`format` is the one strptime format of a date or timestamp in text; without it, ISO 8601."""

    name: ColumnName
    type: ColumnType
    description: str = ""
    nullable: bool = True
    pii: bool = False
    format: str = ""

    def value(self) -> Column:
        return Column(self.name, self.type, self.description, self.nullable, self.pii, self.format)


def _form(value: Any) -> str:
    return "same" if isinstance(value, str) else "column"


LaterColumn = Annotated[Annotated[ColumnSpec, Tag("column")] | Annotated[str, Tag("same")], Discriminator(_form)]
"""A column after a transform: declared anew, or the name of one that stays as it was; `*` stands for all of them."""
