"""Which acts and members a log may hold."""

from __future__ import annotations

import pytest

from linkage.audit_log.acts import ACTS, check_members

NAMING = {"record", "record_id", "record_ids", "person", "person_id", "case", "case_id", "report_id", "handle", "rid"}
"""Members that would name a record, a person or a case."""


def test_no_act_has_a_member_that_names_a_record_person_or_case():
    assert {act: NAMING & set(members) for act, members in ACTS.items() if NAMING & set(members)} == {}


@pytest.mark.parametrize(
    ("act", "members"), [("look", {}), ("init", {"record_id": "pol-17"}), ("erase", {"outcome": 1})]
)
def test_what_is_not_listed_is_refused(act, members):
    with pytest.raises(ValueError, match="no such"):
        check_members(act, members)


def test_what_is_listed_is_taken():
    for act, members in ACTS.items():
        check_members(act, dict.fromkeys(members, 1))
