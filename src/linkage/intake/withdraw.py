"""Carry out a withdrawal, and find what a complete delivery leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from linkage.errors import WithdrawalError
from linkage.intake.accepted import NOTHING, Accepted
from linkage.intake.database import Database
from linkage.intake.erasure import BELONGS, COVERED, Erased, erase_going, select_going
from linkage.intake.ledger import Delivery, check_order, received_before, store_header, store_receipt, warnings_about
from linkage.intake.numbering import check_sequence
from linkage.intake.receipt import ALREADY_RECEIVED, UNCHANGED, WITHDRAWN, Receipt
from linkage.intake.reporter_codes import near_reporter
from linkage.intake.roster import check_reporter
from linkage.keys import UnitKey
from pseudonym.wire import Withdrawal, WithdrawalHeader

__all__ = ["select_left_out", "withdraw"]

_MOST_LEFT_OUT: Final = 0.05
"""Share of the records of a period that a complete delivery may leave out without being asked about: enough for
corrections, too little for a school or a sheet that was lost."""

_NAMED: Final = {
    "records": """
        SELECT rid FROM records LEFT JOIN cases USING (rid) WHERE reporter = $reporter AND (
            record_id IN (SELECT id FROM named_records) OR case_id IN (SELECT id FROM named_cases))
    """,
    "versions": """
        SELECT rowid AS row FROM history
        WHERE reporter = $reporter AND case_id IN (SELECT id FROM named_cases)
    """,
    "rows": """
        SELECT rowid AS row FROM quarantine WHERE reporter = $reporter AND (
            record_id IN (SELECT id FROM named_records)
            OR record_id IN (SELECT record_id FROM records JOIN going_records USING (rid)))
    """,
}

_EVERYTHING: Final = {
    "records": f"SELECT rid FROM {BELONGS} WHERE r.reporter = $reporter AND {COVERED}",
    "versions": f"""
        SELECT h.rowid AS row FROM history AS h JOIN submissions AS s USING (submission)
        WHERE h.reporter = $reporter AND {COVERED}
    """,
    "rows": f"""
        SELECT q.rowid AS row FROM quarantine AS q JOIN submissions AS s USING (submission)
        WHERE q.reporter = $reporter AND {COVERED}
    """,
    "totals": f"SELECT DISTINCT submission FROM totals AS s WHERE s.reporter = $reporter AND {COVERED}",
}

_OF_PERIOD: Final = f"FROM {BELONGS} WHERE r.reporter = $reporter AND {COVERED} AND r.sequence < $sequence"

# Versions and rows go by the period for which they were sent, as they would if deliveries had come in order.
_LEFT_OUT: Final = {
    "records": f"SELECT rid {_OF_PERIOD} AND r.record_id NOT IN (SELECT id FROM delivered)",
    "versions": f"""
        SELECT h.rowid AS row FROM history AS h JOIN submissions AS s USING (submission)
        WHERE h.reporter = $reporter AND {COVERED} AND h.sequence < $sequence
            AND h.record_id NOT IN (SELECT id FROM delivered)
    """,
    "rows": f"""
        SELECT q.rowid AS row FROM quarantine AS q JOIN submissions AS s USING (submission)
        WHERE q.reporter = $reporter AND {COVERED} AND q.sequence < $sequence
                AND (q.record_id IS NULL OR q.record_id NOT IN (SELECT id FROM delivered))
            OR (q.reporter, q.record_id) IN (
                SELECT (reporter, record_id) FROM records JOIN going_records USING (rid))
    """,
}

_KNOWN_RECORDS: Final = """
SELECT count(*) FROM named_records WHERE id IN (
    SELECT record_id FROM records WHERE reporter = $reporter
    UNION ALL SELECT record_id FROM quarantine WHERE reporter = $reporter AND record_id IS NOT NULL)
"""
_KNOWN_CASES: Final = """
SELECT count(*) FROM named_cases WHERE id IN (
    SELECT case_id FROM cases JOIN records USING (rid) WHERE reporter = $reporter AND case_id IS NOT NULL
    UNION ALL SELECT case_id FROM history WHERE reporter = $reporter AND case_id IS NOT NULL)
"""


def withdraw(
    database: Database,
    withdrawal: Withdrawal,
    *,
    key: UnitKey,
    at: str,
    accepted: Accepted = NOTHING,
    signed_with: str | None = None,
    dry_run: bool,
) -> Receipt:
    """Erase what a withdrawal names, in one transaction.

    Args:
        database: The registry, open for writing.
        withdrawal: A withdrawal that fits the registry.
        key: The key of the statistics unit.
        at: Time of receipt.
        accepted: What the staff has accepted.
        signed_with: Fingerprint of the key with which the file is signed, or None.
        dry_run: Whether to count only.

    Returns:
        The receipt.

    Raises:
        RefusedError: As for `received_before`, `check_reporter`, `near_reporter`, `check_sequence` and `check_order`.
    """
    header = withdrawal.header
    if received_before(database, header, key):
        return _receipt(header, ALREADY_RECEIVED, dry_run=dry_run, signed_with=signed_with)
    check_reporter(database, header, at=at)
    near = near_reporter(database, header, accepted=accepted.accept_reporters)
    check_sequence(database, header, at=at, accepted=accepted.accept_sequence)
    check_order(database, header)
    with database.transaction():
        _name(database, "named_records", withdrawal.records)
        _name(database, "named_cases", withdrawal.cases)
        reporter = {"reporter": header.reporter}
        known_records = database.query(_KNOWN_RECORDS, **reporter)[0][0]
        known_cases = database.query(_KNOWN_CASES, **reporter)[0][0]
        if header.everything:
            erased = select_going(database, **_EVERYTHING, **reporter, period=header.period)
        else:
            erased = select_going(database, **_NAMED, **reporter)
        warnings = warnings_about(database, header, key, at=at)
        outcome = WITHDRAWN if erased else UNCHANGED
        if not dry_run:
            if erased:
                erase_going(database, reason="withdrawn", at=at)
            store_header(database, header, key=key, at=at, outcome=outcome)
        receipt = _receipt(
            header,
            outcome,
            withdrawn=erased.records,
            withdrawn_versions=erased.versions,
            withdrawn_rows=erased.rows,
            withdrawn_cases=known_cases,
            withdrawn_totals=erased.totals,
            unknown_records=header.records - known_records,
            unknown_cases=header.cases - known_cases,
            warnings=warnings,
            near_reporter=near,
            signed_with=signed_with,
            dry_run=dry_run,
        )
        return receipt if dry_run else store_receipt(database, receipt, accepted)


def _receipt(header: WithdrawalHeader, outcome: Any, **counts: Any) -> Receipt:
    return Receipt(
        outcome=outcome,
        withdrawal=True,
        reporter=header.reporter,
        period=header.period,
        sequence=header.sequence,
        records=header.records,
        **counts,
    )


def select_left_out(database: Database, header: Delivery, record_ids: pa.ChunkedArray, *, accepted: bool) -> Erased:
    """Select what was sent for the period of a complete delivery, under a lower number, and is not in it.

    Args:
        database: The registry; nothing of the delivery has been stored yet.
        header: The header of the delivery.
        record_ids: The ids of all its records, also of those that go to quarantine.
        accepted: Whether any number may be left out.

    Returns:
        The numbers.

    Raises:
        WithdrawalError: `submission.leaves_out` if it leaves out more than 5 % and that was not accepted.
    """
    values: dict[str, Any] = {"reporter": header.reporter, "period": header.period, "sequence": header.sequence}
    database.load(
        "CREATE OR REPLACE TEMP TABLE delivered AS SELECT id FROM source", source=pa.table({"id": record_ids})
    )
    n_before = database.query(f"SELECT count(*) {_OF_PERIOD}", **values)[0][0]
    erased = select_going(database, **_LEFT_OUT, **values)
    if erased.records > _MOST_LEFT_OUT * n_before and not accepted:
        raise WithdrawalError(
            "submission.leaves_out",
            "The delivery is declared complete, but leaves out more than 5 % of what was delivered for its period.",
            hint="Ask the reporter. If it is right, receive it with --accept-withdrawals: they are erased for good.",
            withdrawn=erased.records,
            of=n_before,
        )
    return erased


def _name(database: Database, table: str, ids: Sequence[str]) -> None:
    source = pa.table({"id": pa.array(ids, pa.string())})
    database.load(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT id FROM source", source=source)
