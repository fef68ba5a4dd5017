"""A number that would lock a reporter out, or a mistake in numbering, is held back, and can be mended."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from linkage.errors import HeldBackError
from linkage.intake.numbering import CLOCK_MS, LATE, MAX_COUNT_JUMP, MAX_LATE_MS, NEVER, TIMES
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send

pytestmark = pytest.mark.whole

MARCH_2026 = 1_772_000_000_000
"""A day in March 2026, in milliseconds since 1970: what `pseudonym encode` takes by default."""

HIGHEST = (1 << 53) - 1
"""The highest number that a header may have."""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def corrections(n: int) -> list[Rec]:
    """Return the records of `crowd("a", range(n))` with other codes."""
    return [Rec(f"a-{persona}", 100 + persona) for persona in range(n)]


def held(registry: Registry, path: Path) -> str:
    """Receive a file, and return the rule by which it is held back; nothing of it is stored."""
    tables = ("submissions", "records", "codes", "history")
    before = [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
    with pytest.raises(HeldBackError) as caught:
        registry.receive(path)
    assert [dump(registry, f"SELECT * FROM {table} ORDER BY ALL") for table in tables] == before
    return caught.value.rule


def test_corrections_with_a_count_after_times_wait_and_a_higher_number_mends_them(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", MARCH_2026, crowd("a", range(5))))
    path = send(tmp_path / "2", "a", 3, [*corrections(4), Rec("a-4", 4), Rec("new", 9)])
    assert held(registry, path) == "submission.sequence_behind"
    late = registry.receive(path, accept_sequence=True)
    assert (late.new, late.superseding, late.unchanged, late.late) == (1, 0, 1, 4)
    assert late.warnings == (LATE,)
    mended = registry.receive(send(tmp_path / "3", "a", MARCH_2026 + 1, corrections(4)))
    assert (mended.superseding, mended.late, mended.warnings) == (4, 0, ())


def test_a_number_is_not_late_where_nothing_is_ignored(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 5, crowd("a", range(5))))
    receipt = registry.receive(send(tmp_path / "2", "a", 3, crowd("a", range(7))))
    assert (receipt.new, receipt.unchanged, receipt.late, receipt.warnings) == (2, 5, 0, ())


AHEAD, BEHIND = "submission.sequence_ahead", "submission.sequence_behind"


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [
        (3, 6 + MAX_COUNT_JUMP, None),
        (3, 7 + MAX_COUNT_JUMP, AHEAD),
        (3, MARCH_2026, AHEAD),
        (202_603_011_200, 212_603_011_200, None),
        (MARCH_2026, MARCH_2026 + 1, None),
        (MARCH_2026, MARCH_2026 * 1000, AHEAD),
        (MARCH_2026, HIGHEST, AHEAD),
        (3, HIGHEST, AHEAD),
        (MARCH_2026, MARCH_2026 - MAX_LATE_MS, None),
        (MARCH_2026, MARCH_2026 - MAX_LATE_MS - 1, BEHIND),
        (MARCH_2026, 3, BEHIND),
        (6 + MAX_COUNT_JUMP, 3, None),
        (7 + MAX_COUNT_JUMP, 3, BEHIND),
    ],
)
def test_a_number_far_from_the_last_one_is_held_back(tmp_path, registry, first, second, rule):
    registry.receive(send(tmp_path / "1", "a", first, crowd("a", range(2))), accept_sequence=True)
    registry.receive(send(tmp_path / "other", "b", MARCH_2026, crowd("b", range(2))))
    path = send(tmp_path / "2", "a", second, crowd("a", range(3)))
    if rule is None:
        assert registry.receive(path).new == 1
    else:
        assert held(registry, path) == rule
        assert [(one.reporter, one.sequence, one.rule) for one in registry.held.files()] == [("a", second, rule)]


def test_a_first_number_is_a_count_or_a_time_that_has_come(tmp_path, registry):
    for reporter, number, rule in (
        ("a", TIMES - 1, None),
        ("b", now_ms() + CLOCK_MS - 60_000, None),
        ("c", now_ms() + CLOCK_MS + 60_000, AHEAD),
        ("d", HIGHEST, AHEAD),
    ):
        path = send(tmp_path / reporter, reporter, number, crowd(reporter, range(2)))
        if rule is None:
            assert registry.receive(path).new == 2
        else:
            assert held(registry, path) == rule


def test_nobody_is_locked_out_even_if_the_staff_would_accept_it(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 1, crowd("a", range(2))))
    for number in (NEVER, HIGHEST):
        path = send(tmp_path / f"{number}", "a", number, corrections(2))
        with pytest.raises(HeldBackError, match="No later number could exceed it"):
            registry.receive(path, accept_sequence=True)
    receipt = registry.receive(send(tmp_path / "2", "a", 2, corrections(2)))
    assert (receipt.superseding, receipt.late) == (2, 0)
    assert {one.sequence for one in registry.held.files()} == {NEVER, HIGHEST}


def test_a_reporter_may_go_over_from_a_count_to_times_once_that_is_accepted(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 7, crowd("a", range(2))))
    path = send(tmp_path / "2", "a", now_ms(), corrections(2))
    assert held(registry, path) == AHEAD
    assert registry.receive(path, accept_sequence=True).superseding == 2
    assert registry.receive(send(tmp_path / "3", "a", now_ms() + 1, crowd("a", range(2)))).superseding == 2
    assert registry.held.files() == []
