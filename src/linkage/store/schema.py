"""The tables of a registry: what each contains, and what is kept separate.

Codes and payload are never in the same table. Linking reads `codes`, `records` and `cases`; statistics read `reports`
and `persons`.
"""

from __future__ import annotations

from typing import Final

__all__ = ["FORMAT", "FORMAT_VERSION", "TABLES", "statements"]

FORMAT: Final = "linkage-registry/"
FORMAT_VERSION: Final = 5
"""Increases whenever a table changes; a file of another version is refused."""

_REPORT: Final = (
    "report_id VARCHAR, event_date VARCHAR, report_date VARCHAR, status VARCHAR, case_state VARCHAR,"
    " discovered_on VARCHAR, outcome_date VARCHAR, payload MAP(VARCHAR, VARCHAR), codebook BIGINT NOT NULL"
)

TABLES: Final[dict[str, str]] = {
    # Format, profile, key id, counters; never the registry key.
    "meta": "key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL",
    # Every codebook, the newest with the highest number, and the map that leads to it from the one before. Texts are
    # empty in a row that stands for submissions without a codebook.
    "codebooks": (
        "codebook BIGINT PRIMARY KEY, digest VARCHAR NOT NULL, name VARCHAR NOT NULL, version VARCHAR NOT NULL,"
        " document VARCHAR NOT NULL, map VARCHAR, added_at VARCHAR NOT NULL, accepted_until VARCHAR"
    ),
    # Every accepted submission, including those with nothing new, because coverage is computed from this table. The
    # kind is delivery, complete, withdrawal or totals.
    "submissions": (
        "submission BIGINT PRIMARY KEY, kind VARCHAR NOT NULL, reporter VARCHAR NOT NULL, sequence BIGINT NOT NULL,"
        " period VARCHAR, digest VARCHAR NOT NULL, content_digest VARCHAR NOT NULL, previous VARCHAR,"
        " n_records BIGINT NOT NULL, nothing_to_report BOOLEAN NOT NULL, header VARCHAR NOT NULL,"
        " received_at VARCHAR NOT NULL, outcome VARCHAR NOT NULL, UNIQUE (reporter, sequence)"
    ),
    # The current version of every record. A record keeps its rid when it is superseded; a rid is never reused.
    "records": (
        "rid BIGINT NOT NULL, reporter VARCHAR NOT NULL, record_id VARCHAR NOT NULL, sequence BIGINT NOT NULL,"
        " digest BLOB NOT NULL, submission BIGINT NOT NULL"
    ),
    # Codes of current records only, under the registry's own key.
    "codes": (
        "rid BIGINT NOT NULL, kind UTINYINT NOT NULL, key_hi UBIGINT NOT NULL, key_lo UBIGINT NOT NULL,"
        " content BLOB NOT NULL"
    ),
    # The only payload that linking reads.
    "cases": "rid BIGINT NOT NULL, case_id VARCHAR, role VARCHAR",
    # The payload that statistics read, as it was sent, and the number of the codebook that it follows.
    "reports": f"rid BIGINT NOT NULL, {_REPORT}",
    # Superseded and late versions, without codes: an old and a new code under one match key reveal what changed.
    "history": (
        "reporter VARCHAR NOT NULL, record_id VARCHAR NOT NULL, sequence BIGINT NOT NULL, digest BLOB NOT NULL,"
        f" submission BIGINT NOT NULL, case_id VARCHAR, role VARCHAR, {_REPORT}, superseded_at VARCHAR NOT NULL"
    ),
    # Rejected rows. The record id is null if it breaks the rules for ids, because it may be a person's number.
    "quarantine": (
        "reporter VARCHAR NOT NULL, record BLOB NOT NULL, record_id VARCHAR, sequence BIGINT NOT NULL,"
        " submission BIGINT NOT NULL, rule VARCHAR NOT NULL"
    ),
    # What reporters have counted themselves, every version of it, one row per cell. A cell has a code for each item by
    # which its number is broken down. Nothing adds these numbers to records.
    "totals": (
        "submission BIGINT NOT NULL, reporter VARCHAR NOT NULL, period VARCHAR NOT NULL, sequence BIGINT NOT NULL,"
        " unit VARCHAR NOT NULL, role VARCHAR NOT NULL, items VARCHAR[] NOT NULL,"
        " cell MAP(VARCHAR, VARCHAR) NOT NULL, n BIGINT NOT NULL"
    ),
    # What was withdrawn or became too old: numbers and a time, nothing about any record. The run is the next one.
    "erasures": (
        "erasure BIGINT PRIMARY KEY, occurred_at VARCHAR NOT NULL, run BIGINT NOT NULL, reason VARCHAR NOT NULL,"
        " reporter VARCHAR NOT NULL, n_records BIGINT NOT NULL, n_versions BIGINT NOT NULL, n_rows BIGINT NOT NULL,"
        " n_totals BIGINT NOT NULL"
    ),
    # Who is to report: every change that was ever made, the last one for each reporter and first period holds.
    "roster": (
        "change BIGINT PRIMARY KEY, changed_at VARCHAR NOT NULL, removed BOOLEAN NOT NULL, reporter VARCHAR NOT NULL,"
        " name VARCHAR NOT NULL, kind VARCHAR NOT NULL, county VARCHAR NOT NULL, reports VARCHAR NOT NULL,"
        " every VARCHAR NOT NULL, from_period VARCHAR NOT NULL, until_period VARCHAR NOT NULL,"
        " due_days VARCHAR NOT NULL, cases_from VARCHAR NOT NULL"
    ),
    # Files of reporters that are not on the roster, until they are received; nothing of what is in them.
    "held_back": (
        "digest VARCHAR PRIMARY KEY, reporter VARCHAR NOT NULL, period VARCHAR, sequence BIGINT NOT NULL,"
        " held_at VARCHAR NOT NULL"
    ),
    # What was counted when each submission was received, for the receipt that goes back: numbers and rules.
    "receipts": "submission BIGINT PRIMARY KEY, receipt VARCHAR NOT NULL",
    "models": "model BIGINT PRIMARY KEY, created_at VARCHAR NOT NULL, parameters VARCHAR NOT NULL",
    "runs": (
        "run BIGINT PRIMARY KEY, started_at VARCHAR NOT NULL, finished_at VARCHAR NOT NULL, model BIGINT,"
        " last_submission BIGINT NOT NULL, n_records BIGINT NOT NULL, n_pairs BIGINT NOT NULL, n_links BIGINT NOT NULL,"
        " n_review BIGINT NOT NULL, n_persons BIGINT NOT NULL, expected_precision DOUBLE,"
        " expected_recall DOUBLE, recall_is_bound BOOLEAN NOT NULL, expected_persons DOUBLE, fewest_persons DOUBLE,"
        " most_persons DOUBLE"
    ),
    # Links and persons of the latest run; each run replaces both tables. Log odds are natural logarithms; they still
    # tell pairs apart whose probabilities all round to 1.
    "links": (
        "rid_a BIGINT NOT NULL, rid_b BIGINT NOT NULL, match_weight DOUBLE NOT NULL, log_odds DOUBLE NOT NULL,"
        " probability DOUBLE NOT NULL, decision VARCHAR NOT NULL, reason VARCHAR NOT NULL"
    ),
    "persons": "rid BIGINT NOT NULL, person_id VARCHAR NOT NULL",
    "person_events": (
        "event BIGINT PRIMARY KEY, occurred_at VARCHAR NOT NULL, run BIGINT NOT NULL, kind VARCHAR NOT NULL,"
        " person_id VARCHAR NOT NULL, other_person_id VARCHAR"
    ),
}


def statements() -> list[str]:
    """Return the SQL statements that create the tables, one per table."""
    return [f"CREATE TABLE {name} ({columns})" for name, columns in TABLES.items()]
