"""Small workbooks, written as Excel writes them: shared texts, styles, seventeen digits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
DATE, INSTANT = 1, 2
FORMAT = "yyyy\\-mm\\-dd&quot; at &quot;hh:mm"
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="{FORMAT}"/></numFmts>
<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"""

Cell = tuple[str, object]
"""Kind and value: text, number, date, instant, error, boolean, inline; an empty cell is None."""


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell | None]]], from_1904: bool = False) -> bytes:
    """A workbook of these sheets, each a list of rows."""
    texts: list[str] = []
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        listed = "".join(
            f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1)
        )
        epoch = '<workbookPr date1904="1"/>' if from_1904 else "<workbookPr/>"
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{epoch}<sheets>{listed}</sheets></workbook>',
        )
        targets = "".join(
            f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{targets}</Relationships>')
        archive.writestr("xl/styles.xml", STYLES)
        for number, rows in enumerate(sheets.values(), 1):
            body = "".join(_row(at, row, texts) for at, row in enumerate(rows, 1))
            sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'
            archive.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
        shared = "".join(f"<si><t>{escape(one)}</t></si>" for one in texts)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
    return out.getvalue()


def _row(number: int, cells: Sequence[Cell | None], texts: list[str]) -> str:
    written = [_cell(f"{chr(65 + at)}{number}", cell, texts) for at, cell in enumerate(cells) if cell is not None]
    return f'<row r="{number}">{"".join(written)}</row>'


def _cell(reference: str, cell: Cell, texts: list[str]) -> str:
    kind, value = cell
    if kind == "text":
        texts.append(str(value))
        return f'<c r="{reference}" t="s"><v>{len(texts) - 1}</v></c>'
    if kind == "inline":
        return f'<c r="{reference}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
    if kind in ("error", "boolean"):
        return f'<c r="{reference}" t="{kind[0]}"><v>{value}</v></c>'
    style = {"date": f' s="{DATE}"', "instant": f' s="{INSTANT}"'}.get(kind, "")
    return f'<c r="{reference}"{style}><v>{value}</v></c>'


def header(*names: str) -> list[Cell | None]:
    return [("text", name) for name in names]
