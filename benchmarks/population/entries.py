"""How a body writes a person down: its habits, and the errors on top of them.

An *entry* is one person written down at one time. Its columns are arrays over all entries of a body; the rare entries
that an error hits are picked first and changed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import spelling
from benchmarks.population.assumptions import Body, ErrorRates
from benchmarks.population.numbers import interim_numbers
from benchmarks.population.people import Population

__all__ = ["write_identities"]

# A T-number mostly comes without a valid check digit (IVO); a guess.
_INTERIM_VALID: Final = 0.3

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where entries are written: whom and when, by which habits, with which errors."""

    population: Population
    person: Ints
    day: NDArray[np.datetime64]
    body: Body
    rates: ErrorRates
    rng: np.random.Generator

    def hit(self, rate: float, *, among: Bools | None = None) -> Bools:
        """Draw which entries an error of the body hits."""
        mask = self.chance(rate * self.body.errors)
        return mask if among is None else mask & among

    def chance(self, probability: float) -> Bools:
        """Draw which entries a habit of the body concerns."""
        return self.rng.random(len(self.person)) < probability


def write_identities(
    population: Population,
    person: Ints,
    day: NDArray[np.datetime64],
    *,
    body: Body,
    rates: ErrorRates,
    rng: np.random.Generator,
) -> dict[str, Texts]:
    """Write persons down as one body does.

    Args:
        population: The people.
        person: (e,) who is written down.
        day: (e,) datetime64[D], when; before a change of name or number the former one is in force.
        body: The habits.
        rates: The errors.
        rng: Draws everything; equal state, equal result.

    Returns:
        The columns of the body, each (e,) object, None where nothing is written.
    """
    desk = _Desk(population, person, day, body, rates, rng)
    given, family = _names(desk)
    columns = {
        "number": _numbers(desk) if body.number else None,
        "foreign_number": _passports(desk) if "foreign_number" in body.columns else None,
        "given_names": given,
        "family_names": family,
        "birth_date": _dates(desk),
        "sex": _sexes(desk),
    }
    return {name: column for name, column in columns.items() if name in body.columns and column is not None}


def _change(texts: Texts, rows: Bools, change: Callable[[str], str]) -> None:
    """Change the texts of some rows in place, those that are there."""
    for i in np.flatnonzero(rows):
        if texts[i]:
            texts[i] = change(texts[i])


def _names(desk: _Desk) -> tuple[Texts, Texts]:
    """Write given and family names, with the slips of the hand and the letters that get lost."""
    given, family = _given(desk), _family(desk)
    for texts in (given, family):
        _change(texts, desk.hit(desk.rates.part_lost), lambda text: spelling.lose_part(text, desk.rng))
        _change(texts, desk.hit(desk.rates.hyphen_lost, among=_has_hyphen(texts)), _lose_hyphen(desk.rng))
    everyone = np.ones(len(given), dtype=bool)
    letters: list[tuple[Bools, Callable[[str], str]]] = [
        (desk.hit(desk.rates.travel_letters), spelling.travel_letters),
        (everyone & (not desk.body.native_letters), spelling.register_letters),
        (desk.hit(desk.rates.folded), spelling.fold),
        (desk.hit(desk.rates.mojibake), spelling.mojibake),
    ]
    for rows, change in letters:
        _change(given, rows, change)
        _change(family, rows, change)
    for texts in (given, family):
        _change(texts, desk.hit(desk.rates.typo), lambda text: spelling.typo(text, desk.rng))
    if desk.body.capitals:
        _change(family, everyone, str.upper)
    swapped = desk.hit(desk.rates.swapped)
    given[swapped], family[swapped] = family[swapped], given[swapped]
    for texts in (given, family):
        texts[desk.chance(desk.body.no_name)] = None
    return given, family


def _lose_hyphen(rng: np.random.Generator) -> Callable[[str], str]:
    return lambda text: spelling.lose_hyphen(text, rng)


def _has_hyphen(texts: Texts) -> Bools:
    return np.array(["-" in text for text in texts], dtype=bool)


def _given(desk: _Desk) -> Texts:
    """Write all given names, or the one that a person is called by, or the first."""
    population, person = desk.population, desk.person
    names, joined = population.given[person], population.joined[person]
    called = population.called[person] if desk.body.given == "called" else np.zeros_like(person)
    other = desk.rng.integers(0, len(population), len(person))
    alias = desk.hit(desk.rates.alias, among=population.sex[other] == population.sex[person])
    names[alias] = population.given[other[alias]]
    called[alias] = 0
    names = _respell(names, desk)
    if desk.body.given != "all":
        # The two halves of a joined name are one name; any other one stands alone.
        both = joined & (called < 2)
        first = np.where(both, names[:, 0], np.take_along_axis(names, called[:, None], axis=1)[:, 0])
        names = np.column_stack([first, np.where(both, names[:, 1], -1), np.full_like(first, -1)])
        joined = both
    return _join(names, joined & (names[:, 1] >= 0), population)


def _family(desk: _Desk) -> Texts:
    """Write the family names, the former one before a change and sometimes after it."""
    population, person = desk.population, desk.person
    names = population.family[person]
    earlier = population.earlier_family[person]
    former = (earlier >= 0) & ((desk.day < population.changed[person]) | desk.hit(desk.rates.old_name))
    names[former, 0] = earlier[former]
    return _join(_respell(names, desk), np.zeros(len(person), dtype=bool), population)


def _respell(names: Ints, desk: _Desk) -> Ints:
    """Write some names in another spelling of theirs."""
    rows = desk.rng.random(names.shape) < desk.rates.variant * desk.body.errors
    return np.where(rows, desk.population.names.vocabulary.other(names, desk.rng), names)


def _join(names: Ints, hyphen: Bools, population: Population) -> Texts:
    """Put the names of each row together, the first two with a hyphen where asked for."""
    text = population.names.vocabulary.text
    joined: Texts = text[names[:, 0]].copy()
    for place in range(1, names.shape[1]):
        rows = names[:, place] >= 0
        between = np.where(hyphen[rows], "-", " ").astype(object) if place == 1 else " "
        joined[rows] = joined[rows] + between + text[names[rows, place]]
    return joined


def _dates(desk: _Desk) -> Texts:
    """Write birth dates, some of them wrong, some in part, some not at all."""
    birth = desk.population.birth[desk.person]
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = birth.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (birth - birth.astype("datetime64[M]")).astype(np.int64) + 1
    exchanged = desk.hit(desk.rates.day_month, among=day <= 12)
    month, day = np.where(exchanged, day, month), np.where(exchanged, month, day)
    # Days up to 28 stay days of every month, whatever was exchanged.
    beside = np.where(day + 10 <= 28, day + 10, np.where(day > 1, day - 1, day + 1))
    beside = np.where(desk.chance(0.7), np.where((day > 1), day - 1, day + 1), beside)
    day = np.where(desk.hit(desk.rates.date_digit), beside, day)
    default = desk.hit(desk.rates.date_default)
    month, day = np.where(default, 1, month), np.where(default, 1, day)
    off = desk.rng.integers(1, 4, len(year)) * desk.rng.choice([-1, 1], len(year))
    # The 29 February of another year may not exist.
    wrong = desk.hit(desk.rates.year_off, among=~((month == 2) & (day == 29)))
    year = np.where(wrong, np.minimum(year + off, desk.population.rates.reference_date.year), year)
    parts = desk.rng.choice(4, len(year), p=desk.body.date_parts)
    forms = ("{:04d}-{:02d}-{:02d}", "{:04d}-{:02d}", "{:04d}", "")
    rows = zip(parts.tolist(), year.tolist(), month.tolist(), day.tolist(), strict=True)
    return _column([forms[part].format(y, m, d) or None for part, y, m, d in rows])


def _sexes(desk: _Desk) -> Texts:
    """Write the sex in the body's own words."""
    sex = desk.population.sex[desk.person]
    sex = np.where(desk.hit(desk.rates.sex_wrong), 1 - sex, sex)
    words = np.array(desk.body.sex_words, dtype=object)[sex]
    words[desk.chance(desk.body.no_sex)] = None
    return words


def _passports(desk: _Desk) -> Texts:
    """Write passport numbers where the body has seen the passport."""
    numbers: Texts = desk.population.passport[desk.person].copy()
    numbers[desk.chance(desk.body.no_passport)] = None
    _change(numbers, desk.hit(desk.rates.number_typo), lambda text: spelling.number_slip(text, desk.rng))
    return numbers


def _numbers(desk: _Desk) -> Texts:
    """Write numbers: the one in force, or a former, a relative's, a wrong, an interim one, or none."""
    population, person = desk.population, desk.person
    earlier = population.earlier_number[person]
    former = (desk.day < population.changed[person]) | desk.hit(desk.rates.number_old)
    numbers: Texts = np.where(former & _there(earlier), earlier, population.number[person])
    relative = population.number[_relatives(desk)]
    numbers = np.where(desk.hit(desk.rates.number_relative, among=_there(relative)), relative, numbers)
    numbers[desk.chance(desk.body.no_number) | desk.hit(desk.rates.number_missing)] = None
    _change(numbers, desk.hit(desk.rates.number_typo), lambda text: spelling.number_slip(text, desk.rng))
    if desk.body.interim:
        valid = desk.rng.random(len(population)) < _INTERIM_VALID
        interim = interim_numbers(population.birth, valid=valid, rng=desk.rng)[person]
        numbers = np.where(_there(numbers), numbers, interim)
    return _column([None if number is None else _format(number, desk.body.number) for number in numbers])


def _there(texts: Texts) -> Bools:
    return np.array([text is not None for text in texts], dtype=bool)


def _relatives(desk: _Desk) -> Ints:
    """Draw for each entry a person of the same household, who may be the same person."""
    households = desk.population.households
    household = desk.population.household[desk.person]
    step = (desk.rng.random(len(household)) * households.size[household]).astype(np.int64)
    return households.start[household] + step


def _format(number: str, form: str | None) -> str:
    """Write twelve digits as `dash12`, `dash10` or `plain12`."""
    if form == "plain12":
        return number
    return f"{number[2:8] if form == 'dash10' else number[:8]}-{number[8:]}"


def _column(values: list[str | None]) -> Texts:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
