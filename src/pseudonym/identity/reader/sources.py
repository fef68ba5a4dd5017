"""Text files and workbooks, each read as a sequence of rows that begins with the header."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final, Protocol

from pseudonym.identity.reader.encodings import Charset, open_bytes, read_charset
from pseudonym.identity.reader.header import separator_line, sniff_delimiter
from pseudonym.identity.reader.lines import LineFeed, TableRecord, split_records
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.workbook import SIGNATURES, SheetSource, open_sheet

__all__ = ["Source", "TextSource", "open_source"]

RECORDS_PER_STEP: Final = 512
"""Records between two reports of progress."""

Progress = Callable[[int], None]


class Source(Protocol):
    """A file as rows."""

    @property
    def n_bytes(self) -> int:
        """Number of bytes to read, as reported to `progress`."""

    @property
    def notices(self) -> tuple[str, ...]:
        """Constant sentences about what was inferred."""

    @property
    def epoch_1904(self) -> bool | None:
        """Whether a workbook counts days from 1904; None for a text file."""

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
    """

    path: Path
    charset: Charset
    delimiter: str
    n_bytes: int

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence about the encoding, if it was inferred."""
        return () if self.charset.notice is None else (self.charset.notice,)

    @property
    def epoch_1904(self) -> bool | None:
        """None: only workbooks count days."""
        return None

    def records(self, n_columns: int | None, progress: Progress) -> Iterator[TableRecord]:
        """Return the rows; if `n_columns` is given, every good row after the header has that many fields.

        Raises:
            InputError: `input.changed` or `input.unreadable`.
        """
        with _open_lines(self.path, self.charset) as (feed, tell):
            _begin_at_header(feed)
            header = next(split_records(feed, self.delimiter), None)
            if header is None:
                raise refused("input.empty")
            yield header
            for index, record in enumerate(split_records(feed, self.delimiter, n_columns=n_columns)):
                if index % RECORDS_PER_STEP == 0:
                    progress(tell())
                yield record
            progress(self.n_bytes)


def open_source(
    path: Path, names: tuple[str, ...], *, encoding: str | None, delimiter: str | None, sheet: str | None
) -> TextSource | SheetSource:
    """Inspect the start of a file to find out how to read it.

    Args:
        path: The file.
        names: Headers, at least one of which is expected.
        encoding: The encoding of a text file, if it is not to be inferred.
        delimiter: Its delimiter, likewise.
        sheet: The name of the sheet to read from a workbook; by default the first that is not hidden.

    Raises:
        InputError: The file as a whole cannot be used.
    """
    with open_bytes(path) as file:
        if file.read(4) in SIGNATURES:
            if encoding is not None or delimiter is not None:
                raise refused("input.encoding_of_workbook")
            return open_sheet(file, sheet)
    charset = read_charset(path, encoding=encoding)
    if sheet is not None:
        raise refused("input.sheet_of_text")
    with _open_lines(path, charset) as (feed, _):
        first, announced = _begin_at_header(feed)
    found = delimiter or announced or sniff_delimiter(first, names)
    return TextSource(path, charset, found, path.stat().st_size)


@contextmanager
def _open_lines(path: Path, charset: Charset) -> Iterator[tuple[LineFeed, Callable[[], int]]]:
    with open_bytes(path) as file, closing(TextIOWrapper(file, encoding=charset.name, newline="")) as text:
        yield LineFeed(text), file.tell


def _begin_at_header(feed: LineFeed) -> tuple[str, str | None]:
    """Move to the header, and return its first line and the delimiter from a `sep=` line."""
    first = _first_line(feed)
    announced = separator_line(first)
    if announced is not None:
        first = _first_line(feed)
    feed.give_back(keep=0)
    return first, announced


def _first_line(feed: LineFeed) -> str:
    """Return the next line that is not blank."""
    while True:
        feed.begin()
        line = next(feed, None)
        if line is None:
            raise refused("input.empty")
        if line.strip("\ufeff \t\r\n\x1a"):
            return line
