"""Draws of partitions: how the undecided candidate pairs of a run may fall, with all constraints of the run.

A count of persons is certain only as far as the links are. Here whole partitions are drawn from the log odds of the
candidate pairs, as in Bayesian record linkage [Sadinle2014] [Steorts2016]: so many that a count in each of them gives a
range. All tables count the same draws, so that they agree with each other.

*Units.* Records that average linkage joins by steps of at least `SURE` are one unit, which no draw parts. Units that no
chain of pairs above `FLOOR` connects are independent, and only components of two units or more vary; so a draw costs
little beside the run [Marchant2021].

*Weight.* Pairs of one person are not independent evidence, so the weight of a group is not the sum over its pairs. It
is the sum of the mean log odds of the steps by which average linkage joins the group, so one step weighs just what it
weighs in a run (`linkage.linking.clusters`) and in the expected accuracy (`linkage.linking.accuracy`). A partition is
drawn with a probability proportional to the exponential of the sum over its groups. Differs from the papers: these
model the fields of all records of a person at once. That takes the fields, which nobody at the registry has.

*Drawing.* Components of at most `EXACT` units are drawn exactly, by sums over all subsets. In larger ones a Markov
chain starts at the partition of the run and moves single units (Gibbs), and takes back or makes the last step of whole
groups (Metropolis).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri

from linkage.linking.compiled.groups import sure_parts
from linkage.linking.compiled.partitions import Components, draw_each
from linkage.linking.compiled.steps import MAX_MEMBERS
from linkage.linking.odds import MAX_LOG_ODDS
from linkage.threads import in_order

__all__ = ["DRAWS", "Draws", "draw_partitions"]

DRAWS: Final = 200
"""Number of partitions: five of them lie beyond each end of a 95 % range."""

LINKED: Final = 1.0
"""Raises the log odds of pairs that the run has linked: steps that are evident from the whole group are right more
often than their mean says. Chosen on synthetic reporters (0, 1 and 2): with 1 the draws have, within 2 %, as many
persons as true candidate pairs alone would make."""

SURE: Final = 5.0
"""Least mean log odds of a step that no draw takes back; beyond it hardly any is wrong."""

FLOOR: Final = -6.0
"""Least mean log odds of two units that some draw may join."""

EXACT: Final = 8
"""Most units of a component that is drawn exactly; each further one takes three times the work."""

MOST_UNITS: Final = 60
"""Most units of a component; the floor of a larger one is raised until its parts are smaller. Only values that many
persons share connect so many. Chosen on 5,000 synthetic persons (30, 60 and 150): with 150, chance joins too many."""

SHIFT: Final = (0.4, 0.8)
"""Mean and standard deviation of what a draw adds to the log odds of every step. Log odds of one registry are all too
low or too high together, since they come from one model: on seven synthetic registries by about this much. Without it,
ranges would hold chance alone, and be too narrow."""

SHIFTS: Final = 20
"""Number of shifts; as many draws have each."""

SHARES: Final = 16
"""Shares into which threads divide the components."""

SWEEPS: Final = (20, 1)
"""Sweeps of a chain over the units of its component before the first draw, and for each draw. More of them move the
mean number of persons by less than .1 %."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Partitions of the records that vary; all others are with the persons that the run has found, in every draw.

    Attributes:
        record: `(v,) int64`, the indices of these records among all `n`, ascending.
        component: `(v,) int64`, the component of each, from 0. No draw joins records of two components, and all records
            of a person that varies are among these.
        labels: `(v, d) int16`, the group of each record in each draw, from 0 within its component.
        others: `(o,) int64`, the indices of records that vary and were not to be drawn.
    """

    record: Ints
    component: Ints
    labels: NDArray[np.int16]
    others: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """The units, and what is between them.

    Attributes:
        of: `(n,) int64`, the unit of each record, numbered by its first record by rank.
        size: `(u,) float64`, its records.
        meeting: `(u,) float64`, the sum of their meeting strengths.
        ends: `(e, 2) int64`, pairs of units with a candidate pair or a bar between them, sorted.
        excess: `(e,) float64`, see `Components`.
        barred: `(e,) bool`.
    """

    of: Ints
    size: NDArray[np.float64]
    meeting: NDArray[np.float64]
    ends: Ints
    excess: NDArray[np.float64]
    barred: NDArray[np.bool_]

    @property
    def mean(self) -> NDArray[np.float64]:
        """`(e,) float64`, the mean log odds of the pairs of records between two units; minus infinity if barred."""
        product, pairs = self.meeting[self.ends].prod(axis=1), self.size[self.ends].prod(axis=1)
        return np.where(self.barred, -np.inf, (self.excess - product) / pairs)


def draw_partitions(
    ends: Ints,
    log_odds: NDArray[np.float64],
    *,
    group: Ints,
    meeting: NDArray[np.float64],
    rank: Ints,
    bars: Ints,
    draws: int = DRAWS,
    seed: int = 0,
    touched: NDArray[np.bool_] | None = None,
    threads: int = 1,
) -> Draws:
    """Draw partitions of the records.

    Args:
        ends: `(p, 2) int64`, the indices of the records of each candidate pair; no pair twice.
        log_odds: `(p,) float64`, log odds of a match, after competition.
        group: `(n,) int64`, the person of each record by the run.
        meeting: `(n,) float64`, as for `linkage.linking.clusters.cluster`.
        rank: `(n,) int64`, the rank of each record in an order that does not depend on its arrival.
        bars: `(m, 2) int64`, indices of records that are two persons.
        draws: Number of partitions `d`.
        seed: Equal records and seeds give equal draws, whatever the order of records and pairs.
        touched: `(n,) bool`, records of which components are drawn; None for all.
        threads: Number of threads that draw; the draws do not depend on it.

    Returns:
        The draws.
    """
    linked = group[ends[:, 0]] == group[ends[:, 1]]
    steps = np.clip(log_odds + LINKED * linked, -MAX_LOG_ODDS, MAX_LOG_ODDS)
    ends = rank[ends]
    place = np.argsort(rank)
    units = _units(ends, steps, group=group[place], meeting=meeting[place], bars=rank[bars.reshape(-1, 2)])
    label = _connected(units)
    varies = (np.bincount(label) > 1)[label]
    chosen = varies if touched is None else varies & np.isin(label, label[units.of[touched[place]]])
    parts, member, component = _components(units, group[place], label, chosen)
    rng = np.random.default_rng(seed)
    labels = np.empty((len(member), draws), np.int16)
    uniform, seeds = rng.random((len(member), draws)), rng.integers(0, 1 << 31, len(parts.units) - 1)

    def draw(some: Ints) -> None:
        draw_each(parts, some, _shifts(draws), uniform, seeds, FLOOR, EXACT, SWEEPS, labels)

    # The calling thread only waits, so there may be a helper more.
    for _ in in_order(draw, _shares(parts, SHARES), helpers=threads if threads > 1 else 0):
        pass
    row_of_unit = np.full(len(units.size), -1, np.int64)
    row_of_unit[member] = np.arange(len(member))
    row = row_of_unit[units.of][rank]
    record = np.flatnonzero(row >= 0)
    others = np.flatnonzero((varies & ~chosen)[units.of][rank])
    return Draws(record, component[row[record]], labels[row[record]], others)


def _shares(parts: Components, n: int) -> list[Ints]:
    """Divide the components into shares of about equal work: each has every nth of them by size."""
    by_size = np.argsort(-np.diff(parts.units), kind="stable")
    return [by_size[first::n] for first in range(n)]


def _shifts(draws: int) -> NDArray[np.float64]:
    """Return the shift of each draw, `(d,)`: quantiles of the normal distribution, the lowest first."""
    nth = np.arange(draws) * SHIFTS // max(draws, 1)
    found: NDArray[np.float64] = SHIFT[0] + SHIFT[1] * ndtri((nth + 0.5) / SHIFTS)
    return found


def _units(
    ends: Ints, log_odds: NDArray[np.float64], *, group: Ints, meeting: NDArray[np.float64], bars: Ints
) -> _Units:
    """Find the units, and add up the pairs between each two of them."""
    of = np.unique(_parts(ends, log_odds, group=group, meeting=meeting), return_inverse=True)[1].ravel()
    size = np.bincount(of).astype(np.float64)
    sums = np.bincount(of, meeting).astype(np.float64)
    excess = log_odds + meeting[ends].prod(axis=1)
    pairs = np.sort(of[np.concatenate([ends, bars])], axis=1)
    values = np.concatenate([excess, np.zeros(len(bars))])
    barred = np.arange(len(pairs)) >= len(ends)
    between = pairs[:, 0] != pairs[:, 1]
    pairs, values, barred = pairs[between], values[between], barred[between]
    # Sums must not depend on the order of the pairs.
    order = np.lexsort((values, pairs[:, 1], pairs[:, 0]))
    pairs, values, barred = pairs[order], values[order], barred[order]
    starts = np.flatnonzero(np.append(True, (pairs[1:] != pairs[:-1]).any(axis=1))) if len(pairs) else np.zeros(0, int)
    return _Units(
        of,
        size,
        sums,
        pairs[starts],
        np.add.reduceat(values, starts) if len(pairs) else values,
        np.logical_or.reduceat(barred, starts) if len(pairs) else barred,
    )


def _parts(ends: Ints, log_odds: NDArray[np.float64], *, group: Ints, meeting: NDArray[np.float64]) -> Ints:
    """Return for each record the first record of its unit."""
    order = np.lexsort((np.arange(len(group)), group))
    position = np.empty(len(group), np.int64)
    position[order] = np.arange(len(group))
    _, firsts = np.unique(group[order], return_index=True)
    own = group[ends[:, 0]] == group[ends[:, 1]]
    inside = np.sort(position[ends[own]], axis=1)
    by_place = np.lexsort((inside[:, 1], inside[:, 0]))
    inside, excess = inside[by_place], (log_odds[own] + meeting[ends[own]].prod(axis=1))[by_place]
    limits = np.append(firsts, len(group)).astype(np.int64)
    edges = np.searchsorted(inside[:, 0], limits).astype(np.int64)
    base = limits[np.searchsorted(limits, inside[:, 0], side="right") - 1] if len(inside) else np.zeros(0, np.int64)
    part = np.empty(len(group), np.int64)
    sure_parts(limits, edges, inside - base[:, None], excess, meeting[order], SURE, MAX_MEMBERS, part)
    return np.asarray(order[part][position])


def _components(units: _Units, group: Ints, label: Ints, several: NDArray[np.bool_]) -> tuple[Components, Ints, Ints]:
    """Return some components, their units, and the component of each of these.

    Args:
        units: The units.
        group: `(n,) int64`, the person of each record.
        label: `(u,) int64`, the component of each unit.
        several: `(u,) bool`, the units of the components that are wanted, each of two units or more.
    """
    member = np.flatnonzero(several)
    member = member[np.argsort(label[member], kind="stable")]
    names, first, component = np.unique(label[member], return_index=True, return_inverse=True)
    place = np.full(len(label), -1, np.int64)
    place[member] = np.arange(len(member)) - first[component] if len(member) else 0
    left, right = label[units.ends].T
    inside = np.flatnonzero(several[units.ends[:, 0]] & (left == right))
    inside = inside[np.argsort(left[inside], kind="stable")]
    run = np.zeros(len(label), np.int64)
    run[units.of] = group
    _, begin, own = np.unique(np.column_stack([component, run[member]]), axis=0, return_index=True, return_inverse=True)
    parts = Components(
        units=np.append(first, len(member)).astype(np.int64),
        edges=np.append(np.searchsorted(left[inside], names), len(inside)).astype(np.int64),
        ends=place[units.ends[inside]],
        excess=units.excess[inside],
        barred=units.barred[inside],
        meeting=units.meeting[member],
        size=units.size[member],
        start=place[member][begin][own.ravel()] if len(member) else np.zeros(0, np.int64),
    )
    return parts, member, component.ravel().astype(np.int64)


def _connected(units: _Units) -> Ints:
    """Label the components of units; the floor of too large ones is raised."""
    n, mean, floor = len(units.size), units.mean, np.full(len(units.ends), FLOOR)
    while True:
        near = units.ends[mean >= floor]
        graph = coo_array((np.ones(len(near), np.int8), (near[:, 0], near[:, 1])), shape=(n, n))
        label = np.asarray(connected_components(graph, directed=False)[1], np.int64)
        large = (np.bincount(label) > MOST_UNITS)[label[units.ends[:, 0]]]
        large &= label[units.ends[:, 0]] == label[units.ends[:, 1]]
        if not (large & (mean >= floor)).any() or floor.max(initial=FLOOR) >= SURE:
            return label
        floor[large] += 1.0
