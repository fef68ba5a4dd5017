"""Withdrawals and complete deliveries: what goes, what stays, what the receipt says, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from linkage.cli import main
from linkage.errors import RefusedError, WithdrawalError
from linkage.keys import StatisticsKey
from linkage.pipeline import Registry
from pseudonym.canonical import length_prefixed
from pseudonym.codebook import load_codebook
from tests.unit.linkage.helpers import (
    OTHER_KEY_ID,
    PROFILE,
    Rec,
    crowd,
    dump,
    partition,
    registry_bytes,
    send,
    take_back,
)

pytestmark = pytest.mark.whole

BOOK = load_codebook("case-registry")

_OF_RUNS = (("persons", "rid"), ("links", "rid_a"), ("links", "rid_b"))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def ids(registry: Registry) -> list[str]:
    return sorted(row[0] for row in dump(registry, "SELECT reporter || '/' || record_id FROM records"))


def orphans(registry: Registry) -> int:
    """Count rows of any table of either unit that belong to no record, and records that only one unit has."""
    parts = [
        f"SELECT count(*) AS n FROM {unit}.{table} WHERE {column} NOT IN (SELECT rid FROM {unit}.records)"
        for unit, table, column in (
            ("linkage", "codes", "rid"),
            ("statistics", "cases", "rid"),
            ("statistics", "reports", "rid"),
            *((unit, *place) for unit in ("linkage", "statistics") for place in _OF_RUNS),
        )
    ]
    parts += [
        "SELECT count(*) FROM history WHERE (reporter, record_id) NOT IN (SELECT (reporter, record_id) FROM records)",
        "SELECT count(*) FROM records AS s FULL JOIN linkage.records AS l USING (reporter, handle)"
        " WHERE s.rid IS NULL OR l.rid IS NULL",
    ]
    return sum(row[0] for row in dump(registry, " UNION ALL ".join(parts)))


def test_a_record_goes_from_every_table(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(4))))
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(4))))
    registry.receive(send(tmp_path / "3", "a", 2, [Rec("a-1", 1, flips=(1,))]))
    registry.link()
    receipt = registry.receive(take_back(tmp_path / "w", "a", 3, records=["a-1", "a-9"]))
    assert (receipt.outcome, receipt.withdrawn, receipt.withdrawn_versions) == ("withdrawn", 1, 1)
    assert (receipt.unknown_records, receipt.partial) == (1, True)
    assert ids(registry) == ["a/a-0", "a/a-2", "a/a-3", *(f"b/b-{i}" for i in range(4))]
    assert orphans(registry) == 0
    assert dump(registry, "SELECT count(*) FROM persons") == [(7,)]
    assert dump(registry, "SELECT reason, reporter, n_records, n_versions, n_rows FROM erasures") == [
        ("withdrawn", "a", 1, 1, 0)
    ]
    status = registry.status()
    assert (status.erased, status.linked, status.erase_pending, status.submissions) == (1, False, False, 3)


def test_a_case_goes_with_its_records_and_its_versions(registry, tmp_path):
    case = {"case_id": "c-1"}
    registry.receive(
        send(tmp_path / "1", "a", 1, [Rec("1", 1, case), Rec("2", 2, case), Rec("3", 3, case), Rec("4", 4)])
    )
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("3", 3, {"case_id": "c-2"})]))
    registry.receive(send(tmp_path / "3", "b", 1, [Rec("1", 1, case)]))
    receipt = registry.receive(take_back(tmp_path / "w", "a", 3, cases=["c-1", "c-7"]))
    assert (receipt.withdrawn, receipt.withdrawn_versions) == (2, 1)
    assert (receipt.withdrawn_cases, receipt.unknown_cases) == (1, 1)
    # The record that has left the case stays, without its version in the case; the case of another reporter stays.
    assert ids(registry) == ["a/3", "a/4", "b/1"]
    assert dump(registry, "SELECT count(*) FROM history") == [(0,)]
    assert orphans(registry) == 0


def test_everything_of_a_year_goes_by_the_newest_delivery(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("x", range(3)), period="2025-12"))
    registry.receive(send(tmp_path / "2", "a", 2, crowd("x", range(1)), period="2026-01"))
    registry.receive(send(tmp_path / "3", "a", 3, crowd("y", range(2)), period="2026"))
    registry.receive(send(tmp_path / "4", "a", 4, crowd("z", range(2)), period=None))
    registry.receive(send(tmp_path / "5", "b", 1, crowd("x", range(2)), period="2026-01"))
    receipt = registry.receive(take_back(tmp_path / "w", "a", 5, period="2026"))
    # x-0 was delivered unchanged for January, so it belongs there.
    assert receipt.withdrawn == 3
    assert ids(registry) == ["a/x-1", "a/x-2", "a/z-0", "a/z-1", "b/x-0", "b/x-1"]
    assert registry.receive(take_back(tmp_path / "v", "a", 6)).withdrawn == 4
    assert ids(registry) == ["b/x-0", "b/x-1"]


def test_older_versions_go_by_the_period_for_which_they_were_sent(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1)], period="2026-01"))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("x", 2)], period="2026-02"))
    registry.receive(send(tmp_path / "3", "a", 3, [Rec("x", 3)], period="2026-03"))
    receipt = registry.receive(take_back(tmp_path / "w", "a", 4, period="2026-01"))
    assert (receipt.withdrawn, receipt.withdrawn_versions) == (0, 1)
    assert ids(registry) == ["a/x"]
    assert dump(registry, "SELECT sequence FROM history") == [(2,)]


def test_rows_in_quarantine_go_by_the_period_for_which_they_were_sent(registry, tmp_path):
    for number, period in enumerate(("2026-01", "2026-02"), start=1):
        registry.receive(send(tmp_path / period, "a", number, [Rec(period, number, missing=1)], period=period))
    assert registry.receive(take_back(tmp_path / "w", "a", 3, period="2026-01")).withdrawn_rows == 1
    assert dump(registry, "SELECT record_id FROM quarantine") == [("2026-02",)]


def test_quarantined_rows_go_too(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("1", 1), Rec("2", 2, missing=1), Rec("3", 3, missing=1)]))
    receipt = registry.receive(take_back(tmp_path / "w", "a", 2, records=["2"]))
    assert (receipt.outcome, receipt.withdrawn, receipt.withdrawn_rows, receipt.unknown_records) == (
        "withdrawn",
        0,
        1,
        0,
    )
    assert dump(registry, "SELECT record_id FROM quarantine") == [("3",)]
    assert registry.receive(take_back(tmp_path / "v", "a", 3)).withdrawn_rows == 1


def test_reported_anew_it_is_a_new_record(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    before = dict(dump(registry, "SELECT record_id, rid FROM records"))
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-1"]))
    receipt = registry.receive(send(tmp_path / "2", "a", 3, crowd("a", range(3))))
    assert (receipt.new, receipt.unchanged, receipt.superseding) == (1, 2, 0)
    after = dict(dump(registry, "SELECT record_id, rid FROM records"))
    assert after["a-1"] not in before.values()
    assert dump(registry, "SELECT count(*) FROM history") == [(0,)]


def test_a_withdrawal_that_was_received_changes_nothing(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    path = take_back(tmp_path / "w", "a", 2, records=["a-1"])
    assert registry.receive(path).outcome == "withdrawn"
    registry.receive(send(tmp_path / "2", "a", 3, crowd("a", range(3))))
    for again in (path, tmp_path / "1"):
        for dry_run in (True, False):
            receipt = registry.receive(again, dry_run=dry_run)
            assert (receipt.outcome, receipt.dry_run) == ("already received", dry_run)
    assert len(ids(registry)) == 3


def refusal(registry: Registry, path: Path, **options: bool) -> RefusedError:
    before = dump(registry, "SELECT * FROM records ORDER BY rid"), dump(registry, "SELECT count(*) FROM submissions")
    with pytest.raises(RefusedError) as caught:
        registry.receive(path, **options)
    after = dump(registry, "SELECT * FROM records ORDER BY rid"), dump(registry, "SELECT count(*) FROM submissions")
    assert before == after
    return caught.value


def test_order_is_kept(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 5, crowd("a", range(3))))
    assert refusal(registry, take_back(tmp_path / "w", "a", 4)).rule == "withdrawal.late"
    assert refusal(registry, take_back(tmp_path / "w", "a", 5)).rule == "submission.sequence_used"
    registry.receive(take_back(tmp_path / "w", "a", 6, records=["a-0"]))
    error = refusal(registry, send(tmp_path / "2", "a", 3, crowd("a", range(3))))
    assert error.rule == "submission.before_withdrawal"
    assert "may hold what was withdrawn" in error.message
    # A withdrawal of one reporter says nothing about another's.
    assert registry.receive(send(tmp_path / "3", "b", 3, crowd("a", range(3)))).new == 3


def test_files_of_one_call_come_in_the_order_of_their_sequence(registry, tmp_path):
    paths = [
        send(tmp_path / "1", "a", 3, crowd("a", range(1))),
        take_back(tmp_path / "2", "a", 2, records=["a-0"]),
        send(tmp_path / "3", "a", 1, crowd("a", range(2))),
    ]
    receipts = registry.receive_all(paths)
    assert [receipt.outcome for receipt in receipts] == ["stored", "withdrawn", "stored"]
    assert ids(registry) == ["a/a-0", "a/a-1"]


def test_the_reporter_and_the_key_must_fit(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    assert refusal(registry, take_back(tmp_path / "w", "a", 2, key_id=OTHER_KEY_ID)).rule == "submission.key_id"
    assert refusal(registry, take_back(tmp_path / "w", "a", 2, epoch=2)).rule == "submission.epoch"
    receipt = registry.receive(take_back(tmp_path / "w", "b", 2, records=["a-0"]))
    assert (receipt.outcome, receipt.withdrawn, receipt.unknown_records) == ("unchanged", 0, 1)
    assert len(ids(registry)) == 3


def test_a_damaged_withdrawal_is_refused(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    path = take_back(tmp_path / "w", "a", 2, records=["a-0"])
    path.write_bytes(path.read_bytes().replace(b"a-0", b"a-1"))
    assert refusal(registry, path).rule in {"submission.content", "submission.not_parquet"}


def test_nothing_tells_later_which_ids_were_withdrawn(registry, tmp_path, monkeypatch):
    """Not even with the registry and its keys: the digest that is kept covers a salt that is not."""
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-0"]))
    rows = dump(registry, "SELECT header, digest, content_digest, previous FROM submissions WHERE kind = 'withdrawal'")
    header, digest, content_digest, previous = rows[0]
    assert json.loads(header).keys() & {"salt", "content_digest"} == set()
    assert (content_digest, previous) == (digest, None)
    assert "a-0" not in header
    key = registry._key_files.read().statistics
    # An attacker with the files and the keys tries every id that it can think of.
    guesses = {_guess(f"a-{number}", key) for number in range(100)}
    assert guesses.isdisjoint(_cells(registry))
    # The same attack on a registry that keeps the digest of the ids finds which id it was.
    monkeypatch.setattr("linkage.intake.ledger._content_digest", lambda header: header.content_digest)
    registry.receive(send(tmp_path / "2", "a", 3, crowd("a", range(3))))
    registry.receive(take_back(tmp_path / "v", "a", 4, records=["a-0"]))
    assert guesses & _cells(registry) == {_guess("a-0", key)}


def _guess(record_id: str, key: StatisticsKey) -> str:
    """Return the seal that a registry would keep of the digest of one withdrawn id, if it kept one without the salt."""
    rows = length_prefixed("0", record_id.encode())
    return key.seal(hashlib.sha256(length_prefixed("pseudonym/3/withdrawn", rows)).digest()).hex()


def _cells(registry: Registry) -> set[str]:
    """Return every text in every table of both units."""
    tables = [name for (name,) in dump(registry, "SELECT database_name || '.' || table_name FROM duckdb_tables()")]
    return {str(cell) for table in tables for row in dump(registry, f"FROM {table}") for cell in row}


def test_person_ids_of_others_stay_and_the_next_run_says_what_changed(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(6))))
    registry.receive(send(tmp_path / "2", "b", 1, crowd("b", range(3))))
    registry.link()
    before = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["a-0", "a-5"]))
    retired = dump(registry, "SELECT person_id FROM person_events WHERE kind = 'retired'")
    assert retired == [(before["a", "a-5"],)]
    report = registry.link()
    assert (report.erased, report.changes) == (2, {"created": 0, "merged": 0, "split": 0, "retired": 1})
    after = {(row["reporter"], row["record_id"]): row["person_id"] for row in registry.persons().to_pylist()}
    assert after == {name: person for name, person in before.items() if name not in {("a", "a-0"), ("a", "a-5")}}
    assert registry.link().erased == 0
    # The id that ended is never used again.
    registry.receive(send(tmp_path / "3", "a", 3, [Rec("new", 5)]))
    report = registry.link()
    persons = {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}
    assert report.changes["created"] == 1
    assert persons["new"] not in before.values()


def test_events_of_a_person_who_ends_name_no_other(registry, tmp_path):
    """A record that once belonged to another person leaves no trace there."""
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1), Rec("z", 7)]))
    registry.receive(send(tmp_path / "2", "b", 1, [Rec("y", 1)]))
    registry.link()
    registry.receive(send(tmp_path / "3", "b", 2, [Rec("y", 9)]))
    registry.link()
    split = "SELECT kind FROM person_events WHERE other_person_id IS NOT NULL"
    assert dump(registry, split) == [("split",)], "the test is blind"
    registry.receive(take_back(tmp_path / "w", "b", 3, records=["y"]))
    assert dump(registry, split) == []
    kinds = dict(dump(registry, "SELECT kind, count(*) FROM person_events GROUP BY kind"))
    assert kinds == {"created": 3, "split": 1, "retired": 1}


def test_an_empty_registry_can_be_linked(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    registry.link()
    registry.receive(take_back(tmp_path / "w", "a", 2))
    report = registry.link()
    assert (report.records, report.persons, report.changes["retired"]) == (0, 0, 3)
    assert partition(registry) == set()


def test_coverage_does_not_count_withdrawals(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3)), period="2026-01"))
    registry.receive(take_back(tmp_path / "w", "a", 2, period="2026-02"))
    assert registry.coverage()["period"].to_pylist() == ["2026-01"]


def test_a_complete_delivery_withdraws_what_it_leaves_out(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(40))))
    registry.receive(send(tmp_path / "2", "a", 2, crowd("b", range(2)), period="2026-04"))
    receipt = registry.receive(send(tmp_path / "3", "a", 3, crowd("a", range(2, 41)), complete=True))
    assert (receipt.outcome, receipt.new, receipt.unchanged, receipt.withdrawn) == ("stored", 1, 38, 2)
    assert ids(registry) == sorted([*(f"a/a-{i}" for i in range(2, 41)), "a/b-0", "a/b-1"])
    assert dump(registry, "SELECT reason, n_records FROM erasures") == [("left out", 2)]
    assert refusal(registry, send(tmp_path / "4", "a", 0, crowd("a", range(3)))).rule == "submission.before_complete"
    assert registry.receive(send(tmp_path / "5", "a", 0, crowd("c", range(1)), period="2026-05")).new == 1


def test_more_than_a_twentieth_must_be_accepted(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(40))))
    cut = send(tmp_path / "2", "a", 2, crowd("a", range(37)), complete=True)
    error = refusal(registry, cut)
    assert isinstance(error, WithdrawalError)
    assert (error.rule, error.withdrawn, error.of) == ("submission.leaves_out", 3, 40)
    seen = registry_bytes(registry)
    with pytest.raises(WithdrawalError) as caught:
        registry.receive(cut, dry_run=True)
    assert (caught.value.withdrawn, caught.value.of) == (3, 40)
    shown = registry.receive(cut, dry_run=True, accept_withdrawals=True)
    assert (shown.withdrawn, shown.unchanged, shown.dry_run) == (3, 37, True)
    assert registry_bytes(registry) == seen
    assert registry.receive(cut, accept_withdrawals=True).withdrawn == 3
    nothing = send(tmp_path / "3", "a", 3, [], complete=True)
    assert refusal(registry, nothing).rule == "submission.leaves_out"


def test_a_row_in_quarantine_is_not_left_out(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(2))))
    receipt = registry.receive(send(tmp_path / "2", "a", 2, [Rec("a-0", 0), Rec("a-1", 1, missing=1)], complete=True))
    assert (receipt.withdrawn, receipt.n_quarantined) == (0, 1)
    assert len(ids(registry)) == 2


def test_a_row_that_was_never_accepted_is_left_out_too(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [Rec("x", 1), Rec("bad", 2, missing=1)], period="2026-03"))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("later", 3, missing=1)], period="2026-04"))
    receipt = registry.receive(send(tmp_path / "3", "a", 3, [Rec("x", 1)], period="2026-03", complete=True))
    assert (receipt.withdrawn, receipt.withdrawn_rows) == (0, 1)
    assert dump(registry, "SELECT record_id FROM quarantine") == [("later",)]


def test_versions_go_with_a_complete_delivery_whenever_it_comes(registry, tmp_path):
    """What is left of three deliveries does not depend on their order of arrival."""
    left = []
    for order in ("123", "132"):
        registry = Registry.create(tmp_path / f"{order}.duckdb", profile=PROFILE)
        files = {
            "1": send(tmp_path / f"{order}-1", "a", 1, [Rec("x", 1), Rec("y", 5)], period="2026-03"),
            "2": send(tmp_path / f"{order}-2", "a", 2, [Rec("y", 5)], period="2026-03", complete=True),
            "3": send(tmp_path / f"{order}-3", "a", 3, [Rec("x", 2)], period="2026-04"),
        }
        for name in order:
            registry.receive(files[name], accept_withdrawals=True)
        left.append((ids(registry), dump(registry, "SELECT record_id FROM history")))
    assert left == [(["a/x", "a/y"], [])] * 2


def test_a_late_complete_delivery_withdraws_only_what_is_older(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(30))))
    registry.receive(send(tmp_path / "2", "a", 3, [Rec("a-0", 0), Rec("x", 99)]))
    receipt = registry.receive(send(tmp_path / "3", "a", 2, crowd("a", range(2, 30)), complete=True))
    assert receipt.withdrawn == 1
    assert "a/a-0" in ids(registry)
    assert "a/a-1" not in ids(registry)
    assert "a/x" in ids(registry)


def test_a_dry_run_says_that_the_key_id_would_be_fixed(registry, tmp_path):
    path = send(tmp_path / "1", "a", 1, crowd("a", range(3)))
    assert registry.receive(path, dry_run=True).fixed_key_id
    assert registry.receive(path).fixed_key_id
    assert not registry.receive(send(tmp_path / "2", "a", 2, []), dry_run=True).fixed_key_id


def test_a_dry_run_of_a_withdrawal_writes_nothing(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    path = take_back(tmp_path / "w", "a", 2, records=["a-0", "a-9"])
    seen = registry_bytes(registry)
    receipt = registry.receive(path, dry_run=True)
    assert (receipt.withdrawn, receipt.unknown_records, receipt.dry_run) == (1, 1, True)
    assert registry_bytes(registry) == seen
    assert registry.receive(path).withdrawn == 1


def command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    printed = capsys.readouterr()
    return int(ended.value.code or 0), " ".join((printed.out + printed.err).split())


def test_the_command_says_what_was_erased(registry, tmp_path, capsys):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    path = take_back(tmp_path / "w", "a", 2, records=["a-0", "a-9"], cases=["c"])
    status, text = command(capsys, "receive", registry.path, path, "--dry-run")
    assert status == 3
    assert "Would be erased: 1 record, 0 older versions." in text
    assert "Nothing was written: this was a dry run." in text
    status, text = command(capsys, "receive", registry.path, path)
    assert status == 3
    assert "Erased: 1 record, 0 older versions." in text
    assert "Named, but not in the registry: 1 record and 1 case." in text
    status, text = command(capsys, "receive", registry.path, path)
    assert (status, "already received; nothing changed" in text) == (0, True)
    status, text = command(capsys, "receive", registry.path, take_back(tmp_path / "v", "a", 3, records=["a-1"]))
    assert (status, "Erased: 1 record" in text) == (0, True)
    status, text = command(capsys, "receive", registry.path, send(tmp_path / "2", "a", 4, [], complete=True))
    assert status == 4
    assert "leaves out more than 5 %" in text
    assert "It would erase 1 of 1 records." in text
    assert "--accept-withdrawals" in text
    status, text = command(capsys, "receive", registry.path, tmp_path / "2", "--accept-withdrawals", "--json")
    assert (status, json.loads(text)[0]["withdrawn"]) == (0, 1)
    _, text = command(capsys, "summary", registry.path)
    assert "Records erased because they were withdrawn or too old: 3" in text
    command(capsys, "link", registry.path)
    registry.receive(send(tmp_path / "3", "a", 5, crowd("a", range(3))))
    command(capsys, "link", registry.path)
    registry.receive(take_back(tmp_path / "u", "a", 6, records=["a-2"]))
    _, text = command(capsys, "link", registry.path)
    assert "Records erased since the previous run: 1. Changes of person ids: 1 retired." in text


# A person under protection, who is reported anew under another record id.


def cells(registry: Registry) -> list[str]:
    """Return every value of every table as text, for a search."""
    tables = [row[0] for row in dump(registry, "SELECT table_name FROM duckdb_tables()")]
    return [str(value) for table in tables for row in dump(registry, f"SELECT * FROM {table}") for value in row]


def test_nothing_joins_a_protected_person_to_the_old_record(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, [*crowd("a", range(5)), Rec("old", 50, {"case_id": "old-case"})]))
    registry.receive(send(tmp_path / "2", "a", 2, [Rec("old", 50, {"case_id": "older-case"}, flips=(1,))]))
    registry.link()
    (old_rid,), (old_person,) = (
        dump(registry, "SELECT rid FROM records WHERE record_id = 'old'")[0],
        dump(registry, "SELECT person_id FROM persons JOIN records USING (rid) WHERE record_id = 'old'")[0],
    )
    registry.receive(take_back(tmp_path / "w", "a", 3, records=["old"]))
    registry.link()
    # The same person, and so the same codes.
    registry.receive(send(tmp_path / "3", "a", 4, [*crowd("a", range(5)), Rec("new", 50, {"case_id": "new-case"})]))
    registry.link()
    assert not {"old", "old-case", "older-case"} & set(cells(registry))
    (rid,), (person,) = (
        dump(registry, "SELECT rid FROM records WHERE record_id = 'new'")[0],
        dump(registry, "SELECT person_id FROM persons JOIN records USING (rid) WHERE record_id = 'new'")[0],
    )
    assert rid > old_rid
    assert person != old_person
    assert dump(registry, "SELECT count(*) FROM history") == [(0,)]
    # The old person id stays in its events only, and no event names both ids.
    events = dump(
        registry, f"SELECT kind, other_person_id FROM person_events WHERE person_id = '{old_person}' ORDER BY event"
    )
    assert events == [("created", None), ("retired", None)]
    assert old_rid not in {row[0] for row in dump(registry, "SELECT rid_a FROM links UNION SELECT rid_b FROM links")}


def test_a_person_id_is_inherited_only_from_records_that_stay(registry, tmp_path):
    """So all reporters that know a protected person have to withdraw before one reports anew."""
    registry.receive(send(tmp_path / "1", "a", 1, [*crowd("a", range(8)), Rec("old", 50)]))
    registry.receive(send(tmp_path / "2", "b", 1, [*crowd("b", range(8)), Rec("other", 50)]))
    registry.link()
    persons = {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}
    assert persons["old"] == persons["other"]
    registry.receive(take_back(tmp_path / "w", "a", 2, records=["old"]))
    registry.receive(send(tmp_path / "3", "a", 3, [*crowd("a", range(8)), Rec("new", 50)]))
    registry.link()
    now = {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}
    assert now["new"] == now["other"] == persons["other"]
    registry.receive(take_back(tmp_path / "v", "b", 2, records=["other"]))
    registry.receive(take_back(tmp_path / "u", "a", 4, records=["new"]))
    registry.receive(send(tmp_path / "4", "a", 5, [Rec("newer", 50)]))
    registry.link()
    assert {row["record_id"]: row["person_id"] for row in registry.persons().to_pylist()}[
        "newer"
    ] not in persons.values()
