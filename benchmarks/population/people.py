"""Synthetic people in households: who they are, before anybody reports them.

Siblings share family names, places and often their years; twins share the birth date too; cousins share both names.
These are the hardest true non-matches, and they are here on purpose. Everything is drawn from the rates in
`assumptions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.assumptions import PopulationRates
from benchmarks.population.names import ORIGINS, Names, load_names
from benchmarks.population.numbers import Serials, assign_numbers

__all__ = ["MAN", "WOMAN", "Households", "Population", "make_population"]

WOMAN: Final = 0
MAN: Final = 1
_MAX_CHILDREN: Final = 6
_MAX_GIVEN: Final = 3
# Ages in years; a child of a family may have come of age.
_YOUNGEST_CHILD: Final = (0.0, 16.0)
_SIBLING_GAP: Final = (1.0, 4.5)
_PARENT_AT_BIRTH: Final = (18.0, 40.0)
_SINGLE_AGE: Final = (16.0, 60.0)
_YEAR_DAYS: Final = 365.25
# Which names a family takes its children's from, and how custom writes two: never, with a space or with a hyphen.
_FATHER: Final = frozenset(i for i, origin in enumerate(ORIGINS) if origin.tradition == "father")
_TWO: Final = frozenset(i for i, origin in enumerate(ORIGINS) if origin.tradition == "two")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Households:
    """Which persons live together; persons stand in the order of their households.

    Attributes:
        start: (h,) the first person of each household.
        size: (h,) the number of its persons.
        origin: (h,) place in `ORIGINS`.
        exposure: (h,) float64, mean 1: how much more than others it meets the bodies.
        place: (h,) float64 in [0, 1), from which a municipality is picked.
    """

    start: Ints
    size: Ints
    origin: Ints
    exposure: NDArray[np.float64]
    place: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Population:
    """`n` persons in `h` households. Names are places in `names.vocabulary`, -1 for none.

    Attributes:
        rates: The assumptions it was made from.
        names: The vocabulary and the pools.
        households: Who lives together.
        household: (n,) the household of each person.
        child: (n,) bool, a child of the family, of whatever age.
        sex: (n,) `WOMAN` or `MAN`.
        birth: (n,) datetime64[D], as registered.
        given: (n, 3) given names.
        called: (n,) place of the name that the person is called by.
        family: (n, 2) family names.
        earlier_family: (n,) the family name before a change, -1 without a change.
        joined: (n,) bool, the first two given names are joined by a hyphen.
        number: (n,) object, twelve digits or None.
        earlier_number: (n,) object, the number before a change, or None.
        changed: (n,) datetime64[D], the day of a change of name or number; without one it says nothing.
        passport: (n,) object, a passport number or None.
        beyond_test_range: How many numbers have a serial outside the range kept for tests.
    """

    rates: PopulationRates
    names: Names
    households: Households
    household: Ints
    child: Bools
    sex: Ints
    birth: NDArray[np.datetime64]
    given: Ints
    called: Ints
    family: Ints
    earlier_family: Ints
    joined: Bools
    number: NDArray[np.object_]
    earlier_number: NDArray[np.object_]
    changed: NDArray[np.datetime64]
    passport: NDArray[np.object_]
    beyond_test_range: int

    def __len__(self) -> int:
        """Count the persons."""
        return len(self.household)


def make_population(
    n_persons: int, *, seed: int, rates: PopulationRates | None = None, serials: Serials = "test"
) -> Population:
    """Make people in households.

    Equal arguments give equal people, for one version of Faker and numpy.

    Args:
        n_persons: How many, at least 1.
        seed: Any integer from 0.
        rates: Other assumptions than the default ones.
        serials: `test`: serial numbers that no person has; `any`: of the whole range, for measuring how often serials
            agree by chance. Files made from the latter should not leave the machine.

    Returns:
        The population.

    Raises:
        ValueError: `n_persons` is below 1.
    """
    if n_persons < 1:
        raise ValueError("a population has at least one person")
    rates = rates or PopulationRates()
    names = load_names()
    draws = np.random.default_rng([seed, 0]).spawn(5)
    households, child, sex = _households(n_persons, rates, draws[0])
    household = np.repeat(np.arange(len(households.size)), households.size)
    birth = _birth(households, child, rates, rng=draws[1])
    given, called, family = _names(households, child, sex, source=(names, rates, draws[2]))
    origin = households.origin[household]
    changed = _changes(n_persons, rates, draws[3])
    earlier_family = _other_family(origin, sex, names, rng=draws[3])
    earlier_family[(draws[3].random(n_persons) >= rates.renamed) | (earlier_family == family[:, 0])] = -1
    number, earlier_number, beyond = _numbers(households, household, (birth, sex), source=(rates, serials, draws[4]))
    return Population(
        rates=rates,
        names=names,
        households=households,
        household=household,
        child=child,
        sex=sex,
        birth=birth,
        given=given,
        called=called,
        family=family,
        earlier_family=earlier_family,
        joined=(given[:, 1] >= 0) & (draws[3].random(n_persons) < rates.hyphen),
        number=number,
        earlier_number=earlier_number,
        changed=changed,
        passport=_passports(n_persons, rates, draws[4]),
        beyond_test_range=beyond,
    )


def _households(n: int, rates: PopulationRates, rng: np.random.Generator) -> tuple[Households, Bools, Ints]:
    """Draw households until there are `n` persons, and say who is a child and who a woman."""
    single = rng.random(n) < rates.single
    n_adults = np.where(single, 1, 1 + (rng.random(n) < rates.two_parents))
    n_children = np.where(single, 0, np.minimum(rng.geometric(1 - rates.more_children, n), _MAX_CHILDREN))
    size = n_adults + n_children
    kept = int(np.searchsorted(np.cumsum(size), n)) + 1
    size = size[:kept].copy()
    # The last household is cut to fit; its adults stand first, so it loses children.
    size[-1] -= size.sum() - n
    start = np.cumsum(size) - size
    of = dict(rates.origins)
    shares = np.array([of.get(origin.code, 0.0) for origin in ORIGINS])
    households = Households(
        start=start,
        size=size,
        origin=rng.choice(len(ORIGINS), kept, p=shares / shares.sum()),
        exposure=rng.gamma(rates.exposure_shape, 1 / rates.exposure_shape, kept),
        place=rng.random(kept),
    )
    position = np.arange(n) - np.repeat(start, size)
    child = position >= np.repeat(n_adults[:kept], size)
    any_sex = (rng.random(n) < 0.5).astype(np.int64)
    # The first adult of a family is the mother, the second the father.
    parent = ~child & np.repeat(~single[:kept], size)
    return households, child, np.where(parent, np.minimum(position, MAN), any_sex)


def _birth(
    households: Households, child: Bools, rates: PopulationRates, *, rng: np.random.Generator
) -> NDArray[np.datetime64]:
    """Draw birth dates: the youngest child first, its siblings before it, the parents a generation earlier."""
    n, size = len(child), households.size
    household = np.repeat(np.arange(len(size)), size)
    gap = rng.uniform(*_SIBLING_GAP, n)
    last = np.zeros(n, dtype=bool)
    last[households.start + size - 1] = True
    twin = last & child & (rng.random(n) < rates.twins)
    # Age grows from the last child of a household to the first: a running sum from the right, begun anew in each.
    step = np.where(child, np.where(last, rng.uniform(*_YOUNGEST_CHILD, n), np.where(np.roll(twin, -1), 0.0, gap)), 0.0)
    running = np.cumsum(step[::-1])[::-1]
    after = np.r_[running, 0.0][households.start + size]
    child_age = running - after[household]
    eldest = child_age[households.start]
    adult_age = np.where(eldest[household] > 0, eldest[household] + rng.uniform(*_PARENT_AT_BIRTH, n), 0.0)
    age = np.where(child, child_age, np.where(adult_age > 0, adult_age, rng.uniform(*_SINGLE_AGE, n)))
    birth = np.datetime64(rates.reference_date) - (age * _YEAR_DAYS).astype(np.int64)
    foreign = np.array([origin.code != "swedish" for origin in ORIGINS])[households.origin[household]]
    default = foreign & (rng.random(n) < rates.default_date)
    year = birth.astype("datetime64[Y]")
    first = np.where(rng.random(n) < 0.75, year.astype("datetime64[M]"), year.astype("datetime64[M]") + 6)
    # A first of July may lie after the reference date only for a child of that year; it keeps its date.
    first_day = first.astype("datetime64[D]")
    return np.where(default & (first_day <= birth), first_day, birth)


def _names(
    households: Households, child: Bools, sex: Ints, *, source: tuple[Names, PopulationRates, np.random.Generator]
) -> tuple[Ints, Ints, Ints]:
    """Draw given names, the name each person is called by, and family names after the custom of the origin."""
    names, rates, rng = source
    n = len(child)
    household = np.repeat(np.arange(len(households.size)), households.size)
    origin = households.origin[household]
    given = _given(origin, sex, names, rng=rng)
    _part_siblings(given, household, (origin, sex, names, rng))
    several = (given >= 0).sum(axis=1)
    called = np.where(rng.random(n) < rates.called_other, rng.integers(0, np.maximum(several, 1)), 0)
    family = _families(households, (child, sex, given), names, rng=rng)
    double = ~np.isin(origin, [*_TWO, *_FATHER]) & (rng.random(n) < rates.double_family)
    family[double, 1] = _other_family(origin[double], sex[double], names, rng=rng)
    family[family[:, 1] == family[:, 0], 1] = -1
    _make_cousins(households, (child, sex, given, family), rates, rng=rng)
    respelled = rng.random(n) < rates.other_spelling
    given[respelled] = names.vocabulary.other(given[respelled], rng)
    # A family is registered in one spelling, so it is the household that is respelled.
    respelled = (rng.random(len(households.size)) < rates.other_spelling)[household]
    step = rng.integers(0, 1 << 16, len(households.size))[household]
    family[respelled] = _same_step(family[respelled], step[respelled], names)
    return given, called, family


def _same_step(family: Ints, step: Ints, names: Names) -> Ints:
    """Respell names by an equal step for all of a household, so that equal names stay equal."""
    vocabulary = names.vocabulary
    start, size = vocabulary.start[family], vocabulary.size[family]
    return np.where(family < 0, -1, start + (family - start + step[:, None]) % size)


def _given(origin: Ints, sex: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    """Draw one to three given names for each person, from the pool of its origin and sex."""
    result = np.full((len(origin), _MAX_GIVEN), -1, dtype=np.int64)
    for code, pool in enumerate(names.pools):
        for gender in (WOMAN, MAN):
            rows = np.flatnonzero((origin == code) & (sex == gender))
            drawn = rng.choice(pool.given[gender], (len(rows), _MAX_GIVEN), p=pool.given_p[gender])
            count = rng.choice(_MAX_GIVEN, len(rows), p=ORIGINS[code].given) + 1
            repeated = np.column_stack([drawn[:, 1] == drawn[:, 0], (drawn[:, 2:] == drawn[:, :2]).any(axis=1)])
            drawn[:, 1:][repeated] = -1
            drawn[np.arange(_MAX_GIVEN) >= count[:, None]] = -1
            result[rows] = drawn
    # A name that came twice left a gap; names stand from the left.
    order = np.argsort(result < 0, axis=1, kind="stable")
    return np.take_along_axis(result, order, axis=1)


def _part_siblings(given: Ints, household: Ints, source: tuple[Ints, Ints, Names, np.random.Generator]) -> None:
    """Draw names again for persons whose first name another one of their household has."""
    origin, sex, names, rng = source
    for _ in range(8):
        order = np.lexsort((given[:, 0], household))
        same = (given[order[1:], 0] == given[order[:-1], 0]) & (household[order[1:]] == household[order[:-1]])
        again = order[1:][same]
        if not again.size:
            return
        given[again] = _given(origin[again], sex[again], names, rng=rng)


def _draw_family(origin: Ints, names: Names, rng: np.random.Generator) -> Ints:
    """Draw a family name for each, (n, 2) in the form of a woman and of a man."""
    result = np.full((len(origin), 2), -1, dtype=np.int64)
    for code, pool in enumerate(names.pools):
        rows = np.flatnonzero(origin == code)
        if len(pool.family):
            result[rows] = pool.family[rng.choice(len(pool.family), len(rows), p=pool.family_p)]
        else:
            result[rows] = rng.choice(pool.given[MAN], len(rows), p=pool.given_p[MAN])[:, None]
    return result


def _other_family(origin: Ints, sex: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    drawn = _draw_family(origin, names, rng)
    return drawn[np.arange(len(origin)), sex]


def _families(
    households: Households, persons: tuple[Bools, Ints, Ints], names: Names, *, rng: np.random.Generator
) -> Ints:
    """Give family names after the custom of the household's origin."""
    child, sex, given = persons
    n = len(child)
    household = np.repeat(np.arange(len(households.size)), households.size)
    origin = households.origin[household]
    shared = _draw_family(households.origin, names, rng)
    other = _draw_family(households.origin, names, rng)
    family = np.full((n, 2), -1, dtype=np.int64)
    family[:, 0] = shared[household, sex]
    two = np.isin(origin, list(_TWO))
    family[two, 1] = other[household[two], sex[two]]
    # A child's family name is its father's given name; a father who is not met has one all the same.
    father = households.start + 1
    met = (households.size > 1) & ~child[np.minimum(father, n - 1)]
    fathers_name = np.where(met, given[np.minimum(father, n - 1), 0], shared[:, MAN])
    from_father = np.isin(origin, list(_FATHER))
    own = _other_family(origin, sex, names, rng=rng)
    family[from_father, 0] = np.where(child, fathers_name[household], own)[from_father]
    return family


def _make_cousins(
    households: Households, persons: tuple[Bools, Ints, Ints, Ints], rates: PopulationRates, *, rng: np.random.Generator
) -> None:
    """Let some families bear the family name of another one of their origin, and a child the names of a cousin."""
    child, sex, given, family = persons
    last = households.start + households.size - 1
    for code in range(len(ORIGINS)):
        families = np.flatnonzero((households.origin == code) & child[last])
        chosen = families[rng.random(len(families)) < rates.cousins]
        model = families[rng.integers(0, max(len(families), 1), len(chosen))] if len(families) else chosen
        for mine, theirs in zip(chosen.tolist(), model.tolist(), strict=True):
            one, other = last[mine], last[theirs]
            if mine == theirs or sex[one] != sex[other]:
                continue
            rows = slice(households.start[mine], households.start[mine] + households.size[mine])
            by_sex = {int(sex[i]): family[i] for i in range(households.start[theirs], last[theirs] + 1)}
            for person in range(rows.start, rows.stop):
                family[person] = by_sex.get(int(sex[person]), family[person])
            given[one] = given[other]


def _changes(n: int, rates: PopulationRates, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Draw a day within the years of events on which a name or number may change."""
    days = round(rates.years * _YEAR_DAYS)
    return np.datetime64(rates.reference_date) - rng.integers(0, days, n)


def _numbers(
    households: Households,
    household: Ints,
    persons: tuple[NDArray[np.datetime64], Ints],
    *,
    source: tuple[PopulationRates, Serials, np.random.Generator],
) -> tuple[NDArray[np.object_], NDArray[np.object_], int]:
    """Give numbers by household: personnummer, samordningsnummer or none; some had the second before the first."""
    (birth, sex), (rates, serials, rng) = persons, source
    n = len(household)
    swedish = np.array([origin.code == "swedish" for origin in ORIGINS])[households.origin]
    chance = rng.random(len(swedish))
    resident = (swedish | (chance < rates.personnummer))[household]
    coordinated = ~swedish & (chance >= rates.personnummer) & (chance < rates.personnummer + rates.samordningsnummer)
    renumbered = resident & ~swedish[household] & (rng.random(n) < rates.renumbered)
    number, earlier = np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    man = sex == MAN
    number[resident], beyond = assign_numbers(birth[resident], man[resident], samordning=False, serials=serials)
    rows = coordinated[household] | renumbered
    drawn, more = assign_numbers(birth[rows], man[rows], samordning=True, serials=serials)
    every = np.full(n, None, dtype=object)
    every[rows] = drawn
    number[coordinated[household]] = every[coordinated[household]]
    earlier[renumbered] = every[renumbered]
    return number, earlier, beyond + more


def _passports(n: int, rates: PopulationRates, rng: np.random.Generator) -> NDArray[np.object_]:
    """Give passports: two letters and seven digits, in no country's real form."""
    letters = np.array(list("ABCDEFGHJKLMNPRSTUVWXYZ"))
    first, second = letters[rng.integers(0, len(letters), (2, n))]
    digits = rng.integers(0, 10_000_000, n)
    held = rng.random(n) < rates.passport
    return np.array(
        [f"{a}{b}{d:07d}" if h else None for a, b, d, h in zip(first, second, digits, held, strict=True)], dtype=object
    )
