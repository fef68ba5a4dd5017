"""What a profile must withstand before it ships: one table, checked by `--check`.

A re-identification gate is met when the upper Wilson limit over all seeds stays within it, so that too small a
measurement does not pass. A gate that is not met is reported with its figure; no gate is bent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["GATES", "Gate", "Verdict", "judge"]


@dataclass(frozen=True)
class Gate:
    """One bound.

    Attributes:
        attack: The attack, or `quality`.
        population: The population, or the data set.
        setting: `closed`, `open` or `any`, or the figure of `quality`.
        known: Share of the registry that is known; None for any.
        figure: The figure that is bounded.
        at_most: The bound from above, or None.
        at_least: The bound from below, or None.
    """

    attack: str
    population: str
    setting: str
    known: float | None
    figure: str = "upper_limit"
    at_most: float | None = None
    at_least: float | None = None

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Return whether a row of results is under this gate.

        Payload is no matter of the profile, and registries without numbers are reported beside the others.
        """
        return (
            row["attack"] == self.attack
            and row["population"] == self.population
            and self.setting in ("any", row["setting"])
            and self.known in (None, row["known"])
            and not row["payload"]
            and row.get("numbers", True)
        )

    def title(self) -> str:
        """Name the gate for people."""
        bound = f"≤ {self.at_most:.2%}" if self.at_most is not None else f"≥ {self.at_least:.2%}"
        known = "" if not self.known else f", {self.known:.0%} known"
        figure = self.figure.replace("_", " ")
        return f"{self.attack}, {self.population}, {self.setting}{known}: {figure} {bound}"


_UNSEEDED: Final = ("graph", "refinement", "frequency", "patterns", "shape")

GATES: Final[dict[str, tuple[Gate, ...]]] = {
    "case-registry": (
        *(Gate(attack, "children", "any", None, at_most=0.005) for attack in _UNSEEDED),
        Gate("known", "children", "open", 0.01, at_most=0.01),
        Gate("known", "children", "closed", 0.01, at_most=0.02),
        Gate("known", "children", "closed", 0.01, "top_precision", at_most=0.2),
        Gate("known", "children", "open", 0.01, "top_precision", at_most=0.2),
        Gate("known", "children", "closed", 0.2, at_most=0.1),
        Gate("dictionary", "children", "closed", 0.2, at_most=0.1),
        Gate("quality", "synthetic-middle", "any", None, "candidate_recall", at_least=0.97),
        Gate("quality", "essnet", "any", None, "candidate_recall", at_least=0.93),
    ),
    "population": (
        *(Gate(attack, "dense", "any", None, at_most=0.005) for attack in _UNSEEDED),
        Gate("known", "dense", "closed", 0.2, at_most=0.01),
        Gate("dictionary", "dense", "closed", 0.2, at_most=0.01),
        Gate("quality", "synthetic-middle-number", "any", None, "candidate_recall", at_least=0.97),
    ),
}
"""The gates by profile. 1,000 known pairs are 20 % of the 5,000 records of `dense`."""


@dataclass(frozen=True)
class Verdict:
    """What became of one gate: `met`, `missed`, or `not measured` where the suite or the data left it out."""

    gate: str
    state: str
    figure: float | None

    @property
    def missed(self) -> bool:
        """Whether the gate was measured and missed."""
        return self.state == "missed"


def judge(profile: str, rows: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Hold results against the gates of a profile; the worst of the fitting rows counts.

    Args:
        profile: The name of the profile; one without gates has none to miss.
        rows: Rows of results.

    Returns:
        A verdict for each gate.
    """
    rows = list(rows)
    verdicts = []
    for gate in GATES.get(profile, ()):
        values = [row[gate.figure] for row in rows if gate.fits(row) and row.get(gate.figure) is not None]
        if not values:
            verdicts.append(Verdict(gate.title(), "not measured", None))
            continue
        worst = max(values) if gate.at_most is not None else min(values)
        met = worst <= gate.at_most if gate.at_most is not None else worst >= (gate.at_least or 0.0)
        verdicts.append(Verdict(gate.title(), "met" if met else "missed", worst))
    return verdicts
