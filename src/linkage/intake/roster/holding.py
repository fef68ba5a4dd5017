"""Hold back what reporters send that are not on the roster, until the registry's staff has decided."""

from __future__ import annotations

from typing import Final

from linkage.errors import HeldBackError
from linkage.intake.database import Database
from linkage.intake.ledger import sealed
from linkage.intake.roster.changes import read_roster
from linkage.intake.roster.expected import holds
from linkage.keys import RegistryKey
from pseudonym.wire import Header, WithdrawalHeader

__all__ = ["check_reporter", "hold_back"]

_HINT: Final = (
    "Ask who sent it. If the reporter belongs on the roster: linkage roster set REGISTRY REPORTER --kind KIND "
    "--from PERIOD; then receive the file again."
)

_ENDED: Final = (
    "Ask the reporter. If it still reports: linkage roster set REGISTRY REPORTER --from PERIOD; then receive the file "
    "again."
)


def check_reporter(database: Database, header: Header | WithdrawalHeader, *, at: str) -> None:
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
    own = read_roster(database, header.reporter)
    if not own and not read_roster(database):
        return
    if not own:
        raise _held(header, "The reporter is not on the roster, so its file is held back; nothing was stored.", _HINT)
    period = header.period or (at[: len("YYYY-MM")] if isinstance(header, Header) else None)
    if period is not None and not holds(own, period):
        message = "The reporter left the roster before this period, so its file is held back; nothing was stored."
        raise _held(header, message, _ENDED)


def _held(header: Header | WithdrawalHeader, message: str, hint: str) -> HeldBackError:
    return HeldBackError(message, hint=hint, reporter=header.reporter, period=header.period, sequence=header.sequence)


def hold_back(database: Database, header: Header | WithdrawalHeader, *, key: RegistryKey, at: str) -> None:
    """Keep that a file was held back: who sent it, for which period, under which number, and when.

    Args:
        database: The registry, open for writing.
        header: The header of the file.
        key: The registry's own key, under which the digest is kept.
        at: The current time. If the same file comes again, the first time stays.
    """
    digest = sealed(key, header.digest)
    database.rows(
        "INSERT OR IGNORE INTO held_back VALUES (?, ?, ?, ?, ?)",
        *(digest, header.reporter, header.period, header.sequence, at),
    )
