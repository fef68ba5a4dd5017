"""In the worlds of the attacks, numbers and passports are as frequent as in case files."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from benchmarks.attacks.world.populations import HELD, make_world
from benchmarks.attacks.world.recall import records_of_frame
from benchmarks.quality.data.datasets import synthetic
from pseudonym.identity.record import Record

N = 1000


def _share(records: Iterable[Record], field: str) -> float:
    held = [bool(getattr(record, field)) for record in records]
    return sum(held) / len(held)


@pytest.mark.whole
def test_as_many_records_have_numbers_as_in_the_synthetic_case_files() -> None:
    reporters = synthetic(2000, level="middle", seed=1).reporters.values()
    records = [record for frame in reporters for record in records_of_frame(frame)]
    for field, held in HELD.items():
        assert _share(records, field) == pytest.approx(held, abs=0.05)


@pytest.mark.whole
@pytest.mark.parametrize("kind", ["children", "adults"])
def test_worlds_of_case_files_hold_numbers_as_often(kind: str) -> None:
    world = make_world(kind, N, seed=1)
    for field, held in HELD.items():
        assert _share(world.records, field) == pytest.approx(held, abs=0.05)


def test_registers_hold_the_numbers_of_all_and_few_passports() -> None:
    world = make_world("dense", N, seed=1)
    assert _share(world.records, "number") > 0.8
    assert _share(world.records, "foreign_number") == pytest.approx(HELD["foreign_number"], abs=0.05)
