"""How the registry received a submission; `linkage.answers` makes the receipt that goes back to its reporter of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

__all__ = ["ALREADY_RECEIVED", "STORED", "SUPERSEDED", "UNCHANGED", "WITHDRAWN", "Outcome", "Receipt"]

Outcome = Literal["stored", "superseded", "unchanged", "already received", "withdrawn"]

STORED: Final = "stored"
SUPERSEDED: Final = "superseded"
UNCHANGED: Final = "unchanged"
ALREADY_RECEIVED: Final = "already received"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """How the registry received one submission and its records.

    Attributes:
        outcome: "stored"; "withdrawn" for a withdrawal that erased something; "unchanged" if it counts for coverage but
            contained nothing new, or erased nothing; "superseded" for totals of which a newer version is there;
            "already received" if the registry already had it, and nothing was written.
        reporter: Code of the reporter.
        period: Reporting period, or None.
        sequence: Sequence number.
        records: Number of records in the submission, or that a withdrawal names.
        new: Number of records that the registry did not have.
        superseding: Number of records that replaced an older version.
        unchanged: Number of records that the registry already had with the same content.
        late: Number of records that the registry had with a higher sequence number; they went straight to history.
        quarantined: Number of rows in quarantine for each rule that was broken.
        fixed_key_id: Whether this submission fixed the key id of the registry.
        warnings: Constant sentences for users.
        withdrawal: Whether it was a withdrawal.
        withdrawn: Number of records erased, because they were withdrawn or a complete delivery left them out.
        withdrawn_versions: Number of older versions erased with them.
        withdrawn_rows: Number of rows in quarantine erased with them.
        withdrawn_cases: Number of cases that a withdrawal names and the registry had.
        withdrawn_totals: Number of totals files whose numbers were erased.
        totals: Whether it was totals.
        cells: Number of cells of the totals.
        unknown_records: Number of records that a withdrawal names and the registry did not have.
        unknown_cases: Number of cases that a withdrawal names and the registry did not have.
        dry_run: Whether nothing was written, and the numbers are those of what would be.
        codebook: Name and version of the codebook that its payload follows, or None.
        signed_with: Fingerprint of the key with which its reporter has signed the file; None for an open file, which
            anybody could have made.
        near_reporter: A known reporter whose code differs by one letter from that of this one, which is new; or None.
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
    withdrawal: bool = False
    withdrawn: int = 0
    withdrawn_versions: int = 0
    withdrawn_rows: int = 0
    withdrawn_cases: int = 0
    withdrawn_totals: int = 0
    totals: bool = False
    cells: int = 0
    unknown_records: int = 0
    unknown_cases: int = 0
    dry_run: bool = False
    codebook: str | None = None
    near_reporter: str | None = None
    signed_with: str | None = None

    @property
    def n_quarantined(self) -> int:
        """Number of rows in quarantine."""
        return sum(self.quarantined.values())

    @property
    def partial(self) -> bool:
        """Whether rows are in quarantine, records came late, a name is unknown, or the reporter may be a slip."""
        return bool(self.n_quarantined or self.late or self.unknown_records or self.unknown_cases or self.near_reporter)

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain lists, strings and numbers, as `linkage receive --json` prints it."""
        return asdict(self) | {"warnings": list(self.warnings)}
