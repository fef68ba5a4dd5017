"""Synthetic people: who they are, before anybody reports them.

Siblings share family names, places and often their years; twins share the birth date too; cousins share both names.
These are the hardest true non-matches, and they are here on purpose. Everything is drawn from the rates in `rates`.

A large population is made in blocks, one after the other; only the numbers that are given out are remembered from one
block to the next.
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
from benchmarks.population.ladder import Ladder, climb
from benchmarks.population.names import ORIGINS, Names, load_names
from benchmarks.population.naming import Naming, give_names, other_family, other_given
from benchmarks.population.numbers import NumberRegister, Serials
from benchmarks.population.rates import PopulationRates

__all__ = ["BLOCK", "MAN", "WOMAN", "Plan", "Population", "make_blocks", "make_population"]

BLOCK: Final = 20_000
"""Persons made at a time."""

# Up to so many persons have numbers of the test range only, nearly always of their own birth date.
_TEST_RANGE_PERSONS: Final = 100_000
_ADULT_AGE: Final = 18
_LOTS: Final = 1 << 40
_EARLIEST_BIRTH: Final = np.datetime64("1900-01-02")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Plan:
    """What population to make.

    Attributes:
        n_persons: How many persons.
        seed: Any integer from 0.
        kind: A key of `KINDS`.
        rates: The assumptions; the settings of the kind are not put in here.
        names: The vocabulary and the pools.
        ages: (101, 2) shares of women and men by age.
        serials: `test`, `any`, or None for what the size asks for.
    """

    n_persons: int
    seed: int
    kind: str = "cases"
    rates: PopulationRates = field(default_factory=PopulationRates)
    names: Names = field(default_factory=load_names)
    ages: NDArray[np.float64] = field(default_factory=age_table)
    serials: Serials | None = None

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be followed."""
        if self.n_persons < 1:
            raise ValueError("a population has at least one person")
        if self.kind not in KINDS:
            raise ValueError("the kind of population is unknown")

    def chosen_serials(self) -> Serials:
        """Return the serials asked for, or the test range where it has room for the size and kind."""
        large = self.n_persons > _TEST_RANGE_PERSONS or KINDS[self.kind].dense
        return self.serials or ("any" if large else "test")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Population:
    """`n` persons in `h` households. Names are places in `names.vocabulary`, numbers codes; -1 for none.

    Attributes:
        rates: The assumptions it was made from.
        names: The vocabulary and the pools.
        households: Who lives together.
        household: (n,) the household of each person.
        child: (n,) bool, a child of the family, of whatever age.
        twin: (n,) bool, has a twin in the household.
        sex: (n,) `WOMAN` or `MAN`, of today.
        birth: (n,) datetime64[D], as registered.
        foreign: (n,) bool, of other than Swedish origin.
        naming: Names of today.
        earlier_family: (n,) the family name before the day of change, -1 without a change.
        earlier_given: (n,) the first given name before it, -1 without a change.
        passport_step: (n,) how much further in the list of spellings the passport's stands; 0 is the registered one.
        alias: (n, 2) another first name and family name that the person goes by, -1 for none.
        ladder: The numbers.
        age_assessed: (n,) bool, the year of birth is an estimate; the date is registered as 1 January.
        passport: (n,) object, a passport number or None.
        asylum: (n,) bool, has a dossier number.
        lot: (n,) random number from which a body draws what it invents for a person.
        first_person: Number of the first person, where this is a block of a larger population.
        first_household: Number of the first household likewise.
        beyond_test_range: How many numbers have a serial outside the range kept for tests, all blocks so far.
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
    """Make people in households, all at once.

    Equal arguments give equal people, for one version of Faker and numpy.

    Args:
        n_persons: How many, at least 1.
        seed: Any integer from 0.
        rates: Other assumptions than the default ones of the kind.
        serials: `test`: serial numbers that no person has; `any`: of the whole range, for measuring how often serials
            agree by chance, and for dense populations. Files made from the latter should not leave the machine. None:
            `test` where that has room.
        kind: A key of `KINDS`.
        names: Other names than those of Faker and the curated lists.

    Returns:
        The population.

    Raises:
        ValueError: `n_persons` is below 1, or the kind is unknown.
    """
    if rates is None:
        from benchmarks.population.assumptions import Assumptions  # It imports this package's rates, not its people.

        rates = Assumptions().set(KINDS[kind].settings if kind in KINDS else {}).population
    plan = Plan(n_persons=n_persons, seed=seed, kind=kind, rates=rates, names=names or load_names(), serials=serials)
    return _block(plan, n_persons, 0, NumberRegister(plan.chosen_serials()))


def make_blocks(plan: Plan) -> Iterator[Population]:
    """Make a population in blocks of `BLOCK` persons; memory does not grow with their number.

    The first block is what `make_population` makes of as many persons.

    Args:
        plan: What to make.

    Yields:
        The blocks; numbers of persons and households run on.
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
    ladder = climb(status, foreign, (birth, members.sex, default), register=register, source=(rates, draws[3]))
    rng = draws[4]
    earlier_given, earlier_family, alias = _other_names(households, members, naming, ladder, (names, rates, draws[5]))
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
    """Turn ages into birth dates; say which are default dates, and which of these because the age is an estimate.

    A dense population has few dates, and none of them is a default one.
    """
    rates, n = plan.rates, len(foreign)
    if rates.per_date:
        dates, nobody = _few_dates(plan), np.zeros(n, dtype=bool)
        return dates[rng.integers(0, len(dates), n)], nobody, nobody
    birth = np.datetime64(rates.reference_date) - (members.age * _YEAR_DAYS).astype(np.int64)
    birth = np.maximum(birth, _EARLIEST_BIRTH)
    single = foreign & ~members.twin
    minor = members.age < _ADULT_AGE + rates.years
    assessed = single & minor & (rng.random(n) < rates.age_assessed)
    default = single & (rng.random(n) < rates.default_date)
    month = birth.astype("datetime64[Y]").astype("datetime64[M]")
    january = assessed | (rng.random(n) < rates.default_january)
    first = np.where(january, month, month + 6).astype("datetime64[D]")
    # A first of July may lie after the reference date only for a child of that year; it keeps its date.
    default = (assessed | default) & (first <= birth) & (first >= _EARLIEST_BIRTH)
    return np.where(default, first, birth), default, assessed


def _few_dates(plan: Plan) -> Days:
    """Draw the birth dates of a dense population: as many as the persons a date ask for, the same in all blocks."""
    rates = plan.rates
    k = max(1, round(plan.n_persons / rates.per_date))
    rng = np.random.default_rng([plan.seed, 2])
    last = np.datetime64(rates.reference_date)
    year = last.astype("datetime64[Y]") - _ADULT_AGE
    years = year - np.arange(k) % 80
    day = years.astype("datetime64[D]") + rng.permutation(365 * 80)[:k] % 365
    return np.where(rng.random(k) < rates.new_year_only, years.astype("datetime64[D]"), day)


def _other_names(
    households: Households,
    members: Members,
    naming: Naming,
    ladder: Ladder,
    source: tuple[Names, PopulationRates, np.random.Generator],
) -> tuple[Ints, Ints, Ints]:
    """Draw earlier first names, earlier family names and aliases."""
    names, rates, rng = source
    n, origin = len(members.sex), households.origin[households.members()]
    family = other_family(origin, members.sex, names, rng=rng)
    renamed = ladder.protected | (rng.random(n) < rates.renamed)
    earlier_family = np.where(renamed & (family != naming.family[:, 0]), family, -1)
    earlier_given = np.where(ladder.legal_sex, other_given(origin, 1 - members.sex, names, rng=rng), -1)
    other = np.column_stack([
        other_given(origin, members.sex, names, rng=rng), other_family(origin, members.sex, names, rng=rng)
    ])  # fmt: skip
    other[:, 0] = np.where(rng.random(n) < rates.alias_given, naming.given[:, 0], other[:, 0])
    return earlier_given, earlier_family, np.where((rng.random(n) < rates.alias)[:, None], other, -1)


def _passports(n: int, rates: PopulationRates, rng: np.random.Generator) -> NDArray[np.object_]:
    """Return passports: two letters and seven digits, in no country's real form."""
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
