"""Read the receipt of a file that was received, or make that of one that was refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from linkage.answers import (
    MissingPeriod,
    Refusal,
    RefusedRows,
    ReporterReceipt,
    coverage,
    remedy,
    roster_coverage,
    rule_sentence,
)
from linkage.errors import HeldBackError, RecordError, RefusedError
from linkage.intake.ledger import kind_of
from linkage.intake.roster import expected_periods, read_roster
from linkage.keys import UnitKey
from linkage.progress import now
from linkage.store import Session
from pseudonym.wire import SealedHeader, SubmissionError, read_any_header
from pseudonym.wire.signed_receipt import sign_receipt

__all__ = ["read_receipt", "refusal_receipt", "signed"]

_SEALED_KINDS: Final = {"submission": "delivery", "withdrawal": "withdrawal", "totals": "totals"}

_FILE: Final = """
SELECT submission, kind, period, sequence, header, received_at, receipt
FROM submissions JOIN receipts USING (submission)
WHERE reporter = $reporter AND sequence = coalesce($sequence, sequence) ORDER BY submission DESC LIMIT 1
"""

_QUARANTINED: Final = """
SELECT rule, record_id FROM quarantine WHERE submission = $submission AND record_id IS NOT NULL ORDER BY ALL
"""

# What came later does not change a receipt.
_OWN: Final = """
SELECT period, CASE WHEN kind <> 'totals' THEN n_records END AS n_records, received_at FROM submissions
WHERE reporter = $reporter AND kind <> 'withdrawal' AND submission <= $last ORDER BY submission
"""

_WITHOUT_PREVIOUS: Final = """
SELECT sequence FROM submissions AS one
WHERE reporter = $reporter AND submission <= $last AND previous IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM submissions AS other
    WHERE other.reporter = one.reporter AND other.digest = one.previous AND other.submission <= $last)
ORDER BY sequence
"""

_HELD_BACK: Final = pa.schema([("reporter", pa.string()), ("period", pa.string()), ("held_at", pa.string())])

_SAME: Final = (
    "outcome",
    "records",
    "new",
    "unchanged",
    "late",
    "withdrawn",
    "withdrawn_versions",
    "withdrawn_rows",
    "withdrawn_cases",
    "withdrawn_totals",
    "cells",
    "unknown_records",
    "unknown_cases",
    "signed_with",
)
"""What a receipt for a reporter takes from the one that was kept at intake, under the same name."""

_MISSING: Final = {"silent": "silent", "never": "silent", "late": "late"}
"""The states of coverage that a receipt shows."""


def read_receipt(session: Session, reporter: str, sequence: int | None) -> ReporterReceipt:
    """Read the receipt of a file that was received; it says what was known then.

    Args:
        session: The open registry.
        reporter: Code of the reporter.
        sequence: Sequence number of the file; None for the one received last.

    Returns:
        The receipt. Ids of refused rows that have been erased since are no longer in it.

    Raises:
        RecordError: `receipt.unknown` if no such file was received.
    """
    rows = session.query(_FILE, reporter=reporter, sequence=sequence)
    if not rows:
        raise RecordError(
            "receipt.unknown",
            "No such file was received from this reporter.",
            hint="linkage coverage REGISTRY shows who has sent what.",
        )
    number, kind, period, sequence, header, at, text = rows[0]
    kept = json.loads(text)
    return ReporterReceipt(
        reporter=reporter,
        kind=kind,
        period=period,
        sequence=rows[0][3],
        received_at=at,
        changed=kept["superseding"],
        refused=_refused(session, number, kept["quarantined"]),
        **{name: kept[name] for name in _SAME},
        **_of_header(json.loads(header)),
        **_missing(session, reporter, last=number, at=at),
    )


def refusal_receipt(session: Session, path: Path, error: RefusedError) -> ReporterReceipt | None:
    """Make the receipt of a file that was refused.

    Args:
        session: The open registry.
        path: The file.
        error: The error with which it was refused.

    Returns:
        The receipt; None if the header of the file cannot be read, so that nobody knows whose it is.
    """
    try:
        header = read_any_header(path)
    except SubmissionError:
        return None
    at = now()
    last = session.rows("SELECT coalesce(max(submission), 0) FROM submissions")[0][0]
    members = header.members()
    return ReporterReceipt(
        reporter=header.reporter,
        kind=_SEALED_KINDS[header.kind] if isinstance(header, SealedHeader) else kind_of(header),
        # That of a sealed file is in its parts.
        period=members.get("period"),
        sequence=header.sequence,
        outcome="held" if isinstance(error, HeldBackError) else "refused",
        received_at=at,
        records=members.get("records", 0),
        cells=members.get("cells", 0),
        refusal=Refusal(rule=error.rule, message=error.message, remedy=remedy(error.rule)),
        **_of_header(members),
        **_missing(session, header.reporter, last=last, at=at),
    )


def signed(receipt: ReporterReceipt, key: UnitKey) -> ReporterReceipt:
    """Return a receipt with the signature of the statistics unit.

    Args:
        receipt: The receipt.
        key: The key of that unit.
    """
    return replace(receipt, signature=sign_receipt(receipt.to_dict(), key)["signature"])


def _of_header(header: Mapping[str, Any]) -> dict[str, Any]:
    book = header.get("codebook")
    return {
        "quality": header.get("quality"),
        "key_id": header.get("key_id"),
        "epoch": header.get("epoch"),
        "profile": header.get("profile"),
        "profile_digest": header.get("profile_digest"),
        "codebook": book and f"{book['name']} {book['version']}",
    }


def _refused(session: Session, number: int, quarantined: Mapping[str, int]) -> tuple[RefusedRows, ...]:
    """Return the refused rows by rule: how many there were at intake, and the ids that are still kept."""
    ids: dict[str, list[str]] = {}
    for rule, record_id in session.query(_QUARANTINED, submission=number):
        ids.setdefault(rule, []).append(record_id)
    return tuple(
        RefusedRows(rule=rule, sentence=rule_sentence(rule), rows=rows, record_ids=tuple(ids.get(rule, ())))
        for rule, rows in sorted(quarantined.items())
    )


def _missing(session: Session, reporter: str, *, last: int, at: str) -> dict[str, Any]:
    """Return what of a reporter was missing at a time, from its own files and entries alone."""
    sent = session.query(_OWN, reporter=reporter, last=last)
    columns = [list(column) for column in zip(*sent, strict=True)] or [[], [], []]
    types = (pa.string(), pa.int64(), pa.string())
    table = pa.table(
        {
            "reporter": pa.array([reporter] * len(sent), pa.string()),
            **{
                name: pa.array(column, kind)
                for name, column, kind in zip(("period", "n_records", "received_at"), columns, types, strict=True)
            },
        }
    )
    own = read_roster(session, reporter, at=at)
    if own:
        today = date.fromisoformat(at[: len("YYYY-MM-DD")])
        expected = expected_periods(own, today=today)
        rows = roster_coverage(table, expected, _HELD_BACK.empty_table(), today=today).to_pylist()
    else:
        rows = coverage(table).to_pylist()
    periods = tuple(
        MissingPeriod(period=row["period"], state=_MISSING[row["state"]], due=row.get("due"))
        for row in rows
        if row["state"] in _MISSING
    )
    before = session.query(_WITHOUT_PREVIOUS, reporter=reporter, last=last)
    return {"missing_periods": periods, "missing_before": tuple(sequence for (sequence,) in before)}
