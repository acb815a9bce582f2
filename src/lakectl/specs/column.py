"""A column as a user declares it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag, WithJsonSchema
from pydantic_core import PydanticCustomError

from lake.core.contract import Column
from lake.core.type import SIMPLE_TYPES, WrongType, parse_type, written
from lakectl.specs.model import ColumnName, Spec
from lakectl.specs.name import nearest

TYPES = (*SIMPLE_TYPES, "decimal(p,s)", "array<type>", "map<string,type>", "struct<name:type>")
NESTED = "Write it like array<string>, map<string,int> or struct<a:int,b:array<string>>."
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
    "object": "struct<name:type>",
    "record": "struct<name:type>",
}


def _type(value: Any) -> Any:
    if not isinstance(value, str) or value in SIMPLE_TYPES:
        return value
    try:
        return written(parse_type(value))
    except WrongType as wrong:
        said = f"{wrong}." if wrong.word == value else f"{value!r}: {wrong}."
        raise PydanticCustomError("type", "{said}", {"said": said, "hint": _hint(wrong.word)}) from None


def _hint(word: str) -> str:
    if word.startswith("decimal("):
        return "Precision goes from 1 to 38, scale from 0 to the precision."
    return nearest(word, TYPES, ALIASES) if re.match("[A-Za-z]", word) else NESTED


ColumnType = Annotated[
    str,
    BeforeValidator(_type),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(SIMPLE_TYPES)},
                {"type": "string", "pattern": r"^decimal\(\d{1,2}, ?\d{1,2}\)$"},
                {"type": "string", "pattern": r"^(array|list|map|struct) ?<.+>$"},
            ]
        }
    ),
]


class ColumnSpec(Spec):
    """`format` is the one strptime format of a date or timestamp in text; without it, ISO 8601.

    `at` is where the cell stands in the file if not under the column's name: another header, `$.a.b` in JSON, Avro and
    Parquet, `price/@currency` in XML, the characters `12-20` in fixed width.
    """

    name: ColumnName
    type: ColumnType
    description: str = ""
    nullable: bool = True
    pii: bool = False
    format: str = ""
    at: str = ""

    def value(self) -> Column:
        return Column(self.name, self.type, self.description, self.nullable, self.pii, self.format, self.at)

    @property
    def place(self) -> str:
        """Where it stands in the file."""
        return self.at or self.name


def _form(value: Any) -> str:
    return "same" if isinstance(value, str) else "column"


LaterColumn = Annotated[Annotated[ColumnSpec, Tag("column")] | Annotated[str, Tag("same")], Discriminator(_form)]
"""A column after a transform: declared anew, or the name of one that stays as it was; `*` stands for all of them."""
