"""Intake: open and check a submission, put its codes under the registry's own key, store it whole or not at all."""

from __future__ import annotations

from linkage.intake.admit import admit
from linkage.intake.receipt import Receipt
from linkage.intake.verify import Expected, Verified, check_header, verify

__all__ = ["Expected", "Receipt", "Verified", "admit", "check_header", "verify"]
