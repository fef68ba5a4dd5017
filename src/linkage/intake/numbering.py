"""Judge the sequence number of a submission by those that its reporter has used before.

`pseudonym encode` numbers submissions by the milliseconds since 1970, unless the reporter counts them itself. A
reporter that changes from one to the other by mistake would have all its later corrections ignored, because the highest
number is current.
"""

from __future__ import annotations

from typing import Final

from linkage.errors import RefusedError
from linkage.intake.database import Database
from pseudonym.wire import Header, TotalsHeader, WithdrawalHeader

__all__ = ["LATE", "MAX_FIRST", "MAX_JUMP", "check_sequence"]

MAX_FIRST: Final = 1 << 42
"""Highest first number of a reporter: in milliseconds since 1970 the year 2109."""

MAX_JUMP: Final = 1 << 38
"""In milliseconds nearly nine years, longer than any reporter is silent. From a count to milliseconds it is further."""

LATE: Final = (
    "This submission has a lower sequence number than records that the registry holds, so its versions of them were "
    "kept as history and changed nothing. If they are corrections, the reporter must encode again with a higher "
    "--sequence than ever before; if a file only arrived late, nothing needs to be done."
)


def check_sequence(database: Database, header: Header | WithdrawalHeader | TotalsHeader) -> None:
    """Refuse a sequence number that is so high that those of later submissions could not exceed it.

    Args:
        database: The registry.
        header: The header of the file.

    Raises:
        RefusedError: `submission.sequence_jump`.
    """
    query = "SELECT max(sequence) FROM submissions WHERE reporter = ?"
    highest = database.rows(query, header.reporter)[0][0]
    if header.sequence <= (MAX_FIRST if highest is None else highest + MAX_JUMP):
        return
    raise RefusedError(
        "submission.sequence_jump",
        "The sequence number is far higher than any that this reporter can have reached.",
        hint="The reporter must encode again with --sequence and the number after its last one (see pseudonym show).",
    )
