"""Store a submission, all of it or nothing, and keep the latest version of each record current.

The latest version of a record is the one with its reporter's highest sequence number, whatever the order of arrival:
the records of a late submission go straight to history. So the registry depends on what was sent, never on when.

Codes are no matter of this unit. Where both units are in one process, those of the linkage unit are stored after
everything here has been judged and before it is: if the process is killed between the two, the same file is new here
the next time, and the linkage unit recognises what it has.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.errors import RefusedError
from linkage.intake.accepted import NOTHING, Accepted
from linkage.intake.codebooks import accepted_codebook
from linkage.intake.database import Database
from linkage.intake.erasure import NOTICE_DUE, Erased, erase_going
from linkage.intake.ledger import (
    check_order,
    next_number,
    received_before,
    store_header,
    store_receipt,
    warnings_about,
)
from linkage.intake.numbering import LATE, check_sequence
from linkage.intake.receipt import ALREADY_RECEIVED, STORED, UNCHANGED, Receipt
from linkage.intake.reporter_codes import near_reporter
from linkage.intake.roster import check_reporter
from linkage.intake.trust import check_replacements
from linkage.intake.withdraw import select_left_out
from linkage.keys import UnitKey
from linkage.reading import Verified, VerifiedCases
from pseudonym.wire import PAYLOAD_PREFIX, RESERVED, id_rule

__all__ = ["BesideCodes", "admit"]

Cases = Verified | VerifiedCases
"""A submission whose cases are stored: the whole, or its part with cases."""

_REPORT: Final = (
    "report_id, event_date, report_date, status, case_state, discovered_on, outcome_date, payload, codebook"
)

# New records are numbered in the order of their ids, so that the same submission always gives the same numbers. Equal
# texts under another codebook can mean something else, so they are another version.
_COMPARE: Final = """
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT new.*,
    coalesce(old.handle <> new.handle, false) AS renamed,
    CASE
        WHEN old.rid IS NULL THEN 'new'
        WHEN old.digest = new.digest AND told.codebook = new.codebook AND old.handle = new.handle AND NOT new.recoded
            THEN 'unchanged'
        WHEN old.sequence < new.sequence THEN 'superseding'
        ELSE 'late'
    END AS effect,
    coalesce(old.rid, (SELECT value::BIGINT FROM meta WHERE key = 'next_rid') - 1
        + row_number() OVER (PARTITION BY old.rid IS NULL ORDER BY new.record_id)) AS rid
FROM source AS new LEFT JOIN records AS old ON old.reporter = new.reporter AND old.record_id = new.record_id
    LEFT JOIN reports AS told ON told.rid = old.rid
"""

_TAKEN: Final = """
SELECT 1 FROM incoming JOIN records USING (reporter, handle) WHERE records.record_id <> incoming.record_id LIMIT 1
"""

_REPLACED: Final = "SELECT count(*) FROM incoming WHERE effect = 'superseding' AND (recoded OR renamed)"

_RENAMED: Final = "SELECT 1 FROM incoming WHERE renamed AND effect = 'superseding' LIMIT 1"

_HISTORY: Final = (
    (
        {"superseding"},
        f"""
        INSERT INTO history
        SELECT old.reporter, old.record_id, old.sequence, old.digest, old.submission, case_id, role, {_REPORT}, $at
        FROM records AS old JOIN cases USING (rid) JOIN reports USING (rid)
        WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')
        """,
    ),
    (
        {"late"},
        f"""
        INSERT INTO history
        SELECT reporter, record_id, sequence, digest, submission, case_id, role, {_REPORT}, $at
        FROM incoming WHERE effect = 'late'
        """,
    ),
)
"""For an effect, the statement that moves versions to history. A statement costs as much without rows as with some, so
only those of effects that a submission has are run."""

# An unchanged record takes the higher sequence number, so that a submission with a number between the two that arrives
# later is still recognised as late.
_UPDATE: Final = (
    (
        {"new"},
        """
        UPDATE meta SET value = (value::BIGINT + (SELECT count(*) FROM incoming WHERE effect = 'new'))::VARCHAR
        WHERE key = 'next_rid'
        """,
    ),
    ({"superseding"}, "DELETE FROM cases WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')"),
    ({"superseding"}, "DELETE FROM reports WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')"),
    (
        {"superseding"},
        """
        UPDATE records
        SET sequence = new.sequence, digest = new.digest, submission = new.submission, handle = new.handle
        FROM incoming AS new WHERE new.effect = 'superseding' AND new.rid = records.rid
        """,
    ),
    (
        {"unchanged"},
        """
        UPDATE records SET sequence = greatest(records.sequence, new.sequence)
        FROM incoming AS new WHERE new.effect = 'unchanged' AND new.rid = records.rid
        """,
    ),
    (
        {"new"},
        """
        INSERT INTO records
        SELECT rid, reporter, record_id, sequence, digest, submission, handle FROM incoming WHERE effect = 'new'
        """,
    ),
    (
        {"new", "superseding"},
        "INSERT INTO cases SELECT rid, case_id, role FROM incoming WHERE effect IN ('new', 'superseding')",
    ),
    (
        {"new", "superseding"},
        f"INSERT INTO reports SELECT rid, {_REPORT} FROM incoming WHERE effect IN ('new', 'superseding')",
    ),
)


class BesideCodes(Protocol):
    """What the linkage unit, in the same process, makes of the codes of the same submission."""

    def judge(self, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return for each record that breaks no rule whether its codes are others than before, or come too late."""
        ...

    def store(self) -> tuple[str, ...]:
        """Store the codes, in a transaction of that unit, and return constant sentences about them."""
        ...


class _NoCodes:
    """Stands for the linkage unit where it is elsewhere."""

    def judge(self, good: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.zeros(int(good.sum()), bool)

    def store(self) -> tuple[str, ...]:
        return ()


def admit(
    database: Database,
    submission: Cases,
    *,
    key: UnitKey,
    at: str,
    codes: BesideCodes | None = None,
    accepted: Accepted = NOTHING,
    signed_with: str | None = None,
    dry_run: bool = False,
) -> Receipt:
    """Store a submission in one transaction.

    Args:
        database: The registry, open for writing.
        submission: A submission that fits the registry. Records that break a rule for single rows go to quarantine;
            the others are stored.
        key: The key of the statistics unit.
        at: Time of receipt.
        codes: The codes of the same submission; None if they are received elsewhere.
        accepted: What the staff has accepted.
        signed_with: Fingerprint of the key with which the file is signed, or None.
        dry_run: Whether to count only.

    Returns:
        The receipt.

    Raises:
        RefusedError: `submission.changed` if the file has changed since it was verified; as for `received_before`,
            `check_reporter`, `near_reporter`, `accepted_codebook`, `check_sequence`, `check_order`,
            `check_replacements` and `select_left_out`.
    """
    header, beside = submission.header, codes or _NoCodes()
    if received_before(database, header, key):
        if not dry_run:
            # The linkage unit may have been restored from a backup.
            beside.judge(_good(submission))
            beside.store()
        return _receipt(submission, ALREADY_RECEIVED, dry_run=dry_run, signed_with=signed_with)
    check_reporter(database, header, at=at)
    near = near_reporter(database, header, accepted=accepted.accept_reporters)
    book = accepted_codebook(database, header, at=at)
    check_sequence(database, header, at=at, accepted=accepted.accept_sequence)
    check_order(database, header)
    with database.transaction():
        number = next_number(database)
        recoded = beside.judge(_good(submission))
        cases = _incoming(submission, number, book, recoded, key=key)
        database.load(_COMPARE, source=cases)
        _check_handles(database)
        counted = dict(database.rows("SELECT effect, count(*) FROM incoming GROUP BY effect"))
        counts = {effect: counted.get(effect, 0) for effect in ("new", "superseding", "unchanged", "late")}
        if counts["superseding"]:
            replaced = database.rows(_REPLACED)[0][0]
            check_replacements(database, header, replaced=replaced, accepted=accepted.accept_replacements)
        gone = Erased(0, 0, 0)
        if header.complete:
            ids = submission.cases["record_id"]
            gone = select_left_out(database, header, ids, accepted=accepted.accept_withdrawals)
        quarantined = dict(sorted(Counter(fault.rule for fault in submission.faults).items()))
        changed = counts["new"] + counts["superseding"] + counts["late"] + len(submission.faults) + gone.records > 0
        outcome = STORED if changed else UNCHANGED
        counts |= {"withdrawn": gone.records, "withdrawn_versions": gone.versions, "withdrawn_rows": gone.rows}
        warnings = (*warnings_about(database, header, key, at=at), *((LATE,) if counts["late"] else ()))
        said: dict[str, Any] = {"quarantined": quarantined, "warnings": warnings, "near_reporter": near}
        said |= {"signed_with": signed_with}
        if dry_run:
            fixed = not database.get("key_id")
            return _receipt(submission, outcome, **counts, **said, fixed_key_id=fixed, dry_run=True)
        if gone:
            erase_going(database, reason="left out", at=at)
        for effects, statement in _HISTORY:
            if effects & counted.keys():
                database.run(statement, at=at)
        for effects, statement in _UPDATE:
            if effects & counted.keys():
                database.run(statement)
        _store_faults(database, submission, number)
        fixed = _fix_key_id(database, submission)
        store_header(database, header, key=key, at=at, outcome=outcome)
        if counts["superseding"] and database.rows(_RENAMED):
            database.set(NOTICE_DUE, "1")
        said["warnings"] += beside.store()
        return store_receipt(database, _receipt(submission, outcome, **counts, **said, fixed_key_id=fixed), accepted)


def _receipt(submission: Cases, outcome: Any, **counts: Any) -> Receipt:
    header = submission.header
    return Receipt(
        outcome=outcome,
        reporter=header.reporter,
        period=header.period,
        sequence=header.sequence,
        records=header.records,
        codebook=None if header.codebook is None else f"{header.codebook.name} {header.codebook.version}",
        **counts,
    )


def _good(submission: Cases) -> NDArray[np.bool_]:
    """Return which records break no rule."""
    good = np.ones(submission.cases.num_rows, bool)
    good[[fault.row for fault in submission.faults]] = False
    return good


def _check_handles(database: Database) -> None:
    """Refuse a submission in which a record has the handle of another one."""
    if database.rows(_TAKEN):
        raise RefusedError(
            "submission.handle",
            "A record has the handle of another record of its reporter; nothing was stored.",
            hint="The reporter must encode again with pseudonym; handles are derived from record ids.",
        )


def _incoming(submission: Cases, number: int, book: int, recoded: NDArray[np.bool_], *, key: UnitKey) -> pa.Table:
    """Return the table of records that break no rule, with the columns that the statements above read."""
    header, cases = submission.header, submission.cases
    n = cases.num_rows
    columns = {
        "handle": cases["record"].cast(pa.binary()),
        "reporter": pa.array([header.reporter] * n, pa.string()),
        "record_id": cases["record_id"],
        "sequence": pa.array(np.full(n, header.sequence, np.int64)),
        "submission": pa.array(np.full(n, number, np.int64)),
        "digest": pa.array([key.seal(digest) for digest in submission.case_digests], pa.binary()),
        **{name: cases[name] for name in RESERVED},
        "payload": _payload(cases),
        "codebook": pa.array(np.full(n, book, np.int64)),
    }
    chosen = pa.table(columns).filter(pa.array(_good(submission)))
    return chosen.append_column("recoded", pa.array(recoded))


def _payload(cases: pa.Table) -> pa.Array:
    """Combine the payload columns into one column of maps from item to code, without items that are null."""
    names = [name for name in cases.column_names if name.startswith(PAYLOAD_PREFIX)]
    kind = pa.map_(pa.string(), pa.string())
    if not names or not cases.num_rows:
        return pa.array([[]] * cases.num_rows, kind)
    chunks = [cases[name].combine_chunks() for name in names]
    present = np.stack([np.asarray(chunk.is_valid().to_numpy(zero_copy_only=False)) for chunk in chunks], axis=1)
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    # For each present value, row by row and item by item: its index in the concatenated columns.
    row, item = np.nonzero(present)
    values = pa.concat_arrays(chunks).take(pa.array(item * cases.num_rows + row))
    items = pa.array([name.removeprefix(PAYLOAD_PREFIX) for name in names], pa.string()).take(pa.array(item))
    return pa.MapArray.from_arrays(pa.array(offsets), items, values)


def _store_faults(database: Database, submission: Cases, number: int) -> None:
    """Put faulty rows in quarantine, without ids that break the rules for ids: they may be persons' numbers."""
    header, faults, n = submission.header, submission.faults, len(submission.faults)
    if not faults:
        return
    faulty = submission.cases.take([fault.row for fault in faults])
    rows = {
        "reporter": pa.array([header.reporter] * n, pa.string()),
        "record": faulty["record"].cast(pa.binary()),
        "record_id": pa.array([_shown(one) for one in faulty["record_id"].to_pylist()], pa.string()),
        "sequence": pa.array([header.sequence] * n, pa.int64()),
        "submission": pa.array([number] * n, pa.int64()),
        "rule": pa.array([fault.rule for fault in faults], pa.string()),
    }
    database.load("INSERT INTO quarantine SELECT * FROM source", source=pa.table(rows))


def _shown(record_id: str) -> str | None:
    return record_id if id_rule(record_id) is None else None


def _fix_key_id(database: Database, submission: Cases) -> bool:
    """Take key id and epoch from the first submission unless they are fixed; return whether this fixed the key id."""
    header = submission.header
    fixed = {} if database.get("epoch") else {"epoch": str(header.epoch)}
    fixes = not database.get("key_id")
    if fixes:
        fixed |= {"key_id": header.key_id, "key_id_fixed_by": "first submission"}
    if fixed:
        database.set_all(fixed)
    return fixes
