"""Open the file of a reporter and read its rows, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from pseudonym.errors import InputError, concerning, names_its_file
from pseudonym.faults import NO_RECORD
from pseudonym.identity.reader.cleaning import Cleaner, Evidence
from pseudonym.identity.reader.dates import DateOrder
from pseudonym.identity.reader.fields import known_fields
from pseudonym.identity.reader.future import last_day
from pseudonym.identity.reader.header import Columns, find_columns
from pseudonym.identity.reader.in_memory import TableSource
from pseudonym.identity.reader.lines import TableRecord
from pseudonym.identity.reader.nonrecords import NonRecords
from pseudonym.identity.reader.rows import Layout, Row, RowReader
from pseudonym.identity.reader.rules import refused
from pseudonym.identity.reader.sources import Source, TextSource, open_source
from pseudonym.identity.reader.titles import Titles
from pseudonym.identity.reader.workbook import SheetSource

__all__ = ["InputFile", "check_options", "look_through", "open_input"]

_GAP: Final = re.compile("[ \t]{2,}")
"""What stands between the headers of columns of a fixed width."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """The file of a reporter, ready to be read any number of times; each reading opens and closes it.

    Attributes:
        path: The file; None for a table in memory.
        source: The source of its rows: a text with encoding and delimiter, a sheet, or a table in memory.
        columns: The columns of its fields.
        header_only: Whether nothing follows the header. That is no error: there may have been nothing to report.
        header: The header unchanged, used to notice if the file changes.
        cleaner: Reads its cells by the evidence from its columns.
        layout: Tells rows that are no record, and those that were mended as a whole.
        stamp: Size and modification time of the file when it was inspected; None without a file.
        defaults: Values of fields that it has no column for.
    """

    path: Path | None
    source: TextSource | SheetSource | TableSource
    columns: Columns
    header_only: bool
    header: tuple[str, ...] = field(repr=False)
    cleaner: Cleaner = field(repr=False)
    layout: Layout = field(repr=False)
    stamp: tuple[int, int] | None = field(repr=False)
    defaults: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the file has, in the order of its columns; repeated ones as `number_2`."""
        positions = self.columns.positions
        return tuple(sorted(positions, key=positions.__getitem__))

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Names of the columns that are not read; empty if they might be a person's data."""
        return self.columns.unused

    @property
    def evidence(self) -> Evidence:
        """Evidence from all values of its columns."""
        return self.cleaner.evidence

    @property
    def n_bytes(self) -> int:
        """Number of bytes that one reading covers, for a progress bar."""
        return self.source.n_bytes

    @property
    def notices(self) -> tuple[str, ...]:
        """Constant sentences about what was inferred, for the user to check."""
        return (
            *self.source.notices,
            *self.layout.notices,
            *_date_notices(self.evidence),
            *_id_notices(self.evidence),
            *_default_notices(self.defaults, self.fields),
        )

    @property
    def reader(self) -> RowReader:
        """What reads its rows, one by one."""
        return RowReader(self.cleaner, self.layout)

    def __iter__(self) -> Iterator[Row]:
        """Read the rows, as `rows` does."""
        return self.rows()

    def rows(self, progress: Callable[[int], None] = lambda n_bytes: None) -> Iterator[Row]:
        """Read the rows in order, good and broken ones, in memory that does not grow with their number.

        Args:
            progress: Called now and then with the number of bytes read, out of `n_bytes`.

        Yields:
            The rows. Some are to be rejected: `record_id.missing`, or a rule of `pseudonym.identity.reader.lines`.
            Repeated ids are not checked here.

        Raises:
            InputError: As for `records` and `reader`.
        """
        with concerning(self.path):
            yield from map(self.reader, self.records(progress))
            self.cleaner.forget()

    def records(self, progress: Callable[[int], None] = lambda n_bytes: None) -> Iterator[TableRecord]:
        """Return the rows as they stand, for `reader`, which may be elsewhere.

        Args:
            progress: As for `rows`.

        Yields:
            The cells of each row after the header.

        Raises:
            InputError: `input.unreadable`, or `input.changed` when the file is no longer what was opened.
        """
        with concerning(self.path):
            self._check_unchanged()
            records = self.source.records(self.columns.n_columns, progress)
            header = next(records)
            if tuple(header.fields[: len(self.header)]) != self.header:
                raise refused("input.changed")
            yield from records
            self._check_unchanged()

    def _check_unchanged(self) -> None:
        if self.path is not None and _stamp(self.path) != self.stamp:
            raise refused("input.changed")


@names_its_file
def open_input(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    items: Iterable[str] = (),
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    separator: str | None = None,
    date_order: DateOrder | None = None,
    today: date | None = None,
    progress: Callable[[int], None] = lambda n_bytes: None,
) -> InputFile:
    """Inspect the file of a reporter and find out how to read it.

    The whole file is read once, to verify its encoding and to collect evidence about its columns, so that nothing is
    written for a file whose end cannot be read.

    Args:
        path: A CSV file or a workbook (xlsx) with a header.
        columns: Names of the columns in this file, by field.
        items: The items of the codebook in use, as a mapping with their labels if these may be headers; other columns
            are not read.
        encoding: The character encoding, if it is not to be inferred.
        delimiter: The delimiter, if it is not to be inferred.
        sheet: The name or number of the sheet to read from a workbook; by default the one that has the header.
        header_row: The row or line of the header, if it is not to be found.
        separator: The string between several values of a field in one cell.
        date_order: `dmy` or `mdy`, the order of day and month in dates that end with the year; inferred if not given.
        today: The current day, after which nothing can have happened; by default that of the clock.
        progress: Called now and then with the number of bytes inspected.

    Returns:
        The file; iterate over it for its rows.

    Raises:
        InputError: The file as a whole cannot be used, by a rule of `pseudonym.identity.reader.rules`.
    """
    path, mapping = Path(path), dict(columns or {})
    check_options(delimiter, separator, date_order)
    known = known_fields(items)
    titles = Titles(known, mapping)
    source = open_source(path, titles, encoding=encoding, delimiter=delimiter, sheet=sheet, header_row=header_row)
    stamp = _stamp(path)
    first = next(source.records(None, progress))
    if header_row is not None and first.line != header_row:
        raise refused("input.header_row", row=header_row)
    header = _header(first)
    found = _find_columns(header, known, mapping, items, source)
    # The user sets the separator within a cell; the delimiter between cells must then differ.
    if separator is not None and isinstance(source, TextSource) and source.delimiter in separator:
        raise refused("input.separator")
    cleaner = Cleaner(
        found.positions,
        separator=separator,
        date_order=date_order,
        epoch_1904=source.epoch_1904,
        last=last_day(today),
    )
    layout = Layout(NonRecords(header, found.positions, titles), unwrapped=first.unwrapped)
    look_through(cleaner, layout, source, len(header), progress)
    return InputFile(path, source, found, cleaner.evidence.n_rows == 0, tuple(header), cleaner, layout, stamp)


def look_through(
    cleaner: Cleaner, layout: Layout, source: Source, n_columns: int, progress: Callable[[int], None]
) -> None:
    """Read all rows once to collect evidence about the columns.

    Raises:
        InputError: `input.separator_and_columns`.
    """
    records = source.records(n_columns, progress)
    next(records)
    for record in records:
        rule = layout.rule(record)
        if rule in NO_RECORD:
            continue
        cleaner.evidence.n_rows += 1
        if rule is None:
            layout.n_spare[record.n_spare] += 1
            cleaner.look(record.fields)
    if cleaner.evidence.mixed:
        raise refused("input.separator_and_columns")


def _header(record: TableRecord) -> list[str]:
    if record.rule is not None:
        raise refused("input.not_text" if record.rule == "row.nul" else "input.header")
    return list(record.fields)


def _find_columns(
    header: list[str], known: tuple[str, ...], mapping: Mapping[str, str], items: Iterable[str], source: Source
) -> Columns:
    try:
        return find_columns(header, known, mapping, items)
    except InputError as error:
        rule, name, hint = error.rule, error.field, error.hint
    # Raise outside the handler, since the first error may be chained to a person's data.
    if len(header) == 1 and isinstance(source, TextSource) and len(_GAP.findall(header[0].strip())) > 1:
        raise refused("input.fixed_width")
    lacks_id = rule == "input.no_record_id_column"
    hint, row = (source.hint_without_id, source.header_row) if lacks_id else (hint, None)
    raise refused(rule, hint=hint, field=name, row=row)


def check_options(delimiter: str | None, separator: str | None, date_order: str | None) -> None:
    """Check options for reading an input.

    Raises:
        InputError: `input.delimiter`, `input.separator` or `input.date_order`.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise refused("input.delimiter")
    if separator is not None and (
        not separator.strip() or any(sign.isalnum() or sign.isspace() or sign in "-'\"" for sign in separator)
    ):
        raise refused("input.separator")
    if date_order not in {None, "dmy", "mdy"}:
        raise refused("input.date_order")


def _default_notices(defaults: Iterable[str], fields: Collection[str]) -> Iterator[str]:
    """Return the notices about the defaults that are used."""
    used, unused = [name for name in defaults if name not in fields], [name for name in defaults if name in fields]
    if used:
        yield f"The same in every record, by default: {', '.join(used)}."
    if unused:
        yield f"The input has columns for these, so their defaults are not used: {', '.join(unused)}."


def _date_notices(evidence: Evidence) -> Iterator[str]:
    """Describe how ambiguous dates were read."""
    for name, column in evidence.dates.items():
        n_last = column.forms.get("year last", 0)
        if not n_last:
            continue
        decisive = max(column.n_day_first, column.n_month_first)
        if column.ordered is not None:
            why = "as --date-order says"
        elif column.order is not None:
            why = f"since {decisive:,} of them can be read no other way"
        else:
            left_out = "those that do not show which part is the day are left out"
            yield f"{name}: dates that end with the year: {n_last:,}; {left_out}."
            continue
        first = "day" if column.order == "dmy" else "month"
        yield f"{name}: {n_last:,} dates that end with the year were read {first} first, {why}."


def _id_notices(evidence: Evidence) -> Iterator[str]:
    """Name the columns of cases and reports in which one id may stand for none."""
    for name, column in evidence.ids.items():
        if column.is_crowded:
            yield (
                f"{name}: one id stands in {column.n_most:,} of {column.n_filled:,} rows, which are then one "
                f"{name.removesuffix('_id')}: leave it blank where it stands for none."
            )


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        raise refused("input.changed") from None
    return found.st_size, found.st_mtime_ns
