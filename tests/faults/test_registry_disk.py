"""A disk that is full: an error of one line, and everything that stood before stands."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, crowd, dump, send

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(os.name == "nt", reason="Windows cannot limit the size of a file for one process"),
]

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


@pytest.fixture
def registry(tmp_path) -> Registry:
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(20))))
    registry.link()
    return registry


def held(registry: Registry) -> tuple[tuple, ...]:
    return (
        *dump(registry, "SELECT count(*), max(sequence) FROM records"),
        *dump(registry, "SELECT count(*) FROM codes"),
        *dump(registry, "SELECT count(*) FROM persons"),
        *dump(registry, "SELECT count(*) FROM runs"),
    )


def assert_failed(done: subprocess.CompletedProcess[str]) -> None:
    assert (done.returncode, done.stdout) == (6, ""), done.stderr
    assert done.stderr.startswith("linkage: ")
    assert len(done.stderr.splitlines()) <= 2


def test_full_while_receiving(tmp_path, registry):
    path = send(tmp_path / "2", "a", 2, crowd("b", range(6_000)))
    before = held(registry)
    assert_failed(limited(LIMIT, "receive", registry.path, path))
    assert held(registry) == before
    assert registry.receive(path).new == 6_000


def test_full_while_linking(tmp_path, registry):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(10_000))))
    before = held(registry)
    done = limited(LIMIT, "link", registry.path)
    assert_failed(done)
    assert held(registry) == before
    assert registry.link().persons == 10_000


def test_full_while_erasing(tmp_path, registry):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(6_000))))
    with registry._store.session(write=True) as session:
        session.set("erase_pending", "1")
    before = held(registry)
    assert_failed(limited(LIMIT, "link", registry.path))
    assert held(registry) == before
    assert not [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".part")]


def test_full_while_making(tmp_path):
    profile = tmp_path / "p.json"
    profile.write_text(PROFILE.to_json())
    assert_failed(limited(20_000, "init", tmp_path / "r.duckdb", "--profile", profile))
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.json"]


def test_full_while_exporting(tmp_path, registry):
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(3000))))
    registry.link()
    out = tmp_path / "persons.csv"
    before = "reporter,record_id,person_id\na,before,P000001\n"
    out.write_text(before)
    done = limited(20_000, "export", "persons", registry.path, "--out", out)
    assert_failed(done)
    assert "The persons file cannot be written: the disk is full." in done.stderr
    assert out.read_text() == before
    assert not [entry.name for entry in tmp_path.iterdir() if "persons.csv." in entry.name]
