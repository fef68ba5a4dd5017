"""The result of a purge, as users see it; apart from the purge, which loads compiled code for a second."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

__all__ = ["PURGE_STEPS", "REVIEW_DAYS", "PurgeReport"]

REVIEW_DAYS: Final = 90
"""Length of the review window by default: a quarter, within which the reporters of a pair can be asked."""

PURGE_STEPS: Final = ("shared keys", "candidates", "compare", "store")
"""The steps of a purge in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeReport:
    """What a purge took away, or would take.

    Attributes:
        before: The last day on which what it settles was received, `YYYY-MM-DD`.
        records: Number of settled records, with those of earlier purges.
        newly: Number of those among them that this purge settled.
        waiting: Number of linked records whose review window is not over.
        sharing: Number of records that had a match key which only one of several persons keeps.
        codes: Number of codes that became random bytes.
        open: Number of pairs for review of different persons within their review window; what these share was left.
        pairs: Number of stored pairs of different persons that were erased.
        review: Number of those among them that were for review.
        dry_run: Whether nothing was written.
    """

    before: str
    records: int
    newly: int
    waiting: int
    sharing: int
    codes: int
    open: int
    pairs: int
    review: int
    dry_run: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain strings and numbers, as `linkage purge --json` prints them."""
        return asdict(self)
