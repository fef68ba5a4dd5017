"""The receipt that goes back to a reporter: what it says, and that it says nothing about anybody else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from linkage.answers import MissingPeriod, Refusal, RefusedRows, receipt_text
from linkage.errors import HeldBackError, RecordError, RefusedError
from linkage.pipeline import Registry
from pseudonym.codebook import load_codebook
from pseudonym.faults import RULES
from tests.unit.linkage.helpers import (
    IDENTITY,
    KEY_ID,
    OTHER_PROFILE,
    PROFILE,
    Rec,
    crowd,
    dump,
    header_digest,
    send,
    take_back,
)
from tests.unit.pseudonym.totals import count

# Each test writes a registry.
pytestmark = pytest.mark.whole

Clock = Callable[[str], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    def turn(day: str) -> None:
        for module in ("pipeline.desks", "statistics_unit.roster", "statistics_unit.receipts"):
            monkeypatch.setattr(f"linkage.{module}.now", lambda: f"{day}T12:00:00+00:00")

    turn("2026-04-02")
    return turn


@pytest.fixture
def registry(tmp_path: Path, clock: Clock) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def as_bytes(registry: Registry, reporter: str, sequence: int | None = None) -> str:
    found = registry.receipt(reporter, sequence=sequence)
    return json.dumps(found.to_dict()) + receipt_text(found) + receipt_text(found, "sv")


def test_counts_rules_and_ids(registry: Registry, tmp_path: Path) -> None:
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", range(5))))
    records = [
        *crowd("a", [0, 1]),
        Rec("a-2", 12),
        *crowd("b", [7, 8, 9]),
        Rec("x-1", 20, {"role": "bystander"}),
        Rec("x-0", 21, {"role": "bystander"}),
        Rec("20110713-9980", 22),
    ]
    registry.receive(send(tmp_path / "2", "police", 2, records))
    found = registry.receipt("police")
    assert (found.sequence, found.kind, found.outcome, found.period) == (2, "delivery", "stored", "2026-03")
    assert (found.records, found.new, found.changed, found.unchanged, found.late) == (9, 3, 1, 2, 0)
    assert found.refused == (
        RefusedRows(rule="record_id.number_like", sentence=RULES["record_id.number_like"], rows=1, record_ids=()),
        RefusedRows(rule="role.unknown", sentence=RULES["role.unknown"], rows=2, record_ids=("x-0", "x-1")),
    )
    assert found.n_refused == 3
    assert (found.key_id, found.epoch, found.profile, found.profile_digest) == (KEY_ID, 1, "test", PROFILE.digest)
    assert found.received_at == "2026-04-02T12:00:00+00:00"
    assert "20110713" not in as_bytes(registry, "police")
    # An earlier file is still there, and so is what came late.
    assert registry.receipt("police", sequence=1).new == 5
    registry.receive(send(tmp_path / "0", "police", 0, [Rec("a-1", 99)]))
    assert registry.receipt("police", sequence=0).late == 1
    assert registry.receipt("police").sequence == 0


def test_what_comes_later_changes_no_receipt(registry: Registry, tmp_path: Path, clock: Clock) -> None:
    registry.roster.set("police", kind="police", from_period="2026-01")
    first = send(tmp_path / "1", "police", 1, crowd("a", range(3)), previous="1" * 64)
    registry.receive(first)
    before = as_bytes(registry, "police", 1)
    assert registry.receipt("police").missing_before == (1,)
    clock("2026-08-01")
    registry.roster.set("police", from_period="2026-03", due_days="1", name="Polisen")
    registry.receive(
        send(tmp_path / "2", "police", 2, crowd("a", [1]), period="2026-01", previous=header_digest(first))
    )
    registry.receive(send(tmp_path / "3", "police", 3, [Rec("a-0", 50)]))
    registry.link()
    assert registry.receive(first).outcome == "already received"
    assert as_bytes(registry, "police", 1) == before
    assert registry.receipt("police").missing_before == (1,)


def test_what_is_missing_by_the_roster(registry: Registry, tmp_path: Path, clock: Clock) -> None:
    registry.roster.set("police", kind="police", from_period="2025-12", due_days="10")
    registry.roster.set("silent", kind="police", from_period="2025-01")
    clock("2026-02-20")
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1]), period="2026-01"))
    clock("2026-04-02")
    registry.receive(send(tmp_path / "2", "police", 2, crowd("a", [2]), period="2026-03"))
    # February is silent since 10 March.
    assert registry.receipt("police").missing_periods == (
        MissingPeriod(period="2025-12", state="silent", due="2026-01-10"),
        MissingPeriod(period="2026-01", state="late", due="2026-02-10"),
        MissingPeriod(period="2026-02", state="silent", due="2026-03-10"),
    )
    text = receipt_text(registry.receipt("police"))
    assert "2025-12: nothing has come; it was due on 2026-01-10." in text
    assert "2026-01: came after 2026-02-10, its last day." in text


def test_what_is_missing_without_a_roster_follows_from_own_periods_alone(registry: Registry, tmp_path: Path) -> None:
    registry.receive(send(tmp_path / "o", "other", 1, crowd("o", [1]), period="2025-01"))
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1]), period="2026-01"))
    registry.receive(send(tmp_path / "2", "police", 2, crowd("a", [2]), period="2026-03"))
    assert registry.receipt("police").missing_periods == (MissingPeriod(period="2026-02", state="silent", due=None),)
    assert registry.receipt("police", sequence=1).missing_periods == ()
    assert "Nothing is missing." in receipt_text(registry.receipt("police", sequence=1))


def test_a_receipt_says_nothing_about_anybody_else(tmp_path: Path, clock: Clock) -> None:
    """The same files give the same receipts in a registry that has nothing else, and in one that knows the persons."""
    alone = Registry.create(tmp_path / "alone.duckdb", profile=PROFILE)
    # With one key, since receipts are signed with it.
    shutil.copy(alone.statistics_key, tmp_path / "among.duckdb.statistics.key")
    shutil.copy(alone.registry_key, tmp_path / "among.duckdb.key")
    among = Registry.create(tmp_path / "among.duckdb", profile=PROFILE, existing_key=True)
    others = [
        send(tmp_path / f"{name}-{number}", name, number, crowd(name, range(12)), period=f"2026-0{number}")
        for name in ("aaa", "zzz")
        for number in (1, 2, 5)
    ]
    among.receive_all([*others, send(tmp_path / "q", "ooo", 1, [Rec("police-1", 1, {"role": "bystander"})])])
    mine = [
        send(tmp_path / "1", "police", 1, [*crowd("police", range(10)), Rec("x", 70, {"role": "bystander"})]),
        send(tmp_path / "2", "police", 2, [Rec("police-1", 55)], period="2026-05", previous="2" * 64),
        take_back(tmp_path / "3", "police", 3, records=["police-2", "unknown"]),
        send(tmp_path / "4", "police", 4, crowd("police", [3]), profile=OTHER_PROFILE),
    ]
    receipts = []
    for registry in (alone, among):
        for code in ("police", "aaa", "zzz", "ooo") if registry is among else ("police",):
            registry.roster.set(code, kind="police", from_period="2026-03")
        results = registry.receive_all(mine)
        registry.link()
        assert isinstance(results[3], RefusedError)
        refused = registry.refusal_receipt(mine[3], results[3])
        assert refused is not None
        receipts.append([*(as_bytes(registry, "police", n) for n in (1, 2, 3)), json.dumps(refused.to_dict())])
    assert dump(among, "SELECT count(*) FROM links WHERE decision = 'link'")[0][0] >= 10
    assert receipts[0] == receipts[1]


def test_a_withdrawal_has_a_receipt_and_takes_ids_out_of_earlier_ones(registry: Registry, tmp_path: Path) -> None:
    rows = [*crowd("a", range(3)), Rec("x", 9, {"role": "bystander"})]
    registry.receive(send(tmp_path / "1", "police", 1, rows))
    assert registry.receipt("police").refused[0].record_ids == ("x",)
    registry.receive(take_back(tmp_path / "2", "police", 2, records=["a-1", "x", "ghost"]))
    found = registry.receipt("police")
    assert (found.kind, found.outcome, found.withdrawn, found.withdrawn_rows, found.unknown_records) == (
        "withdrawal",
        "withdrawn",
        1,
        1,
        1,
    )
    assert (found.profile, found.quality, found.records) == (None, None, 3)
    text = receipt_text(found)
    assert "Records that the withdrawal names: 3" in text
    assert "Erased (records, older versions, refused rows): 1, 0, 1." in text
    assert "Named, but not in the registry (records, cases): 1, 0." in text
    assert "Identity fields" not in text
    (refused,) = registry.receipt("police", sequence=1).refused
    assert (refused.rows, refused.record_ids) == (1, ())


def test_totals_have_a_receipt(registry: Registry, tmp_path: Path) -> None:
    registry.receive(count(tmp_path / "1", "police", 2, {(): 12}))
    found = registry.receipt("police")
    assert (found.kind, found.outcome, found.cells, found.records) == ("totals", "stored", 1, 0)
    assert (found.key_id, found.epoch, found.profile, found.missing_periods) == (None, None, None, ())
    text = receipt_text(found)
    assert "Totals in the file, numbers: 1" in text
    assert "Records" not in text
    assert "key" not in text.lower()
    assert "Mängdstatistik i filen, antal uppgifter: 1" in receipt_text(found, "sv")
    registry.receive(count(tmp_path / "2", "police", 1, {(): 11}))
    assert "a newer version is there" in receipt_text(registry.receipt("police"))
    registry.receive(take_back(tmp_path / "w", "police", 3))
    found = registry.receipt("police")
    assert found.withdrawn_totals == 2
    assert "Erased totals files: 2." in receipt_text(found)


def test_refused_totals_have_a_receipt(registry: Registry, tmp_path: Path) -> None:
    path = count(tmp_path / "1", "police", 1, {(): 12}, codebook=load_codebook("case-registry"))
    with pytest.raises(RefusedError) as caught:
        registry.receive(path)
    found = registry.refusal_receipt(path, caught.value)
    assert found is not None
    assert (found.kind, found.outcome, found.cells) == ("totals", "refused", 1)
    assert found.refusal is not None
    assert found.refusal.rule == "submission.codebook"


def test_a_complete_delivery_says_what_it_left_out(registry: Registry, tmp_path: Path) -> None:
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", range(40))))
    registry.receive(send(tmp_path / "2", "police", 2, crowd("a", range(1, 40)), complete=True))
    found = registry.receipt("police")
    assert (found.kind, found.withdrawn, found.unchanged) == ("complete", 1, 39)


def test_a_file_without_quality_figures_says_why(registry: Registry, tmp_path: Path) -> None:
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1])))
    found = registry.receipt("police")
    assert found.quality is None
    assert "fewer than 20 records" in receipt_text(found)
    assert "färre än 20 poster" in receipt_text(found, "sv")
    figures = {name: {"missing": n, "unreadable": 0, "marked": 1} for n, name in enumerate(IDENTITY)}
    registry.receive(send(tmp_path / "3", "police", 3, crowd("b", range(20)), quality=figures))
    assert registry.receipt("police").quality == figures
    text = receipt_text(registry.receipt("police"))
    assert [line.split() for line in text.splitlines() if "foreign_number" in line] == [
        ["foreign_number", "1", "0", "1"]
    ]
    # Nothing to report has nothing to be complete.
    registry.receive(send(tmp_path / "4", "police", 4))
    assert "Identity fields" not in receipt_text(registry.receipt("police"))
    assert "counted as reported" in receipt_text(registry.receipt("police"))


@pytest.mark.parametrize(("reporter", "sequence"), [("nobody", None), ("police", 2)])
def test_a_file_that_was_not_received_has_none(
    registry: Registry, tmp_path: Path, reporter: str, sequence: int | None
) -> None:
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1])))
    with pytest.raises(RecordError) as caught:
        registry.receipt(reporter, sequence=sequence)
    assert caught.value.rule == "receipt.unknown"


def test_a_refused_file_says_why_and_what_to_do(registry: Registry, tmp_path: Path) -> None:
    registry.receive(send(tmp_path / "1", "police", 1, crowd("a", [1])))
    registry.roster.set("school", kind="school", from_period="2026-01")

    def refusal(path: Path) -> Refusal | None:
        with pytest.raises(RefusedError) as caught:
            registry.receive(path)
        made = registry.refusal_receipt(path, caught.value)
        if made is None:
            return None
        assert made.outcome == ("held" if isinstance(caught.value, HeldBackError) else "refused")
        for language in ("en", "sv"):
            assert f"({caught.value.rule})" in receipt_text(made, language).replace("\n  ", " ")
        return made.refusal

    found = refusal(send(tmp_path / "2", "school", 2, crowd("a", [1]), profile=OTHER_PROFILE))
    assert found is not None
    assert (found.rule, found.remedy[:16]) == ("submission.profile", "Ask the registry")
    found = refusal(send(tmp_path / "3", "stranger", 3, crowd("a", [1])))
    assert found is not None
    # What the registry's staff is to do is nothing for the reporter.
    assert "roster set" not in found.remedy
    assert "contact it" in found.remedy
    (tmp_path / "4").write_bytes((tmp_path / "1").read_bytes()[:-9])
    assert refusal(tmp_path / "4") is None
