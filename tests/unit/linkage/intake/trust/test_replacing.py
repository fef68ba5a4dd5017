"""A delivery that changes the identities in most records of its reporter waits; other corrections do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkage.errors import ReplacementError
from linkage.intake.trust.replacing import FEWEST
from linkage.pipeline import Registry
from pseudonym.wire import split_submission
from tests.unit.linkage import helpers
from tests.unit.linkage.helpers import PROFILE, Rec, crowd, dump, send

pytestmark = pytest.mark.whole


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    made = Registry.create(tmp_path / "r.duckdb", profile=PROFILE)
    made.receive(send(tmp_path / "b", "b", 1, crowd("b", range(FEWEST))))
    return made


def delivery(n: int, n_changed: int, **values: str) -> list[Rec]:
    """Return `crowd("a", range(n))`, the first ones with codes of other persons, all with these values."""
    return [Rec(f"a-{i}", 100 + i if i < n_changed else i, values=values) for i in range(n)]


def refused(registry: Registry, path: Path) -> tuple[int, int]:
    """Receive a file that is held back, and return of how many records it would change how many."""
    before = dump(registry, "SELECT * FROM codes ORDER BY ALL")
    with pytest.raises(ReplacementError) as caught:
        registry.receive(path)
    assert dump(registry, "SELECT * FROM codes ORDER BY ALL") == before
    assert caught.value.rule == "submission.replaces_most"
    return caught.value.replaced, caught.value.of


def test_more_than_half_waits_and_half_does_not(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST, 0)))
    half = FEWEST // 2
    assert refused(registry, send(tmp_path / "2", "a", 2, delivery(FEWEST, half + 1))) == (half + 1, FEWEST)
    assert registry.receive(send(tmp_path / "3", "a", 3, delivery(FEWEST, half))).superseding == half


def test_all_records_of_the_reporter_count_and_not_those_of_the_file(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(2 * FEWEST, 0)))
    assert registry.receive(send(tmp_path / "2", "a", 2, delivery(FEWEST, FEWEST))).superseding == FEWEST


def test_a_reporter_with_few_records_is_not_asked(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST - 1, 0)))
    receipt = registry.receive(send(tmp_path / "2", "a", 2, delivery(FEWEST - 1, FEWEST - 1)))
    assert receipt.superseding == FEWEST - 1


def test_new_payload_is_no_other_identity(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST, 0)))
    for sequence, state in ((2, "open"), (3, "closed")):
        receipt = registry.receive(send(tmp_path / state, "a", sequence, delivery(FEWEST, 0, case_state=state)))
        assert receipt.superseding == FEWEST
    # What is compared is the version that the payload has replaced, with the codes that it brought.
    assert refused(registry, send(tmp_path / "4", "a", 4, delivery(FEWEST, FEWEST))) == (FEWEST, FEWEST)


def other_handles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `send` give records the handles that somebody without the key of the reporter makes up."""
    own = helpers._handles
    monkeypatch.setattr(helpers, "_handles", lambda reporter, records: own(f"not {reporter}", records))


def test_a_record_under_a_new_handle_is_another_identity_for_all_that_anybody_can_tell(registry, tmp_path, monkeypatch):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST, 0)))
    other_handles(monkeypatch)
    for n_changed in (0, FEWEST):
        path = send(tmp_path / f"{n_changed}", "a", 2, delivery(FEWEST, n_changed))
        assert refused(registry, path) == (FEWEST, FEWEST)


def test_units_apart_ask_about_what_each_of_them_sees(tmp_path, monkeypatch):
    units = [Registry.create(tmp_path / unit, profile=PROFILE, unit=unit) for unit in ("linkage", "statistics")]

    def sent(sequence: int, n_changed: int) -> list[Path]:
        """Return the parts of a delivery, each for its unit."""
        path = send(tmp_path / "whole", "a", sequence, delivery(FEWEST, n_changed))
        parts = [tmp_path / f"{sequence}-{name}" for name in ("codes", "cases")]
        split_submission(path, codes=parts[0], cases=parts[1], profile=PROFILE, codebook=None)
        return parts

    for unit, part in zip(units, sent(1, 0), strict=True):
        unit.receive(part)
    half = FEWEST // 2
    assert units[0].receive(sent(2, half)[0], dry_run=True).superseding == half
    codes, cases = sent(3, half + 1)
    with pytest.raises(ReplacementError) as caught:
        units[0].receive(codes)
    assert (caught.value.replaced, caught.value.of) == (half + 1, FEWEST)
    assert units[1].receive(cases).unchanged == FEWEST
    assert units[0].receive(codes, accept_replacements=True).superseding == half + 1
    assert units[0].receive(codes).outcome == "already received"
    other_handles(monkeypatch)
    codes, cases = sent(4, half + 1)
    assert units[0].receive(codes).new == FEWEST
    with pytest.raises(ReplacementError) as caught:
        units[1].receive(cases)
    assert (caught.value.replaced, caught.value.of) == (FEWEST, FEWEST)


def test_what_comes_late_replaces_nothing(registry, tmp_path):
    registry.receive(send(tmp_path / "2", "a", 2, delivery(FEWEST, 0)))
    assert registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST, FEWEST))).late == FEWEST


def test_accepted_it_replaces_all(registry, tmp_path):
    registry.receive(send(tmp_path / "1", "a", 1, delivery(FEWEST, 0)))
    path = send(tmp_path / "2", "a", 2, delivery(FEWEST, FEWEST))
    assert registry.receive(path, accept_replacements=True).superseding == FEWEST
    assert refused(registry, send(tmp_path / "3", "a", 3, delivery(FEWEST, 0))) == (FEWEST, FEWEST)
