"""Read the header line: the delimiter, and which column holds which field."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pseudonym.errors import InputError

__all__ = ["RECORD_ID", "Columns", "find_columns", "separator_line", "sniff_delimiter"]

RECORD_ID: Final = "record_id"

DELIMITERS: Final = (",", ";", "\t")
"""What separates columns: Swedish spreadsheets write semicolons, databases tabs."""

MAX_SHOWN_CHARACTERS: Final = 64

RULES: Final[dict[str, str]] = {
    "input.no_record_id_column": "The input has no column record_id. Name the column that holds it, or add a header.",
    "input.duplicate_column": "Two columns of the input have the name of one field.",
    "input.column_mapping": "A column mapping names a field that does not exist, or a column that is not in the input.",
}

_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?')


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the fields of a file stand.

    Attributes:
        places: For each field found its column, from 0.
        n_columns: Number of columns of the header.
        unused: Names of the columns that are not read, where it is certain that they are names.
        n_unused: Number of columns that are not read.
    """

    places: Mapping[str, int]
    n_columns: int
    unused: tuple[str, ...]
    n_unused: int


def separator_line(line: str) -> str | None:
    """Give the delimiter that a line `sep=;` announces, which spreadsheets put before the header; None for other lines.

    Sees: neither
    """
    match = _SEPARATOR_LINE.fullmatch(line.strip(" \r\n"))
    return None if match is None else match[1]


def sniff_delimiter(line: str, names: Iterable[str]) -> str:
    """Give the delimiter of a header line.

    Args:
        line: The header.
        names: Headers of which one is expected to be there.

    Returns:
        The delimiter that shows an expected header; among several or none, the one that gives the most columns.

    Sees: neither
    """
    expected = {_fold(name) for name in names}

    def rank(delimiter: str) -> tuple[bool, int]:
        fields = _split(line, delimiter)
        return any(_fold(field) in expected for field in fields), len(fields)

    return max(DELIMITERS, key=rank)


def find_columns(header: list[str], known: Iterable[str], mapping: Mapping[str, str]) -> Columns:
    """Find the column of each field.

    Names are compared without regard to case and surrounding white space. A mapping takes precedence, and a column
    that it names serves that field only.

    Args:
        header: The fields of the header line.
        known: The names of all fields that may be read.
        mapping: For some fields the name of their column in this file.

    Returns:
        The columns.

    Raises:
        InputError: `input.no_record_id_column`, `input.duplicate_column` or `input.column_mapping`. No error shows a
            part of the header: where there is none, the first line of the file is a person.

    Sees: plaintext
    """
    known = tuple(known)
    folded = [_fold(name) for name in header]
    wanted = {field: _fold(mapping.get(field, field)) for field in known}
    claimed = {_fold(name) for name in mapping.values()}
    if not mapping.keys() <= set(known):
        raise _error("input.column_mapping", None)
    if mapping.get(RECORD_ID) is None and RECORD_ID not in folded:
        raise _error("input.no_record_id_column", RECORD_ID)
    places: dict[str, int] = {}
    for field, name in wanted.items():
        n_found = folded.count(name)
        if field in mapping and n_found == 0:
            raise _error("input.column_mapping", field)
        if n_found == 0 or (field not in mapping and name in claimed):
            continue
        if n_found > 1:
            raise _error("input.duplicate_column", field)
        places[field] = folded.index(name)
    if RECORD_ID not in places:
        raise _error("input.no_record_id_column", RECORD_ID)
    # Two names that are known make a header; one that the user gave may be a word of a person in the first line.
    return _columns(header, places, are_names=RECORD_ID not in mapping or len(places) > 1)


def _columns(header: list[str], places: Mapping[str, int], *, are_names: bool) -> Columns:
    used = set(places.values())
    rest = [name.strip() for place, name in enumerate(header) if place not in used]
    shown = tuple(name for name in rest if name.isprintable() and 0 < len(name) <= MAX_SHOWN_CHARACTERS)
    return Columns(places, len(header), shown if are_names else (), len(rest))


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []


def _fold(name: str) -> str:
    return name.strip("\ufeff \t\r\n\xa0").casefold()


def _error(rule: str, field: str | None) -> InputError:
    return InputError(rule, RULES[rule], field=field)
