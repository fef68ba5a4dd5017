"""Read a sheet of a workbook (xlsx) with openpyxl, row by row, with cells as people see them.

A workbook comes from outside, so its unpacked size is checked before it is opened. The warnings and errors of openpyxl
may contain values and cell positions, so none of them leaves this module.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from io import BytesIO
from itertools import islice
from mmap import ACCESS_READ, mmap
from typing import Any, BinaryIO, Final, Literal, TypeVar

from pseudonym.errors import InputError
from pseudonym.identity.reader.finding import FIRST_ROWS, NO_LOOK, Look, above_notice
from pseudonym.identity.reader.lines import MAX_FIELD_CHARACTERS, TableRecord
from pseudonym.identity.reader.rules import refused
from pseudonym.memory import kept

_Result = TypeVar("_Result")

__all__ = ["SIGNATURES", "SheetSource", "number_text", "open_sheets"]

SIGNATURES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")
"""First bytes of an archive (xlsx), and of an older (xls) or locked workbook."""

MAX_UNPACKED_BYTES: Final = 2 << 30
"""Maximum unpacked size of all parts: three times a full sheet of a million rows and fifteen columns."""

MAX_RATIO: Final = 100
"""Maximum compression ratio of a part; sheets reach ten to thirty, zip bombs a thousand."""

FREE_OF_RATIO_BYTES: Final = 32 << 20
"""Parts with a smaller unpacked size are harmless, whatever their ratio."""

MAX_ROWS: Final = 1_048_576
"""Maximum number of rows of a spreadsheet. A stated row number may be wrong, and blank rows are filled in up to it."""

ROWS_PER_STEP: Final = 64

ROWS_LOOKED_AT: Final = 256
"""Number of rows, blank ones included, among which the header is searched for."""

EXACT_BELOW: Final = 10**15
"""Spreadsheets keep 15 digits; the last digits of a longer number are zeros that were never typed."""

REMARKS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (
        re.compile(rb"<mergeCell\s[^<>]{0,200}?ref\s*=\s*[\"'][A-Z]+[0-9]+:[A-Z]+([0-9]+)[\"']"),
        "The workbook has merged cells; all but the first cell of each are read as blank. Unmerge them.",
    ),
    (
        re.compile(rb"</f>\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"),
        "The workbook has formulas without a stored result, which are read as blank. Recalculate and save it.",
    ),
    (
        re.compile(rb"<(?:row|col)\s[^<>]{0,400}?\shidden\s*=\s*[\"'](?:1|true)[\"']"),
        "The workbook has hidden rows or columns, perhaps from a filter; they are read like any other.",
    ),
)
"""Patterns in the XML of a sheet for conditions that openpyxl does not report, each with its notice.

A number in a pattern is the last row concerned, which is of interest only below the header: titles are often merged.
"""

CHUNK_BYTES: Final = 1 << 20
OVERLAP_BYTES: Final = 512
"""Longer than any pattern, so that the end of a chunk cuts none in two."""

NOT_TEXT: Final = (bool, datetime, time, timedelta)
"""Types of cells that hold neither a text nor a number."""

_LITERAL: Final = re.compile(r'"[^"]*"|\\(.)|\[[^\]]*\]|_.|\*.')
_ZEROS: Final = re.compile(r"[0+ -]*0[0+ -]*")


@dataclass(frozen=True, slots=True)
class SheetSource:
    """A sheet of a workbook.

    Attributes:
        position: Position of the sheet among those with cells, from 1.
        n_sheets: Number of sheets with cells.
        visible: Whether it is not hidden.
        name: Its name, which may be a person's.
        epoch_1904: Whether the workbook counts days from 1904.
        n_bytes: Size of the file.
        chosen: Why it was chosen: `named` by the user, the `first` that is not hidden, or as the one with the `header`.
        header_row: The row of the header, or the first one to look for it.
        row_named: Whether the user named that row.
        look: What the first rows say about the header.
        hint_without_id: What to do if the header has no column of record ids.
        remarks: Constant sentences about cells that are read as blank, and hidden ones that are read.
    """

    position: int
    n_sheets: int
    visible: bool
    name: str = field(repr=False)
    epoch_1904: bool
    n_bytes: int
    _file: BytesIO = field(repr=False)
    _sheet: Any = field(repr=False)
    chosen: Literal["named", "first", "header"] = "first"
    header_row: int = 1
    row_named: bool = False
    look: Look = NO_LOOK
    hint_without_id: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about which of several sheets was read, and about cells that are not read as they look."""
        which = ", which has the header" if self.chosen == "header" else ""
        several = self.n_sheets > 1 and self.chosen != "named"
        above = not self.row_named and self.header_row > (self.look.first or MAX_ROWS)
        sheet = f"Read sheet {self.position} of {self.n_sheets}{which}; --sheet NAME reads another."
        found = (sheet if several else None, above_notice("row", self.header_row) if above else None)
        return (*filter(None, found), *self.remarks)

    def first_rows(self) -> list[TableRecord]:
        """Return the first rows that have a value, to find the header among them."""
        rows = enumerate(self._sheet.iter_rows(), start=1)
        found = _guarded(lambda: [_record(line, cells) for line, cells in islice(rows, ROWS_LOOKED_AT)])
        return [record for record in found if record is not None][:FIRST_ROWS]

    def row(self, line: int) -> list[TableRecord]:
        """Return one row, or nothing if it has no value."""
        rows = self._sheet.iter_rows(min_row=line, max_row=line)
        found = _guarded(lambda: [_record(line, cells) for cells in islice(rows, 1)])
        return [record for record in found if record is not None]

    def with_remarks(self) -> SheetSource:
        """Return the sheet, ready to be read, with remarks on its cells."""
        found = _guarded(lambda: _remarks(self._file, self._sheet.part, self.header_row))
        return replace(self, remarks=tuple(sentence for _, sentence in REMARKS if sentence in found))

    def records(self, n_columns: int | None, progress: Callable[[int], None]) -> Iterator[TableRecord]:
        """Return the rows that have a value, the header first, each `n_columns` wide if that is given.

        Formulas are read as their stored result, or as blank without one. Cells to the right of the header have no
        name and are not read.

        Args:
            n_columns: The width of the header.
            progress: Called now and then with the number of bytes read, out of `n_bytes`.

        Yields:
            The rows; `line` is the number that the spreadsheet shows beside the row.

        Raises:
            InputError: `input.empty`, `input.workbook` or `input.too_large`.
        """
        first = self.header_row
        rows = enumerate(self._sheet.iter_rows(min_row=first, max_row=MAX_ROWS + 1, max_col=n_columns), start=first)
        n_found, more = 0, True
        while more:
            step = _guarded(lambda: [_record(line, cells) for line, cells in islice(rows, ROWS_PER_STEP)])
            found = [record for record in step if record is not None]
            more, n_found = len(step) == ROWS_PER_STEP, n_found + len(found)
            progress(self._file.tell())
            yield from found
        if not n_found:
            raise refused("input.empty")
        progress(self.n_bytes)


def open_sheets(file: BinaryIO) -> tuple[SheetSource, ...]:
    """Open a workbook and list its sheets with cells, without reading any cell.

    Args:
        file: The workbook, open for reading bytes; it is held in memory in compressed form.

    Raises:
        InputError: The workbook cannot be used, by a rule of `pseudonym.identity.reader.rules`.
    """
    content = _checked(file)
    sheets, epoch_1904 = _guarded(lambda: _opened(content))
    n_bytes = len(content.getbuffer())
    for sheet in sheets:
        # The size stated in a sheet may be wrong, and rows beyond it would be left out.
        sheet.reset_dimensions()
    return tuple(
        SheetSource(
            position,
            len(sheets),
            sheet.sheet_state == "visible",
            sheet.title.strip(),
            epoch_1904,
            n_bytes,
            content,
            sheet,
        )
        for position, sheet in enumerate(sheets, start=1)
    )


def number_text(value: float, number_format: str) -> str:
    """Return a number in digits, padded with the zeros of its format; as `1.2E+17` if digits are lost."""
    if value % 1:
        return repr(value)
    if abs(value) >= EXACT_BELOW:
        return f"{value:.10E}"
    digits, pattern = str(int(value)), _zeros(number_format)
    return _fill(digits, pattern) if pattern and value >= 0 else digits


def _checked(file: BinaryIO) -> BytesIO:
    """Return the bytes of a workbook that is safe to open."""
    file.seek(0)
    if file.read(4) == SIGNATURES[-1]:
        with mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            locked = content.find("EncryptedPackage".encode("utf-16-le")) >= 0
        raise refused("input.encrypted" if locked else "input.old_workbook")
    _guarded(lambda: _check_archive(file))
    file.seek(0)
    return BytesIO(file.read())


def _opened(content: BinaryIO) -> tuple[list[Any], bool]:
    # Imported here, because most inputs are no workbooks.
    from pseudonym.identity.reader.openpyxl_book import open_book

    return open_book(content)


def _remarks(content: BinaryIO, name: str, header_row: int) -> set[str]:
    """Search a part for conditions that openpyxl does not report, without holding all of it in memory."""
    found: set[str] = set()
    with zipfile.ZipFile(content) as archive, archive.open(name) as part:
        tail = b""
        while chunk := part.read(CHUNK_BYTES):
            data = tail + chunk
            found.update(sentence for pattern, sentence in REMARKS if _holds(pattern, data, header_row))
            tail = chunk[-OVERLAP_BYTES:]
    return found


def _holds(pattern: re.Pattern[bytes], data: bytes, header_row: int) -> bool:
    return any(not match.groups() or int(match[1]) > header_row for match in pattern.finditer(data))


def _check_archive(file: BinaryIO) -> None:
    with zipfile.ZipFile(file) as archive:
        _check_entries(archive)


def _check_entries(archive: zipfile.ZipFile) -> None:
    entries, names = archive.infolist(), set(archive.namelist())
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise refused("input.old_workbook")
    if not any(name.startswith("xl/") for name in names):
        raise refused("input.not_text")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused("input.encrypted")
    # The declared sizes bound what `zipfile` unpacks.
    bombs = any(one.file_size > max(FREE_OF_RATIO_BYTES, MAX_RATIO * one.compress_size) for one in entries)
    if bombs or sum(one.file_size for one in entries) > MAX_UNPACKED_BYTES:
        raise refused("input.too_large")
    if "xl/workbook.xml" in names and b"purl.oclc.org/ooxml" in archive.read("xl/workbook.xml"):
        raise refused("input.old_workbook")


def _record(line: int, cells: tuple[Any, ...]) -> TableRecord | None:
    """Return a row, or None for one without a value."""
    if line > MAX_ROWS:
        raise refused("input.too_large")
    fields = [_text(cell) for cell in cells]
    if any(len(text) > MAX_FIELD_CHARACTERS for text in fields):
        return TableRecord(line, [], "row.field_too_long")
    if any("\0" in text for text in fields):
        return TableRecord(line, [], "row.nul")
    if not any(fields):
        return None
    typed = frozenset(position for position, cell in enumerate(cells) if isinstance(cell.value, NOT_TEXT))
    return TableRecord(line, fields, typed=typed)


def _text(cell: Any) -> str:
    """Return a cell as people see it; dates as `YYYY-MM-DD`, with the time unless it is midnight."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return _unescaped(value).strip() if "_x" in value else value.strip()
    if isinstance(value, datetime):
        # As a fraction of a day, an hour may be a millisecond short; it does not become another day by that.
        near = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        value = near if near.date() == value.date() else value.replace(microsecond=0)
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, int | float):
        return number_text(value, cell.number_format)
    # No field is a time or duration. These become text and are judged like any other text.
    return str(value)


def _unescaped(text: str) -> str:
    """Return a text with the characters that `_xHHHH_` stands for."""
    # Imported here as in `_opened`.
    from openpyxl.utils.escape import unescape

    return str(unescape(text))


@kept(256)
def _zeros(number_format: str) -> str:
    """Return the pattern of zeros that a format consists of; blank for other formats."""
    # Keep escaped signs, which appear between the digits of a number; drop words and colours.
    signs = {"-", "+", " "}
    bare = _LITERAL.sub(lambda match: match[1] if match[1] in signs else "", number_format.split(";")[0])
    return bare.strip() if _ZEROS.fullmatch(bare) and bare.count("0") > 1 else ""


def _fill(digits: str, pattern: str) -> str:
    """Fill a pattern of zeros with digits from the right; excess digits go before it."""
    rest = reversed(digits.zfill(pattern.count("0")))
    shown = [next(rest) if sign == "0" else sign for sign in reversed(pattern)]
    return "".join(reversed([*shown, *rest]))


def _guarded(work: Callable[[], _Result]) -> _Result:
    """Suppress all warnings and errors of the packages that read workbooks: they hold values and may be of any type."""
    rule = "input.workbook"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return work()
        except InputError:
            raise
        except MemoryError:
            rule = "input.too_large"
        except Exception:
            pass
    # Raised here, an error does not carry theirs along as its context.
    raise refused(rule)
