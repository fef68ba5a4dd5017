"""Every command that writes, killed at any step or time: nothing half done, nothing in the way, nothing left."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from linkage.pipeline import Registry
from linkage.store import Store
from pseudonym.keyed import LinkageKey
from pseudonym.wire import read_header
from tests.faults.forks import Server
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, plain_codes, registry_bytes, send, take_back

N_RECORDS = 300
MANY = {"init": 50, "encode": 35, "receive": 35, "rewrite": 40, "withdraw": 30, "link": 20, "export": 25}
"""How often each command is killed: together more than 200 times."""

KILLED = -9

pytestmark = pytest.mark.slow


def test_there_are_more_than_two_hundred_kills() -> None:
    assert sum(MANY.values()) >= 200


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("scratch")) as server:
        yield server


REGISTRY = ("r.duckdb", "r.duckdb.key", "r.duckdb.statistics.key")


@dataclass(frozen=True)
class Source:
    """A folder with what the commands need, and what no file may hold once it was superseded, or withdrawn."""

    folder: Path
    superseded: tuple[bytes, ...]
    withdrawn: tuple[bytes, ...]
    contents_before: list[tuple]
    contents_after: list[tuple]


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Source:
    """Make a linked registry with an update to come, and the same with the update received and nothing erased yet."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "p.json").write_text(PROFILE.to_json())
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "1", "a", 1, crowd("a", range(N_RECORDS))))
    registry.receive(send(folder / "1b", "b", 1, crowd("b", range(N_RECORDS // 2))))
    registry.link()
    changed = range(0, N_RECORDS, 2)
    send(folder / "2", "a", 2, [Rec(f"a-{i}", i + N_RECORDS) for i in changed])
    ids = ", ".join(f"'a-{i}'" for i in changed)
    old = codes(registry, f"WHERE record_id IN ({ids})")
    others = codes(registry, f"WHERE record_id NOT IN ({ids})")
    take_back(folder / "w", "a", 2, records=[f"a-{i}" for i in changed])
    before = contents(registry)
    pending = folder / "pending"
    pending.mkdir()
    copy_to(pending, [folder / name for name in REGISTRY])
    registry = Registry.open(pending / "r.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "rewrite", lambda _store: None)
        registry.receive(folder / "2")
    assert registry.status().erase_pending
    # Other records of the same persons keep equal codes.
    superseded = tuple(old - codes(registry, ""))
    data = registry_bytes(pending / "r.duckdb")
    assert sum(value in data for value in superseded) > len(superseded) // 3, "the search is blind"
    rows = [f"r{n},Annabella{n},Oxenstierna,19{n % 90 + 10}-03-0{n % 9 + 1},x" for n in range(N_RECORDS)]
    (folder / "cases.csv").write_text("\n".join(["record_id,given_names,family_names,birth_date,sex", *rows]))
    LinkageKey.generate().save(folder / "key")
    return Source(folder, superseded, tuple(old - others), before, contents(registry))


def codes(registry: Registry, where: str) -> set[bytes]:
    """Return contents and both halves of match keys as DuckDB writes them to its file."""
    rows = dump(registry, f"SELECT content, key_hi, key_lo FROM coded {where}")
    return {value for content, *key in rows for value in (content, *(struct.pack("<Q", half) for half in key))}


def contents(registry: Registry) -> list[tuple]:
    """Read everything that a submission changes; a part of one would show."""
    return [
        *dump(registry, "SELECT count(*), count(DISTINCT rid), sum(sequence) FROM records"),
        *plain_codes(registry),
        *dump(registry, "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM reports)"),
        *dump(registry, "SELECT (SELECT count(*) FROM submissions), (SELECT count(*) FROM history)"),
        *dump(registry, "SELECT sum(n_records) FROM erasures"),
        *dump(registry, "SELECT value FROM meta WHERE key IN ('next_rid', 'key_id') ORDER BY key"),
    ]


def with_events(registry: Registry) -> list[tuple]:
    """Read the events of persons too, which a withdrawal ends and a run of linking adds to."""
    return [*contents(registry), *dump(registry, "SELECT count(*), sum(hash(person_id)) FROM person_events")]


def answers(registry: Registry) -> list[tuple]:
    return [
        *dump(registry, "SELECT count(*) FROM runs"),
        *dump(registry, "SELECT count(*), count(DISTINCT person_id), sum(rid) FROM persons"),
        *dump(registry, "SELECT count(*), sum(rid_a), sum(rid_b) FROM links"),
        *dump(registry, "SELECT count(*) FROM person_events"),
        *dump(registry, "SELECT value FROM linkage.meta WHERE key = 'next_person'"),
    ]


def bytes_of(folder: Path) -> bytes:
    """Return the bytes of everything in a folder and below it."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def kills(
    server: Server, make: Callable[[str], Path], words: Sequence[str], n: int, *, seed: int
) -> Iterator[tuple[Path, bool]]:
    """Run a command again and again, each time in a new folder, and kill it: half the time at a step.

    Yields:
        The folder, and whether the kill came in time.
    """
    rng = random.Random(seed)
    whole = server.run(make("counted"), *words, steps=True)
    timed = server.run(make("timed"), *words)
    assert (whole.status, timed.status) in {(0, 0), (3, 3)}, whole.err
    in_time = 0
    for kill in range(n):
        folder = make(str(kill))
        if kill % 2 == 0:
            # Spread evenly, so that every part of the work is met.
            step = 1 + int((kill + rng.random()) / n * (whole.steps - 1))
            done = server.run(folder, *words, after_steps=step)
        else:
            done = server.run(folder, *words, after_seconds=rng.uniform(0, timed.seconds * 0.9))
        in_time += done.status == KILLED
        yield folder, done.status == KILLED
        shutil.rmtree(folder)
    assert in_time > n // 2


def copy_to(folder: Path, files: Iterable[Path]) -> None:
    for file in files:
        if file.is_dir():
            shutil.copytree(file, folder / file.name)
        else:
            shutil.copy(file, folder)


def between(found: list[tuple], before: list[tuple], after: list[tuple]) -> bool:
    """Return whether each part of what is found is as before or as after: the two units are written one by one."""
    return all(one in pair for one, *pair in zip(found, before, after, strict=True))


def copies(tmp_path: Path, *files: Path) -> Callable[[str], Path]:
    """Return a function that makes a folder with copies of some files."""

    def make(name: str) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        copy_to(folder, files)
        return folder

    return make


def times(command: str) -> pytest.MarkDecorator:
    """Kill a command as often as it has kinds of moments at which to die."""
    return pytest.mark.parametrize("n", [MANY[command]])


@times("init")
@pytest.mark.parametrize("existing", [False, True])
def test_init(server, source, tmp_path, n, existing):
    words = ["linkage", "init", "r.duckdb", "--profile", "p.json", *(["--existing-key"] if existing else [])]
    key = source.folder / "r.duckdb.key"
    make = copies(tmp_path, source.folder / "p.json", source.folder / "1", *([key] if existing else []))
    for folder, _killed in kills(server, make, words, n // 2, seed=1):
        assert not existing or (folder / key.name).read_bytes() == key.read_bytes()
        had = (folder / "r.duckdb").exists()
        again = server.run(folder, *words)
        assert again.status == (6 if had else 0), again.err
        assert not had or "already exists at this path" in again.err
        # The key fits the registry, and the first writer removes what is left of a name that was just given.
        assert server.run(folder, "linkage", "receive", "r.duckdb", "1").status == 0
        assert names(folder) == {"p.json", "1", *REGISTRY}


@times("encode")
def test_encode(server, source, tmp_path, n):
    options = ["--key", "key", "--reporter", "a", "--sequence", "1", "--rejects", "no.csv", "--out", "out"]
    words = ["pseudonym", "encode", "cases.csv", *options]
    make = copies(tmp_path, source.folder / "key", source.folder / "cases.csv")
    for folder, _killed in kills(server, make, words, n, seed=2):
        if (folder / "out").exists():
            assert read_header(folder / "out").records == N_RECORDS
        assert server.run(folder, *words).status == 3
        assert read_header(folder / "out").records == N_RECORDS
        assert names(folder) == {"key", "cases.csv", "no.csv", "out"}


@times("receive")
def test_receive(server, source, tmp_path, n):
    files = [source.folder / name for name in (*REGISTRY, "2")]
    words = ["linkage", "receive", "r.duckdb", "2"]
    for folder, _killed in kills(server, copies(tmp_path, *files), words, n, seed=3):
        registry = Registry.open(folder / "r.duckdb")
        assert between(contents(registry), source.contents_before, source.contents_after)
        again = server.run(folder, *words)
        assert (again.status, again.err) == (0, "")
        assert contents(registry) == source.contents_after
        assert names(folder) == {file.name for file in files}
        data = bytes_of(folder)
        assert not any(value in data for value in source.superseded)


@times("rewrite")
def test_rewrite(server, source, tmp_path, n):
    # The submission was received already, so nothing but the erasure is left to do.
    pending = source.folder / "pending"
    files = [*(pending / name for name in REGISTRY), source.folder / "2"]
    words = ["linkage", "receive", "r.duckdb", "2"]
    for count, (folder, _killed) in enumerate(kills(server, copies(tmp_path, *files), words, n, seed=4)):
        registry = Registry.open(folder / "r.duckdb")
        assert contents(registry) == source.contents_after
        # Whichever command writes next tries again.
        again = server.run(folder, *(words if count % 4 else ["linkage", "link", "r.duckdb"]))
        assert (again.status, again.err) == (0, "")
        assert contents(registry) == source.contents_after
        assert names(folder) == {file.name for file in files}
        data = bytes_of(folder)
        assert not any(value in data for value in source.superseded)


@times("withdraw")
def test_withdraw(server, source, tmp_path, n):
    files = [source.folder / name for name in (*REGISTRY, "w")]
    words = ["linkage", "receive", "r.duckdb", "w"]
    assert any(value in bytes_of(source.folder) for value in source.withdrawn), "the search is blind"
    before = with_events(Registry.open(copies(tmp_path, *files)("before") / "r.duckdb"))
    for folder, _killed in kills(server, copies(tmp_path, *files), words, n, seed=7):
        registry = Registry.open(folder / "r.duckdb")
        after = with_events(Registry.open(tmp_path / "timed" / "r.duckdb"))
        assert after != before
        assert between(with_events(registry), before, after)
        again = server.run(folder, *words)
        assert (again.status, again.err) == (0, "")
        assert with_events(registry) == after
        assert names(folder) == {file.name for file in files}
        data = bytes_of(folder)
        assert not any(value in data for value in source.withdrawn)


@times("link")
def test_link(server, source, tmp_path, n):
    files = [source.folder / name for name in REGISTRY]
    words = ["linkage", "link", "r.duckdb"]
    make = copies(tmp_path, *files)
    before = answers(Registry.open(make("before") / "r.duckdb"))
    after = None
    for folder, _killed in kills(server, make, words, n, seed=5):
        after = after or answers(Registry.open(tmp_path / "timed" / "r.duckdb"))
        registry = Registry.open(folder / "r.duckdb")
        assert between(answers(registry), before, after)
        # A writer that finds nothing to do still tidies up, and hands over what the linkage unit has found.
        assert server.run(folder, "linkage", "receive", "r.duckdb", source.folder / "1").status == 0
        if answers(registry) == before:
            assert server.run(folder, *words).status == 0
        assert answers(registry) == after
        assert names(folder) == {file.name for file in files}


@times("export")
def test_export(server, source, tmp_path, n):
    files = [source.folder / name for name in REGISTRY]
    words = ["linkage", "export", "persons", "r.duckdb", "--out", "persons.csv"]
    for folder, _killed in kills(server, copies(tmp_path, *files), words, n, seed=6):
        whole = (tmp_path / "timed" / "persons.csv").read_bytes()
        assert not (folder / "persons.csv").exists() or (folder / "persons.csv").read_bytes() == whole
        assert server.run(folder, *words).status == 0
        assert (folder / "persons.csv").read_bytes() == whole
        assert names(folder) == {*(file.name for file in files), "persons.csv"}
