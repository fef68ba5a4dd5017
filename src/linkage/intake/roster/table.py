"""Rosters as CSV files, which a spreadsheet can write: one row per entry."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from linkage.errors import RosterError
from linkage.intake.filled_in import FilledIn
from linkage.intake.roster.changes import unknown_sources
from linkage.intake.roster.entry import COLUMNS, RULES, Entry, entry_of

__all__ = ["read_table", "table_of"]

REQUIRED: Final = frozenset({"reporter", "kind", "from"})


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
    rows = _FILE.rows(path)
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
        raise _bad_rows(path, faults)
    return [entry for entry in read.values() if isinstance(entry, Entry)]


def table_of(entries: Iterable[Entry]) -> str:
    """Return entries as a roster file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(entry.cells() for entry in entries)
    return text.getvalue()


def _bad_rows(path: Path, faults: Iterable[tuple[int, str]]) -> RosterError:
    return RosterError(
        "roster.rows",
        "Rows of the roster break rules, so nothing was imported.",
        hint="Correct the lines and import the file again.",
        path=path,
        faults=tuple(faults),
        rules=RULES,
    )


_FILE: Final = FilledIn(RosterError, "roster", "a roster", lambda path, line: _bad_rows(path, [(line, "roster.cells")]))


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
