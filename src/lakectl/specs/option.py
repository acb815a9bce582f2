"""How files of a format are written: the options of a drop source."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from lakectl.specs.model import Spec, Texts, one_of

ENCODINGS = (
    *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii"),
    *("latin-1", "iso-8859-2", "iso-8859-5", "iso-8859-7", "iso-8859-9", "iso-8859-15", "koi8-r", "mac-roman"),
    *("cp437", "cp850", "cp852", "cp866", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257"),
    *("shift_jis", "cp932", "euc-jp", "gb18030", "big5", "euc-kr"),
)
SYNONYMS = {
    "utf8": "utf-8",
    "utf16": "utf-16",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "ansi": "cp1252",
    "sjis": "shift_jis",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}
PACKED, TEXT = ("max_ratio",), ("encoding", "max_ratio", "max_line_bytes")
WORDS = ("null_values", "true_values", "false_values")
NAMED = ("ignore_extra", "require_all")
OPTIONS: dict[str, tuple[str, ...]] = {
    "csv": ("delimiter", "quote", "escape", "header", "skip", *WORDS, *TEXT),
    "tsv": ("delimiter", "quote", "escape", "header", "skip", *WORDS, *TEXT),
    "fixed": ("skip", *WORDS, *TEXT),
    "jsonl": (*NAMED, *TEXT),
    "json": ("path", *NAMED, *TEXT),
    "parquet": (),
    "avro": ("ignore_extra", *PACKED),
    "excel": ("sheet", "header_row", "null_values", *PACKED),
    "xml": ("row", *NAMED, *WORDS, *TEXT),
    "binary": ("content_types",),
    "orc": (),
}
"""The options that each format takes."""


def _marker(value: Any) -> Any:
    if isinstance(value, str) and (len(value) != 1 or value in "\r\n\0"):
        hint = "Write one character that is no line end; an empty quote stands for none."
        raise PydanticCustomError("marker", "{value} is not one character.", {"value": repr(value), "hint": hint})
    return value


def _quote(value: Any) -> Any:
    return value if value == "" else _marker(value)


def _way(value: str) -> str:
    if value != "$" and not (value.startswith("$.") and all(value[2:].split("."))):
        hint = "Write $ for the top, or the keys on the way: $.data.items."
        raise PydanticCustomError("path", "{value} is not a path.", {"value": repr(value), "hint": hint})
    return value


OneCharacter = Annotated[str, BeforeValidator(_marker), WithJsonSchema({"type": "string", "maxLength": 1})]
Quote = Annotated[str, BeforeValidator(_quote), WithJsonSchema({"type": "string", "maxLength": 1})]


COMMA = "Declare the column as string, and in light.sql write CAST(replace(price, ',', '.') AS DECIMAL(9, 2)) AS price."
"""How numbers are read that are written in another way than 1234.56."""


class Options(Spec):
    """Options of text, JSON, Excel, XML and binary files. Only what is written is compiled: the readers know defaults.

    `null_values` are the spellings of null; without it, an empty cell is null. `skip` is a number of lines before the
    header. `max_ratio` bounds how far a packed file may unfold, `max_line_bytes` how long a line or record may be.
    `path` leads to the array of records in a JSON document, `row` to the elements of rows in XML. `ignore_extra` passes
    over what no column declares, `require_all` sets rows aside that lack a declared field. `content_types` are the only
    kinds of binary objects that are taken.
    """

    NOT_BUILT: ClassVar[dict[str, str]] = {"decimal": COMMA, "decimal_separator": COMMA, "thousands": COMMA}

    delimiter: OneCharacter | None = None
    quote: Quote | None = None
    escape: OneCharacter | None = None
    header: bool | None = None
    null_values: Texts | None = None
    true_values: Texts | None = None
    false_values: Texts | None = None
    encoding: (
        Annotated[str, one_of("encoding", ENCODINGS, synonyms=SYNONYMS), WithJsonSchema({"enum": list(ENCODINGS)})]
        | None
    ) = None
    skip: Annotated[int, Field(ge=0)] | None = None
    max_ratio: Annotated[int, Field(ge=1)] | None = None
    max_line_bytes: Annotated[int, Field(ge=1)] | None = None
    path: Annotated[str, AfterValidator(_way)] | None = None
    ignore_extra: bool | None = None
    require_all: bool | None = None
    sheet: str | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    row: Annotated[str, Field(min_length=1)] | None = None
    content_types: Texts | None = None

    def written(self) -> dict[str, Any]:
        """What the user wrote, as JSON holds it."""
        return self.model_dump(mode="json", exclude_none=True)
