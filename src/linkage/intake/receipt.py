"""The receipt that a reporter gets for a submission."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

__all__ = ["ALREADY_RECEIVED", "STORED", "UNCHANGED", "Outcome", "Receipt"]

Outcome = Literal["stored", "unchanged", "already received"]

STORED: Final = "stored"
UNCHANGED: Final = "unchanged"
ALREADY_RECEIVED: Final = "already received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How the registry received one submission and its records.

    Attributes:
        outcome: "stored"; "unchanged" if it counts for coverage but contained nothing new; "already received" if the
            registry already had it, and nothing was written.
        reporter: Code of the reporter.
        period: Reporting period, or None.
        sequence: Sequence number.
        records: Number of records in the submission.
        new: Number of records that the registry did not have.
        superseding: Number of records that replaced an older version.
        unchanged: Number of records that the registry already had with the same content.
        late: Number of records that the registry had with a higher sequence number; they went straight to history.
        quarantined: Number of rows in quarantine for each rule that was broken.
        fixed_key_id: Whether this submission fixed the key id of the registry.
        warnings: Constant sentences for users.
    """

    outcome: Outcome
    reporter: str
    period: str | None
    sequence: int
    records: int
    new: int = 0
    superseding: int = 0
    unchanged: int = 0
    late: int = 0
    quarantined: dict[str, int] = field(default_factory=dict)
    fixed_key_id: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def n_quarantined(self) -> int:
        """Number of rows in quarantine."""
        return sum(self.quarantined.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain lists, strings and numbers, as `linkage receive --json` prints it."""
        return asdict(self) | {"warnings": list(self.warnings)}
