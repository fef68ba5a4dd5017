"""Expect: how right and how complete the links of a run are, as far as the run itself can tell.

Of a pair by itself the model gives a probability. Of a pair in a group of records more is known: clones of its records
stand there too, and third records that are like both. So a link is as probable as the surer of two witnesses: the pair
by itself, and the step of average link that brought its two records together, which is the mean log odds of all pairs
between the two parts that it joined. A wrong step makes all its pairs wrong at once, and then all of them are doubted.
What links gain in this way the pairs that were not linked lose: the probabilities of all candidates together stay what
they are.

Recall needs the matches that are no candidates at all. Some show: two records that share no match key and are one
person through a third. For the others, the bands of MinHash keys are the occasions of a capture and recapture: each
brings two records together with one chance, which their likeness decides, and so how many pairs were met once, twice
and three times tells how many were never met. Only pairs that no other key brought together are counted: of those that
a number joins too, none would be missing without bands. Chances differ from pair to pair [Otis1978], and what they are
like near 0 nobody sees; there it is *assumed* that true pairs of less and less likeness grow rarer by a power of it
(see `LIKENESS_POWER`).

Comparing the number key with the other keys, as Lincoln and Petersen would, does not serve: records with a number are
those that are well written down in all else. The other keys meet nearly all pairs that the number meets and far fewer
of the others, within a pair of bodies too, so that one would claim to miss next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln

from linkage.linking.clusters import MAX_LOG_ODDS
from linkage.linking.compiled.kernels import compiled
from linkage.linking.score import probabilities
from pseudonym.profile import Encoding, MinHash

__all__ = [
    "LIKENESS_POWER",
    "MAX_MEMBERS",
    "MIN_METS",
    "Expectation",
    "Grouped",
    "band_rows",
    "expect",
    "grouped",
    "mets_of",
    "never_met",
    "repeated_kinds",
    "times_met",
    "total",
    "weights",
]

LIKENESS_POWER: Final = 1.5
"""The density of true pairs over their likeness, near likeness 0, goes with this power of it. Chosen for
`case-registry` on synthetic case files at three levels of error, six seeds each, among them those of
docs/reference/quality.md; another half claims a recall that differs by some .01, and by more where fewer pairs meet."""

MOST_METS: Final = 4
"""Pairs met more often than so are alike, and say nothing of those that are hardly alike."""

MIN_METS: Final = 30.0
"""Expected matches met one to `MOST_METS` times below which nothing is concluded from them."""

MAX_MEMBERS: Final = 256
"""Records of a group up to which its steps are followed; the work grows with the cube. A person in more reports than
this has every pair probable by itself, or is a placeholder."""

MAX_RATIO: Final = 50.0
"""Of neighbouring numbers of mets; more lies outside of any data, and bounds the search."""


@dataclass(frozen=True)
class Expectation:
    """What a run expects of its links.

    Attributes:
        precision: The share of the links that are right, None without links.
        recall: The share of all matches that are linked, None without links.
        recall_is_bound: Whether the recall is an upper bound only, because matches that are no candidates could not be
            estimated.
    """

    precision: float | None
    recall: float | None
    recall_is_bound: bool


@dataclass(frozen=True)
class Grouped:
    """What groups of records say of the pairs within them.

    Attributes:
        probability: `(l,) float64`, that the two records of a link are one person.
        others: `(g,) float64`, for each group, ascending, the sum of the same over its pairs that are no candidates.
    """

    probability: NDArray[np.float64]
    others: NDArray[np.float64]


def repeated_kinds(encoding: Encoding) -> tuple[int, ...]:
    """Name the kinds of match key whose codes are repeated occasions to meet: those of MinHash."""
    return tuple(kind for kind, key in enumerate(encoding.match_keys) if isinstance(key, MinHash))


def times_met(batch: pa.RecordBatch, kinds: tuple[int, ...]) -> NDArray[np.int32]:
    """Count the match keys of each pair that shares such of some kinds only.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        kinds: The kinds.

    Returns:
        `(p,) int32`, in the order of the batch; a key shared in several combinations counts once, and a pair that
        shares a key of another kind has 0.
    """
    a, b, kind, keys = (batch.column(name).to_numpy() for name in ("a", "b", "kind", "key"))
    pair = np.ones(len(a), bool)
    pair[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    key = pair.copy()
    key[1:] |= (kind[1:] != kind[:-1]) | (keys[1:] != keys[:-1])
    starts = np.flatnonzero(pair)
    alone = np.logical_and.reduceat(np.isin(kind, kinds), starts)
    return np.where(alone, np.add.reduceat(key, starts, dtype=np.int32), np.int32(0))


def grouped(
    ends: NDArray[np.int64],
    log_odds: NDArray[np.float64],
    *,
    group: NDArray[np.int64],
    rank: NDArray[np.int64],
    reach: NDArray[np.float64],
) -> Grouped:
    """Weigh each link with what the other pairs of its group say.

    Args:
        ends: `(l, 2) int64`, the places of the records of each link among all `n`; candidates within groups are links.
        log_odds: `(l,) float64`, natural log odds of each link by itself.
        group: `(n,) int64`, the group of each record.
        rank: `(n,) int64`, the place of each record in an order that does not depend on its arrival.
        reach: `(n,) float64`, of each record: minus the product of two is the log odds of a pair that is no candidate.

    Returns:
        What the groups say; equal to the last bit in whatever order pairs and records come. In groups of more than
        `MAX_MEMBERS` records each link stands by itself, and there are no others.
    """
    _, number, sizes = np.unique(group, return_inverse=True, return_counts=True)
    # The seat of a record is its place in its group, by rank.
    order = np.lexsort((rank, number))
    seat = np.empty(len(group), np.int64)
    seat[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    of_link = number[ends[:, 0]]
    by_group = np.argsort(of_link, kind="stable")
    odds = np.clip(log_odds[by_group], -MAX_LOG_ODDS, MAX_LOG_ODDS)
    others = np.zeros(len(sizes))
    firsts = np.searchsorted(of_link[by_group], np.arange(len(sizes) + 1))
    _join(firsts, seat[ends][by_group], sizes, odds, others, reach[order])
    surer = np.empty(len(odds))
    surer[by_group] = odds
    return Grouped(probabilities(surer), others)


@compiled
def _join(
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sizes: NDArray[np.int64],
    odds: NDArray[np.float64],
    others: NDArray[np.float64],
    reach: NDArray[np.float64],
) -> None:
    """Join the records of each group by average link, and raise log odds of links to those of their steps."""
    begin = 0
    for group in range(len(sizes)):
        own = reach[begin : begin + sizes[group]]
        begin += sizes[group]
        size, first, stop = sizes[group], firsts[group], firsts[group + 1]
        if size < 3 or size > MAX_MEMBERS:
            continue
        sums = -np.outer(own, own)
        for edge in range(first, stop):
            one, other = ends[edge]
            sums[one, other] = sums[other, one] = odds[edge]
        step = _steps(sums)
        for edge in range(first, stop):
            one, other = ends[edge]
            odds[edge] = max(odds[edge], step[one, other])
            step[one, other] = step[other, one] = -np.inf
        for one in range(size):
            for other in range(one):
                others[group] += 1 / (1 + np.exp(-step[one, other]))


@compiled
def _steps(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean log odds of the step that joins each two records; ties go to the first in order."""
    size = len(sums)
    step = np.zeros((size, size))
    part, count = np.arange(size), np.ones(size)
    for _ in range(size - 1):
        mean, into, away = -np.inf, 0, 0
        for one in range(size):
            for other in range(one + 1, size):
                if count[one] and count[other] and sums[one, other] / (count[one] * count[other]) > mean:
                    mean, into, away = sums[one, other] / (count[one] * count[other]), one, other
        for one in range(size):
            for other in range(size):
                if part[one] == into and part[other] == away:
                    step[one, other] = step[other, one] = mean
        for one in range(size):
            sums[into, one] += sums[away, one]
            sums[one, into] += sums[one, away]
            if part[one] == away:
                part[one] = into
        count[into] += count[away]
        count[away] = 0
    return step


def never_met(
    mets: NDArray[np.float64], rows: float, *, power: float = LIKENESS_POWER, least: float = MIN_METS
) -> float | None:
    """Estimate how many matches were met no times from how many were met once, twice and so on.

    If the likeness of true pairs has a density that goes with its power `s`, the chance of a band of `r` rows goes with
    the power `(s + 1) / r - 1`, so the numbers of mets follow a negative binomial distribution of shape `(s + 1) / r`
    with 0 cut off [Sampford1955]. Its scale is fitted to the numbers from 1 to `MOST_METS`.

    Args:
        mets: `(k,) float64`, expected matches by the number of times that they were met, from 0; `k > MOST_METS`.
        rows: Rows of a band, on average; 0 where there are no bands.
        power: The power `s`.
        least: Matches met one to `MOST_METS` times below which nothing is concluded from them.

    Returns:
        The number, or None if fewer than `least` were met so often or nothing fits.
    """
    seen = mets[1 : MOST_METS + 1]
    if not rows or seen.sum() < least:
        return None
    shape = (power + 1) / rows
    times = np.arange(MOST_METS + 1)
    weights = np.exp(gammaln(times + shape) - gammaln(times + 1) - gammaln(shape))
    mean = float((times[1:] * seen).sum() / seen.sum())

    def excess(ratio: float) -> float:
        shares = (weights * ratio**times)[1:]
        return float((times[1:] * shares).sum() / shares.sum()) - mean

    if excess(1 / MAX_RATIO) >= 0 or excess(MAX_RATIO) <= 0:
        return None
    ratio = brentq(excess, 1 / MAX_RATIO, MAX_RATIO)
    return float(seen.sum() * weights[0] / (weights * ratio**times)[1:].sum())


def expect(
    probability: NDArray[np.float64],
    links: NDArray[np.bool_],
    *,
    found: Grouped,
    mets: NDArray[np.int32],
    encoding: Encoding,
) -> Expectation:
    """Say how right and how complete the links are expected to be.

    Args:
        probability: `(p,) float64`, of all candidates, each by itself.
        links: `(p,) bool`, which of them are links.
        found: What `grouped` says of the links, in their order.
        mets: `(p,) int32`, as `times_met` counts them for the `repeated_kinds`.
        encoding: The profile's encoding.

    Returns:
        The expectation; the same to the last bit in whatever order pairs come.
    """
    if not links.any():
        return Expectation(None, None, recall_is_bound=True)
    weight = weights(probability, links, found)
    right, matches = total(found.probability), total(weight)
    never = never_met(mets_of(weight, mets), band_rows(encoding))
    recall = right / (matches + max(never or 0.0, total(found.others)))
    return Expectation(right / int(links.sum()), recall, recall_is_bound=never is None)


def weights(probability: NDArray[np.float64], links: NDArray[np.bool_], found: Grouped) -> NDArray[np.float64]:
    """Return each candidate the probability that it has with all that is known.

    Args:
        probability: `(p,) float64`, of all candidates, each by itself.
        links: `(p,) bool`, which of them are links.
        found: What `grouped` says of the links, in their order.

    Returns:
        `(p,) float64`: links as `found` has them; the others lose what those have gained.
    """
    weight = probability.copy()
    weight[links] = found.probability
    right, rest = total(found.probability), total(probability[~links])
    left = max(total(probability) - right, 0.0)
    weight[~links] *= min(left / rest, 1.0) if rest else 0.0
    return weight


def total(values: NDArray[np.float64]) -> float:
    """Add up, the same to the last bit in whatever order the values come.

    Args:
        values: `(k,) float64`.
    """
    return float(np.sort(values).sum())


def mets_of(weight: NDArray[np.float64], mets: NDArray[np.int32]) -> NDArray[np.float64]:
    """Add up weights by the number of mets.

    Args:
        weight: `(p,) float64`, how much match each candidate is.
        mets: `(p,) int32`, as `times_met` counts them for the `repeated_kinds`.

    Returns:
        `(MOST_METS + 2,) float64`, from no mets; the last is for more than `MOST_METS`. The same to the last bit in
        whatever order pairs come.
    """
    order = np.argsort(weight)
    times = np.bincount(np.minimum(mets[order], MOST_METS + 1), weight[order], MOST_METS + 2)
    return times.astype(np.float64, copy=False)


def band_rows(encoding: Encoding) -> float:
    """Return the rows of a MinHash band, on average over all bands; 0 where there are none."""
    keys = [key for key in encoding.match_keys if isinstance(key, MinHash)]
    return sum(key.bands * key.rows for key in keys) / max(sum(key.bands for key in keys), 1)
