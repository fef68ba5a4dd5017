"""The hand-over: what the linkage unit tells the statistics unit, in handles, person ids and figures of runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from linkage.messages.notice import HANDLE

__all__ = ["TABLES", "HandOver", "HandOverSince"]

TABLES: Final = {
    "persons": pa.schema(
        [("reporter", pa.string()), ("handle", HANDLE), ("person_id", pa.string()), ("has", pa.string())]
    ),
    "draws": pa.schema(
        [("reporter", pa.string()), ("handle", HANDLE), ("component", pa.int64()), ("labels", pa.binary())]
    ),
    "links": pa.schema(
        [
            ("reporter_a", pa.string()),
            ("handle_a", HANDLE),
            ("reporter_b", pa.string()),
            ("handle_b", HANDLE),
            ("match_weight", pa.float64()),
            ("log_odds", pa.float64()),
            ("probability", pa.float64()),
            ("decision", pa.string()),
            ("reason", pa.string()),
        ]
    ),
    "runs": pa.schema(
        [
            ("run", pa.int64()),
            ("started_at", pa.string()),
            ("finished_at", pa.string()),
            ("model", pa.int64()),
            ("model_fitted_at", pa.string()),
            ("last_submission", pa.int64()),
            ("n_records", pa.int64()),
            ("n_pairs", pa.int64()),
            ("n_links", pa.int64()),
            ("n_review", pa.int64()),
            ("n_persons", pa.int64()),
            ("expected_precision", pa.float64()),
            ("expected_recall", pa.float64()),
            ("recall_is_bound", pa.bool_()),
            ("draws", pa.int64()),
        ]
    ),
    "events": pa.schema(
        [
            ("event", pa.int64()),
            ("occurred_at", pa.string()),
            ("run", pa.int64()),
            ("kind", pa.string()),
            ("person_id", pa.string()),
            ("other_person_id", pa.string()),
        ]
    ),
    "never_met": pa.schema(
        [
            ("has", pa.string()),
            ("reporter", pa.string()),
            ("other_reporter", pa.string()),
            ("joins", pa.float64()),
            ("variance", pa.float64()),
        ]
    ),
}
"""The tables of a hand-over."""


@dataclass(frozen=True, slots=True, repr=False)
class HandOver:
    """Which record is which person, and what the runs of linking found; never a code.

    Attributes:
        number: Number of the last run; 0 before the first.
        made_at: When it was made, in UTC.
        profile_digest: Digest of the profile of the registry.
        persons: The person of each record, and what the record has: `reporter`, `handle`, `person_id`, `has`.
        draws: In each draw of the last run, the groups of the records whose persons are not certain: `component`, and
            `labels` as `linkage.messages.labels` packs them.
        links: The pairs that the last run stored, by the handles of both records.
        runs: The figures of every run; `last_submission` is the number of the notice that it followed.
        events: What became of person ids.
        never_met: How many joins of persons are missing because their records share no match key, by stratum.
    """

    number: int
    made_at: str
    profile_digest: str
    persons: pa.Table
    draws: pa.Table
    links: pa.Table
    runs: pa.Table
    events: pa.Table
    never_met: pa.Table

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The tables by name."""
        return {name: getattr(self, name) for name in TABLES}


@dataclass(frozen=True, slots=True, repr=False)
class HandOverSince:
    """What has changed since an earlier hand-over, for a statistics unit that still has all of that one.

    It passes within one process only: whoever keeps a message as a file may lose another.

    Attributes:
        mark: The mark of the earlier one.
        fresh: Of `persons`, `draws`, `links` and `events` the rows that are new or have changed; all `runs` and
            `never_met`.
        gone: Of `persons`, `draws` and `links` the handles of rows that are gone or have changed.
        counts: The rows that each of these three has then.
    """

    mark: str
    fresh: HandOver
    gone: Mapping[str, pa.Table]
    counts: Mapping[str, int]
