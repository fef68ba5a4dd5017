"""What a reporter gets back does not tell whom others have reported; a registry that tells is noticed."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.attacks.gates import PROBING, judge_rows
from benchmarks.attacks.on_registries import probing
from benchmarks.attacks.on_registries.probing import Counts, advantage_limits, guess
from linkage.pipeline import Registry
from pseudonym.profile import load_profile

PROFILE = load_profile("case-registry")


def test_an_answer_that_tells_is_found_and_one_that_does_not_is_not_believed() -> None:
    told = [({"new": "1", "linked": str(int(known))}, known) for known in (True, False) * 5]
    assert guess(told, [{"linked": "1"}, {"linked": "0"}, {}]) == [True, False, False]
    same = [({"new": "1"}, known) for known in (True, False) * 5]
    assert guess(same, [{"new": "1"}] * 3) == [False] * 3
    # A value that is another one each time, such as a time, fits the past and says nothing of what comes.
    noise = [({"at": str(place)}, known) for place, known in enumerate((True, False) * 5)]
    assert guess(noise, [{"at": "99"}]) == [False]


def test_the_limits_of_an_advantage_hold_at_both_ends() -> None:
    low, high = advantage_limits(Counts(90, 0, 90, 0))
    assert low == pytest.approx(-high)
    assert 0.03 < high < 0.05
    # [Newcombe1998], table II, case (a): 56/70 - 48/80, method 10.
    low, high = advantage_limits(Counts(70, 56, 80, 48))
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_few_probes_do_not_meet_the_gate() -> None:
    rows = [probing._row("probing", "t", counts) for counts in (Counts(90, 0, 90, 0), Counts(20, 0, 20, 0))]
    assert [judge_rows(PROBING, [row])[0].state for row in rows] == ["met", "missed"]


def test_receipts_do_not_tell_and_the_number_of_persons_does() -> None:
    found = probing.figures(PROFILE, probes=4, counted=4, seeds=(1,))
    silent, published = found["rows"]
    assert (silent["advantage"], published["advantage"]) == (0.0, 1.0)
    assert (silent["present"], silent["absent"]) == (1, 1)
    assert all(found["works"].values())


def test_a_registry_that_says_whether_it_knows_a_person_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    receive = Registry.receive

    def telling(self: Registry, path: Any, **accept: Any) -> Any:
        receipt = receive(self, path, **accept)
        if receipt.reporter == probing.PROBER and receipt.new:
            self.link()
            # All persons of the others have two records; one who is new to the registry is one person more.
            persons = {row["person_id"]: 0 for row in self.persons().to_pylist()}
            if len(persons) < self.summary().records // 2 + receipt.new:
                object.__setattr__(receipt, "unchanged", 1)
        return receipt

    monkeypatch.setattr(Registry, "receive", telling)
    counts = probing.probed(PROFILE, 4, 1, counting=False)
    assert counts.advantage > 0.4
