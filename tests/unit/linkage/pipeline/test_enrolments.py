"""Once reporters are enrolled, nobody can send in their name without signing, or fix what the registry expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import RefusedError
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import KEY_ID, OTHER_KEY_ID, PROFILE, crowd, dump, send, take_back
from tests.unit.linkage.trust import public_key
from tests.unit.pseudonym.totals import count

pytestmark = pytest.mark.whole


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    made.receive(send(tmp_path / "first", "police", 1, crowd("p", range(3))))
    key = public_key(1)
    made.enrolments.enrol("police", key, fingerprint=key.spoken)
    return made


def rule(registry: Registry, path: Path, **options) -> str:
    """Receive a file that is refused; nothing of it is stored and nothing is erased."""
    tables = ("submissions", "records", "history")
    before = [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    with pytest.raises(RefusedError) as caught:
        registry.receive(path, **options)
    assert [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before
    return caught.value.rule


def test_no_open_file_in_the_name_of_an_enrolled_reporter_is_received(registry, tmp_path):
    files = (
        send(tmp_path / "2", "police", 2, crowd("p", range(4))),
        send(tmp_path / "3", "police", 3, [], complete=True),
        take_back(tmp_path / "4", "police", 4),
        count(tmp_path / "5", "police", 5, {(): 9}),
    )
    accept = {"accept_withdrawals": True, "accept_replacements": True, "accept_sequence": True}
    assert {rule(registry, path, **accept) for path in files} == {"sender.unsigned"}
    assert registry.receive(tmp_path / "first").outcome == "already received"
    registry.enrolments.revoke("police")
    assert rule(registry, files[0]) == "sender.unsigned"


def test_others_may_send_open_files_unless_all_must_be_signed(registry, tmp_path):
    first, second = (send(tmp_path / name, name, 1, crowd(name, range(3))) for name in ("school", "shelter"))
    assert registry.receive(first).new == 3
    registry.enrolments.set_policy(enrolled_only=True)
    assert rule(registry, second) == "sender.enrolled_only"
    assert registry.receive(first).outcome == "already received"


def test_an_open_file_fixes_no_key_id_where_reporters_are_enrolled(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    key = public_key(1)
    registry.enrolments.enrol("police", key, fingerprint=key.fingerprint)
    forged = send(tmp_path / "forged", "x", 1, crowd("x", range(3)), key_id=OTHER_KEY_ID)
    assert rule(registry, forged) == "sender.key_id"
    registry.enrolments.set_policy(key_id=KEY_ID, epoch=1)
    assert rule(registry, forged) == "submission.key_id"
    assert registry.receive(send(tmp_path / "1", "school", 1, crowd("s", range(3)))).fixed_key_id is False
