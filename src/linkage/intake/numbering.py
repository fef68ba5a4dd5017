"""Judge the sequence number of a file by the last one of its reporter.

`pseudonym encode` numbers files by the milliseconds since 1970, unless the reporter counts them itself. The highest
number is current, so whoever may send in the name of a reporter could lock it out with one that it cannot exceed, and
a reporter that goes from times to a count by mistake would have all its corrections ignored. Such files are held back.

What is accepted without a question can always be exceeded: times by waiting a day, counts by times or by counting on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from linkage.errors import HeldBackError
from linkage.intake.database import Database
from linkage.intake.ledger import AnyHeader, period_in
from pseudonym.wire import CodesHeader

__all__ = ["LATE", "MAX_COUNT_JUMP", "MAX_LATE_MS", "NEVER", "TIMES", "check_sequence"]

TIMES: Final = 1 << 40
"""From here on a number is a time in milliseconds since 1970: in November 2004. Counts, and dates written as numbers up
to the minute, are lower."""

CLOCK_MS: Final = 24 * 60 * 60 * 1000
"""How far the clock of a reporter may be ahead: a day, so a wrong time zone does no harm."""

MAX_LATE_MS: Final = 1 << 35
"""How far a time may be before the last one: 398 days. What is older is mostly a copy found in some folder."""

MAX_COUNT_JUMP: Final = 1 << 20
"""How far a count may be above twice the last one, or below half of it: from 7 to a number of the year and month."""

NEVER: Final = 1 << 52
"""From here on a number is not even accepted on demand: nearly none could exceed it."""

LATE: Final = (
    "This submission has a lower sequence number than records that the registry holds, so its versions of them were "
    "kept as history and changed nothing. If they are corrections, the reporter must encode again with a higher "
    "--sequence than ever before; if a file only arrived late, nothing needs to be done."
)


def check_sequence(database: Database, header: AnyHeader | CodesHeader, *, at: str, accepted: bool) -> None:
    """Hold back a file whose sequence number is far from the last one of its reporter.

    Args:
        database: The store of the unit that judges; each unit goes by the files that it has received.
        header: The header of the file, or of its part with codes.
        at: The current time, in UTC.
        accepted: Whether the number is known to be right; one from `NEVER` on is held back all the same.

    Raises:
        HeldBackError: `submission.sequence_ahead` or `submission.sequence_behind`.
    """
    number = header.sequence
    last = database.rows("SELECT max(sequence) FROM submissions WHERE reporter = ?", header.reporter)[0][0]
    now = round(datetime.fromisoformat(at).timestamp() * 1000)
    if _is_ahead(number, last, now) and (number >= NEVER or not accepted):
        raise _held(
            header,
            "submission.sequence_ahead",
            "The sequence number is far higher than the last one of this reporter, or is a time still to come, so the "
            "file is held back; nothing was stored.",
            "No later number could exceed it: ask the reporter to encode again."
            if number >= NEVER
            else "Ask the reporter whether it sent this file. If so, receive it again with --accept-sequence; all its "
            "later files then need higher numbers.",
        )
    if _is_behind(number, last) and not accepted:
        raise _held(
            header,
            "submission.sequence_behind",
            "The sequence number is far lower than the last one of this reporter, so the file is held back; nothing "
            "was stored.",
            "If it holds corrections, the reporter must encode again with a higher --sequence than ever before. If it "
            "is only late, receive it again with --accept-sequence.",
        )


def _is_ahead(number: int, last: int | None, now: int) -> bool:
    if number >= TIMES:
        return number > now + CLOCK_MS or (last is not None and last < TIMES)
    return last is not None and number > 2 * last + MAX_COUNT_JUMP


def _is_behind(number: int, last: int | None) -> bool:
    if last is None:
        return False
    return number < last - MAX_LATE_MS if last >= TIMES else last > 2 * number + MAX_COUNT_JUMP


def _held(header: AnyHeader | CodesHeader, rule: str, message: str, hint: str) -> HeldBackError:
    return HeldBackError(
        message, rule=rule, hint=hint, reporter=header.reporter, period=period_in(header), sequence=header.sequence
    )
