"""Read from the registry file what the last run of linking stored about two records."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.answers import NamedRecord, Persons
from linkage.errors import RecordError
from linkage.linking.fit import fit
from linkage.linking.model import Model
from linkage.linking.patterns import count_patterns
from linkage.linking.strata import Strata
from linkage.statistics_unit.queries import check_linked
from linkage.store import Session
from pseudonym.profile import Linking

__all__ = [
    "LastRun",
    "StoredPair",
    "count_persons",
    "find_record",
    "read_last_run",
    "read_names",
    "read_stored_pairs",
    "split_name",
]

_SUBJECTS: Final = ("The first record", "The second record")
_LINK_AGAIN: Final = "Run: linkage link REGISTRY"

_BETWEEN: Final = """
SELECT count(*) FILTER (log_odds >= 0)
FROM links JOIN persons AS a ON a.rid = rid_a JOIN persons AS b ON b.rid = rid_b
WHERE (a.person_id, b.person_id) IN ((?, ?), (?, ?))
"""


class LastRun(NamedTuple):
    """The last run: its number, the number of its model, its last submission, its strata, and the model."""

    number: int
    model_number: int | None
    last_submission: int
    strata: Strata
    model: Model


class StoredPair(NamedTuple):
    """What the run stored about a pair."""

    log_odds: float
    probability: float
    decision: str
    reason: str


def split_name(name: str | tuple[str, str]) -> tuple[str, str]:
    """Split the name of a record, `REPORTER/RECORD_ID`, at the first slash; an id may contain more slashes.

    Args:
        name: The name, or a pair of reporter and record id, which is returned as it is. Values of other types are
            refused here, because errors of the database would show them.

    Returns:
        Reporter and record id.

    Raises:
        RecordError: `explain.name` if there is no slash, if either part is empty, or if the name is not a string that
            can be encoded as UTF-8.
    """
    parts: object = name.split("/", 1) if isinstance(name, str) else name
    if not (isinstance(parts, list | tuple) and len(parts) == 2 and all(map(_is_text, parts))):
        raise RecordError(
            "explain.name",
            "The name of a record consists of its reporter and its id, with a slash between them.",
            hint="For example police/pol-17; everything after the first slash is the id.",
        )
    return parts[0], parts[1]


def _is_text(part: object) -> bool:
    """Return whether `part` is a non-empty string without lone surrogates: these stand for bytes that are not UTF-8."""
    return isinstance(part, str) and part != "" and not any("\ud800" <= sign <= "\udfff" for sign in part)


def read_last_run(codes: Session, cases: Session, linking: Linking) -> LastRun:
    """Read the last run and its model.

    Args:
        codes: The store of the linkage unit.
        cases: The store of the statistics unit.
        linking: The profile's tables.

    Raises:
        NotLinkedError: `link` has never been run.
    """
    check_linked(cases)
    query = "SELECT run, model, last_submission FROM runs ORDER BY run DESC LIMIT 1"
    number, model_number, last_submission = codes.rows(query)[0]
    counts = codes.rows("SELECT reporter, count(*) FROM records SEMI JOIN persons USING (rid) GROUP BY reporter")
    strata = Strata.of(dict(counts))
    if model_number is None:
        # No two records shared a match key, so the model is nothing but the profile's prior.
        no_levels = np.zeros((0, len(linking.fields)), np.int8)
        model = fit(count_patterns(no_levels, np.zeros(0, np.int64), linking.fields), linking, strata)
    else:
        text = codes.rows("SELECT parameters FROM models WHERE model = ?", model_number)[0][0]
        model = Model.from_json(text)
    return LastRun(number, model_number, last_submission, strata, model)


def find_record(codes: Session, cases: Session, name: tuple[str, str], run: LastRun, *, position: int) -> int:
    """Return the rid that a record has at the linkage unit.

    Args:
        codes: The store of the linkage unit.
        cases: The store of the statistics unit.
        name: Reporter and record id.
        run: The last run.
        position: 0 for the first of the two records, 1 for the second; for the message.

    Raises:
        RecordError: `explain.unknown` if there is no such record, `explain.newer` if it, or its current version,
            arrived after the last run.
    """
    subject = _SUBJECTS[position]
    handles = cases.rows("SELECT handle FROM records WHERE reporter = ? AND record_id = ?", *name)
    if not handles:
        raise RecordError(
            "explain.unknown",
            f"{subject} is not in the registry.",
            hint="Use the reporter's ids, as export persons lists them. Rows in quarantine are not linked.",
        )
    query = "SELECT rid, submission, rid IN (SELECT rid FROM persons) FROM records WHERE reporter = ? AND handle = ?"
    rid, submission, linked = next(iter(codes.rows(query, name[0], handles[0][0])), (0, 0, False))
    if not linked:
        raise RecordError("explain.newer", f"{subject} arrived after the last run of link.", hint=_LINK_AGAIN)
    if submission > run.last_submission:
        raise RecordError(
            "explain.newer",
            f"{subject} was superseded after the last run of link; the codes that the run used are erased.",
            hint=_LINK_AGAIN,
        )
    return int(rid)


def read_names(codes: Session, cases: Session, rids: NDArray[np.int64]) -> dict[int, NamedRecord]:
    """Read reporter, record id and person id of records, by the rids of the linkage unit.

    Args:
        codes: The store of the linkage unit.
        cases: The store of the statistics unit; a record that has been erased there since has no id.
        rids: The records.
    """
    query = """
        SELECT rid, reporter, handle, person_id FROM records JOIN persons USING (rid)
        WHERE rid IN (SELECT unnest(?))
    """
    found = codes.rows(query, rids.tolist())
    handles = [handle for _, _, handle, _ in found]
    query = "SELECT reporter, handle, record_id FROM records WHERE handle IN (SELECT unnest(?))"
    ids = {(reporter, handle): record_id for reporter, handle, record_id in cases.rows(query, handles)}
    return {
        rid: NamedRecord(reporter, ids.get((reporter, handle), ""), person_id)
        for rid, reporter, handle, person_id in found
    }


def read_stored_pairs(session: Session, rids: list[int]) -> dict[tuple[int, int], StoredPair]:
    """Read the stored pairs that contain any of these records, by the two rids in ascending order."""
    query = """
        SELECT rid_a, rid_b, log_odds, probability, decision, reason FROM links
        WHERE rid_a IN (SELECT unnest($1)) OR rid_b IN (SELECT unnest($1))
    """
    return {(a, b): StoredPair(*rest) for a, b, *rest in session.rows(query, rids)}


def count_persons(session: Session, a: NamedRecord, b: NamedRecord) -> Persons:
    """Count the records of the persons that `a` and `b` belong to, and the pairs between them that suggest a match."""
    one, other = a.person_id, b.person_id
    query = "SELECT count(*) FROM persons WHERE person_id = ?"
    sizes: tuple[int, int] = session.rows(query, one)[0][0], session.rows(query, other)[0][0]
    if one == other:
        return Persons(same=True, records=sizes, pairs=0, in_favour=0)
    in_favour = session.rows(_BETWEEN, one, other, other, one)[0][0]
    return Persons(same=False, records=sizes, pairs=sizes[0] * sizes[1], in_favour=in_favour)
