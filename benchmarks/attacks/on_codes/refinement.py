"""Colour refinement of the graph of shared match keys, unseeded and with known pairs.

Combinations are functions of the plaintext, so an attacker who knows exactly who is in a registry can compute the graph
of records and shared match keys without the linkage key. The registry's graph and the computed one are refined together
[Weisfeiler1968]: a record's colour is made from the colours of its groups, a group's from its kind, its size and the
colours of its members, until no class splits. Records with a unique colour are then identified with certainty, whatever
their contents. MinHash bands with secret rows cannot be computed and are left out; with public rows they are included,
which is one of the positive controls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.metrics import Claims

__all__ = ["Graph", "claim", "refine"]

ROUNDS: Final = 12
"""Maximum number of rounds; graphs of some thousand records are stable after four to eight."""

Ints = NDArray[np.int64]
Colours = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Graph:
    """Records and the match keys that at least two of them share.

    Attributes:
        record: (m,) the record of each edge.
        group: (m,) its match key, numbered from 0.
        kind: (m,) the kind of the match key.
        n: Records, with and without edges.
    """

    record: Ints
    group: Ints
    kind: Ints
    n: int

    @classmethod
    def of(cls, keys: NDArray[np.generic], kind: Ints) -> Graph:
        """Build the graph from match keys `(n, c)`, distinct between kinds, and the kind of each position `(c,)`."""
        n, c = keys.shape
        _, group, size = np.unique(keys.ravel(), return_inverse=True, return_counts=True)
        group = group.ravel()
        # A key of only one record cannot be distinguished from a missing code, so only shared keys count.
        edges = np.flatnonzero(size[group] > 1) if group.size else np.zeros(0, np.int64)
        return cls(edges // max(c, 1), np.unique(group[edges], return_inverse=True)[1], kind[edges % max(c, 1)], n)


def _mix(value: Colours, salt: int) -> Colours:
    """Mix 64 bits, so that the sums of two multisets of colours agree only if the multisets do."""
    value = value ^ np.uint64(salt * 0x9E3779B97F4A7C15 & (1 << 64) - 1)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        value = (value ^ (value >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(value ^ (value >> np.uint64(31)))


def _round(graph: Graph, colour: Colours) -> Colours:
    groups = np.zeros(int(graph.group.max(initial=-1)) + 1, np.uint64)
    np.add.at(groups, graph.group, _mix(colour[graph.record], 1))
    seen = _mix(groups[graph.group] ^ _mix(graph.kind.astype(np.uint64), 2), 3)
    around = np.zeros(graph.n, np.uint64)
    np.add.at(around, graph.record, seen)
    return _mix(colour, 4) + _mix(around, 5)


def refine(one: Graph, other: Graph, first: tuple[Colours, Colours]) -> tuple[Colours, Colours]:
    """Refine two graphs together until no class splits.

    Args:
        one: The registry's graph.
        other: The graph that the attacker computed.
        first: Initial colours, for example a distinct one for each known pair; (n,) and (N,) uint64.

    Returns:
        The stable colours of both; refinement cannot distinguish equal colours.
    """
    colours = first
    classes = 0
    for _ in range(ROUNDS):
        colours = _round(one, colours[0]), _round(other, colours[1])
        found = len(np.unique(colours[0]))
        if found == classes:
            break
        classes = found
    return colours


def claim(colours: tuple[Colours, Colours], rng: np.random.Generator) -> Claims:
    """Claim for each record a candidate of its colour.

    Args:
        colours: Stable colours of records and candidates.
        rng: Draws among candidates of one colour.

    Returns:
        Claims; their confidence is minus the number of candidates of that colour.
    """
    mine, theirs = colours
    order = rng.permutation(len(theirs))
    order = order[np.argsort(theirs[order], kind="stable")]
    begin = np.searchsorted(theirs[order], mine, "left")
    size = np.searchsorted(theirs[order], mine, "right") - begin
    pick = order[np.minimum(begin + (rng.random(len(mine)) * size).astype(np.int64), len(theirs) - 1)]
    return Claims(np.where(size > 0, pick, -1), np.where(size > 0, -size, -np.inf).astype(float))
