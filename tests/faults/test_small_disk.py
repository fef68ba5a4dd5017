"""Every command on a disk that is really full, from the first byte to the last: named as such, and nothing left."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from linkage.pipeline import Registry
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_header
from tests.faults.forks import Done, Server, small_disks_are_to_be_had
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not small_disks_are_to_be_had(), reason="this system lets no test mount a disk"),
]

N_RECORDS = 600
BALLAST = "ballast"
SIZES = (0, 1, 2, 4, 6, 9, 13, 18, 25, 33, 42, 52, 63, 75, 90, 110)
"""Free space, in hundredths of the bytes that the command needs."""


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("scratch"), disk="64m") as server:
        yield server


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A folder with what the commands need: a linked registry, an update for it, a case file, keys."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "p.json").write_text(PROFILE.to_json())
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "1", "a", 1, crowd("a", range(N_RECORDS))))
    registry.link()
    send(folder / "2", "a", 2, [Rec(f"a-{i}", i + N_RECORDS) for i in range(0, N_RECORDS, 2)])
    LinkageKey.generate().save(folder / "key")
    rows = [f"r{n},Annabella{n},Oxenstierna,19{n % 90 + 10}-03-0{n % 9 + 1},x{n}" for n in range(N_RECORDS)]
    (folder / "cases.csv").write_text("\n".join(["record_id,given_names,family_names,birth_date,sex", *rows]))
    return folder


REGISTRY = ("r.duckdb", "r.duckdb.key", "r.duckdb.statistics.key")
NEW = ["n.duckdb", "n.duckdb.key", "n.duckdb.statistics.key"]


def copy(file: Path, folder: Path) -> None:
    if file.is_dir():
        shutil.copytree(file, folder / file.name)
    else:
        shutil.copy(file, folder)


def fresh(server: Server, files: Sequence[Path], free: int | None) -> None:
    """Put the files on the small disk, and then something large that leaves only so many bytes free."""
    disk = server.seen
    assert disk is not None
    for entry in disk.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for file in files:
        copy(file, disk)
    if free is not None:
        room = os.statvfs(disk)
        with (disk / BALLAST).open("wb") as ballast:
            ballast.write(bytes(max(0, room.f_bavail * room.f_frsize - free)))


def names(server: Server) -> set[str]:
    assert server.seen is not None
    return {entry.name for entry in server.seen.iterdir()} - {BALLAST}


def state(server: Server, scratch: Path) -> list[tuple]:
    """Read what the registry on the small disk holds, from a copy of it and of its log."""
    assert server.seen is not None
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for file in server.seen.glob("r.duckdb*"):
        copy(file, scratch)
    registry = Registry.open(scratch / "r.duckdb")
    return [
        *dump(registry, "SELECT count(*), max(sequence) FROM records"),
        *dump(registry, "SELECT count(*), count(DISTINCT key_lo) FROM codes"),
        *dump(registry, "SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM history)"),
    ]


def assert_named(done: Done, status: int = 6) -> None:
    """Check the words: the one true reason, and one thing to do."""
    assert done.status == status, done.err
    assert "disk is full" in done.err.lower()
    assert any(words in done.err for words in ("Free some space", "free space", "Make room on the disk"))
    assert len(done.err.splitlines()) == 2
    assert "Another process" not in done.err


def test_receive(server, source, tmp_path):
    files = [source / name for name in (*REGISTRY, "2")]
    words = ("linkage", "receive", "r.duckdb", "2")
    clean = {file.name for file in files}
    fresh(server, files, None)
    before = state(server, tmp_path / "copy")
    assert server.run(server.disk, *words).status == 0
    after = state(server, tmp_path / "copy")
    needed = 2 * sum(file.stat().st_size for file in (source / "r.duckdb").iterdir())
    full = erasures = 0
    for size in SIZES:
        fresh(server, files, needed * size // 100)
        done = server.run(server.disk, *words)
        if done.status != 0:
            assert_named(done)
            full += 1
            stored = "superseding an older version" in done.out
            assert stored == ("registry.not_erased" in done.err)
            erasures += stored
            assert state(server, tmp_path / "copy") == (after if stored else before)
            assert names(server) <= clean | {"r.duckdb.wal"}
        (server.seen / BALLAST).unlink()
        done = server.run(server.disk, *words)
        assert (done.status, done.err) == (0, "")
        assert state(server, tmp_path / "copy") == after
        assert names(server) == clean
    assert full >= 2
    assert erasures >= 1


@pytest.mark.parametrize("command", ["init", "link", "export persons", "encode"])
def test_other_commands(server, source, command):
    files, words, made, needed = {
        "init": (
            ["p.json"],
            "linkage init n.duckdb --profile p.json",
            NEW,
            1 << 21,
        ),
        "link": (["r.duckdb", "r.duckdb.key"], "linkage link r.duckdb", [], 200_000),
        "export persons": (["r.duckdb"], "linkage export persons r.duckdb --out p.csv", ["p.csv"], 20_000),
        "encode": (
            ["key", "cases.csv"],
            "pseudonym encode cases.csv --key key --reporter a --sequence 1 --no-period --rejects no.csv --out out",
            ["no.csv", "out"],
            900_000,
        ),
    }[command]
    full = 0
    for size in SIZES:
        fresh(server, [source / name for name in files], needed * size // 100)
        done = server.run(server.disk, *words.split())
        if done.status not in {0, 3}:
            assert_named(done)
            full += 1
            assert names(server) <= {*files, "r.duckdb.wal"}
        (server.seen / BALLAST).unlink()
        if done.status not in {0, 3} or command != "init":
            done = server.run(server.disk, *words.split())
            assert (done.status, done.err) == (3 if command == "encode" else 0, "")
        assert names(server) == {*files, *made}
    assert full >= 1
    if command == "encode":
        assert read_header(server.seen / "out").records == N_RECORDS


def test_a_linkage_key_that_has_no_room(server, source):
    fresh(server, [], 0)
    assert_named(server.run(server.disk, "pseudonym", "keygen", "n.key"), status=5)
    assert names(server) == set()
