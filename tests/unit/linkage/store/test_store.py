"""The registry file: which files are opened or refused, transactions, and rewriting."""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
import threading
import time
import traceback
import weakref

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from linkage.errors import NotARegistryError, RegistryBusy, RegistryError, SettingsError
from linkage.linkage_unit.tables import LINKAGE_UNIT
from linkage.statistics_unit.tables import STATISTICS_UNIT
from linkage.store import FORMAT_VERSION, Session, Store, database

_OPENED = """import sys
from linkage.linkage_unit.tables import LINKAGE_UNIT
from linkage.store import Store"""


@pytest.fixture
def store(tmp_path) -> Store:
    store = Store(tmp_path / "r.duckdb", LINKAGE_UNIT, wait=0.3)
    store.create({"profile": "{}"})
    return store


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_new_store_holds_its_first_entries(store):
    with store.session(write=False) as session:
        assert session.get("profile") == "{}"
        assert session.get("format") == f"linkage-unit/{FORMAT_VERSION}"
        assert session.get("none", "default") == "default"


def test_only_the_owner_may_read_a_new_store(store):
    if os.name != "nt":
        assert store.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "kind",
    [
        "file",
        "folder",
        pytest.param(
            "dangling link",
            marks=pytest.mark.skipif(os.name == "nt", reason="on Windows only an administrator may make a link"),
        ),
    ],
)
def test_create_never_overwrites(tmp_path, kind):
    path = tmp_path / "r.duckdb"
    if kind == "file":
        path.write_text("mine")
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(RegistryError) as caught:
        Store(path, STATISTICS_UNIT).create({})
    assert caught.value.rule == "registry.exists"
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.duckdb"]
    assert kind != "file" or path.read_text() == "mine"


def test_create_in_a_missing_folder_leaves_nothing(tmp_path):
    with pytest.raises(RegistryError) as caught:
        Store(tmp_path / "none" / "r.duckdb", STATISTICS_UNIT).create({})
    assert caught.value.rule == "registry.folder"
    assert list(tmp_path.iterdir()) == []


def test_create_works_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    store = Store(tmp_path / "r.duckdb", STATISTICS_UNIT)
    store.create({"profile": "{}"})
    with store.session(write=False) as session:
        assert session.get("profile") == "{}"
    with pytest.raises(RegistryError):
        store.create({})
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.duckdb"]


VERSIONS = {"older": -1, "newer": 1}
"""Kinds of registries of another version, and how far they are from this one."""


def foreign(path, kind):
    """Create something other than a registry at a path."""
    if kind == "folder":
        path.mkdir()
    elif kind in {"plain DuckDB", *VERSIONS, "other meta", "meta of another program"}:
        with duckdb.connect(path) as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
            if kind in VERSIONS:
                entry = f"statistics-unit/{FORMAT_VERSION + VERSIONS[kind]}"
                connection.execute(f"CREATE TABLE meta AS SELECT 'format' AS key, '{entry}' AS value")
            if kind == "other meta":
                connection.execute("CREATE TABLE meta AS SELECT 1 AS a")
            if kind == "meta of another program":
                connection.execute("CREATE TABLE meta AS SELECT 'format' AS key, 'library/1' AS value")
    else:
        path.write_bytes(
            {"empty": b"", "text": b"a,b\n1,2\n", "noise": os.urandom(9000), "short": b"12345678DUC"}[kind]
        )


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("version", [3, 5])
def test_a_registry_that_had_both_units_in_one_file_is_refused(tmp_path, version, write):
    path = tmp_path / "r.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TABLE meta AS SELECT 'format' AS key, 'linkage-registry/{version}' AS value")
    for schema in (LINKAGE_UNIT, STATISTICS_UNIT):
        with pytest.raises(NotARegistryError) as caught, Store(path, schema).session(write=write):
            pass
        assert caught.value.rule == "registry.older"
        assert "receive all submissions again" in caught.value.hint


@pytest.mark.parametrize("write", [False, True])
def test_a_unit_refuses_the_file_of_the_other(store, write):
    before = digest(store.path)
    with pytest.raises(NotARegistryError) as caught, Store(store.path, STATISTICS_UNIT).session(write=write):
        pass
    assert caught.value.rule == "registry.other_unit"
    assert digest(store.path) == before


@pytest.mark.whole
@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        *("folder", "empty", "text", "noise", "short", "plain DuckDB", *VERSIONS, "other meta"),
        "meta of another program",
    ],
)
def test_what_is_not_a_registry_is_refused_and_left_alone(tmp_path, kind, write):
    path = tmp_path / "r.duckdb"
    foreign(path, kind)
    before = None if path.is_dir() else digest(path)
    with pytest.raises(NotARegistryError) as caught, Store(path, STATISTICS_UNIT).session(write=write):
        pass
    assert caught.value.rule == f"registry.{kind if kind in VERSIONS else 'not_one'}"
    assert [entry.name for entry in tmp_path.iterdir()] == ["r.duckdb"]
    assert before is None or digest(path) == before


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("in_place", [False, True])
def test_what_takes_the_place_of_a_registry_between_two_sessions_is_left_alone(store, tmp_path, write, in_place):
    for before in (False, True):
        with store.session(write=before) as session:
            session.rows("SELECT 1")
    foreign(tmp_path / "other", "plain DuckDB")
    if in_place:
        store.path.write_bytes((tmp_path / "other").read_bytes())
    else:
        (tmp_path / "other").replace(store.path)
    held = digest(store.path)
    for _ in range(2):
        with pytest.raises(NotARegistryError) as caught, store.session(write=write):
            pass
        assert caught.value.rule == "registry.not_one"
        assert digest(store.path) == held


def opened_by(monkeypatch) -> list[bool]:
    """Return a list to which each opening of a file adds whether it is for writing."""
    seen = []

    class Seen(database.Attached):
        def __init__(self, path, config, *, write):
            seen.append(write)
            super().__init__(path, config, write=write)

    monkeypatch.setattr(database, "Attached", Seen)
    return seen


def test_a_file_that_stays_as_it_was_is_opened_for_writing_at_once(store, monkeypatch):
    seen = opened_by(monkeypatch)
    for _ in range(3):
        with store.session(write=True) as session:
            session.set("other", "1")
    assert seen == [False, True, True, True]
    with Store(store.path, LINKAGE_UNIT).session(write=True) as session:
        session.set("other", "2")
    assert seen[4:] == [False, True]
    with store.session(write=True) as session:
        # Another object has changed it, and the log is not moved into it.
        session.rows("PRAGMA disable_checkpoint_on_shutdown")
        session.set("other", "3")
    with store.session(write=True) as session:
        assert session.get("other") == "3"
    assert seen[6:] == [False, True, False, True]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_before_it_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    # Held open and with something in it, so that whoever reads it all the same is not stuck; and then it is gone.
    held = os.open(tmp_path / "pipe", os.O_RDWR | os.O_NONBLOCK)
    try:
        os.write(held, b"it is no registry")
        with pytest.raises(NotARegistryError), Store(tmp_path / "pipe", STATISTICS_UNIT).session(write=False):
            pass
        assert os.read(held, 99) == b"it is no registry"
    finally:
        os.close(held)


def test_a_missing_registry_is_not_created(tmp_path):
    with pytest.raises(RegistryError) as caught, Store(tmp_path / "r.duckdb", STATISTICS_UNIT).session(write=True):
        pass
    assert caught.value.rule == "registry.missing"
    assert list(tmp_path.iterdir()) == []


def flipped(data: bytes, place: int) -> bytes:
    """Return data with one bit changed."""
    return data[:place] + bytes([data[place] ^ 16]) + data[place + 1 :]


BLOCK = 262_144
"""Bytes of a block of DuckDB, each of which has a checksum; before the first are three headers of 4096 bytes."""

DAMAGE = {
    "cut after three tenths": lambda data: data[: len(data) * 3 // 10],
    "cut after seven tenths": lambda data: data[: len(data) * 7 // 10],
    "cut by a byte": lambda data: data[:-1],
    "a bit of the header": lambda data: flipped(data, 100),
    "a bit of the first word": lambda data: flipped(data, 9),
    "zeros for the header": lambda data: bytes(4096) + data[4096:],
    "a bit of both other headers": lambda data: flipped(flipped(data, 4096 + 40), 8192 + 40),
    "a bit of every block": lambda data: b"".join(
        [data[:12288], *(flipped(data[at : at + BLOCK], 99) for at in range(12288, len(data), BLOCK))]
    ),
    "zeros for half of it": lambda data: data[: len(data) // 2] + bytes(len(data) - len(data) // 2),
}


@pytest.mark.whole
@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_registry_is_called_one(store, kind, write):
    with store.session(write=True) as session, session.transaction():
        session.run("INSERT INTO codes SELECT range, 1, hash(range), 1, 'pol-secret'::BLOB, 1, 0 FROM range(50000)")
    store.path.write_bytes(DAMAGE[kind](store.path.read_bytes()))
    with pytest.raises(RegistryError) as caught, store.session(write=write) as session:
        session.rows("SELECT sum(rid), sum(key_hi::HUGEINT), min(content) FROM codes")
    assert caught.value.rule == "registry.damaged"
    assert caught.value.message.startswith("The registry file is damaged: ")
    assert caught.value.hint.startswith("Restore the backup of the file")
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("kind", ["a bit", "a log of another file"])
def test_a_damaged_log_is_damage_of_the_registry(store, kind):
    log = store.path.with_name("r.duckdb.wal")
    with store.session(write=True) as session:
        session.rows("PRAGMA disable_checkpoint_on_shutdown")
        session.set("pol-secret", "x" * 1000)
    other = Store(store.path.with_name("other.duckdb"), LINKAGE_UNIT)
    other.create({})
    if kind == "a bit":
        log.write_bytes(flipped(log.read_bytes(), 600))
    else:
        other.path.replace(store.path)
    with pytest.raises(RegistryError) as caught, store.session(write=False):
        pass
    assert caught.value.rule == "registry.damaged"


def test_damage_met_inside_a_transaction_is_not_taken_for_a_busy_registry(store):
    # After the failed statement, each further one complains about the transaction.
    with store.session(write=True) as session, session.transaction():
        session.run("INSERT INTO codes SELECT range, 1, hash(range), 1, 'x'::BLOB, 1, 0 FROM range(50000)")
    data = store.path.read_bytes()
    store.path.write_bytes(DAMAGE["a bit of every block"](data))
    incoming = pa.table({"key": ["a"], "value": ["1"]})
    query = "INSERT INTO meta SELECT key, sum(rid) FROM source, codes GROUP BY key"
    with pytest.raises(RegistryError) as caught, store.session(write=True) as session, session.transaction():
        session.load(query, source=incoming)
    assert caught.value.rule == "registry.damaged"


@pytest.mark.whole
@pytest.mark.parametrize(
    ("error", "rule", "words"),
    [
        (duckdb.TransactionException("Failed to commit: No space left on device"), "full", "The disk is full"),
        (duckdb.IOException("Could not write file: Disk quota exceeded"), "full", "The disk is full"),
        (duckdb.FatalException("Failed to create checkpoint: File too large"), "full", "The disk is full"),
        (duckdb.FatalException("There is not enough space on the disk."), "full", "The disk is full"),
        (duckdb.OutOfMemoryException("failed to offload data block of size 1"), "full", "The disk is full"),
        (duckdb.OutOfMemoryException("could not allocate block"), "memory", "ran out of memory"),
        (duckdb.TransactionException("Conflict on tuple deletion!"), "busy", "Another process is using"),
        (duckdb.TransactionException("Failed to commit: Input/output error"), "io", "the disk is failing"),
        (duckdb.FatalException("Failed to commit: Corrupt database file"), "damaged", "is damaged"),
        (duckdb.SerializationException("field id mismatch"), "damaged", "is damaged"),
        (duckdb.InternalException("index out of range"), "io", "the disk is failing, or the file is damaged"),
        (duckdb.BinderException("no such column"), "fault", "a bug in the library"),
    ],
)
def test_each_error_of_duckdb_has_its_own_sentence(store, error, rule, words):
    # Raised by hand: no small disk, quota or failing disk is at hand on every system.
    with pytest.raises(RegistryError) as caught, store.session(write=False):
        raise error
    assert caught.value.rule == f"registry.{rule}"
    assert words in caught.value.message


def test_what_follows_a_full_disk_does_not_hide_it(store):
    # As Python chains them if a statement fails for want of space and the next one is tried in the same transaction.
    aborted = duckdb.TransactionException("Current transaction is aborted (please ROLLBACK)")
    aborted.__context__ = duckdb.IOException("Could not write file: No space left on device")
    with pytest.raises(RegistryError) as caught, store.session(write=False):
        raise aborted
    assert caught.value.rule == "registry.full"


@pytest.mark.whole
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO meta VALUES ('pol-secret', 'x')", "SELECT 'pol-secret'::BIGINT", "SELECT pol_secret FROM meta"],
)
def test_messages_of_duckdb_are_not_passed_on(store, statement):
    with store.session(write=True) as session:
        session.set("pol-secret", "x")
    with pytest.raises(RegistryError) as caught, store.session(write=True) as session:
        session.rows(statement)
    assert caught.value.rule == "registry.fault"
    assert "secret" not in "".join(traceback.format_exception(caught.value)).replace(statement, "")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_forbidden_registry(store):
    store.path.chmod(0)
    with pytest.raises(RegistryError) as caught, store.session(write=False):
        pass
    assert caught.value.rule == "registry.forbidden"


def test_reading_leaves_every_byte(store):
    before = digest(store.path)
    with store.session(write=False) as session:
        session.rows("SELECT count(*) FROM records")
        with pytest.raises(duckdb.Error):
            session.set("profile", "other")
    assert digest(store.path) == before
    assert [entry.name for entry in store.path.parent.iterdir()] == ["r.duckdb"]


def test_a_transaction_is_stored_completely_or_not_at_all(store):
    def interrupted():
        with store.session(write=True) as session, session.transaction():
            session.set("profile", "other")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with store.session(write=True) as session:
        assert session.get("profile") == "{}"
        with session.transaction():
            session.set("profile", "new")
    with store.session(write=False) as session:
        assert session.get("profile") == "new"


def test_load_reads_arrow_and_forgets_the_name(store):
    with store.session(write=True) as session:
        session.load("INSERT INTO meta SELECT * FROM source", source=pa.table({"key": ["a"], "value": ["1"]}))
        assert session.get("a") == "1"
        assert session.table("SELECT value FROM meta WHERE key = 'a'").to_pydict() == {"value": ["1"]}
        with pytest.raises(duckdb.Error):
            session.rows("SELECT * FROM source")


@pytest.mark.whole
@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH 'other.duckdb'",
        "COPY meta TO 'out.csv'",
        "SELECT * FROM read_csv('r.csv')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM frame",
    ],
)
def test_the_database_is_sealed_off(store, statement, tmp_path, monkeypatch):
    frame = pa.table({"a": [1]})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.csv").write_text("a\n1\n")
    with store.session(write=True) as session, pytest.raises(duckdb.Error):
        session.rows(statement)
    assert frame.num_rows == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["r.csv", "r.duckdb"]


def test_the_number_of_threads_is_set(tmp_path):
    store = Store(tmp_path / "r.duckdb", STATISTICS_UNIT, threads=1)
    store.create({})
    with store.session(write=False) as session:
        assert session.rows("SELECT current_setting('threads')") == [(1,)]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"threads": 0}, "registry.threads"),
        ({"threads": -1}, "registry.threads"),
        # For the lock, -1 means to wait forever.
        ({"wait": -1}, "registry.wait"),
        ({"wait": float("nan")}, "registry.wait"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, options, rule):
    with pytest.raises(SettingsError) as caught:
        Store(tmp_path / "r.duckdb", STATISTICS_UNIT, **options)
    assert caught.value.rule == rule


def test_waiting_forever_is_allowed(store):
    with Store(store.path, LINKAGE_UNIT, wait=float("inf")).session(write=False) as session:
        assert session.get("profile") == "{}"


# Concurrent use.

_HOLD = """
import sys, time
from linkage.linkage_unit.tables import LINKAGE_UNIT
from linkage.store import Store
with Store(sys.argv[1], LINKAGE_UNIT).session(write=sys.argv[2] == "write"):
    print("open", flush=True)
    time.sleep(float(sys.argv[3]))
"""


def holding(path, mode, seconds):
    """Start another process that holds the registry open."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path), mode, str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


@pytest.mark.parametrize(("theirs", "ours"), [("write", True), ("write", False), ("read", True)])
@pytest.mark.whole
def test_a_registry_in_use_is_busy_after_a_short_wait(store, theirs, ours):
    with holding(store.path, theirs, 60) as process:
        began = time.monotonic()
        with pytest.raises(RegistryBusy) as caught, store.session(write=ours):
            pass
        assert 0.2 < time.monotonic() - began < 5
        assert caught.value.rule == "registry.busy"
        process.kill()
        process.communicate()


@pytest.mark.whole
def test_two_may_read_at_once(store):
    with holding(store.path, "read", 60) as process:
        with store.session(write=False) as session:
            assert session.get("profile") == "{}"
        process.kill()
        process.communicate()


@pytest.mark.whole
def test_a_session_waits_until_the_registry_is_free(store):
    patient = Store(store.path, LINKAGE_UNIT, wait=30)
    with holding(store.path, "write", 0.5) as process:
        with patient.session(write=True) as session:
            assert session.get("profile") == "{}"
        process.communicate()


@pytest.mark.whole
def test_threads_of_one_process_take_turns(store):
    patient = Store(store.path, LINKAGE_UNIT, wait=30)

    def work():
        for _ in range(5):
            with patient.session(write=True) as session, session.transaction():
                session.set("count", str(int(session.get("count", "0")) + 1))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.session(write=False) as session:
        assert session.get("count") == "20"


def test_a_session_inside_a_session_is_busy_and_not_stuck(store):
    with store.session(write=True), pytest.raises(RegistryBusy), store.session(write=False):
        pass


# Erasing.


def fill(session: Session) -> bytes:
    """Store many codes, delete one with recognisable content, and return that content."""
    mark = bytes(range(1, 65))
    contents = [mark, *(hashlib.sha512(bytes([i % 256, i // 256])).digest() for i in range(3000))]
    table = pa.table(
        {
            "rid": pa.array(range(3001), pa.int64()),
            "kind": pa.array([1] * 3001, pa.uint8()),
            "key_hi": pa.array(range(3001), pa.uint64()),
            "key_lo": pa.array(range(3001), pa.uint64()),
            "content": pa.array(contents, pa.binary()),
            "batch": pa.array([1] * 3001, pa.int32()),
            "number": pa.array(range(3001), pa.int32()),
        }
    )
    session.load("INSERT INTO codes SELECT * FROM source", source=table)
    session.rows("CHECKPOINT")
    session.rows("DELETE FROM codes WHERE rid = 0")
    session.mark_deleted()
    return mark


def test_rows_that_are_appended_are_freed_within_the_transaction(store):
    held = []
    with store.session(write=True) as session, session.transaction():
        session.run("CREATE TABLE numbers (number BIGINT NOT NULL)")
        for _ in range(3):
            numbers = np.arange(1_000)
            held.append(weakref.ref(numbers))
            session.append("numbers", pa.table({"number": numbers}))
            del numbers
        gc.collect()
        assert [one() for one in held] == [None] * 3
        assert session.rows("SELECT count(*), sum(number) FROM numbers") == [(3_000, 3 * 499_500)]


def test_a_rewrite_leaves_no_deleted_code_behind(store):
    with store.session(write=True) as session:
        mark = fill(session)
    assert mark in store.path.read_bytes(), "the test is blind if deleting alone removed it"
    mode = store.path.stat().st_mode
    store.rewrite()
    assert mark not in store.path.read_bytes()
    assert store.path.stat().st_mode == mode
    with store.session(write=False) as session:
        assert session.rows("SELECT count(*), min(rid), max(rid) FROM codes") == [(3000, 1, 3000)]
        assert not session.has_deleted
        assert session.get("profile") == "{}"
    assert [entry.name for entry in store.path.parent.iterdir()] == ["r.duckdb"]


def test_a_rewritten_registry_keeps_its_constraints(store):
    store.rewrite()
    with store.session(write=True) as session, pytest.raises(duckdb.ConstraintException):
        session.rows("INSERT INTO meta VALUES ('profile', 'twice')")


def test_a_rewrite_that_fails_leaves_the_old_file(store, monkeypatch):
    with store.session(write=True) as session:
        fill(session)
    before = digest(store.path)

    def refuse(*_arguments):
        raise OSError

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(RegistryError) as caught:
        store.rewrite()
    assert caught.value.rule == "registry.rewrite"
    assert digest(store.path) == before
    assert [entry.name for entry in store.path.parent.iterdir()] == ["r.duckdb"]
    with store.session(write=False) as session:
        assert session.has_deleted


@pytest.mark.whole
def test_nobody_can_write_while_the_file_is_rewritten(store, monkeypatch):
    seen = []
    replace = os.replace

    def watch(source, target):
        code = f"{_OPENED}\nwith Store(sys.argv[1], LINKAGE_UNIT, wait=0).session(write=True): pass"
        done = subprocess.run(
            [sys.executable, "-c", code, str(store.path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        seen.append(done.stderr)
        replace(source, target)

    monkeypatch.setattr(os, "replace", watch)
    store.rewrite()
    assert len(seen) == 1
    assert "RegistryBusy" in seen[0]
