"""Who reports whom and when: cases of households at six bodies, and the records that come of them.

A case is met by one body and concerns one household; the person in its centre is a victim, others come along or are
victims too. Follow-up reports repeat persons under the same case and role, mostly copying what stood there. Households
of high exposure are met by several bodies, which is what makes the bodies overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.population.assumptions import BODIES, Body, ErrorLevel, ErrorRates, ReportRates
from benchmarks.population.entries import write_identities
from benchmarks.population.names import ORIGINS
from benchmarks.population.payload import write_items
from benchmarks.population.people import WOMAN, Population

__all__ = ["Reports", "make_reports"]

_YEAR_DAYS: Final = 365.25
_ADULT: Final = 18
_SCHOOL: Final = (6, 19)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reports:
    """The records of one body.

    Attributes:
        reporter: Its code.
        table: One row a record, all columns strings, null where nothing is written; in the order of the record ids.
        person: (r,) int64, for each row the person it is about.
    """

    reporter: str
    table: pa.Table
    person: Ints


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows on the way to records: of whom, in which case and report, as what, when."""

    person: Ints
    case: Ints
    report: Ints
    victim: Bools
    age: Ints
    event: Days
    reported: Days

    def take(self, rows: NDArray[np.int64] | Bools) -> _Rows:
        """Keep some rows."""
        return _Rows(*(getattr(self, name)[rows] for name in self.__slots__))


def make_reports(
    population: Population,
    *,
    error_level: ErrorLevel = "middle",
    seed: int,
    bodies: tuple[Body, ...] = BODIES,
    rates: ReportRates | None = None,
) -> dict[str, Reports]:
    """Let the bodies meet the population and write down whom they met.

    Equal arguments give equal reports, and the reports of one body do not depend on which others there are before it.

    Args:
        population: The people.
        error_level: Whether identities are written down with few, some or many errors.
        seed: Any integer from 0; independent of the population's.
        bodies: The bodies, by default all six.
        rates: Other assumptions than the default ones on cases and reports.

    Returns:
        For each body, by its code, its records.

    Raises:
        ValueError: The level is not one of the three.
    """
    errors, rates = ErrorRates.at(error_level), rates or ReportRates()
    result = {}
    for body in bodies:
        rng = np.random.default_rng([seed, 1, *body.code.encode()])
        draws = rng.spawn(3)
        rows = _follow_up(_cases(population, body, rates, rng=draws[0]), body, rates, rng=draws[1])
        rows = rows.take(rows.reported <= np.datetime64(population.rates.reference_date))
        rows = rows.take(np.lexsort((rows.person, rows.report, rows.case, rows.reported)))
        result[body.code] = Reports(
            body.code, _table(population, rows, body, source=(errors, rates, draws[2])), rows.person
        )
    return result


def _cases(population: Population, body: Body, rates: ReportRates, *, rng: np.random.Generator) -> _Rows:
    """Draw cases of households, one row a person in the first report of a case."""
    households = population.households
    n_cases = rng.poisson(body.contact * households.exposure * _met(population, body))
    household = np.repeat(np.arange(len(n_cases)), n_cases)
    last = np.datetime64(population.rates.reference_date)
    event = last - rng.integers(0, round(population.rates.years * _YEAR_DAYS), len(household))
    size = households.size[household]
    case = np.repeat(np.arange(len(household)), size)
    person = households.start[household][case] + np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size)
    age = np.floor((event[case] - population.birth[person]).astype(np.int64) / _YEAR_DAYS).astype(np.int64)
    here = _eligible(population, person, age, body=body)
    case, person, age = case[here], person[here], age[here]
    # The centre of a case is a child where there is one.
    order = np.lexsort((rng.random(len(case)) - (age < _ADULT), case))
    centre = np.zeros(len(case), dtype=bool)
    centre[order[np.unique(case[order], return_index=True)[1]]] = True
    chosen = centre | (rng.random(len(case)) < body.joins)
    victim = centre | ((age < _ADULT) & (rng.random(len(case)) < rates.also_victim))
    late = np.where(rng.random(len(event)) < rates.late, rates.late_factor, 1.0)
    reported = event + np.ceil(rng.exponential(body.delay_days * late)).astype(np.int64)
    rows = _Rows(person, case, np.zeros_like(case), victim, age, event[case], reported[case])
    return rows.take(chosen)


def _met(population: Population, body: Body) -> Bools:
    """Mark the households that a body may meet."""
    households = population.households
    if body.meets == "foreign":
        return np.array([origin.code != "swedish" for origin in ORIGINS])[households.origin]
    if body.meets in ("family", "pupil"):
        return np.logical_or.reduceat(population.child, households.start)
    return np.ones(len(households.size), dtype=bool)


def _eligible(population: Population, person: Ints, age: Ints, *, body: Body) -> Bools:
    """Mark the persons who were born by the time of the event and whom the body deals with."""
    born = age >= 0
    if body.meets == "pupil":
        return (age >= _SCHOOL[0]) & (age < _SCHOOL[1]) & population.child[person]
    if body.meets == "child_or_woman":
        return born & ((age < _ADULT) | (population.sex[person] == WOMAN))
    return born


def _follow_up(first: _Rows, body: Body, rates: ReportRates, *, rng: np.random.Generator) -> _Rows:
    """Add later reports to cases: the first victim again, and most of the others."""
    n_cases = int(first.case.max(initial=-1)) + 1
    more = rng.poisson(body.follow_up, n_cases)
    times = 1 + more[first.case]
    rows = first.take(np.repeat(np.arange(len(times)), times))
    report = np.arange(len(rows.case)) - np.repeat(np.cumsum(times) - times, times)
    # Days from the first report to each later one of the case, the same for all its persons.
    widest = int(more.max(initial=0)) + 1
    gaps = np.cumsum(rng.exponential(rates.follow_up_days, (n_cases, widest)), axis=1)
    wait = np.where(report > 0, np.ceil(gaps[rows.case, np.maximum(report - 1, 0)]), 0).astype(np.int64)
    rows = _Rows(rows.person, rows.case, report, rows.victim, rows.age, rows.event, rows.reported + wait)
    return rows.take((report == 0) | rows.victim | (rng.random(len(report)) < rates.stays))


def _table(
    population: Population, rows: _Rows, body: Body, *, source: tuple[ErrorRates, ReportRates, np.random.Generator]
) -> pa.Table:
    """Write the rows down: ids, identity, role, dates, status and items."""
    errors, rates, rng = source
    draws = rng.spawn(3)
    first, entry = _entries(rows, errors, draws[0])
    identity = write_identities(
        population, rows.person[first], rows.reported[first], body=body, rates=errors, rng=draws[1]
    )
    items = write_items(
        population, {"person": rows.person, "case": rows.case, "age": rows.age}, body=body, rates=rates, rng=draws[2]
    )
    columns: dict[str, NDArray[np.object_]] = {"record_id": _ids(np.arange(len(rows.person)), body.prefix)}
    columns |= {name: column[entry] for name, column in identity.items()}
    columns |= _frame(rows, body, rates, rng=draws[2])
    columns |= items
    return pa.table({name: pa.array(column.tolist(), pa.string()) for name, column in columns.items()})


def _entries(rows: _Rows, errors: ErrorRates, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Decide which rows are written down anew and which copy the first report of their case.

    Returns the rows written anew, and for each row the place of its identity among them.
    """
    anew = (rows.report == 0) | (rng.random(len(rows.report)) < errors.entered_anew)
    key = rows.case * (int(rows.person.max(initial=0)) + 1) + rows.person
    place = np.arange(len(key))
    # Rows stand by date, and so does the first report of a case before the later ones.
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return np.unique(np.where(anew, place, first[of]), return_inverse=True)


def _frame(
    rows: _Rows, body: Body, rates: ReportRates, *, rng: np.random.Generator
) -> Mapping[str, NDArray[np.object_]]:
    """Write what surrounds an identity: report, case, role, dates and status."""
    widest = int(rows.report.max(initial=0)) + 1
    _, report = np.unique(rows.case * widest + rows.report, return_inverse=True)
    per_report = int(report.max(initial=-1)) + 1
    known = rng.random(per_report)[report]
    event = rows.event.astype(str).astype(object)
    in_part = known < rates.event_month_only + rates.event_unknown
    event[in_part] = event[in_part].astype("U7")
    event[known < rates.event_unknown] = None
    sure = rng.random(per_report)[report]
    first = np.where(sure < rates.confirmed, "confirmed", "suspected")
    later = np.where(sure < rates.closed, "closed", "confirmed")
    frame: dict[str, NDArray[np.object_]] = {"report_id": _ids(report, f"{body.prefix}-r")}
    if body.cases:
        along = np.where(rows.age < _ADULT, "accompanying_child", "accompanying_adult")
        frame["case_id"] = _ids(rows.case, f"{body.prefix}-c")
        frame["role"] = np.where(rows.victim, "victim", along).astype(object)
    return frame | {
        "event_date": event,
        "report_date": rows.reported.astype(str).astype(object),
        "status": np.where(rows.report == 0, first, later).astype(object),
    }


def _ids(number: Ints, prefix: str) -> NDArray[np.object_]:
    """Write ids that look nothing like a person's number: a prefix and a running number."""
    ids = np.empty(len(number), dtype=object)
    ids[:] = [f"{prefix}-{n + 1:06d}" for n in number.tolist()]
    return ids
