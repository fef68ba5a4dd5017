"""Alignment: which of the things that a registry shows is which value of the population.

Whoever can say which records have some unknown thing in common, a group, an equal segment, a pattern of bits, knows
how often it occurs and with which other things. The attacker knows the same of the values of its plaintexts. Frequency
says roughly which is which [Christen2017]; how often two things occur together says it of whole sets at once, and is
what tells two values of one frequency apart. The two tables of common occurrences are matched by graduated assignment
[Gold1996]: everything is every value at first, in shares that sharpen step by step.

Differs from the papers: counts enter by their square roots, which err equally for frequent and for rare things; of
several lists of candidate values the one whose matched tables correlate best is taken, which needs no truth.
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
"""How strongly costs part shares, in the first step and in the last."""

BALANCING: Final = 6
"""Times that rows and columns of shares are brought to sums of one; the shares change little after four."""

ALONE: Final = (0.1, 1.0, 5.0)
TOGETHER: Final = 5.0
"""Weights of a thing's own frequency, tried in turn, and of its mean common occurrence."""

FACTORS: Final = (1.5, 2.5, 4.0, 6.0)
"""Values for each thing that come into question, the most frequent ones: what is rare is not seen as a thing at all."""

RIGHT: Final = 0.9
"""How far an aligned value is trusted: it may be the wrong one, or be read wrongly."""

BLOCK: Final = 500

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]
Aligned = tuple[Ints, Ints]


@dataclass(frozen=True, eq=False)
class Items:
    """Things that several records have in common.

    Attributes:
        held: (n, items) float32, one where a record has the item.
        kind: (items,) what sort of thing it is; only things of one sort are matched.
    """

    held: Floats
    kind: Ints

    @property
    def frequency(self) -> Floats:
        """Return the share of records that have each item."""
        return np.asarray(self.held.mean(axis=0), np.float32)

    def take(self, items: Ints) -> Items:
        """Keep some items."""
        return Items(self.held[:, items], self.kind[items])


def align(mine: Items, theirs: Items) -> Aligned:
    """Match items of a registry to items of plaintexts.

    Args:
        mine: What the registry shows.
        theirs: What the plaintexts have.

    Returns:
        Places in `mine` and in `theirs`, each at most once; of no use where `agreement` is low.
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
    """List the most frequent items of each sort, first few and then more, as far as there are more."""
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
    """Score an alignment without truth: how the correlations of aligned items correlate on both sides."""
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
    """Assign one to one, from soft shares to hard ones."""
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
    """Bring the sums of rows to one, and those of columns to one at most."""
    for _ in range(BALANCING):
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-30)
        shares = shares / np.maximum(shares.sum(axis=0, keepdims=True), 1)
    return np.asarray(shares, np.float64)


def scores(mine: Items, theirs: Items, aligned: Aligned) -> Floats:
    """Score candidates by how well the aligned items of a record fit theirs.

    Args:
        mine: What the registry shows, `n` records.
        theirs: What the plaintexts have, `N` candidates.
        aligned: What `align` gives.

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


def claim(said: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int], rng: np.random.Generator) -> Claims:
    """Add up scores and claim the best candidate of every record.

    Args:
        said: Records, candidates, and the scores of the latter for the former.
        shape: Numbers of records and candidates.
        rng: Draws among candidates of one score.

    Returns:
        The claims; a record of which nothing is said gets a random candidate, and no confidence.
    """
    n, n_candidates = shape
    claims = Claims(rng.integers(0, n_candidates, n), np.zeros(n))
    if not said or n_candidates < 2:
        return claims
    total = np.zeros(shape, np.float32)
    for rows, candidates, score in said:
        # Who is not in the group that a score speaks of is less likely than anybody in it.
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
