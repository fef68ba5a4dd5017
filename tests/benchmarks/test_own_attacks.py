"""The committed results of the attacks on real submissions: controls work, and gates are as the pages say."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.attacks.gates import CLUSTERS, FORGING, HOUSEHOLDS, PROBING, Gate, judge_rows
from benchmarks.attacks.trials import SEEDS
from benchmarks.results import read_result

GATES = {"clusters": CLUSTERS, "forging": FORGING, "households": HOUSEHOLDS, "probing": PROBING}


def _figures(name: str) -> dict[str, Any]:
    figures: dict[str, Any] = read_result(f"attacks-{name}")["figures"]
    return figures


@pytest.mark.parametrize("name", sorted(GATES))
def test_controls_work_over_all_seeds_and_gates_were_measured(name: str) -> None:
    figures = _figures(name)
    assert figures["works"]
    assert all(figures["works"].values())
    assert tuple(figures["seeds"]) == SEEDS
    gates: tuple[Gate, ...] = GATES[name]
    assert [(one["gate"], one["state"]) for one in figures["verdicts"]] == [
        (verdict.gate, verdict.state) for verdict in judge_rows(gates, figures["rows"])
    ]
    assert not [one for one in figures["verdicts"] if one["state"] == "not measured"]


@pytest.mark.parametrize("name", ["forging", "probing"])
def test_no_forged_file_is_taken_and_no_receipt_tells(name: str) -> None:
    assert not _figures(name)["failed"]


def test_a_coarser_payload_names_fewer() -> None:
    share = {
        (row["attack"], row["population"], row["setting"]): row["re_identified"]
        for row in _figures("households")["rows"]
    }
    sent = share["households", "children", "closed"]
    assert sent > 1.8 * share["payload alone", "children", "closed"]
    assert share["households, counties, years, children and adults", "children", "closed"] < 0.1 < sent
