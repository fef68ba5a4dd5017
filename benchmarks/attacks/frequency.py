"""Frequencies: the largest groups of the registry are taken for the most frequent values of the population.

[Christen2017] aligns the most frequent Bloom filters with the most frequent names. Here two things have frequencies:
match keys, whose groups are aligned by kind and size; and segments of contents, which are equal inside a group where
the values are, whatever pad lies over them, and are aligned inside every group large enough to have frequent values.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.scoring import exact_kinds
from benchmarks.attacks.signals import Foreseen, masks
from benchmarks.attacks.view import View

__all__ = ["align", "attack"]

LARGEST: Final = 300
"""Groups of a kind, or values of a segment, that are aligned: further down many are of one size."""

LEAST_GROUP: Final = 50
"""Codes in a group below which no value in it is frequent."""

GROUPS_A_KIND: Final = 20

Ints = NDArray[np.int64]


def attack(view: View, foreseen: Foreseen, *, rng: np.random.Generator) -> Claims:
    """Claim for each record the candidate that has most of the aligned values, rare ones counting more.

    Args:
        view: The registry.
        foreseen: What the attacker computes.
        rng: Draws among values of one frequency and among candidates of one score.

    Returns:
        The claims; a record of no frequent value gets a random candidate.
    """
    edges: list[tuple[Ints, Ints, float]] = []
    kinds = exact_kinds(view)
    for kind in np.unique(kinds):
        mine = _members(view.key[:, view.exact][:, kinds == kind])
        theirs = _members(foreseen.exact_keys[:, kinds == kind])
        for place, (one, other) in enumerate(align(mine, theirs, rng)):
            edges.append((one, other, np.log(len(foreseen) / len(other))))
            if place < GROUPS_A_KIND and min(len(one), len(other)) >= LEAST_GROUP:
                edges += _inside(view, foreseen, (one, other, int(np.flatnonzero(view.exact)[kinds == kind][0])), rng)
    return _best(edges, len(view), len(foreseen), rng)


def align(mine: list[Ints], theirs: list[Ints], rng: np.random.Generator) -> list[tuple[Ints, Ints]]:
    """Pair groups by rank of size, equal sizes in random order.

    Args:
        mine: The members of each group on one side.
        theirs: The same on the other side.
        rng: Draws the order of equal sizes.

    Returns:
        Pairs of groups, the largest first, at most `LARGEST`.
    """
    ranked = []
    for groups in (mine, theirs):
        sizes = np.array([len(group) for group in groups])
        order = np.lexsort((rng.random(len(groups)), -sizes))[:LARGEST]
        ranked.append([groups[place] for place in order.tolist()])
    return list(zip(*ranked, strict=False))


def _members(keys: NDArray[np.generic]) -> list[Ints]:
    """List the members of each value that at least two have."""
    n, c = keys.shape
    if not keys.size:
        return []
    _, group, size = np.unique(keys.ravel(), return_inverse=True, return_counts=True)
    row = np.repeat(np.arange(n), c)
    order = np.argsort(group.ravel(), kind="stable")
    return [part for part in np.split(row[order], np.cumsum(size)[:-1]) if len(part) > 1]


def _inside(
    view: View, foreseen: Foreseen, group: tuple[Ints, Ints, int], rng: np.random.Generator
) -> list[tuple[Ints, Ints, float]]:
    """Align the values of each segment inside two groups that are taken for one."""
    one, other, place = group
    seen, expected = view.words[one, place], foreseen.contents(other)[:, 0]
    edges = []
    for feature in range(len(view.encoding.layout)):
        parts = [(word, np.uint64(mask)) for f, word, mask in masks(view.encoding) if f == feature]
        values = [np.stack([words[:, w] & mask for w, mask in parts], axis=1) for words in (seen, expected)]
        grouped = [_members(np.unique(value, axis=0, return_inverse=True)[1].reshape(-1, 1)) for value in values]
        for mine, theirs in align(*grouped, rng):
            edges.append((one[mine], other[theirs], np.log(len(other) / len(theirs))))
    return edges


def _best(edges: list[tuple[Ints, Ints, float]], n: int, n_candidates: int, rng: np.random.Generator) -> Claims:
    claims = Claims(rng.integers(0, n_candidates, n), np.zeros(n))
    if not edges:
        return claims
    shape = len(edges)
    sides = []
    for side, size in ((0, n), (1, n_candidates)):
        rows = np.concatenate([edge[side] for edge in edges])
        columns = np.repeat(np.arange(shape), [len(edge[side]) for edge in edges])
        sides.append(sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (size, shape)))
    weights = sparse.diags(np.array([edge[2] for edge in edges], np.float32))
    left = sides[0] @ weights
    right = sides[1].T.tocsr()
    for first in range(0, n, 500):
        score = (left[first : first + 500] @ right).toarray()
        score += rng.random(score.shape, np.float32) * 1e-3
        top = np.partition(score, -2, axis=1)[:, -2:]
        told = top[:, 1] > 0.01
        rows = first + np.flatnonzero(told)
        claims.candidate[rows] = score.argmax(axis=1)[told]
        claims.confidence[rows] = (top[:, 1] - top[:, 0])[told]
    return claims
