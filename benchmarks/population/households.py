"""Households with the ages and sexes of their members: families, couples and single persons, by kind of population.

Persons are ordered by household; in a family adults come first, then children from the eldest to the youngest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.kinds import N_AGES
from benchmarks.population.names import ORIGINS
from benchmarks.population.rates import PopulationRates

__all__ = ["MAN", "MAX_CHILDREN", "WOMAN", "YEAR_DAYS", "Households", "Members", "draw_households"]

WOMAN: Final = 0
MAN: Final = 1
MAX_CHILDREN: Final = 6
YEAR_DAYS: Final = 365.25
# Children leave home at this age in the national kind; nobody younger lives alone.
_LEAVES_HOME: Final = 20
_ADULT: Final = 18

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Households:
    """The persons who live together; persons are ordered by household.

    Attributes:
        start: (h,) the first person of each household.
        size: (h,) the number of its persons.
        origin: (h,) index in `ORIGINS`.
        exposure: (h,) float64, mean 1: factor on its contacts with reporters.
        place: (h,) float64 in [0, 1), which selects a municipality.
    """

    start: Ints
    size: Ints
    origin: Ints
    exposure: Floats
    place: Floats

    def members(self) -> Ints:
        """Return the household of each person, (n,)."""
        return np.repeat(np.arange(len(self.size)), self.size)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Members:
    """The members of households.

    Attributes:
        child: (n,) bool, a child of the family, of any age.
        sex: (n,) `WOMAN` or `MAN`.
        age: (n,) float64, years at the reference date.
        twin: (n,) bool, has a twin in the household.
    """

    child: Bools
    sex: Ints
    age: Floats
    twin: Bools


def draw_households(
    n: int, form: str, rates: PopulationRates, ages: Floats, *, rng: np.random.Generator
) -> tuple[Households, Members]:
    """Draw households of one form with `n` persons in total.

    Args:
        n: Number of persons.
        form: `cases`, `children`, `adults` or `national`.
        rates: The assumptions.
        ages: (101, 2) shares by age and sex; not used by `cases` and `children`.
        rng: Draws everything.

    Returns:
        The households and their members.
    """
    if form == "adults":
        size, members = _alone(n, ages, rng)
    elif form == "national":
        size, members = _country(n, rates, ages, rng=rng)
    else:
        size, members = _families(n, rates, children_only=form == "children", rng=rng)
    of = dict(rates.origins)
    shares = np.array([of.get(origin.code, 0.0) for origin in ORIGINS])
    h = len(size)
    households = Households(
        start=np.cumsum(size) - size,
        size=size,
        origin=rng.choice(len(ORIGINS), h, p=shares / shares.sum()),
        exposure=rng.gamma(rates.exposure_shape, 1 / rates.exposure_shape, h),
        place=rng.random(h),
    )
    return households, members


def _alone(n: int, ages: Floats, rng: np.random.Generator) -> tuple[Ints, Members]:
    """Draw single adults with the ages of the country."""
    age, sex = _draw_ages(n, np.where(np.arange(N_AGES)[:, None] < _ADULT, 0.0, ages), rng)
    return np.ones(n, dtype=np.int64), Members(np.zeros(n, dtype=bool), sex, age, np.zeros(n, dtype=bool))


def _draw_ages(n: int, shares: Floats, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Draw ages and sexes from their joint shares; ages are uniform within a year."""
    edges = np.cumsum(shares.ravel())
    cell = np.searchsorted(edges / edges[-1], rng.random(n), side="right")
    return cell // 2 + rng.random(n), cell % 2


def _families(n: int, rates: PopulationRates, *, children_only: bool, rng: np.random.Generator) -> tuple[Ints, Members]:
    """Draw single persons and families, or the children of families only, until there are `n` persons."""
    single = rng.random(n) < rates.single
    n_adults = np.where(single, 1, 1 + (rng.random(n) < rates.two_parents))
    if children_only:
        n_adults = np.zeros(n, dtype=np.int64)
    n_children = np.where(single, 0, np.minimum(rng.geometric(1 - rates.more_children, n), MAX_CHILDREN))
    size = n_adults + n_children
    kept = int(np.searchsorted(np.cumsum(size), n)) + 1
    size = size[:kept].copy()
    # The last household is cut to fit; adults come first, so it loses children.
    size[-1] -= size.sum() - n
    start = np.cumsum(size) - size
    position = np.arange(n) - np.repeat(start, size)
    child = position >= np.repeat(n_adults[:kept], size)
    alone = np.repeat(single[:kept] & ~child[start], size)
    woman = np.where(alone, rates.single_woman, 0.5)
    sex = (rng.random(n) >= woman).astype(np.int64)
    # The first adult of a family is the mother, the second the father.
    sex = np.where(child | alone, sex, np.minimum(position, MAN))
    age, twin = _family_ages(start, size, child, rates=rates, rng=rng)
    return size, Members(child, sex, age % rates.youngest_child if children_only else age, twin)


def _family_ages(
    start: Ints, size: Ints, child: Bools, *, rates: PopulationRates, rng: np.random.Generator
) -> tuple[Floats, Bools]:
    """Draw ages: the youngest child first, then its elder siblings, then the parents a generation earlier."""
    n = len(child)
    household = np.repeat(np.arange(len(size)), size)
    gap = rng.uniform(rates.sibling_gap_shortest, max(rates.sibling_gap_longest, rates.sibling_gap_shortest), n)
    last = np.zeros(n, dtype=bool)
    last[start + size - 1] = True
    before = np.roll(child, 1) & (np.roll(household, 1) == household)
    younger_twin = last & child & before & (rng.random(n) < rates.twins)
    elder_twin = np.roll(younger_twin, -1)
    # Age grows from the last child of a household to the first: a running sum from the right, restarted in each.
    step = np.where(last, rng.uniform(0, rates.youngest_child, n), np.where(elder_twin, 0.0, gap))
    running = np.cumsum(np.where(child, step, 0.0)[::-1])[::-1]
    child_age = running - np.r_[running, 0.0][start + size][household]
    eldest = child_age[start][household]
    parent = eldest + rng.uniform(rates.parent_youngest, max(rates.parent_oldest, rates.parent_youngest), n)
    single = rng.uniform(rates.single_youngest, max(rates.single_oldest, rates.single_youngest), n)
    # Twins share the exact age, which float sums would not guarantee.
    age = np.where(child, child_age, np.where(eldest > 0, parent, single))
    age[np.flatnonzero(younger_twin) - 1] = age[younger_twin]
    return age, younger_twin | elder_twin


def _country(n: int, rates: PopulationRates, ages: Floats, *, rng: np.random.Generator) -> tuple[Ints, Members]:
    """Draw families, couples and single persons so that ages and sexes follow the table."""
    households, family = _country_families(n, rates, ages, rng=rng)
    n_rest = n - len(family.age)
    n_children = int(family.child.sum())
    parents = np.zeros((N_AGES, 2))
    grown = ~family.child
    np.add.at(parents, (np.minimum(family.age[grown], N_AGES - 1).astype(np.int64), family.sex[grown]), 1.0)
    adults = np.where(np.arange(N_AGES)[:, None] < _LEAVES_HOME, 0.0, ages)
    wanted = np.maximum(adults / max(adults.sum(), 1e-12) * (n - n_children) - parents, 0.0)
    if not wanted.sum() > 0:
        wanted = np.maximum(adults, 1e-9)
    age, sex = _draw_ages(n_rest, wanted, rng)
    rest = int(households.max(initial=-1)) + 1 + _couples(age, sex, rates.couple, rng=rng)
    household = np.concatenate([households, rest])
    age, sex = np.concatenate([family.age, age]), np.concatenate([family.sex, sex])
    child = np.r_[family.child, np.zeros(n_rest, dtype=bool)]
    twin = np.r_[family.twin, np.zeros(n_rest, dtype=bool)]
    # Shuffled, so that every block has all kinds of households.
    _, household = np.unique(household, return_inverse=True)
    household = rng.permutation(household.max() + 1)[household]
    order = np.lexsort((-age, sex * ~child, child, household))
    return np.bincount(household), Members(child[order], sex[order], age[order], twin[order])


def _country_families(
    n: int, rates: PopulationRates, ages: Floats, *, rng: np.random.Generator
) -> tuple[Ints, Members]:
    """Draw families whose children under 20 follow the ages in the table.

    Families are drawn over a longer time, and the children who now live at home are kept; that makes the ages even
    while families still differ. Then each age is thinned to its share.
    """
    share = ages[:_LEAVES_HOME].sum(axis=1)
    n_children = int(rng.binomial(n, min(share.sum(), 0.9)))
    span = rates.sibling_gap_longest * MAX_CHILDREN
    f = 8 * n_children + 16
    eldest = rng.uniform(0, _LEAVES_HOME + span, f)
    gaps = rng.uniform(rates.sibling_gap_shortest, rates.sibling_gap_longest, (f, MAX_CHILDREN))
    count = np.minimum(rng.geometric(1 - rates.more_children, f), MAX_CHILDREN)
    last = np.arange(MAX_CHILDREN) == count[:, None] - 1
    twin = last & (rng.random((f, 1)) < rates.twins) & (count[:, None] > 1)
    gaps[:, 0] = 0.0
    gaps[twin] = 0.0
    age = eldest[:, None] - np.cumsum(gaps, axis=1)
    home = (age >= 0) & (age < _LEAVES_HOME) & (np.arange(MAX_CHILDREN) < count[:, None])
    home &= rng.random(home.shape) < (share / share.max())[np.clip(age, 0, _LEAVES_HOME - 1).astype(np.int64)]
    two = rng.random(f) < rates.two_parents
    persons = np.where(home.any(axis=1), home.sum(axis=1) + 1 + two, 0)
    kept = (np.cumsum(home.sum(axis=1)) <= n_children) & (np.cumsum(persons) <= n)
    home &= kept[:, None]
    row, place = np.nonzero(home)
    with_children = np.flatnonzero(home.any(axis=1))
    parent_age = eldest[:, None] + rng.uniform(rates.parent_youngest, rates.parent_oldest, (f, 2))
    fathers = with_children[two[with_children]]
    mate = np.where(twin, np.roll(home, 1, axis=1), np.roll(twin & home, -1, axis=1) & home)
    return np.concatenate([row, with_children, fathers]), Members(
        child=np.r_[np.ones(len(row), dtype=bool), np.zeros(len(with_children) + len(fathers), dtype=bool)],
        sex=np.r_[rng.integers(0, 2, len(row)), np.full(len(with_children), WOMAN), np.full(len(fathers), MAN)],
        age=np.r_[age[row, place], parent_age[with_children, 0], parent_age[fathers, 1]],
        twin=np.r_[mate[row, place], np.zeros(len(with_children) + len(fathers), dtype=bool)],
    )


def _couples(age: Floats, sex: Ints, share: float, *, rng: np.random.Generator) -> Ints:
    """Pair some women and men of similar age in households of two; all others live alone."""
    household = np.arange(len(age))
    women, men = (np.flatnonzero((sex == one) & (rng.random(len(age)) < share)) for one in (WOMAN, MAN))
    women, men = (rows[np.argsort(age[rows] + rng.normal(0, 2, len(rows)))] for rows in (women, men))
    # Rows are dropped from the longer list evenly over all ages.
    k = min(len(women), len(men))
    women, men = (rows[np.linspace(0, len(rows) - 1, k).astype(np.int64)] if k else rows[:0] for rows in (women, men))
    household[men] = household[women]
    return household
