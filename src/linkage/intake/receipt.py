"""What the registry tells a body about one submission."""

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
    """What became of one submission and its records.

    Attributes:
        outcome: "stored"; "unchanged" when it counts for coverage but brought nothing new; "already received" when it
            had been received before and nothing at all was written.
        reporter: Code of the body.
        period: The period it reports on, or None.
        sequence: Its sequence number.
        records: Records in it.
        new: Records that the registry did not know.
        superseding: Records that replaced an older version.
        unchanged: Records that the registry had with the same content.
        late: Records of which it had a version of a higher sequence number; they went straight to history.
        quarantined: Rules that rows broke, each with the number of rows that were kept out because of it.
        fixed_key_id: Whether this submission fixed the key id of the registry.
        warnings: Constant sentences for a person to read.
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
        """Number of rows that were kept out."""
        return sum(self.quarantined.values())

    def to_dict(self) -> dict[str, Any]:
        """Turn the receipt into plain lists, strings and numbers, as `linkage receive --json` prints it."""
        return asdict(self) | {"warnings": list(self.warnings)}
