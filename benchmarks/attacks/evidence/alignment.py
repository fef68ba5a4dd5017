"""Align items that a registry shows with values of the population.

The registry shows which records have an unknown item in common (a group, an equal segment, a pattern of bits), how
often it occurs, and with which other items. The attacker can count the same for the values of its plaintexts.
Frequencies match roughly [Christen2017]; co-occurrence matches whole sets at once and separates values of equal
frequency. The two co-occurrence tables are matched by graduated assignment [Gold1996]: every item starts as a mixture
of all values, which sharpens step by step.

Differs from the papers: counts enter as square roots, whose error is the same for frequent and rare items; of several
lists of candidate values, the one whose matched tables correlate best is used, which does not need the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.attacks.metrics import Claims

__all__ = ["Items", "agreement", "align", "claim", "scores"]

STEPS: Final = 25
SHARPNESS: Final = (0.05, 5.0)
"""Inverse temperature of the assignment, in the first step and in the last."""

BALANCING: Final = 6
"""Times that rows and columns are normalised; the shares change little after four."""

ALONE: Final = (0.1, 1.0, 5.0)
TOGETHER: Final = 5.0
"""Weights of an item's own frequency, tried in turn, and of its mean co-occurrence."""

FACTORS: Final = (1.5, 2.5, 4.0, 6.0)
"""Candidate values per item, the most frequent ones: rare values never appear as items."""

RIGHT: Final = 0.9
"""Trust in an aligned value, which may be wrong or wrongly read."""

BLOCK: Final = 500

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Aligned = tuple[Ints, Ints]


@dataclass(frozen=True, eq=False)
class Items:
    """Items that several records have in common.

    Attributes:
        held: (n, items) float32, one where a record has the item.
        kind: (items,) the kind of item; only items of one kind are matched.
    """

    held: Floats
    kind: Ints

    @property
    def frequency(self) -> Floats:
        """Return the share of records that have each item."""
        return np.asarray(self.held.mean(axis=0), np.float32)

    def take(self, items: Ints) -> Items:
        """Return some of the items."""
        return Items(self.held[:, items], self.kind[items])


def align(mine: Items, theirs: Items) -> Aligned:
    """Match items of a registry to items of plaintexts.

    Args:
        mine: What the registry shows.
        theirs: What the plaintexts have.

    Returns:
        Indexes in `mine` and in `theirs`, each at most once; unreliable if `agreement` is low.
    """
    best, score = (np.zeros(0, np.int64), np.zeros(0, np.int64)), -np.inf
    for chosen in _choices(mine, theirs):
        for weight in ALONE:
            row, column = _graduated(mine, theirs.take(chosen), weight)
            found = row, chosen[column]
            if (agrees := agreement(mine, theirs, found)) > score:
                best, score = found, agrees
    return best


def _choices(mine: Items, theirs: Items) -> list[Ints]:
    """List the most frequent items of each kind, first few and then more."""
    order = np.argsort(-theirs.frequency, kind="stable")
    kinds, count = np.unique(mine.kind, return_counts=True)
    choices = [
        np.concatenate(
            [
                order[theirs.kind[order] == kind][: int(np.ceil(factor * n))]
                for kind, n in zip(kinds, count, strict=True)
            ]
        )
        for factor in FACTORS
        if len(kinds)
    ]
    return [choice for place, choice in enumerate(choices) if not place or len(choice) > len(choices[place - 1])]


def agreement(mine: Items, theirs: Items, aligned: Aligned) -> float:
    """Score an alignment without the truth: the correlation between the item correlations of the two sides."""
    if len(aligned[0]) < 3:
        return -1.0
    upper = np.triu_indices(len(aligned[0]), 1)
    one, other = (_correlations(items.held[:, at])[upper] for items, at in zip((mine, theirs), aligned, strict=True))
    return -1.0 if one.std() == 0 or other.std() == 0 else float(np.corrcoef(one, other)[0, 1])


def _correlations(held: Floats) -> Doubles:
    centred = held - held.mean(axis=0)
    scaled = centred / np.maximum(np.linalg.norm(centred, axis=0), 1e-9)
    return np.asarray(scaled.T @ scaled, np.float64)


def _graduated(mine: Items, theirs: Items, weight: float) -> Aligned:
    """Assign items one to one, from soft shares to hard ones."""
    one, other = (np.sqrt(len(mine.held) / len(items.held) * (items.held.T @ items.held)) for items in (mine, theirs))
    same = mine.kind[:, None] == theirs.kind[None]
    if not same.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    alone = (np.diag(one)[:, None] - np.diag(other)[None]) ** 2
    shares = _balanced(np.where(same, np.exp(-(alone - alone.min(axis=1, keepdims=True))), 0))
    for sharpness in np.geomspace(*SHARPNESS, STEPS):
        together = one**2 @ shares.sum(axis=1)[:, None] + other**2 @ shares.sum(axis=0) - 2 * one @ shares @ other.T
        cost = np.where(same, TOGETHER * together / len(one) + weight * alone, np.inf)
        least = cost.min(axis=1, keepdims=True)
        shares = _balanced(np.exp(-sharpness * (cost - np.where(np.isfinite(least), least, 0))))
    row, column = linear_sum_assignment(-shares)
    right = same[row, column]
    return row[right], column[right]


def _balanced(shares: Doubles) -> Doubles:
    """Normalise rows to sum to one, and columns to at most one."""
    for _ in range(BALANCING):
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-30)
        shares = shares / np.maximum(shares.sum(axis=0, keepdims=True), 1)
    return np.asarray(shares, np.float64)


def scores(mine: Items, theirs: Items, aligned: Aligned) -> Floats:
    """Score candidates by how well the aligned items of a record fit theirs.

    Args:
        mine: What the registry shows, `n` records.
        theirs: What the plaintexts have, `N` candidates.
        aligned: The result of `align`.

    Returns:
        (n, N) float32, log-likelihoods up to a constant for each record.
    """
    row, column = aligned
    held, has = mine.held[:, row], theirs.held[:, column]
    share = np.clip(theirs.frequency[column], 1e-4, 1 - 1e-4)
    both = np.log((RIGHT + (1 - RIGHT) * share) / share)
    one = np.float32(np.log(1 - RIGHT))
    neither = np.log((1 - (1 - RIGHT) * share) / (1 - share))
    return np.asarray((held * (both - 2 * one + neither)) @ has.T + has @ (one - neither), np.float32)


def claim(scored: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int], rng: np.random.Generator) -> Claims:
    """Add up scores and claim the best candidate of every record.

    Args:
        scored: Records, candidates, and the scores of the candidates for the records.
        shape: Numbers of records and candidates.
        rng: Breaks ties.

    Returns:
        The claims; a record without scores gets a random candidate and no confidence.
    """
    n, n_candidates = shape
    claims = Claims(rng.integers(0, n_candidates, n), np.zeros(n))
    if not scored or n_candidates < 2:
        return claims
    total = np.zeros(shape, np.float32)
    for rows, candidates, score in scored:
        # Candidates outside the scored group are less likely than any inside it.
        total[rows] += score.min() - 1
        total[np.ix_(rows, candidates)] += score - score.min() + 1
    for first in range(0, n, BLOCK):
        block = total[first : first + BLOCK]
        rows = np.flatnonzero(np.ptp(block, axis=1) > 0)
        block = block[rows] + rng.random((len(rows), n_candidates), np.float32) * 1e-3
        if len(rows):
            top = np.partition(block, -2, axis=1)[:, -2:]
            claims.candidate[first + rows] = block.argmax(axis=1)
            claims.confidence[first + rows] = top[:, 1] - top[:, 0]
    return claims
