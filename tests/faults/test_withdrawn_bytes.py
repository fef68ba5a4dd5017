"""What was withdrawn is in no file of the registry, byte by byte, also after a kill at any step.

The tests switch DuckDB's compression off, so that a value that is still in a file is found as it is; that the search
would find it is shown by leaving the rewrite out.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from linkage.pipeline import Registry, receiving
from pseudonym.codebook import load_codebook
from tests.unit.linkage.helpers import PROFILE, Rec, dump, registry_bytes, send, take_back

pytestmark = pytest.mark.whole

BOOK = load_codebook("case-registry")
# Its codes are found in no header.
ITEM = BOOK.by_name["purpose"]
RARE, COMMON = ITEM.codes[0].code, ITEM.codes[1].code

GONE = {
    "record_id": "gone-record",
    "report_id": "gone-report",
    "case_id": "gone-case",
    "event_date": "1899-11",
    "report_date": "1899-12",
}
OLD_CASE = "gone-older-case"


def open_plain(made: Registry) -> Registry:
    registry = Registry.open(made.path, registry_key=made.registry_key, statistics_key=made.statistics_key)
    for store in registry._units.stores.values():
        store._config["force_compression"] = "uncompressed"
    return registry


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    # Whatever is put into a temporary folder is searched too.
    monkeypatch.setenv("TMPDIR", str(tmp_path / "registry"))
    (tmp_path / "registry").mkdir()
    made = Registry.create(
        tmp_path / "registry" / "r.duckdb",
        profile=PROFILE,
        codebook=BOOK,
        registry_key=tmp_path / "key",
        statistics_key=tmp_path / "statistics.key",
    )
    plain = open_plain(made)
    for store in plain._units.stores.values():
        # The codebook was compressed when the registry was created.
        store.rewrite()
    return plain


def others(reporter: str, n: int = 40) -> list[Rec]:
    values = {"case_id": f"{reporter}-case", "event_date": "2026-01", "report_date": "2026-02"}
    return [Rec(f"{reporter}-{i}", i, values, payload={ITEM.name: COMMON}) for i in range(n)]


def gone(case_id: str = GONE["case_id"], **options: int) -> Rec:
    values = {name: value for name, value in GONE.items() if name != "record_id"} | {"case_id": case_id}
    return Rec(GONE["record_id"], 7, values, payload={ITEM.name: RARE}, own=1, **options)


def fill(registry: Registry, folder: Path) -> dict[str, bytes]:
    """Receive a record twice, once with a fault, among others; link; return what must be found nowhere afterwards."""
    with_book = {"codebook": BOOK}
    registry.receive(send(folder / "1", "a", 1, [*others("a"), gone(OLD_CASE)], **with_book))
    registry.receive(send(folder / "2", "b", 1, others("b"), **with_book))
    first = codes(registry)
    registry.receive(send(folder / "3", "a", 2, [gone(flips=(3,))], **with_book))
    registry.receive(send(folder / "4", "a", 3, [gone(missing=1)], period="2026-04", **with_book))
    registry.link()
    assert dump(
        registry, "SELECT count(*) FROM links, records WHERE rid IN (rid_a, rid_b) AND record_id LIKE 'gone%'"
    ) != [(0,)]
    assert dump(registry, "SELECT count(*) FROM quarantine") == dump(registry, "SELECT count(*) FROM history") == [(1,)]
    return (
        {name: value.encode() for name, value in GONE.items()} | {"older": OLD_CASE.encode()} | first | codes(registry)
    )


def codes(registry: Registry) -> dict[str, bytes]:
    """Return match keys, contents and digests that only the record has, as they are stored."""
    query = """
        SELECT key_hi, key_lo, content, l.digest, s.digest
        FROM linkage.codes JOIN linkage.records AS l USING (rid) JOIN records AS s USING (reporter, handle)
        WHERE record_id {} '{}' ORDER BY ALL
    """
    mine, rest = (dump(registry, query.format(sign, GONE["record_id"])) for sign in ("=", "<>"))
    shared = {value for row in rest for value in row}
    found = {}
    for row in mine:
        for value in row:
            if value not in shared:
                data = value.to_bytes(8, "little") if isinstance(value, int) else value
                found[f"stored {data.hex()}"] = data
    assert any(len(data) == 8 for data in found.values())
    assert any(len(data) > 8 for data in found.values())
    return found


def found_in_files(registry: Registry, needles: dict[str, bytes]) -> set[str]:
    """Search every file in the folder of the registry."""
    files = [path.read_bytes() for path in registry.path.parent.rglob("*") if path.is_file()]
    found = {name for name, needle in needles.items() if any(needle in data for data in files)}
    # The codebook itself is in the registry, and lists the code once.
    written = sum(data.count(RARE.encode()) for data in files)
    listed = BOOK.to_json().count(RARE)
    return found | ({"payload"} if written > listed else set())


def test_the_search_finds_what_is_there(registry, tmp_path, monkeypatch):
    """The sabotage: rows are deleted, but no file is rewritten."""
    needles = fill(registry, tmp_path)
    assert found_in_files(registry, needles) >= {*GONE, "payload"}
    monkeypatch.setattr(receiving, "erase", lambda units: None)
    registry.receive(take_back(tmp_path / "w", "a", 4, records=[GONE["record_id"]]))
    assert dump(registry, "SELECT count(*) FROM records WHERE record_id LIKE 'gone%'") == [(0,)]
    left = found_in_files(registry, needles)
    assert left >= {*GONE, "payload", "older"}
    assert {name for name in needles if name.startswith("stored ")} & left


def by_record(registry: Registry, folder: Path) -> None:
    registry.receive(take_back(folder / "w", "a", 4, records=[GONE["record_id"]]))


def by_case(registry: Registry, folder: Path) -> None:
    registry.receive(take_back(folder / "w", "a", 4, cases=[GONE["case_id"]]))


def by_everything(registry: Registry, folder: Path) -> None:
    registry.receive(take_back(folder / "w", "a", 4))


def by_complete_delivery(registry: Registry, folder: Path) -> None:
    # The newest delivery of the record with a valid row was for March.
    registry.receive(send(folder / "w", "a", 4, others("a"), codebook=BOOK, complete=True))


def by_age(registry: Registry, folder: Path) -> None:
    registry.erase_before(date(2000, 1, 1))


LONG = [pytest.param(act, marks=pytest.mark.slow) for act in (by_case, by_everything, by_age)]


@pytest.mark.parametrize("act", [by_record, by_complete_delivery, *LONG])
def test_nothing_is_left_in_any_file(registry, tmp_path, act: Callable[[Registry, Path], None]):
    needles = fill(registry, tmp_path)
    act(registry, tmp_path)
    assert found_in_files(registry, needles) == set()
    registry.link()
    assert found_in_files(registry, needles) == set()


def test_nothing_is_left_with_compression(tmp_path):
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK, registry_key=tmp_path / "key")
    needles = {
        name: data for name, data in fill(registry, tmp_path).items() if len(data) == PROFILE.encoding.content_bytes
    }
    assert needles
    data = registry_bytes(registry)
    assert all(needle not in data for name, needle in needles.items() if name not in codes(registry))
    registry.receive(take_back(tmp_path / "w", "a", 4, records=[GONE["record_id"]]))
    data = registry_bytes(registry)
    assert all(needle not in data for needle in needles.values())


_PROGRAM = """
import os, signal, sys
from pathlib import Path
import linkage.intake.erasure
from linkage.pipeline import Registry
from linkage.store import Store
import linkage.store.database

def die(*arguments, **options):
    os.kill(os.getpid(), signal.SIGKILL)

step, path, key, other_key, withdrawal = sys.argv[1:]
copy, replace = Store._copy, os.replace

def copy_and_die(self, old, part):
    copy(self, old, part)
    die()

def die_within(self, old, part):
    with self._new(part) as new:
        new.rows("CREATE TABLE half AS SELECT * FROM range(100000)")
        die()

def replace_and_die(source, target):
    replace(source, target)
    if step.endswith(Path(target).stem):
        die()

def erase_and_die(*arguments, **options):
    linkage.intake.erasure.erase_going(*arguments, **options)
    die()

if step == "before the commit":
    sys.modules["linkage.intake.withdraw"].erase_going = erase_and_die
elif step == "before the rewrite":
    Store.rewrite = die
elif step == "within the rewrite":
    Store._copy = die_within
elif step == "before the swap":
    Store._copy = copy_and_die
elif step.startswith("after the swap"):
    os.replace = replace_and_die
registry = Registry.open(path, registry_key=key, statistics_key=other_key)
for store in registry._units.stores.values():
    store._config["force_compression"] = "uncompressed"
registry.receive(withdrawal)
"""

# The linkage unit is rewritten first.
STEPS = (
    "before the commit",
    "before the rewrite",
    "within the rewrite",
    "before the swap",
    "after the swap of linkage",
    "after the swap of statistics",
)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=pytest.mark.slow) if step != "within the rewrite" else step for step in STEPS]
)
def test_nothing_is_left_after_a_kill_and_the_next_command(registry, tmp_path, step):
    needles = fill(registry, tmp_path)
    path = take_back(tmp_path / "w", "a", 4, records=[GONE["record_id"]])
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, step, registry.path, registry.registry_key, registry.statistics_key, path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    if step == "before the commit":
        # Nothing was withdrawn, so the next command is the same one again.
        assert dump(registry, "SELECT count(*) FROM erasures") == [(0,)]
        assert registry.receive(path).withdrawn == 1
    else:
        assert dump(registry, "SELECT n_records FROM erasures") == [(1,)]
        assert bool(found_in_files(registry, needles)) == (step != STEPS[-1])
        registry.link()
    assert found_in_files(registry, needles) == set()
    assert [entry.name for entry in registry.path.parent.iterdir()] == [registry.path.name]
    assert registry.receive(path).outcome == "already received"


def test_an_event_stays_without_content(registry, tmp_path):
    fill(registry, tmp_path)
    by_record(registry, tmp_path)
    ((reason, reporter, *numbers),) = dump(
        registry, "SELECT reason, reporter, n_records, n_versions, n_rows FROM erasures"
    )
    assert (reason, reporter, numbers) == ("withdrawn", "a", [1, 1, 1])
    columns = {
        row[0] for row in dump(registry, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'erasures'")
    }
    numbers = {"n_records", "n_versions", "n_rows", "n_totals"}
    assert columns == {"erasure", "occurred_at", "run", "reason", "reporter"} | numbers
