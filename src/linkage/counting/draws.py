"""Persons in many draws, counted at once: a group of records that several draws have is looked at once.

A draw says which records are one person. Most persons are the same in all draws, and those that vary have few variants,
so the counts of a draw are those of the run, less the persons that it does not have, plus those that it has instead.
Attribute rules and definitions are applied to each variant as to any person. So all tables agree with each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from linkage.counting.counts import Counts, Request, Values, chosen, in_cell_order, placed, years_of
from linkage.counting.dimensions import COUNT
from linkage.counting.periods import Period
from linkage.counting.quantiles import Ranges, Span, spans_of
from linkage.counting.records import Records

__all__ = [
    "Drawn",
    "InDraws",
    "Variants",
    "cells_in_draws",
    "drawn_persons",
    "in_draws",
    "variants_of",
]

Ints = NDArray[np.int64]

_NONE: Final = np.zeros(0, np.int64)

_HASH_BITS: Final = 40
"""Of the random numbers of records, whose sums name groups: exact for groups of 8,000 records."""

_MIX: Final = np.int64(0x9E3779B97F4A7C15 - (1 << 64))
"""Odd, so that both sums decide the name of a group."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """The persons that not all draws have.

    Attributes:
        records: Their records; a record is repeated for each of the persons that some draw counts it to.
        change: `(u, d)`, for each of these persons and each draw 1 if the draw has it and the run has not, -1 if it is
            the other way round, and else 0.
        whole: All records, with the persons of the run.
    """

    records: Records
    change: csr_array
    whole: Records

    @property
    def n(self) -> int:
        """Number of draws."""
        return int(self.change.shape[1])

    def counts(self, unit: Ints, cell: Ints, found: Ints) -> Ints:
        """Return `(c, d) int64`, what is counted in each cell in each draw.

        Args:
            unit: `(m,) int64`, the persons of `records` that count, each as often as it has cells.
            cell: `(m,) int64`, the cell of each; -1 for none of those asked for.
            found: `(c,) int64`, what the run counts in each cell.
        """
        kept = cell >= 0
        shape = (len(found), self.change.shape[0])
        member = coo_array((np.ones(int(kept.sum()), np.int64), (cell[kept], unit[kept])), shape=shape)
        changed: Ints = (member.tocsr() @ self.change).toarray()
        return changed + found[:, None]


def drawn_persons(records: Records, draws: Iterable[Ints]) -> Drawn:
    """Gather the persons that not all draws have.

    Args:
        records: All records, with the persons of the run.
        draws: For each draw `(n,) int64`, the person of each record, of any numbers from 0; -1 where it is not linked.
    """
    return variants_of(records.persons, draws).of(records)


@dataclass(frozen=True, eq=False)
class Variants:
    """The persons that not all draws have, without what their records say.

    Attributes:
        row: `(m,) int64`, the records of these persons.
        person: `(m,) int64`, the person of each, from 0.
        change: `(u, d)`, as in `Drawn`.
    """

    row: Ints
    person: Ints
    change: csr_array

    def of(self, records: Records) -> Drawn:
        """Return these persons with what their records say."""
        return Drawn(records.taken(self.row, self.person), self.change, records)


def variants_of(persons: Ints, draws: Iterable[Ints]) -> Variants:
    """Gather the persons that not all draws have.

    Args:
        persons: `(n,) int64`, the persons of the run; -1 where a record is not linked.
        draws: As for `drawn_persons`.
    """
    halves = np.random.default_rng(0).integers(0, 1 << _HASH_BITS, (2, len(persons))).astype(np.float64)
    own = _hashes(persons, halves)
    # Persons of the run come first, as draw -1; then the groups of each draw that it has not.
    found = [_groups(np.flatnonzero(persons >= 0), own)]
    gone, n_draws = [_NONE], 0
    changes = np.zeros(len(persons), np.bool_)
    for labels in draws:
        hashes = _hashes(labels, halves)
        changed = np.flatnonzero(hashes != own)
        changes[changed] = True
        found.append(_groups(changed, hashes))
        gone.append(np.unique(own[changed]))
        n_draws += 1
    names, first, inverse = np.unique(
        np.concatenate([one.name for one in found]), return_index=True, return_inverse=True
    )
    ends = np.cumsum([0, *(len(one.name) for one in found)])
    varies = np.zeros(len(names), np.bool_)
    varies[inverse[: ends[1]][found[0].of_row[changes[found[0].row]]]] = True
    varies[inverse[ends[1] :]] = True
    number = np.cumsum(varies) - 1
    rows, members, units, draw, sign = [_NONE], [_NONE], [_NONE], [_NONE], [_NONE]
    for nth, one in enumerate(found):
        group = inverse[ends[nth] : ends[nth + 1]]
        # A group is taken from where it is first.
        kept = (varies[group] & (first[group] == np.arange(ends[nth], ends[nth + 1])))[one.of_row]
        rows.append(one.row[kept])
        members.append(number[group[one.of_row[kept]]])
        if nth:
            lost = np.searchsorted(names, gone[nth])
            units += [number[group], number[lost]]
            draw += [np.full(len(group) + len(lost), nth - 1)]
            sign += [np.ones(len(group), np.int64), np.full(len(lost), -1)]
    place = np.concatenate(units), np.concatenate(draw)
    change = coo_array((np.concatenate(sign), place), shape=(int(varies.sum()), n_draws)).tocsr()
    return Variants(np.concatenate(rows), np.concatenate(members), change)


class _Groups(NamedTuple):
    """Groups of records by name: some rows, and the place of the group of each."""

    name: Ints
    row: Ints
    of_row: Ints


def _groups(row: Ints, hashes: Ints) -> _Groups:
    name, of_row = np.unique(hashes[row], return_inverse=True)
    return _Groups(name, row.astype(np.int64), of_row.ravel())


def _hashes(labels: Ints, halves: NDArray[np.float64]) -> Ints:
    """Return for each record a number that names the group in which it is; 0 where it is in none."""
    inside = labels >= 0
    own = labels[inside]
    found = np.zeros(len(labels), np.int64)
    with np.errstate(over="ignore"):
        one, other = (np.bincount(own, half[inside]).astype(np.int64) for half in halves)
        found[inside] = (one * _MIX + other)[own]
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InDraws:
    """What a table counts in each draw.

    Attributes:
        cells: The cells of the table, and after them, with a count of 0, those that only some draws have.
        in_cells: `(c, d) int64`, in the order of `cells`.
        total: `(1, d) int64`.
        totals: `(y, d) int64`, with years.
    """

    cells: pa.Table
    in_cells: Ints
    total: Ints
    totals: Ints


def in_draws(drawn: Drawn, request: Request, counts: Counts) -> Counts:
    """Return counts with their ranges, and with cells of 0 that have anybody in enough draws.

    Args:
        drawn: The persons that not all draws have.
        request: What was counted.
        counts: What the run counts.
    """
    found = cells_in_draws(drawn, request, counts)
    spans = spans_of(found.in_cells)
    n_own = counts.cells.num_rows
    kept = [place for place, span in enumerate(spans) if place < n_own or span.high]
    cells = found.cells.take(pa.array(kept, pa.int64()))
    if len(kept) > n_own:
        cells = in_cell_order(cells, request, [year for year, _ in counts.totals])
    columns = [one.column for one in request.by]
    by_key = dict(zip(_keys(found.cells, columns), spans, strict=True))
    of_cells = tuple(by_key.get(key, Span(0, 0)) for key in _keys(cells, columns))
    ranges = Ranges(cells=of_cells, total=spans_of(found.total)[0], totals=spans_of(found.totals))
    return replace(counts, cells=cells, ranges=ranges)


def cells_in_draws(drawn: Drawn, request: Request, counts: Counts) -> InDraws:
    """Return what a table counts in each draw.

    Args:
        drawn: See `in_draws`.
        request: See `in_draws`.
        counts: See `in_draws`.
    """
    years = any(one.kind == "year" for one in request.by)
    spans: tuple[Period | None, ...] = years_of(drawn.whole, request.period) if years else (request.period,)
    others = [one for one in request.by if one.kind != "year"]
    columns = [one.column for one in request.by]
    place = {key: number for number, key in enumerate(_keys(counts.cells, columns))}
    units, cells, per_year = [_NONE], [_NONE], [(_NONE, _NONE)]
    for number, span in enumerate(spans):
        selection, _ = chosen(drawn.records, request, span)
        table = placed(Values(drawn.records, request, selection), others)
        texts = dict(zip((one.column for one in others), (one.to_pylist() for one in table.columns[1:]), strict=True))
        if years and span is not None:
            texts["year"] = [span.text] * table.num_rows
        rows = zip(*(texts[name] for name in columns), strict=True) if columns else ((),) * table.num_rows
        cells.append(np.array([place.setdefault(row, len(place)) for row in rows], np.int64))
        units.append(table["unit"].to_numpy())
        per_year.append((selection.units, np.full(len(selection.units), number)))
    whole = per_year[-1][0] if not years else chosen(drawn.records, request, request.period)[0].units
    found = np.zeros(len(place), np.int64)
    found[: counts.cells.num_rows] = counts.cells[COUNT].to_numpy()
    names = [pa.array([key[number] for key in place], pa.string()) for number in range(len(columns))]
    unit, year_of = (np.concatenate(one) for one in zip(*per_year, strict=True))
    of_years = np.array([n for _, n in counts.totals], np.int64)
    return InDraws(
        cells=pa.table([*names, pa.array(found)], [*columns, COUNT]),
        in_cells=drawn.counts(np.concatenate(units), np.concatenate(cells), found),
        total=drawn.counts(whole, np.zeros(len(whole), np.int64), np.array([counts.total])),
        totals=drawn.counts(unit, year_of, of_years) if years else np.zeros((0, drawn.n), np.int64),
    )


def _keys(cells: pa.Table, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the values of each cell."""
    return list(zip(*(cells[name].to_pylist() for name in columns), strict=True)) if columns else [()] * cells.num_rows
