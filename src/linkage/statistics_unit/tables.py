"""The tables of the statistics unit: everything that reporters say beside their codes, and the person of each record.

There is never a code here. What is linked comes from the linkage unit, under handles.
"""

from __future__ import annotations

from typing import Final

from linkage.audit_log import AUDIT_TABLE
from linkage.store import Schema

__all__ = ["STATISTICS_UNIT"]

_REPORT: Final = (
    "report_id VARCHAR, event_date VARCHAR, report_date VARCHAR, status VARCHAR, case_state VARCHAR,"
    " discovered_on VARCHAR, outcome_date VARCHAR, payload MAP(VARCHAR, VARCHAR), codebook BIGINT NOT NULL"
)

_TABLES: Final[dict[str, str]] = {
    # Format, profile, key id, counters; never a key.
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
    # The current version of every record. A record keeps its rid when it is superseded; a rid is never reused, and is
    # not that of the linkage unit, which knows the record by its handle. The digest does not cover codes.
    "records": (
        "rid BIGINT NOT NULL, reporter VARCHAR NOT NULL, record_id VARCHAR NOT NULL, sequence BIGINT NOT NULL,"
        " digest BLOB NOT NULL, submission BIGINT NOT NULL, handle BLOB NOT NULL"
    ),
    # Of these the linkage unit learns which records are different persons.
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
    # Files that wait for a decision, with the rule by which they are held back, until they are received; nothing of
    # what is in them.
    "held_back": (
        "held BIGINT PRIMARY KEY, digest VARCHAR NOT NULL, reporter VARCHAR NOT NULL, kind VARCHAR NOT NULL,"
        " period VARCHAR, sequence BIGINT NOT NULL, n_records BIGINT NOT NULL, rule VARCHAR NOT NULL,"
        " held_at VARCHAR NOT NULL, dismissed_at VARCHAR"
    ),
    # Which public keys reporters were enrolled with, and what became of them: every act that was ever done.
    "enrolments": (
        "change BIGINT PRIMARY KEY, changed_at VARCHAR NOT NULL, changed_by VARCHAR NOT NULL, act VARCHAR NOT NULL,"
        " reporter VARCHAR NOT NULL, public_key VARCHAR NOT NULL, holds_from VARCHAR NOT NULL"
    ),
    # What was counted when each submission was received, for the receipt that goes back: numbers and rules.
    "receipts": "submission BIGINT PRIMARY KEY, receipt VARCHAR NOT NULL",
    # What the linkage unit has handed over last; each hand-over replaces these five tables. The last submission is that
    # of the notice that the run followed.
    "runs": (
        "run BIGINT NOT NULL, started_at VARCHAR NOT NULL, finished_at VARCHAR NOT NULL, model BIGINT,"
        " model_fitted_at VARCHAR, last_submission BIGINT NOT NULL, n_records BIGINT NOT NULL,"
        " n_pairs BIGINT NOT NULL, n_links BIGINT NOT NULL,"
        " n_review BIGINT NOT NULL, n_persons BIGINT NOT NULL, expected_precision DOUBLE,"
        " expected_recall DOUBLE, recall_is_bound BOOLEAN NOT NULL, draws BIGINT NOT NULL"
    ),
    # Log odds are natural logarithms; they still tell pairs apart whose probabilities all round to 1.
    "links": (
        "rid_a BIGINT NOT NULL, rid_b BIGINT NOT NULL, match_weight DOUBLE NOT NULL, log_odds DOUBLE NOT NULL,"
        " probability DOUBLE NOT NULL, decision VARCHAR NOT NULL, reason VARCHAR NOT NULL"
    ),
    # The records whose persons are not certain: in each draw of the run their groups, numbered within the component.
    "draws": "rid BIGINT NOT NULL, component BIGINT NOT NULL, labels BLOB NOT NULL",
    # Beside its person stands what a record has, as far as the linkage unit can tell: number, date, year, names or
    # nothing.
    "persons": "rid BIGINT NOT NULL, person_id VARCHAR NOT NULL, has VARCHAR NOT NULL",
    # How many joins of persons are missing because their records share no match key, by
    # what a record has and by reporters; an empty text stands for all.
    "never_met": (
        "has VARCHAR NOT NULL, reporter VARCHAR NOT NULL, other_reporter VARCHAR NOT NULL, joins DOUBLE NOT NULL,"
        " variance DOUBLE NOT NULL"
    ),
    # Samples of records about which reporters are asked, and what was estimated without answers when they were drawn.
    "samples": (
        "sample BIGINT PRIMARY KEY, drawn_at VARCHAR NOT NULL, run BIGINT NOT NULL, joins DOUBLE NOT NULL,"
        " variance DOUBLE NOT NULL, answered_at VARCHAR"
    ),
    # The strata of a sample: how many records there were, how many were drawn, and how many joins were expected in it.
    "sample_strata": (
        "sample BIGINT NOT NULL, stratum VARCHAR NOT NULL, n_records BIGINT NOT NULL, n_drawn BIGINT NOT NULL,"
        " joins DOUBLE NOT NULL"
    ),
    # The records that were drawn, each a question, and how much of a missing join each was expected to be and is, by
    # the run after which its answer came; null before that.
    "sampled": (
        "sample BIGINT NOT NULL, question BIGINT NOT NULL, rid BIGINT NOT NULL, stratum VARCHAR NOT NULL,"
        " probability DOUBLE NOT NULL, joins DOUBLE NOT NULL, missing DOUBLE"
    ),
    # Which records are of the person of the question, and which fields of them are wrong, by name only.
    "sample_answers": (
        "sample BIGINT NOT NULL, question BIGINT NOT NULL, rid BIGINT NOT NULL, same_person BOOLEAN NOT NULL,"
        " wrong_fields VARCHAR[] NOT NULL"
    ),
    "person_events": (
        "event BIGINT NOT NULL, occurred_at VARCHAR NOT NULL, run BIGINT NOT NULL, kind VARCHAR NOT NULL,"
        " person_id VARCHAR NOT NULL, other_person_id VARCHAR"
    ),
    # What was done with this unit, when and by whom, in a chain.
    "audit_log": AUDIT_TABLE,
}

STATISTICS_UNIT: Final = Schema("statistics", _TABLES)
