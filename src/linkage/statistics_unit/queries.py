"""Queries that only read the registry file: persons, links, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from linkage.answers import Summary, orient_links, queue_of, sort_persons, summarise
from linkage.errors import NotLinkedError
from linkage.growth import refit_reasons
from linkage.store import Session

__all__ = [
    "check_linked",
    "count_review",
    "has_changed",
    "has_outgrown",
    "read_links",
    "read_persons",
    "read_review",
    "read_summary",
]

_LINKS: Final = """
SELECT a.reporter AS reporter_a, a.record_id AS record_id_a, b.reporter AS reporter_b, b.record_id AS record_id_b,
    match_weight, probability, decision, reason
FROM links JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b
"""


_REVIEW: Final = """
SELECT a.reporter AS reporter_a, a.record_id AS record_id_a, b.reporter AS reporter_b, b.record_id AS record_id_b,
    match_weight, probability, decision, reason, x.person_id AS person_a, y.person_id AS person_b
FROM links JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b
JOIN persons AS x ON x.rid = rid_a JOIN persons AS y ON y.rid = rid_b
WHERE decision = 'review'
"""

_N_REVIEW: Final = """
SELECT count(*),
    count(DISTINCT (least(x.person_id, y.person_id), greatest(x.person_id, y.person_id)))
FROM links JOIN persons AS x ON x.rid = rid_a JOIN persons AS y ON y.rid = rid_b
WHERE decision = 'review'
"""


_AT_FIT: Final = "SELECT n_records, last_submission FROM runs WHERE model = ? ORDER BY run LIMIT 1"

_NOW: Final = """
SELECT count(*), count(*) FILTER (reporter NOT IN
    (SELECT reporter FROM submissions WHERE submission <= ? AND n_records > 0 AND kind <> 'withdrawal'))
FROM records
"""


def check_linked(session: Session) -> None:
    """Check that the registry has been linked.

    Raises:
        NotLinkedError: `link` has never been run.
    """
    if not session.rows("SELECT 1 FROM runs LIMIT 1"):
        raise NotLinkedError(
            "registry.not_linked", "The records have not been linked yet.", hint="Run: linkage link REGISTRY"
        )


def has_changed(session: Session, last_submission: int, last_run: int) -> bool:
    """Return whether any record was stored or erased since a run.

    Args:
        session: The open registry.
        last_submission: The last submission that the run has seen.
        last_run: The number of the run; 0 if there was none.
    """
    newer = "SELECT 1 FROM submissions WHERE outcome = 'stored' AND kind <> 'totals' AND submission > ? LIMIT 1"
    erased = "SELECT 1 FROM erasures WHERE run > ? AND n_records > 0 LIMIT 1"
    return bool(session.rows(newer, last_submission) or session.rows(erased, last_run))


def has_outgrown(session: Session, model: int) -> bool:
    """Return whether the records have outgrown the model that the linkage unit uses, see `linkage.growth`.

    Args:
        session: The open registry.
        model: The number of the model.
    """
    fitted_to, last_submission = session.rows(_AT_FIT, model)[0]
    n_records, n_new = session.rows(_NOW, last_submission)[0]
    return bool(refit_reasons(fitted_to=fitted_to, n_records=n_records, n_new=n_new))


def read_persons(session: Session, *, ids: Callable[[pa.ChunkedArray], pa.Array] | None = None) -> pa.Table:
    """Read which record belongs to which person, as `Registry.persons` returns it.

    Args:
        session: The open registry.
        ids: Takes the person ids of the registry to those of a recipient.

    Raises:
        NotLinkedError: As `check_linked`.
    """
    check_linked(session)
    persons = session.table("SELECT reporter, record_id, person_id FROM records JOIN persons USING (rid)")
    if ids is not None:
        persons = persons.set_column(2, "person_id", ids(persons["person_id"]))
    return sort_persons(persons)


def read_links(session: Session) -> pa.Table:
    """Read the pairs that the last run stored, as `Registry.links` returns them.

    Raises:
        NotLinkedError: As `check_linked`.
    """
    check_linked(session)
    return orient_links(session.table(_LINKS))


def read_review(session: Session) -> pa.Table:
    """Read what is to be reviewed, as `Registry.review` returns it.

    Raises:
        NotLinkedError: As `check_linked`.
    """
    check_linked(session)
    return queue_of(session.table(_REVIEW))


def count_review(session: Session) -> tuple[int, int]:
    """Count what is to be reviewed.

    Args:
        session: The open registry.

    Returns:
        The number of pairs of records, and that of pairs of persons.
    """
    n_records, n_persons = session.rows(_N_REVIEW)[0]
    return n_records, n_persons


def read_summary(session: Session) -> Summary:
    """Count records, persons, the overlap between reporters, and pairs for review."""
    records = session.table("SELECT reporter, person_id FROM records LEFT JOIN persons USING (rid)")
    decisions = dict(session.rows("SELECT decision, count(*) FROM links GROUP BY decision"))
    runs = session.rows("SELECT finished_at FROM runs ORDER BY run DESC LIMIT 1")
    review, review_persons = count_review(session)
    return summarise(
        records,
        links=decisions.get("link", 0),
        review=review,
        review_persons=review_persons,
        quarantined=session.rows("SELECT count(*) FROM quarantine")[0][0],
        key_id=session.get("key_id") or None,
        key_id_fixed_by=session.get("key_id_fixed_by") or None,
        last_run=runs[0][0] if runs else None,
    )
