"""Store totals: what a reporter has counted itself, kept apart from all records.

Every version stays, and the one with the highest sequence number is current, so the order of arrival does not matter.
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from linkage.intake.accepted import NOTHING, Accepted
from linkage.intake.codebooks import accepted_codebook
from linkage.intake.database import Database
from linkage.intake.ledger import check_order, next_number, received_before, store_header, store_receipt, warnings_about
from linkage.intake.numbering import check_sequence
from linkage.intake.receipt import ALREADY_RECEIVED, STORED, SUPERSEDED, Outcome, Receipt
from linkage.intake.reporter_codes import near_reporter
from linkage.intake.roster import check_reporter
from linkage.keys import UnitKey
from pseudonym.wire import Totals, TotalsHeader

__all__ = ["admit_totals"]

_NEWER: Final = """
SELECT 1 FROM totals
WHERE reporter = $reporter AND period = $period AND unit = $unit AND role = $role AND items = $items
    AND sequence > $sequence
LIMIT 1
"""

_CELLS: Final = pa.schema(
    [
        pa.field("submission", pa.int64()),
        pa.field("reporter", pa.string()),
        pa.field("period", pa.string()),
        pa.field("sequence", pa.int64()),
        pa.field("unit", pa.string()),
        pa.field("role", pa.string()),
        pa.field("items", pa.list_(pa.string())),
        pa.field("cell", pa.map_(pa.string(), pa.string())),
        pa.field("n", pa.int64()),
    ]
)


def admit_totals(
    database: Database,
    totals: Totals,
    *,
    key: UnitKey,
    at: str,
    accepted: Accepted = NOTHING,
    signed_with: str | None = None,
    dry_run: bool,
) -> Receipt:
    """Store totals in one transaction.

    Args:
        database: The registry, open for writing.
        totals: Totals that fit the registry.
        key: The key of the statistics unit.
        at: Time of receipt.
        accepted: What the staff has accepted.
        signed_with: Fingerprint of the key with which the file is signed, or None.
        dry_run: Whether to judge only.

    Returns:
        The receipt.

    Raises:
        RefusedError: As for `received_before`, `check_reporter`, `near_reporter`, `accepted_codebook`,
            `check_sequence` and `check_order`.
    """
    header = totals.header
    if received_before(database, header, key):
        return _receipt(header, ALREADY_RECEIVED, dry_run=dry_run, signed_with=signed_with)
    check_reporter(database, header, at=at)
    near = near_reporter(database, header, accepted=accepted.accept_reporters)
    accepted_codebook(database, header, at=at)
    check_sequence(database, header, at=at, accepted=accepted.accept_sequence)
    check_order(database, header)
    with database.transaction():
        newer = database.query(
            _NEWER,
            reporter=header.reporter,
            period=header.period,
            unit=header.unit,
            role=header.role,
            items=list(header.items),
            sequence=header.sequence,
        )
        outcome: Outcome = SUPERSEDED if newer else STORED
        warnings = warnings_about(database, header, key, at=at)
        receipt = _receipt(
            header, outcome, warnings=warnings, near_reporter=near, signed_with=signed_with, dry_run=dry_run
        )
        if dry_run:
            return receipt
        cells = _cells(totals, next_number(database))
        database.load("INSERT INTO totals SELECT * FROM source", source=cells)
        store_header(database, header, key=key, at=at, outcome=outcome)
        return store_receipt(database, receipt, accepted)


def _cells(totals: Totals, submission: int) -> pa.Table:
    header = totals.header
    same = {
        "submission": submission,
        "reporter": header.reporter,
        "period": header.period,
        "sequence": header.sequence,
        "unit": header.unit,
        "role": header.role,
        "items": list(header.items),
    }
    rows = []
    for cell in totals.cells:
        codes = [(item, code) for item, code in zip(header.items, cell.codes, strict=True) if code is not None]
        rows.append({**same, "cell": codes, "n": cell.n})
    return pa.Table.from_pylist(rows, schema=_CELLS)


def _receipt(header: TotalsHeader, outcome: Outcome, **said: Any) -> Receipt:
    return Receipt(
        outcome=outcome,
        totals=True,
        reporter=header.reporter,
        period=header.period,
        sequence=header.sequence,
        records=0,
        cells=header.cells,
        **said,
    )
