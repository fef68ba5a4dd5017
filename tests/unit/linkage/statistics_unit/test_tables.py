"""The version of the registry format changes with the tables of either unit, and neither has what the other keeps."""

from __future__ import annotations

import hashlib

import pytest

from linkage.pipeline.units import SCHEMAS
from linkage.store import FORMAT_VERSION, Schema

_TABLES_6 = {
    "linkage": "fe64b2321669e9f4a7326a1f93fb678f23fe399fb39f560b109bf836b6db5cd9",
    "statistics": "1a4a98534938e091cf5cfa8f5263499e3b925e9dd108dcfe0df791bb809ec766",
}
# Version 7 has the same tables, with enciphered match keys in them.
DIGESTS = {
    6: _TABLES_6,
    7: _TABLES_6,
    8: _TABLES_6 | {"linkage": "ca4a7946bdee4c6e0dc931581ad2113f49864c845130588393818015d34c93df"},
    9: _TABLES_6 | {"linkage": "02ee82047c6addf4980277e7616ad43760a5678b9dd389df42a7f70eff2077cf"},
    10: {
        "linkage": "4c5a57abef15a30b7373ce1db192907e939717ff81628ce78b48dd641921dcfa",
        "statistics": "533b0c900aacc883958617bc90ffaacec304dd04eaafa086551700e1a2b2c181",
    },
    11: {
        "linkage": "0be98b430504305864ce1b410d76df68aca836415318d076fdfe04c6ee7a9f72",
        "statistics": "6826fc93bca51cc26df5d71cca75cf26a3756c60c0fc77675d366bd882e8adf0",
    },
    12: {
        "linkage": "7012ba803e53e66f218be967aba7afb6a8faf3ef40978fb71e0f35d1d344da92",
        "statistics": "6826fc93bca51cc26df5d71cca75cf26a3756c60c0fc77675d366bd882e8adf0",
    },
}
"""SHA-256 of the statements that create the tables, by format version. Add a version; never change an entry."""


def digest_of(tables: list[str]) -> str:
    return hashlib.sha256("\n".join(tables).encode()).hexdigest()


@pytest.mark.parametrize("unit", SCHEMAS)
def test_changed_tables_need_a_new_format_version(unit: str) -> None:
    assert DIGESTS[FORMAT_VERSION][unit] == digest_of(SCHEMAS[unit].statements())
    assert max(DIGESTS) == FORMAT_VERSION


@pytest.mark.parametrize("unit", SCHEMAS)
def test_one_more_column_changes_the_digest(unit: str) -> None:
    changed = [
        one.replace("rid BIGINT NOT NULL", "rid BIGINT NOT NULL, x BIGINT") for one in SCHEMAS[unit].statements()
    ]
    assert digest_of(changed) not in DIGESTS[FORMAT_VERSION].values()


def columns_of(schema: Schema) -> set[str]:
    return {column.split()[0] for columns in schema.tables.values() for column in columns.split(", ")}


def test_the_linkage_unit_has_no_column_for_what_a_record_is_about() -> None:
    about = {"record_id", "case_id", "report_id", "role", "event_date", "report_date", "period", "payload", "status"}
    assert about < columns_of(SCHEMAS["statistics"])
    assert not about & columns_of(SCHEMAS["linkage"])


def test_the_statistics_unit_has_no_column_for_codes() -> None:
    # The audit log has a column `content` too, which is no code.
    codes = {"key_hi", "key_lo", "batch"}
    assert codes < columns_of(SCHEMAS["linkage"])
    assert not codes & columns_of(SCHEMAS["statistics"])
