"""The ladder of numbers: none, a samordningsnummer with its level, a personnummer, and the reasons for changes.

Within the years of events a person climbs up to three rungs: no number, an earlier number, the present number. The
present number replaces the earlier one on the day `changed`; the earlier one exists from the day `first`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.households import MAN, YEAR_DAYS
from benchmarks.population.numbers import NO_NUMBER, NumberRegister
from benchmarks.population.rates import PopulationRates

__all__ = ["LEVEL_NAMES", "Ladder", "Registered", "climb"]

LEVEL_NAMES: Final = ("styrkt", "sannolik", "osaker")
# The date of a number that existed before the years of events.
_EVER: Final = np.datetime64("1800-01-01")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Registered:
    """The facts about `n` persons that decide their numbers.

    Attributes:
        status: (n,) 0 with personnummer, 1 with samordningsnummer, 2 with neither; that of the household.
        foreign: (n,) bool, of non-Swedish origin.
        birth: (n,) datetime64[D], as registered.
        sex: (n,) `WOMAN` or `MAN`.
        default_date: (n,) bool, the birth date is a default date.
    """

    status: Ints
    foreign: Bools
    birth: Days
    sex: Ints
    default_date: Bools


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ladder:
    """The numbers of `n` persons.

    Attributes:
        number: (n,) code of the present number, -1 for none.
        earlier: (n,) code of the earlier number, -1 for none.
        changed: (n,) datetime64[D], the day on which the number, a name or the legal sex changes, if any does.
        first: (n,) datetime64[D], the day from which the first number exists; long ago for most.
        level: (n,) identity level of a samordningsnummer, an index in `LEVEL_NAMES`.
        raised: (n,) datetime64[D]; before that day the level was one step lower.
        legal_sex: (n,) bool, the legal sex changed on the day `changed`.
        protected: (n,) bool, number and name were changed on that day to protect the person.
        default_date: (n,) bool, registered as born on 1 January or 1 July because the date is unknown.
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


@dataclass(frozen=True, slots=True, eq=False)
class _Reasons:
    """The persons by type of number, and by reason for a change of number."""

    resident: Bools
    coordinated: Bools
    renumbered: Bools
    corrected: Bools
    legal_sex: Bools
    protected: Bools


def climb(persons: Registered, register: NumberRegister, rates: PopulationRates, *, rng: np.random.Generator) -> Ladder:
    """Assign present numbers by status, and earlier numbers to persons whose number changed.

    Args:
        persons: Facts about the persons.
        register: Assigns the numbers.
        rates: The assumptions.
        rng: Draws everything.

    Returns:
        The ladder.
    """
    n = len(persons.status)
    reasons = _reasons(persons, rates, rng)
    nearby = persons.default_date & (rng.random(n) < rates.nearby_day)
    day = np.where(nearby, _same_month(persons.birth, rng), persons.birth)
    man = persons.sex == MAN
    number, earlier = np.full(n, NO_NUMBER), np.full(n, NO_NUMBER)
    _assign(number, reasons.resident, day, man, register, samordning=False)
    _assign(number, reasons.coordinated, day, man, register, samordning=True)
    _assign(earlier, reasons.renumbered, day, man, register, samordning=True)
    _assign(earlier, reasons.legal_sex, day, ~man, register, samordning=False)
    _assign(earlier, reasons.protected, day, man, register, samordning=False)
    other_sex = rng.random(n) < rates.corrected_sex
    wrong_day = np.where(other_sex, day, _same_month(persons.birth, rng))
    _assign(earlier, reasons.corrected, wrong_day, man ^ other_sex, register, samordning=False)
    changed, first, raised, level = _days(persons.foreign & (number >= 0), earlier >= 0, rates, rng)
    return Ladder(
        number, earlier, changed, first, level, raised, reasons.legal_sex, reasons.protected, persons.default_date
    )


def _days(
    foreign: Bools, replaced: Bools, rates: PopulationRates, rng: np.random.Generator
) -> tuple[Days, Days, Days, Ints]:
    """Draw the days of change, of the first number and of a raised level, and the levels.

    Args:
        foreign: (n,) bool, may have received the first number within the years.
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
    # The earlier number comes before the present one.
    first = np.where(late, np.where(replaced, np.minimum(first, changed), first), _EVER)
    u = rng.random(n)
    level = (u < rates.level_likely + rates.level_uncertain).astype(np.int64) + (u < rates.level_uncertain)
    raised = np.where((rng.random(n) < rates.level_raised) & (level < len(LEVEL_NAMES) - 1), raised, _EVER)
    return changed, first, raised, level


def _reasons(persons: Registered, rates: PopulationRates, rng: np.random.Generator) -> _Reasons:
    """Draw at most one reason for a change of number per person."""
    n = len(persons.status)
    resident, coordinated = persons.status == 0, persons.status == 1
    renumbered = resident & persons.foreign & (rng.random(n) < rates.renumbered)
    free = resident & ~renumbered
    protected = free & (rng.random(n) < rates.protected)
    legal_sex = free & ~protected & (rng.random(n) < rates.legal_sex)
    corrected = free & ~protected & ~legal_sex & (rng.random(n) < rates.number_corrected)
    return _Reasons(resident, coordinated, renumbered, corrected, legal_sex, protected)


def _assign(numbers: Ints, rows: Bools, birth: Days, man: Bools, register: NumberRegister, *, samordning: bool) -> None:
    if rows.any():
        numbers[rows] = register.assign(birth[rows], man[rows], samordning=samordning)


def _same_month(birth: Days, rng: np.random.Generator) -> Days:
    """Draw another of the first 28 days of the same month."""
    month = birth.astype("datetime64[M]").astype("datetime64[D]")
    day = (birth - month).astype(np.int64)
    return np.asarray(month + (day + 1 + rng.integers(0, 26, len(birth))) % 28, birth.dtype)
