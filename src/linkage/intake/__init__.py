"""Intake of the statistics unit: store a submission, all of it or nothing; erase what is withdrawn or too old."""

from __future__ import annotations

from linkage.intake.accepted import NOTHING, Accept, Accepted
from linkage.intake.admit import admit
from linkage.intake.receipt import Receipt
from linkage.intake.retention import OldRecords, erase_old
from linkage.intake.roster import Entry, RosterChange
from linkage.intake.totals import admit_totals
from linkage.intake.trust import Enrolment, HeldFile, Policy
from linkage.intake.withdraw import withdraw

__all__ = [
    "NOTHING",
    "Accept",
    "Accepted",
    "Enrolment",
    "Entry",
    "HeldFile",
    "OldRecords",
    "Policy",
    "Receipt",
    "RosterChange",
    "admit",
    "admit_totals",
    "erase_old",
    "withdraw",
]
