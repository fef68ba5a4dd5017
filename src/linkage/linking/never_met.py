"""Joins that are missing because records never met: an estimate by what a record has, and by reporters.

A record that shares no match key with the other records of its person is never compared with them, and its person
counts twice. Uniting the two is a *join*. `linkage.linking.recapture` estimates pairs, of which one such record misses
several at once; here each record counts once, so that chance weighs less, and it is known what the record has.

A linked record is captured as often as it shares a MinHash key with the others of its group. Records that share no
other kind of key and were captured only a few times were nearly missed, and the missed ones are estimated from them: a
record captured `t` times counts `t ** -DECAY` of a join, up to `MOST_CAPTURES` times. Undecided candidates count with
their probability. As any estimate of the unseen this is an extrapolation [Chao1984; Chen2018]: the ratio is an
*assumption* measured on synthetic files (`RATIO`), until a sample of answers replaces it. Its spread is part of the
variance.

In a small registry few records are nearly missed, or none, and that says little. So the missing joins have a prior:
gamma with `PRIOR_SHARE` a person as its mean and `PRIOR_SHAPE`, the weight of one join.

Levels with few records are shrunk to the whole (empirical Bayes) with the weight of `PRIOR_JOINS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.linking.patterns import compared_fields
from linkage.linking.recapture import repeated_kinds
from linkage.linking.sums import stable_sum, stable_sums
from pseudonym.profile import Encoding, FieldTable, MinHash

__all__ = ["HAS", "STRATA", "Candidates", "never_met", "what_records_have"]

HAS: Final = ("number", "date", "year", "names", "nothing")
"""What a record has, as far as its comparisons show: a number; a whole birth date; a birth year; names alone. `nothing`
is a record that was compared with no other. The first that holds."""

STRATA: Final = pa.schema(
    [
        ("has", pa.string()),
        ("reporter", pa.string()),
        ("other_reporter", pa.string()),
        ("joins", pa.float64()),
        ("variance", pa.float64()),
    ]
)
"""The columns of an estimate; an empty text stands for all."""

MOST_CAPTURES: Final = 12
"""Records captured more often, for a profile with `BANDS` bands, say nothing about those that were never captured."""

BANDS: Final = 100

DECAY: Final = 0.5
"""Chosen together with `MOST_CAPTURES`: of cuts from 2 to 30 captures and powers of 0, .5 and 1 the pair whose ratio
differs least between sizes and levels of error of synthetic files (docs/decisions/0042)."""

RATIO: Final = 1.02
"""Missing joins for each of those that nearly missing records count."""

RATIO_SPREAD: Final = 0.25
"""Standard deviation of the ratio, relative to it, between one registry and another."""

REPORTER_SPREAD: Final = 0.5
"""That of the ratio between one reporter and another, about the ratio of the registry."""

PRIOR_JOINS: Final = 5.0
"""Weight of the whole in each level, in joins."""

PRIOR_SHARE: Final = 0.05
"""Missing joins a person before anything was seen: in synthetic files .036 to .085 (docs/decisions/0042)."""

PRIOR_SHAPE: Final = 1.0
"""Strength of that prior, in joins: its relative standard deviation is 1."""

_NUMBERS: Final = ("serial", "foreign_number")
_DATE: Final = ("birth_year", "birth_month", "birth_day")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Candidate pairs, one copy of each record.

    Attributes:
        ends: `(p, 2) int64`, the indexes of both records.
        levels: `(p, f) int8`, -1 where a field is absent on either side.
        captures: `(p,) int32`, as `linkage.linking.recapture.count_captures` counts them.
        probability: `(p,) float64`, of a match.
    """

    ends: Ints
    levels: NDArray[np.int8]
    captures: NDArray[np.int32]
    probability: Floats


def what_records_have(
    ends: Ints, levels: NDArray[np.int8], n_records: int, tables: Sequence[FieldTable]
) -> NDArray[np.int8]:
    """Return what each record has, as far as its comparisons show.

    Args:
        ends: `(p, 2) int64`, the indexes of the records of each pair.
        levels: `(p, f) int8`, -1 where a field is absent on either side.
        n_records: Number of records.
        tables: The tables of the fields.

    Returns:
        `(n,) int8`, indexes into `HAS`.
    """
    fields = compared_fields(ends[:, 0], ends[:, 1], levels, n_records)
    place = {table.field: number for number, table in enumerate(tables)}

    def compared(name: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (fields >> place[name]) & 1 == 1 if name in place else np.zeros(n_records, np.bool_)
        return found

    number = np.logical_or.reduce([compared(name) for name in _NUMBERS])
    parts = [compared(name) for name in _DATE]
    conditions = [number, np.logical_and.reduce(parts), parts[0], fields != 0]
    return np.select(conditions, range(len(conditions)), len(HAS) - 1).astype(np.int8)


def never_met(
    pairs: Candidates,
    *,
    group: Ints,
    reporter: Ints,
    reporters: Sequence[str],
    tables: Sequence[FieldTable],
    encoding: Encoding,
) -> pa.Table:
    """Estimate the joins of records that never met, by stratum.

    Args:
        pairs: The candidate pairs.
        group: `(n,) int64`, the group of each record.
        reporter: `(n,) int64`, the index of its reporter.
        reporters: The codes of the reporters.
        tables: The tables of the model.
        encoding: The profile's encoding.

    Returns:
        Rows with the columns `STRATA`: the whole; each reporter of the record that met no other of its person, alone
        and by what that record has; the reporters of the person's other records, alone and for each of the former.
        What a pair of reporters leaves of the joins of its first goes to others by the whole. No row if no estimate
        can be made: without bands, or without records. The same to the last bit whatever the order of records and
        pairs.
    """
    limit = MOST_CAPTURES * _n_bands(encoding) / BANDS
    n_records = len(group)
    if not limit or not n_records:
        return STRATA.empty_table()
    groups = np.unique(group, return_inverse=True)[1].astype(np.int64)
    near = _nearly_missed(pairs, groups, limit)
    inside = groups[pairs.ends[:, 0]] == groups[pairs.ends[:, 1]]
    # What would be known of a record that met no other of its person: what its comparisons with others show.
    others = ~inside | (np.bincount(groups)[groups][pairs.ends] == 1).any(axis=1)
    seen = what_records_have(pairs.ends[others], pairs.levels[others], n_records, tables)
    per_record = stable_sums(near.record, near.weight, n_records)
    exposure = 1 + PRIOR_SHAPE / (PRIOR_SHARE * (int(groups.max()) + 1))
    whole = (PRIOR_SHAPE + RATIO * stable_sum(near.weight)) / exposure
    noise = (PRIOR_SHAPE + RATIO**2 * stable_sum(per_record**2)) / exposure**2
    by_reporter = RATIO * stable_sums(reporter[near.record], near.weight, len(reporters))
    by_both = RATIO * stable_sums(
        seen[near.record] * len(reporters) + reporter[near.record], near.weight, len(HAS) * len(reporters)
    )
    met = stable_sums(
        reporter[near.record[near.owner]] * len(reporters) + reporter[near.other],
        RATIO * near.weight[near.owner] * near.share,
        len(reporters) ** 2,
    ).reshape(len(reporters), len(reporters))
    sizes = np.bincount(reporter, minlength=len(reporters)) / n_records
    alone = np.bincount(groups)[groups] == 1
    kinds = np.bincount(what_records_have(pairs.ends, pairs.levels, n_records, tables)[alone], minlength=len(HAS))
    levels = _Levels(whole, by_reporter, by_both.reshape(len(HAS), -1), met, sizes, (kinds + 1) / (kinds + 1).sum())
    variance = whole + noise + (RATIO_SPREAD * whole) ** 2
    rows = [("", "", "", whole, variance), *levels.rows(reporters)]
    return pa.table([pa.array(column) for column in zip(*rows, strict=True)], schema=STRATA)


@dataclass(frozen=True, slots=True, eq=False)
class _Near:
    """Records that were nearly missed.

    Attributes:
        record: `(m,) int64`, the record; one with several undecided candidates stands here several times.
        weight: `(m,) float64`, how many joins it counts.
        owner: `(o,) int64`, index into `record`, for each other record of its group.
        other: `(o,) int64`, that record.
        share: `(o,) float64`, one divided by the number of these.
    """

    record: Ints
    weight: Floats
    owner: Ints
    other: Ints
    share: Floats


def _nearly_missed(pairs: Candidates, group: Ints, limit: float) -> _Near:
    size = np.bincount(group)
    inside = group[pairs.ends[:, 0]] == group[pairs.ends[:, 1]]
    # A pair that shares a key of another kind was captured beyond doubt: above the limit, and no more, to be summed.
    captured = np.where(pairs.captures == 0, int(limit) + 1, pairs.captures).astype(np.int64)
    times = np.bincount(
        pairs.ends[inside].ravel(), np.repeat(captured[inside], 2).astype(np.float64), minlength=len(group)
    )
    linked = np.flatnonzero((size[group] > 1) & (times > 0) & (times <= limit))
    # Of a group of two either could have been the one that was missed.
    weight = times[linked] ** -DECAY * np.where(size[group[linked]] == 2, 0.5, 1.0)
    record, target, shared, chance = _undecided(pairs, group, captured, ~inside)
    near = (shared <= limit) & (size[group[record]] == 1)
    record, target, shared, chance = record[near], target[near], shared[near], chance[near]
    doubtful = shared**-DECAY * chance * np.where(size[target] == 1, 0.5, 1.0)
    records = np.concatenate([linked, record])
    owner, other = _members(group, np.concatenate([group[linked], target]), records)
    return _Near(
        record=records,
        weight=np.concatenate([weight, doubtful]),
        owner=owner,
        other=other,
        share=1 / np.bincount(owner, minlength=len(records))[owner],
    )


def _undecided(
    pairs: Candidates, group: Ints, captured: Ints, between: NDArray[np.bool_]
) -> tuple[Ints, Ints, Floats, Floats]:
    """Return records and groups with candidates between them, their captures, and their chance to be one person."""
    ends = pairs.ends[between]
    both = np.concatenate([ends, ends[:, ::-1]])
    key = both[:, 0] * (int(group.max(initial=0)) + 1) + group[both[:, 1]]
    names, place = np.unique(key, return_inverse=True)
    times = stable_sums(place.astype(np.int64), np.tile(captured[between], 2).astype(np.float64), len(names))
    chance = np.minimum(stable_sums(place.astype(np.int64), np.tile(pairs.probability[between], 2), len(names)), 1.0)
    record, target = np.divmod(names, int(group.max(initial=0)) + 1)
    return record.astype(np.int64), target.astype(np.int64), times, chance


def _members(group: Ints, wanted: Ints, records: Ints) -> tuple[Ints, Ints]:
    """Return the members of each wanted group but for one record: their places in `wanted`, and the members."""
    order = np.argsort(group, kind="stable")
    first = np.searchsorted(group[order], wanted)
    count = np.searchsorted(group[order], wanted, side="right") - first
    owner = np.repeat(np.arange(len(wanted)), count)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    member = order[first[owner] + nth]
    other = member != records[owner]
    return owner[other], member[other].astype(np.int64)


def _n_bands(encoding: Encoding) -> int:
    keys = (encoding.match_keys[kind] for kind in repeated_kinds(encoding))
    return sum(key.bands for key in keys if isinstance(key, MinHash))


@dataclass(frozen=True, slots=True, eq=False)
class _Levels:
    """Joins by level before they are shrunk, and the shares to which they are.

    Attributes:
        whole: All joins.
        by_reporter: `(r,) float64`.
        by_both: `(h, r) float64`, by what the record has and its reporter.
        met: `(r, r) float64`, by its reporter and that of the person's other records.
        sizes: `(r,) float64`, the shares of the reporters in all records.
        kinds: `(h,) float64`, the shares of what records have among those of persons with one record.
    """

    whole: float
    by_reporter: Floats
    by_both: Floats
    met: Floats
    sizes: Floats
    kinds: Floats

    def rows(self, reporters: Sequence[str]) -> Iterator[tuple[str, str, str, float, float]]:
        of_reporter = _shrunk(self.by_reporter, self.sizes)
        of_other = _shrunk(self.met.sum(axis=0), self.sizes)
        of_kind = _shrunk(self.by_both.sum(axis=1), self.kinds)
        cells = _shrunk(self.by_both, np.outer(of_kind, of_reporter))
        held = self.by_reporter / (self.by_reporter + PRIOR_JOINS)
        for one, name in enumerate(reporters):
            joins = self.whole * float(of_reporter[one])
            yield "", name, "", joins, joins + (REPORTER_SPREAD * joins) ** 2
            for has, what in enumerate(HAS):
                yield what, name, "", *_poisson(self.whole * float(cells[has, one]))
            total = float(self.met[one].sum())
            for other in np.flatnonzero(self.met[one]).tolist():
                share = float(self.met[one, other]) / total
                yield "", name, reporters[other], *_poisson(joins * float(held[one]) * share)
            yield "", "", name, *_poisson(self.whole * float(of_other[one]))


def _shrunk(joins: Floats, shares: Floats) -> Floats:
    found: Floats = (joins + PRIOR_JOINS * shares) / (joins.sum() + PRIOR_JOINS)
    return found


def _poisson(joins: float) -> tuple[float, float]:
    return joins, joins
