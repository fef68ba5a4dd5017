"""Find the delimiter of a text by its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from typing import Final

from pseudonym.identity.reader.titles import Titles

__all__ = ["DELIMITERS", "separator_line", "split_head", "tell_delimiter"]

DELIMITERS: Final = (",", ";", "\t", "|")
"""Possible delimiters: Swedish spreadsheets write semicolons, databases tabs or bars."""

MAX_CHARACTERS: Final = 1 << 16
"""The part of a line that is looked at: longer than any header."""

_SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?')


def separator_line(line: str) -> str | None:
    """Return the delimiter in a line such as `sep=;`, which spreadsheets write above the header; otherwise None."""
    match = _SEPARATOR_LINE.fullmatch(line.strip(" \r\n"))
    return None if match is None else match[1]


def tell_delimiter(lines: Sequence[str], titles: Titles, delimiters: Sequence[str]) -> str:
    """Return the delimiter by which some line looks most like a header.

    Args:
        lines: The first lines of a text.
        titles: The headers that it may have.
        delimiters: The delimiters to try.

    Returns:
        The one that yields the header of the record ids, then the most known headers in a line, then the most columns
        in the first line.
    """

    def rank(delimiter: str) -> tuple[tuple[bool, int], int]:
        rows = [split_head(line, delimiter) for line in lines]
        return max(titles.judge(row)[:2] for row in rows), len(rows[0])

    return max(delimiters, key=rank)


def split_head(line: str, delimiter: str) -> list[str]:
    """Return the fields of one of the first lines; of one that is quoted as a whole, those within it."""
    line = line[:MAX_CHARACTERS]
    try:
        fields = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        if len(fields) == 1 and delimiter in fields[0]:
            return next(csv.reader([fields[0]], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
    return fields
