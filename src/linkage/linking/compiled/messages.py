"""Sum-product message passing on a graph of competing pairs, compiled.

An edge joins two seats, and a seat takes at most one of its edges. All numbers are natural logarithms. An edge has its
own odds, which are multiplied by one message from each of its two seats. With `y` the odds of each
other edge without the message of this seat, and `c` the factor of each edge beyond the first,

    P = product of (1 + c y),    message = P / (1 + (P - 1) / c),

which is `1 / (1 + sum of y)` for a seat that takes at most one edge (`c` = 0), and 1 where `c` is 1. On a graph without
cycles the messages converge to the exact odds. With cycles, convergence is proved for `c` = 0 [Bayati2006] but not for
other `c`, so messages are damped and the number of sweeps is limited.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from linkage.linking.compiled.jit import compiled

__all__ = ["DAMPING", "MAX_SWEEPS", "TOLERANCE", "settle"]

DAMPING: Final = 0.5
"""Weight of the old message in the new one. With a half, even cycles do not oscillate."""

MAX_SWEEPS: Final = 200
"""Maximum number of sweeps over a component: linkage graphs need about twenty, long chains more."""

TOLERANCE: Final = 1e-5
"""A component has converged when no message changes by more than this."""

UNCHANGED: Final = 1e-7
"""Terms are not recomputed for smaller changes: most of a large component converges long before the rest."""


class _Graph(NamedTuple):
    """The arguments of `settle` that describe the edges."""

    weight: NDArray[np.float64]
    seat: NDArray[np.int64]
    log_factor: NDArray[np.float64]
    message: NDArray[np.float64]


class _Memory(NamedTuple):
    """The last terms between each edge and its two seats, `(e, 2) float64` each.

    `odds` are the log odds of the edge as the seat sees them and `claim` their term of ln P; `others` is ln P of the
    other edges, and `answer` the message that follows from it.
    """

    odds: NDArray[np.float64]
    claim: NDArray[np.float64]
    others: NDArray[np.float64]
    answer: NDArray[np.float64]


@compiled
def _softplus(value: float) -> float:
    """Return ln(1 + e^value) without overflow."""
    return value + log1p(exp(-value)) if value > 0 else log1p(exp(value))


@compiled
def _answer(others: float, log_factor: float) -> float:
    """Return the message of a seat whose other edges have the given ln P."""
    return -log(exp(-others) - expm1(-others) * exp(-log_factor))


@compiled
def _sweep(edges: tuple[int, int], graph: _Graph, memory: _Memory, total: NDArray[np.float64]) -> float:
    """Update every seat from its edges and every message from its seat; return the largest change of a message."""
    weight, seat, log_factor, message = graph
    odds, claim, others, answer = memory
    for edge in range(edges[0], edges[1]):
        total[seat[edge, 0]] = 0.0
        total[seat[edge, 1]] = 0.0
    for edge in range(edges[0], edges[1]):
        for side in range(2):
            now = weight[edge] + message[edge, 1 - side]
            if not abs(now - odds[edge, side]) <= UNCHANGED:
                odds[edge, side] = now
                claim[edge, side] = _softplus(now + log_factor[edge, side])
            total[seat[edge, side]] += claim[edge, side]
    moved = 0.0
    for edge in range(edges[0], edges[1]):
        for side in range(2):
            left = max(total[seat[edge, side]] - claim[edge, side], 0.0)
            if not abs(left - others[edge, side]) <= UNCHANGED * left:
                others[edge, side] = left
                answer[edge, side] = _answer(left, log_factor[edge, side])
            new = DAMPING * message[edge, side] + (1 - DAMPING) * answer[edge, side]
            moved = max(moved, abs(new - message[edge, side]))
            message[edge, side] = new
    return moved


@compiled
def settle(
    starts: NDArray[np.int64],
    weight: NDArray[np.float64],
    seat: NDArray[np.int64],
    log_factor: NDArray[np.float64],
    message: NDArray[np.float64],
    total: NDArray[np.float64],
) -> int:
    """Pass messages within each component until it converges.

    Args:
        starts: First edge of each component, and the end; no seat is in two components.
        weight: `(e,) float64`, log odds of each edge on its own.
        seat: `(e, 2) int64`, the two seats of each edge.
        log_factor: `(e, 2) float64`, ln of `c` for each of the two, at most 0.
        message: `(e, 2) float64`, read and written: the initial and the final messages.
        total: `(seats,) float64`, written: ln P of all edges of each seat.

    Returns:
        The number of components that did not converge.
    """
    graph = _Graph(weight, seat, log_factor, message)
    # A comparison with NaN is false, so the first sweep computes every term.
    nothing = np.full((4, *seat.shape), np.nan)
    memory = _Memory(nothing[0], nothing[1], nothing[2], nothing[3])
    n_unsettled = 0
    for component in range(len(starts) - 1):
        edges = starts[component], starts[component + 1]
        moved = TOLERANCE + 1
        for _ in range(MAX_SWEEPS):
            moved = _sweep(edges, graph, memory, total)
            if moved <= TOLERANCE:
                break
        if moved > TOLERANCE:
            n_unsettled += 1
    return n_unsettled
