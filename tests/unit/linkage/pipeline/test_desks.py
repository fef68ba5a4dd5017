"""A unit on its own takes its part of what reporters send, and says of everything else what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import HeldBackError, RefusedError
from linkage.pipeline import Registry
from pseudonym.wire import split_submission
from tests.unit.linkage.helpers import PROFILE, crowd, send, take_back

pytestmark = pytest.mark.whole


@pytest.fixture(params=["linkage", "statistics"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Registry:
    return Registry.create(tmp_path / "unit", profile=PROFILE, unit=request.param)


def parts(folder: Path, sequence: int, n: int = 3) -> dict[str, Path]:
    """Return the parts of a submission, by the unit that they are for."""
    whole = send(folder / "whole", "a", sequence, crowd("a", range(n)))
    found = {name: folder / f"{name}-{sequence}" for name in ("linkage", "statistics")}
    split_submission(whole, codes=found["linkage"], cases=found["statistics"], profile=PROFILE, codebook=None)
    return found


def rule(unit: Registry, path: Path) -> str:
    with pytest.raises(RefusedError) as caught:
        unit.receive(path)
    return caught.value.rule


def name_of(unit: Registry) -> str:
    return next(iter(unit._units.stores))


def test_each_takes_its_own_part_and_neither_the_other_nor_the_whole(unit, tmp_path):
    own, other = name_of(unit), "statistics" if name_of(unit) == "linkage" else "linkage"
    found = parts(tmp_path, 1)
    assert rule(unit, found[other]) == "submission.unit"
    assert rule(unit, tmp_path / "whole") == "submission.whole"
    assert unit.receive(found[own], dry_run=True).new == 3
    assert unit.receive(found[own]).new == 3
    assert unit.receive(found[own]).outcome == "already received"
    withdrawal = take_back(tmp_path / "w", "a", 2, records=["a-1"])
    if own == "linkage":
        assert rule(unit, withdrawal) == "submission.unit"
    else:
        assert unit.receive(withdrawal).withdrawn == 1


def test_what_is_no_file_for_either_unit_is_called_what_it_is(unit, tmp_path):
    cases = tmp_path / "cases.csv"
    cases.write_text("case;personnummer\n1;201102241234\n", encoding="utf-8")
    assert rule(unit, cases) == "submission.case_file"
    assert rule(unit, Path(unit.registry_key if name_of(unit) == "linkage" else unit.statistics_key)) == (
        "submission.registry_key"
    )
    assert rule(unit, tmp_path / "missing") == "submission.unreadable"


@pytest.mark.parametrize(("number", "expected"), [(1 << 51, "ahead"), (1 << 52, "ahead"), (1, "behind")])
def test_each_asks_about_a_sequence_number_far_from_the_last_one(unit, tmp_path, number, expected):
    own = name_of(unit)
    unit.receive(parts(tmp_path, 1 << 40)[own])
    path = parts(tmp_path, number, 2)[own]
    with pytest.raises(HeldBackError) as caught:
        unit.receive(path)
    assert caught.value.rule == f"submission.sequence_{expected}"
    if number < 1 << 52:
        assert unit.receive(path, accept_sequence=True).outcome == "unchanged"
    else:
        assert isinstance(unit.receive_all([path], accept_sequence=True)[0], HeldBackError)
