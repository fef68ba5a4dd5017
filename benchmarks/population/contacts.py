"""Who is reported by whom and when: own cases, batches, referrals, repeated and follow-up reports.

A case belongs to one reporter and mostly concerns one household; the central person is a victim, and others are
accompanying or victims too. A batch is a police action that finds several adults of one origin at one time and place.
A referred case becomes a case of the receiver about the same event. Households of high exposure meet several
reporters, which makes the reporters overlap even without referrals.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.assumptions import Assumptions
from benchmarks.population.households import WOMAN, YEAR_DAYS
from benchmarks.population.people import Population
from benchmarks.population.reporters import Reporter

__all__ = ["ADULT", "WAYS", "Rows", "draw_rows"]

ADULT: Final = 18
_SCHOOL: Final = (6, 19)
# How a case came to a reporter; `how` of a row is an index in this list.
WAYS: Final = ("own", "batch", "referral", "repeat")
_OWN, _BATCH, _REFERRAL, _REPEAT = range(4)
_BATCH_REPORTER: Final = "police"
_SMALLEST_BATCH: Final = 3
# A case may be referred, and then once more.
_ROUNDS: Final = 2

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows that become records: reporter, person, case, report, role and dates.

    Attributes:
        reporter: (r,) index of the reporter.
        person: (r,) index of the person in the population.
        case: (r,) number of the case, counted over all reporters.
        report: (r,) 0 for the first report of the case.
        victim: (r,) bool.
        age: (r,) years at the event.
        event: (r,) datetime64[D].
        reported: (r,) datetime64[D].
        how: (r,) index in `WAYS`.
        place: (r,) float64 in [0, 1), where it happened.
        row: (r,) number of this row; equal for a first report and its follow-ups.
        source: (r,) number of the sender's row, -1 where the case was not referred.
    """

    reporter: Ints
    person: Ints
    case: Ints
    report: Ints
    victim: Bools
    age: Ints
    event: Days
    reported: Days
    how: Ints
    place: NDArray[np.float64]
    row: Ints
    source: Ints

    def take(self, rows: Ints | Bools | slice) -> Rows:
        """Return some rows."""
        return Rows(*(getattr(self, name)[rows] for name in self.__slots__))

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.person)


def draw_rows(population: Population, assumed: Assumptions, rng: np.random.Generator) -> Rows:
    """Draw all reports about a population, in the order of each reporter's record ids.

    Args:
        population: The people.
        assumed: Reporters, paths and rates.
        rng: Draws everything.

    Returns:
        The rows sorted by reporter, day of report, case, report and person.
    """
    draws = rng.spawn(5)
    rows = _own_cases(population, assumed, draws[0])
    rows = _join(rows, _batches(population, assumed, draws[1]))
    newest = rows
    for _ in range(_ROUNDS):
        newest = _sent_on(population, rows, newest, assumed, rng=draws[2])
        rows = _join(rows, newest)
        newest = rows.take(np.arange(len(rows) - len(newest), len(rows)))
    rows = _join(rows, _repeated(rows, assumed, draws[3]))
    rows = _follow_up(rows, assumed, draws[4])
    rows = rows.take(_kept(population, rows, assumed, draws[4]))
    return rows.take(np.lexsort((rows.person, rows.report, rows.case, rows.reported, rows.reporter)))


def _join(first: Rows, second: Rows) -> Rows:
    """Concatenate rows; the numbers of the second's cases and rows continue those of the first."""
    second = replace(
        second,
        case=second.case + int(first.case.max(initial=-1)) + 1,
        row=np.arange(len(second)) + len(first),
    )
    return Rows(*(np.concatenate([getattr(first, f.name), getattr(second, f.name)]) for f in fields(Rows)))


def _own_cases(population: Population, assumed: Assumptions, rng: np.random.Generator) -> Rows:
    rows = _first_rows(_cases(population, assumed, 0, rng=rng))
    for reporter in range(1, len(assumed.reporters)):
        rows = _join(rows, _cases(population, assumed, reporter, rng=rng))
    return rows


def _first_rows(rows: Rows) -> Rows:
    """Number rows by position, as `_join` does for the rows that follow."""
    return replace(rows, row=np.arange(len(rows)))


def _cases(population: Population, assumed: Assumptions, index: int, *, rng: np.random.Generator) -> Rows:
    """Draw a reporter's own cases of households, one row per person in the first report of a case."""
    households, reporter, rates = population.households, assumed.reporters[index], assumed.reports
    n_cases = rng.poisson(rates.contact * reporter.contact * households.exposure * _met(population, reporter))
    household = np.repeat(np.arange(len(n_cases)), n_cases)
    last = np.datetime64(population.rates.reference_date)
    event = last - rng.integers(0, round(population.rates.years * YEAR_DAYS), len(household))
    size = households.size[household]
    case = np.repeat(np.arange(len(household)), size)
    person = households.start[household][case] + np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size)
    age = _ages(population, person, event[case])
    here = _eligible(population, person, age, reporter=reporter)
    case, person, age = case[here], person[here], age[here]
    centre = _centres(case, age, rng)
    together = (rng.random(len(household)) < rates.siblings_together)[case] & (age < ADULT)
    chosen = centre | together | (rng.random(len(case)) < reporter.joins)
    victim = centre | together | ((age < ADULT) & (rng.random(len(case)) < rates.also_victim))
    reported = event + _delays(len(event), reporter.delay_days, assumed, rng)
    n = len(case)
    return Rows(
        np.full(n, index), person, case, np.zeros(n, dtype=np.int64), victim, age, event[case], reported[case],
        np.full(n, _OWN), households.place[household][case], np.arange(n), np.full(n, -1),
    ).take(chosen)  # fmt: skip


def _ages(population: Population, person: Ints, event: Days) -> Ints:
    return np.floor((event - population.birth[person]).astype(np.int64) / YEAR_DAYS).astype(np.int64)


def _centres(case: Ints, age: Ints, rng: np.random.Generator) -> Bools:
    """Mark the central person of each case, a child if there is one."""
    order = np.lexsort((rng.random(len(case)) - (age < ADULT), case))
    centre = np.zeros(len(case), dtype=bool)
    centre[order[np.unique(case[order], return_index=True)[1]]] = True
    return centre


def _delays(n: int, mean: float, assumed: Assumptions, rng: np.random.Generator) -> Ints:
    """Draw delays in days; some are long."""
    late = np.where(rng.random(n) < assumed.reports.late, assumed.reports.late_factor, 1.0)
    return np.ceil(rng.exponential(mean, n) * late).astype(np.int64)


def _met(population: Population, reporter: Reporter) -> Bools:
    """Mark the households that a reporter may meet."""
    households = population.households
    if reporter.meets == "foreign":
        return population.foreign[households.start]
    if reporter.meets in ("family", "pupil"):
        return np.asarray(np.logical_or.reduceat(population.child, households.start), np.bool_)
    return np.ones(len(households.size), dtype=bool)


def _eligible(population: Population, person: Ints, age: Ints, *, reporter: Reporter) -> Bools:
    """Mark the persons born by the time of the event and within the reporter's remit."""
    eligible: Bools = age >= 0
    if reporter.meets == "pupil":
        eligible = (age >= _SCHOOL[0]) & (age < _SCHOOL[1]) & population.child[person]
    elif reporter.meets == "child_or_woman":
        eligible = eligible & ((age < ADULT) | (population.sex[person] == WOMAN))
    return eligible


def _batches(population: Population, assumed: Assumptions, rng: np.random.Generator) -> Rows:
    """Draw police actions that find several adults of one origin at one time and place."""
    households, rates = population.households, assumed.reports
    reporter = next((i for i, one in enumerate(assumed.reporters) if one.code == _BATCH_REPORTER), -1)
    alone = households.start[(households.size == 1) & population.foreign[households.start]]
    alone = alone[rng.permutation(len(alone))]
    origin = households.origin[population.household[alone]]
    order = np.argsort(origin, kind="stable")
    alone, origin = alone[order], origin[order]
    n = int(rng.poisson(rates.batches * len(population) / 1000)) if len(alone) and reporter >= 0 else 0
    start = rng.integers(0, max(len(alone), 1), n)
    size = _SMALLEST_BATCH - 1 + rng.geometric(min(1.0, 1 / max(rates.batch_size - _SMALLEST_BATCH + 1, 1)), n)
    size = np.minimum(size, np.searchsorted(origin, origin[start], side="right") - start)
    case = np.repeat(np.arange(n), size)
    person = alone[start[case] + np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size)]
    last = np.datetime64(population.rates.reference_date)
    event = last - rng.integers(0, round(population.rates.years * YEAR_DAYS), n)
    where = rng.random(n)
    delay = _delays(n, assumed.reporters[max(reporter, 0)].delay_days, assumed, rng)
    age = _ages(population, person, event[case])
    k = len(case)
    return Rows(
        np.full(k, reporter), person, case, np.zeros(k, dtype=np.int64), np.ones(k, dtype=bool), age, event[case],
        (event + delay)[case], np.full(k, _BATCH), where[case], np.arange(k), np.full(k, -1),
    ).take(age >= ADULT)  # fmt: skip


def _sent_on(
    population: Population, rows: Rows, newest: Rows, assumed: Assumptions, *, rng: np.random.Generator
) -> Rows:
    """Refer cases along every path, but never back to their sender."""
    index_of = {reporter.code: i for i, reporter in enumerate(assumed.reporters)}
    found = newest.take(np.zeros(len(newest), dtype=bool))
    n_cases = int(rows.case.max(initial=-1)) + 1
    sent_by = np.where(newest.source >= 0, rows.reporter[newest.source], -1)
    first_age = _first_victims_age(newest, n_cases)
    for path in assumed.referrals:
        sender, receiver = index_of.get(path.sender, -1), index_of.get(path.receiver, -1)
        share = min(1.0, path.share * assumed.reports.referrals)
        chosen = rng.random(n_cases) < share
        handed = rng.random(len(newest)) < assumed.reports.handed_over
        delay = _delays(n_cases, path.delay_days, assumed, rng)
        if sender < 0 or receiver < 0:
            continue
        here = (newest.reporter == sender) & chosen[newest.case] & (sent_by != receiver) & (newest.victim | handed)
        if path.of != "any":
            here &= (first_age[newest.case] < ADULT) == (path.of == "child")
        here &= _eligible(population, newest.person, newest.age, reporter=assumed.reporters[receiver])
        sent = newest.take(here)
        k = len(sent)
        sent = replace(
            sent, reporter=np.full(k, receiver), reported=sent.reported + delay[sent.case], how=np.full(k, _REFERRAL),
            source=sent.row, case=np.unique(sent.case, return_inverse=True)[1].ravel(),
        )  # fmt: skip
        found = _join(found, sent)
    return found


def _first_victims_age(rows: Rows, n_cases: int) -> Ints:
    """Return the lowest age among the victims of each case."""
    age = np.full(n_cases, 999)
    np.minimum.at(age, rows.case[rows.victim], rows.age[rows.victim])
    return age


def _repeated(rows: Rows, assumed: Assumptions, rng: np.random.Generator) -> Rows:
    """Let reporters report some cases twice, as separate cases."""
    n_cases = int(rows.case.max(initial=-1)) + 1
    chosen = rng.random(n_cases) < assumed.reports.repeated
    delay = _delays(n_cases, assumed.reports.repeat_days, assumed, rng)
    again = rows.take(chosen[rows.case])
    k = len(again)
    return replace(
        again, reported=again.reported + delay[again.case], how=np.full(k, _REPEAT), source=np.full(k, -1),
        case=np.unique(again.case, return_inverse=True)[1].ravel(),
    )  # fmt: skip


def _follow_up(first: Rows, assumed: Assumptions, rng: np.random.Generator) -> Rows:
    """Add follow-up reports to cases, with the victims and most of the others."""
    rates = assumed.reports
    n_cases = int(first.case.max(initial=-1)) + 1
    reporter_of = np.zeros(n_cases, dtype=np.int64)
    reporter_of[first.case] = first.reporter
    more = rng.poisson(np.array([reporter.follow_up for reporter in assumed.reporters])[reporter_of])
    times = 1 + more[first.case]
    rows = first.take(np.repeat(np.arange(len(times)), times))
    report = np.arange(len(rows)) - np.repeat(np.cumsum(times) - times, times)
    # Days from the first report to each follow-up of the case, the same for all its persons.
    gaps = np.ceil(rng.exponential(rates.follow_up_days, int(more.sum()))).astype(np.int64)
    total = np.r_[0, np.cumsum(gaps)]
    begin = np.cumsum(more) - more
    wait = total[begin[rows.case] + report] - total[begin[rows.case]]
    rows = replace(rows, report=report, reported=rows.reported + wait)
    return rows.take((report == 0) | rows.victim | (rng.random(len(report)) < rates.stays))


def _kept(population: Population, rows: Rows, assumed: Assumptions, rng: np.random.Generator) -> Bools:
    """Mark the rows to keep: reported by the last day, and not of protected persons.

    From the day of protection, most reports leave the person out. Cases that began earlier end then, so that no case
    id leads from the old identity to the new one.
    """
    changed = population.ladder.changed[rows.person]
    protected = population.ladder.protected[rows.person]
    left_out = protected & (rows.event >= changed) & (rng.random(len(rows)) < assumed.reports.protected_left_out)
    ended = protected & (rows.event < changed) & (rows.reported >= changed)
    return (rows.reported <= np.datetime64(population.rates.reference_date)) & ~left_out & ~ended
