"""The inputs of an attack: a world, the registry's view of it, and what the attacker foresees."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.bridges import OldEpoch
from benchmarks.attacks.evidence.candidate_pairs import CandidatePairs
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.world.populations import World, make_world, without_numbers
from benchmarks.attacks.world.view import View, fixed_registry_key, observe
from pseudonym.profile import Profile

__all__ = ["Scenario", "Scene"]

KEY: Final = "registry"
"""Label of the registry's linkage key; the attacker's keys have other labels."""


@dataclass(frozen=True, order=True)
class Scenario:
    """A population, its size, and what the attacker knows about it.

    Attributes:
        population: One of `populations.KINDS`.
        n: Records in the registry.
        factor: Candidates per record.
        overlap: Share of the registry's persons who are among the candidates.
        numbers: Whether the records have numbers, Swedish and foreign ones.
    """

    population: str
    n: int
    factor: float = 1.0
    overlap: float = 1.0
    numbers: bool = True

    @property
    def closed(self) -> bool:
        """Whether the attacker knows exactly who is in the registry."""
        return self.factor == 1 and self.overlap == 1

    def title(self) -> str:
        """Return the name of the scenario for display."""
        size = f"{self.n:,}" + ("" if self.numbers else " numberless")
        if self.closed:
            return f"{size} {self.population}"
        if self.factor > 1:
            return f"{size} {self.population} of {self.n * self.factor:,.0f}"
        return f"{size} {self.population}, overlap {self.overlap:.0%}"


class Scene:
    """One scenario with a seed and a profile; expensive parts are computed when first needed, and kept."""

    def __init__(
        self,
        scenario: Scenario,
        profile: Profile,
        seed: int,
        *,
        public_rows: bool = False,
        bare: frozenset[int] = frozenset(),
    ) -> None:
        """Prepare.

        Args:
            scenario: The scenario.
            profile: The profile under attack.
            seed: Seed of the population and of everything else.
            public_rows: Whether the attacker knows the row functions of MinHash.
            bare: Kinds of codes whose contents are hidden from the attacker.
        """
        self.scenario = scenario
        self.profile = profile
        self.seed = seed
        self.public_rows = public_rows
        self.bare = bare

    @cached_property
    def world(self) -> World:
        """The registry and the attacker's population."""
        s = self.scenario
        world = make_world(s.population, s.n, seed=self.seed, factor=s.factor, overlap=s.overlap)
        return world if s.numbers else without_numbers(world)

    @cached_property
    def view(self) -> View:
        """What the registry holds after intake."""
        stored = observe(
            self.world.records, self.profile, f"{KEY} {self.seed}", registry=fixed_registry_key(str(self.seed))
        )
        return replace(stored, public_rows=self.public_rows, bare=self.bare)

    @cached_property
    def predicted(self) -> Predicted:
        """What the attacker computes."""
        rows = f"{KEY} {self.seed}" if self.public_rows else None
        return Predicted(self.world.candidates, self.profile, label=f"attacker {self.seed}", public_rows=rows)

    @cached_property
    def candidate_pairs(self) -> CandidatePairs:
        """What the attacker computes of every pair of its candidates."""
        return CandidatePairs(self.predicted, share=min(1.0, self.scenario.n / len(self.predicted)))

    @cached_property
    def old_epoch(self) -> tuple[OldEpoch, NDArray[np.int64]]:
        """The same persons under an older key in another order, and the old row of each record."""
        order = np.random.default_rng([self.seed, 31]).permutation(len(self.world.records))
        records = [self.world.records[row] for row in order.tolist()]
        old = observe(records, self.profile, f"older {self.seed}", registry=fixed_registry_key(f"older {self.seed}"))
        return OldEpoch(old, self.profile), np.argsort(order)

    @cached_property
    def shares(self) -> NDArray[np.bool_]:
        """The records that share a match key with another person."""
        return self.view.shares(np.arange(len(self.view)))

    @cached_property
    def groups(self) -> dict[str, NDArray[np.bool_]]:
        """Subsets that are reported separately."""
        return {"sharing": self.shares, **self.world.groups}

    def known(self, share: float) -> Landmarks:
        """Draw known pairs among the records whose persons are candidates; equal shares give equal pairs."""
        rng = np.random.default_rng([self.seed, 7, round(share * 1000)])
        rows = np.flatnonzero(self.world.truth >= 0)
        rows = np.sort(rng.choice(rows, round(share * len(self.view)), replace=False))
        return Landmarks(rows, self.world.truth[rows])
