"""Options shared by several commands, and the functions that parse and check them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from pseudonym import profile_names
from pseudonym.cli.config import with_columns
from pseudonym.codebook import Codebook, codebook_names
from pseudonym.columns import RESERVED
from pseudonym.console import offering, periods, shown, wrong_option
from pseudonym.encode import arguments
from pseudonym.encode.arguments import last_day
from pseudonym.encode.inputs import open_records
from pseudonym.errors import InputError
from pseudonym.identity.reader import REPEATABLE, DateOrder, InputFile
from pseudonym.output import same_file

__all__ = [
    "BodyKeyFile",
    "Book",
    "Column",
    "DateOrderName",
    "Delimiter",
    "Derived",
    "Encoding",
    "HeaderRow",
    "InputOptions",
    "InviteFile",
    "Json",
    "KeepEmpty",
    "Period",
    "Previous",
    "ProfileName",
    "Reference",
    "Separator",
    "SheetName",
    "check_paths",
    "check_period",
    "next_number",
    "own_file",
    "read_columns",
    "read_reference_date",
]

_PERIOD: Final = re.compile(r"(?!0000)[0-9]{4}(-(0[1-9]|1[0-2]))?")

_SAME_FILE: Final = "An output must not lead to an input, to the key, or to another output; choose other paths."

_COLUMN: Final = "Write FIELD=HEADER, such as birth_date=Dateofbirth, and each field once."

_FIELDS: Final = (*REPEATABLE, "name_of_address", "sex", *RESERVED)

ENCODINGS: Final = ("cp1252", "cp850", "iso-8859-1", "mac-roman", "utf-16", "utf-8")
"""Encodings that a shell offers; every other that Python knows is accepted too."""

Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=HEADER",
        callback=with_columns,
        help="Read a field from a column with another header: --column record_id=ID, --column number_2=gammalt_nr; "
        "--column names=Namn for a column with whole names. Repeatable.",
        autocompletion=offering(lambda: [f"{name}=" for name in _FIELDS]),
    ),
]
BodyKeyFile = Annotated[
    Path | None,
    typer.Option(
        "--body-key", metavar="FILE", help="The reporter's own key file, from 'pseudonym key new --for body'."
    ),
]
InviteFile = Annotated[
    Path | None,
    typer.Option(
        "--to",
        metavar="INVITE",
        help="Seal the file for the units of the registry that this invite names; --body-key signs it.",
    ),
]
Book = Annotated[
    str | None,
    typer.Option(
        help="Codebook of the payload: a file, or the name of a shipped one.", autocompletion=offering(codebook_names)
    ),
]
ProfileName = Annotated[
    str, typer.Option(help="Name of a profile, or a profile file.", autocompletion=offering(profile_names))
]
Period = Annotated[
    str | None,
    typer.Option(
        help="The period that is reported, as 2026-03 or 2026: coverage goes by it.", autocompletion=offering(periods)
    ),
]
Previous = Annotated[
    Path | None,
    typer.Option(help="The file of any kind that the reporter sent last, so that the registry can detect gaps."),
]
SheetName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|NUMBER",
        help="Sheet of a workbook, by its name or its number from the left, hidden ones counted. Default: the one with "
        "the header; of totals, the first visible one.",
    ),
]
HeaderRow = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        min=1,
        help="The header is row N of the sheet or line N of the text; what is above is not read. Default: it is "
        "searched for.",
    ),
]
KeepEmpty = Annotated[
    bool,
    typer.Option(
        "--keep-empty",
        help="Also send records without any identity, which count as one person each and are never linked. Default: "
        "they are rejected.",
    ),
]
Separator = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="Separates several values in one cell: --separator '|' reads 'Berg|Ek' as two family names.",
    ),
]
DateOrderName = Annotated[
    Literal["dmy", "mdy"] | None,
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
        help="Character encoding of a text file, if it is not recognised: --encoding cp850 for old DOS files.",
        autocompletion=offering(lambda: ENCODINGS),
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        metavar="YYYY-MM-DD",
        help="Date used to infer the century of a 10-digit number. Default: the end of the period, or today.",
    ),
]
Derived = Annotated[
    bool,
    typer.Option(
        "--derived/--no-derived",
        help="Fill items that the codebook declares, such as the age at the event, from the identity, where the input "
        "has no column for them.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataclass(frozen=True, slots=True)
class InputOptions:
    """The options for reading an input."""

    column: list[str] | None = None
    sheet: str | None = None
    header_row: int | None = None
    separator: str | None = None
    date_order: DateOrder | None = None
    delimiter: str | None = None
    encoding: str | None = None
    keep_empty: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)

    def open(self, path: Path, book: Codebook | None, progress: Callable[[int], None]) -> InputFile:
        """Open an input.

        Args:
            path: The file.
            book: The codebook whose items are read as payload, if there is one.
            progress: Called with the number of bytes inspected.

        Sees: plaintext
        """
        rows = open_records(
            path,
            book,
            columns=read_columns(self.column),
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            header_row=self.header_row,
            separator=self.separator,
            date_order=self.date_order,
            progress=progress,
        )
        return replace(rows, defaults=self.defaults)


def read_columns(options: Iterable[str] | None) -> dict[str, str]:
    """Parse the `--column` options into a mapping from fields to headers.

    Sees: plaintext
    """
    columns: dict[str, str] = {}
    for option in options or []:
        name, equals, header = option.partition("=")
        if not equals or not name or not header or name in columns:
            raise wrong_option("--column", _COLUMN)
        columns[name.strip()] = header.strip()
    return columns


def read_reference_date(text: str | None, period: str | None = None) -> date:
    """Return the date used to infer centuries: the given date, or the end of the period, or today.

    Sees: neither
    """
    check_period(period)
    if text is None:
        with suppress(ValueError):
            return last_day(period)
        # The calendar ends with the year 9999.
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise wrong_option("--reference-date", "Write a day as YYYY-MM-DD, such as 2026-03-31.") from None


def check_period(period: str | None) -> None:
    """Refuse a period that is neither a month nor a year.

    Sees: neither
    """
    if period is not None and not _PERIOD.fullmatch(period):
        raise wrong_option("--period", "Write a month as 2026-03, or a year as 2026.")


def next_number(sequence: int | None, previous: Path | None) -> tuple[int, str | None]:
    """Return the number of a new file, by default the time in milliseconds, and the digest of the file sent last.

    Args:
        sequence: The value of `--sequence`.
        previous: The value of `--previous`, a file of any kind.

    Raises:
        typer.BadParameter: The number is not above that of the file sent last.

    Sees: neither
    """
    try:
        return arguments.next_number(sequence, previous)
    except InputError:
        raise wrong_option("--sequence", "It must be higher than that of the file given with --previous.") from None


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
    for one, other in [*product(written, read), *combinations(written, 2)]:
        if same_file(one, other):
            raise typer.BadParameter(f"{shown(one)}: {_SAME_FILE}")
