"""Person ids tell nothing without the registry key, and those of two recipients cannot be joined."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from linkage.errors import NotLinkedError, RegistryKeyError, SettingsError
from linkage.keys import RegistryKey
from linkage.linkage_unit.person_ids import new_person_id
from linkage.pipeline import Registry
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send

# Together these take too long for the quick run.
pytestmark = pytest.mark.whole

KEY = RegistryKey._from_secret(bytes(32))


def _linked(folder: Path, n: int = 12) -> Registry:
    folder.mkdir()
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive_all([send(folder / name, name, 1, crowd(name, range(n))) for name in "ab"])
    registry.link()
    return registry


def _linked_in_a_folder(folder: Path) -> Registry:
    return _linked(folder / "r")


@pytest.fixture
def linked(copy_of: CopyOf) -> Registry:
    return copy_of(_linked_in_a_folder)


def ids(registry: Registry, recipient: str | None = None) -> dict[tuple[str, str], str]:
    rows = registry.persons(recipient=recipient).to_pylist()
    return {(row["reporter"], row["record_id"]): row["person_id"] for row in rows}


def test_an_id_is_a_letter_and_128_bits():
    assert re.fullmatch("P[a-z2-7]{26}", new_person_id(KEY, 1, bytes(16)))


def test_an_id_depends_on_number_founder_and_key_alone():
    one = new_person_id(KEY, 1, bytes(16))
    assert one == new_person_id(KEY, 1, bytes(16))
    others = [(KEY, 2, bytes(16)), (KEY, 1, bytes([1] * 16)), (RegistryKey.generate(), 1, bytes(16))]
    assert len({one, *(new_person_id(*other) for other in others)}) == 4


def guessed(folder: Path, n: int = 60) -> float:
    """Return how well a reporter tells by the ids of its records which persons others knew before it.

    That is the share of pairs, of a person known before and one that was not, that are in the order of their ids: 1/2
    by chance, and 0 or 1 if ids tell all.
    """
    registry = _linked(folder, n)
    registry.receive(send(folder / "c", "c", 1, crowd("c", range(2 * n))))
    registry.link()
    own = {record_id: person for (reporter, record_id), person in ids(registry).items() if reporter == "c"}
    known, new = [own[f"c-{i}"] for i in range(n)], [own[f"c-{i}"] for i in range(n, 2 * n)]
    assert len({*known, *new}) == 2 * n
    return sum(old < other for old in known for other in new) / n**2


def test_a_reporter_cannot_tell_by_ids_which_persons_others_knew(tmp_path, monkeypatch):
    # The key is fixed, so that what is drawn by chance is the same each time.
    monkeypatch.setattr(RegistryKey, "generate", lambda: KEY)
    assert 0.35 < guessed(tmp_path / "r") < 0.65


def test_the_same_reporter_can_by_numbers_in_sequence(tmp_path, monkeypatch):
    monkeypatch.setattr("linkage.linkage_unit.run.new_person_id", lambda _key, number, _handle: f"P{number:026}")
    assert guessed(tmp_path / "r") == 1


def test_two_registries_give_one_record_two_ids(linked, tmp_path):
    other = _linked(tmp_path / "other")
    assert ids(linked).keys() == ids(other).keys()
    assert not set(ids(linked).values()) & set(ids(other).values())


def test_a_restored_registry_gives_no_new_person_the_id_that_another_had(linked, tmp_path):
    shutil.copytree(linked.path.parent, tmp_path / "backup")
    linked.receive(send(tmp_path / "c", "c", 1, crowd("c", [70])))
    linked.link()
    restored = Registry.open(tmp_path / "backup" / "r.duckdb")
    restored.receive(send(tmp_path / "d", "c", 1, crowd("c", [80])))
    restored.link()
    assert dump(linked, "SELECT value FROM linkage.meta WHERE key = 'next_person'") == [("14",)]
    assert dump(restored, "SELECT value FROM linkage.meta WHERE key = 'next_person'") == [("14",)]
    assert ids(linked)["c", "c-70"] != ids(restored)["c", "c-80"]
    assert len(set(ids(linked).values()) & set(ids(restored).values())) == 12


# For recipients.


def test_recipients_get_the_same_persons_under_ids_that_cannot_be_joined(linked):
    found = [ids(linked, recipient) for recipient in (None, "police", "school", "Police")]
    joined = {tuple(one[record] for one in found) for record in found[0]}
    assert len(joined) == 12
    assert len({person for row in joined for person in row}) == 4 * 12
    assert all(re.fullmatch("P[a-z2-7]{26}", person) for row in joined for person in row)


def test_the_ids_of_a_recipient_last_like_those_of_the_registry(linked, tmp_path):
    before, own = ids(linked, "police"), ids(linked)
    linked.receive(send(tmp_path / "c", "b", 2, [Rec("b-1", 90), *crowd("b", [30])]))
    linked.link()
    after, now = ids(Registry.open(linked.path), "police"), ids(linked)
    assert {record for record in before if before[record] != after[record]} == {
        record for record in own if own[record] != now[record]
    }
    assert before["a", "a-1"] == after["a", "a-1"]


@pytest.mark.parametrize("name", ["", "a b", "å", "a/b", "x" * 65, "a\n"])
def test_a_malformed_recipient_is_refused(linked, name):
    with pytest.raises(SettingsError) as caught:
        linked.persons(recipient=name)
    assert caught.value.rule == "export.recipient"
    assert caught.value.hint


def test_ids_for_a_recipient_need_the_key_and_those_of_the_registry_do_not(linked):
    linked.registry_key.unlink()
    assert len(ids(linked)) == 24
    with pytest.raises(RegistryKeyError) as caught:
        linked.persons(recipient="police")
    assert caught.value.rule == "registry_key.unreadable"


def test_ids_for_a_recipient_before_the_first_run(tmp_path):
    with pytest.raises(NotLinkedError):
        Registry.create(tmp_path / "r.duckdb", profile=PROFILE).persons(recipient="police")
