"""Files that are held back are listed with the reason, and are accepted or dismissed; nothing of them is stored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from linkage.errors import HeldBackError, RecordError
from linkage.intake.trust.replacing import FEWEST
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send, take_back

pytestmark = pytest.mark.whole

FAR = (1 << 53) - 1


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    made.receive(send(tmp_path / "first", "a", 1, crowd("a", range(FEWEST))))
    return made


def others(n: int, *, n_same: int = 0, reporter: str = "a") -> list[Rec]:
    """Return records under the ids of `crowd`, of which all but the last ones are other persons."""
    return [Rec(f"{reporter}-{i}", 100 + i if i < n - n_same else i) for i in range(n)]


def contents(registry: Registry) -> list[list[tuple[object, ...]]]:
    tables = ("submissions", "records", "codes", "cases", "reports", "history")
    return [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


def test_it_is_listed_with_what_its_header_says_and_why(registry, tmp_path):
    before = contents(registry)
    files = [
        send(tmp_path / "1", "a", FAR, crowd("a", range(3)), complete=True),
        send(tmp_path / "2", "a", 2, others(FEWEST)),
        take_back(tmp_path / "3", "a", FAR - 1, records=["a-1", "a-2"]),
    ]
    results = registry.receive_all(files)
    assert all(isinstance(one, HeldBackError) for one in results)
    assert contents(registry) == before
    found = [one.to_dict() for one in registry.held.files()]
    assert [(one["kind"], one["sequence"], one["records"], one["rule"]) for one in found] == [
        ("delivery", 2, FEWEST, "submission.replaces_most"),
        ("withdrawal", FAR - 1, 2, "submission.sequence_ahead"),
        ("complete", FAR, 3, "submission.sequence_ahead"),
    ]
    assert [one["period"] for one in found] == ["2026-03", None, "2026-03"]
    assert {(one["reporter"], one["dismissed_at"]) for one in found} == {("a", None)}


def test_a_dry_run_holds_nothing_back(registry, tmp_path):
    with pytest.raises(HeldBackError):
        registry.receive(send(tmp_path / "1", "a", 2, others(FEWEST)), dry_run=True)
    assert registry.held.files() == []


def test_the_same_file_is_listed_once_and_no_longer_when_it_is_received(registry, tmp_path):
    path = send(tmp_path / "1", "a", 2, others(FEWEST))
    copy = Path(shutil.copy(path, tmp_path / "copy"))
    for file in (path, copy, path):
        with pytest.raises(HeldBackError):
            registry.receive(file)
    assert [one.held for one in registry.held.files()] == [1]
    assert registry.receive(copy, accept_replacements=True).superseding == FEWEST
    assert registry.held.files(dismissed=True) == []


def test_another_file_under_its_number_does_not_end_its_waiting(registry, tmp_path):
    with pytest.raises(HeldBackError):
        registry.receive(send(tmp_path / "forged", "a", 2, others(FEWEST)))
    registry.receive(send(tmp_path / "true", "a", 2, [Rec("a-0", 500)]))
    assert [one.sequence for one in registry.held.files()] == [2]


def test_a_dismissed_file_waits_no_longer_until_it_comes_again(registry, tmp_path):
    path = send(tmp_path / "1", "a", 2, others(FEWEST))
    with pytest.raises(HeldBackError):
        registry.receive(path)
    assert [one.sequence for one in registry.held.dismiss([1])] == [2]
    assert (registry.held.files(), registry.status().held_back) == ([], ())
    assert registry.held.files(dismissed=True)[0].dismissed_at is not None
    with pytest.raises(HeldBackError):
        registry.receive(path)
    assert [(one.held, one.dismissed_at) for one in registry.held.files()] == [(1, None)]


def test_all_are_dismissed_or_none(registry, tmp_path):
    with pytest.raises(HeldBackError):
        registry.receive(send(tmp_path / "1", "a", 2, others(FEWEST)))
    with pytest.raises(RecordError) as caught:
        registry.held.dismiss([1, 7])
    assert caught.value.rule == "held.unknown"
    assert [one.held for one in registry.held.files()] == [1]
    registry.held.dismiss([1, 1])
    with pytest.raises(RecordError):
        registry.held.dismiss([1])
