"""Make the hand-over: the persons, links and figures of the last run, by handles; all of it, or what has changed.

What has changed is enough where both units still have the tables of one earlier hand-over. Each keeps a mark of it, a
random number, and whoever changes these tables otherwise deletes the mark. So units whose marks are equal agree, and
where they are not, or one of them was restored from a backup, all is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from linkage.linkage_unit.differences import Difference
from linkage.messages import HandOver, HandOverSince
from linkage.messages.hand_over import TABLES
from linkage.store import Session

__all__ = ["HANDED_OVER", "Since", "make_hand_over", "make_hand_over_since"]

HANDED_OVER: Final = "handed_over"
"""The entry of `meta` with the mark of the last hand-over, while the tables are as it said."""

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

_FRESH: Final = {
    "persons": """
        SELECT reporter, handle, person_id, has FROM some_persons JOIN records USING (rid)
    """,
    "draws": "SELECT reporter, handle, component, labels FROM some_draws JOIN records USING (rid)",
    "links": """
        SELECT a.reporter AS reporter_a, a.handle AS handle_a, b.reporter AS reporter_b, b.handle AS handle_b,
            match_weight, log_odds, probability, decision, reason
        FROM some_links JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b
    """,
}
_EVENTS: Final = """
SELECT event, occurred_at, run, kind, person_id, other_person_id FROM person_events WHERE run = {run} ORDER BY event
"""

_GONE: Final = {
    "persons": "SELECT reporter, handle FROM gone_persons JOIN records USING (rid)",
    "draws": "SELECT reporter, handle FROM gone_draws JOIN records USING (rid)",
    "links": """
        SELECT a.reporter AS reporter_a, a.handle AS handle_a, b.reporter AS reporter_b, b.handle AS handle_b
        FROM gone_links JOIN records AS a ON a.rid = rid_a JOIN records AS b ON b.rid = rid_b
    """,
}
"""The rows that a run has made or taken away; a row that has changed is among both."""


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


class Since(NamedTuple):
    """What a run has changed.

    Attributes:
        mark: The mark of the hand-over before it; empty if the tables were no longer as that had said.
        tables: How `links`, `persons` and `draws` differ from those of the run before.
    """

    mark: str
    tables: Mapping[str, Difference]


def make_hand_over_since(session: Session, since: Since, *, profile_digest: str, at: str) -> HandOverSince:
    """Read what the statistics unit is to be told if it has all that it was told before.

    Args:
        session: The store of the linkage unit, with the run that has changed the tables.
        since: What it has changed.
        profile_digest: Digest of the profile of this registry.
        at: The current time.

    Returns:
        The changes.
    """
    number = session.rows("SELECT coalesce(max(run), 0) FROM runs")[0][0]
    changed = {f"some_{name}": table.fresh for name, table in since.tables.items()}
    changed |= {f"gone_{name}": table.gone for name, table in since.tables.items()}
    queries = _QUERIES | _FRESH | {"events": _EVENTS.format(run=number)}
    with session.registered(**changed):
        tables = {name: session.table(query).cast(TABLES[name]) for name, query in queries.items()}
        gone = {name: session.table(query) for name, query in _GONE.items()}
    counts = {name: session.rows(f"SELECT count(*) FROM {name}")[0][0] for name in since.tables}
    fresh = HandOver(number=number, made_at=at, profile_digest=profile_digest, **tables)
    return HandOverSince(mark=since.mark, fresh=fresh, gone=gone, counts=counts)
