"""The records that are counted, as arrays: who, at which reporter, when, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from linkage.counting.periods import Period, day_spans

__all__ = ["NO_ANSWER", "RECORD_COLUMNS", "ROLES", "Answers", "Records", "answers_of"]

RECORD_COLUMNS: Final = (
    "reporter",
    "person_id",
    "case_id",
    "report_id",
    "role",
    "status",
    "case_state",
    "event_date",
    "report_date",
    "outcome_date",
    "period",
    "received",
)
"""The columns of `Records.rows`, all of text."""

ROLES: Final = ("victim", "accompanying_child", "accompanying_adult")
"""The roles, in the order in which a record without one takes that of the person's other records."""

NO_ANSWER: Final = -1

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What each record answers to one item.

    Attributes:
        ids: `(n,) int64`, index into `sets` of the answer of each record; `NO_ANSWER` where it gives none.
        sets: Distinct answers, each the codes of one record in the order of the codebook; sorted by that order.
        order: The codes of the item in the order of the codebook.
        widths: For codes that stand for ages, how many years each spans.
        many: Whether a record may have several codes.
    """

    ids: Ints
    sets: tuple[tuple[str, ...], ...]
    order: tuple[str, ...]
    widths: Mapping[str, float] = field(default_factory=dict)
    many: bool = False

    def width(self, codes: Sequence[str]) -> float:
        """Return over how many years of age the codes of an answer span; infinity if they stand for none."""
        return min((self.widths.get(code, inf) for code in codes), default=inf)


def answers_of(
    values: pa.ChunkedArray, order: Sequence[str], *, widths: Mapping[str, float] | None = None, many: bool = False
) -> Answers:
    """Return the answers to an item as numbers.

    Args:
        values: `(n,)` texts, the codes of each record with spaces between them; null where it gives none.
        order: The codes in the order of the codebook.
        widths: See `Answers`.
        many: See `Answers`.
    """
    place = {code: number for number, code in enumerate(order)}
    encoded = pc.dictionary_encode(values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values)
    last = len(order)

    def by_codebook(code: str) -> tuple[int, str]:
        return place.get(code, last), code

    found = [tuple(sorted(set(text.split(" ")), key=by_codebook)) for text in encoded.dictionary.to_pylist()]
    sets = sorted(set(found), key=lambda codes: [by_codebook(code) for code in codes])
    number = {codes: index for index, codes in enumerate(sets)}
    renumbered = np.array([number[codes] for codes in found] or [0], np.int64)
    index = encoded.indices.fill_null(NO_ANSWER).to_numpy(zero_copy_only=False).astype(np.int64)
    ids = np.where(index < 0, NO_ANSWER, renumbered[np.maximum(index, 0)])
    return Answers(ids=ids, sets=tuple(sets), order=tuple(order), widths=widths or {}, many=many)


@dataclass(frozen=True, eq=False)
class Records:
    """The current records of a registry, or those of an earlier day.

    Attributes:
        rows: `n` rows with the columns `RECORD_COLUMNS`. `person_id` is null if the record is not linked, `received`
            is the day on which its period, or else the record, came.
        items: For each item that is asked for, its answers.
        rid: `(n,) int64`, the number of each record in its store; None where no store is behind them.
        has: `(n,)` texts, what the codes of each record compare (`linkage.counting.never_met.HAS`), or None.
        numbers: `(n,) int64`, persons that take the place of those in `person_id`, or None.
    """

    rows: pa.Table
    items: Mapping[str, Answers]
    rid: Ints | None = None
    has: pa.ChunkedArray | None = None
    numbers: Ints | None = None

    @property
    def n(self) -> int:
        """Number of records."""
        return int(self.rows.num_rows)

    @cached_property
    def dates(self) -> tuple[Ints, Ints]:
        """First and last day of each record: of its event, else its report, else its period, else its receipt."""
        columns = [self.rows[name] for name in ("event_date", "report_date", "period", "received")]
        return day_spans(pc.coalesce(*columns))

    @cached_property
    def n_undated(self) -> int:
        """Number of records with neither an event date nor a report date."""
        dated = pc.or_(pc.is_valid(self.rows["event_date"]), pc.is_valid(self.rows["report_date"]))
        return self.n - int(pc.sum(dated).as_py() or 0)

    @cached_property
    def persons(self) -> Ints:
        """`(n,) int64`, a number for the person of each record; -1 if it is not linked."""
        return _numbers(self.rows["person_id"]) if self.numbers is None else self.numbers

    def taken(self, places: Ints, numbers: Ints) -> Records:
        """Return some of the records, which may be repeated, as those of other persons.

        Args:
            places: `(m,) int64`, their places.
            numbers: `(m,) int64`, the number of the person of each.
        """
        items = {name: replace(answers, ids=answers.ids[places]) for name, answers in self.items.items()}
        return Records(self.rows.take(pa.array(places)), items, numbers=numbers)

    @cached_property
    def cases(self) -> Ints:
        """`(n,) int64`, a number for the case of each record at its reporter; one of its own if it names none."""
        return self._within_reporter("case_id")

    @cached_property
    def reports(self) -> Ints:
        """`(n,) int64`, a number for the report of each record at its reporter; one of its own if it names none."""
        return self._within_reporter("report_id")

    @cached_property
    def reporters(self) -> tuple[Ints, tuple[str, ...]]:
        """`(n,) int64`, index of the reporter of each record, and the codes of the reporters in order."""
        names = sorted(set(self.rows["reporter"].to_pylist()))
        found = pc.index_in(self.rows["reporter"], value_set=pa.array(names, pa.string()))
        return found.to_numpy().astype(np.int64), tuple(names)

    @cached_property
    def roles(self) -> Ints:
        """`(n,) int64`, index into `ROLES` of the role of each record.

        A record without a role has that of the person's other records, as a victim first; if none of them says, or it
        is not linked, it counts as one of a victim: the others are those who only came along.
        """
        stated = pc.index_in(self.rows["role"], value_set=pa.array(ROLES, pa.string()))
        own = stated.fill_null(len(ROLES)).to_numpy().astype(np.int64)
        linked = self.persons >= 0
        first = np.full(int(self.persons.max(initial=-1)) + 1, len(ROLES), np.int64)
        np.minimum.at(first, self.persons[linked], own[linked])
        of_person = np.where(linked, first[np.where(linked, self.persons, 0)] if len(first) else 0, 0)
        inherited = np.where(own == len(ROLES), of_person, own)
        return np.where(inherited == len(ROLES), 0, inherited)

    def inside(self, period: Period | None) -> Mask:
        """Return which records are of a period: all days that the date may mean lie in it."""
        if period is None:
            return np.ones(self.n, np.bool_)
        first, last = self.dates
        return (first >= period.first.toordinal()) & (last <= period.last.toordinal())

    def astride(self, period: Period | None) -> Mask:
        """Return which records cannot be placed: their date is too coarse to tell whether it is in the period."""
        if period is None:
            return np.zeros(self.n, np.bool_)
        first, last = self.dates
        overlaps = (last >= period.first.toordinal()) & (first <= period.last.toordinal())
        return overlaps & ~self.inside(period)

    def _within_reporter(self, column: str) -> Ints:
        own = pa.array([f"/{row}" for row in range(self.n)], pa.string())
        named = pc.binary_join_element_wise(self.rows["reporter"], self.rows[column], "/")
        return _numbers(pc.coalesce(named, own) if self.n else named)


def _numbers(column: pa.ChunkedArray) -> Ints:
    encoded = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    found: Ints = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found
