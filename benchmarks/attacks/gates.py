"""The gates that a profile must pass before release: one table, checked by `--check`.

A re-identification gate is met if the upper Wilson limit over all seeds stays within it, so that too small a
measurement does not pass. A missed gate is reported with its figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = [
    "FORGING",
    "GATES",
    "HOUSEHOLDS",
    "PROBING",
    "SETTLED",
    "SHARE_RATES",
    "STOLEN",
    "Gate",
    "Verdict",
    "judge",
    "judge_rows",
]


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
        """Return whether this gate applies to a row of results.

        Payload does not depend on the profile, and registries without numbers have no gates.
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
        """Return the name of the gate for display."""
        bound = f"≤ {self.at_most:.2%}" if self.at_most is not None else f"≥ {self.at_least:.2%}"
        known = "" if not self.known else f", {self.known:.0%} known"
        figure = self.figure.replace("_", " ")
        return f"{self.attack}, {self.population}, {self.setting}{known}: {figure} {bound}"


_UNSEEDED: Final = ("graph", "refinement", "frequency", "patterns", "shape")

SHARE_RATES: Final[dict[str, tuple[str, float]]] = {"case-registry": ("children", 0.4), "population": ("dense", 0.05)}
"""The population for which a profile states a share rate, and the highest that may be measured there.

Only records that share a match key with another person are named by codes, so whatever raises the share rate raises
what every attack on codes can find. The limits are the rates that the profiles state, and room for chance: a profile
must not share more than its officers are told.
"""


def _share_gate(profile: str) -> Gate:
    population, rate = SHARE_RATES[profile]
    return Gate("refinement", population, "closed", 0.0, "share_upper_limit", at_most=rate)


GATES: Final[dict[str, tuple[Gate, ...]]] = {
    "case-registry": (
        _share_gate("case-registry"),
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
        _share_gate("population"),
        *(Gate(attack, "dense", "any", None, at_most=0.005) for attack in _UNSEEDED),
        Gate("known", "dense", "closed", 0.2, at_most=0.01),
        Gate("dictionary", "dense", "closed", 0.2, at_most=0.01),
        Gate("quality", "synthetic-middle-number", "any", None, "candidate_recall", at_least=0.97),
    ),
}
"""The gates by profile. 1,000 known pairs are 20 % of the 5,000 records of `dense`."""

STOLEN: Final = (
    Gate("stolen contents", "children", "closed", None, at_most=0.01),
    Gate("stolen match keys", "children", "closed", None, at_most=0.001),
)
"""The gates of `stolen`, for every profile."""


SETTLED: Final = (
    Gate("reviewed edges", "children", "closed", 0.0, at_most=0.01),
    Gate("reviewed edges", "children", "closed", 0.2, at_most=0.06),
    Gate("settled edges", "children", "closed", None, at_most=0.001),
    Gate("settled edges", "children", "closed", None, "share_rate", at_most=0.001),
)
"""The gates of `settled`, for every profile: while pairs are reviewed, what these share; after that chance, and a few
persons who were taken for one."""

HOUSEHOLDS: Final = tuple(
    Gate("households", population, setting, None, at_most=limit)
    for population in ("children", "cases")
    for setting, limit in (("closed", 0.1), ("open", 0.03))
)
"""The gates of `households`: what payload and cases may name, by the default codebook and with no code."""

CLUSTERS: Final = (
    Gate("reviewed clusters", "children", "closed", 0.0, at_most=0.005),
    Gate("reviewed clusters", "children", "closed", 0.2, at_most=0.06),
    Gate("settled clusters", "children", "closed", None, at_most=0.001),
)
"""The gates of `clusters`: after a purge the linkage unit names nearly nobody by what it has linked."""

FORGING: Final = (Gate("forging", "files", "any", None, "taken", at_most=0),)
"""The gate of `forging`: no forged or replayed file may change anything."""

PROBING: Final = (Gate("probing", "probes", "any", None, "advantage_upper_limit", at_most=0.05),)
"""The gate of `probing`: what a reporter gets back may hardly depend on whom others have reported."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on one gate: `met`, `missed`, or `not measured` if the suite or lack of data left it out."""

    gate: str
    state: str
    figure: float | None

    @property
    def missed(self) -> bool:
        """Whether the gate was measured and missed."""
        return self.state == "missed"


def judge(profile: str, rows: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Check results against the gates of a profile; the worst row of each gate counts.

    Args:
        profile: The name of the profile, which may have no gates.
        rows: Rows of results.

    Returns:
        A verdict for each gate.
    """
    return judge_rows(GATES.get(profile, ()), rows)


def judge_rows(gates: Iterable[Gate], rows: Iterable[Mapping[str, Any]]) -> list[Verdict]:
    """Check results against gates; the worst row of each gate counts.

    Args:
        gates: The gates.
        rows: Rows of results.

    Returns:
        A verdict for each gate.
    """
    rows = list(rows)
    verdicts = []
    for gate in gates:
        values = [row[gate.figure] for row in rows if gate.fits(row) and row.get(gate.figure) is not None]
        if not values:
            verdicts.append(Verdict(gate.title(), "not measured", None))
            continue
        worst = max(values) if gate.at_most is not None else min(values)
        met = worst <= gate.at_most if gate.at_most is not None else worst >= (gate.at_least or 0.0)
        verdicts.append(Verdict(gate.title(), "met" if met else "missed", worst))
    return verdicts
