"""The ladder of numbers: nothing, a samordningsnummer with its level, a personnummer, and what changes them.

A person is on up to three rungs within the years of events: no number, an earlier number, the number of today. The
number of today replaces the earlier one on the day `changed`; the earlier one is there from the day `first`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.households import MAN, YEAR_DAYS
from benchmarks.population.numbers import NO_NUMBER, NumberRegister
from benchmarks.population.rates import PopulationRates

__all__ = ["LEVEL_NAMES", "Ladder", "climb"]

LEVEL_NAMES: Final = ("styrkt", "sannolik", "osaker")
# A number that was there before the years of events began.
_EVER: Final = np.datetime64("1800-01-01")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ladder:
    """The numbers of `n` persons.

    Attributes:
        number: (n,) code of the number of today, -1 for none.
        earlier: (n,) code of the one before it, -1 for none.
        changed: (n,) datetime64[D], the day on which the number, a name or the legal sex changes, if any does.
        first: (n,) datetime64[D], the day from which the first number is there; long ago for most.
        level: (n,) level of identity of a samordningsnummer, a place in `LEVEL_NAMES`.
        raised: (n,) datetime64[D]; before that day the level was one less sure.
        legal_sex: (n,) bool, the legal sex changed on the day `changed`.
        protected: (n,) bool, number and name were changed on that day to protect the person.
        default_date: (n,) bool, registered as born on 1 January or 1 July for want of a date.
    """

    number: Ints
    earlier: Ints
    changed: Days
    first: Days
    level: Ints
    raised: Days
    legal_sex: Bools
    protected: Bools
    default_date: Bools


@dataclass(frozen=True, slots=True)
class _Reasons:
    """Who has which number, and why a number changed."""

    resident: Bools
    coordinated: Bools
    renumbered: Bools
    corrected: Bools
    legal_sex: Bools
    protected: Bools


def climb(
    status: Ints,
    foreign: Bools,
    persons: tuple[Days, Ints, Bools],
    *,
    register: NumberRegister,
    source: tuple[PopulationRates, np.random.Generator],
) -> Ladder:
    """Return numbers by status, and former ones to those whose number changed.

    Args:
        status: (n,) 0 with personnummer, 1 with samordningsnummer, 2 with none; that of the household.
        foreign: (n,) bool, of other than Swedish origin.
        persons: Birth dates, sexes, and whose date is a default one, each (n,).
        register: Gives numbers out.
        source: The assumptions and the generator.

    Returns:
        The ladder.
    """
    (birth, sex, default), (rates, rng) = persons, source
    n = len(status)
    reasons = _reasons(status, foreign, rates, rng)
    day = np.where(default & (rng.random(n) < rates.nearby_day), _same_month(birth, rng), birth)
    man = sex == MAN
    number, earlier = np.full(n, NO_NUMBER), np.full(n, NO_NUMBER)
    _assign(number, reasons.resident, (day, man), register, samordning=False)
    _assign(number, reasons.coordinated, (day, man), register, samordning=True)
    _assign(earlier, reasons.renumbered, (day, man), register, samordning=True)
    _assign(earlier, reasons.legal_sex, (day, ~man), register, samordning=False)
    _assign(earlier, reasons.protected, (day, man), register, samordning=False)
    other_sex = rng.random(n) < rates.corrected_sex
    before = (np.where(other_sex, day, _same_month(birth, rng)), man ^ other_sex)
    _assign(earlier, reasons.corrected, before, register, samordning=False)
    days = _days(foreign & (number >= 0), earlier >= 0, rates, rng)
    changed, first, raised, level = days
    return Ladder(number, earlier, changed, first, level, raised, reasons.legal_sex, reasons.protected, default)


def _days(
    foreign: Bools, replaced: Bools, rates: PopulationRates, rng: np.random.Generator
) -> tuple[Days, Days, Days, Ints]:
    """Draw the days of change, of the first number and of a higher level, and the levels.

    Args:
        foreign: (n,) bool, may have got the first number within the years.
        replaced: (n,) bool, has an earlier number.
        rates: The assumptions.
        rng: Draws everything.

    Returns:
        `changed`, `first`, `raised` and `level` of the ladder.
    """
    n = len(foreign)
    ago = rng.integers(0, round(rates.years * YEAR_DAYS), (3, n))
    changed, raised, first = np.datetime64(rates.reference_date) - ago
    late = foreign & (rng.random(n) < rates.newly_numbered)
    # Whoever has an earlier number has it before the number of today.
    first = np.where(late, np.where(replaced, np.minimum(first, changed), first), _EVER)
    u = rng.random(n)
    level = (u < rates.level_likely + rates.level_uncertain).astype(np.int64) + (u < rates.level_uncertain)
    raised = np.where((rng.random(n) < rates.level_raised) & (level < len(LEVEL_NAMES) - 1), raised, _EVER)
    return changed, first, raised, level


def _reasons(status: Ints, foreign: Bools, rates: PopulationRates, rng: np.random.Generator) -> _Reasons:
    """Draw one reason at most for each person whose number changed."""
    n = len(status)
    resident, coordinated = status == 0, status == 1
    renumbered = resident & foreign & (rng.random(n) < rates.renumbered)
    free = resident & ~renumbered
    protected = free & (rng.random(n) < rates.protected)
    legal_sex = free & ~protected & (rng.random(n) < rates.legal_sex)
    corrected = free & ~protected & ~legal_sex & (rng.random(n) < rates.number_corrected)
    return _Reasons(resident, coordinated, renumbered, corrected, legal_sex, protected)


def _assign(
    numbers: Ints, rows: Bools, persons: tuple[Days, Bools], register: NumberRegister, *, samordning: bool
) -> None:
    if rows.any():
        birth, man = persons
        numbers[rows] = register.assign(birth[rows], man[rows], samordning=samordning)


def _same_month(birth: Days, rng: np.random.Generator) -> Days:
    """Draw another of the first 28 days of the same month."""
    month = birth.astype("datetime64[M]").astype("datetime64[D]")
    place = (birth - month).astype(np.int64)
    return month + (place + 1 + rng.integers(0, 26, len(birth))) % 28
