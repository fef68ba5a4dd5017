"""The life of a reporter's keys: enrolled, suspended, replaced, revoked, each act kept with its time and its author."""

from __future__ import annotations

from datetime import date

import pytest

from linkage.errors import TrustError
from linkage.intake.trust.enrolments import enrol, read_enrolments, replace_key, resume, revoke, suspend
from tests.unit.linkage.trust import Memory, public_key

MAY_1, MAY_2, MAY_3 = (f"2026-05-0{day}T10:00:00+00:00" for day in (1, 2, 3))
LATER = "2027-01-01T00:00:00+00:00"

ONE, TWO, THREE = (public_key(number) for number in (1, 2, 3))


@pytest.fixture
def database() -> Memory:
    return Memory("enrolments")


def states(database: Memory, reporter: str = "police") -> list[tuple[str, bool, bool]]:
    """Return for each key its state, and whether it holds on 3 May at noon and a year later."""
    return [
        (one.state, one.holds("2026-05-03T12:00:00+00:00"), one.holds(LATER))
        for one in read_enrolments(database, reporter)
    ]


def rule(act, *arguments, **options) -> str:
    with pytest.raises(TrustError) as caught:
        act(*arguments, **options)
    return caught.value.rule


def test_a_reporter_is_enrolled_once_and_each_with_a_key_of_its_own(database):
    done = enrol(database, "police", ONE, at=MAY_1, by="eva")
    assert (done.key, done.since, done.until, done.changed_by) == (ONE, MAY_1, None, "eva")
    assert states(database) == [("active", True, True)]
    assert rule(enrol, database, "police", TWO, at=MAY_2, by="eva") == "enrolment.exists"
    assert rule(enrol, database, "school", ONE, at=MAY_2, by="eva") == "enrolment.key_used"
    assert [one.reporter for one in read_enrolments(database)] == ["police"]


def test_what_is_suspended_can_be_resumed(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    assert rule(resume, database, "police", at=MAY_2, by="eva") == "enrolment.state"
    suspend(database, "police", at=MAY_2, by="bo")
    assert states(database) == [("suspended", False, False)]
    assert rule(suspend, database, "police", at=MAY_2, by="eva") == "enrolment.state"
    assert rule(replace_key, database, "police", TWO, at=MAY_2, by="eva") == "enrolment.state"
    done = resume(database, "police", at=MAY_3, by="eva")
    assert (done.changed_at, done.changed_by, done.since) == (MAY_3, "eva", MAY_1)
    assert states(database) == [("active", True, True)]


def test_a_replaced_key_ends_at_once_or_after_its_last_day(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    replace_key(database, "police", TWO, at=MAY_2, by="eva")
    assert states(database) == [("replaced", False, False), ("active", True, True)]
    replace_key(database, "police", THREE, until=date(2026, 5, 3), at=MAY_3, by="eva")
    assert states(database)[1:] == [("replaced", True, False), ("active", True, True)]
    second = read_enrolments(database)[1]
    assert second.holds("2026-05-03T23:59:59+00:00")
    assert not second.holds("2026-05-04T00:00:00+00:00")


def test_a_key_that_was_enrolled_never_comes_back(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    replace_key(database, "police", TWO, at=MAY_2, by="eva")
    for key in (ONE, TWO):
        assert rule(replace_key, database, "police", key, at=MAY_3, by="eva") == "enrolment.key_used"
    revoke(database, "police", at=MAY_3, by="eva")
    assert rule(replace_key, database, "police", TWO, at=MAY_3, by="eva") == "enrolment.key_used"


def test_the_last_day_of_an_old_key_is_not_over_and_the_key_not_revoked(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    last = date(2026, 5, 1)
    assert rule(replace_key, database, "police", TWO, until=last, at=MAY_2, by="eva") == "enrolment.date"
    revoke(database, "police", at=MAY_2, by="eva")
    last = date(2026, 5, 9)
    assert rule(replace_key, database, "police", TWO, until=last, at=MAY_2, by="eva") == "enrolment.until"
    assert states(database) == [("revoked", False, False)]


@pytest.mark.parametrize(
    ("on", "holds"),
    [(None, False), (date(2026, 4, 1), False), (date(2026, 5, 2), False), (date(2026, 6, 1), True)],
)
def test_a_key_is_revoked_at_once_or_from_a_day_on(database, on, holds):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    (ended,) = revoke(database, "police", on=on, at=MAY_2, by="eva")
    assert ended.until == (MAY_2 if on is None else f"{on}T00:00:00+00:00")
    assert states(database) == [("revoked", holds, False)]


@pytest.mark.parametrize(
    ("on", "ends"), [(date(2026, 6, 1), MAY_3), (date(2026, 5, 1), "2026-05-01T00:00:00+00:00"), (None, MAY_3)]
)
def test_a_suspended_key_does_not_hold_again_until_the_day_of_its_revocation(database, on, ends):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    replace_key(database, "police", TWO, until=date(2026, 12, 31), at=MAY_1, by="eva")
    suspend(database, "police", at=MAY_2, by="eva")
    assert {one.until for one in revoke(database, "police", on=on, at=MAY_3, by="eva")} == {ends}
    assert states(database) == [("revoked", False, False)] * 2


def test_a_revocation_ends_every_key_that_would_still_hold_and_can_be_dated_back(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    replace_key(database, "police", TWO, until=date(2026, 12, 31), at=MAY_2, by="eva")
    assert len(revoke(database, "police", on=date(2026, 5, 3), at=MAY_3, by="eva")) == 2
    assert states(database) == [("revoked", False, False)] * 2
    assert rule(revoke, database, "police", on=date(2026, 5, 9), at=MAY_3, by="eva") == "enrolment.state"
    assert len(revoke(database, "police", on=date(2026, 4, 1), at=MAY_3, by="eva")) == 2
    assert {one.until for one in read_enrolments(database)} == {"2026-04-01T00:00:00+00:00"}


def test_after_a_revocation_a_reporter_gets_a_new_key(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    revoke(database, "police", at=MAY_2, by="eva")
    assert rule(enrol, database, "police", TWO, at=MAY_3, by="eva") == "enrolment.exists"
    replace_key(database, "police", TWO, at=MAY_3, by="eva")
    assert states(database) == [("revoked", False, False), ("active", True, True)]


@pytest.mark.parametrize("act", [suspend, resume, revoke])
def test_nothing_can_be_done_with_who_is_not_enrolled(database, act):
    assert rule(act, database, "police", at=MAY_1, by="eva") == "enrolment.unknown"
    assert rule(replace_key, database, "police", ONE, at=MAY_1, by="eva") == "enrolment.unknown"


def test_every_act_is_in_the_audit_log(database):
    enrol(database, "police", ONE, at=MAY_1, by="eva")
    suspend(database, "police", at=MAY_2, by="eva")
    resume(database, "police", at=MAY_2, by="eva")
    replace_key(database, "police", TWO, at=MAY_2, by="eva")
    revoke(database, "police", on=date(2026, 6, 1), at=MAY_3, by="eva")
    one = {"reporter": "police", "fingerprint": ONE.fingerprint}
    two = {"reporter": "police", "fingerprint": TWO.fingerprint}
    assert database.logged == [
        ("enrol", one | {"holds_from": MAY_1}),
        ("suspend", one | {"holds_from": MAY_2}),
        ("resume", one | {"holds_from": MAY_2}),
        ("replace", one | {"holds_from": MAY_2}),
        ("enrol", two | {"holds_from": MAY_2}),
        ("revoke", two | {"holds_from": "2026-06-01T00:00:00+00:00"}),
    ]


def test_as_plain_values_a_key_has_both_forms_of_its_fingerprint(database):
    found = enrol(database, "police", ONE, at=MAY_1, by="eva").to_dict()
    assert (found["fingerprint"], found["fingerprint_to_compare"]) == (ONE.fingerprint, ONE.spoken)
    assert (found["public_key"], found["state"]) == (ONE.text, "active")
