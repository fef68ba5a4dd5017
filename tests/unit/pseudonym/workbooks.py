"""Workbooks put together element by element, so that a test decides what a program would decide for it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    f'<Override PartName="/xl/workbook.xml" ContentType="{SPREADSHEET}.sheet.main+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SPREADSHEET}.sharedStrings+xml"/></Types>'
)

FORMATS = ("General", "yyyy\\-mm\\-dd", "000000\\-0000", "0000000000", "0.00E+00", "[$-41D]d mmmm yyyy;@")
"""The styles of the cells made here, by place."""

DATE, NUMBER, TEN = 1, 2, 3

Cell = str | int | float | bool | tuple[str, object] | None
"""A text, a number, a truth; or a kind (`style 1`, `formula`, `raw`, `shared`) and what it holds."""


def cell(value: Cell, reference: str, shared: list[str]) -> str:
    """Return the XML of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{reference}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{reference}"><v>{value}</v></c>'
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    kind, content = value
    if kind == "raw":
        return str(content).replace("REF", reference)
    if kind == "shared":
        shared.append(str(content))
        return f'<c r="{reference}" t="s"><v>{len(shared) - 1}</v></c>'
    if kind == "formula":
        return f'<c r="{reference}" t="str"><f>A1&amp;B1</f><v>{escape(str(content))}</v></c>'
    return f'<c r="{reference}" s="{kind.split()[1]}"><v>{content}</v></c>'


def column(place: int) -> str:
    """Return the letters of a column from 0."""
    return (column(place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def sheet_xml(
    rows: Iterable[Sequence[Cell]], shared: list[str], *, first: int = 1, after: str = "", space: str = MAIN
) -> str:
    """Return the XML of a sheet."""
    lines = []
    for line, row in enumerate(rows, start=first):
        cells = "".join(cell(value, f"{column(place)}{line}", shared) for place, value in enumerate(row))
        lines.append(f'<row r="{line}">{cells}</row>')
    return f'<worksheet xmlns="{space}"><sheetData>{"".join(lines)}</sheetData>{after}</worksheet>'


def workbook(
    rows: Iterable[Sequence[Cell]],
    *,
    epoch_1904: bool = False,
    first: int = 1,
    after: str = "",
    space: str = MAIN,
    others: Sequence[tuple[str, str, Sequence[Sequence[Cell]]]] = (),
    state: str = "visible",
    replace: dict[str, str | bytes] | None = None,
    without: Sequence[str] = (),
) -> bytes:
    """Return the bytes of a workbook.

    Args:
        rows: The rows of its first sheet.
        epoch_1904: Whether it counts days from 1904.
        first: The row at which the first sheet begins.
        after: XML that follows the cells of the first sheet.
        space: The namespace: of the usual or the strict edition.
        others: Further sheets: name, state, rows.
        state: Whether the first sheet is hidden.
        replace: Parts to put in place of what is made.
        without: Parts to leave out.
    """
    shared: list[str] = []
    sheets = [("Persons", state, sheet_xml(rows, shared, first=first, after=after, space=space))]
    sheets += [(name, how, sheet_xml(content, shared)) for name, how, content in others]
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{how}" r:id="rId{n}"/>'
        for n, (name, how, _) in zip(numbers, sheets, strict=True)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    styles = "".join(f'<numFmt numFmtId="{164 + n}" formatCode={quoteattr(code)}/>' for n, code in enumerate(FORMATS))
    used = "".join(f'<xf numFmtId="{164 + n}"/>' for n in range(len(FORMATS)))
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{RELATIONS}"><workbookPr date1904="{int(epoch_1904)}"/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}'
        f'<Relationship Id="rIdS" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="rIdF" Type="{RELATIONS}/styles" Target="/xl/styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{styles}</numFmts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{used}</cellXfs></styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(text if text.startswith("<si>") else f"<si><t>{escape(text)}</t></si>" for text in shared)
        + "</sst>",
        **{f"xl/worksheets/sheet{n}.xml": xml for n, (_, _, xml) in zip(numbers, sheets, strict=True)},
        **(replace or {}),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name not in without:
                # With one date for all, equal workbooks have equal bytes in every run.
                archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
