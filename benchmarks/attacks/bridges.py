"""Bridge records: what some records known to be the same in two epochs give away of all others.

Codes of two linkage epochs cannot be compared. But two bodies may send one report again under the new key, or name a
case by its old id, and each such record is a known pair between the two epochs' registries. From there on the attack
is that of `known`, with the old registry in place of plaintext; whoever was identified in the old epoch stays
identified as far as it carries. After the seeded setting of [Vidanage2020].
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.signals import Foreseen, meet
from benchmarks.attacks.view import View
from pseudonym.profile import Profile

__all__ = ["OldEpoch"]

RARE: Final = 0.02
"""Bands that two records are expected to share which shared none before."""

Ints = NDArray[np.int64]


class OldEpoch(Foreseen):
    """A registry of an earlier epoch in the place of plaintexts: what it shows is what the attacker expects."""

    def __init__(self, view: View, profile: Profile) -> None:
        """Take the old registry's codes."""
        super().__init__((), profile, label="")
        self._view = view
        # Between contents under different match keys nothing is known; under one empty match key everything is.
        self.has_contents = profile.unguarded

    def __len__(self) -> int:
        """Count the records of the old registry."""
        return len(self._view)

    @property
    def exact_keys(self) -> NDArray[np.uint64]:
        """The match keys of all combinations, by their numbers in the old registry."""
        return self._view.key[:, self._view.exact].astype(np.uint64)

    def band_rates(self, rows: Ints, landmarks: Ints) -> NDArray[np.float32]:
        """Expect as many shared bands as there were."""
        rates = np.zeros((len(self), len(landmarks)), np.float32)
        if not self.banded:
            return rates[rows]
        found = meet(self._view.key[:, ~self._view.exact], landmarks)
        np.add.at(rates, (found.row, found.landmark), 1)
        return np.maximum(rates, RARE)[rows]

    def contents(self, rows: Ints) -> NDArray[np.uint64]:
        """Return the old contents, as if they had been simulated under one key."""
        return self._view.words[rows, 0][:, None]
