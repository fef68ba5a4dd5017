"""Frequencies: align the largest groups of the registry with the most frequent values of the population.

[Christen2017] aligns the most frequent Bloom filters with the most frequent names. Here both match keys and segments
of contents have frequencies. Groups of match keys are aligned by kind. Segments inside a group are equal where the
values are equal, whatever the pad, and are aligned inside every group large enough to have frequent values. Differs
from the paper: values of all segments are aligned together (`alignment`), not one segment at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.alignment import Items, align, claim, scores
from benchmarks.attacks.evidence.scoring import exact_kinds
from benchmarks.attacks.evidence.signals import Predicted, masks, segment_tokens
from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.view import View

__all__ = ["attack"]

LARGEST: Final = 100
"""Groups of a kind, or values of a segment, that are aligned; smaller ones often have equal sizes."""

CHOICE: Final = 1.5
"""Values of the population per group or value, since some sizes are nearly equal."""

LEAST_GROUP: Final = 50
"""Minimum number of records in a group whose values are aligned."""

GROUPS: Final = 20
"""Groups whose values are aligned, the largest of all kinds."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


def attack(view: View, predicted: Predicted, *, rng: np.random.Generator) -> Claims:
    """Claim for each record the candidate that best fits its groups and its values in them.

    Args:
        view: The registry.
        predicted: What the attacker computes.
        rng: Breaks ties.

    Returns:
        The claims; a record without frequent values gets a random candidate.
    """
    everybody = np.arange(len(view)), np.arange(len(predicted))
    kinds = exact_kinds(view)
    mine = _groups(view.key[:, view.exact], kinds, LARGEST)
    theirs = _groups(predicted.exact_keys, kinds, round(LARGEST * CHOICE))
    found = align(mine, theirs)
    scored = [(*everybody, scores(mine, theirs, found))] if len(found[0]) else []
    size = mine.held[:, found[0]].sum(axis=0)
    values = (
        [_values(predicted, segment.field) for segment in view.encoding.layout] if (size >= LEAST_GROUP).any() else []
    )
    for at in np.argsort(-size, kind="stable")[:GROUPS].tolist():
        group = mine.held[:, found[0][at]] > 0, theirs.held[:, found[1][at]] > 0
        if min(part.sum() for part in group) >= LEAST_GROUP:
            scored.append(_inside(view, values, group, mine.kind[found[0][at]]))
    return claim(scored, (len(view), len(predicted)), rng)


def _groups(keys: NDArray[np.generic], kinds: Ints, most: int) -> Items:
    """Return the largest groups of each kind, (n, groups), of at least two records."""
    n = len(keys)
    columns, kind = [np.zeros((n, 0), np.float32)], [np.zeros(0, np.int64)]
    for one in np.unique(kinds):
        part = keys[:, kinds == one]
        held = _largest(np.repeat(np.arange(n), part.shape[1]), part.ravel(), n, most)
        columns.append(held)
        kind.append(np.full(held.shape[1], one))
    return Items(np.concatenate(columns, axis=1), np.concatenate(kind))


def _largest(rows: Ints, value: NDArray[np.generic], n: int, most: int) -> Floats:
    """Mark the records that have each of the most frequent values, (n, values), of at least two records."""
    _, number = np.unique(value, return_inverse=True)
    held = sparse.csc_matrix(
        (np.ones(len(rows), np.float32), (rows, number.ravel())), (n, int(number.max(initial=-1)) + 1)
    )
    # A record with several identities repeats a match key.
    held.data[:] = 1
    size = np.asarray(held.sum(axis=0)).ravel()
    order = np.argsort(-size, kind="stable")[:most]
    return np.asarray(held[:, order[size[order] > 1]].toarray(), np.float32)


def _values(predicted: Predicted, field: str) -> Ints:
    """Number the values of a segment, (N,); equal tokens give equal segments in every group."""
    tokens = segment_tokens(predicted, field)
    tokens.sort_indices()
    held = [tuple(part.tolist()) for part in np.split(tokens.indices, tokens.indptr[1:-1])]
    numbers: dict[tuple[int, ...], int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in held], np.int64)


def _inside(
    view: View, values: Sequence[Ints], group: tuple[NDArray[np.bool_], NDArray[np.bool_]], kind: int
) -> tuple[Ints, Ints, Floats]:
    """Align the values of all segments inside two groups taken to be the same, and score the members."""
    rows, candidates = (np.flatnonzero(part) for part in group)
    places = np.flatnonzero(view.exact)[exact_kinds(view) == kind]
    # The group's key is the one that all members have.
    shared = view.key[rows][:, places]
    keys, times = np.unique(shared, return_counts=True)
    place = places[(shared == keys[times.argmax()]).argmax(axis=1)]
    words = view.words[rows, place]
    seen = []
    for feature in range(len(values)):
        parts = [words[:, word] & np.uint64(mask) for f, word, mask in masks(view.encoding) if f == feature]
        seen.append(np.unique(np.stack(parts, axis=1), axis=0, return_inverse=True)[1].ravel())
    mine = _segments(seen, LARGEST)
    theirs = _segments([value[candidates] for value in values], round(LARGEST * CHOICE))
    return rows, candidates, scores(mine, theirs, align(mine, theirs))


def _segments(values: Sequence[Ints], most: int) -> Items:
    """Return the most frequent values of each segment, with the segment as their kind."""
    held = [_largest(np.arange(len(value)), value, len(value), most) for value in values]
    return Items(np.concatenate(held, axis=1), np.repeat(np.arange(len(held)), [part.shape[1] for part in held]))
