"""JSON lines: an object on each line, keys bound to columns by name or by path."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from lake.core.errors import Rejected
from lake.light.binding import Binding
from lake.light.dialect import dialect_of
from lake.light.json_value import NotJson, json_value
from lake.light.record import lines_of
from lake.light.row import Document, Row
from lake.light.text import utf8_text
from lake.light.value import Misfit


def read(document: Document) -> Iterator[Row]:
    """All lines that are not blank. Raises Rejected if the first is not even the beginning of an object."""
    dialect = dialect_of(document.options)
    binding = Binding(document.schema, document.options)
    text = utf8_text(document.path, dialect.codec, document.folder / "decoded")
    begun = False
    with text.open("rb") as file:
        if file.read(3) != codecs.BOM_UTF8:
            file.seek(0)
        for number, (line, too_long) in enumerate(lines_of(file, dialect.max_line_bytes), start=1):
            raw = line.strip()
            if not raw:
                continue
            if not begun and not raw.startswith(b"{"):
                raise Rejected("CORRUPT", _no_object(number, raw))
            begun = True
            yield row_of(raw, number, binding, dialect.max_line_bytes if too_long else 0)


def _no_object(number: int, raw: bytes) -> str:
    hint = "declare `format: json`, or drop one object on each line" if raw.startswith(b"[") else "drop JSON lines"
    return f"line {number} begins with {raw[:20].decode('utf-8', 'backslashreplace')!r}, not with an object; {hint}"


def row_of(raw: bytes, line: int, binding: Binding, cut_at: int = 0) -> Row:
    """One line as a row; `cut_at` is not 0 where the line was longer than that."""
    try:
        if cut_at:
            raise NotJson(f"the line is longer than {cut_at} bytes")
        return Row(line, binding.cells(json_value(raw.decode())))
    except UnicodeDecodeError as error:
        problem = f"byte {error.start + 1} of the line is not UTF-8: {error.reason}"
    except (NotJson, Misfit) as error:
        problem = str(error)
    return Row(line, (), problem, raw.decode("utf-8", "backslashreplace"))
