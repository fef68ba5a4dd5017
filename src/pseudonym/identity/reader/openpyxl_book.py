"""Open a workbook with openpyxl, apart from `workbook`: loading openpyxl takes longer than reading a small file."""

from __future__ import annotations

from typing import Any, BinaryIO

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

__all__ = ["open_book"]


class _Sheet(ReadOnlyWorksheet):
    """A sheet of which nothing is read before its rows are."""

    def _get_size(self) -> None:
        """Leave the size open: where a sheet does not state it, openpyxl would read all of its rows to find it."""

    @property
    def part(self) -> str:
        """Name of the part of the archive with its cells."""
        return str(self._worksheet_path)


class _Reader(ExcelReader):
    """Open a workbook without reading its sheets."""

    def read_worksheets(self) -> None:
        """List the sheets with cells."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                listed = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
                listed.sheet_state = sheet.state
                self.wb._sheets.append(listed)


def open_book(content: BinaryIO) -> tuple[list[Any], bool]:
    """Open a workbook without reading any cell.

    Args:
        content: A workbook that is safe to open.

    Returns:
        Its sheets with cells, and whether it counts days from 1904.
    """
    reader = _Reader(content, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb.worksheets, reader.wb.epoch == MAC_EPOCH
