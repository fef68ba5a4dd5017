"""Intake: verify a submission, rekey its codes and store all of it or nothing; erase what is withdrawn or too old."""

from __future__ import annotations

from linkage.intake.admit import admit
from linkage.intake.receipt import Receipt
from linkage.intake.retention import OldRecords, erase_old
from linkage.intake.roster import Entry, RosterChange
from linkage.intake.verify import Expected, Verified, check_header, verify, verify_any
from linkage.intake.withdraw import withdraw

__all__ = [
    "Entry",
    "Expected",
    "OldRecords",
    "Receipt",
    "RosterChange",
    "Verified",
    "admit",
    "check_header",
    "erase_old",
    "verify",
    "verify_any",
    "withdraw",
]
