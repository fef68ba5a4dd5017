"""Text files and workbooks, each read as a sequence of rows that begins with the header."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final, Protocol

from pseudonym.identity.reader.delimiters import DELIMITERS, separator_line, split_head, tell_delimiter
from pseudonym.identity.reader.encodings import Charset, open_bytes, read_charset
from pseudonym.identity.reader.finding import FIRST_ROWS, Look, above_notice, hint_without_id, look_at, offered_hint
from pseudonym.identity.reader.lines import LineFeed, TableRecord, split_line, split_records, without_blank_end
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.sheets import choose_sheet
from pseudonym.identity.reader.titles import Titles
from pseudonym.identity.reader.workbook import SIGNATURES, SheetSource, open_sheets

__all__ = ["Source", "TextSource", "open_source"]

RECORDS_PER_STEP: Final = 512
"""Records between two reports of progress."""

_MARKUP: Final = re.compile(r"\s*(?:<[!?A-Za-z]|[\[{]\s*(?:[\"\[{]|\Z))")
"""How HTML, XML and JSON begin."""

Progress = Callable[[int], None]


class Source(Protocol):
    """A file as rows."""

    @property
    def n_bytes(self) -> int:
        """Number of bytes to read, as reported to `progress`."""

    @property
    def header_row(self) -> int:
        """The line or row of the header."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Constant sentences about what was inferred."""

    @property
    def epoch_1904(self) -> bool | None:
        """Whether a workbook counts days from 1904; None for a text file."""

    @property
    def hint_without_id(self) -> str:
        """What to do if the header has no column of record ids."""

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Return the rows in order, the header first; each reading opens and closes the file."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text file with delimiters.

    Attributes:
        path: The file.
        charset: Its encoding.
        delimiter: The character between its columns.
        n_bytes: Its size.
        header_row: The line where the header begins.
        look: What the first lines say about the header.
        by_option: Whether the user named the header's line.
    """

    path: Path
    charset: Charset
    delimiter: str
    n_bytes: int
    header_row: int
    look: Look
    by_option: bool = False

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about the encoding, if it was inferred, and about lines above the header."""
        above = not self.by_option and self.header_row != self.look.first
        notice = above_notice("line", self.header_row) if above else None
        return tuple(filter(None, (self.charset.notice, notice)))

    @property
    def epoch_1904(self) -> bool | None:
        """None: only workbooks count days."""
        return None

    @property
    def hint_without_id(self) -> str:
        """What to do if the header has no column of record ids."""
        return hint_without_id(self.look, self.header_row)

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Return the rows; if `n_columns` is given, every good row after the header has that many fields.

        Raises:
            InputError: `input.changed` or `input.unreadable`.
        """
        with _open_lines(self.path, self.charset) as (feed, tell):
            _skip(feed, self.header_row - 1)
            header = next(split_records(feed, self.delimiter), None)
            if header is None:
                raise refused("input.empty")
            header = self._unwrapped(header)
            yield header
            n_named = len(without_blank_end(header.fields))
            rows = split_records(feed, self.delimiter, n_columns=n_columns, n_named=n_named)
            for index, record in enumerate(rows):
                if index % RECORDS_PER_STEP == 0:
                    progress(tell())
                yield record
            progress(self.n_bytes)

    def _unwrapped(self, header: TableRecord) -> TableRecord:
        """Return the header; of one that is quoted as a whole, what is within the quotation marks."""
        if len(header.fields) != 1 or self.delimiter not in header.fields[0]:
            return header
        fields = split_line(header.fields[0], self.delimiter)
        return header if fields is None else TableRecord(header.line, fields, unwrapped=True)


def open_source(
    path: Path,
    titles: Titles,
    *,
    encoding: str | None,
    delimiter: str | None,
    sheet: str | None,
    header_row: int | None = None,
    search: bool = True,
) -> TextSource | SheetSource:
    """Inspect the start of a file to find out how to read it.

    Args:
        path: The file.
        titles: The headers that it may have.
        encoding: The encoding of a text file, if it is not to be inferred.
        delimiter: Its delimiter, likewise.
        sheet: The sheet to read from a workbook, by name or number; by default the one with the header.
        header_row: The line or row of the header, if it is not to be found.
        search: Whether the header may stand below other rows.

    Raises:
        InputError: The file as a whole cannot be used.
    """
    with open_bytes(path) as file:
        if file.read(4) in SIGNATURES:
            if encoding is not None or delimiter is not None:
                raise refused("input.encoding_of_workbook")
            return choose_sheet(open_sheets(file), titles, sheet=sheet, header_row=header_row, search=search)
    charset = read_charset(path, encoding=encoding)
    if sheet is not None:
        raise refused("input.sheet_of_text")
    with _open_lines(path, charset) as (feed, _):
        lines, announced = _first_lines(feed, header_row)
    if not lines:
        raise refused("input.empty" if header_row is None else "input.header_row", row=header_row)
    delimiters = tuple(filter(None, (delimiter or announced,))) or DELIMITERS
    lines = lines if search else lines[:1]
    found = tell_delimiter([line for _, line in lines], titles, delimiters)
    if _MARKUP.match(lines[0][1]):
        raise refused("input.markup")
    look = look_at([TableRecord(place, split_head(line, found)) for place, line in lines], titles)
    if look.broken is not None:
        raise refused(look.broken)
    row = header_row or _row_to_read(look)
    return TextSource(path, charset, found, path.stat().st_size, row, look, header_row is not None)


def _row_to_read(look: Look) -> int:
    """Return the line to read as the header, or refuse the text if that is not certain."""
    if look.header is None and look.offered:
        raise refused("input.header_not_first", row=look.offered[0], hint=offered_hint({None: look}))
    found = look.header or look.lacks_id or look.first
    assert found is not None  # There is a line.
    return found


@contextmanager
def _open_lines(path: Path, charset: Charset) -> Iterator[tuple[LineFeed, Callable[[], int]]]:
    with open_bytes(path) as file, closing(TextIOWrapper(file, encoding=charset.name, newline="")) as text:
        yield LineFeed(text), file.tell


def _first_lines(feed: LineFeed, header_row: int | None) -> tuple[list[tuple[int, str]], str | None]:
    """Return the first lines that are not blank with their numbers, and the delimiter from a `sep=` line above them.

    Args:
        feed: The lines.
        header_row: The only line to return, if the user named it.
    """
    lines: list[tuple[int, str]] = []
    announced: str | None = None
    begun = False
    while len(lines) < FIRST_ROWS:
        feed.begin()
        place, line = feed.next_line, next(feed, None)
        if line is None or (header_row is not None and place > header_row):
            break
        if not line.strip("\ufeff \t\r\n\x1a"):
            continue
        if not begun:
            begun, announced = True, separator_line(line)
            if announced is not None:
                continue
        if header_row in {None, place}:
            lines.append((place, line))
    return lines, announced


def _skip(feed: LineFeed, n_lines: int) -> None:
    for _ in range(n_lines):
        feed.begin()
        if next(feed, None) is None:
            raise refused("input.changed")
