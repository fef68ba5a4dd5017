"""Messages: sum-product message passing on a graph of pairs that compete, compiled.

An edge joins two seats, and a seat wants at most one of its edges. All numbers are natural logarithms of odds. Besides
its own odds `x` an edge hears from each of its seats one message, the odds that the seat leaves it: with `y` the odds
of each other edge without this seat's say, and `c` the factor of every edge beyond the first,

    P = product of (1 + c y),    message = P / (1 + (P - 1) / c),

which is `1 / (1 + sum of y)` for a seat that takes one edge and no more, and 1 where `c` is 1. On a graph without
cycles the messages come to rest at the exact odds. With cycles they come to rest too where `c` is 0 [Bayati2006]; for
other `c` nobody has proved it, so they are damped, and the sweeps are counted.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["DAMPING", "MAX_SWEEPS", "TOLERANCE", "settle"]

DAMPING: Final = 0.5
"""Share of the old message in the new one: half of it ends the swinging of an even cycle."""

MAX_SWEEPS: Final = 200
"""Sweeps over a component: linkage graphs need some twenty, long chains more."""

TOLERANCE: Final = 1e-5
"""A component rests when no message changes by more than this."""

UNHEARD: Final = 1e-7
"""What changes by less is not computed again: most of a large component rests long before its last corner does."""


class _Graph(NamedTuple):
    """The arguments of `settle` that describe edges."""

    weight: NDArray[np.float64]
    seat: NDArray[np.int64]
    second: NDArray[np.float64]
    message: NDArray[np.float64]


class _Memory(NamedTuple):
    """What each edge last said to each of its seats, and the seat's answer, `(e, 2) float64` each.

    `heard` are log odds and `claim` what follows from them for ln P; `others` is ln P of the other edges.
    """

    heard: NDArray[np.float64]
    claim: NDArray[np.float64]
    others: NDArray[np.float64]
    answer: NDArray[np.float64]


@compiled
def _softplus(value: float) -> float:
    """Return ln(1 + e^value) without overflow."""
    return value + log1p(exp(-value)) if value > 0 else log1p(exp(value))


@compiled
def _answer(others: float, second: float) -> float:
    """Return the message of a seat whose other edges have the given ln P."""
    return -log(exp(-others) - expm1(-others) * exp(-second))


@compiled
def _sweep(edges: tuple[int, int], graph: _Graph, memory: _Memory, total: NDArray[np.float64]) -> float:
    """Let every seat hear its edges and answer; give the largest change of a message."""
    weight, seat, second, message = graph
    heard, claim, others, answer = memory
    for edge in range(edges[0], edges[1]):
        total[seat[edge, 0]] = 0.0
        total[seat[edge, 1]] = 0.0
    for edge in range(edges[0], edges[1]):
        for side in range(2):
            now = weight[edge] + message[edge, 1 - side]
            if not abs(now - heard[edge, side]) <= UNHEARD:
                heard[edge, side] = now
                claim[edge, side] = _softplus(now + second[edge, side])
            total[seat[edge, side]] += claim[edge, side]
    moved = 0.0
    for edge in range(edges[0], edges[1]):
        for side in range(2):
            left = max(total[seat[edge, side]] - claim[edge, side], 0.0)
            if not abs(left - others[edge, side]) <= UNHEARD * left:
                others[edge, side] = left
                answer[edge, side] = _answer(left, second[edge, side])
            new = DAMPING * message[edge, side] + (1 - DAMPING) * answer[edge, side]
            moved = max(moved, abs(new - message[edge, side]))
            message[edge, side] = new
    return moved


@compiled
def settle(
    starts: NDArray[np.int64],
    weight: NDArray[np.float64],
    seat: NDArray[np.int64],
    second: NDArray[np.float64],
    message: NDArray[np.float64],
    total: NDArray[np.float64],
) -> int:
    """Pass messages within each component until it rests.

    Args:
        starts: First edge of each component, and the end; no seat is in two components.
        weight: `(e,) float64`, ln of the odds of each edge by itself.
        seat: `(e, 2) int64`, the two seats of each edge.
        second: `(e, 2) float64`, ln of `c` for each of the two, at most 0.
        message: `(e, 2) float64`, read and written: messages to begin with, and those at rest.
        total: `(seats,) float64`, written: ln P of all edges of each seat.

    Returns:
        The number of components that were stopped before they came to rest.
    """
    graph = _Graph(weight, seat, second, message)
    # Nothing was heard or said before, and a comparison with NaN is false.
    nothing = np.full((4, *seat.shape), np.nan)
    memory = _Memory(nothing[0], nothing[1], nothing[2], nothing[3])
    stopped = 0
    for component in range(len(starts) - 1):
        edges = starts[component], starts[component + 1]
        moved = TOLERANCE + 1
        for _ in range(MAX_SWEEPS):
            moved = _sweep(edges, graph, memory, total)
            if moved <= TOLERANCE:
                break
        if moved > TOLERANCE:
            stopped += 1
    return stopped
