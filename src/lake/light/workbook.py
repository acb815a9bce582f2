"""An Excel workbook's parts: its sheets, its shared texts, and which of its number formats show a date.

Format: ECMA-376, part 1, SpreadsheetML; https://learn.microsoft.com/office/open-xml/spreadsheet/structure-of-a-spreadsheetml-document
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.parsers import expat

from lake.core.errors import Rejected

CHUNK = 1 << 16
SMALL = 64 << 20
MOST_TEXTS = 64 << 20
"""Bytes of the shared texts, which are held in memory."""
DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""The built-in number formats that show a date or a time: ECMA-376, part 1, 18.8.30."""
OLD = b"\xd0\xcf\x11\xe0"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str, str], None]


class Workbook:
    """An open .xlsx or .xlsm file. Raises Rejected: CORRUPT, RATIO, TOO_LARGE, SCHEMA."""

    def __init__(self, path: Path, max_ratio: int) -> None:
        with path.open("rb") as file:
            if file.read(4) == OLD:
                said = "the object is an old .xls workbook, or one with a password; save it as .xlsx without one"
                raise Rejected("CORRUPT", said)
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise Rejected("CORRUPT", f"the object is no workbook: {error}") from error
        self._names = set(self._archive.namelist())
        size, packed = sum(one.file_size for one in self._archive.infolist()), path.stat().st_size
        if size > SMALL and size > packed * max_ratio:
            raise Rejected("RATIO", f"{packed} bytes unpack to more than {max_ratio} times as much; a bomb?")
        self._home = "xl/workbook.xml"
        if self._home not in self._names:
            raise Rejected("CORRUPT", "the object is no workbook: it has no xl/workbook.xml")
        self.sheets: dict[str, str] = {}
        self.from_1904 = False
        self._read_sheets()
        self.texts = self._shared_texts()
        self.dates = self._date_styles()

    def close(self) -> None:
        self._archive.close()

    def sheet(self, wanted: str) -> str:
        """The part that holds a sheet; without a name the only sheet."""
        known = ", ".join(map(repr, self.sheets))
        if wanted and wanted not in self.sheets:
            raise Rejected("SCHEMA", f"the workbook has no sheet {wanted!r}; it has {known}")
        if not wanted and len(self.sheets) != 1:
            raise Rejected("SCHEMA", f"the workbook has {len(self.sheets)} sheets: {known}; declare options.sheet")
        return self.sheets[wanted or next(iter(self.sheets))]

    def parse(self, part: str, start: Start, end: End) -> Iterator[int]:
        """Parse a part; `end` is told an element's own text. Gives after each piece how many bytes were read."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        held: list[str] = []

        def started(name: str, attributes: Mapping[str, str]) -> None:
            held.clear()
            start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

        def ended(name: str) -> None:
            end(name.rpartition(" ")[2], "".join(held))
            held.clear()

        def refused(*_: object) -> None:
            raise Rejected("CORRUPT", f"{part} declares a DOCTYPE, which no workbook has")

        parser.StartElementHandler, parser.EndElementHandler = started, ended
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = held.append, refused
        size = 0
        for chunk in self._chunks(part):
            size += len(chunk)
            try:
                parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                raise Rejected("CORRUPT", f"{part} of the workbook is broken: {error}") from error
            yield size

    def _chunks(self, part: str) -> Iterator[bytes]:
        try:
            with self._archive.open(part) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
                yield b""
        except KeyError as error:
            raise Rejected("CORRUPT", f"the workbook lacks its part {part}") from error
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise Rejected("CORRUPT", f"{part} of the workbook cannot be unpacked: {error}") from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise Rejected("CORRUPT", f"{part} of the workbook cannot be unpacked: {error}") from error
            raise

    def _all(self, part: str, start: Start, end: End, most: int = SMALL) -> None:
        for size in self.parse(part, start, end):
            if size > most:
                raise Rejected("TOO_LARGE", f"{part} of the workbook has more than {most} bytes; split the sheet")

    def _read_sheets(self) -> None:
        found: dict[str, str] = {}
        targets: dict[str, str] = {}

        def sheets(name: str, attributes: Mapping[str, str]) -> None:
            if name == "sheet":
                found[attributes.get("name", "")] = attributes.get("id", "")
            elif name == "workbookPr":
                self.from_1904 = attributes.get("date1904", "") in ("1", "true")

        def relations(name: str, attributes: Mapping[str, str]) -> None:
            if name == "Relationship":
                targets[attributes.get("Id", "")] = posixpath.normpath(
                    posixpath.join("/xl", attributes.get("Target", ""))
                ).lstrip("/")

        self._all(self._home, sheets, _nothing)
        self._all("xl/_rels/workbook.xml.rels", relations, _nothing)
        self.sheets = {name: targets.get(one, "") for name, one in found.items()}

    def _shared_texts(self) -> list[str]:
        """Texts that cells refer to by number; phonetic hints are left out."""
        texts: list[str] = []
        parts: list[str] = []
        hints = 0

        def start(name: str, _: Mapping[str, str]) -> None:
            nonlocal hints
            if name == "si":
                parts.clear()
            hints += name == "rPh"

        def end(name: str, text: str) -> None:
            nonlocal hints
            if name == "t" and not hints:
                parts.append(text)
            elif name == "si":
                texts.append(unescaped("".join(parts)))
            hints -= name == "rPh"

        if "xl/sharedStrings.xml" in self._names:
            self._all("xl/sharedStrings.xml", start, end, MOST_TEXTS)
        return texts

    def _date_styles(self) -> frozenset[int]:
        """Numbers of the cell styles that show dates."""
        custom: set[int] = set()
        formats: list[int] = []
        inside = False

        def start(name: str, attributes: Mapping[str, Any]) -> None:
            nonlocal inside
            if name == "numFmt" and shows_date(attributes.get("formatCode", "")):
                custom.add(int(attributes.get("numFmtId", "0")))
            elif name == "cellXfs":
                inside = True
            elif name == "xf" and inside:
                formats.append(int(attributes.get("numFmtId", "0")))

        def end(name: str, _: str) -> None:
            nonlocal inside
            inside = inside and name != "cellXfs"

        if "xl/styles.xml" in self._names:
            self._all("xl/styles.xml", start, end)
        return frozenset(style for style, one in enumerate(formats) if one in DATES or one in custom)


def shows_date(code: str) -> bool:
    """Whether a custom number format shows a date or time: letters of those, outside of quotes and brackets."""
    bare = re.sub(r'"[^"]*"|\\.|_.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', "", code.lower())
    return any(letter in bare.replace("general", "") for letter in "ymdhs")


def unescaped(text: str) -> str:
    """`_x000D_` stands for a character that XML cannot hold: ECMA-376, part 1, 22.4.2.4."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _nothing(name: str, text: str) -> None:
    pass
