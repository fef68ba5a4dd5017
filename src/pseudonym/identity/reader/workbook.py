"""Read a sheet of a workbook (xlsx) with openpyxl, row by row, with cells as people see them.

A workbook comes from outside, so its unpacked size is checked before it is opened. The warnings and errors of openpyxl
may contain values and cell positions, so none of them leaves this module.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from itertools import islice
from mmap import ACCESS_READ, mmap
from typing import Any, BinaryIO, Final, TypeVar

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from pseudonym.errors import InputError
from pseudonym.identity.reader.lines import MAX_FIELD_CHARACTERS, TableRecord
from pseudonym.identity.reader.rules import refused
from pseudonym.memory import kept

_Result = TypeVar("_Result")

__all__ = ["SIGNATURES", "SheetSource", "number_text", "open_sheet"]

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

EXACT_BELOW: Final = 10**15
"""Spreadsheets keep 15 digits; the last digits of a longer number are zeros that were never typed."""

REMARKS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (
        re.compile(rb"<mergeCell\s"),
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
"""Patterns in the XML of a sheet for conditions that openpyxl does not report, each with its notice."""

CHUNK_BYTES: Final = 1 << 20
OVERLAP_BYTES: Final = 512
"""Longer than any pattern, so that the end of a chunk cuts none in two."""

_LITERAL: Final = re.compile(r'"[^"]*"|\\(.)|\[[^\]]*\]|_.|\*.')
_ZEROS: Final = re.compile(r"[0+ -]*0[0+ -]*")


@dataclass(frozen=True, slots=True)
class SheetSource:
    """A sheet of a workbook.

    Attributes:
        position: Position of the sheet among those with cells, from 1.
        n_sheets: Number of sheets with cells.
        by_name: Whether the user named the sheet.
        epoch_1904: Whether the workbook counts days from 1904.
        n_bytes: Size of the file.
        remarks: Constant sentences about cells that are read as blank, and hidden ones that are read.
    """

    position: int
    n_sheets: int
    by_name: bool
    epoch_1904: bool
    n_bytes: int
    remarks: tuple[str, ...]
    _file: BytesIO = field(repr=False)
    _sheet: Any = field(repr=False)

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about which of several sheets was read, and about cells that are not read as they look."""
        if self.n_sheets == 1 or self.by_name:
            return self.remarks
        return (f"Read sheet {self.position} of {self.n_sheets}; --sheet NAME reads another.", *self.remarks)

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
        rows = enumerate(self._sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=n_columns), start=1)
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


def open_sheet(file: BinaryIO, name: str | None) -> SheetSource:
    """Open the sheet with the given name, or the first that is not hidden.

    Args:
        file: The workbook, open for reading bytes; it is held in memory in compressed form.
        name: The name of the sheet, ignoring case.

    Raises:
        InputError: The workbook cannot be used, by a rule of `pseudonym.identity.reader.rules`.
    """
    content = _checked(file)
    book = _guarded(lambda: _opened(content))
    sheets = list(enumerate(book.worksheets, start=1))
    if name is None:
        chosen = [one for one in sheets if one[1].sheet_state == "visible"]
    else:
        chosen = [one for one in sheets if one[1].title.strip().casefold() == name.strip().casefold()]
    if not chosen:
        raise refused("input.no_sheet" if name is None else "input.no_such_sheet")
    position, sheet = chosen[0]
    # The size stated in a sheet may be wrong, and rows beyond it would be left out.
    sheet.reset_dimensions()
    found = _guarded(lambda: _remarks(content, sheet.part))
    remarks = tuple(sentence for _, sentence in REMARKS if sentence in found)
    n_bytes = len(content.getbuffer())
    return SheetSource(
        position, len(sheets), name is not None, book.epoch == MAC_EPOCH, n_bytes, remarks, content, sheet
    )


def number_text(value: float, number_format: str) -> str:
    """Return a number in digits, padded with the zeros of its format; as `1.2E+17` if digits are lost."""
    if value % 1:
        return repr(value)
    if abs(value) >= EXACT_BELOW:
        return f"{value:.10E}"
    digits, pattern = str(int(value)), _zeros(number_format)
    return _fill(digits, pattern) if pattern and value >= 0 else digits


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]  # openpyxl has no types, so mypy takes its classes for Any.
    """A sheet of which nothing is read before its rows are."""

    def _get_size(self) -> None:
        """Leave the size open: where a sheet does not state it, openpyxl would read all of its rows to find it."""

    @property
    def part(self) -> str:
        """Name of the part of the archive with its cells."""
        return str(self._worksheet_path)


class _Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types, so mypy takes its classes for Any.
    """Open a workbook without reading its sheets."""

    def read_worksheets(self) -> None:
        """List the sheets with cells."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                listed = _Sheet(self.wb, sheet.name, relation.target, self.shared_strings)
                listed.sheet_state = sheet.state
                self.wb._sheets.append(listed)


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


def _opened(content: BinaryIO) -> Any:
    reader = _Reader(content, read_only=True, data_only=True, keep_links=False)
    reader.read()
    return reader.wb


def _remarks(content: BinaryIO, name: str) -> set[str]:
    """Search a part for conditions that openpyxl does not report, without holding all of it in memory."""
    found: set[str] = set()
    with zipfile.ZipFile(content) as archive, archive.open(name) as part:
        tail = b""
        while chunk := part.read(CHUNK_BYTES):
            found.update(sentence for pattern, sentence in REMARKS if pattern.search(tail + chunk))
            tail = chunk[-OVERLAP_BYTES:]
    return found


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
    return TableRecord(line, fields) if any(fields) else None


def _text(cell: Any) -> str:
    """Return a cell as people see it; dates as `YYYY-MM-DD`."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return str(unescape(value)).strip() if "_x" in value else value.strip()
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, int | float):
        return number_text(value, cell.number_format)
    # No field is a time or duration. These become text and are judged like any other text.
    return str(value)


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
