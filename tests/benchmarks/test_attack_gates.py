"""The quick suite at full size on the built-in profiles, by scenario: no gate is missed that the results say is met."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.attacks.evidence.scenes import Scenario
from benchmarks.attacks.gates import GATES, Verdict
from benchmarks.attacks.suite import measure
from benchmarks.attacks.trials import SUITES
from benchmarks.results import read_result
from pseudonym.profile import load_profile

# Scenarios without a gate are for the pages only; `python -m benchmarks.attacks` runs them too.
GATED = [
    pytest.param(profile, scenario, id=f"{profile}, {scenario.title()}", marks=pytest.mark.slow)
    for profile, gates in GATES.items()
    for scenario in sorted({trial.scenario for trial in SUITES["quick"]})
    if any(gate.attack != "quality" and gate.population == scenario.population for gate in gates)
]


def _committed(profile: str) -> dict[str, Any]:
    figures: dict[str, Any] = read_result(f"attacks-{profile}")["figures"]
    return figures


@pytest.mark.parametrize(("profile", "scenario"), GATED)
def test_no_gate_is_missed_that_was_met(profile: str, scenario: Scenario) -> None:
    trials = [trial for trial in SUITES["quick"] if trial.scenario == scenario]
    run = measure(load_profile(profile), trials, control_records=0)
    measured = [verdict for verdict in run.verdicts if verdict.state != "not measured"]
    assert measured
    reported = {verdict["gate"] for verdict in _committed(profile)["verdicts"] if Verdict(**verdict).missed}
    assert {verdict.gate for verdict in measured if verdict.missed} <= reported


# Measuring takes a quarter of an hour for each profile: it is done before a release, not with each change of a table.
@pytest.mark.slow
@pytest.mark.parametrize("profile", sorted(GATES))
def test_the_results_are_of_the_profile_that_ships_and_its_attacks_work(profile: str) -> None:
    found = read_result(f"attacks-{profile}")["figures"]
    assert found["profile_digest"] == load_profile(profile).digest
    assert found["controls"]
    assert all(control["works"] for control in found["controls"])
