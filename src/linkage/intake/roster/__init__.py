"""The roster of reporters: who is to report, from when on and how often; what others send is held back."""

from __future__ import annotations

from linkage.intake.roster.changes import (
    RosterChange,
    end_entry,
    read_roster,
    remove_entries,
    set_entry,
    store_entries,
)
from linkage.intake.roster.entry import COLUMNS, KINDS, RULES, Entry
from linkage.intake.roster.expected import expected_periods
from linkage.intake.roster.known import check_reporter
from linkage.intake.roster.table import read_table, table_of

__all__ = [
    "COLUMNS",
    "KINDS",
    "RULES",
    "Entry",
    "RosterChange",
    "check_reporter",
    "end_entry",
    "expected_periods",
    "read_roster",
    "read_table",
    "remove_entries",
    "set_entry",
    "store_entries",
    "table_of",
]
