"""What somebody who can write to the file may do to the log, and what shows it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import SimpleNamespace

import duckdb
import pytest

from linkage.audit_log import RULES, first_row, head, read_entries, verify
from linkage.audit_log.chain import Fault
from linkage.audit_log.entry import FIRST, Entry, digest_of, parse_entry, seal_of
from linkage.audit_log.table import AUDIT_TABLE
from linkage.errors import AuditError
from linkage.store import Session

AT = "2026-03-02T12:00:0{}+00:00"
N = 6


class Key:
    """A key of a unit, without a file."""

    def __init__(self, name: str) -> None:
        self.check = hashlib.sha256(name.encode()).hexdigest()[:32]

    def subkey(self, purpose: str) -> bytes:
        return hashlib.sha256(f"{self.check}/{purpose}".encode()).digest()


KEY, OTHER = Key("own"), Key("other")


@pytest.fixture
def log():
    """Yield a log of six entries, each sealed."""
    with duckdb.connect() as connection:
        session = Session(SimpleNamespace(connection=connection), lambda: KEY)
        session.rows("CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR)")
        session.rows(f"CREATE TABLE audit_log ({AUDIT_TABLE})")
        session.set("registry_key_check", KEY.check)
        row = first_row("init", {"format": 6}, at=AT.format(0), unit="registry", key=KEY)
        session.rows("INSERT INTO audit_log VALUES (?, ?, ?, ?, ?)", *row)
        for number in range(1, N):
            session.log("export persons", at=AT.format(number), rows=100 + number, run=number)
        yield session


def faults(log, **options) -> list[tuple[int, str]]:
    return [(one.entry, one.rule) for one in verify(log, **options).faults]


def store(log, entries: list[Entry], *, key=None) -> None:
    """Write these entries in place of the whole log, sealed under a key or not at all."""
    log.rows("DELETE FROM audit_log")
    for entry in entries:
        seal = (None, None) if key is None else (key.check, seal_of(entry.digest, key))
        log.rows("INSERT INTO audit_log VALUES (?, ?, ?, ?, ?)", entry.number, entry.text, entry.digest, *seal)


def chained(entries: list[Entry]) -> list[Entry]:
    """Number entries anew and let each follow the one before, as somebody would who covers what was done."""
    done: list[Entry] = []
    for number, entry in enumerate(entries, start=1):
        previous = done[-1].digest if done else FIRST
        done.append(replace(entry, number=number, previous=previous))
    return done


def edited(entry: Entry) -> Entry:
    return replace(entry, members=dict(entry.members) | {"rows": 1})


def test_an_untouched_log_is_whole_and_proven(log):
    found = verify(log, key=KEY)
    assert (found.faults, found.whole, found.proven) == ((), True, True)
    assert (found.entries, found.sealed, found.checked, found.covered) == (N, N, N, N)
    assert (found.first_at, found.last_at) == (AT.format(0), AT.format(5))
    assert (N, found.head) == head(log)


def test_without_the_key_seals_are_counted_and_prove_nothing(log):
    found = verify(log)
    assert (found.whole, found.proven) == (True, False)
    assert (found.sealed, found.checked, found.covered) == (N, 0, 0)
    assert verify(log, head=found.head).proven


def test_the_digest_of_an_entry_is_that_of_its_text(log):
    # So that anybody can compute the chain with other programs.
    text, digest = log.rows("SELECT content, digest FROM audit_log WHERE entry = 3")[0]
    assert digest == hashlib.sha256(text.encode("ascii")).hexdigest()
    before = log.rows("SELECT digest FROM audit_log WHERE entry = 2")[0][0]
    assert f'"previous":"{before}"' in text


EDITS = {
    "a text edited": ("UPDATE audit_log SET content = replace(content, '102', '2') WHERE entry = 3", "digest"),
    "a blank added": ("UPDATE audit_log SET content = replace(content, ':', ': ') WHERE entry = 3", "digest"),
    "a digest edited": ("UPDATE audit_log SET digest = repeat('0', 64) WHERE entry = 3", "digest"),
    "a seal edited": ("UPDATE audit_log SET seal = repeat('0', 64) WHERE entry = 3", "seal"),
    "a seal of another entry": (
        "UPDATE audit_log SET seal = (SELECT seal FROM audit_log WHERE entry = 2) WHERE entry = 3",
        "seal",
    ),
    "an entry removed": ("DELETE FROM audit_log WHERE entry = 3", "number"),
    "the first entry removed": ("DELETE FROM audit_log WHERE entry = 1", "number"),
    "the numbers of two exchanged": ("UPDATE audit_log SET entry = 7 - entry WHERE entry IN (3, 4)", "content"),
    "an entry twice": (
        "INSERT INTO audit_log SELECT 7, content, digest, sealed_by, seal FROM audit_log WHERE entry = 2",
        "content",
    ),
    "all entries removed": ("DELETE FROM audit_log", "empty"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_by_hand_is_seen_without_the_key(log, edit):
    statement, rule = EDITS[edit]
    log.rows(statement)
    key = KEY if rule == "seal" else None
    assert f"audit.{rule}" in {found for _, found in faults(log, key=key)}


@pytest.mark.parametrize("place", range(N))
def test_an_edit_of_any_entry_with_its_digest_breaks_the_chain_or_the_seal(log, place):
    entry = edited(list(read_entries(log))[place])
    log.rows("UPDATE audit_log SET content = ?, digest = ? WHERE entry = ?", entry.text, entry.digest, place + 1)
    assert (place + 1, "audit.seal") in faults(log, key=KEY)
    # Without the key the next entry shows it; nothing follows the last one.
    assert faults(log) == ([(place + 2, "audit.chain")] if place + 1 < N else [])


def forged(log) -> dict[str, list[Entry]]:
    """Return logs whose chain was made to fit: what happened to the entries of a sound one."""
    entries = list(read_entries(log))
    two = [entries[0], entries[1], entries[3], entries[2], *entries[4:]]
    return {
        "edited": chained([*entries[:3], edited(entries[3]), *entries[4:]]),
        "removed": chained([*entries[:3], *entries[4:]]),
        "exchanged": chained(two),
        "inserted": chained([*entries[:3], edited(entries[2]), *entries[3:]]),
    }


@pytest.mark.parametrize("kind", ["edited", "removed", "exchanged", "inserted"])
def test_a_chain_made_to_fit_again_is_seen_by_its_seals_and_by_a_head(log, kind):
    kept = head(log)[1]
    entries = forged(log)[kind]
    seals = dict(log.rows("SELECT entry, seal FROM audit_log"))
    # With the old seals, as far as there are any.
    store(log, entries)
    for number, seal in seals.items():
        log.rows("UPDATE audit_log SET sealed_by = ?, seal = ? WHERE entry = ?", KEY.check, seal, number)
    assert {rule for _, rule in faults(log, key=KEY)} == {"audit.seal"}
    # Without any.
    store(log, entries)
    assert faults(log) == [(1, "audit.unsealed")]
    # Under a key of somebody else.
    store(log, entries, key=OTHER)
    assert faults(log, key=KEY) == [(1, "audit.unsealed")]
    assert faults(log, key=KEY, head=kept)[-1] == (len(entries), "audit.head")


def test_an_end_written_anew_without_the_key_is_not_proven(log):
    kept, entries = head(log)[1], list(read_entries(log))
    sound = log.rows("SELECT * FROM audit_log WHERE entry <= 3")
    store(log, chained([*entries[:3], edited(entries[3])]))
    log.rows("DELETE FROM audit_log WHERE entry <= 3")
    for row in sound:
        log.rows("INSERT INTO audit_log VALUES (?, ?, ?, ?, ?)", *row)
    found = verify(log, key=KEY)
    assert (found.whole, found.proven) == (True, False)
    assert (found.entries, found.covered) == (4, 3)
    assert faults(log, key=KEY, head=kept) == [(4, "audit.head")]


def test_only_a_head_kept_elsewhere_shows_that_the_end_was_cut_off(log):
    kept = head(log)[1]
    log.rows("DELETE FROM audit_log WHERE entry > 4")
    assert verify(log, key=KEY).proven
    assert faults(log, key=KEY, head=kept) == [(4, "audit.head")]


def test_a_head_kept_earlier_is_found(log):
    kept = log.rows("SELECT digest FROM audit_log WHERE entry = 4")[0][0]
    found = verify(log, head=kept)
    assert (found.whole, found.proven) == (True, False)
    assert found.kept == 4


def test_the_seals_of_a_key_that_was_replaced_are_covered_by_later_ones(log):
    rows = log.rows("SELECT entry, digest FROM audit_log WHERE entry <= 3")
    for number, digest in rows:
        seal = seal_of(digest, OTHER)
        log.rows("UPDATE audit_log SET sealed_by = ?, seal = ? WHERE entry = ?", OTHER.check, seal, number)
    found = verify(log, key=KEY)
    assert found.proven
    assert (found.sealed, found.checked) == (N, 3)


def test_an_entry_written_after_a_fault_does_not_cover_it(log):
    log.rows("UPDATE audit_log SET content = replace(content, '102', '2') WHERE entry = 3")
    log.log("export persons", at=AT.format(7), rows=1)
    found = verify(log, key=KEY)
    assert found.covered == 2
    assert found.faults[0] == Fault(3, "audit.digest")


def test_nothing_is_written_to_a_log_that_was_emptied(log):
    log.rows("DELETE FROM audit_log")
    with pytest.raises(AuditError) as caught:
        log.log("export persons", at=AT.format(7), rows=1)
    assert caught.value.rule == "audit.empty"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"entry":3', '"entry":3.0'),
        lambda text: text.replace('"entry":3', '"entry":"3"'),
        lambda text: text.replace('"account":', '"account":1,"x":'),
        lambda text: text.replace(":", ": ", 1),
        lambda text: text.replace('"form":"linkage-audit/1"', '"form":"linkage-audit/2"'),
        lambda text: text.replace('"members":{', '"members":[') + "]",
        lambda text: text + " ",
        lambda text: text.replace('"unit":"registry"', '"unit":"regístry"'),
        lambda _: "[" * 100_000,
        lambda _: "null",
        lambda _: "",
    ],
)
def test_only_the_one_text_of_an_entry_is_read(log, change):
    text = log.rows("SELECT content FROM audit_log WHERE entry = 3")[0][0]
    assert parse_entry(text).number == 3
    with pytest.raises(ValueError, match="not the text of an entry"):
        parse_entry(change(text))
    log.rows("UPDATE audit_log SET content = ?, digest = ? WHERE entry = 3", change(text), digest_of(change(text)))
    assert (3, "audit.content") in faults(log)
    with pytest.raises(AuditError) as caught:
        list(read_entries(log))
    assert caught.value.rule == "audit.content"


def test_entries_are_chosen_by_time_and_act(log):
    assert [entry.number for entry in read_entries(log, since=AT.format(4))] == [5, 6]
    assert [entry.number for entry in read_entries(log, since="2026-03-02", act="init")] == [1]
    assert list(read_entries(log, since="2026-03-03")) == []


def test_every_rule_has_its_sentence():
    assert all(sentence.endswith(".") for sentence in RULES.values())
