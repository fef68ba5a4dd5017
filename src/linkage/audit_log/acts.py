"""The acts that a log may hold, and the members that each may have.

A member is a number, a code or name of a reporter, a codebook or a profile, a period, a digest, or a word of this
library. None may name a record, a person or a case; so an act or a member that is not listed here is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["ACTS", "check_members"]

_FILE: Final = ("kind", "reporter", "period", "sequence", "digest")
_COUNTS: Final = (
    *("records", "new", "superseding", "unchanged", "late", "restored", "quarantined", "cells", "fixed_key_id"),
    *("withdrawn", "withdrawn_versions", "withdrawn_rows", "withdrawn_cases", "withdrawn_totals"),
)
_EXPORT: Final = ("run", "rows", "form", "recipient")

ACTS: Final[dict[str, tuple[str, ...]]] = {
    # The unit itself.
    "init": (
        *("profile", "profile_digest", "codebook", "codebook_digest", "key_id", "unguarded", "enrolled_only"),
        *("format", "library"),
    ),
    # What reporters send.
    "receive": (*_FILE, "outcome", *_COUNTS, "accepted"),
    "withdraw": (*_FILE, "outcome", *_COUNTS, "accepted"),
    "hold back": ("held", *_FILE, "rule"),
    "dismiss": ("held", "reporter", "period", "sequence"),
    "erase": ("before", "reporters", "records", "versions", "rows", "totals"),
    "purge": ("before", "records", "codes", "pairs"),
    # Who may send, and in which codebook.
    "roster": ("first_change", "last_change", "entered", "removed"),
    "invite": ("reporter", "digest"),
    **dict.fromkeys(("enrol", "suspend", "resume", "replace", "revoke"), ("reporter", "fingerprint", "holds_from")),
    "policy": ("enrolled_only", "key_id", "epoch"),
    "codebook add": ("codebook", "digest", "map_digest", "accepted_until"),
    "codebook end": ("codebook", "digest", "accepted_until"),
    # What the units tell each other.
    "take notice": ("number", "live", "erased"),
    "take hand-over": ("number", "persons"),
    # Results.
    "link": ("run", "model", "model_digest", "fitted", "last_submission", "inputs", "results", "libraries"),
    "export persons": _EXPORT,
    "export links": _EXPORT,
    # What reporters are asked about records, and what they answer.
    "sample draw": ("sample", "rows"),
    "sample answers": ("sample", "rows"),
}


def check_members(act: str, members: Mapping[str, Any]) -> None:
    """Refuse an act, or a member of it, that is not in `ACTS`.

    Raises:
        ValueError: It is not there, which is a bug of the caller.
    """
    if act not in ACTS:
        raise ValueError("the audit log has no such act")
    if not members.keys() <= set(ACTS[act]):
        raise ValueError("the audit log has no such member of the act")
