"""Expect: how right and how complete the links of a run are, as far as the run itself can tell.

Of a pair by itself the model gives a probability. Of a pair in a group of records more is known: where a is b, and b is
c, with some certainty, then a is c with the product of the two, whatever the pair of a and c looks like. So a link is
as probable as the most probable chain of pairs that its group has between its records, and what links gain in this way
the pairs that were not linked lose: the probabilities of all candidates together stay what they are.

Recall needs the matches that are no candidates at all. Some show: two records that share no match key and are one
person through a third. For the others, the bands of a MinHash key are the occasions of a capture and recapture: each
brings two records together with one chance, which their likeness decides, and so how many pairs were met once, twice
and three times tells how many were never met. Chances differ from pair to pair [Otis1978], and what they are like near
0 nobody sees; there it is *assumed* that true pairs of less and less likeness grow rarer by a power of it (see
`LIKENESS_POWER`). Pairs that other keys alone brought together are among the never met, so they are taken off.

Comparing the number key with the other keys, as Lincoln and Petersen would, does not serve: records with a number are
those that are well written down in all else. On the synthetic case files the other keys meet .991 of the pairs that
the number meets and .876 of all others, within a pair of bodies too, and one would claim that .99 are found where .92
are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln

from linkage.linking.kernels import compiled
from pseudonym.profile import Encoding, MinHash

__all__ = [
    "LIKENESS_POWER",
    "MAX_MEMBERS",
    "MIN_METS",
    "Chains",
    "Expectation",
    "chains",
    "expect",
    "never_met",
    "repeated_kind",
    "times_met",
]

LIKENESS_POWER: Final = 2.5
"""The density of true pairs over their likeness, near likeness 0, goes with this power of it. Chosen on synthetic case
files at three levels of error; half more or less claims a recall that is .01 higher or lower."""

MOST_METS: Final = 4
"""Pairs met more often than so are alike, and say nothing of those that are hardly alike."""

MIN_METS: Final = 100.0
"""Expected matches met one to `MOST_METS` times below which nothing is concluded from them."""

MAX_MEMBERS: Final = 256
"""Records of a group up to which chains are sought; the work grows with the cube. A person in more reports than this
has every pair probable by itself, or is a placeholder."""

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
class Chains:
    """What groups of records say of the pairs within them.

    Attributes:
        probability: `(l,) float64`, of each link, that of the most probable chain between its records.
        others: The sum of the same over the pairs of one group that are no candidates.
    """

    probability: NDArray[np.float64]
    others: float


def repeated_kind(encoding: Encoding) -> int | None:
    """Name the kind of match key whose codes are repeated occasions to meet: of MinHash keys the one of most bands.

    Sees: neither
    """
    bands = {kind: key.bands for kind, key in enumerate(encoding.match_keys) if isinstance(key, MinHash)}
    return max(bands, key=lambda kind: bands[kind]) if bands else None


def times_met(batch: pa.RecordBatch, kind: int | None) -> NDArray[np.int32]:
    """Count the match keys of one kind that each pair shares.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        kind: The kind; None counts nothing.

    Returns:
        `(p,) int32`, in the order of the batch; a key shared in several combinations counts once.

    Sees: neither
    """
    a, b, kinds, keys = (batch.column(name).to_numpy() for name in ("a", "b", "kind", "key"))
    pair = np.ones(len(a), bool)
    pair[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    key = pair.copy()
    key[1:] |= (kinds[1:] != kinds[:-1]) | (keys[1:] != keys[:-1])
    starts = np.flatnonzero(pair)
    return np.add.reduceat(key & (kinds == (-1 if kind is None else kind)), starts, dtype=np.int32)


def chains(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    probability: NDArray[np.float64],
    *,
    group: NDArray[np.int64],
    rank: NDArray[np.int64],
) -> Chains:
    """Find the most probable chain between the two records of each link.

    Args:
        left: `(l,) int64`, the place of one record of each link among all `n`; all candidates within groups are links.
        right: `(l,) int64`, that of the other.
        probability: `(l,) float64`, that the two are one person, as the pair by itself says.
        group: `(n,) int64`, the group of each record.
        rank: `(n,) int64`, the place of each record in an order that does not depend on its arrival.

    Returns:
        The chains; equal to the last bit in whatever order pairs and records come. In groups of more than
        `MAX_MEMBERS` records each link is as probable as by itself, and there are no others.

    Sees: neither
    """
    _, number, sizes = np.unique(group, return_inverse=True, return_counts=True)
    # The seat of a record is its place in its group, by rank.
    order = np.lexsort((rank, number))
    seat = np.empty(len(group), np.int64)
    seat[order] = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    of_link = number[left]
    by_group = np.argsort(of_link, kind="stable")
    ends = np.column_stack([seat[left], seat[right]])[by_group]
    found, others = probability[by_group].copy(), np.zeros(len(sizes))
    firsts = np.searchsorted(of_link[by_group], np.arange(len(sizes) + 1))
    _chains(firsts, ends, sizes, found, others)
    result = np.empty(len(found))
    result[by_group] = found
    return Chains(result, float(np.sort(others).sum()))


@compiled
def _chains(
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
    sizes: NDArray[np.int64],
    probability: NDArray[np.float64],
    others: NDArray[np.float64],
) -> None:
    """Find the best chains within each group by dynamic programming over the records between [Floyd1962]."""
    for group in range(len(sizes)):
        size, first, stop = sizes[group], firsts[group], firsts[group + 1]
        if size < 3 or size > MAX_MEMBERS:
            continue
        best = np.zeros((size, size))
        for edge in range(first, stop):
            one, other = ends[edge]
            best[one, other] = best[other, one] = probability[edge]
        for between in range(size):
            for one in range(size):
                step = best[one, between]
                for other in range(size):
                    best[one, other] = max(best[one, other], step * best[between, other])
        total = 0.0
        for one in range(size):
            for other in range(one):
                total += best[one, other]
        for edge in range(first, stop):
            probability[edge] = best[ends[edge, 0], ends[edge, 1]]
        others[group] = max(total - np.sort(probability[first:stop]).sum(), 0.0)


def never_met(mets: NDArray[np.float64], rows: int) -> float | None:
    """Estimate how many matches were met no times from how many were met once, twice and so on.

    If the likeness of true pairs has a density that goes with its power `s`, the chance of a band of `r` rows goes with
    the power `(s + 1) / r - 1`, so the numbers of mets follow a negative binomial distribution of shape `(s + 1) / r`
    with 0 cut off [Sampford1955]. Its scale is fitted to the numbers from 1 to `MOST_METS`.

    Args:
        mets: `(k,) float64`, expected matches by the number of times that they were met, from 0; `k > MOST_METS`.
        rows: Rows of a band.

    Returns:
        The number, or None if fewer than `MIN_METS` were met so often or nothing fits.

    Sees: neither
    """
    seen = mets[1 : MOST_METS + 1]
    if seen.sum() < MIN_METS:
        return None
    shape = (LIKENESS_POWER + 1) / rows
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
    found: Chains,
    mets: NDArray[np.int32],
    encoding: Encoding,
) -> Expectation:
    """Say how right and how complete the links are expected to be.

    Args:
        probability: `(p,) float64`, of all candidates, each by itself.
        links: `(p,) bool`, which of them are links.
        found: The chains of the links, in their order.
        mets: `(p,) int32`, as `times_met` counts them for the `repeated_kind`.
        encoding: The profile's encoding.

    Returns:
        The expectation; the same to the last bit in whatever order pairs come.

    Sees: neither
    """
    if not links.any():
        return Expectation(None, None, recall_is_bound=True)
    weight = probability.copy()
    right = float(np.sort(found.probability).sum())
    rest = float(np.sort(probability[~links]).sum())
    total = max(float(np.sort(probability).sum()), right)
    weight[links] = found.probability
    weight[~links] *= min((total - right) / rest, 1.0) if rest else 0.0
    matches = float(np.sort(weight).sum())
    kind = repeated_kind(encoding)
    missed = None if kind is None else _missed(weight, mets, encoding.match_keys[kind])
    recall = right / (matches + max(missed or 0.0, found.others))
    return Expectation(right / int(links.sum()), recall, recall_is_bound=missed is None)


def _missed(weight: NDArray[np.float64], mets: NDArray[np.int32], key: object) -> float | None:
    """Estimate how many matches are no candidates."""
    assert isinstance(key, MinHash)  # As `repeated_kind` says.
    order = np.argsort(weight)
    times = np.bincount(np.minimum(mets[order], MOST_METS + 1), weight[order], MOST_METS + 2).astype(np.float64)
    never = never_met(times, key.rows)
    return None if never is None else max(never - float(times[0]), 0.0)
