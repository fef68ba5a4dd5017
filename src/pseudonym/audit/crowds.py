"""Match keys that very many records of one file share: copies of records, or a placeholder that was not recognised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pseudonym.audit.keys import Groups
from pseudonym.privacy import CROWD

__all__ = ["CrowdTally"]


class CrowdTally:
    """Count codes in crowds, while their groups are read for something else.

    Attributes:
        n_codes: Number of codes whose match key a crowd shares.
        largest: Number of records in the largest group.
    """

    def __init__(self) -> None:
        """Start at zero."""
        self.n_codes = 0
        self.largest = 0

    def watch(self, parts: Iterable[Groups]) -> Iterator[Groups]:
        """Count the groups of each part, and pass it on."""
        for part in parts:
            sizes = np.bincount(part.group, minlength=1)
            self.n_codes += int(sizes[sizes > CROWD].sum())
            self.largest = max(self.largest, int(sizes.max()))
            yield part
