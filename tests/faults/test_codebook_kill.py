"""A process that is killed while it adds a codebook leaves the registry as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from linkage.pipeline import Registry
from tests.unit.codebooks import book_of, map_of
from tests.unit.linkage.helpers import PROFILE, Rec, send

pytestmark = pytest.mark.whole

_PROGRAM = """
import os, signal, sys
from datetime import date
from linkage.pipeline import Registry
from linkage.store import Session

rows = Session.rows

def killed(self, query, *values):
    found = rows(self, query, *values)
    if query.startswith(sys.argv[4]):
        print("killed", flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return found

Session.rows = killed
Registry.open(sys.argv[1]).codebooks.add(sys.argv[2], codebook_map=sys.argv[3], accept_old_until=date(2030, 1, 1))
"""

ONE, TWO = book_of("1", {"why": (False, "a b")}), book_of("2", {"why": (False, "c b")})
MAP = map_of(ONE, TWO, [{"item": "why", "codes": {"a": {"why": ["c"]}}}])


@pytest.mark.parametrize("statement", ["INSERT INTO codebooks", "UPDATE codebooks"])
def test_killed_while_a_codebook_is_added(tmp_path: Path, statement: str) -> None:
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=ONE)
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("r1", 1, payload={"why": "a"})], codebook=ONE))
    book, document = tmp_path / "two.json", tmp_path / "map.json"
    book.write_text(TWO.to_json(), encoding="utf-8")
    document.write_text(MAP.to_json(), encoding="utf-8")
    before = registry.codebooks.list()
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(registry.path), str(book), str(document), statement],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (ended.stdout, ended.returncode == 0) == ("killed\n", False)
    assert registry.codebooks.list() == before
    assert registry.receive(send(tmp_path / "2", "a", 2, [Rec("r2", 2)], codebook=ONE)).new == 1
    registry.codebooks.add(book, codebook_map=document, accept_old_until=date(2030, 1, 1))
    assert [(one.version, one.accepted_until) for one in registry.codebooks.list()] == [
        ("1", "2030-01-01"),
        ("2", None),
    ]
    assert not [entry.name for entry in tmp_path.iterdir() if entry.name.endswith((".wal", ".rewrite", ".new"))]
