"""The audit log of a registry: which acts it has, in the transaction of each, and what it outlives."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import linkage
from linkage.audit_log.acts import ACTS
from linkage.errors import AuditError, RefusedError, RegistryKeyError, SettingsError
from linkage.pipeline import Registry
from tests.unit.codebooks import book_of
from tests.unit.linkage.helpers import (
    OTHER_KEY_ID,
    PROFILE,
    Rec,
    crowd,
    dump,
    registry_bytes,
    send,
    take_back,
    unit_file,
    unit_store,
)

pytestmark = pytest.mark.whole

UNITS = ("linkage", "statistics")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def acts(registry: Registry) -> list[str]:
    return [entry.act for entry in registry.audit.entries()]


def last(registry: Registry) -> dict[str, object]:
    return dict(registry.audit.entries()[-1].members)


def log_rows(registry: Registry, unit: str = "statistics") -> list[tuple]:
    return dump(registry, f"SELECT * FROM {unit}.audit_log ORDER BY entry")


def test_every_act_has_its_entry_and_the_log_is_proven(tmp_path):
    one, two = book_of("1", {"why": (False, "a b")}), book_of("2", {"why": (False, "a b c")})
    registry = Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=one)
    registry.roster.set("a", kind="police", from_period="2026-01")
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4)), codebook=one))
    registry.receive_all([send(tmp_path / "2", "b", 1, crowd("b", range(4)), codebook=one)])
    registry.held.dismiss([1])
    registry.receive(take_back(tmp_path / "3", "a", 2, records=["a-1"]))
    registry.codebooks.add(two)
    registry.codebooks.end("1", date(2027, 1, 1))
    registry.link()
    registry.exports.persons(recipient="statistics", form="csv")
    registry.exports.links()
    registry.erase_before(date(2026, 5, 1))
    done = acts(registry)
    assert done == [
        *("init", "roster", "receive", "hold back", "dismiss", "withdraw", "take hand-over"),
        *("codebook add", "codebook end", "take hand-over", "link", "export persons", "export links"),
        *("erase", "take hand-over"),
    ]
    of_codes = [entry.act for entry in registry.audit_of("linkage").entries()]
    # A notice follows from the withdrawal, from the run and from the rule that erases.
    assert of_codes == ["init", "receive", "take notice", "take notice", "link", "take notice"]
    for unit, entered in (("statistics", done), ("linkage", of_codes)):
        assert set(entered) <= set(ACTS)
        found = registry.audit_of(unit).verify()
        assert (found.proven, found.sealed) == (True, len(entered))
        text = "".join(row[1] for row in log_rows(registry, unit))
        assert not any(name in text for name in ("a-0", "a-1", "b-0", "P000001"))


def test_entries_have_the_numbers_of_the_act(tmp_path, registry):
    bad = Rec("x", 9, {"role": "bystander"})
    registry.receive(send(tmp_path / "1", "a", 1, [*crowd("a", range(4)), bad]))
    told = last(registry)
    assert told.pop("digest") == dump(registry, "SELECT digest FROM submissions")[0][0]
    assert told == {
        "kind": "delivery",
        "reporter": "a",
        "period": "2026-03",
        "sequence": 1,
        "outcome": "stored",
        "records": 5,
        "new": 4,
        "quarantined": 1,
        "fixed_key_id": True,
    }
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-1", "a-7"]))
    told = dict(registry.audit.entries(act="withdraw")[-1].members)
    assert (told["outcome"], told["withdrawn"], told["records"]) == ("withdrawn", 1, 2)
    # The codes of the record are erased at the other unit, which is told nothing else.
    notice = registry.audit_of("linkage").entries()[-1]
    assert (notice.act, dict(notice.members)) == ("take notice", {"number": 2, "live": 3, "erased": 1})
    assert last(registry) == {"number": 0, "persons": 0}
    registry.receive(send(tmp_path / "f", "a-", 9, [Rec("f", 1)]), accept_reporters=["a-"], accept_sequence=True)
    assert last(registry)["accepted"] == ["sequence", "reporter"]
    registry.link()
    table = registry.exports.persons(recipient="statistics", form="csv")
    assert last(registry) == {"run": 1, "rows": table.num_rows, "recipient": "statistics", "form": "csv"}


def test_what_changes_nothing_has_no_entry_and_leaves_every_byte(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4))))
    registry.link()
    before = registry_bytes(registry)
    registry.persons()
    registry.links()
    registry.summary()
    registry.status()
    registry.audit.entries()
    registry.audit.verify()
    registry.audit.repeat()
    registry.erase_before(date(2026, 5, 1), dry_run=True)
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(4))), dry_run=True)
    with pytest.raises(RefusedError):
        registry.receive(send(tmp_path / "3", "c", 1, crowd("c", [1]), key_id=OTHER_KEY_ID))
    registry.receive(tmp_path / "1")
    assert registry_bytes(registry) == before
    assert acts(registry) == ["init", "receive", "take hand-over", "link"]


def test_an_export_needs_a_registry_that_can_be_written(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(2))))
    registry.link()
    with pytest.raises(SettingsError) as caught:
        registry.exports.links(recipient="an/other")
    assert caught.value.rule == "export.recipient"
    if os.name == "nt" or os.geteuid() == 0:
        return
    unit_file(registry).chmod(0o400)
    with pytest.raises(linkage.LinkageError) as refused:
        registry.exports.persons()
    assert refused.value.rule == "registry.forbidden"
    assert registry.persons().num_rows == 2


def test_an_act_and_its_entry_are_stored_together_or_not_at_all(tmp_path, registry, monkeypatch):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    before = log_rows(registry)
    with monkeypatch.context() as patch:
        patch.setattr("linkage.store.session.write_entry", broken)
        for act in (
            lambda: registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4)))),
            lambda: registry.roster.set("a", kind="police", from_period="2026-01"),
            lambda: registry.link(),
        ):
            with pytest.raises(ZeroDivisionError):
                act()
    assert log_rows(registry) == before
    assert dump(registry, "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM roster)") == [(0, 0)]
    assert dump(registry, "SELECT count(*) FROM runs") == [(0,)]


def test_the_log_outlives_the_rewriting_of_the_file_byte_for_byte(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4))))
    before = {unit: (log_rows(registry, unit), unit_file(registry, unit).stat().st_ino) for unit in UNITS}
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-1"]))
    for unit, (rows, inode) in before.items():
        assert unit_file(registry, unit).stat().st_ino != inode
        assert log_rows(registry, unit)[: len(rows)] == rows
        assert registry.audit_of(unit).verify(head=rows[-1][2]).proven


def test_without_the_key_an_entry_is_not_sealed_and_a_later_seal_covers_it(tmp_path, registry):
    away = tmp_path / "away"
    registry.statistics_key.rename(away)
    registry.roster.set("a", kind="police", from_period="2026-01")
    assert registry.audit.entries()[-1].sealed_by is None
    found = registry.audit.verify(key_file=away)
    assert (found.whole, found.proven, found.covered) == (True, False, 1)
    away.rename(registry.statistics_key)
    registry.roster.set("b", kind="police", from_period="2026-01")
    found = registry.audit.verify()
    assert (found.proven, found.sealed, found.entries) == (True, 2, 3)


def test_the_key_of_another_registry_seals_nothing_and_checks_nothing(tmp_path, registry):
    other = Registry.create(tmp_path / "other.duckdb", profile=PROFILE)
    opened = Registry.open(registry.path, statistics_key=other.statistics_key)
    opened.roster.set("a", kind="police", from_period="2026-01")
    assert opened.audit.entries()[-1].sealed_by is None
    assert opened.audit.verify().checked == 0
    with pytest.raises(RegistryKeyError) as caught:
        registry.audit.verify(key_file=other.statistics_key)
    assert caught.value.rule == "statistics_key.other"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_in_place_of_the_key_is_not_waited_for(tmp_path, registry):
    os.mkfifo(tmp_path / "pipe")
    opened = Registry.open(registry.path, statistics_key=tmp_path / "pipe")
    opened.roster.set("a", kind="police", from_period="2026-01")
    assert opened.audit.entries()[-1].sealed_by is None


def test_who_acts_is_entered_beside_the_account(registry):
    with linkage.acting_as("Anna Berg"):
        registry.roster.set("a", kind="police", from_period="2026-01")
    registry.roster.set("b", kind="police", from_period="2026-01")
    one, two = registry.audit.entries()[-2:]
    assert (one.actor, one.account) == ("Anna Berg", two.account)
    assert two.actor == two.account != ""


def test_edits_by_hand_are_seen(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4))))
    registry.link()
    with unit_store(registry).session(write=True) as session:
        session.rows("UPDATE audit_log SET content = replace(content, '\"records\":4', '\"records\":3')")
    found = registry.audit.verify()
    assert [(fault.entry, fault.rule) for fault in found.faults] == [(2, "audit.digest"), (2, "audit.seal")]
    with unit_store(registry).session(write=True) as session:
        session.rows("DELETE FROM audit_log")
    with pytest.raises(AuditError) as caught:
        registry.roster.set("a", kind="police", from_period="2026-01")
    assert caught.value.rule == "audit.empty"
    assert registry.roster.entries() == []


_PROGRAM = """
import os, signal, sys
from linkage.pipeline import Registry
from linkage.store import Session

registry = Registry.open(sys.argv[1], wait=60)
if sys.argv[2] == "killed":
    log = Session.log

    def killed(self, *arguments, **options):
        log(self, *arguments, **options)
        print("killed", flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    Session.log = killed
for number in range(int(sys.argv[3])):
    registry.roster.set(f"{sys.argv[2]}-{number}", kind="police", from_period="2026-01")
"""


def start(registry: Registry, *words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(registry.path), *map(str, words)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_killed_after_its_entry_and_before_the_end_leaves_neither_act_nor_entry(registry):
    before = log_rows(registry)
    with start(registry, "killed", 1) as process:
        assert process.communicate()[0] == "killed\n"
    assert log_rows(registry) == before
    assert registry.roster.entries() == []
    registry.roster.set("a", kind="police", from_period="2026-01")
    assert registry.audit.verify().proven


def test_two_processes_at_once_write_one_chain(registry):
    with start(registry, "one", 8) as one, start(registry, "two", 8) as two:
        assert (one.wait(), two.wait()) == (0, 0)
    found = registry.audit.verify()
    assert (found.proven, found.entries) == (True, 17)
    assert len(registry.roster.entries()) == 16
