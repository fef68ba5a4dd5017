"""Whether a file may be from the reporter that it names: every state of a key, and files that are not signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from linkage.errors import RefusedError, SettingsError
from linkage.intake.trust.enrolments import enrol, read_enrolments, replace_key, resume, revoke, suspend
from linkage.intake.trust.policy import read_policy, set_policy
from linkage.intake.trust.senders import check_unsigned, find_signer
from linkage.statistics_unit.tables import STATISTICS_UNIT
from pseudonym.wire import Header
from tests.unit.linkage.helpers import KEY_ID, OTHER_KEY_ID
from tests.unit.linkage.trust import Memory, public_key

AT = "2026-05-03T10:00:00+00:00"
ONE, TWO, THREE = (public_key(number) for number in (1, 2, 3))


@dataclass
class Sealed:
    """What the header of a sealed file says."""

    reporter: str
    signer: str


@pytest.fixture
def database() -> Memory:
    session = Memory("meta", "enrolments", "records")
    session.set("key_id", KEY_ID)
    session.set("epoch", "1")
    enrol(session, "police", ONE, at="2026-05-01T10:00:00+00:00", by="eva")
    enrol(session, "school", TWO, at="2026-05-01T10:00:00+00:00", by="eva")
    return session


def rule(database: Memory, reporter: str, signer, *, at: str = AT) -> str | None:
    """Return the rule by which a sealed file is refused, or None."""
    try:
        found = find_signer(read_enrolments(database), Sealed(reporter, signer.fingerprint), at=at)
    except RefusedError as error:
        return error.rule
    assert (found.reporter, found.key) == (reporter, signer)
    return None


def open_header(reporter: str) -> Header:
    """Return the header of a file that is not signed."""
    return Header.model_construct(reporter=reporter, sequence=1, period=None)


def unsigned(database: Memory, header: Header) -> str | None:
    try:
        check_unsigned(database, header)
    except RefusedError as error:
        return error.rule
    return None


def test_a_key_holds_for_its_reporter_alone(database):
    assert rule(database, "police", ONE) is None
    assert rule(database, "police", THREE) == "sender.key"
    assert rule(database, "shelter", THREE) == "sender.unknown"
    assert rule(database, "shelter", ONE) == "sender.unknown"
    with pytest.raises(RefusedError, match="another enrolled reporter") as caught:
        find_signer(read_enrolments(database), Sealed("police", TWO.fingerprint), at=AT)
    assert (caught.value.rule, "another" in caught.value.message) == ("sender.key", False)


def test_of_a_suspended_reporter_nothing_is_received_until_it_is_resumed(database):
    replace_key(database, "police", THREE, until=date(2026, 5, 9), at=AT, by="eva")
    assert (rule(database, "police", ONE), rule(database, "police", THREE)) == (None, None)
    suspend(database, "police", at=AT, by="eva")
    assert {rule(database, "police", key) for key in (ONE, THREE)} == {"sender.suspended"}
    assert rule(database, "school", TWO) is None
    resume(database, "police", at=AT, by="eva")
    assert rule(database, "police", ONE) is None


def test_a_replaced_key_is_refused_from_the_day_after_its_last(database):
    replace_key(database, "police", THREE, until=date(2026, 5, 3), at=AT, by="eva")
    assert rule(database, "police", ONE, at="2026-05-03T23:59:59+00:00") is None
    assert rule(database, "police", ONE, at="2026-05-04T00:00:00+00:00") == "sender.replaced"
    assert rule(database, "police", THREE, at="2026-05-04T00:00:00+00:00") is None


def test_a_revoked_key_is_refused_from_its_day_on_and_a_new_one_is_not(database):
    revoke(database, "police", on=date(2026, 5, 4), at=AT, by="eva")
    assert rule(database, "police", ONE) is None
    assert rule(database, "police", ONE, at="2026-05-04T00:00:00+00:00") == "sender.revoked"
    replace_key(database, "police", THREE, at=AT, by="eva")
    assert rule(database, "police", THREE, at="2026-05-04T00:00:00+00:00") is None


@pytest.mark.parametrize("end", [revoke, suspend])
def test_in_the_name_of_an_enrolled_reporter_every_file_must_be_signed_for_good(database, end):
    assert unsigned(database, open_header("police")) == "sender.unsigned"
    end(database, "police", at=AT, by="eva")
    assert unsigned(database, open_header("police")) == "sender.unsigned"
    assert unsigned(database, open_header("shelter")) is None


def test_a_registry_may_accept_signed_files_only(database):
    set_policy(database, at=AT, signed=True)
    assert unsigned(database, open_header("shelter")) == "sender.enrolled_only"
    set_policy(database, at=AT, key_id=KEY_ID)
    assert read_policy(database).enrolled_only
    set_policy(database, at=AT, signed=False)
    assert unsigned(database, open_header("shelter")) is None


@pytest.mark.parametrize("missing", ["key_id", "epoch"])
def test_a_file_that_is_not_signed_fixes_no_key_id_once_reporters_are_enrolled(database, missing):
    database.set(missing, "")
    assert unsigned(database, open_header("shelter")) == "sender.key_id"
    database.rows("DELETE FROM enrolments")
    assert unsigned(database, open_header("shelter")) is None


def test_key_id_and_epoch_change_only_while_there_are_no_records(database):
    assert set_policy(database, at=AT, key_id=OTHER_KEY_ID, epoch=2).to_dict() == {
        "enrolled_only": False,
        "key_id": OTHER_KEY_ID,
        "key_id_fixed_by": "option",
        "epoch": 2,
    }
    columns = [one.split()[0] for one in STATISTICS_UNIT.tables["records"].split(",")]
    values = {"rid": "1", "sequence": "1", "submission": "1"}
    row = ", ".join(values.get(name, "'x'") for name in columns)
    database.rows(f"INSERT INTO records VALUES ({row})")
    set_policy(database, at=AT, key_id=OTHER_KEY_ID, epoch=2, signed=True)
    for change in ({"key_id": KEY_ID}, {"epoch": 3}):
        with pytest.raises(SettingsError) as caught:
            set_policy(database, at=AT, **change)
        assert caught.value.rule == "registry.fixed"


@pytest.mark.parametrize(
    ("change", "broken"),
    [({"key_id": "12"}, "registry.key_id"), ({"epoch": 0}, "registry.epoch"), ({"epoch": 10**9}, "registry.epoch")],
)
def test_a_malformed_policy_changes_nothing(database, change, broken):
    before = read_policy(database)
    with pytest.raises(SettingsError) as caught:
        set_policy(database, at=AT, signed=True, **change)
    assert caught.value.rule == broken
    assert read_policy(database) == before
