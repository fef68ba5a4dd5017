"""Intake: verify a submission, rekey its codes with the registry's own key, and store all of it or nothing."""

from __future__ import annotations

from linkage.intake.admit import admit
from linkage.intake.receipt import Receipt
from linkage.intake.verify import Expected, Verified, check_header, verify

__all__ = ["Expected", "Receipt", "Verified", "admit", "check_header", "verify"]
