"""Read the header: the delimiter, and which column holds which field."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pseudonym.identity.reader.fields import ALIASES, MAX_VALUES, RECORD_ID, REPEATABLE, base_of, fold_header
from pseudonym.identity.reader.rules import refused

__all__ = ["DELIMITERS", "Columns", "find_columns", "separator_line", "sniff_delimiter"]

DELIMITERS: Final = (",", ";", "\t", "|")
"""Possible delimiters: Swedish spreadsheets write semicolons, databases tabs or bars."""

MAX_SHOWN_CHARACTERS: Final = 64

_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?')


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the fields of a file.

    Attributes:
        positions: The column of each field found, from 0.
        n_columns: Number of columns of the header.
        unused: Names of the columns that are not read, if they are certainly names.
        n_unused: Number of columns that are not read.
        headers: The unchanged header of each field found, if headers are certainly names.
        by_alias: Fields found by a Swedish header.
    """

    positions: Mapping[str, int]
    n_columns: int
    unused: tuple[str, ...]
    n_unused: int
    headers: Mapping[str, str] = field(default_factory=dict)
    by_alias: tuple[str, ...] = ()


def separator_line(line: str) -> str | None:
    """Return the delimiter in a line such as `sep=;`, which spreadsheets write above the header; otherwise None."""
    match = _SEPARATOR_LINE.fullmatch(line.strip(" \r\n"))
    return None if match is None else match[1]


def sniff_delimiter(line: str, names: Iterable[str]) -> str:
    """Return the delimiter of a header line.

    Args:
        line: The header.
        names: Headers, at least one of which is expected.

    Returns:
        The delimiter that yields an expected header; if several or none do, the one that gives the most columns.
    """
    expected = {fold_header(name) for name in names}

    def rank(delimiter: str) -> tuple[bool, int]:
        fields = _split(line, delimiter)
        return any(fold_header(name) in expected for name in fields), len(fields)

    return max(DELIMITERS, key=rank)


def find_columns(header: list[str], known: Iterable[str], mapping: Mapping[str, str]) -> Columns:
    """Find the column of each field.

    Names are compared ignoring case, and blanks, hyphens and underscores are equal. A mapping takes precedence, and a
    column that it names is used for that field only. Field names come next, then Swedish headers.

    Args:
        header: The fields of the header line.
        known: The names of all fields that may be read.
        mapping: Names of the columns in this file, by field.

    Returns:
        The columns.

    Raises:
        InputError: `input.no_record_id_column`, `input.duplicate_column` or `input.column_mapping`. No error shows
            any part of the header: in a file without one, the first line is a person.
    """
    known = tuple(known)
    folded = [fold_header(name) for name in header]
    wanted = {name: fold_header(mapping.get(name, name)) for name in known}
    claimed = {fold_header(name) for name in mapping.values()}
    if not mapping.keys() <= set(known):
        raise refused("input.column_mapping")
    if mapping.get(RECORD_ID) is None and RECORD_ID not in folded:
        raise refused("input.no_record_id_column", field=RECORD_ID)
    positions: dict[str, int] = {}
    for name, title in wanted.items():
        n_found = folded.count(title)
        if n_found == 0 and name in REPEATABLE and name not in mapping:
            # Files that number the second column often number the first.
            title = f"{title}_1"
            n_found = folded.count(title)
        if name in mapping and n_found == 0:
            raise refused("input.column_mapping", field=name)
        if n_found == 0 or (name not in mapping and title in claimed):
            continue
        if n_found > 1:
            raise refused("input.duplicate_column", field=name)
        positions[name] = folded.index(title)
    if RECORD_ID not in positions:
        raise refused("input.no_record_id_column", field=RECORD_ID)
    # Two known names make a header. A name given by the user may also be a word in a first line that is a person.
    are_names = RECORD_ID not in mapping or len(positions) > 1
    by_alias = _find_aliases(folded, positions, known, claimed)
    return _columns(header, {**positions, **by_alias}, tuple(by_alias), are_names=are_names)


def _find_aliases(
    folded: list[str], positions: Mapping[str, int], known: tuple[str, ...], claimed: set[str]
) -> dict[str, int]:
    """Find the fields with a Swedish header; two kinds of number become two values of one field."""
    found: dict[str, int] = {}
    used: dict[str, str] = {}
    for position, title in enumerate(folded):
        base, ordinal = _alias(title)
        if base is None or base not in known or title in claimed or position in positions.values():
            continue
        name = base if ordinal == 1 else f"{base}_{ordinal}"
        if base == "number" and name in found and used[name][:3] != title[:3]:
            # Personnummer and samordningsnummer side by side are an earlier and a later number of one person.
            name = next(f"number_{n}" for n in range(2, MAX_VALUES + 2) if f"number_{n}" not in {*found, *positions})
        if name in positions or base_of(name)[1] > MAX_VALUES:
            continue
        if name in found:
            raise refused("input.duplicate_column", field=name)
        found[name], used[name] = position, title
    return found


def _alias(title: str) -> tuple[str | None, int]:
    """Return the field of a Swedish header and its position: `personnummer_2` is the second number."""
    if title in ALIASES:
        return ALIASES[title], 1
    stem, _, ordinal = title.rpartition("_")
    base = ALIASES.get(stem)
    if base in REPEATABLE and ordinal in {str(n) for n in range(2, MAX_VALUES + 1)}:
        return base, int(ordinal)
    return None, 1


def _columns(header: list[str], positions: Mapping[str, int], by_alias: tuple[str, ...], *, are_names: bool) -> Columns:
    used = set(positions.values())
    rest = [name.strip() for position, name in enumerate(header) if position not in used]
    shown = tuple(name for name in rest if _is_shown(name))
    headers = {
        name: header[position].strip() for name, position in positions.items() if _is_shown(header[position].strip())
    }
    if not are_names:
        shown, headers = (), {}
    return Columns(positions, len(header), shown, len(rest), headers, by_alias)


def _is_shown(name: str) -> bool:
    return name.isprintable() and 0 < len(name) <= MAX_SHOWN_CHARACTERS


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
