"""Headcount: how many persons there are, as far as a run can tell, and not only how many groups of records it has made.

A record that was not recognised stands apart as one person too many, and two persons taken for one are one too few. How
many pairs are missing `linkage.linking.accuracy` can tell; here pairs are weighed so that they count persons. A record
of a person of `k` misses `k - 1` pairs when it stands apart, so a pair within a group of `k` records is worth
`1 / (k - 1)` of a person, and a pair between groups of `j` and `k` records, all of whose pairs would come with one
step, `1 / (j k)`.

With pairs weighed so, the matches that never met are estimated as `linkage.linking.accuracy.never_met` does; those of
them that groups hold all the same are no loss and are taken off. What links are expected to be wrong is added, at the
same worth: so it counts persons where single records stand in a group that is not theirs, and too many where a group is
two persons of several records each. The groups themselves say how many records a person has, which holds as long as few
records stand apart.

Few pairs meet so seldom that they say something, and what is assumed of those that never meet is not known to be so.
The range comes from the same estimate over many draws: numbers of mets as chance might have had them, other powers.
The draws are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.accuracy import LIKENESS_POWER, Grouped, band_rows, mets_of, never_met, total, weights
from pseudonym.profile import Encoding

__all__ = ["Headcount", "expected_persons"]

POWERS: Final = (LIKENESS_POWER - 0.75, LIKENESS_POWER + 0.75)
"""The least and the greatest power of likeness that is drawn."""

DRAWS: Final = 400
QUANTILES: Final = (0.025, 0.975)


class Headcount(NamedTuple):
    """How many persons there are expected to be, and a range in which nineteen of twenty draws lie, and this number."""

    expected: float
    low: float
    high: float


def expected_persons(
    probability: NDArray[np.float64],
    ends: NDArray[np.int64],
    *,
    group: NDArray[np.int64],
    found: Grouped,
    mets: NDArray[np.int32],
    encoding: Encoding,
) -> Headcount | None:
    """Say how many persons the records are expected to be of.

    Args:
        probability: `(p,) float64`, of all candidates, each by itself.
        ends: `(p, 2) int64`, the places of the records of each candidate pair; those within groups are links.
        group: `(n,) int64`, the group of each record.
        found: What `linkage.linking.accuracy.grouped` says of the links, in the order of the pairs.
        mets: `(p,) int32`, as `linkage.linking.accuracy.times_met` counts them.
        encoding: The profile's encoding.

    Returns:
        The numbers, at least 1 and at most that of the records; None where matches that never met cannot be estimated,
        as without pairs or without bands.
        The same to the last bit in whatever order records and pairs come.
    """
    _, number, size = np.unique(group, return_inverse=True, return_counts=True)
    left, right = number[ends].T
    links = left == right
    worth = np.where(links, 1 / np.maximum(size[left] - 1, 1), 1 / (size[left] * size[right]))
    weight = worth * weights(probability, links, found)
    times, rows = mets_of(weight, mets), band_rows(encoding)
    never = never_met(times, rows)
    if never is None:
        return None
    unmet = total(found.others / np.maximum(size - 1, 1))
    wrong = total(worth[links] * (1 - found.probability))
    drawn = [never, *_drawn(times, rows)]
    apart = total(weight[~links]) + np.maximum(np.array(drawn) - unmet, 0.0)
    expected, *others = np.clip(len(size) - apart + wrong, 1, len(number))
    low, high = np.quantile(others or [expected], QUANTILES)
    return Headcount(float(expected), float(min(low, expected)), float(max(high, expected)))


def _drawn(times: NDArray[np.float64], rows: float) -> Iterator[float]:
    """Return the number of those that never met in each draw; in one where hardly any met seldom, nothing fits."""
    rng = np.random.default_rng(0)
    for power in rng.uniform(*POWERS, DRAWS).tolist():
        never = never_met(rng.poisson(times).astype(np.float64), rows, power=power, least=1.0)
        if never is not None:
            yield never
