"""The tables of the linkage unit: codes under handles, and the persons that they are.

There is no id of a record or a case here, no role, no date of an event, no period and no payload.
"""

from __future__ import annotations

from typing import Final

from linkage.audit_log import AUDIT_TABLE
from linkage.store import Schema

__all__ = ["LINKAGE_UNIT"]

_AS_IT_IS: Final = "USING COMPRESSION uncompressed"

_TABLES: Final[dict[str, str]] = {
    # Format, profile, key id, counters; never the registry key.
    "meta": "key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL",
    # Every submission whose codes were received. Both digests are under the registry key; that of the content is of the
    # codes alone.
    "submissions": (
        "submission BIGINT PRIMARY KEY, reporter VARCHAR NOT NULL, sequence BIGINT NOT NULL, digest VARCHAR NOT NULL,"
        " content_digest VARCHAR NOT NULL, n_records BIGINT NOT NULL, received_at VARCHAR NOT NULL,"
        " UNIQUE (reporter, sequence)"
    ),
    # The current version of the codes of each record. Only those are linked that the last notice calls live. A record
    # keeps its rid when it is superseded; a rid is never reused, and is not that of the statistics unit. Of purged
    # records match keys that other persons had too are gone, and of settled ones, whose review is over, all of them.
    "records": (
        "rid BIGINT NOT NULL, reporter VARCHAR NOT NULL, handle BLOB NOT NULL, sequence BIGINT NOT NULL,"
        " digest BLOB NOT NULL, submission BIGINT NOT NULL, live BOOLEAN NOT NULL, purged BOOLEAN NOT NULL,"
        " settled BOOLEAN NOT NULL"
    ),
    # Codes of current records only, under the registry key: match keys are hashed, then enciphered as contents are.
    # Batch and number tell with which pads. What is enciphered cannot be compressed, and trying to took more time than
    # storing it.
    "codes": (
        f"rid BIGINT NOT NULL, kind UTINYINT NOT NULL, key_hi UBIGINT NOT NULL {_AS_IT_IS}, key_lo UBIGINT NOT NULL"
        f" {_AS_IT_IS}, content BLOB NOT NULL {_AS_IT_IS}, batch INTEGER NOT NULL, number INTEGER NOT NULL"
    ),
    # The nonce of each batch of codes, which is no secret and was drawn at random.
    "nonces": "batch INTEGER PRIMARY KEY, nonce BLOB NOT NULL",
    # How pairs compared before match keys were purged, if they are one person or for review: the level of each field,
    # int8 each.
    "kept_pairs": (
        "rid_a BIGINT NOT NULL, rid_b BIGINT NOT NULL, levels BLOB NOT NULL, captures INTEGER NOT NULL,"
        " sound_alike BOOLEAN NOT NULL"
    ),
    # What the last run remembers of its pairs and records, enciphered, in parts; and the nonce of each record's pads. A
    # live record without one is new to the next run.
    "remembered": "part INTEGER PRIMARY KEY, nonce BLOB NOT NULL, data BLOB NOT NULL",
    "pair_nonces": "rid BIGINT NOT NULL, nonce BLOB NOT NULL",
    # Pairs of records that are different persons, as the last notice says; why is not said.
    "apart": "rid_a BIGINT NOT NULL, rid_b BIGINT NOT NULL",
    "models": "model BIGINT PRIMARY KEY, created_at VARCHAR NOT NULL, parameters VARCHAR NOT NULL",
    # The last submission is that of this unit's own list, the notice the number of the one that the run followed. Draws
    # is their number; 0 if a purge took them.
    "runs": (
        "run BIGINT PRIMARY KEY, started_at VARCHAR NOT NULL, finished_at VARCHAR NOT NULL, model BIGINT,"
        " last_submission BIGINT NOT NULL, n_records BIGINT NOT NULL, n_pairs BIGINT NOT NULL, n_links BIGINT NOT NULL,"
        " n_review BIGINT NOT NULL, n_persons BIGINT NOT NULL, expected_precision DOUBLE,"
        " expected_recall DOUBLE, recall_is_bound BOOLEAN NOT NULL, notice BIGINT NOT NULL,"
        " draws BIGINT NOT NULL"
    ),
    # Links and persons of the latest run; each run replaces both tables. Log odds are natural logarithms; they still
    # tell pairs apart whose probabilities all round to 1.
    "links": (
        "rid_a BIGINT NOT NULL, rid_b BIGINT NOT NULL, match_weight DOUBLE NOT NULL, log_odds DOUBLE NOT NULL,"
        " probability DOUBLE NOT NULL, decision VARCHAR NOT NULL, reason VARCHAR NOT NULL"
    ),
    # Of the latest run, the records whose persons are not certain: in each draw their groups, numbered within the
    # component; no draw joins two components.
    "draws": "rid BIGINT NOT NULL, component BIGINT NOT NULL, labels BLOB NOT NULL",
    # What a record has, as far as its comparisons show, stands beside its person: number, date, year, names or nothing.
    "persons": "rid BIGINT NOT NULL, person_id VARCHAR NOT NULL, has VARCHAR NOT NULL",
    # How many joins of persons are missing because their records share no match key, as estimated by the latest run, by
    # what a record has and by reporters; an empty text stands for all.
    "never_met": (
        "has VARCHAR NOT NULL, reporter VARCHAR NOT NULL, other_reporter VARCHAR NOT NULL, joins DOUBLE NOT NULL,"
        " variance DOUBLE NOT NULL"
    ),
    "person_events": (
        "event BIGINT PRIMARY KEY, occurred_at VARCHAR NOT NULL, run BIGINT NOT NULL, kind VARCHAR NOT NULL,"
        " person_id VARCHAR NOT NULL, other_person_id VARCHAR"
    ),
    # Which public keys reporters were enrolled with, and what became of them; empty where the statistics unit is in the
    # same folder, which then has them.
    "enrolments": (
        "change BIGINT PRIMARY KEY, changed_at VARCHAR NOT NULL, changed_by VARCHAR NOT NULL, act VARCHAR NOT NULL,"
        " reporter VARCHAR NOT NULL, public_key VARCHAR NOT NULL, holds_from VARCHAR NOT NULL"
    ),
    # What was done with this unit, when and by whom, in a chain.
    "audit_log": AUDIT_TABLE,
}

LINKAGE_UNIT: Final = Schema("linkage", _TABLES, largest="codes")
