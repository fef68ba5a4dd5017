"""Trust: who may send in whose name, and what becomes of files that should not be believed at once."""

from __future__ import annotations

from linkage.intake.trust.enrolments import (
    Enrolment,
    enrol,
    read_enrolments,
    replace_key,
    resume,
    revoke,
    suspend,
)
from linkage.intake.trust.holding import HeldFile, dismiss, hold_back, read_held
from linkage.intake.trust.policy import ENROLLED_ONLY, Policy, check_key_id, read_policy, set_policy
from linkage.intake.trust.replacing import check_replacements
from linkage.intake.trust.senders import check_unsigned, find_signer

__all__ = [
    "ENROLLED_ONLY",
    "Enrolment",
    "HeldFile",
    "Policy",
    "check_key_id",
    "check_replacements",
    "check_unsigned",
    "dismiss",
    "enrol",
    "find_signer",
    "hold_back",
    "read_enrolments",
    "read_held",
    "read_policy",
    "replace_key",
    "resume",
    "revoke",
    "set_policy",
    "suspend",
]
