"""The list of all files received: which have come before, and in which order they may come."""

from __future__ import annotations

import json
from typing import Final

from linkage.errors import RefusedError
from linkage.intake.accepted import Accepted
from linkage.intake.database import Database
from linkage.intake.receipt import Receipt
from linkage.keys import UnitKey
from pseudonym.wire import CasesHeader, CodesHeader, Header, TotalsHeader, WithdrawalHeader

__all__ = [
    "PREVIOUS_MISSING",
    "AnyHeader",
    "Delivery",
    "check_order",
    "kind_of",
    "next_number",
    "period_in",
    "received_before",
    "sealed",
    "store_header",
    "store_receipt",
    "warnings_about",
]

Delivery = Header | CasesHeader
"""The header of records: of a submission, or of its part with cases."""

AnyHeader = Delivery | WithdrawalHeader | TotalsHeader

FUTURE: Final = "The period of this file has not begun yet: the reporter should check the year."

PREVIOUS_MISSING: Final = "The previous submission of this reporter has not been received; it may be missing."

_AGAIN: Final = "The reporter must encode again, without what it has withdrawn and with a higher --sequence."

_NEWER_COMPLETE: Final = """
SELECT 1 FROM submissions WHERE reporter = $reporter AND sequence > $sequence AND kind = 'complete'
    AND ($period = period OR starts_with($period, period || '-'))
LIMIT 1
"""

_ENTER: Final = f"""
INSERT INTO submissions SELECT coalesce(max(submission), 0) + 1, {", ".join("?" * 12)} FROM submissions
"""

_ENTERED: Final = "SELECT submission, kind, digest, received_at FROM submissions ORDER BY submission DESC LIMIT 1"

_COUNTED: Final = (
    *("records", "new", "superseding", "unchanged", "late", "cells", "fixed_key_id"),
    *("withdrawn", "withdrawn_versions", "withdrawn_rows", "withdrawn_cases", "withdrawn_totals"),
)
"""The numbers of a receipt that the audit log has, where they are not 0."""


def received_before(database: Database, header: AnyHeader, key: UnitKey) -> bool:
    """Return whether this file was received before.

    Args:
        database: The registry.
        header: The header of the file.
        key: The key of the statistics unit.

    Raises:
        RefusedError: `submission.sequence_used` if the reporter has sent another one with this sequence number.
    """
    known = database.rows(
        "SELECT digest, header, content_digest, period, kind FROM submissions WHERE reporter = ? AND sequence = ?",
        header.reporter,
        header.sequence,
    )
    if not known:
        return False
    digest, shown, *content = known[0]
    # The quality figures in the header may differ if a file was encoded twice; rows, their codebook and the period
    # identify a submission.
    content.append(json.loads(shown).get("codebook"))
    same = [sealed(key, _content_digest(header)), header.period, kind_of(header), header.members().get("codebook")]
    if digest == sealed(key, header.digest) or content == same:
        return True
    raise RefusedError(
        "submission.sequence_used",
        "The reporter has already sent another submission with this sequence number.",
        hint="The reporter must encode again with a higher --sequence.",
    )


def check_order(database: Database, header: AnyHeader) -> None:
    """Refuse a file that comes after one of the same reporter that it should have come before.

    What was withdrawn would come back with a submission that was written earlier; and a withdrawal that is late cannot
    know whether what it names was reported anew in the meantime.

    Args:
        database: The registry.
        header: The header of a file that was not received before.

    Raises:
        RefusedError: `withdrawal.late`, `submission.before_withdrawal` or `submission.before_complete`.
    """
    newer = dict(
        database.rows(
            "SELECT kind, count(*) FROM submissions WHERE reporter = ? AND sequence > ? GROUP BY kind",
            header.reporter,
            header.sequence,
        )
    )
    if isinstance(header, WithdrawalHeader):
        if newer:
            raise RefusedError(
                "withdrawal.late",
                "The reporter has sent something newer than this withdrawal; nothing was erased.",
                hint="The reporter must write the withdrawal again with a higher --sequence.",
            )
        return
    if "withdrawal" in newer:
        raise RefusedError(
            "submission.before_withdrawal",
            "The submission is older than a withdrawal of its reporter, so it may hold what was withdrawn.",
            hint=_AGAIN,
        )
    if isinstance(header, TotalsHeader):
        return
    values = {"reporter": header.reporter, "sequence": header.sequence, "period": header.period}
    if "complete" in newer and database.query(_NEWER_COMPLETE, **values):
        raise RefusedError(
            "submission.before_complete",
            "The submission is older than a complete one for its period, so it may hold what that one left out.",
            hint=_AGAIN,
        )


def warnings_about(database: Database, header: AnyHeader, key: UnitKey, *, at: str) -> tuple[str, ...]:
    """Return constant sentences about a file that is received.

    Args:
        database: The registry.
        header: The header of the file.
        key: The key of the statistics unit.
        at: Time of receipt, in UTC.
    """
    future = () if header.period is None or header.period <= at[: len(header.period)] else (FUTURE,)
    if header.previous is None:
        return future
    query = "SELECT count(*) FROM submissions WHERE reporter = ? AND digest = ?"
    known = database.rows(query, header.reporter, sealed(key, header.previous))[0][0]
    return future if known else (*future, PREVIOUS_MISSING)


def next_number(database: Database) -> int:
    """Return the number that the next file gets in the list."""
    return int(database.rows("SELECT coalesce(max(submission), 0) + 1 FROM submissions")[0][0])


def store_header(database: Database, header: AnyHeader, *, key: UnitKey, at: str, outcome: str) -> None:
    """Enter a file in the list, under `next_number`; it is no longer held back.

    Digests are sealed with the registry key. Of a withdrawal neither the salt nor the digest of its ids is kept:
    with them, whoever has the registry and its key could test which ids were withdrawn. Nor of totals, which may be
    erased.
    """
    shown = header.model_dump_json(exclude={"content_digest", "previous", "salt"})
    previous = None if header.previous is None else sealed(key, header.previous)
    nothing = isinstance(header, Delivery) and header.nothing_to_report
    database.rows(
        _ENTER,
        *(kind_of(header), header.reporter, header.sequence, header.period),
        *(sealed(key, header.digest), sealed(key, _content_digest(header)), previous),
        *(0 if isinstance(header, TotalsHeader) else header.records, nothing, shown, at, outcome),
    )
    database.rows("DELETE FROM held_back WHERE digest = ?", sealed(key, header.digest))


def store_receipt(database: Database, receipt: Receipt, accepted: Accepted) -> Receipt:
    """Keep the receipt of the file that `store_header` has entered, log that it came, and return the receipt.

    Args:
        database: The registry, open for writing.
        receipt: The receipt.
        accepted: What the staff has accepted for the file.
    """
    text = json.dumps(receipt.to_dict(), sort_keys=True)
    number, kind, digest, at = database.rows(_ENTERED)[0]
    database.rows("INSERT INTO receipts VALUES (?, ?)", number, text)
    counts = {name: getattr(receipt, name) or None for name in _COUNTED}
    database.log(
        "withdraw" if receipt.withdrawal else "receive",
        at=at,
        kind=kind,
        reporter=receipt.reporter,
        period=receipt.period,
        sequence=receipt.sequence,
        digest=digest,
        outcome=receipt.outcome,
        quarantined=receipt.n_quarantined or None,
        accepted=accepted.words(receipt.reporter) or None,
        **counts,
    )
    return receipt


def kind_of(header: AnyHeader) -> str:
    """Return the kind of a file as it is kept: `delivery`, `complete`, `withdrawal` or `totals`."""
    if isinstance(header, WithdrawalHeader):
        return "withdrawal"
    if isinstance(header, TotalsHeader):
        return "totals"
    return "complete" if header.complete else "delivery"


def period_in(header: AnyHeader | CodesHeader) -> str | None:
    """Return the period of a file, or None; the part with codes does not say one."""
    return None if isinstance(header, CodesHeader) else header.period


def _content_digest(header: AnyHeader) -> str:
    """Return what identifies the content of a file; if that can be guessed, the salted digest of the whole."""
    return header.content_digest if isinstance(header, Delivery) else header.digest


def sealed(key: UnitKey, digest: str) -> str:
    """Return a digest under the registry key, as it is kept."""
    return key.seal(bytes.fromhex(digest)).hex()
