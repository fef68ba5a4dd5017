"""A disk that is full: an error of one line, and everything that stood before stands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.errors import NotErasedError
from linkage.pipeline import Registry
from linkage.store import Store
from tests.registries import CopyOf
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, unit_file

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of a file for one process"),
]

REGISTRY = ("r.duckdb", "r.duckdb.key", "r.duckdb.statistics.key")

LIMIT = 300_000
"""Less than what each test has to write, more than what it takes to open a registry."""

# A limit on the size of files stands for a full disk: both are met in the middle of a write.
_PROGRAM = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from linkage.cli import main
main(sys.argv[2:])
"""


def limited(limit: int, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the command with no file allowed to grow beyond a limit."""
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(limit), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.whole
@pytest.mark.parametrize("program", ["linkage", "pseudonym"])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_under_standard_output_is_no_internal_error(program):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", program, "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.returncode == 6
    assert (
        done.stderr
        == f"{program}: The disk is full, or a quota or a limit on the size of files is used up. (output.full)\n"
    )


def linked(folder: Path) -> Registry:
    registry = Registry.create(folder / "r.duckdb", profile=PROFILE)
    registry.receive(send(folder / "1", "a", 1, crowd("a", range(20))))
    registry.link()
    return registry


@pytest.fixture
def registry(copy_of: CopyOf) -> Registry:
    return copy_of(linked)


def held(registry: Registry) -> tuple[tuple, ...]:
    return (
        *dump(registry, "SELECT count(*), max(sequence) FROM records"),
        *dump(registry, "SELECT count(*) FROM codes"),
        *dump(registry, "SELECT count(*) FROM persons"),
        *dump(registry, "SELECT count(*) FROM runs"),
    )


def assert_full(done: subprocess.CompletedProcess[str], rule: str) -> None:
    assert (done.returncode, done.stdout) == (6, ""), done.stderr
    assert done.stderr.startswith("linkage: ")
    what, hint = done.stderr.splitlines()
    assert "The disk is full, or a quota or a limit on the size of files is used up." in what
    assert what.endswith(f"({rule})")
    assert "Free some space" in hint or "free space" in hint


@pytest.mark.whole
def test_full_while_receiving(tmp_path, registry):
    path = send(tmp_path / "2", "a", 2, crowd("b", range(6_000)))
    before = held(registry)
    assert_full(limited(LIMIT, "receive", registry.path, path), "registry.full")
    assert held(registry) == before
    assert registry.receive(path).new == 6_000


@pytest.mark.slow
def test_full_while_linking(tmp_path, registry):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(10_000))))
    before = held(registry)
    assert_full(limited(LIMIT, "link", registry.path), "registry.full")
    assert held(registry) == before
    assert registry.link().persons == 10_000


def put_off(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receive a submission that supersedes a record, and stop before its old codes are erased."""

    def stop(_store: Store) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("linkage.store.Store.rewrite", stop)
        with pytest.raises(OSError, match=r"^$"):
            registry.receive(send(registry.path.with_name("3"), "a", 2, [Rec("a-1", 90_000)]))


# The limit on the size of files stops the copy at its beginning or in its middle.
@pytest.mark.whole
@pytest.mark.parametrize("share", [0.05, pytest.param(0.5, marks=pytest.mark.slow)])
@pytest.mark.parametrize("command", ["receive", pytest.param("link", marks=pytest.mark.slow)])
def test_full_while_erasing(tmp_path, registry, monkeypatch, command, share):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(6_000))))
    put_off(registry, monkeypatch)
    before = held(registry)
    limit = int(unit_file(registry, "linkage").stat().st_size * share)
    words = [registry.path, *([tmp_path / "3"] if command == "receive" else [])]
    done = limited(limit, command, *words)
    assert done.stdout.count("already received") == (command == "receive")
    # The receipts are printed before the error.
    done.stdout = ""
    assert_full(done, "registry.not_erased")
    assert "What was to be erased is still in the registry file." in done.stderr
    assert "Whatever was stored remains stored." in done.stderr
    assert "The next receive, link or erase tries again" in done.stderr
    assert held(registry) == before
    assert registry.status().erase_pending
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["1", "2", "3", *REGISTRY]
    registry.link()
    assert not registry.status().erase_pending


@pytest.mark.whole
def test_a_copy_that_a_killed_erasure_left_is_removed_by_the_next_writer(tmp_path, registry, monkeypatch):
    put_off(registry, monkeypatch)
    left = [
        tmp_path / "r.duckdb" / ".linkage.duckdb.rewrite",
        tmp_path / "r.duckdb" / ".linkage.duckdb.rewrite.wal",
        tmp_path / "r.duckdb" / "linkage.duckdb.tmp" / "duckdb_temp_1",
    ]
    left[2].parent.mkdir()
    for path in left:
        path.write_bytes(b"half of it")
    monkeypatch.setattr("linkage.store.Store._copy", lambda *_arguments: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(NotErasedError):
        registry.receive(tmp_path / "3")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["1", "3", *REGISTRY]


@pytest.mark.whole
def test_full_while_making(tmp_path):
    profile = tmp_path / "p.json"
    profile.write_text(PROFILE.to_json())
    assert_full(limited(20_000, "init", tmp_path / "r.duckdb", "--profile", profile), "registry.full")
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.json"]


SLOW = pytest.mark.slow
"""The other ways to write a table; a full disk meets all of them in `pseudonym.output`."""


@pytest.mark.whole
@pytest.mark.parametrize("suffix", ["csv", pytest.param("parquet", marks=SLOW), pytest.param("xlsx", marks=SLOW)])
def test_full_while_exporting(tmp_path, registry, suffix):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(3000))))
    registry.link()
    out = tmp_path / f"persons.{suffix}"
    text = "reporter,record_id,person_id\na,before,P000001\n"
    out.write_text(text)
    before = sorted(entry.name for entry in tmp_path.iterdir())
    done = limited(20_000, "export", "persons", registry.path, "--out", out)
    assert (done.returncode, done.stdout) == (6, "")
    assert "The persons file cannot be written: the disk is full, or a quota" in done.stderr
    assert out.read_text() == text
    # The entry of the export is stored before it begins; the next writer moves it from the log of DuckDB into the file.
    assert sorted(entry.name for entry in tmp_path.iterdir()) in (before, sorted([*before, "r.duckdb.wal"]))
    assert registry.audit.entries()[-1].act == "export persons"
    registry.exports.persons()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == before
    assert registry.audit.verify().proven
