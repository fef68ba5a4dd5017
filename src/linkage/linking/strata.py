"""Strata: all pairs of records, divided by the bodies they come from, and how rates become probabilities in them.

What is learned of a stratum is a rate, matches or rivals for each record of the smaller body, since rates of bodies of
all sizes can be told together; what a pair is weighed with is a probability. Here the one becomes the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MAX_PRIOR",
    "MAX_SHARE",
    "PRIOR_RECORDS",
    "Strata",
    "partner_odds",
    "priors_of_rates",
    "rival_shares",
]

MAX_PRIOR: Final = 0.5
"""No stratum is taken to hold more matches than other pairs; only a body of two or three records comes near."""

MAX_SHARE: Final = 0.98
"""Of fifty persons of a body at least one is taken to be unknown to any other, so that odds stay finite."""

PRIOR_RECORDS: Final = 20.0
"""Records whose worth a stratum borrows from the others, and all strata together from the profile."""


@dataclass(frozen=True)
class Strata:
    """All pairs of records, divided by the bodies they come from: each pair of bodies, and the inside of each body.

    Attributes:
        reporters: Codes of the bodies, sorted.
        n_records: How many records each has.
    """

    reporters: tuple[str, ...]
    n_records: tuple[int, ...]

    @classmethod
    def of(cls, n_records: Mapping[str, int]) -> Strata:
        """Make strata from the number of records of each body.

        Args:
            n_records: By code of the body, in any order.

        Returns:
            The strata.
        """
        reporters = tuple(sorted(n_records))
        return cls(reporters, tuple(n_records[reporter] for reporter in reporters))

    def numbers(self, left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the stratum number of each pair.

        Args:
            left: `(p,)` integers, the place in `reporters` of one record's body.
            right: `(p,)` integers, that of the other; which is which does not matter.

        Returns:
            `(p,) int64`, from 0 to `len(n_pairs) - 1`.
        """
        low = np.minimum(left, right).astype(np.int64)
        high = np.maximum(left, right).astype(np.int64)
        return np.asarray(high * (high + 1) // 2 + low)

    @cached_property
    def pairs_of_bodies(self) -> NDArray[np.int64]:
        """`(s, 2) int64`: for each stratum the places of its bodies in `reporters`, the smaller first."""
        high, low = np.tril_indices(len(self.reporters))
        return np.column_stack([low, high]).astype(np.int64)

    @cached_property
    def is_within(self) -> NDArray[np.bool_]:
        """`(s,) bool`: whether a stratum is the inside of one body."""
        return np.asarray(self.pairs_of_bodies[:, 0] == self.pairs_of_bodies[:, 1])

    @cached_property
    def n_pairs(self) -> NDArray[np.float64]:
        """`(s,) float64`: how many pairs of records each stratum has, candidates or not."""
        low, high = self._sizes()
        return np.where(self.is_within, low * (low - 1) / 2, low * high)

    @cached_property
    def n_small(self) -> NDArray[np.float64]:
        """`(s,) float64`: records of the smaller body of each stratum, the natural scale of its number of matches."""
        return np.minimum(*self._sizes())

    def _sizes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the number of records of both bodies of each stratum."""
        sizes = np.asarray(self.n_records, np.float64)
        return sizes[self.pairs_of_bodies[:, 0]], sizes[self.pairs_of_bodies[:, 1]]


def priors_of_rates(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Turn matches for each record of the smaller body into match priors of pairs.

    Args:
        rates: `(s,) float64`.
        strata: The strata.

    Returns:
        `(s,) float64`, at most `MAX_PRIOR`.
    """
    return np.minimum(rates * strata.n_small / np.maximum(strata.n_pairs, 1), MAX_PRIOR)


def partner_odds(share: float | NDArray[np.float64], persons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn shares of persons who are known to both bodies into odds of partners.

    With `g` of `m` and `n` persons found, `m - g` and `n - g` are left, and the next pair is one of their product.

    Args:
        share: Of the smaller body, `(s,)` or one for all.
        persons: `(s, 2) float64`, persons of both bodies.

    Returns:
        `(s,) float64`, at most those of `MAX_PRIOR`.
    """
    found = np.minimum(share, MAX_SHARE) * persons.min(axis=1)
    left = np.maximum(persons - found[:, None], 1 - MAX_SHARE)
    return np.asarray(np.minimum(found / left.prod(axis=1), MAX_PRIOR / (1 - MAX_PRIOR)))


def rival_shares(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Turn rates of rivals into their shares among the pairs of each stratum.

    Args:
        rates: `(2, rivals) float64`, between bodies and within.
        strata: The strata.

    Returns:
        `(s, rivals) float64`.
    """
    of_stratum = rates[strata.is_within.astype(np.int64)]
    return np.stack([priors_of_rates(column, strata) for column in of_stratum.T], axis=1)
