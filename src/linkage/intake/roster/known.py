"""Hold a file back because its reporter is not on the roster, or no longer."""

from __future__ import annotations

from typing import Final

from linkage.errors import HeldBackError
from linkage.intake.database import Database
from linkage.intake.ledger import AnyHeader, Delivery
from linkage.intake.roster.changes import read_roster
from linkage.intake.roster.expected import holds

__all__ = ["check_reporter"]

_HINT: Final = (
    "Ask who sent it. If the reporter belongs on the roster: linkage roster set REGISTRY REPORTER --kind KIND "
    "--from PERIOD; then receive the file again."
)

_ENDED: Final = (
    "Ask the reporter. If it still reports: linkage roster set REGISTRY REPORTER --from PERIOD; then receive the file "
    "again."
)


def check_reporter(database: Database, header: AnyHeader, *, at: str) -> None:
    """Hold back a file whose reporter is not on the roster, or had left it before the period of the file.

    Without any entry on the roster every reporter is accepted. A submission without a period counts for the month in
    which it is received; a withdrawal without a period is accepted from a reporter that has left.

    Args:
        database: The registry.
        header: The header of a file that was not received before.
        at: The current time.

    Raises:
        HeldBackError: `submission.reporter`.
    """
    roster = read_roster(database)
    if not roster:
        return
    own = [entry for entry in roster if entry.reporter == header.reporter]
    if not own:
        raise _held(header, "The reporter is not on the roster, so its file is held back; nothing was stored.", _HINT)
    period = header.period or (at[: len("YYYY-MM")] if isinstance(header, Delivery) else None)
    if period is not None and not holds(own, period):
        message = "The reporter left the roster before this period, so its file is held back; nothing was stored."
        raise _held(header, message, _ENDED)


def _held(header: AnyHeader, message: str, hint: str) -> HeldBackError:
    return HeldBackError(message, hint=hint, reporter=header.reporter, period=header.period, sequence=header.sequence)
