"""The expected number of persons, which differs from the number of groups that a run has formed.

A record that was not linked to its person forms a group of its own and counts as one person too many; two persons in
one group count as one too few. `linkage.linking.accuracy` estimates how many pairs are missing. Here pairs are weighted
so that they count persons. If a person has `k` records, a record that is left out misses `k - 1` pairs, so a pair
within a group of `k` records counts as `1 / (k - 1)` of a person. One merge would add all pairs between a group of `j`
records and one of `k`, so each of these pairs counts as `1 / (j k)`.

With these weights, the matches that share no match key are estimated as in `linkage.linking.recapture`. Those that are
in one group through other records are not missing, so they are subtracted. Links expected to be wrong are added with
the same weight; this counts persons correctly if single records are in a wrong group, and overcounts if a group holds
two persons with several records each. The number of records per person is taken from the groups, which is right as long
as few records are left out.

The estimate rests on the few pairs that share just a few match keys, and on an assumption about those that share none.
The range therefore comes from repeating the estimate with many draws of the counts (Poisson) and of the assumed power.
The draws are the same in every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.accuracy import GroupEvidence, match_probabilities
from linkage.linking.recapture import SIMILARITY_POWER, band_rows, never_captured, weight_by_captures
from linkage.linking.sums import stable_sum
from pseudonym.profile import Encoding

__all__ = ["PersonCount", "expected_persons"]

POWERS: Final = (SIMILARITY_POWER - 0.75, SIMILARITY_POWER + 0.75)
"""The smallest and the largest power of similarity that is drawn."""

DRAWS: Final = 400
QUANTILES: Final = (0.025, 0.975)


class PersonCount(NamedTuple):
    """Expected number of persons: point estimate and 95 % range, widened to include the estimate."""

    expected: float
    low: float
    high: float


def expected_persons(
    probability: NDArray[np.float64],
    ends: NDArray[np.int64],
    *,
    group: NDArray[np.int64],
    evidence: GroupEvidence,
    captures: NDArray[np.int32],
    encoding: Encoding,
) -> PersonCount | None:
    """Estimate the number of persons.

    Args:
        probability: `(p,) float64`, of all candidates, each on its own.
        ends: `(p, 2) int64`, the indices of the records of each candidate pair; pairs within groups are links.
        group: `(n,) int64`, the group of each record.
        evidence: The `group_evidence` of the links, in the order of the pairs.
        captures: `(p,) int32`, as `linkage.linking.recapture.count_captures` counts them.
        encoding: The profile's encoding.

    Returns:
        The estimate, at least 1 and at most the number of records. None if the matches that share no match key
        cannot be estimated, for example without pairs or bands. The same to the last bit whatever the order of records
        and pairs.
    """
    _, number, size = np.unique(group, return_inverse=True, return_counts=True)
    left, right = number[ends].T
    links = left == right
    worth = np.where(links, 1 / np.maximum(size[left] - 1, 1), 1 / (size[left] * size[right]))
    weight = worth * match_probabilities(probability, links, evidence)
    captured, rows = weight_by_captures(weight, captures), band_rows(encoding)
    never = never_captured(captured, rows)
    if never is None:
        return None
    in_groups = stable_sum(evidence.others / np.maximum(size - 1, 1))
    wrong = stable_sum(worth[links] * (1 - evidence.probability))
    estimates = [never, *_draws(captured, rows)]
    missing = stable_sum(weight[~links]) + np.maximum(np.array(estimates) - in_groups, 0.0)
    expected, *others = np.clip(len(size) - missing + wrong, 1, len(number))
    low, high = np.quantile(others or [expected], QUANTILES)
    return PersonCount(float(expected), float(min(low, expected)), float(max(high, expected)))


def _draws(captured: NDArray[np.float64], rows: float) -> Iterator[float]:
    """Yield the estimated number of matches never captured in each draw, skipping draws that allow no estimate."""
    rng = np.random.default_rng(0)
    for power in rng.uniform(*POWERS, DRAWS).tolist():
        never = never_captured(rng.poisson(captured).astype(np.float64), rows, power=power, least=1.0)
        if never is not None:
            yield never
