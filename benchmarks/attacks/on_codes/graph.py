"""Unseeded matching of similarity graphs.

The registry can compute the similarity of any two records that share match keys, and the attacker can predict the same
for its plaintexts. Two graphs of the same persons are similar and can be matched without known pairs. Records are
described by the quantiles of their similarities and by a spectral embedding, matched where each is nearest to the
other, aligned by a Procrustes rotation, and described again by their similarities to the records matched so far. Of
many restarts, the one whose matched similarities correlate best is kept, which does not need the truth. After
[Vidanage2020] and [Schaefer2024]; the latter use embeddings where the former use features of nodes.

Differs from the papers: predicted similarities are means over several keys of the attacker's, and the rotation is
followed by a refinement on landmarks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import eigsh

from benchmarks.attacks.evidence.signals import Meetings, Predicted, differing_bits, meet
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.view import View
from pseudonym.profile import Encoding

__all__ = ["attack", "expected_similarities", "match_graphs", "seen_similarities"]

RESTARTS: Final = 12
DIMENSIONS: Final = (4, 6, 9, 14, 20, 30, 45, 70, 100)
"""Widths of the embedding, ascending: the first vectors separate large groups and are stable."""

STEPS: Final = 5
KEPT: Final = 0.6
"""Share of the mutual matches used for the next rotation: the better half becomes right first."""

LANDMARKS: Final = 600
LEAST: Final = 8
"""Minimum number of matches to learn from."""

RANKS: Final = (0, 1, 2, 3, 5, 8, 12, 18, 27, 40, 60)
QUANTILES: Final = 32
RATE: Final = 0.02
"""Pairs of plaintexts expected to share fewer bands than this count as dissimilar."""

CERTAIN: Final = 0.9
"""Correlation over half of the records at which restarts stop: wrong matchings stay below 0.5."""

CHUNK: Final = 256

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def attack(view: View, predicted: Predicted, *, rng: np.random.Generator, restarts: int = RESTARTS) -> Claims:
    """Claim a candidate for every record that shares a match key with another.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        rng: Draws restarts and breaks ties.
        restarts: Number of restarts.

    Returns:
        The claims. A record that shares nothing gets a random candidate that is expected to share nothing.
    """
    mine, theirs = seen_similarities(view), expected_similarities(predicted)
    rows, columns = (np.flatnonzero((matrix != 0).sum(axis=1) > 0) for matrix in (mine, theirs))
    rest = np.setdiff1d(np.arange(len(theirs)), columns)
    claims = Claims(rng.choice(rest if len(rest) else len(theirs), len(view)), np.zeros(len(view)))
    if min(len(rows), len(columns)) > LEAST:
        found = match_graphs(mine[np.ix_(rows, rows)], theirs[np.ix_(columns, columns)], rng=rng, restarts=restarts)
        claims.candidate[rows], claims.confidence[rows] = columns[found.candidate], found.confidence
    return claims


def seen_similarities(view: View) -> Floats:
    """Return the similarities of all records of a registry: (n, n) float32, zero where two share no match key."""
    if (view.key[:, 0] == view.key[0, 0]).all():
        return _centred(_all_distances(view.words[:, 0], view.words[:, 0]))
    found = meet(view.key, np.arange(len(view)))
    similarity = np.zeros(len(found), np.float32)
    for first in range(0, len(found), CHUNK * CHUNK):
        part = slice(first, first + CHUNK * CHUNK)
        ours = view.words[found.row[part], found.position[part]]
        theirs = view.words[found.landmark[part], found.landmark_position[part]]
        similarity[part] = _similarity(differing_bits(ours, theirs, view.encoding), view.encoding)
    return _summed(found, similarity, len(view))


def _similarity(bits: Floats, encoding: Encoding) -> Floats:
    """Turn differing bits into a similarity in [0, 1], the mean over segments; by chance half of the bits differ."""
    half = np.array([place.n_bits / 2 for place in encoding.layout], np.float32)
    return np.asarray(np.maximum(1 - bits[..., : len(half)] / half, 0).mean(axis=-1), np.float32)


def _summed(found: Meetings, similarity: Floats, n: int) -> Floats:
    """Add the number of shared match keys of each pair and twice the mean similarity of its contents."""
    shape = (n, n)
    count = sparse.csr_matrix((np.ones_like(similarity), (found.row, found.landmark)), shape).toarray()
    total = sparse.csr_matrix((similarity, (found.row, found.landmark)), shape).toarray()
    return np.asarray(count + 2 * total / np.maximum(count, 1), np.float32)


def expected_similarities(predicted: Predicted) -> Floats:
    """Return the similarities that the attacker's plaintexts would have: (N, N) float32."""
    everybody, encoding = np.arange(len(predicted)), predicted.profile.encoding
    if predicted.profile.unguarded:
        contents = predicted.contents(everybody)
        keys = range(contents.shape[1])
        return _centred(np.mean([_all_distances(contents[:, key], contents[:, key]) for key in keys], axis=0))
    found = meet(predicted.exact_keys, everybody)
    ones = np.ones(len(found), np.float32)
    count = sparse.csr_matrix((ones, (found.row, found.landmark)), (len(predicted),) * 2).toarray()
    count += predicted.band_rates(everybody, everybody)
    np.fill_diagonal(count, 0)
    count[count < RATE] = 0
    row, column = np.nonzero(count)
    contents = predicted.contents(everybody)
    similar = np.zeros_like(count)
    for first in range(0, len(row), CHUNK * CHUNK):
        part = slice(first, first + CHUNK * CHUNK)
        bits = differing_bits(contents[row[part]], contents[column[part]], encoding).mean(axis=1)
        shared = count[row[part], column[part]]
        similar[row[part], column[part]] = shared + 2 * np.minimum(shared, 1) * _similarity(bits, encoding)
    return np.asarray(similar, np.float32)


def _all_distances(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> Floats:
    result = np.empty((len(one), len(other)), np.float32)
    for first in range(0, len(one), CHUNK):
        part = one[first : first + CHUNK, None] ^ other[None]
        result[first : first + CHUNK] = np.bitwise_count(part).sum(axis=-1)
    return result


def _centred(distances: Floats) -> Floats:
    """Turn distances into correlations about the mean record, so that frequent bits count little."""
    rows = distances.mean(axis=1)
    inner = -0.5 * (distances - rows[:, None] - rows[None] + rows.mean())
    scale = np.sqrt(np.maximum(np.diag(inner), 1e-6))
    return np.asarray(inner / scale[:, None] / scale[None], np.float32)


def match_graphs(mine: Floats, theirs: Floats, *, rng: np.random.Generator, restarts: int = RESTARTS) -> Claims:
    """Match two similarity graphs without known pairs.

    Args:
        mine: (n, n) float32, symmetric.
        theirs: (N, N) float32, symmetric.
        rng: Draws the restarts.
        restarts: Number of restarts; the first two use all features.

    Returns:
        A row of `theirs` for each row of `mine`.
    """
    features = _standard(_signatures(mine), _signatures(theirs))
    spaces = _embed(mine), _embed(theirs)
    best, score = Claims.none(len(mine)), -np.inf
    for turn in range(restarts):
        weight = np.ones(features[0].shape[1], np.float32) if turn < 2 else (rng.random(features[0].shape[1]) < 0.5)
        first = _distance(features[0] * weight, features[1] * weight)
        if turn % 2 == 0:
            # Signs of eigenvectors are arbitrary; the skewness fixes them.
            narrowest = min(space.shape[1] for space in spaces)
            width = min(12 if turn < 2 else int(rng.integers(3, 30)), narrowest)
            extra = _distance(*(_pointed(space[:, :width]) for space in spaces)).all()
            first = _Cost.of(_scaled(first.all()) + _scaled(extra))
        cost = _refine(mine, theirs, spaces, first)
        row, column, _ = cost.mutual()
        found = _agreement(mine, theirs, (row, column), rng)
        if found > score:
            score, best = found, cost.claims()
        if score > CERTAIN * np.log1p(len(mine) / 2):
            break
    return best


def _scaled(cost: Floats) -> Floats:
    """Divide costs by their mean."""
    return np.asarray(cost / max(float(cost.mean()), 1e-9), np.float32)


@dataclass(frozen=True, eq=False)
class _Cost:
    """What it costs to match each record with each candidate: `mine + theirs - product`, added up only where needed.

    Attributes:
        mine: (n,) float32.
        theirs: (N,) float32.
        product: (n, N) float32.
    """

    mine: Floats
    theirs: Floats
    product: Floats

    @classmethod
    def of(cls, cost: Floats) -> _Cost:
        """Return costs that are all known."""
        n, n_candidates = cost.shape
        return cls(np.zeros(n, np.float32), np.zeros(n_candidates, np.float32), -cost)

    def all(self) -> Floats:
        """Return the cost of each pair, (n, N)."""
        return np.asarray(self.mine[:, None] + self.theirs[None] - self.product, np.float32)

    @cached_property
    def _nearest(self) -> tuple[Ints, Floats, Ints]:
        to, least, back = _nearest(self.mine, self.theirs, self.product)
        return to, least, back

    def mutual(self) -> tuple[Ints, Ints, Floats]:
        """List the pairs that are each other's nearest, with their cost."""
        to, least, back = self._nearest
        row = np.flatnonzero(back[to] == np.arange(len(to)))
        return row, to[row], least[row, 0]

    def claims(self) -> Claims:
        """Claim the nearest candidate of each record."""
        to, least, _ = self._nearest
        return Claims(to, (least[:, 1] - least[:, 0]).astype(float))


@numba.njit(cache=True, nogil=True)
def _nearest(mine: Any, theirs: Any, product: Any) -> Any:
    """Return the nearest candidate of each record, the least two costs, and the nearest record of each candidate.

    Of equal costs the first counts. One pass, since matrices of all pairs are too large for the caches of a processor.
    """
    n, n_candidates = product.shape
    to, back = np.zeros(n, np.int64), np.zeros(n_candidates, np.int64)
    least = np.full((n, 2), np.inf, np.float32)
    nearest = np.full(n_candidates, np.inf, np.float32)
    for i in range(n):
        one, two, at = np.float32(np.inf), np.float32(np.inf), 0
        for j in range(n_candidates):
            cost = (mine[i] + theirs[j]) - product[i, j]
            if cost < two:
                if cost < one:
                    one, two, at = cost, one, j
                else:
                    two = cost
            if cost < nearest[j]:
                nearest[j] = cost
                back[j] = i
        to[i], least[i, 0], least[i, 1] = at, one, two
    return to, least, back


def _signatures(matrix: Floats) -> Floats:
    """Describe each record by its strongest similarities, quantiles, and the sums of itself and its neighbours."""
    n = len(matrix)
    ordered = np.sort(matrix - np.diag(np.full(n, np.inf, np.float32)), axis=1)[:, :0:-1]
    positions = [min(rank, n - 2) for rank in RANKS]
    positions += [int(share * (n - 2)) for share in np.linspace(0.002, 0.98, QUANTILES)]
    weight = (matrix - np.diag(np.diag(matrix))).astype(np.float32)
    total = np.abs(weight).sum(axis=1)
    degree = (np.abs(weight) > np.abs(weight).mean()).sum(axis=1)
    around = weight @ total / np.maximum(total, 1e-6)
    return np.column_stack([ordered[:, positions], np.log1p(total), np.log1p(degree), around]).astype(np.float32)


def _standard(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    both = np.concatenate([one, other])
    mean, spread = both.mean(axis=0), both.std(axis=0)
    spread[spread < 1e-6] = 1
    return (one - mean) / spread, (other - mean) / spread


def _embed(matrix: Floats) -> Floats:
    """Return the leading eigenvectors, scaled by the square roots of their eigenvalues."""
    n = len(matrix)
    work = sparse.csr_matrix(matrix) if np.count_nonzero(matrix) < 0.2 * n * n else matrix
    start = np.random.default_rng(0).random(n)
    values, vectors = eigsh(work.astype(np.float64), k=min(DIMENSIONS[-1], n - 2), which="LA", v0=start, tol=1e-4)
    order = np.argsort(-values)
    return np.asarray(vectors[:, order] * np.sqrt(np.maximum(values[order], 0)), np.float32)


def _pointed(space: Floats) -> Floats:
    return np.asarray(space * np.sign((space**3).sum(axis=0)), np.float32)


def _distance(one: Floats, other: Floats) -> _Cost:
    """Return squared distances."""
    return _Cost((one * one).sum(axis=1), (other * other).sum(axis=1), 2 * one @ other.T)


@dataclass(frozen=True, eq=False)
class _Best:
    """The best of the mutual matches."""

    row: Ints
    column: Ints

    @classmethod
    def of(cls, cost: _Cost, share: float, most: int) -> _Best:
        row, column, value = cost.mutual()
        kept = np.argsort(value, kind="stable")[: min(max(int(len(row) * share), LEAST), most)]
        return cls(row[kept], column[kept])


def _refine(mine: Floats, theirs: Floats, spaces: tuple[Floats, Floats], cost: _Cost) -> _Cost:
    """Rotate one embedding onto the other by the matches so far, then compare similarities to landmarks."""
    for width in (width for width in DIMENSIONS if width <= min(space.shape[1] for space in spaces)):
        last = np.zeros(0, np.int64)
        for _ in range(STEPS):
            best = _Best.of(cost, KEPT, len(cost.mine))
            if len(best.row) < LEAST or np.array_equal(best.row, last):
                break
            last = best.row
            left, _, right = np.linalg.svd(spaces[0][best.row, :width].T @ spaces[1][best.column, :width])
            cost = _distance(spaces[0][:, :width] @ (left @ right), spaces[1][:, :width])
    for _ in range(STEPS):
        best = _Best.of(cost, KEPT, LANDMARKS)
        if len(best.row) >= LEAST:
            alike = _unit(mine[:, best.row]) @ _unit(theirs[:, best.column]).T
            cost = _Cost(np.ones(len(mine), np.float32), np.zeros(len(theirs), np.float32), alike)
    return cost


def _unit(matrix: Floats) -> Floats:
    centred = matrix - matrix.mean(axis=0)
    return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9), np.float32)


def _agreement(mine: Floats, theirs: Floats, pairs: tuple[Ints, Ints], rng: np.random.Generator) -> float:
    """Score a matching without the truth: the correlation of matched similarities times the logarithm of its size."""
    row, column = pairs
    if len(row) < LEAST:
        return -1.0
    chosen = rng.choice(len(row), min(400, len(row)), replace=False)
    upper = np.triu_indices(len(chosen), 1)
    one = mine[np.ix_(row[chosen], row[chosen])][upper]
    other = theirs[np.ix_(column[chosen], column[chosen])][upper]
    if one.std() == 0 or other.std() == 0:
        return -1.0
    return float(np.corrcoef(one, other)[0, 1] * np.log1p(len(row)))
