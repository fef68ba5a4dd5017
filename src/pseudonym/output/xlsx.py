"""Write one table as a workbook (xlsx) with one sheet, in which every text is a text cell and nothing is a formula.

Written here and not by openpyxl, because openpyxl keeps the rows in a temporary file of its own, outside the folder of
the output, where a killed process would leave them. Equal tables give equal bytes with one version of zlib.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import closing
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import IO, Any, Final
from xml.sax.saxutils import escape

from pseudonym.errors import OutputError

__all__ = ["MAX_ROWS", "head_of", "workbook_mark", "write_workbook"]

MAX_ROWS: Final = 1_048_576
"""Rows that a sheet has, with the header."""

_BEGINNING: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_TYPES: Final = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/docProps/core.xml"'
    ' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>'
)
_PROPERTIES: Final = (
    f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{title}</dc:title><dc:description>{description}</dc:description></cp:coreProperties>"
)
_RELATIONS: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_WORKBOOK: Final = (
    f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
    '<sheets><sheet name="{title}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_WORKBOOK_RELATIONS: Final = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
)
_STYLES: Final = (
    f'<styleSheet xmlns="{_SHEETS}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
"""The second style is the format of text: a cell that somebody edits stays text, and no formula comes of it."""

_ABOVE: Final = (
    f'<worksheet xmlns="{_SHEETS}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_BELOW: Final = "</sheetData></worksheet>"

_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The first that an archive can hold. That of writing would make equal tables differ."""

_OWNER_ONLY: Final = 0o100600 << 16
_UNIX: Final = 3

_NOT_AS_IT_IS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""Characters that XML does not have, and texts that spreadsheets take for an escaped character."""

_ROWS_AT_ONCE: Final = 1024


def write_workbook(
    path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, n_bytes: int
) -> None:
    """Write a table as a workbook.

    Args:
        path: The file.
        title: The title of the document, and the name of its sheet.
        columns: The header.
        rows: The rows below it; a cell is text, a number, or None for an empty one.
        n_bytes: At most how many bytes the rows take as XML, which decides on the form of the archive.

    Raises:
        OutputError: `output.characters` if a text cannot stand in a workbook as it is; then the file is not finished.
        OSError: It cannot be written.
    """
    with zipfile.ZipFile(path, "w") as archive:
        _begin(archive, title, columns)
        for name, text in (
            ("_rels/.rels", _RELATIONS),
            ("xl/workbook.xml", _WORKBOOK.format(title=escape(title))),
            ("xl/_rels/workbook.xml.rels", _WORKBOOK_RELATIONS),
            ("xl/styles.xml", _STYLES),
        ):
            archive.writestr(_entry(name, zipfile.ZIP_DEFLATED), _BEGINNING + text)
        sheet = _entry("xl/worksheets/sheet1.xml", zipfile.ZIP_DEFLATED)
        with closing(archive.open(sheet, "w", force_zip64=n_bytes > zipfile.ZIP64_LIMIT)) as file:
            _write_sheet(file, columns, rows)


def head_of(title: str, columns: Sequence[str]) -> bytes:
    """Return the first bytes of every workbook of a title and columns, which stand in it uncompressed."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        _begin(archive, title, columns)
        return whole.getvalue()


def workbook_mark(title: str, first_columns: Sequence[str]) -> bytes:
    """Return what stands uncompressed near the beginning of every workbook of a title and with these columns first."""
    whole = _PROPERTIES.format(title=escape(title), description=escape(",".join([*first_columns, ""])))
    return whole[whole.index("<dc:title>") : whole.index("</dc:description>")].encode()


def _begin(archive: zipfile.ZipFile, title: str, columns: Sequence[str]) -> None:
    """Write what tells a workbook from others, even if no more of it was written."""
    properties = _PROPERTIES.format(title=escape(title), description=escape(",".join(columns)))
    for name, text in (("[Content_Types].xml", _TYPES), ("docProps/core.xml", properties)):
        archive.writestr(_entry(name, zipfile.ZIP_STORED), _BEGINNING + text)


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = compression
    entry.create_system, entry.external_attr = _UNIX, _OWNER_ONLY
    return entry


def _write_sheet(file: IO[bytes], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    file.write((_BEGINNING + _ABOVE).encode())
    lines = [_row(columns)]
    for row in rows:
        lines.append(_row(row))
        if len(lines) == _ROWS_AT_ONCE:
            file.write("".join(lines).encode())
            lines = []
    file.write(("".join(lines) + _BELOW).encode())


def _row(cells: Sequence[Any]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: Any) -> str:
    if isinstance(value, str):
        if _NOT_AS_IT_IS.search(value):
            raise OutputError(
                "output.characters",
                "A text cannot stand in a workbook as it is.",
                hint="Write .csv or .parquet instead.",
            )
        return f'<c s="1" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if value is None or not isfinite(value):
        return "<c/>"
    return f"<c><v>{value!r}</v></c>"
