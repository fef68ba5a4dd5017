"""Totals at the registry: what is stored, which version is current, what erases them, and what is refused."""

from __future__ import annotations

import hashlib
from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

from linkage.answers import cell_name
from linkage.errors import RefusedError
from linkage.pipeline import Registry
from pseudonym.canonical import length_prefixed
from pseudonym.codebook import load_codebook
from pseudonym.labels import LABELS
from tests.unit.codebooks import book_of, map_of
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, take_back
from tests.unit.pseudonym.totals import count

pytestmark = pytest.mark.whole

BOOK = load_codebook("case-registry")
BY_TOWN = {(None,): 12, ("0180",): 9, ("0114",): 3}


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE, codebook=BOOK)


def towns(path: Path, reporter: str, sequence: int, numbers=BY_TOWN, **members) -> Path:
    return count(path, reporter, sequence, numbers, items=["municipality"], codebook=BOOK, **members)


def refusal(registry: Registry, path: Path) -> str:
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    return caught.value.rule


def test_they_are_stored_apart_from_records(registry, tmp_path):
    receipt = registry.receive(towns(tmp_path / "t", "a", 1))
    assert (receipt.outcome, receipt.totals, receipt.cells, receipt.records) == ("stored", True, 3, 0)
    assert dump(registry, "SELECT reporter, period, unit, role, cell, n FROM totals ORDER BY n") == [
        ("a", "2026-03", "person", "victim", {"municipality": "0114"}, 3),
        ("a", "2026-03", "person", "victim", {"municipality": "0180"}, 9),
        ("a", "2026-03", "person", "victim", {}, 12),
    ]
    assert dump(registry, "SELECT kind, n_records, nothing_to_report FROM submissions") == [("totals", 0, False)]
    assert dump(registry, "SELECT count(*) FROM records") == [(0,)]
    # No key is fixed by totals, since they carry none.
    assert (registry.status().submissions, registry.summary().key_id) == (0, None)


def test_they_make_no_result_of_linking_out_of_date(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(2)), codebook=BOOK))
    registry.link()
    registry.receive(towns(tmp_path / "t", "a", 2))
    assert registry.status().linked
    assert registry.summary().records == 2


def test_the_same_file_twice(registry, tmp_path):
    path = towns(tmp_path / "t", "a", 1)
    before = registry.receive(path)
    assert registry.receive(path).outcome == "already received"
    assert registry.receive(path, dry_run=True).outcome == "already received"
    assert before.outcome == "stored"
    assert dump(registry, "SELECT count(*) FROM totals") == [(3,)]


def test_another_file_with_a_used_number_is_refused(registry, tmp_path):
    registry.receive(towns(tmp_path / "t", "a", 1))
    assert refusal(registry, towns(tmp_path / "u", "a", 1, {(None,): 13})) == "submission.sequence_used"
    assert refusal(registry, send(tmp_path / "s", "a", 1, codebook=BOOK)) == "submission.sequence_used"


def test_a_dry_run_writes_nothing(registry, tmp_path):
    receipt = registry.receive(towns(tmp_path / "t", "a", 1), dry_run=True)
    assert (receipt.outcome, receipt.dry_run) == ("stored", True)
    assert dump(registry, "SELECT (SELECT count(*) FROM totals) + (SELECT count(*) FROM submissions)") == [(0,)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_is_current_in_any_order_of_arrival(registry, tmp_path, order):
    paths = [towns(tmp_path / str(n), "a", n + 1, {(None,): n}) for n in range(3)]
    outcomes = [registry.receive(paths[n]).outcome for n in order]
    assert outcomes == ["superseded" if any(m > n for m in order[:i]) else "stored" for i, n in enumerate(order)]
    (found,) = registry.totals()
    assert (found.sequence, [(cell.codes, cell.own_total) for cell in found.cells]) == (3, [((), 2)])


def test_other_periods_units_roles_and_items_are_other_totals(registry, tmp_path):
    others = [{}, {"period": "2026-04"}, {"unit": "case"}, {"role": "all"}]
    for number, members in enumerate(others, start=1):
        assert registry.receive(towns(tmp_path / str(number), "a", number, **members)).outcome == "stored"
    assert registry.receive(count(tmp_path / "n", "a", 5, {(): 12}, codebook=BOOK)).outcome == "stored"
    assert len(registry.totals()) == 5


def test_everything_withdrawn_takes_totals_too(registry, tmp_path):
    for number, period in enumerate(("2025-12", "2026-03", "2026"), start=1):
        registry.receive(towns(tmp_path / period, "a", number, period=period))
    registry.receive(towns(tmp_path / "b", "b", 1))
    receipt = registry.receive(take_back(tmp_path / "w", "a", 4, period="2026-03"))
    assert (receipt.outcome, receipt.withdrawn, receipt.withdrawn_totals) == ("withdrawn", 0, 1)
    assert [one.period for one in registry.totals(reporter="a")] == ["2025-12", "2026"]
    assert registry.receive(take_back(tmp_path / "x", "a", 5)).withdrawn_totals == 2
    assert [one.reporter for one in registry.totals()] == ["b"]
    assert dump(registry, "SELECT reason, reporter, n_records, n_totals FROM erasures ORDER BY erasure") == [
        ("withdrawn", "a", 0, 1),
        ("withdrawn", "a", 0, 2),
    ]
    assert not registry.status().erase_pending
    # Coverage still says that they were sent.
    assert {row["state"] for row in registry.coverage().to_pylist() if row["period"] == "2026-03"} == {"totals"}


def test_records_withdrawn_by_id_leave_totals(registry, tmp_path):
    registry.receive(towns(tmp_path / "t", "a", 1))
    registry.receive(send(tmp_path / "s", "a", 2, crowd("a", range(2)), codebook=BOOK))
    assert registry.receive(take_back(tmp_path / "w", "a", 3, records=["a-1"])).withdrawn_totals == 0
    assert len(registry.totals()) == 1


def test_order_against_withdrawals(registry, tmp_path):
    registry.receive(take_back(tmp_path / "w", "a", 5))
    assert refusal(registry, towns(tmp_path / "t", "a", 4)) == "submission.before_withdrawal"
    registry.receive(towns(tmp_path / "u", "a", 7))
    assert refusal(registry, take_back(tmp_path / "v", "a", 6)) == "withdrawal.late"
    assert len(registry.totals()) == 1


def test_nothing_of_what_was_withdrawn_can_be_tested(registry, tmp_path, monkeypatch):
    kept = "SELECT header, digest, content_digest FROM submissions WHERE kind = 'totals' ORDER BY submission"
    registry.receive(towns(tmp_path / "t", "a", 1, {(None,): 7}))
    registry.receive(take_back(tmp_path / "w", "a", 2))
    key = registry._key_files.read().statistics
    ((header, *digests),) = dump(registry, kept)
    assert "salt" not in header
    assert "content_digest" not in header
    rows = length_prefixed(None, "7")
    guess = key.seal(hashlib.sha256(length_prefixed(LABELS["totalled"], rows)).digest()).hex()
    assert guess not in digests
    # A registry that keeps the digest of the cells gives them away.
    monkeypatch.setattr("linkage.intake.ledger._content_digest", lambda header: header.content_digest)
    registry.receive(towns(tmp_path / "u", "a", 3, {(None,): 7}))
    assert guess in dump(registry, kept)[-1]


def test_what_is_older_than_a_rule_is_erased_by_the_period(registry, tmp_path):
    for number, period in enumerate(("2019", "2020-12", "2021"), start=1):
        registry.receive(towns(tmp_path / period, "a", number, period=period))
    for dry_run in (True, False):
        (found,) = registry.erase_before(date(2021, 1, 1), dry_run=dry_run)
        assert (found.records, found.totals, found.first, found.last) == (0, 2, "2019", "2020-12")
    assert [one.period for one in registry.totals()] == ["2021"]
    assert registry.erase_before(date(2021, 1, 1)) == []


def test_totals_that_follow_another_codebook_are_refused(registry, tmp_path):
    assert refusal(registry, count(tmp_path / "t", "a", 1, {(): 3})) == "submission.codebook"
    assert dump(registry, "SELECT count(*) FROM submissions") == [(0,)]


def test_a_registry_without_codebook_takes_plain_numbers(tmp_path):
    registry = Registry.create(tmp_path / "plain.duckdb", profile=PROFILE)
    assert registry.receive(count(tmp_path / "t", "a", 1, {(): 3})).outcome == "stored"
    registry.receive(send(tmp_path / "s", "a", 2, [Rec("1", 1)]))
    assert [(cell.own_total, cell.records) for cell in registry.totals()[0].cells] == [(3, 1)]


def test_records_are_read_in_the_newest_codebook_if_totals_follow_it(tmp_path):
    one, two = book_of("1", {"why": (False, "a b")}), book_of("2", {"why": (False, "a c")})
    registry = Registry.create(tmp_path / "two.duckdb", profile=PROFILE, codebook=one)
    records = [Rec("1", 1, payload={"why": "a"}), Rec("2", 2, payload={"why": "b"})]
    registry.receive(send(tmp_path / "s", "a", 1, records, codebook=one))
    registry.codebooks.add(two, codebook_map=map_of(one, two, [{"item": "why", "codes": {"b": {"why": ["c"]}}}]))
    for number, (book, code) in enumerate(((one, "b"), (two, "c")), start=2):
        path = count(tmp_path / code, "a", number, {(code,): 5}, items=["why"], codebook=book)
        assert registry.receive(path).outcome == "stored"
        (found,) = registry.totals()
        # Both are totals by the same item, so the newer ones replace the older.
        assert [(cell_name(cell.codes), cell.own_total, cell.records) for cell in found.cells] == [
            ("why=a", None, 1),
            (f"why={code}", 5, 1),
        ]


def test_totals_under_a_codebook_that_ended_are_refused(tmp_path):
    one, two = book_of("1", {"why": (False, "a b")}), book_of("2", {"why": (False, "a b")})
    registry = Registry.create(tmp_path / "two.duckdb", profile=PROFILE, codebook=one)
    registry.codebooks.add(two, accept_old_until=date(2026, 1, 1))
    path = count(tmp_path / "t", "a", 1, {(None,): 5}, items=["why"], codebook=one)
    assert refusal(registry, path) == "submission.codebook_ended"
    assert registry.totals() == []


def test_totals_of_a_stranger_are_held_back(registry, tmp_path):
    registry.roster.set("b", kind="police", from_period="2026-01")
    assert refusal(registry, towns(tmp_path / "t", "a", 1)) == "submission.reporter"
    assert dump(registry, "SELECT (SELECT count(*) FROM totals), (SELECT count(*) FROM held_back)") == [(0, 1)]
    registry.roster.set("a", kind="school", from_period="2026-01")
    assert registry.receive(tmp_path / "t").outcome == "stored"
    assert dump(registry, "SELECT count(*) FROM held_back") == [(0,)]


@pytest.mark.parametrize(("day", "state"), [("2026-04-02", "totals"), ("2026-06-02", "late")])
def test_with_a_roster_they_answer_for_their_period(registry, tmp_path, monkeypatch, day, state):
    monkeypatch.setattr("linkage.pipeline.desks.now", lambda: f"{day}T12:00:00+00:00")
    registry.roster.set("a", kind="school", from_period="2026-03")
    registry.receive(towns(tmp_path / "t", "a", 1))
    rows = registry.coverage(through="2026-03", today=date(2026, 6, 3)).to_pylist()
    assert [row["state"] for row in rows if row["period"] == "2026-03"] == [state]
    registry.receive(towns(tmp_path / "u", "a", 2, period="2026-02"))
    rows = registry.coverage(through="2026-03", today=date(2026, 6, 3)).to_pylist()
    assert [row["state"] for row in rows if row["period"] == "2026-02"] == ["totals"]


def test_a_gap_is_told(registry, tmp_path):
    receipt = registry.receive(towns(tmp_path / "t", "a", 1, previous="0f" * 32))
    assert len(receipt.warnings) == 1
