"""Options shared by several commands, and the functions that parse and check them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, cast

import typer

from pseudonym.codebook import Codebook
from pseudonym.identity.reader import DateOrder, InputFile, open_input
from pseudonym.output import same_file
from pseudonym.wire import read_any_header

__all__ = [
    "Book",
    "Column",
    "DateOrderName",
    "Delimiter",
    "Encoding",
    "InputOptions",
    "Json",
    "Reference",
    "Separator",
    "SheetName",
    "check_paths",
    "next_number",
    "own_file",
    "read_columns",
    "read_reference_date",
]

Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=HEADER",
        help="Read a field from a column with another header: --column given_names=Namn, --column number_2=gammalt_nr. "
        "Repeatable.",
    ),
]
Book = Annotated[str | None, typer.Option(help="Codebook of the payload: a file, or the name of a shipped one.")]
SheetName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Sheet of a workbook. Default: the first visible sheet.")
]
Separator = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="Separates several values in one cell: --separator '|' reads 'Berg|Ek' as two family names.",
    ),
]
DateOrderName = Annotated[
    str | None,
    typer.Option(
        metavar="dmy|mdy",
        help="Order of day and month in dates that end with the year, if the column does not show it: "
        "--date-order dmy reads 03/04/2008 as 3 April.",
    ),
]
Delimiter = Annotated[
    str | None, typer.Option(metavar="SIGN", help="Column delimiter of a text file, if it is not recognised.")
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="Character encoding of a text file, if it is not recognised: --encoding cp850 for old DOS files."
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        metavar="YYYY-MM-DD",
        help="Date used to infer the century of a 10-digit number. Default: the end of the period, or today.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True, slots=True)
class InputOptions:
    """The options for reading an input."""

    column: list[str] | None
    sheet: str | None
    separator: str | None
    date_order: str | None
    delimiter: str | None
    encoding: str | None

    def open(self, path: Path, book: Codebook | None, progress: Callable[[int], None]) -> InputFile:
        """Open an input.

        Args:
            path: The file.
            book: The codebook whose items are read as payload, if there is one.
            progress: Called with the number of bytes inspected.

        Sees: plaintext
        """
        items = {} if book is None else {item.name: [code.code for code in item.codes] for item in book.items}
        return open_input(
            path,
            columns=read_columns(self.column),
            items=items,
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            separator=self.separator,
            date_order=cast("DateOrder | None", self.date_order),
            progress=progress,
        )


def read_columns(options: Iterable[str] | None) -> dict[str, str]:
    """Parse the `--column` options into a mapping from fields to headers.

    Sees: plaintext
    """
    columns: dict[str, str] = {}
    for option in options or []:
        field, equals, name = option.partition("=")
        if not equals or not field or not name or field in columns:
            raise typer.BadParameter("--column must be FIELD=HEADER, with each field at most once.")
        columns[field.strip()] = name.strip()
    return columns


def read_reference_date(text: str | None, period: str | None = None) -> date:
    """Return the date used to infer centuries: the given date, or the end of the period, or today.

    Sees: neither
    """
    try:
        if text is not None:
            return date.fromisoformat(text)
        if period is not None:
            year, month = int(period[:4]), int(period[5:] or 12)
            return min(date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1), date.today())
    except (ValueError, OverflowError):
        raise typer.BadParameter("Write --reference-date as YYYY-MM-DD and --period as 2026-03 or 2026.") from None
    return date.today()


def next_number(sequence: int | None, previous: Path | None) -> tuple[int, str | None]:
    """Return the number of a new file, by default the time in milliseconds, and the digest of the file sent last.

    Args:
        sequence: The value of `--sequence`.
        previous: The value of `--previous`, a submission or a withdrawal.

    Raises:
        typer.BadParameter: The number is not above that of the file sent last.

    Sees: neither
    """
    number = time.time_ns() // 1_000_000 if sequence is None else sequence
    if previous is None:
        return number, None
    before = read_any_header(previous)
    if number <= before.sequence:
        raise typer.BadParameter("--sequence must be higher than that of the file given with --previous.")
    return number, before.digest


def own_file(name: str | None, shipped: Collection[str]) -> Path | None:
    """Return the file that an option for a document names, or None if it names one that ships, or nothing.

    Sees: neither
    """
    return None if name is None or name in shipped else Path(name)


def check_paths(inputs: Iterable[Path | None], outputs: Iterable[Path | None]) -> None:
    """Refuse outputs that are an input or each other, also by a link or another spelling of a name.

    What else stands at their paths, `pseudonym.output` checks.

    Sees: neither
    """
    read = [path for path in inputs if path is not None]
    written = [path for path in outputs if path is not None]
    if any(same_file(one, other) for one, other in [*product(written, read), *combinations(written, 2)]):
        raise typer.BadParameter(
            "An output must not lead to an input, to the key, or to another output; choose other paths."
        )
