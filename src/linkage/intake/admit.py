"""Store a submission, all of it or nothing, and keep the latest version of each record current.

The latest version of a record is the one with its reporter's highest sequence number, whatever the order of arrival:
the records of a late submission go straight to history. So the registry depends on what was sent, never on when.

The codes of a superseded version are deleted: two contents of one record under one match key have the same pad, so
their XOR would reveal which fields changed. The payload remains as history, and so do digests, but under the
registry's own key, because anybody with the linkage key could test guesses against a plain digest of codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.intake.codebooks import accepted_codebook
from linkage.intake.database import Database
from linkage.intake.erasure import Erased, erase_going
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
from linkage.intake.rekey import rekey
from linkage.intake.roster import check_reporter
from linkage.intake.verify import Verified
from linkage.intake.withdraw import select_left_out
from linkage.keys import RegistryKey
from pseudonym.profile import Encoding
from pseudonym.wire import PAYLOAD_PREFIX, RESERVED, fixed_bytes, fixed_column, id_rule

__all__ = ["admit"]

_REPORT: Final = (
    "report_id, event_date, report_date, status, case_state, discovered_on, outcome_date, payload, codebook"
)

# New records are numbered in the order of their ids, so that the same submission always gives the same numbers. Equal
# texts under another codebook can mean something else, so they are another version.
_COMPARE: Final = """
CREATE OR REPLACE TEMP TABLE incoming AS
SELECT new.*,
    CASE
        WHEN old.rid IS NULL THEN 'new'
        WHEN old.digest = new.digest AND told.codebook = new.codebook THEN 'unchanged'
        WHEN old.sequence < new.sequence THEN 'superseding'
        ELSE 'late'
    END AS effect,
    coalesce(old.rid, (SELECT value::BIGINT FROM meta WHERE key = 'next_rid') - 1
        + row_number() OVER (PARTITION BY old.rid IS NULL ORDER BY new.record_id)) AS rid
FROM source AS new LEFT JOIN records AS old ON old.reporter = new.reporter AND old.record_id = new.record_id
    LEFT JOIN reports AS told ON told.rid = old.rid
"""

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
    ({"superseding"}, "DELETE FROM codes WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')"),
    ({"superseding"}, "DELETE FROM cases WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')"),
    ({"superseding"}, "DELETE FROM reports WHERE rid IN (SELECT rid FROM incoming WHERE effect = 'superseding')"),
    (
        {"superseding"},
        """
        UPDATE records SET sequence = new.sequence, digest = new.digest, submission = new.submission
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
        SELECT rid, reporter, record_id, sequence, digest, submission FROM incoming WHERE effect = 'new'
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


def admit(
    database: Database,
    submission: Verified,
    *,
    key: RegistryKey,
    at: str,
    progress: Callable[[int, int], None],
    accept_withdrawals: bool = False,
    dry_run: bool = False,
) -> Receipt:
    """Store a submission in one transaction.

    Args:
        database: The registry, open for writing.
        submission: A submission that fits the registry. Records that break a rule for single rows go to quarantine;
            the others are stored.
        key: The registry's own key.
        at: Time of receipt.
        progress: Called with the number of codes stored and their total.
        accept_withdrawals: Whether a complete delivery may leave out any number of records.
        dry_run: Whether to count only.

    Returns:
        The receipt.

    Raises:
        RefusedError: `submission.changed` if the file has changed since it was verified; as for `received_before`,
            `check_reporter`, `accepted_codebook`, `check_sequence`, `check_order` and `select_left_out`.
    """
    header = submission.header
    if received_before(database, header, key):
        return _receipt(submission, ALREADY_RECEIVED, dry_run=dry_run)
    check_reporter(database, header, at=at)
    book = accepted_codebook(database, header.codebook, at=at)
    check_sequence(database, header)
    check_order(database, header)
    with database.transaction():
        number = next_number(database)
        cases = _incoming(submission, number, book, key=key)
        database.load(_COMPARE, source=cases)
        counted = dict(database.rows("SELECT effect, count(*) FROM incoming GROUP BY effect"))
        counts = {effect: counted.get(effect, 0) for effect in ("new", "superseding", "unchanged", "late")}
        gone = Erased(0, 0, 0)
        if header.complete:
            ids = submission.cases["record_id"]
            gone = select_left_out(database, header, ids, accepted=accept_withdrawals)
        quarantined = dict(sorted(Counter(fault.rule for fault in submission.faults).items()))
        changed = counts["new"] + counts["superseding"] + counts["late"] + len(submission.faults) + gone.records > 0
        outcome = STORED if changed else UNCHANGED
        counts |= {"withdrawn": gone.records, "withdrawn_versions": gone.versions, "withdrawn_rows": gone.rows}
        warnings = (*warnings_about(database, header, key), *((LATE,) if counts["late"] else ()))
        if dry_run:
            said = {"quarantined": quarantined, "fixed_key_id": not database.get("key_id"), "warnings": warnings}
            return _receipt(submission, outcome, **counts, **said, dry_run=True)
        if gone:
            erase_going(database, reason="left out", at=at)
        for effects, statement in _HISTORY:
            if effects & counted.keys():
                database.run(statement, at=at)
        for effects, statement in _UPDATE:
            if effects & counted.keys():
                database.run(statement)
        _store_codes(database, submission, key=key, progress=progress)
        _store_faults(database, submission, number)
        fixed = _fix_key_id(database, submission)
        store_header(database, header, key=key, at=at, outcome=outcome)
        if counts["superseding"]:
            database.set("erase_pending", "1")
        said = {"quarantined": quarantined, "fixed_key_id": fixed, "warnings": warnings}
        return store_receipt(database, _receipt(submission, outcome, **counts, **said))


def _receipt(submission: Verified, outcome: Any, **counts: Any) -> Receipt:
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


def _incoming(submission: Verified, number: int, book: int, *, key: RegistryKey) -> pa.Table:
    """Return the table of records that break no rule, with the columns that the statements above read."""
    header, cases = submission.header, submission.cases
    n = cases.num_rows
    columns = {
        "record": cases["record"],
        "reporter": pa.array([header.reporter] * n, pa.string()),
        "record_id": cases["record_id"],
        "sequence": pa.array(np.full(n, header.sequence, np.int64)),
        "submission": pa.array(np.full(n, number, np.int64)),
        "digest": pa.array([key.seal(digest) for digest in submission.record_digests], pa.binary()),
        **{name: cases[name] for name in RESERVED},
        "payload": _payload(cases),
        "codebook": pa.array(np.full(n, book, np.int64)),
    }
    good = np.ones(n, bool)
    good[[fault.row for fault in submission.faults]] = False
    return pa.table(columns).filter(pa.array(good))


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


def _store_codes(
    database: Database, submission: Verified, *, key: RegistryKey, progress: Callable[[int, int], None]
) -> None:
    """Rekey and store the codes of new and superseding records, one part of the submission at a time."""
    wanted = database.table("SELECT record, rid FROM incoming WHERE effect IN ('new', 'superseding')")
    owner = wanted["record"].combine_chunks().cast(submission.cases["record"].type)
    rids, n_done = wanted["rid"].to_numpy(), 0
    # All parts are read even if no codes are wanted, because the file is verified as a whole.
    for part in submission.parts():
        table = _stored_codes(part.codes, owner, rids, key=key, encoding=submission.expected.profile.encoding)
        # Sorted by kind and key, which compresses well and leaves no trace of the order of arrival.
        database.load("INSERT INTO codes SELECT * FROM source ORDER BY kind, key_hi, key_lo, rid", source=table)
        n_done += part.codes.num_rows
        progress(n_done, submission.header.codes)


def _stored_codes(
    codes: pa.Table, owner: pa.Array, rids: NDArray[np.int64], *, key: RegistryKey, encoding: Encoding
) -> pa.Table:
    """Return the rekeyed codes of the wanted records, whose ids in the submission are `owner`."""
    wanted = codes.filter(pc.is_in(codes["record"], value_set=owner)).combine_chunks()
    index = pc.index_in(wanted["record"], value_set=owner).to_numpy()
    kind = wanted["kind"].to_numpy().astype(np.uint8)
    new = rekey(key, encoding, kind, fixed_bytes(wanted["match_key"]), fixed_bytes(wanted["content"]))
    return pa.table(
        {
            "rid": rids[index],
            "kind": kind,
            "key_hi": new.key_hi,
            "key_lo": new.key_lo,
            "content": fixed_column(new.content),
        }
    )


def _store_faults(database: Database, submission: Verified, number: int) -> None:
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


def _fix_key_id(database: Database, submission: Verified) -> bool:
    """Take key id and epoch from the first submission unless they are fixed; return whether this fixed the key id."""
    header = submission.header
    if not database.get("epoch"):
        database.set("epoch", str(header.epoch))
    if database.get("key_id"):
        return False
    database.set("key_id", header.key_id)
    database.set("key_id_fixed_by", "first submission")
    return True
