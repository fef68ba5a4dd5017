"""Groups of records that fall apart without the records of one reporter, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["falls_apart", "sides_without"]


@compiled
def _root(parent: NDArray[np.int64], member: int) -> int:
    """Return the name of a member's side, and shorten the path to it."""
    while parent[member] != member:
        parent[member] = parent[parent[member]]
        member = parent[member]
    return member


@compiled
def sides_without(reporter: NDArray[np.int64], ends: NDArray[np.int64], own: int, parent: NDArray[np.int64]) -> int:
    """Find the sides into which a group falls without the records of one reporter.

    Args:
        reporter: `(k,) int64`, the reporter of each member of the group.
        ends: `(e, 2) int64`, the pairs of members that favour a match.
        own: The reporter that is left out.
        parent: `(k,) int64`, written: for each member the smallest member of its side; for those left out, themselves.

    Returns:
        The number of sides.
    """
    n_sides = 0
    for member in range(len(reporter)):
        parent[member] = member
        n_sides += reporter[member] != own
    for edge in range(len(ends)):
        if reporter[ends[edge, 0]] == own or reporter[ends[edge, 1]] == own:
            continue
        one, other = _root(parent, ends[edge, 0]), _root(parent, ends[edge, 1])
        if one != other:
            parent[max(one, other)] = min(one, other)
            n_sides -= 1
    for member in range(len(reporter)):
        parent[member] = _root(parent, member)
    return n_sides


@compiled
def falls_apart(
    starts: NDArray[np.int64],
    edges: NDArray[np.int64],
    reporter: NDArray[np.int64],
    ends: NDArray[np.int64],
    found: NDArray[np.bool_],
) -> None:
    """Find the reporters without whose records a group falls apart.

    Args:
        starts: `(g + 1,) int64`, the first member of each group, and the end.
        edges: `(g + 1,) int64`, the first edge of each group, and the end.
        reporter: `(n,) int64`, the reporter of each member, group by group.
        ends: `(e, 2) int64`, the positions within its group of an edge's members; the edge favours a match.
        found: `(n,) bool`, written: set at the first member of each such reporter in each group.
    """
    found[:] = False
    for group in range(len(starts) - 1):
        own = reporter[starts[group] : starts[group + 1]]
        if len(own) < 3:
            continue
        pairs = ends[edges[group] : edges[group + 1]]
        parent = np.empty(len(own), np.int64)
        for member in range(len(own)):
            if (own[:member] == own[member]).any():
                continue
            found[starts[group] + member] = sides_without(own, pairs, own[member], parent) > 1
