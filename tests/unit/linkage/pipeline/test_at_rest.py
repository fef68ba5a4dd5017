"""A registry at rest: no plain code in any file, no pad used twice, and which calls need the registry key."""

from __future__ import annotations

import re
import shutil
import struct
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from linkage.errors import RegistryKeyError
from linkage.keys import RegistryKey
from linkage.pipeline import Registry
from linkage.store import database
from pseudonym.wire import read_submission
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, plain_codes, registry_bytes, send, take_back

# Together these take too long for the quick run.
pytestmark = pytest.mark.whole

PADS = """
SELECT nonce, number, rid, kind, key_hi, key_lo, content FROM codes JOIN nonces USING (batch)
"""


@pytest.fixture
def registry(tmp_path) -> Registry:
    (tmp_path / "r").mkdir()
    return Registry.create(tmp_path / "r" / "r.duckdb", profile=PROFILE)


def sent(*paths: Path) -> set[bytes]:
    """Return the contents of submissions as they were sent."""
    return {
        content
        for path in paths
        for content in read_submission(path, profile=PROFILE, codebook=None).codes["content"].to_pylist()
    }


# Contents.


def test_what_is_stored_is_deciphered_to_what_was_sent(tmp_path, registry):
    paths = [send(tmp_path / name, name, 1, crowd(name, range(30))) for name in "ab"]
    registry.receive_all(paths)
    assert {content for *_, content in plain_codes(registry)} == sent(*paths)
    assert not sent(*paths) & {content for (content,) in dump(registry, "SELECT content FROM codes")}


def test_equal_codes_are_enciphered_differently(tmp_path, registry):
    registry.receive_all([send(tmp_path / name, name, 1, crowd(name, range(30))) for name in "ab"])
    registry.link()
    plain = plain_codes(registry)
    # Both reporters have sent the same persons.
    assert len({code[:3] for code in plain}) == len({code[-1] for code in plain}) == 90
    for column in ("key_hi", "key_lo", "content"):
        stored = {value for (value,) in dump(registry, f"SELECT {column} FROM codes")}
        assert len(stored) == 180
        assert not stored & {value for code in plain for value in code}


def halves(registry: Registry) -> set[bytes]:
    """Return both halves of each match key as DuckDB would write them if they were not enciphered."""
    return {struct.pack("<Q", half) for code in plain_codes(registry) for half in code[1:3]}


PIECE_BYTES = 1 << 14
"""Files are kept and searched in pieces of this length, since most of a file is as it was the moment before."""

LONGEST_BYTES = 256
"""Each piece goes on by this much into the next one, so that what lies across their border is found too."""


class Watched:
    """The files of a folder, as bytes, at every moment at which a registry reports its progress."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[str] = set()
        self.pieces: set[bytes] = set()

    def __call__(self, *_work: object) -> None:
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                self.seen.add(path.name.split("-")[0])
                self.keep(path.read_bytes())

    def keep(self, data: bytes) -> None:
        starts = range(0, len(data), PIECE_BYTES)
        self.pieces.update(data[start : start + PIECE_BYTES + LONGEST_BYTES] for start in starts)

    def holds(self, values: set[bytes]) -> bool:
        assert max(map(len, values)) <= LONGEST_BYTES
        found = re.compile(b"|".join(map(re.escape, values)))
        return any(found.search(piece) for piece in self.pieces)


@pytest.mark.parametrize("start", [0, PIECE_BYTES - 7, PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES - 8])
def test_the_search_finds_what_lies_across_a_border(tmp_path, start: int):
    watched = Watched(tmp_path)
    data = bytearray(3 * PIECE_BYTES)
    data[start : start + 8] = b"searched"
    watched.keep(bytes(data))
    assert watched.holds({b"searched", b"another!"})
    assert not watched.holds({b"another!"})


def test_neither_the_file_nor_its_log_nor_its_spill_files_ever_hold_a_plain_code(tmp_path, registry, monkeypatch):
    paths = [send(tmp_path / name, name, 1, crowd(name, range(25))) for name in "ab"]
    watched = Watched(registry.path.parent)
    load = database.Session.load

    def noted(session, query, **tables):
        load(session, query, **tables)
        watched()

    monkeypatch.setattr(database.Session, "load", noted)
    registry.receive_all(paths, progress=watched)
    registry.link(progress=watched)
    registry.explain("a/a-1", "b/b-1")
    registry.privacy()
    watched()
    assert {f"{unit}.duckdb{log}" for unit in ("linkage", "statistics") for log in ("", ".wal")} <= watched.seen
    assert not watched.holds(sent(*paths) | halves(registry))
    stored = {content for (content,) in dump(registry, "SELECT content FROM codes")}
    assert watched.holds(stored), "the search is blind"
    keys = {struct.pack("<Q", half) for row in dump(registry, "SELECT key_hi, key_lo FROM codes") for half in row}
    assert watched.holds(keys), "the search for match keys is blind"


def test_no_pad_is_used_twice(tmp_path, registry):
    used: defaultdict[tuple[bytes, int], set[tuple]] = defaultdict(set)

    def note(other: Registry = registry) -> int:
        rows = dump(other, PADS)
        for nonce, number, *row in rows:
            used[nonce, number].add(tuple(row))
        return len(rows)

    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(20))))
    # A backup, which goes on on its own and receives something else under the same numbers.
    shutil.copytree(registry.path.parent, tmp_path / "backup")
    assert note() == 60
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("a-3", 3, flips=(1,)), Rec("a-4", 77)]))
    note()
    # Withdrawn and sent again: the same content under another number; then a record that takes the place of none.
    registry.receive(take_back(tmp_path / "3", "a", 3, records=["a-5", "a-6"]))
    registry.receive(send(tmp_path / "4", "a", 4, crowd("a", range(9))))
    assert note() == 60
    registry._units.linkage.rewrite()
    assert note() == 60
    restored = Registry.open(tmp_path / "backup" / "r.duckdb")
    restored.receive(send(tmp_path / "5", "a", 2, [Rec("a-3", 3, flips=(2,)), Rec("a-9", 5)]))
    assert note(restored) == 60
    again = Registry.create(
        tmp_path / "again.duckdb", profile=PROFILE, registry_key=registry.registry_key, existing_key=True
    )
    again.receive(send(tmp_path / "6", "b", 1, crowd("b", range(50, 70))))
    assert note(again) == 60
    assert all(len(rows) == 1 for rows in used.values())
    assert len(used) == 60 + 2 * 3 + 4 * 3 + 2 * 3 + 60


def test_a_record_sent_again_is_enciphered_anew(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", [1])))
    before, plain = dump(registry, "SELECT content FROM codes"), plain_codes(registry)
    registry.receive(take_back(tmp_path / "2", "a", 2, records=["a-1"]))
    registry.receive(send(tmp_path / "3", "a", 3, crowd("a", [1])))
    assert not set(before) & set(dump(registry, "SELECT content FROM codes"))
    assert [row[-1] for row in plain_codes(registry)] == [row[-1] for row in plain]


def test_a_submission_without_new_codes_adds_no_batch(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", [1])))
    registry.receive(send(tmp_path / "2", "a", 2, crowd("a", [1]), period="2026-04"))
    assert dump(registry, "SELECT batch, octet_length(nonce) FROM nonces") == [(1, 12)]


# Which calls need the key.


def made_and_linked(folder: Path) -> Registry:
    made = Registry.create(folder / "r", profile=PROFILE)
    made.receive_all([send(folder / name, name, 1, crowd(name, range(9))) for name in "ab"])
    made.link()
    return made


@pytest.fixture
def linked(copy_of: CopyOf) -> Registry:
    return copy_of(made_and_linked)


def test_what_compares_no_codes_works_without_the_key(linked):
    linked.registry_key.unlink()
    without = Registry.open(linked.path)
    assert without.persons().num_rows == 18
    assert without.links().num_rows >= 9
    assert without.summary().records == 18
    assert without.status().linked
    assert without.coverage().num_rows == 2
    assert without.receipt("a").reporter == "a"
    assert len(without.codebooks.list()) == 1
    assert without.erase_before(date(2020, 1, 1)) == []


@pytest.mark.parametrize("call", ["link", "explain", "privacy"])
@pytest.mark.parametrize(("state", "rule"), [("gone", "unreadable"), ("other", "other"), ("cut", "form")])
def test_what_compares_codes_needs_the_key_and_changes_nothing_without_it(linked, call, state, rule):
    if state == "gone":
        linked.registry_key.unlink()
    elif state == "other":
        linked.registry_key.unlink()
        RegistryKey.generate().save(linked.registry_key)
    else:
        linked.registry_key.write_text(linked.registry_key.read_text()[:-5])
    before = registry_bytes(linked)
    with pytest.raises(RegistryKeyError) as caught:
        getattr(linked, call)(*(("a/a-1", "b/b-1") if call == "explain" else ()))
    assert caught.value.rule == f"registry_key.{rule}"
    assert caught.value.hint
    assert registry_bytes(linked) == before
