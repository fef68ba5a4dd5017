"""Hold back a delivery that would change the identities in most records of its reporter at once.

Corrections are few. Whoever changes most of them has mixed up its ids, such as row numbers under which other persons
stand now, or is not the reporter. Records whose payload alone changes are not counted: a new version of the codebook
changes that of every record.

A record under a new handle counts too: its codes cannot be compared with those under the old one, and whoever has no
body key of the reporter can make handles up. Units that are apart share the question: the linkage unit sees new codes
under an old handle, the statistics unit a new handle under an old record id.
"""

from __future__ import annotations

from typing import Final

from linkage.errors import ReplacementError
from linkage.intake.database import Database
from linkage.intake.ledger import Delivery, period_in
from pseudonym.wire import CodesHeader

__all__ = ["FEWEST", "MOST_REPLACED", "check_replacements"]

FEWEST: Final = 20
"""Records that a reporter has before it is asked: a small one may well correct half of its few."""

MOST_REPLACED: Final = 0.5
"""Share of its records that may change: a corrected spelling rule or column changes fewer, a mistaken id nearly all."""


def check_replacements(database: Database, header: Delivery | CodesHeader, *, replaced: int, accepted: bool) -> None:
    """Hold back a delivery that changes the codes of more than half of at least 20 current records of its reporter.

    Args:
        database: The store of the unit that judges; nothing of the delivery has been stored yet.
        header: The header of the delivery, or of its part with codes.
        replaced: Of how many records it would change the codes, as far as this unit can tell.
        accepted: Whether the change is known to be right.

    Raises:
        ReplacementError: `submission.replaces_most`.
    """
    if accepted:
        return
    before = database.rows("SELECT count(*) FROM records WHERE reporter = ?", header.reporter)[0][0]
    if before >= FEWEST and replaced > MOST_REPLACED * before:
        raise ReplacementError(header.reporter, period_in(header), header.sequence, replaced=replaced, of=before)
