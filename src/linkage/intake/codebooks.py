"""Which codebook a submission follows, and whether it is accepted on the day of receipt."""

from __future__ import annotations

from linkage.errors import RefusedError
from linkage.intake.database import Database
from pseudonym.wire import CodebookReference

__all__ = ["accepted_codebook"]


def accepted_codebook(database: Database, reference: CodebookReference | None, *, at: str) -> int:
    """Return the number that the codebook of a submission has in the registry.

    Args:
        database: The registry.
        reference: The codebook in the header of a submission, which the registry has, or None.
        at: Time of receipt, in UTC.

    Raises:
        RefusedError: `submission.codebook_ended` if the codebook was accepted until an earlier day.
    """
    digest = "" if reference is None else reference.digest
    number, until = database.rows("SELECT codebook, accepted_until FROM codebooks WHERE digest = ?", digest)[0]
    if until is not None and at[: len(until)] > until:
        raise RefusedError(
            "submission.codebook_ended",
            "The submission follows an older codebook, which is no longer accepted.",
            hint="The reporter must encode again with the newest codebook, which linkage codebook list shows; "
            "linkage codebook end can set a later day.",
        )
    return int(number)
