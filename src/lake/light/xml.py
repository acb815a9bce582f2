"""XML: an element at a declared path is a row; its children and attributes are its cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from lake.core.contract import Column
from lake.core.errors import Rejected
from lake.core.type import is_nested, leaves, parse_type
from lake.light.dialect import dialect_of
from lake.light.row import Document, Row
from lake.light.value import Misfit, Number, spelled

CHUNK = 1 << 16
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
NIL = "nil"
NOTHING = ("http://www.w3.org/2001/XMLSchema-instance", NIL)


@dataclass(slots=True)
class Element:
    """A piece of a row. Names are local: namespaces are passed over."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    nil: bool = False


def read(document: Document) -> Iterator[Row]:
    """All elements at `options.row`. Raises Rejected for a document that is not well-formed, or declares entities."""
    dialect = dialect_of(document.options)
    wanted = tuple(str(document.options["row"]).strip("/").split("/"))
    handler = _Handler(wanted, dialect.max_line_bytes)
    parser = handler.parser(str(document.options.get("encoding", "")) or None)
    cells = _Cells(document.schema, document.options, frozenset(dialect.null_values))
    with document.path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            if not chunk and not handler.begun:
                return
            handler.begun = True
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                said = expat.errors.messages[error.code]
                where = f"line {error.lineno}, column {error.offset + 1}"
                reason = "ENCODING" if "token" in said and _is_no_text(chunk) else "CORRUPT"
                raise Rejected(reason, f"{where}: the document is not well-formed XML: {said}") from error
            for element in handler.rows:
                yield cells.row(element)
            handler.rows.clear()
            if not chunk:
                break
    if not handler.met:
        raise Rejected("SCHEMA", f"the document has no element at {'/'.join(wanted)}; its root is {handler.root!r}")


def _is_no_text(chunk: bytes) -> bool:
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        return error.start < len(chunk) - 3 and not chunk.startswith(MARKS)
    return False


class _Handler:
    """Takes expat's events and keeps the elements of rows, until they are fetched."""

    def __init__(self, wanted: tuple[str, ...], most: int) -> None:
        self._wanted, self._most = wanted, most
        self._way: list[str] = []
        self._open: list[Element] = []
        self._size = 0
        self.rows: list[Element] = []
        self.begun = False
        self.met = False
        self.root = ""

    def parser(self, encoding: str | None) -> Any:
        made = expat.ParserCreate(encoding, " ")
        made.buffer_text = True
        made.StartElementHandler = self._start
        made.EndElementHandler = self._end
        made.CharacterDataHandler = self._data
        made.StartDoctypeDeclHandler = self._doctype
        self._parser = made
        return made

    def _doctype(self, *_: object) -> None:
        said = "the document declares a DOCTYPE, whose entities may be a bomb; take it out"
        raise Rejected("CORRUPT", f"line {self._parser.CurrentLineNumber}: {said}")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._way.append(local)
        self.root = self.root or local
        if not self._open and tuple(self._way) != self._wanted:
            return
        element = Element(local, self._parser.CurrentLineNumber)
        for key, value in attributes.items():
            space, _, short = key.rpartition(" ")
            if (space, short) == NOTHING:
                element.nil = value.strip() in ("true", "1")
            else:
                element.attributes[short] = value
            self._weigh(len(value))
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.met, self._size = True, 0
        self._open.append(element)
        self._weigh(len(local))

    def _end(self, _: str) -> None:
        self._way.pop()
        if self._open and len(self._open) == 1:
            self.rows.append(self._open[0])
        if self._open:
            self._open.pop()

    def _data(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)
            self._weigh(len(text))

    def _weigh(self, more: int) -> None:
        self._size += more
        if self._size > self._most:
            line = self._open[0].line if self._open else self._parser.CurrentLineNumber
            raise Rejected("TOO_LARGE", f"line {line}: the row is longer than {self._most} characters")


class _Cells:
    """Finds each column in a row's element: `price`, `price/@currency`, `@id`, `.` for the element's own text."""

    def __init__(self, schema: Sequence[Column], options: Mapping[str, Any], nulls: frozenset[str]) -> None:
        self._schema, self._nulls = schema, nulls
        self._ways = [tuple(column.place.split("/")) for column in schema]
        self._known = {way[:length] for way in self._ways for length in range(1, len(way) + 1)}
        self._ends = set(self._ways)
        self._ignore_extra = bool(options.get("ignore_extra"))
        self._require_all = bool(options.get("require_all"))

    def row(self, element: Element) -> Row:
        found: dict[tuple[str, ...], list[str | None]] = {}
        wrong: list[str] = []
        self._collect(element, (), found, wrong)
        cells = [
            self._cell(column, found.get(way), wrong) for column, way in zip(self._schema, self._ways, strict=True)
        ]
        if wrong:
            return Row(element.line, (), "; ".join(wrong[:20]), _written(element))
        return Row(element.line, cells)

    def _collect(
        self, element: Element, way: tuple[str, ...], found: dict[tuple[str, ...], list[str | None]], wrong: list[str]
    ) -> None:
        """Texts of the element and of what is in it, by their ways; what no column declares is wrong."""
        place = "/".join(way) or element.name
        own = "".join(element.text)
        if (*way, ".") in self._ends or (way in self._ends and not element.children):
            found.setdefault((*way, ".") if (*way, ".") in self._ends else way, []).append(None if element.nil else own)
        elif way in self._ends:
            wrong.append(f"{place}: holds elements, not text")
        elif own.strip() and not self._ignore_extra:
            wrong.append(f"{place}: text that no column declares")
        for key, value in element.attributes.items():
            inner = (*way, f"@{key}")
            if inner in self._ends:
                found.setdefault(inner, []).append(value)
            elif not self._ignore_extra:
                wrong.append(f"{'/'.join(inner)}: is not declared")
        for child in element.children:
            inner = (*way, child.name)
            if inner in self._known:
                self._collect(child, inner, found, wrong)
            elif not self._ignore_extra and way not in self._ends:
                wrong.append(f"{'/'.join(inner)}: is not declared")

    def _cell(self, column: Column, texts: list[str | None] | None, wrong: list[str]) -> str | None:
        if texts is None:
            if self._require_all:
                wrong.append(f"{column.name}: is missing")
            return None
        if is_nested(column.type):
            return self._list(column, [self._null(text) for text in texts], wrong)
        if len(texts) > 1:
            wrong.append(f"{column.name}: stands {len(texts)} times; declare array<{column.type}>, or mend the file")
            return None
        text = self._null(texts[0])
        return text if text is None or column.type == "string" else text.strip(" \t\r\n")

    def _list(self, column: Column, texts: list[str | None], wrong: list[str]) -> str | None:
        type_ = parse_type(column.type)
        (kind,) = leaves(type_)
        try:
            return spelled([_of_kind(text, kind) for text in texts], type_, column.name)
        except Misfit as misfit:
            wrong.append(str(misfit))
            return None

    def _null(self, text: str | None) -> str | None:
        return None if text is None or text in self._nulls else text


def _of_kind(text: str | None, kind: str) -> object:
    """A text of a list as what its type is made of; one that is not stays text, and does not fit."""
    if text is None or kind == "string":
        return text
    text = text.strip(" \t\r\n")
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return Number(text) if kind in ("int", "bigint", "float", "double") else text


def _written(element: Element) -> str:
    """A row's element again, near enough to be found in the file."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attributes.items())
    inner = "".join(element.text).strip() + "".join(_written(child) for child in element.children)
    return f"<{element.name}{attributes}>{inner}</{element.name}>"
