"""Open the file of a body and give its rows, field by field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Final, Self

from pseudonym.errors import InputError
from pseudonym.reader.encodings import Charset, open_bytes, read_charset
from pseudonym.reader.header import RECORD_ID, Columns, find_columns, separator_line, sniff_delimiter
from pseudonym.reader.lines import CsvRecord, LineFeed, split_records
from pseudonym.record import IDENTITY_FIELDS
from pseudonym.wire.rows import RESERVED

__all__ = ["InputFile", "Row", "RowFault", "open_input"]

RULES: Final[dict[str, str]] = {
    "input.empty": "The input file is empty.",
    "input.not_text": "The input is not a text file. Save a spreadsheet as CSV UTF-8 first.",
    "input.header": "The header line of the input cannot be read.",
    "input.changed": "The input file was changed while it was read.",
    "input.delimiter": "A delimiter is one character, and no quotation mark or line end.",
}

DIGEST_BYTES: Final = 12
"""Enough to tell the record ids of a country apart, and small, since one a row is kept."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row is rejected; it never holds a value.

    Attributes:
        line: The line of the file at which the row begins.
        field: The field concerned, or None for the row as a whole.
        rule: The rule that was broken, a dotted constant.
    """

    line: int
    field: str | None
    rule: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row of a file.

    Attributes:
        line: The line of the file at which it begins; the header is line 1 of most files.
        values: The fields that are not blank, trimmed; empty if the row is broken.
        faults: Why the row is to be rejected; none for a good row.
    """

    line: int
    values: Mapping[str, str]
    faults: tuple[RowFault, ...] = ()

    def __repr__(self) -> str:
        """Show the place only; the values are a person's data."""
        return f"Row(line={self.line}, faults={self.faults!r})"


@dataclass(frozen=True, slots=True)
class InputFile:
    """The file of a body, ready to be read, as often as wanted; each reading opens and closes it.

    Attributes:
        path: The file.
        charset: Its encoding.
        delimiter: What separates its columns.
        columns: Where its fields stand.
        header_only: Whether nothing follows the header. That is no error: there may have been nothing to report.
        n_bytes: Size of the file, for a progress bar.
        header: The header as it stands, by which a change of the file is noticed.
    """

    path: Path
    charset: Charset
    delimiter: str
    columns: Columns
    header_only: bool
    n_bytes: int
    header: tuple[str, ...] = field(repr=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the file has, in the order of its columns."""
        places = self.columns.places
        return tuple(sorted(places, key=places.__getitem__))

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Names of the columns that are not read; none where they might be a person's data."""
        return self.columns.unused

    @property
    def notices(self) -> tuple[str, ...]:
        """Constant sentences about what was inferred, for the user to check."""
        return () if self.charset.notice is None else (self.charset.notice,)

    def __enter__(self) -> Self:
        """Give itself: nothing is open between readings, and `with` shows where the file may no longer change."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Do nothing, as every reading closes the file it opened."""

    def __iter__(self) -> Iterator[Row]:
        """Read the rows in order, good and broken ones.

        Memory grows by some hundred bytes a row, as a record id must not come twice.

        Yields:
            The rows. Those with faults are to be rejected: `record_id.missing`, `record_id.duplicate` or a rule of
            `pseudonym.reader.lines`.

        Raises:
            InputError: `input.unreadable`, or `input.changed` when the file is no longer what was opened.

        Sees: plaintext
        """
        seen: set[bytes] = set()
        with _open_lines(self.path, self.charset) as feed:
            if tuple(_read_header(feed, (), self.delimiter)[1]) != self.header:
                raise _error("input.changed")
            for record in split_records(feed, self.delimiter, n_columns=self.columns.n_columns):
                yield self._row(record, seen)

    def _row(self, record: CsvRecord, seen: set[bytes]) -> Row:
        if record.rule is not None:
            return Row(record.line, {}, (RowFault(record.line, None, record.rule),))
        fields = record.fields
        values = {name: value for name, place in self.columns.places.items() if (value := _tidy(fields[place]))}
        rule = _record_id_rule(values.get(RECORD_ID), seen)
        return Row(record.line, values, () if rule is None else (RowFault(record.line, RECORD_ID, rule),))


def open_input(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    items: Iterable[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
) -> InputFile:
    """Look at the file of a body and find out how to read it.

    The whole file is read once to be sure of its encoding, so that nothing is written for a file of which the end
    cannot be read.

    Args:
        path: A CSV file with a header line.
        columns: For some fields the name of their column in this file.
        items: The names of the items of the codebook in use; columns of other names are not read.
        encoding: The character encoding, if it is not to be inferred.
        delimiter: The delimiter, if it is not to be inferred.

    Returns:
        The file; iterate over it for its rows.

    Raises:
        InputError: When the file as a whole cannot be used; the rules are those of `pseudonym.reader.encodings`,
            `pseudonym.reader.header`, and `input.empty`, `input.header`, `input.delimiter`.

    Sees: plaintext
    """
    path = Path(path)
    mapping = dict(columns or {})
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise _error("input.delimiter")
    charset = read_charset(path, encoding=encoding)
    with _open_lines(path, charset) as feed:
        n_bytes = path.stat().st_size
        delimiter, header = _read_header(feed, (mapping.get(RECORD_ID, RECORD_ID), *mapping.values()), delimiter)
        found = find_columns(header, (RECORD_ID, *IDENTITY_FIELDS, *RESERVED, *items), mapping)
        header_only = next(split_records(feed, delimiter), None) is None
    return InputFile(path, charset, delimiter, found, header_only, n_bytes, tuple(header))


@contextmanager
def _open_lines(path: Path, charset: Charset) -> Iterator[LineFeed]:
    with open_bytes(path) as file:
        yield LineFeed(TextIOWrapper(file, encoding=charset.name, newline=""))


def _read_header(feed: LineFeed, names: Iterable[str], delimiter: str | None) -> tuple[str, list[str]]:
    """Read up to and with the header; give the delimiter and the header's fields."""
    first = _first_line(feed)
    announced = separator_line(first)
    if announced is not None:
        first, delimiter = _first_line(feed), delimiter or announced
    delimiter = delimiter or sniff_delimiter(first, names)
    # The header is parsed as any record is, as a column's name may be quoted and run over several lines.
    feed.give_back(keep=0)
    record = next(split_records(feed, delimiter), None)
    if record is None:
        raise _error("input.empty")
    if record.rule is not None:
        raise _error("input.not_text" if record.rule == "row.nul" else "input.header")
    return delimiter, record.fields


def _first_line(feed: LineFeed) -> str:
    """Give the next line that is not blank."""
    while True:
        feed.begin()
        line = next(feed, None)
        if line is None:
            raise _error("input.empty")
        if line.strip("\ufeff \t\r\n\x1a"):
            return line


def _tidy(text: str) -> str:
    """Trim a field, and unwrap the formula by which spreadsheets are kept from reading digits as an amount."""
    text = text.strip()
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1].strip()
    return text


def _record_id_rule(record_id: str | None, seen: set[bytes]) -> str | None:
    if record_id is None:
        return "record_id.missing"
    digest = hashlib.blake2b(record_id.encode(errors="surrogatepass"), digest_size=DIGEST_BYTES).digest()
    if digest in seen:
        return "record_id.duplicate"
    seen.add(digest)
    return None


def _error(rule: str) -> InputError:
    return InputError(rule, RULES[rule])
