"""The names of people: given by the custom of their origin and shared within families and by cousins.

Names are indexes in a vocabulary; -1 means no name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.households import MAN, WOMAN, Households, Members
from benchmarks.population.names import ORIGINS, Names, draw
from benchmarks.population.rates import PopulationRates

__all__ = ["Naming", "give_names", "other_family", "other_given", "same_step"]

_MAX_GIVEN: Final = 3
_FATHER: Final = frozenset(i for i, origin in enumerate(ORIGINS) if origin.tradition == "father")
_TWO: Final = frozenset(i for i, origin in enumerate(ORIGINS) if origin.tradition == "two")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Naming:
    """The names of `n` persons, as registered.

    Attributes:
        given: (n, 3) given names.
        called: (n,) index in `given` of the name of address.
        family: (n, 2) family names.
        joined: (n,) bool, the first two given names are joined by a hyphen.
    """

    given: Ints
    called: Ints
    family: Ints
    joined: Bools


def give_names(
    households: Households, members: Members, names: Names, rates: PopulationRates, *, rng: np.random.Generator
) -> Naming:
    """Draw given names, names of address, and family names by the custom of the origin.

    Args:
        households: The households.
        members: Their members.
        names: The vocabulary and the pools.
        rates: The assumptions.
        rng: Draws everything.

    Returns:
        The names.
    """
    n, household = len(members.sex), households.members()
    origin = households.origin[household]
    given = _given(origin, members.sex, names, rng=rng)
    _make_distinct(given, household, origin, members.sex, names, rng)
    several = (given >= 0).sum(axis=1)
    called = np.where(rng.random(n) < rates.called_other, rng.integers(0, np.maximum(several, 1)), 0)
    family = _families(households, members, given, names, rng=rng)
    double = ~np.isin(origin, [*_TWO, *_FATHER]) & (rng.random(n) < rates.double_family)
    family[double, 1] = other_family(origin[double], members.sex[double], names, rng=rng)
    family[family[:, 1] == family[:, 0], 1] = -1
    _make_cousins(households, members, given, family, rates, rng)
    respelled = rng.random(n) < rates.other_spelling
    given[respelled] = names.vocabulary.other(given[respelled], rng)
    # A family is registered in one spelling, so whole households are respelled.
    respelled = (rng.random(len(households.size)) < rates.other_spelling)[household]
    step = rng.integers(0, 1 << 16, len(households.size))[household]
    family[respelled] = same_step(family[respelled], step[respelled], names)
    joined = (given[:, 1] >= 0) & (rng.random(n) < rates.hyphen)
    return Naming(given, called, family, joined)


def same_step(name: Ints, step: Ints, names: Names) -> Ints:
    """Respell the names of each row, (k, c), by its step, (k,); equal names with equal steps stay equal."""
    vocabulary = names.vocabulary
    start, size = vocabulary.start[name], vocabulary.size[name]
    return np.where(name < 0, -1, start + (name - start + step[:, None]) % size)


def other_given(origin: Ints, sex: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    """Draw a first name for each person from the pool of its origin and sex."""
    return _given(origin, sex, names, rng=rng)[:, 0]


def other_family(origin: Ints, sex: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    """Draw a family name for each person in the form for its sex."""
    drawn = _draw_family(origin, names, rng)
    return drawn[np.arange(len(origin)), sex]


def _given(origin: Ints, sex: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    """Draw one to three given names for each person."""
    result = np.full((len(origin), _MAX_GIVEN), -1, dtype=np.int64)
    for code, pool in enumerate(names.pools):
        for gender in (WOMAN, MAN):
            rows = np.flatnonzero((origin == code) & (sex == gender))
            if not rows.size:
                continue
            drawn = pool.given[gender][draw(pool.given_p[gender], (len(rows), _MAX_GIVEN), rng)]
            count = draw(np.array(ORIGINS[code].given), len(rows), rng) + 1
            repeated = np.column_stack([drawn[:, 1] == drawn[:, 0], (drawn[:, 2:] == drawn[:, :2]).any(axis=1)])
            drawn[:, 1:][repeated] = -1
            drawn[np.arange(_MAX_GIVEN) >= count[:, None]] = -1
            result[rows] = drawn
    # Move names to the left over the gaps that repeated names left.
    order = np.argsort(result < 0, axis=1, kind="stable")
    return np.take_along_axis(result, order, axis=1)


def _make_distinct(
    given: Ints, household: Ints, origin: Ints, sex: Ints, names: Names, rng: np.random.Generator
) -> None:
    """Redraw the names of persons who share a first name with another member of their household."""
    for _ in range(8):
        order = np.lexsort((given[:, 0], household))
        same = (given[order[1:], 0] == given[order[:-1], 0]) & (household[order[1:]] == household[order[:-1]])
        again = order[1:][same]
        if not again.size:
            return
        given[again] = _given(origin[again], sex[again], names, rng=rng)


def _draw_family(origin: Ints, names: Names, rng: np.random.Generator) -> Ints:
    """Draw family names, (n, 2) in the form for a woman and for a man."""
    result = np.full((len(origin), 2), -1, dtype=np.int64)
    for code, pool in enumerate(names.pools):
        rows = np.flatnonzero(origin == code)
        if not rows.size:
            continue
        if len(pool.family):
            result[rows] = pool.family[draw(pool.family_p, len(rows), rng)]
        else:
            result[rows] = pool.given[MAN][draw(pool.given_p[MAN], len(rows), rng)][:, None]
    return result


def _families(households: Households, members: Members, given: Ints, names: Names, *, rng: np.random.Generator) -> Ints:
    """Return family names by the custom of the household's origin."""
    n, household = len(members.sex), households.members()
    origin = households.origin[household]
    shared = _draw_family(households.origin, names, rng)
    other = _draw_family(households.origin, names, rng)
    family = np.full((n, 2), -1, dtype=np.int64)
    family[:, 0] = shared[household, members.sex]
    two = np.isin(origin, list(_TWO))
    family[two, 1] = other[household[two], members.sex[two]]
    # A child's family name is its father's given name; a father outside the household gets one too.
    father = np.minimum(households.start + 1, n - 1)
    met = (households.size > 1) & ~members.child[father] & ~members.child[households.start]
    fathers_name = np.where(met, given[father, 0], shared[:, MAN])
    from_father = np.isin(origin, list(_FATHER))
    own = other_family(origin, members.sex, names, rng=rng)
    family[from_father, 0] = np.where(members.child, fathers_name[household], own)[from_father]
    return family


def _make_cousins(
    households: Households,
    members: Members,
    given: Ints,
    family: Ints,
    rates: PopulationRates,
    rng: np.random.Generator,
) -> None:
    """Assign some families the family name of another of the same origin, and one child the names of its cousin."""
    sex = members.sex
    last = households.start + households.size - 1
    for code in range(len(ORIGINS)):
        families = np.flatnonzero((households.origin == code) & members.child[last])
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
