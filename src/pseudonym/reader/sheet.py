"""Give the rows of one sheet of a workbook, one after the other, in memory that does not grow with their number."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pseudonym.reader.archive import MAX_DEPTH, damaged, main_elements, open_part, parse
from pseudonym.reader.cells import CellFormat, number_text
from pseudonym.reader.damage import NO_CACHED_VALUE
from pseudonym.reader.lines import MAX_FIELD_CHARACTERS, TableRecord
from pseudonym.reader.workbook import MAX_SHEET_BYTES, Sheet, Workbook, unescape

__all__ = ["SheetFindings", "read_sheet"]

MAX_COLUMNS: Final = 16_384
"""Columns that a spreadsheet can have; what a file puts beyond is no cell."""

MAX_MERGED: Final = 100_000

_REFERENCE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PLAIN: Final = CellFormat()


@dataclass(slots=True)
class SheetFindings:
    """What a sheet has beside values, known once it was read to its end.

    Attributes:
        header_line: The row of the header.
        n_hidden_rows: Rows with values that the sheet does not show, as those that a filter leaves out.
        merged: Cells that were made one: first row, last row, first column, last column, rows from 1, columns from 0.
    """

    header_line: int = 1
    n_hidden_rows: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def read_sheet(
    archive: zipfile.ZipFile,
    sheet: Sheet,
    workbook: Workbook,
    *,
    findings: SheetFindings,
    progress: Callable[[int], None],
) -> Iterator[TableRecord]:
    """Give the rows of a sheet that have a value, in order.

    Formulas come by the result that the workbook holds. Dates come as `YYYY-MM-DD`, numbers as digits.

    Args:
        archive: The archive of the workbook.
        sheet: The sheet.
        workbook: The rest of the workbook.
        findings: What is added to while reading.
        progress: Called with the number of bytes read of the sheet.

    Yields:
        The rows; `line` is the number that the spreadsheet shows beside the row.

    Raises:
        InputError: `input.workbook` or `input.too_large`.

    Sees: plaintext
    """
    reader = _SheetReader(workbook, findings)
    with open_part(archive, sheet.part, limit=MAX_SHEET_BYTES) as stream:
        for n_read in parse(stream, reader.start, reader.end, reader.characters):
            progress(n_read)
            yield from reader.rows
            reader.rows.clear()


class _SheetReader:
    """Put rows together from the elements of a sheet."""

    def __init__(self, workbook: Workbook, findings: SheetFindings) -> None:
        self.rows: list[TableRecord] = []
        self._workbook = workbook
        self._findings = findings
        self._line = 0
        self._hidden = False
        self._cells: list[str] = []
        self._column = -1
        self._kind = "n"
        self._style = ""
        self._has_formula = False
        self._has_value = False
        self._wanted = False
        self._aside = False
        self._pieces: list[str] = []
        self._n_characters = 0
        self._too_long = False
        self._depth = 0
        begins = {
            "row": self._begin_row,
            "c": self._begin_cell,
            "v": self._begin_value,
            "t": self._begin_value,
            "f": self._begin_formula,
            "rPh": self._begin_sound,
            "mergeCell": self._add_merged,
        }
        ends = {
            "row": self._end_row,
            "c": self._end_cell,
            "v": self._end_value,
            "t": self._end_value,
            "rPh": self._end_sound,
        }
        self._begins = {element: begins[name] for element, name in main_elements(*begins).items()}
        self._ends = {element: ends[name] for element, name in main_elements(*ends).items()}

    def start(self, element: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise damaged()
        begin = self._begins.get(element)
        if begin is not None:
            begin(attributes)

    def end(self, element: str) -> None:
        self._depth -= 1
        finish = self._ends.get(element)
        if finish is not None:
            finish()

    def characters(self, data: str) -> None:
        if not self._wanted:
            return
        self._n_characters += len(data)
        if self._n_characters > MAX_FIELD_CHARACTERS:
            self._too_long = True
        else:
            self._pieces.append(data)

    def _begin_value(self, _: dict[str, str]) -> None:
        self._wanted = not self._aside
        self._has_value = True

    def _end_value(self) -> None:
        self._wanted = False

    def _begin_formula(self, _: dict[str, str]) -> None:
        self._has_formula = True

    def _begin_sound(self, _: dict[str, str]) -> None:
        self._aside = True

    def _end_sound(self) -> None:
        self._aside = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        self._line = int(number) if number.isdecimal() and len(number) <= 7 else self._line + 1
        self._hidden = attributes.get("hidden") in {"1", "true"}
        self._cells = []
        self._column = -1
        self._too_long = False

    def _end_row(self) -> None:
        if self._too_long:
            self.rows.append(TableRecord(self._line, [], "row.field_too_long"))
        elif any(self._cells):
            rule = "row.nul" if any("\0" in cell for cell in self._cells) else None
            self.rows.append(TableRecord(self._line, [] if rule else self._cells, rule))
            self._findings.n_hidden_rows += self._hidden

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        get = attributes.get
        letters = get("r", "").rstrip("0123456789")
        self._column = _column_of(letters) if letters else self._column + 1
        self._kind = get("t", "n")
        self._style = get("s", "")
        self._has_formula = self._has_value = False
        self._pieces.clear()
        self._n_characters = 0

    def _end_cell(self) -> None:
        if not self._has_value and not self._has_formula:
            return
        text = self._text().strip() if self._has_value else NO_CACHED_VALUE
        if not text or not 0 <= self._column < MAX_COLUMNS:
            return
        cells = self._cells
        cells += [""] * (self._column + 1 - len(cells))
        cells[self._column] = text

    def _text(self) -> str:
        """Give the value of the cell at hand as people see it."""
        raw = "".join(self._pieces)
        if self._kind == "n":
            if self._has_formula and not raw:
                return NO_CACHED_VALUE
            return number_text(raw, self._format(), epoch_1904=self._workbook.epoch_1904)
        if self._kind == "s":
            place = int(raw) if raw.isdecimal() and len(raw) <= 9 else -1
            if not 0 <= place < len(self._workbook.texts):
                raise damaged()
            return self._workbook.texts[place]
        if self._kind == "d":
            return raw.partition("T")[0]
        return unescape(raw)

    def _format(self) -> CellFormat:
        formats = self._workbook.formats
        place = int(self._style) if self._style.isdecimal() and len(self._style) <= 6 else -1
        return formats[place] if 0 <= place < len(formats) else _PLAIN

    def _add_merged(self, attributes: dict[str, str]) -> None:
        first, _, last = attributes.get("ref", "").partition(":")
        corners = [_REFERENCE.fullmatch(corner) for corner in (first, last)]
        if None in corners or len(self._findings.merged) >= MAX_MERGED:
            return
        (top, left), (bottom, right) = ((int(c[2]), _column_of(c[1])) for c in corners if c is not None)
        self._findings.merged.append((top, bottom, left, right))


@lru_cache(maxsize=MAX_COLUMNS)
def _column_of(letters: str) -> int:
    """Give the place of a column from 0: A is 0, AA is 26; beyond the last one for what is no column."""
    if len(letters) > 3 or not letters.isalpha() or not letters.isascii() or not letters.isupper():
        return MAX_COLUMNS
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
