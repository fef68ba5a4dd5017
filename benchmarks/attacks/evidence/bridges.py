"""Bridge records: records known to be the same in two epochs, used to match all others.

Codes of two linkage epochs cannot be compared. But reporters may send a report again under the new key, or refer to a
case by its old id, and each such record is a known pair between the registries of the two epochs. The rest of the
attack is `known`, with the old registry in the role of the plaintext; persons identified in the old epoch then remain
identified. After the seeded setting of [Vidanage2020].
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.signals import Predicted, meet
from benchmarks.attacks.world.view import View
from pseudonym.profile import Profile

__all__ = ["OldEpoch"]

RARE: Final = 0.02
"""Expected number of shared bands for two records that shared none before."""

Ints = NDArray[np.int64]


class OldEpoch(Predicted):
    """A registry of an earlier epoch in the role of the plaintexts: the attacker expects the same again."""

    def __init__(self, view: View, profile: Profile) -> None:
        """Take the old registry's codes."""
        super().__init__((), profile, label="")
        self._view = view
        # Contents under different match keys cannot be compared; under one empty match key all can.
        self.has_contents = profile.unguarded

    def __len__(self) -> int:
        """Count the records of the old registry."""
        return len(self._view)

    @property
    def exact_keys(self) -> NDArray[np.uint64]:
        """The match keys of all combinations, by their numbers in the old registry."""
        return self._view.key[:, self._view.exact].astype(np.uint64)

    def band_rates(self, rows: Ints, landmarks: Ints) -> NDArray[np.float32]:
        """Return the number of bands shared in the old epoch."""
        rates = np.zeros((len(self), len(landmarks)), np.float32)
        if not self.banded:
            return rates[rows]
        found = meet(self._view.key[:, ~self._view.exact], landmarks)
        np.add.at(rates, (found.row, found.landmark), 1)
        return np.asarray(np.maximum(rates, RARE)[rows], np.float32)

    def contents(self, rows: Ints) -> NDArray[np.uint64]:
        """Return the old contents, as if they had been simulated under one key."""
        contents: NDArray[np.uint64] = self._view.words[rows, 0][:, None]
        return contents
