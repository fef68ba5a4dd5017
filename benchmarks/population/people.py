"""Synthetic people, before they are reported.

Siblings share family names, places and often birth years; twins share the birth date too; cousins share both names.
These are the hardest true non-matches, and they are included on purpose. Everything is drawn from the rates in `rates`.

A large population is made in blocks; only the count of assigned numbers is carried from one block to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.households import MAN, WOMAN, Households, Members, draw_households
from benchmarks.population.households import YEAR_DAYS as _YEAR_DAYS
from benchmarks.population.kinds import KINDS, age_table
from benchmarks.population.ladder import Ladder, Registered, climb
from benchmarks.population.names import ORIGINS, Names, load_names
from benchmarks.population.naming import Naming, give_names, other_family, other_given
from benchmarks.population.numbers import NumberRegister, Serials
from benchmarks.population.rates import PopulationRates

__all__ = ["BLOCK", "MAN", "WOMAN", "Plan", "Population", "make_blocks", "make_population"]

BLOCK: Final = 20_000
"""Persons per block."""

# Up to this size the test range has numbers for all, nearly always of their own birth date.
_TEST_RANGE_PERSONS: Final = 100_000
_ADULT_AGE: Final = 18
_LOTS: Final = 1 << 40
_EARLIEST_BIRTH: Final = np.datetime64("1900-01-02")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Plan:
    """The population to make.

    Attributes:
        n_persons: Number of persons.
        seed: A non-negative integer.
        kind: A key of `KINDS`.
        rates: The assumptions; the kind's own settings must be included.
        names: The vocabulary and the pools.
        ages: (101, 2) shares of women and men by age.
        serials: `test`, `any`, or None to choose by size.
    """

    n_persons: int
    seed: int
    kind: str = "cases"
    rates: PopulationRates = field(default_factory=PopulationRates)
    names: Names = field(default_factory=load_names)
    ages: NDArray[np.float64] = field(default_factory=age_table)
    serials: Serials | None = None

    def __post_init__(self) -> None:
        """Check the plan."""
        if self.n_persons < 1:
            raise ValueError("a population needs at least one person")
        if self.kind not in KINDS:
            raise ValueError("the kind of population is unknown")

    def chosen_serials(self) -> Serials:
        """Return the serials asked for, or the test range if it has room for the size and kind."""
        large = self.n_persons > _TEST_RANGE_PERSONS or KINDS[self.kind].dense
        return self.serials or ("any" if large else "test")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Population:
    """`n` persons in `h` households. Names are indexes in `names.vocabulary`, numbers are codes; -1 for none.

    Attributes:
        rates: The assumptions it was made from.
        names: The vocabulary and the pools.
        households: Who lives together.
        household: (n,) the household of each person.
        child: (n,) bool, a child of the family, of any age.
        twin: (n,) bool, has a twin in the household.
        sex: (n,) `WOMAN` or `MAN`, at present.
        birth: (n,) datetime64[D], as registered.
        foreign: (n,) bool, of non-Swedish origin.
        naming: Present names.
        earlier_family: (n,) the family name before the day of change, -1 without a change.
        earlier_given: (n,) the first given name before it, -1 without a change.
        passport_step: (n,) steps from the registered spelling to the passport's in the list of spellings.
        alias: (n, 2) another first name and family name that the person uses, -1 for none.
        ladder: The numbers.
        age_assessed: (n,) bool, the year of birth is an estimate; the date is registered as 1 January.
        passport: (n,) object, a passport number or None.
        asylum: (n,) bool, has a dossier number.
        lot: (n,) random number from which reporters derive invented numbers.
        first_person: Number of the first person, if this is a block of a larger population.
        first_household: Number of the first household likewise.
        beyond_test_range: Numbers with a serial outside the range reserved for tests, over all blocks so far.
    """

    rates: PopulationRates
    names: Names
    households: Households
    household: Ints
    child: Bools
    twin: Bools
    sex: Ints
    birth: Days
    foreign: Bools
    naming: Naming
    earlier_family: Ints
    earlier_given: Ints
    passport_step: Ints
    alias: Ints
    ladder: Ladder
    age_assessed: Bools
    passport: NDArray[np.object_]
    asylum: Bools
    lot: Ints
    first_person: int = 0
    first_household: int = 0
    beyond_test_range: int = 0

    def __len__(self) -> int:
        """Count the persons."""
        return len(self.household)


def make_population(
    n_persons: int,
    *,
    seed: int,
    rates: PopulationRates | None = None,
    serials: Serials | None = None,
    kind: str = "cases",
    names: Names | None = None,
) -> Population:
    """Make people in households, all in one block.

    Equal arguments give equal people, for the same versions of Faker and numpy.

    Args:
        n_persons: Number of persons, at least 1.
        seed: A non-negative integer.
        rates: Assumptions instead of the kind's defaults.
        serials: `test` uses serials that are never issued; `any` uses the whole range, to measure how often serials
            agree by chance, and for dense populations. Files made with `any` should not leave the machine. None uses
            `test` if it has room.
        kind: A key of `KINDS`.
        names: Names instead of Faker's and the curated lists.

    Returns:
        The population.

    Raises:
        ValueError: `n_persons` is below 1, or the kind is unknown.
    """
    if rates is None:
        from benchmarks.population.assumptions import Assumptions  # Needed only for the defaults.

        rates = Assumptions().set(KINDS[kind].settings if kind in KINDS else {}).population
    plan = Plan(n_persons=n_persons, seed=seed, kind=kind, rates=rates, names=names or load_names(), serials=serials)
    return _block(plan, n_persons, 0, NumberRegister(plan.chosen_serials()))


def make_blocks(plan: Plan) -> Iterator[Population]:
    """Make a population in blocks of `BLOCK` persons; memory does not grow with the population.

    The first block equals what `make_population` makes of the same size.

    Args:
        plan: The population to make.

    Yields:
        The blocks; the numbers of persons and households continue.
    """
    register = NumberRegister(plan.chosen_serials())
    person = household = index = 0
    while person < plan.n_persons:
        block = _block(plan, min(BLOCK, plan.n_persons - person), index, register)
        yield replace(block, first_person=person, first_household=household)
        person, household, index = person + len(block), household + len(block.households.size), index + 1


def _block(plan: Plan, n: int, index: int, register: NumberRegister) -> Population:
    rates, names = plan.rates, plan.names
    draws = np.random.default_rng([plan.seed, 0, index]).spawn(6)
    households, members = draw_households(n, KINDS[plan.kind].households, rates, plan.ages, rng=draws[0])
    household = households.members()
    foreign = np.array([origin.code != "swedish" for origin in ORIGINS])[households.origin][household]
    birth, default, assessed = _birth(plan, members, foreign, draws[1])
    naming = give_names(households, members, names, rates, rng=draws[2])
    u = draws[3].random(len(households.size))
    swedish = ~foreign[households.start]
    resident = swedish | (u < rates.personnummer)
    status = np.where(resident, 0, np.where(u < rates.personnummer + rates.samordningsnummer, 1, 2))[household]
    people = Registered(status, foreign, birth, members.sex, default)
    ladder = climb(people, register, rates, rng=draws[3])
    rng = draws[4]
    origin = households.origin[household]
    earlier_given, earlier_family, alias = _other_names(origin, members.sex, naming, ladder, names, rates, draws[5])
    return Population(
        rates=rates,
        names=names,
        households=households,
        household=household,
        child=members.child,
        twin=members.twin,
        sex=members.sex,
        birth=birth,
        foreign=foreign,
        naming=naming,
        earlier_family=earlier_family,
        earlier_given=earlier_given,
        passport_step=np.where(foreign & (rng.random(n) < rates.passport_spelling), rng.integers(1, 5, n), 0),
        alias=alias,
        ladder=ladder,
        age_assessed=assessed,
        passport=_passports(n, rates, rng),
        asylum=foreign & (rng.random(len(households.size)) < rates.asylum)[household],
        lot=rng.integers(0, _LOTS, n),
        beyond_test_range=register.beyond_test_range,
    )


def _birth(plan: Plan, members: Members, foreign: Bools, rng: np.random.Generator) -> tuple[Days, Bools, Bools]:
    """Turn ages into birth dates, and mark default dates and, among them, those that are assessed ages.

    A dense population has few dates and no default dates.
    """
    rates, n = plan.rates, len(foreign)
    if rates.per_date:
        dates, none = _few_dates(plan), np.zeros(n, dtype=bool)
        return dates[rng.integers(0, len(dates), n)], none, none
    birth = np.datetime64(rates.reference_date) - (members.age * _YEAR_DAYS).astype(np.int64)
    birth = np.maximum(birth, _EARLIEST_BIRTH)
    single = foreign & ~members.twin
    minor = members.age < _ADULT_AGE + rates.years
    assessed = single & minor & (rng.random(n) < rates.age_assessed)
    default = single & (rng.random(n) < rates.default_date)
    month = birth.astype("datetime64[Y]").astype("datetime64[M]")
    january = assessed | (rng.random(n) < rates.default_january)
    first = np.where(january, month, month + 6).astype("datetime64[D]")
    # A child born this year keeps its date where the default date would come after it.
    default = (assessed | default) & (first <= birth) & (first >= _EARLIEST_BIRTH)
    return np.where(default, first, birth), default, assessed


def _few_dates(plan: Plan) -> Days:
    """Draw the birth dates of a dense population, the same in all blocks; `per_date` sets how many."""
    rates = plan.rates
    k = max(1, round(plan.n_persons / rates.per_date))
    rng = np.random.default_rng([plan.seed, 2])
    last = np.datetime64(rates.reference_date)
    year = last.astype("datetime64[Y]") - _ADULT_AGE
    years = year - np.arange(k) % 80
    day = years.astype("datetime64[D]") + rng.permutation(365 * 80)[:k] % 365
    return np.asarray(np.where(rng.random(k) < rates.new_year_only, years.astype("datetime64[D]"), day), day.dtype)


def _other_names(
    origin: Ints,
    sex: Ints,
    naming: Naming,
    ladder: Ladder,
    names: Names,
    rates: PopulationRates,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints]:
    """Draw earlier first names, earlier family names and aliases."""
    n = len(sex)
    family = other_family(origin, sex, names, rng=rng)
    renamed = ladder.protected | (rng.random(n) < rates.renamed)
    earlier_family = np.where(renamed & (family != naming.family[:, 0]), family, -1)
    earlier_given = np.where(ladder.legal_sex, other_given(origin, 1 - sex, names, rng=rng), -1)
    other = np.column_stack([other_given(origin, sex, names, rng=rng), other_family(origin, sex, names, rng=rng)])
    other[:, 0] = np.where(rng.random(n) < rates.alias_given, naming.given[:, 0], other[:, 0])
    return earlier_given, earlier_family, np.where((rng.random(n) < rates.alias)[:, None], other, -1)


def _passports(n: int, rates: PopulationRates, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return passport numbers of two letters and seven digits, a form that no country uses."""
    letters = list("ABCDEFGHJKLMNPRSTUVWXYZ")
    first, second = rng.integers(0, len(letters), (2, n)).tolist()
    digits = rng.integers(0, 10_000_000, n).tolist()
    held = (rng.random(n) < rates.passport).tolist()
    return np.array(
        [
            f"{letters[a]}{letters[b]}{d:07d}" if h else None
            for a, b, d, h in zip(first, second, digits, held, strict=True)
        ],
        dtype=object,
    )
