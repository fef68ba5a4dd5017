"""Strata: all pairs of records, divided by the reporters that they come from; and rates as probabilities per stratum.

A fit learns rates, that is, matches or rivals per record of the smaller reporter, because they are comparable between
reporters of any size. Pairs are scored with probabilities, and this module converts rates to them.
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
"""Maximum match prior of a stratum; only a reporter with two or three records comes near."""

MAX_SHARE: Final = 0.98
"""Maximum share of a reporter's persons that another reporter also knows, so that odds stay finite."""

PRIOR_RECORDS: Final = 20.0
"""Weight of the prior, in records: for a stratum the rate over all strata, for all strata the rate of the profile."""


@dataclass(frozen=True)
class Strata:
    """The strata: one for each pair of reporters, and one for the pairs within each reporter.

    Attributes:
        reporters: Codes of the reporters, sorted.
        n_records: Number of records of each.
    """

    reporters: tuple[str, ...]
    n_records: tuple[int, ...]

    @classmethod
    def of(cls, n_records: Mapping[str, int]) -> Strata:
        """Return the strata of reporters with the given numbers of records.

        Args:
            n_records: By code of the reporter, in any order.

        Returns:
            The strata.
        """
        reporters = tuple(sorted(n_records))
        return cls(reporters, tuple(n_records[reporter] for reporter in reporters))

    def numbers(self, left: NDArray[np.integer], right: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the stratum number of each pair.

        Args:
            left: `(p,)` integers, the index in `reporters` of one record's reporter.
            right: `(p,)` integers, that of the other record's; their order does not matter.

        Returns:
            `(p,) int64`, from 0 to `len(n_pairs) - 1`.
        """
        low = np.minimum(left, right).astype(np.int64)
        high = np.maximum(left, right).astype(np.int64)
        return np.asarray(high * (high + 1) // 2 + low)

    @cached_property
    def reporter_pairs(self) -> NDArray[np.int64]:
        """`(s, 2) int64`: for each stratum the indices of its reporters, the smaller first."""
        high, low = np.tril_indices(len(self.reporters))
        return np.column_stack([low, high]).astype(np.int64)

    @cached_property
    def is_within(self) -> NDArray[np.bool_]:
        """`(s,) bool`: whether a stratum holds the pairs within one reporter."""
        return np.asarray(self.reporter_pairs[:, 0] == self.reporter_pairs[:, 1])

    @cached_property
    def n_pairs(self) -> NDArray[np.float64]:
        """`(s,) float64`: number of pairs of each stratum, candidates or not."""
        low, high = self._sizes()
        return np.where(self.is_within, low * (low - 1) / 2, low * high)

    @cached_property
    def n_small(self) -> NDArray[np.float64]:
        """`(s,) float64`: records of the smaller reporter of each stratum, the natural scale of its matches."""
        return np.minimum(*self._sizes())

    def _sizes(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the number of records of both reporters of each stratum."""
        sizes = np.asarray(self.n_records, np.float64)
        return sizes[self.reporter_pairs[:, 0]], sizes[self.reporter_pairs[:, 1]]


def priors_of_rates(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Convert rates of matches to match priors.

    Args:
        rates: `(s,) float64`, matches per record of the smaller reporter.
        strata: The strata.

    Returns:
        `(s,) float64`, at most `MAX_PRIOR`.
    """
    return np.minimum(rates * strata.n_small / np.maximum(strata.n_pairs, 1), MAX_PRIOR)


def partner_odds(share: float | NDArray[np.float64], persons: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert shares of persons known to both reporters to odds that two records are partners.

    If `g` of `m` and `n` persons have been matched, `m - g` and `n - g` are left, and the odds of a pair are `g / ((m -
    g)(n - g))`.

    Args:
        share: Share of the smaller reporter's persons, `(s,)` or one for all.
        persons: `(s, 2) float64`, number of persons of both reporters.

    Returns:
        `(s,) float64`, at most the odds of `MAX_PRIOR`.
    """
    found = np.minimum(share, MAX_SHARE) * persons.min(axis=1)
    left = np.maximum(persons - found[:, None], 1 - MAX_SHARE)
    return np.asarray(np.minimum(found / left.prod(axis=1), MAX_PRIOR / (1 - MAX_PRIOR)))


def rival_shares(rates: NDArray[np.float64], strata: Strata) -> NDArray[np.float64]:
    """Convert rates of rivals to their shares among the pairs of each stratum.

    Args:
        rates: `(2, rivals) float64`, between reporters and within.
        strata: The strata.

    Returns:
        `(s, rivals) float64`.
    """
    of_stratum = rates[strata.is_within.astype(np.int64)]
    return np.stack([priors_of_rates(column, strata) for column in of_stratum.T], axis=1)
