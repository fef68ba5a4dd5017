"""The two kinds of file that a body has, text and workbook, each as a sequence of rows that begins with the header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Final, Protocol

from pseudonym.errors import InputError
from pseudonym.reader.archive import OLE_SIGNATURE, ZIP_SIGNATURES, open_archive, refuse_ole
from pseudonym.reader.encodings import Charset, open_bytes, read_charset
from pseudonym.reader.header import separator_line, sniff_delimiter
from pseudonym.reader.lines import LineFeed, TableRecord, split_records
from pseudonym.reader.sheet import SheetFindings, read_sheet
from pseudonym.reader.workbook import Sheet, Workbook, read_workbook

__all__ = ["SheetSource", "Source", "TextSource", "open_source"]

RULES: Final[dict[str, str]] = {
    "input.empty": "The input file is empty.",
    "input.sheet_of_text": "The input is a text file and has no sheets.",
    "input.encoding_of_workbook": "The input is a workbook; an encoding or a delimiter is named for text files only.",
}

RECORDS_PER_STEP: Final = 512
"""Records between two reports of progress."""

Progress = Callable[[int], None]


class Source(Protocol):
    """A file as rows."""

    @property
    def n_bytes(self) -> int:
        """Bytes that a reading goes through, as `progress` counts them."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Constant sentences about what was inferred."""

    @property
    def findings(self) -> SheetFindings:
        """What a sheet has beside values; empty for a text, and until the first reading is done."""

    @property
    def epoch_1904(self) -> bool | None:
        """How a workbook counts days; None for a text, which does not say."""

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Give the rows in order, the header first; each reading opens and closes the file."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text file with delimiters.

    Attributes:
        path: The file.
        charset: Its encoding.
        delimiter: What separates its columns.
        n_bytes: Its size.
    """

    path: Path
    charset: Charset
    delimiter: str
    n_bytes: int

    @property
    def notices(self) -> tuple[str, ...]:
        """What was inferred about the encoding."""
        return () if self.charset.notice is None else (self.charset.notice,)

    @property
    def findings(self) -> SheetFindings:
        """Nothing: a text has values only."""
        return SheetFindings()

    @property
    def epoch_1904(self) -> bool | None:
        """Not known."""
        return None

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Give the rows; a good row after the header has `n_columns` fields, if that is given.

        Raises:
            InputError: `input.changed` or `input.unreadable`.

        Sees: plaintext
        """
        with _open_lines(self.path, self.charset) as (feed, tell):
            _begin_at_header(feed)
            header = next(split_records(feed, self.delimiter), None)
            if header is None:
                raise _error("input.empty")
            yield header
            for place, record in enumerate(split_records(feed, self.delimiter, n_columns=n_columns)):
                if place % RECORDS_PER_STEP == 0:
                    progress(tell())
                yield record
            progress(self.n_bytes)


@dataclass(frozen=True, slots=True)
class SheetSource:
    """A sheet of a workbook.

    Attributes:
        path: The file.
        sheet: The sheet.
        n_sheets: Sheets in the workbook that have cells.
        by_name: Whether the user named the sheet.
        workbook: The rest of the workbook.
        findings: What the sheet has beside values.
    """

    path: Path
    sheet: Sheet
    n_sheets: int
    by_name: bool
    workbook: Workbook = field(repr=False)
    findings: SheetFindings = field(repr=False)

    @property
    def n_bytes(self) -> int:
        """Size of the sheet, unpacked."""
        return self.sheet.n_bytes

    @property
    def notices(self) -> tuple[str, ...]:
        """Which sheet was read where there are others, and rows that nobody sees."""
        found = []
        if self.n_sheets > 1 and not self.by_name:
            found.append(f"Read sheet {self.sheet.place} of {self.n_sheets}; --sheet NAME reads another.")
        if self.findings.n_hidden_rows:
            found.append(f"Rows that the sheet hides were read as well: {self.findings.n_hidden_rows:,}.")
        return tuple(found)

    @property
    def epoch_1904(self) -> bool | None:
        """Whether the workbook counts days from 1904."""
        return self.workbook.epoch_1904

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Give the rows, each as wide as the header; what stands to the right of it has no name and is not read.

        Raises:
            InputError: `input.empty`, `input.workbook` or `input.too_large`.

        Sees: plaintext
        """
        found = SheetFindings()
        with open_bytes(self.path) as file, open_archive(file) as archive:
            rows = read_sheet(archive, self.sheet, self.workbook, findings=found, progress=progress)
            header = next(rows, None)
            if header is None:
                raise _error("input.empty")
            for record in chain([header], rows):
                width = len(record.fields) if n_columns is None or record.rule else n_columns
                fields = record.fields[:width] + [""] * (width - len(record.fields))
                if record.rule or any(fields):
                    yield TableRecord(record.line, fields, record.rule)
        self.findings.header_line = header.line
        self.findings.n_hidden_rows, self.findings.merged[:] = found.n_hidden_rows, found.merged


def open_source(
    path: Path, names: tuple[str, ...], *, encoding: str | None, delimiter: str | None, sheet: str | None
) -> TextSource | SheetSource:
    """Look at how a file begins and find out how to read it.

    Args:
        path: The file.
        names: Headers of which one is expected to be there.
        encoding: The encoding of a text, if it is not to be inferred.
        delimiter: Its delimiter, likewise.
        sheet: The name of the sheet of a workbook; the first one that is not hidden if not given.

    Raises:
        InputError: The file as a whole cannot be used.

    Sees: plaintext
    """
    with open_bytes(path) as file:
        head = file.read(4)
        if head == OLE_SIGNATURE:
            raise refuse_ole(file)
        if head in ZIP_SIGNATURES:
            file.seek(0)
            with open_archive(file) as archive:
                workbook = read_workbook(archive)
            if encoding is not None or delimiter is not None:
                raise _error("input.encoding_of_workbook")
            chosen = workbook.choose(sheet)
            return SheetSource(path, chosen, len(workbook.sheets), sheet is not None, workbook, SheetFindings())
    charset = read_charset(path, encoding=encoding)
    if sheet is not None:
        raise _error("input.sheet_of_text")
    with _open_lines(path, charset) as (feed, _):
        first, announced = _begin_at_header(feed)
    found = delimiter or announced or sniff_delimiter(first, names)
    return TextSource(path, charset, found, path.stat().st_size)


@contextmanager
def _open_lines(path: Path, charset: Charset) -> Iterator[tuple[LineFeed, Callable[[], int]]]:
    with open_bytes(path) as file, closing(TextIOWrapper(file, encoding=charset.name, newline="")) as text:
        yield LineFeed(text), file.tell


def _begin_at_header(feed: LineFeed) -> tuple[str, str | None]:
    """Go to the header, give its first line back to be parsed as any record is, and what a `sep=` line announced."""
    first = _first_line(feed)
    announced = separator_line(first)
    if announced is not None:
        first = _first_line(feed)
    feed.give_back(keep=0)
    return first, announced


def _first_line(feed: LineFeed) -> str:
    """Give the next line that is not blank."""
    while True:
        feed.begin()
        line = next(feed, None)
        if line is None:
            raise _error("input.empty")
        if line.strip("\ufeff \t\r\n\x1a"):
            return line


def _error(rule: str) -> InputError:
    return InputError(rule, RULES[rule])
