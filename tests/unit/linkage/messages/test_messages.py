"""Messages as files: they read back, older ones and other files are refused, and taking one twice changes nothing."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from linkage.errors import ExportError, HandOverError, MessageError, NoticeError
from linkage.messages import read_hand_over, read_notice
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, make_profile, send, take_back

pytestmark = pytest.mark.whole

CASE = {"case_id": "c", "role": "victim"}
OTHER = {"case_id": "c", "role": "accompanying_adult"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a linked registry and both of its messages."""
    folder = tmp_path_factory.mktemp("messages")
    registry = Registry.create(folder / "r", profile=PROFILE)
    registry.receive(send(folder / "1", "a", 1, [*crowd("a", range(8)), Rec("x", 20, CASE), Rec("y", 20, OTHER)]))
    registry.receive(send(folder / "2", "b", 1, crowd("b", range(4, 12))))
    registry.link()
    registry.messages.make_notice(folder / "notice")
    registry.messages.make_hand_over(folder / "hand-over")
    return folder


@pytest.fixture
def registry(made: Path, tmp_path: Path) -> Registry:
    """A copy of that registry."""
    shutil.copytree(made / "r", tmp_path / "r")
    return Registry.open(tmp_path / "r", registry_key=made / "r.key", statistics_key=made / "r.statistics.key")


def held(registry: Registry) -> list[list[tuple]]:
    tables = ("linkage.records", "linkage.codes", "linkage.apart", "linkage.persons", "persons", "links", "runs")
    return [sorted(dump(registry, f"SELECT * FROM {table}"), key=repr) for table in (*tables, "person_events")]


def test_a_notice_says_what_is_live_and_what_is_different_in_handles_alone(made):
    notice = read_notice(made / "notice")
    assert (notice.live.num_rows, notice.apart.num_rows, notice.number) == (18, 1, 2)
    assert notice.live.column_names == ["reporter", "handle"]
    assert notice.seen.to_pylist() == [{"reporter": "a", "sequence": 1}, {"reporter": "b", "sequence": 1}]
    data = (made / "notice").read_bytes()
    assert not any(word in data for word in (b"victim", b"a-1", b"accompanying"))
    assert (made / "notice").stat().st_mode & 0o077 == 0


def test_a_hand_over_says_who_each_record_is_and_has_no_code(made):
    found = read_hand_over(made / "hand-over")
    assert (found.persons.num_rows, found.number, found.runs.num_rows) == (18, 1, 1)
    assert not {"content", "key_hi", "record_id"} & {
        name for table in found.tables.values() for name in table.column_names
    }


def test_taking_a_message_twice_changes_nothing(made, registry):
    before = held(registry)
    for _ in range(2):
        taken = registry.messages.take_notice(made / "notice")
        assert (taken.live, taken.waiting, taken.erased, taken.without_codes) == (18, 0, 0, 0)
        assert registry.messages.take_hand_over(made / "hand-over").records == 18
        assert held(registry) == before


def test_an_older_message_is_refused(made, registry, tmp_path):
    registry.receive(send(tmp_path / "3", "b", 2, crowd("b", range(12, 14))))
    registry.link()
    before = held(registry)
    with pytest.raises(NoticeError) as caught:
        registry.messages.take_notice(made / "notice")
    assert caught.value.rule == "notice.old"
    with pytest.raises(HandOverError) as other:
        registry.messages.take_hand_over(made / "hand-over")
    assert other.value.rule == "hand_over.old"
    assert held(registry) == before


def test_a_message_of_another_registry_is_refused(made, tmp_path):
    other = Registry.create(tmp_path / "other", profile=make_profile(padded=False))
    with pytest.raises(NoticeError) as caught:
        other.messages.take_notice(made / "notice")
    assert caught.value.rule == "notice.profile"
    with pytest.raises(HandOverError) as again:
        other.messages.take_hand_over(made / "hand-over")
    assert again.value.rule == "hand_over.profile"


def test_codes_that_the_statistics_unit_does_not_know_yet_wait_and_those_it_withdrew_go(registry, tmp_path):
    registry.messages.make_notice(tmp_path / "before")
    registry.receive(send(tmp_path / "3", "c", 5, crowd("c", range(3))))
    with registry._units.linkage.session(write=True) as codes:
        codes.rows("DELETE FROM meta WHERE key = 'notice'")
    taken = registry.messages.take_notice(tmp_path / "before")
    assert (taken.live, taken.waiting, taken.erased) == (18, 3, 0)
    registry.receive(take_back(tmp_path / "w", "c", 6))
    registry.messages.make_notice(tmp_path / "after")
    assert registry.messages.take_notice(tmp_path / "after").waiting == 0
    assert dump(registry, "SELECT count(*) FROM linkage.records WHERE reporter = 'c'") == [(0,)]


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def altered(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def rewritten(path: Path, **members: object) -> None:
    """Write the archive again with other members in its header."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["header.json"] = json.dumps(json.loads(parts["header.json"]) | members).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)


DAMAGE = {
    "cut": (cut, "not_one"),
    "a byte": (altered, "damaged"),
    "text": (lambda path: path.write_text("a,b"), "not_one"),
    "empty": (lambda path: path.write_bytes(b""), "not_one"),
    "gone": (Path.unlink, "unreadable"),
    "another version": (lambda path: rewritten(path, form="linkage-notice/2"), "version"),
    "the other kind": (lambda path: rewritten(path, form="linkage-hand-over/2"), "not_one"),
    "a number that is a text": (lambda path: rewritten(path, number="2"), "damaged"),
    "another member": (lambda path: rewritten(path, more=1), "damaged"),
    "no tables": (lambda path: rewritten(path, tables={}), "damaged"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_what_is_no_whole_notice_is_refused(made, tmp_path, registry, fault):
    damage, rule = DAMAGE[fault]
    shutil.copy(made / "notice", tmp_path / "n")
    damage(tmp_path / "n")
    before = held(registry)
    with pytest.raises(MessageError) as caught:
        registry.messages.take_notice(tmp_path / "n")
    assert caught.value.rule == f"notice.{rule}"
    assert caught.value.path == tmp_path / "n"
    assert held(registry) == before


def test_only_an_older_notice_is_replaced(registry, made, tmp_path):
    shutil.copy(made / "hand-over", tmp_path / "x")
    with pytest.raises(ExportError) as caught:
        registry.messages.make_notice(tmp_path / "x")
    assert caught.value.rule == "export.exists"
    shutil.copy(made / "notice", tmp_path / "y")
    registry.messages.make_notice(tmp_path / "y")
