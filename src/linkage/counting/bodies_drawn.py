"""What reporters know together in many draws, who was first, and who came back: each figure with its range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.counting.bodies import (
    ORDER,
    Meetings,
    Returning,
    Shared,
    in_pairs,
    known_to,
    meetings,
    order_of,
    pair_order,
    returning,
)
from linkage.counting.counts import Request, chosen
from linkage.counting.draws import Drawn
from linkage.counting.quantiles import Span, spans_of

__all__ = ["SharedRanges", "medians_in_draws", "returns_in_draws", "shared_in_draws"]

Ints = NDArray[np.int64]
Spans = tuple[Span, ...]

MOST_CELLS: Final = 20_000
"""Of which medians are taken at once: 8 bytes for each and each draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRanges:
    """The ranges of what reporters know together, one for each row of the parts of `Shared`, in their order.

    Attributes:
        total: Of the number of persons.
        exact: Of `count`.
        pairs: Of `count`.
        order: Of `count`.
        only: Of `only`, the persons that nobody else knows.
        in_pairs: Of `a_first`, `b_first`, `same_time` and `months`; None where no draw has any that were ordered.
        in_order: Of `first`, `later` and `same_time`.
    """

    total: Span
    exact: tuple[Span, ...]
    pairs: tuple[Span, ...]
    order: tuple[Span, ...]
    only: tuple[Span, ...]
    in_pairs: dict[str, tuple[Span | None, ...]]
    in_order: dict[str, tuple[Span, ...]]


def shared_in_draws(drawn: Drawn, request: Request, shared: Shared, total: int) -> SharedRanges:
    """Return the ranges of what reporters know together.

    Args:
        drawn: The persons that not all draws have.
        request: What was counted.
        shared: What the run counts.
        total: The number of persons that it counts.
    """
    selection, _ = chosen(drawn.records, request, request.period)
    met = meetings(drawn.records, selection)
    names = np.array(met.reporters, dtype=object)
    sets, units = _known_sets(met)
    one, other = in_pairs(met.unit)
    pairs = list(zip(names[met.reporter[one]], names[met.reporter[other]], strict=True)) if len(one) else []
    each = names[met.reporter].tolist() if len(met.unit) else []
    pair, body = _places(shared.pairs, ("reporter_a", "reporter_b"), pairs), _places(shared.order, ("reporter",), each)
    way, gap = pair_order(met, one, other)
    whole, _ = chosen(drawn.whole, request, request.period)
    months = _months_in_draws(drawn, meetings(drawn.whole, whole), shared.pairs, (met.unit[one], pair, gap))
    place = order_of(met)

    def spans(part: pa.Table, column: str, unit: Ints, cell: Ints) -> Spans:
        return spans_of(drawn.counts(unit, cell, np.array(part[column].to_pylist(), np.int64)))

    def of_pairs(column: str, kept: NDArray[np.bool_] | slice) -> Spans:
        return spans(shared.pairs, column, met.unit[one][kept], pair[kept])

    def of_order(column: str, kept: NDArray[np.bool_] | slice) -> Spans:
        return spans(shared.order, column, met.unit[kept], body[kept])

    ways = {name: of_pairs(name, way == nth) for nth, name in enumerate(("a_first", "b_first", "same_time"))}
    all_units = np.zeros(len(selection.units), np.int64)
    return SharedRanges(
        total=spans_of(drawn.counts(selection.units, all_units, np.array([total])))[0],
        exact=spans(shared.exact, "count", units, _places(shared.exact, ("reporters",), sets)),
        pairs=of_pairs("count", slice(None)),
        order=of_order("count", slice(None)),
        only=of_order("only", place == ORDER.index("only")),
        in_pairs={**ways, "months": months},
        in_order={name: of_order(name, place == nth) for nth, name in enumerate(ORDER) if name != "only"},
    )


def _places(part: pa.Table, columns: tuple[str, ...], rows: Sequence[object]) -> Ints:
    """Return the row of a part to which each key belongs; -1 for none."""
    keys = [part[name].to_pylist() for name in columns]
    place = {key if len(key) > 1 else key[0]: number for number, key in enumerate(zip(*keys, strict=True))}
    return np.array([place.get(row, -1) for row in rows], np.int64)


def _months_in_draws(
    drawn: Drawn, known: Meetings, pairs: pa.Table, changed: tuple[Ints, Ints, Ints]
) -> tuple[Span | None, ...]:
    """Return the range of the median of months between each two reporters.

    Args:
        drawn: The persons that not all draws have.
        known: What reporters know of the persons of the run.
        pairs: As in `Shared`.
        changed: Of each pair of entries of a person that varies: the person, the row of `pairs`, and the months or -1.
    """
    one, other = in_pairs(known.unit)
    names = np.array(known.reporters, dtype=object)
    keys = list(zip(names[known.reporter[one]], names[known.reporter[other]], strict=True)) if len(one) else []
    own = _places(pairs, ("reporter_a", "reporter_b"), keys), pair_order(known, one, other)[1]
    kept = (own[1] >= 0) & (own[0] >= 0)
    unit, row, months = (column[(changed[2] >= 0) & (changed[1] >= 0)] for column in changed)
    return medians_in_draws(drawn, unit, (row, months), (own[0][kept], own[1][kept]), pairs.num_rows)


def medians_in_draws(
    drawn: Drawn, unit: Ints, values: tuple[Ints, Ints], found: tuple[Ints, Ints], n_groups: int
) -> tuple[Span | None, ...]:
    """Return the range of the lower median of a value over draws, group by group.

    Args:
        drawn: The persons that not all draws have.
        unit: `(m,) int64`, persons of `drawn`.
        values: `(m,) int64` twice, the group and a value of each, not negative.
        found: The same of the persons of the run.
        n_groups: Number of groups.

    Returns:
        One for each group; None where no draw has a value.
    """
    group, value = (np.concatenate(one) for one in zip(values, found, strict=True))
    base = int(value.max(initial=0)) + 1
    cells, at = np.unique(group * base + value, return_inverse=True)
    starts = np.searchsorted(cells, np.arange(n_groups + 1) * base)
    counted = np.bincount(at[len(unit) :], minlength=len(cells))
    spans: dict[int, Span] = {}
    for begin, end in _blocks(starts):
        first, last = int(starts[begin]), int(starts[end])
        inside = (at[: len(unit)] >= first) & (at[: len(unit)] < last)
        counts = drawn.counts(unit[inside], at[: len(unit)][inside] - first, counted[first:last])
        medians: dict[int, Ints] = {}
        whole: dict[int, Ints] = {}
        for nth, (low, high) in enumerate(pairwise((starts[begin : end + 1] - first).tolist()), start=begin):
            found_here = _medians(cells[first + low : first + high] % base, counts[low:high])
            (whole if len(found_here) == drawn.n else medians)[nth] = found_here
        # One call for all groups that every draw has is a hundred times as fast as one for each.
        if whole:
            spans |= dict(zip(whole, spans_of(np.array(list(whole.values()))), strict=True))
        spans |= {nth: spans_of(one[None, :])[0] for nth, one in medians.items() if len(one)}
    return tuple(spans.get(nth) for nth in range(n_groups))


def _blocks(starts: Ints) -> Iterator[tuple[int, int]]:
    """Yield runs of groups with few cells together, or of one group."""
    begin = 0
    for end in range(1, len(starts)):
        if end + 1 == len(starts) or starts[end + 1] - starts[begin] > MOST_CELLS:
            yield begin, end
            begin = end


def _medians(values: Ints, counts: Ints) -> Ints:
    """Return the lower median in each draw that has a value, given how often it has each of ascending values."""
    if not len(values):
        return values
    n = counts.sum(axis=0)
    found: Ints = values[np.argmax(np.cumsum(counts, axis=0) > (n - 1) // 2, axis=0)][n > 0]
    return found


def returns_in_draws(drawn: Drawn, request: Request) -> dict[str, Span | None]:
    """Return the range of each count of `Returns`, and of the median of its months.

    Args:
        drawn: The persons that not all draws have.
        request: What was counted.
    """
    own = returning(drawn.whole, chosen(drawn.whole, request, request.period)[0])
    changed = returning(drawn.records, chosen(drawn.records, request, request.period)[0])
    *counted, _ = zip(Returning._fields, changed, own, strict=True)
    unit = np.concatenate([units for _, units, _ in counted])
    cell = np.repeat(np.arange(len(counted)), [len(units) for _, units, _ in counted])
    spans = spans_of(drawn.counts(unit, cell, np.array([len(units) for *_, units in counted])))
    one, other = (np.zeros(len(months), np.int64) for months in (changed.months, own.months))
    (months,) = medians_in_draws(drawn, changed.returned, (one, changed.months), (other, own.months), 1)
    return {**dict(zip((name for name, *_ in counted), spans, strict=True)), "months": months}


def _known_sets(met: Meetings) -> tuple[list[object], Ints]:
    table = known_to(met)[1]
    return table["value"].to_pylist(), table["unit"].to_numpy()
