"""Join persons whose records never met: as many as are estimated, where the estimate and the records say.

Two records of one person that share no match key are never compared, so the person counts twice. How many such *joins*
are missing is estimated at the linkage unit (`linkage.linking.never_met`), which hands over numbers by stratum and no
pair. Here a draw of persons gets that many joins: which persons they join is drawn too, so that each draw counts the
missing joins in cells where they may well be. No draw says that two given persons are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from linkage.counting.agreement import Attribute, encoded

__all__ = ["BY_ASSUMPTION", "HAS", "Joining", "NeverMet", "add_joins", "expected_joins"]

HAS: Final = ("number", "date", "year", "names", "nothing")
"""What a record has, as far as its comparisons show: a national number; a whole birth date; a birth year; names alone.
`nothing` is a record that was compared with no other, of which nothing is known. The first that holds."""

BY_ASSUMPTION: Final = "by assumption"
"""On what an estimate rests without a sample of answers."""

SECOND: Final = 0.4
"""How much rarer each further record makes it that persons with these records alone are the smaller half of another."""

FROM_SIZE: Final = -0.5
"""A join goes to a record with a probability proportional to this power of its person's number of records: a person
with many records has many that a record could have met."""

ROUNDS: Final = 4
"""How often a join is drawn again that would join a person with itself."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NeverMet:
    """How many joins of persons are missing because their records never met.

    Attributes:
        strata: Columns `has`, `reporter`, `other_reporter` (text), `joins` and `variance` (float64). An empty text
            stands for all. One row is the whole. Rows with `has` and `reporter` divide it by the record that met
            no other of its person; rows with both reporters, and rows with the other reporter alone, by where the
            person's other records are.
        basis: On what the number rests: `BY_ASSUMPTION`, or `by sample of n`.
        shown: How many of the joins answers have shown, so that they are in every draw before any are drawn. The
            variance is that of all others.
    """

    strata: pa.Table
    basis: str = BY_ASSUMPTION
    shown: float = 0.0

    @property
    def is_estimated(self) -> bool:
        """Whether anything is known of the number: it may be 0 by answers alone."""
        return self.joins > 0 or self.basis != BY_ASSUMPTION

    @cached_property
    def joins(self) -> float:
        """The expected number of missing joins."""
        return self._whole("joins")

    @cached_property
    def variance(self) -> float:
        """The variance of the number of missing joins, given all that was seen."""
        return self._whole("variance")

    def _whole(self, column: str) -> float:
        is_whole = [pc.equal(self.strata[name], "") for name in ("has", "reporter", "other_reporter")]
        found = self.strata.filter(pc.and_(pc.and_(*is_whole[:2]), is_whole[2]))[column]
        return float(found[0].as_py()) if len(found) else 0.0


def add_joins(labels: Ints, records: pa.Table, estimate: NeverMet, rng: np.random.Generator) -> Ints:
    """Draw how many joins are missing, and join as many persons.

    The number is negative binomial (binomial, if its variance is below its mean), with the mean and variance of the
    estimate. The smaller half of a join is a person
    of one record as a rule, drawn by what its record has and by its reporter. The other half has a record at a reporter
    that is drawn by the estimate, and is drawn by how well its sex, age or other attributes agree with those of the
    first, as they do in the linked records, compared with chance.

    Args:
        labels: `(n,) int64`, the person of each record; not negative.
        records: `n` rows: `reporter`, `has` (one of `HAS`), and any further columns of text, which are the attributes;
            null where not known.
        estimate: The estimate.
        rng: Draws everything; the same state gives the same joins.

    Returns:
        `(n,) int64`, the persons after the joins, each under the smallest of its labels.

    Raises:
        ValueError: There is not one row a record, or a label is negative.
    """
    return Joining(records, estimate).add(labels, rng)


class Joining:
    """Adds joins to one draw of persons after the other, where records and estimate stay the same."""

    def __init__(self, records: pa.Table, estimate: NeverMet) -> None:
        """Prepare for draws.

        Args:
            records: As for `add_joins`.
            estimate: As for `add_joins`.
        """
        self._told = _Told(records)
        self._strata = _Strata(estimate.strata, self._told.reporters, self._told.n_records)
        self._joins, self._variance = max(estimate.joins - estimate.shown, 0.0), estimate.variance

    def add(self, labels: Ints, rng: np.random.Generator) -> Ints:
        """Draw joins as `add_joins` does.

        Args:
            labels: As for `add_joins`.
            rng: As for `add_joins`.

        Returns:
            As for `add_joins`.

        Raises:
            ValueError: As for `add_joins`.
        """
        if len(labels) != len(self._told.has):
            raise ValueError("records have one row for each label")
        if len(labels) and labels.min() < 0:
            raise ValueError("labels are not negative")
        n_joins = _drawn(self._joins, self._variance, rng)
        if not n_joins or len(labels) < 2:
            return labels.copy()
        names, person = _numbered(labels)
        persons = _Persons(person, len(names), self._told)
        small = persons.smaller_halves(self._strata.drawn(rng), min(n_joins, len(names) - 1), rng)
        other = persons.others(small, self._strata.others, rng)
        joined = other != small
        ends = small[joined], other[joined]
        links = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(len(names),) * 2)
        whole = connected_components(links, directed=False)[1]
        smallest = np.full(len(names), np.iinfo(np.int64).max)
        np.minimum.at(smallest, whole, names)
        found: Ints = smallest[whole][person]
        return found


def expected_joins(labels: Ints, records: pa.Table, estimate: NeverMet) -> Floats:
    """Return of how many missing joins each record is expected to be the smaller half.

    Args:
        labels: `(n,) int64`, as for `add_joins`.
        records: As for `add_joins`; attributes make no difference.
        estimate: As for `add_joins`.

    Returns:
        `(n,) float64`, the records of one person share its joins evenly; adds up to the joins of all strata that have
        persons.
    """
    told = _Told(records.select(["reporter", "has"]))
    strata = _Strata(estimate.strata, told.reporters, told.n_records)
    names, person = _numbered(labels)
    persons = _Persons(person, len(names), told)
    found: Floats = (persons.as_smaller_halves(strata.halves) / np.bincount(person))[person]
    return found


def _numbered(labels: Ints) -> tuple[Ints, Ints]:
    """Return the distinct labels in order, and the place of each record's label among them."""
    highest = int(labels.max())
    if highest > 8 * len(labels):
        names, person = np.unique(labels, return_inverse=True)
        return names.astype(np.int64), person.astype(np.int64)
    there = np.bincount(labels, minlength=highest + 1) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[labels]


def _drawn(mean: float, variance: float, rng: np.random.Generator) -> int:
    if mean <= 0:
        return 0
    if variance < mean:
        # Answers can make a number more certain than chance would: then it is binomial.
        tries = max(round(mean**2 / (mean - variance)), int(np.ceil(mean)))
        return int(rng.binomial(tries, mean / tries))
    if variance == mean:
        return int(rng.poisson(mean))
    kept = mean / variance
    return int(rng.negative_binomial(mean * kept / (1 - kept), kept))


class _Strata:
    """The strata of an estimate, by what a record has and by reporters.

    Attributes:
        halves: `(h, r) float64`, the joins by what the smaller half has and by its reporter.
        others: `(r, r) float64`, for each reporter of a smaller half the shares of those of the other half, cumulative.
    """

    def __init__(self, strata: pa.Table, reporters: Sequence[str], n_records: Floats) -> None:
        """Read an estimate.

        Args:
            strata: See `NeverMet`.
            reporters: The reporters of the records.
            n_records: `(r,) float64`, their numbers of records, which decide where the estimate says nothing.
        """
        has = {one: number for number, one in enumerate(HAS)}
        place = {one: number for number, one in enumerate(reporters)}
        self.halves = np.zeros((len(HAS), len(reporters)))
        self._spread = np.zeros(len(reporters))
        pairs, whole = np.zeros((len(reporters),) * 2), np.zeros(len(reporters))
        for row in strata.to_pylist():
            what, one, other = row["has"], place.get(row["reporter"], -1), place.get(row["other_reporter"], -1)
            if what in has and one >= 0:
                self.halves[has[what], one] = row["joins"]
            elif one >= 0 and other >= 0:
                pairs[one, other] = row["joins"]
            elif one >= 0 and not row["other_reporter"] and row["joins"] > 0:
                self._spread[one] = max(row["variance"] / row["joins"] - 1, 0.0) / row["joins"]
            elif other >= 0 and not row["reporter"]:
                whole[other] = row["joins"]
        whole = whole if whole.sum() > 0 else n_records
        left = np.maximum(self.halves.sum(axis=0) - pairs.sum(axis=1), 0.0)
        left = np.where(pairs.sum(axis=1) + left > 0, left, 1.0)
        pairs += left[:, None] * (whole / max(float(whole.sum()), 1.0))
        self.others = np.cumsum(pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1e-12), axis=1)

    def drawn(self, rng: np.random.Generator) -> Floats:
        """Return `(h, r) float64`, the joins by what the smaller half has and by its reporter, as they may be.

        How many of the joins are of one reporter is less certain than chance alone makes it.
        """
        shape = np.where(self._spread > 0, 1 / np.maximum(self._spread, 1e-6), 1.0)
        factor = np.where(self._spread > 0, rng.gamma(shape) / shape, 1.0)
        found: Floats = self.halves * factor
        return found


class _Told:
    """What records say, as numbers; nothing here depends on persons."""

    def __init__(self, records: pa.Table) -> None:
        reporter = encoded(records["reporter"])
        self.reporter, self.reporters = reporter.codes, reporter.values
        self.n_records = np.bincount(self.reporter, minlength=len(self.reporters)).astype(np.float64)
        what = encoded(records["has"])
        order = {one: number for number, one in enumerate(HAS)}
        ranks = np.array([order.get(one, len(HAS) - 1) for one in what.values] or [0], np.int64)
        self.has = np.where(what.codes < 0, len(HAS) - 1, ranks[np.maximum(what.codes, 0)])
        names = [name for name in records.column_names if name not in {"reporter", "has"}]
        self.attributes = [one for one in map(encoded, (records[name] for name in names)) if one.values]


class _Persons:
    """The persons of a draw, and what their records say."""

    def __init__(self, person: Ints, n_persons: int, told: _Told) -> None:
        self._person, self._n, self._told = person, n_persons, told
        self._size = np.bincount(person, minlength=n_persons)
        by_person = _ordered(person, n_persons)[0] if told.attributes else person
        self._attributes = [Attribute(one, person, by_person, n_persons) for one in told.attributes]
        self._kind, self._values = self._kinds()

    def smaller_halves(self, joins: Floats, n_joins: int, rng: np.random.Generator) -> Ints:
        """Draw distinct persons, each as likely as the joins of its stratum are per person in it.

        Args:
            joins: `(h, r) float64`, by what the smaller half has and by its reporter.
            n_joins: How many.
            rng: Draws them.

        Returns:
            The persons, ascending.
        """
        weight = self.as_smaller_halves(joins)
        weight = weight if weight.sum() > 0 else SECOND ** np.minimum(self._size - 1, 50)
        possible = np.flatnonzero(weight > 0)
        key = rng.exponential(size=len(possible)) / weight[possible]
        count = min(n_joins, len(possible))
        nearest = np.argpartition(key, count - 1)[:count] if count else np.zeros(0, np.int64)
        chosen: Ints = np.sort(possible[nearest])
        return chosen

    def as_smaller_halves(self, joins: Floats) -> Floats:
        """Return `(m,) float64`, of how many joins each person is expected to be the smaller half.

        Args:
            joins: As for `smaller_halves`.
        """
        told = self._told
        best = np.full(self._n, len(HAS), np.int64)
        np.minimum.at(best, self._person, told.has)
        by = np.zeros(self._n, np.int64)
        shows = told.has == best[self._person]
        by[self._person[shows]] = told.reporter[shows]
        ease = SECOND ** np.minimum(self._size - 1, 50)
        cell = best * len(told.reporters) + by
        whole = np.bincount(cell, ease, joins.size)
        found: Floats = joins.ravel()[cell] * ease / whole[cell]
        return found

    def others(self, small: Ints, shares: Floats, rng: np.random.Generator) -> Ints:
        """Draw for each smaller half the person it belongs to; itself where none was found.

        Args:
            small: The smaller halves.
            shares: `(r, r) float64`, see `_Strata.others`.
            rng: Draws them.
        """
        told, n_kinds = self._told, len(self._values)
        weight = self._size[self._person].astype(np.float64) ** FROM_SIZE
        slot = told.reporter * n_kinds + self._kind[self._person]
        order, ends = _ordered(slot, len(told.reporters) * n_kinds)
        reached = np.concatenate([[0.0], np.cumsum(weight[order])])
        totals = np.diff(reached[ends]).reshape(len(told.reporters), n_kinds)
        by = np.zeros(self._n, np.int64)
        by[self._person] = told.reporter
        found = small.copy()
        for _ in range(ROUNDS):
            open_ = np.flatnonzero(found == small)
            if not len(open_):
                break
            one = small[open_]
            where = _chosen(shares[by[one]], rng)
            agreeing = totals[where]
            for place, attribute in enumerate(self._attributes):
                agreeing = agreeing * attribute.ratios(attribute.of_person[one], self._values[:, place])
            possible = agreeing.sum(axis=1) > 0
            open_, where, agreeing = open_[possible], where[possible], agreeing[possible]
            kind = _chosen(np.cumsum(agreeing, axis=1), rng)
            first = ends[where * n_kinds + kind]
            at = reached[first] + rng.random(len(open_)) * totals[where, kind]
            row = np.clip(np.searchsorted(reached, at, side="right") - 1, 0, len(order) - 1)
            found[open_] = self._person[order[row]]
        return found

    def _kinds(self) -> tuple[Ints, Ints]:
        """Return the kind of each person, a combination of values, and `(k, attributes)` the values of each kind."""
        if not self._attributes:
            return np.zeros(self._n, np.int64), np.zeros((1, 0), np.int64)
        columns = np.column_stack([one.of_person for one in self._attributes])
        code = np.zeros(self._n, np.int64)
        for attribute, column in zip(self._attributes, columns.T, strict=True):
            code = code * (attribute.n_values + 1) + column + 1
        _, first, kind = np.unique(code, return_index=True, return_inverse=True)
        return kind.astype(np.int64), columns[first]


def _ordered(keys: Ints, n_keys: int) -> tuple[Ints, Ints]:
    """Return the order of keys, equal ones as they come, and where each key begins; in time linear in both."""
    # To lay out a sparse matrix by rows is to count them, which is faster than a sort.
    rows = coo_array((np.ones(len(keys), np.int8), (keys, np.arange(len(keys)))), shape=(n_keys, len(keys))).tocsr()
    return rows.indices.astype(np.int64), rows.indptr.astype(np.int64)


def _chosen(reached: Floats, rng: np.random.Generator) -> Ints:
    """Draw a column of each row, given cumulative weights."""
    at = rng.random(len(reached)) * reached[:, -1]
    found: Ints = np.minimum((reached <= at[:, None]).sum(axis=1), reached.shape[1] - 1).astype(np.int64)
    return found
