"""Read what reporters send and check that it fits a registry, before any unit stores anything of it."""

from __future__ import annotations

from linkage.reading.parts import VerifiedCases, VerifiedCodes, verify_cases, verify_codes
from linkage.reading.sealed import Opened, VerifiedParts, opened_sealed
from linkage.reading.verify import Expected, Verified, check_header, verify, verify_any

__all__ = [
    "Expected",
    "Opened",
    "Verified",
    "VerifiedCases",
    "VerifiedCodes",
    "VerifiedParts",
    "check_header",
    "opened_sealed",
    "verify",
    "verify_any",
    "verify_cases",
    "verify_codes",
]
