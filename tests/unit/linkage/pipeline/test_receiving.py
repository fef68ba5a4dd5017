"""Many small files are stored together, and yet each is received or refused by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import RefusedError
from linkage.pipeline import Registry, desks, receiving
from linkage.store import Store
from tests.unit.linkage.helpers import OTHER_KEY_ID, PROFILE, Rec, crowd, dump, send, take_back

pytestmark = pytest.mark.whole


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[bool]]:
    """Record each time that the file of a unit is opened, and whether for writing."""
    found: dict[str, list[bool]] = {"linkage.duckdb": [], "statistics.duckdb": []}
    session = Store.session

    def recorded(self: Store, *, write: bool, **options: object):
        found[self.path.name].append(write)
        return session(self, write=write, **options)

    monkeypatch.setattr(Store, "session", recorded)
    return found


def test_the_registry_is_not_opened_for_each_small_file(tmp_path, registry, opened):
    files = [send(tmp_path / f"{number}", "a", number, [Rec(f"a-{number}", number)]) for number in range(12)]
    assert [receipt.new for receipt in registry.receive_all(files)] == [1] * 12
    for times in opened.values():
        assert sum(times) == 1
        assert len(times) <= 5


def test_batches_are_bounded(tmp_path, registry, opened, monkeypatch):
    monkeypatch.setattr(receiving, "BATCH_RECORDS", 5)
    files = [send(tmp_path / f"{number}", "a", number, crowd(f"{number}", range(3))) for number in range(6)]
    registry.receive_all(files)
    assert [sum(times) for times in opened.values()] == [3, 3]
    monkeypatch.setattr(receiving, "BATCH_FILES", 2)
    more = [send(tmp_path / f"more-{number}", "b", number, [Rec(f"{number}", number)]) for number in range(5)]
    registry.receive_all(more)
    assert [sum(times) for times in opened.values()] == [3 + 3, 3 + 3]


def test_a_refused_file_takes_none_of_its_batch_with_it(tmp_path, registry):
    files = [
        send(tmp_path / "1", "a", 1, crowd("a", range(2))),
        send(tmp_path / "2", "b", 1, crowd("b", range(2)), key_id=OTHER_KEY_ID),
        send(tmp_path / "3", "c", 1, crowd("c", range(2))),
        send(tmp_path / "4", "c", 1, crowd("c", range(3))),
        tmp_path / "missing",
        send(tmp_path / "5", "d", 1, crowd("d", range(2))),
    ]
    results = registry.receive_all(files)
    refused = {index: one.rule for index, one in enumerate(results) if isinstance(one, RefusedError)}
    rejected = next(index for index in (2, 3) if index in refused)
    assert refused == {1: "submission.key_id", rejected: "submission.sequence_used", 4: "submission.unreadable"}
    assert all(one.path == files[index] for index, one in enumerate(results) if isinstance(one, RefusedError))
    assert dump(registry, "SELECT DISTINCT reporter FROM records ORDER BY 1") == [("a",), ("c",), ("d",)]
    n_kept = 5 - rejected
    assert dump(registry, "SELECT count(*) FROM records WHERE reporter = 'c'") == [(n_kept,)]


@pytest.mark.parametrize(("error", "pending"), [(ZeroDivisionError, False), (KeyboardInterrupt, True)])
def test_what_was_withdrawn_before_an_error_is_erased_but_nobody_who_interrupts_waits_for_it(
    tmp_path, registry, monkeypatch, error, pending
):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(3))))
    files = [take_back(tmp_path / "w", "a", 2, records=["a-1"]), send(tmp_path / "2", "b", 1, crowd("b", range(3)))]
    monkeypatch.setattr(receiving, "BATCH_FILES", 1)
    with monkeypatch.context() as patch:

        def fail(*_arguments, **_options):
            raise error

        patch.setattr(desks, "admit", fail)
        with pytest.raises(error):
            registry.receive_all(files)
    assert dump(registry, "SELECT record_id FROM records ORDER BY 1") == [("a-0",), ("a-2",)]
    assert registry.status().erase_pending is pending
    registry.receive_all(files)
    assert not registry.status().erase_pending
