"""Make the hand-over: the persons, links and figures of the last run, by handles."""

from __future__ import annotations

from typing import Final

from linkage.messages import HandOver
from linkage.messages.hand_over import TABLES
from linkage.store import Session

__all__ = ["make_hand_over"]

_QUERIES: Final = {
    "persons": """
        SELECT reporter, handle, person_id, has FROM persons JOIN records USING (rid) ORDER BY reporter, handle
    """,
    "draws": "SELECT reporter, handle, component, labels FROM draws JOIN records USING (rid) ORDER BY reporter, handle",
    "links": """
        SELECT a.reporter AS reporter_a, a.handle AS handle_a, b.reporter AS reporter_b, b.handle AS handle_b,
            match_weight, log_odds, probability, decision, reason
        FROM links JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b ORDER BY ALL
    """,
    "runs": """
        SELECT run, started_at, finished_at, model, created_at AS model_fitted_at, notice AS last_submission,
            n_records, n_pairs, n_links, n_review, n_persons, expected_precision, expected_recall, recall_is_bound,
            draws
        FROM runs LEFT JOIN models USING (model) ORDER BY run
    """,
    "events": "SELECT event, occurred_at, run, kind, person_id, other_person_id FROM person_events ORDER BY event",
    "never_met": "SELECT has, reporter, other_reporter, joins, variance FROM never_met ORDER BY ALL",
}


def make_hand_over(session: Session, *, profile_digest: str, at: str) -> HandOver:
    """Read all that the statistics unit is told.

    Args:
        session: The store of the linkage unit.
        profile_digest: Digest of the profile of this registry.
        at: The current time.

    Returns:
        The hand-over.
    """
    tables = {name: session.table(query).cast(TABLES[name]) for name, query in _QUERIES.items()}
    number = session.rows("SELECT coalesce(max(run), 0) FROM runs")[0][0]
    return HandOver(number=number, made_at=at, profile_digest=profile_digest, **tables)
