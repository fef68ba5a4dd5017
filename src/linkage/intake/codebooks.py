"""Which codebook a submission follows, and whether it is accepted on the day of receipt."""

from __future__ import annotations

from typing import Final

from linkage.errors import RefusedError
from linkage.intake.database import Database
from linkage.intake.ledger import Delivery
from pseudonym.wire import TotalsHeader

__all__ = ["accepted_codebook"]


NO_CODEBOOK: Final = 0
"""The number for a submission without records, which follows no codebook whatever it names."""


def accepted_codebook(database: Database, header: Delivery | TotalsHeader, *, at: str) -> int:
    """Return the number that the codebook of a file has in the registry.

    Args:
        database: The registry.
        header: The header, whose codebook the registry has unless there is nothing to report.
        at: Time of receipt, in UTC.

    Raises:
        RefusedError: `submission.codebook_ended` if the codebook was accepted until an earlier day.
    """
    if isinstance(header, Delivery) and header.nothing_to_report:
        return NO_CODEBOOK
    digest = "" if header.codebook is None else header.codebook.digest
    number, until = database.rows("SELECT codebook, accepted_until FROM codebooks WHERE digest = ?", digest)[0]
    if until is not None and at[: len(until)] > until:
        raise RefusedError(
            "submission.codebook_ended",
            "The submission follows an older codebook, which is no longer accepted.",
            hint="The reporter must encode again with the newest codebook, which linkage codebook list shows; "
            "linkage codebook end can set a later day.",
        )
    return int(number)
