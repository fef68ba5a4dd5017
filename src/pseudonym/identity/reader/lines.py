"""Split the lines of a CSV file into records, so that a broken record costs only itself.

The parsing is that of Python's `csv` module, strict. This module adds recovery: a quotation mark that is never
closed swallows everything after it, so when a record of several lines is broken, only its first line is discarded and
reading continues at the next one. And it mends what has one reading only: blank cells beyond the header, blanks after a
quotation mark, and a line that is quoted as a whole.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TextIO

from pseudonym.identity.reader.escapes import rejoined
from pseudonym.identity.reader.rules import refused

__all__ = ["MAX_FIELD_CHARACTERS", "LineFeed", "TableRecord", "split_line", "split_records", "without_blank_end"]

MAX_FIELD_CHARACTERS: Final = 1_000_000
"""A longer field is not a value but a document pasted into a cell, or the file has lost its line ends."""

MAX_RECORD_CHARACTERS: Final = 8 << 20
"""How far to search for the end of a quoted field; also the longest line that is held in memory."""

FREE_REREADING: Final = 64 << 20
"""Number of characters that may be read twice before rereading is rationed, so that the time stays linear."""


@dataclass(frozen=True, slots=True, repr=False)
class TableRecord:
    """One record of the file.

    Attributes:
        line: The line where it begins.
        fields: Its fields. If `rule` is set they are empty, or those of a line with the wrong number of fields, which
            may be recognised as no record.
        rule: The rule that it breaks, or None.
        n_spare: Number of blank fields beyond the header, which were removed.
        unwrapped: Whether the whole line was quoted as one field.
        typed: Positions of the fields that a workbook holds as a date, a time or a truth value.
    """

    line: int
    fields: list[str]
    rule: str | None = None
    n_spare: int = 0
    unwrapped: bool = False
    typed: frozenset[int] = frozenset()

    def __repr__(self) -> str:
        """Show line and rule only; the fields are a person's data."""
        return f"TableRecord(line={self.line}, rule={self.rule!r})"


class _Overrun(Exception):
    """The current record is longer than a record may be."""


class LineFeed:
    """Yield the lines of a text, keeping those of the current record so that they can be put back."""

    def __init__(self, text: TextIO) -> None:
        """Wrap a text opened with `newline=""`: line ends are unchanged, and CR, LF and CR LF each end a line."""
        self._text = text
        self._given_back: deque[str] = deque()
        self._lines: list[str] = []
        self._n_read = 0
        self._n_reread = 0
        self._allowed = MAX_RECORD_CHARACTERS
        self.next_line = 1
        self.n_characters = 0
        self.at_end = False
        self.has_nul = False
        self.is_cut = False

    def __iter__(self) -> Iterator[str]:
        """Return itself, since the `csv` module needs an iterator."""
        return self

    def __next__(self) -> str:
        """Return the next line of the current record; raise `_Overrun` if the record is too long."""
        line = self._given_back.popleft() if self._given_back else self._read_line()
        if not line:
            self.at_end = True
            raise StopIteration
        if self._lines and self.n_characters + len(line) > self._allowed:
            self._given_back.appendleft(line)
            raise _Overrun
        self._lines.append(line)
        self.n_characters += len(line)
        self.next_line += 1
        if "\0" in line:
            self.has_nul = True
        if len(line) >= MAX_RECORD_CHARACTERS and line[-1] not in "\r\n":
            self.is_cut = True
            self._skip_rest_of_line()
        return line

    @property
    def n_lines(self) -> int:
        """Number of lines in the current record so far."""
        return len(self._lines)

    @property
    def first_line(self) -> str:
        """The first line of the current record."""
        return self._lines[0]

    @property
    def ends_without_line_end(self) -> bool:
        """Whether the current record ends the file, without a line end."""
        return self._lines[-1][-1] not in "\r\n"

    def begin(self) -> None:
        """Begin a record and discard the lines of the previous one."""
        self._n_read += self.n_characters
        self._lines = []
        self.n_characters = 0
        self.at_end = self.has_nul = self.is_cut = False
        rationed = self._n_reread > FREE_REREADING + self._n_read
        self._allowed = 0 if rationed else MAX_RECORD_CHARACTERS

    def give_back(self, *, keep: int) -> None:
        """Put back all lines of the current record except the first `keep`, to be read again."""
        again = self._lines[keep:]
        n_again = sum(map(len, again))
        self._given_back.extendleft(reversed(again))
        self.next_line -= len(again)
        self.n_characters -= n_again
        self._n_reread += n_again
        del self._lines[keep:]

    def _read_line(self) -> str:
        try:
            return self._text.readline(MAX_RECORD_CHARACTERS)
        except UnicodeError:
            pass
        # Raise outside the handler: the exception above holds bytes of the file and must not be chained to this one.
        raise refused("input.changed")

    def _skip_rest_of_line(self) -> None:
        while (rest := self._read_line()) and rest[-1] not in "\r\n":
            pass


def split_records(
    feed: LineFeed, delimiter: str, *, n_columns: int | None = None, n_named: int | None = None
) -> Iterator[TableRecord]:
    """Split the remaining lines into records, good and broken ones, skipping blank lines.

    Args:
        feed: The lines.
        delimiter: One character.
        n_columns: The number of fields that a good record has; None to accept any number.
        n_named: The number of columns up to the last one with a name, which a record has at least; `n_columns` by
            default.

    Yields:
        The records in order. A broken one has a rule: `row.nul`, `row.field_too_long`, `row.unterminated`,
        `row.quoting` or `row.columns`.
    """
    # The limit is global to the process, so it is only raised, never lowered; ours is checked below, field by field.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_RECORD_CHARACTERS))
    parser = csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        feed.begin()
        line = feed.next_line
        fields, rule = _parse(parser, feed)
        if fields is None and rule is None:
            return
        if rule == "row.quoting" and feed.n_lines == 1:
            fields = _without_blanks_after_quotes(feed.first_line, delimiter)
            rule = None if fields is not None else rule
        if fields is not None and not any(map(_has_text, fields)):
            continue
        found = fields or []
        n_spare, unwrapped = 0, False
        if delimiter == ";" and (n_columns is None or len(found) > n_columns):
            found = rejoined(found)
        if n_columns is not None and len(found) != n_columns:
            found, n_spare, unwrapped = _fitted(found, delimiter, n_named or n_columns, n_columns)
        rule = rule or _check(found, feed, n_columns)
        if rule is None:
            yield TableRecord(line, found, n_spare=n_spare, unwrapped=unwrapped)
            continue
        several = feed.n_lines > 1
        if several and rule in _GIVE_BACK:
            feed.give_back(keep=1)
        yield TableRecord(line, found if rule in _WIDTH and not several else [], rule)


_GIVE_BACK: Final = frozenset({"row.unterminated", "row.quoting", "row.columns"})
"""Faults after which the lines that follow may be whole records swallowed by an open quotation mark."""

_WIDTH: Final = frozenset({"row.columns", "row.unterminated"})
"""Faults of lines that can be read but are too short or too long."""


def _parse(parser: Iterator[list[str]], feed: LineFeed) -> tuple[list[str] | None, str | None]:
    """Return the fields of the next record, or the rule it breaks, or neither at the end."""
    try:
        return next(parser), None
    except StopIteration:
        return None, None
    except _Overrun:
        return None, "row.unterminated"
    except csv.Error:
        return None, "row.unterminated" if feed.at_end else "row.quoting"


def _without_blanks_after_quotes(line: str, delimiter: str) -> list[str] | None:
    """Return the fields of a line without the blanks between a quotation mark and a delimiter; None if unreadable."""
    tidy = re.sub(rf'" +(?={re.escape(delimiter)}|[\r\n]|\Z)', '"', line)
    return None if tidy == line else split_line(tidy, delimiter)


def split_line(line: str, delimiter: str) -> list[str] | None:
    """Return the fields of one line, or None if it is not one whole record."""
    try:
        records = list(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _fitted(fields: list[str], delimiter: str, n_named: int, n_columns: int) -> tuple[list[str], int, bool]:
    """Bring a record to the width of the header where nothing is lost.

    Returns:
        The fields, the number of blank ones removed at the end, and whether the whole line was quoted as one field.
    """
    unwrapped = False
    if len(without_blank_end(fields)) == 1 and n_columns > 1 and delimiter in fields[0]:
        inner = split_line(fields[0], delimiter)
        if inner is not None and n_named <= len(without_blank_end(inner, keep=n_named)) <= n_columns:
            fields, unwrapped = inner, True
    kept = without_blank_end(fields, keep=n_columns)
    if n_named <= len(kept) < n_columns:
        kept = kept + [""] * (n_columns - len(kept))
    return kept, max(0, len(fields) - len(kept)), unwrapped


def without_blank_end(fields: list[str], *, keep: int = 0) -> list[str]:
    """Return fields without the blank ones at the end, but at least `keep` of them if there are so many."""
    n_kept = len(fields)
    while n_kept > keep and not _has_text(fields[n_kept - 1]):
        n_kept -= 1
    return fields[:n_kept]


def _check(fields: list[str], feed: LineFeed, n_columns: int | None) -> str | None:
    if feed.has_nul:
        return "row.nul"
    if feed.is_cut or (
        feed.n_characters > MAX_FIELD_CHARACTERS and any(len(field) > MAX_FIELD_CHARACTERS for field in fields)
    ):
        return "row.field_too_long"
    if n_columns is not None and len(fields) != n_columns:
        cut = len(fields) < n_columns and feed.ends_without_line_end
        return "row.unterminated" if cut else "row.columns"
    return None


def _has_text(field: str) -> bool:
    # A lone Ctrl-Z is how DOS ended a file.
    return bool(field.strip(" \t\r\n\xa0\x1a\u200b\ufeff"))
