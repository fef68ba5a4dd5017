"""A mistake in numbering submissions is reported, and can be mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import RefusedError
from linkage.intake.numbering import LATE, MAX_FIRST, MAX_JUMP
from linkage.pipeline import Registry
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send

pytestmark = pytest.mark.whole

MARCH_2026 = 1_772_000_000_000
"""A day in March 2026, in milliseconds since 1970: what `pseudonym encode` takes by default."""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "r.duckdb", profile=PROFILE)


def corrections(n: int) -> list[Rec]:
    """Return the records of `crowd("a", range(n))` with other codes."""
    return [Rec(f"a-{persona}", 100 + persona) for persona in range(n)]


def test_corrections_with_a_lower_number_are_reported_and_a_higher_one_mends_it(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", MARCH_2026, crowd("a", range(5))))
    late = registry.receive(send(tmp_path / "2", "a", 3, [*corrections(4), Rec("a-4", 4), Rec("new", 9)]))
    assert (late.new, late.superseding, late.unchanged, late.late) == (1, 0, 1, 4)
    assert late.warnings == (LATE,)
    mended = registry.receive(send(tmp_path / "3", "a", MARCH_2026 + 1, corrections(4)))
    assert (mended.superseding, mended.late, mended.warnings) == (4, 0, ())


def test_a_number_is_not_late_where_nothing_is_ignored(tmp_path, registry):
    registry.receive(send(tmp_path / "1", "a", 5, crowd("a", range(5))))
    receipt = registry.receive(send(tmp_path / "2", "a", 3, crowd("a", range(7))))
    assert (receipt.new, receipt.unchanged, receipt.late, receipt.warnings) == (2, 5, 0, ())


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (3, MARCH_2026, True),
        (3, 3 + MAX_JUMP, False),
        (3, 4 + MAX_JUMP, True),
        (MARCH_2026, MARCH_2026 + MAX_JUMP, False),
        (MARCH_2026, MARCH_2026 * 1000, True),
        (MARCH_2026, 3, False),
    ],
)
def test_numbers_that_later_ones_could_not_exceed_are_refused(tmp_path, registry, first, second, refused):
    registry.receive(send(tmp_path / "1", "a", first, crowd("a", range(2))))
    registry.receive(send(tmp_path / "other", "b", MARCH_2026, crowd("b", range(2))))
    path = send(tmp_path / "2", "a", second, crowd("a", range(3)))
    if not refused:
        assert registry.receive(path).new == 1
        return
    with pytest.raises(RefusedError, match="far higher than any") as caught:
        registry.receive(path)
    assert caught.value.rule == "submission.sequence_jump"
    assert "--sequence" in str(caught.value.hint)
    assert dump(registry, "SELECT max(sequence) FROM submissions WHERE reporter = 'a'") == [(first,)]


def test_the_first_number_of_a_reporter_is_bounded_too(tmp_path, registry):
    with pytest.raises(RefusedError, match="far higher than any"):
        registry.receive(send(tmp_path / "1", "a", MAX_FIRST + 1, crowd("a", range(2))))
    assert registry.receive(send(tmp_path / "2", "a", MAX_FIRST, crowd("a", range(2)))).new == 2
