"""Rosters as CSV files, which a spreadsheet can write: one row per entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from linkage.errors import RosterError
from linkage.intake.roster.changes import unknown_sources
from linkage.intake.roster.entry import COLUMNS, RULES, Entry, entry_of
from pseudonym.unreadable import why_unreadable

__all__ = ["read_table", "table_of"]

REQUIRED: Final = frozenset({"reporter", "kind", "from"})

MAX_BYTES: Final = 1 << 24
"""Room for some hundred thousand entries."""

DELIMITERS: Final = ",;\t"


def read_table(path: Path, *, known: Collection[str]) -> list[Entry]:
    """Read a roster file and refuse it if any row is bad.

    Args:
        path: A CSV file in UTF-8 with a header. Delimiters are commas, semicolons or tabs. The columns are those of
            `COLUMNS` in any order, of which `reporter`, `kind` and `from` are required.
        known: Codes of the reporters that are on the roster already.

    Returns:
        The entries, in the order of the file.

    Raises:
        RosterError: `roster.unreadable`, `roster.encoding`, `roster.columns`; `roster.rows` with `faults` if rows
            break rules.
    """
    rows = _rows(_text(path), path)
    header = [cell.strip() for cell in next(rows, (0, []))[1]]
    if len(set(header)) < len(header) or not REQUIRED <= set(header) <= set(COLUMNS):
        raise RosterError(
            "roster.columns",
            f"A roster has the columns {', '.join(COLUMNS)}, each at most once; reporter, kind and from are required.",
            hint="linkage roster list REGISTRY --csv prints one.",
            path=path,
        )
    read: dict[int, Entry | str] = {}
    for line, cells in rows:
        whole = len(cells) == len(header)
        read[line] = entry_of(dict(zip(header, cells, strict=True))) if whole else "roster.cells"
    faults = _faults(read, known)
    if faults:
        raise RosterError(
            "roster.rows",
            "Rows of the roster break rules, so nothing was imported.",
            hint="Correct the lines and import the file again.",
            path=path,
            faults=tuple(faults),
            rules=RULES,
        )
    return [entry for entry in read.values() if isinstance(entry, Entry)]


def table_of(entries: Iterable[Entry]) -> str:
    """Return entries as a roster file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(entry.cells() for entry in entries)
    return text.getvalue()


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = why_unreadable(path, error)
        raise RosterError("roster.unreadable", why.message, hint=why.hint, path=path) from None
    if len(content) > MAX_BYTES:
        raise RosterError("roster.unreadable", "The file is too large to be a roster.", path=path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError(
            "roster.encoding",
            "The roster file is not in UTF-8.",
            hint="Save it as CSV UTF-8; spreadsheets offer that beside CSV.",
            path=path,
        ) from None


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of each row that is not empty."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=head.count), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise RosterError(
            "roster.rows",
            "A row of the roster has quotes that are not closed, so nothing was imported.",
            hint="Correct the line and import the file again.",
            path=path,
            faults=((line, "roster.cells"),),
            rules=RULES,
        ) from None


def _faults(read: Mapping[int, Entry | str], known: Collection[str]) -> list[tuple[int, str]]:
    """Return the line and the rule of each bad row, in order."""
    entries = {line: entry for line, entry in read.items() if isinstance(entry, Entry)}
    faults = {line: rule for line, rule in read.items() if isinstance(rule, str)}
    seen = set()
    for line, entry in entries.items():
        if (entry.reporter, entry.begins) in seen:
            faults[line] = "roster.duplicate"
        seen.add((entry.reporter, entry.begins))
    # A row that is bad in itself may be the one that another row means.
    codes = {*known, *(entry.reporter for entry in entries.values())}
    if not faults:
        bad = unknown_sources(entries.values(), codes)
        faults = {line: "roster.cases_from" for line, entry in entries.items() if entry in bad}
    return sorted(faults.items())
