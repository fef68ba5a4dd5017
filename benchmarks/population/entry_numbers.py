"""How a body writes numbers: the one in force, a former, a relative's, a wrong or an invented one, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import spelling
from benchmarks.population.desk import Desk
from benchmarks.population.households import MAN
from benchmarks.population.invented import dossier_numbers, interim_numbers, reserve_numbers
from benchmarks.population.ladder import LEVEL_NAMES
from benchmarks.population.numbers import NO_NUMBER, day_number, is_samordning, number_texts

__all__ = ["NUMBER_IS", "Written", "write_numbers", "write_passports"]

NUMBER_IS: Final = ("none", "registered", "former", "relative", "borrowed", "mistyped", "invented", "placeholder")
"""What stands in the column `number`, against what is registered on that day."""

_NONE, _REGISTERED, _FORMER, _RELATIVE, _BORROWED, _MISTYPED, _INVENTED, _PLACEHOLDER = range(len(NUMBER_IS))
_PLACEHOLDERS: Final = ("0", "000000-0000", "okänt", "saknas", "99999999-9999")
_CENTURY_YEARS: Final = 100

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Written:
    """What was written as number, and what it is.

    Attributes:
        columns: The number columns of the body.
        kind: (e,) object, the type of what stands in `number`, None where nothing does.
        what: (e,) place in `NUMBER_IS`.
    """

    columns: dict[str, Texts]
    kind: Texts
    what: Ints


def write_numbers(desk: Desk) -> Written:
    """Write the number columns of a body.

    Returns:
        The columns, and what they hold.
    """
    n = len(desk.person)
    if desk.body.number is None:
        return Written({}, np.full(n, None, dtype=object), np.zeros(n, dtype=np.int64))
    code, what = _codes(desk)
    texts = number_texts(code, desk.body.number)
    _mark_hundred(desk, texts)
    kind: Texts = np.where(is_samordning(code), "samordningsnummer", np.where(code >= 0, "personnummer", None))
    right = texts.copy()
    wrong = desk.hit(desk.rates.number_typo, among=code >= 0)
    desk.change(texts, wrong, "number_typo", _slip(desk))
    # Two equal neighbours exchanged leave the number as it was.
    what[texts != right] = _MISTYPED
    columns = {"number": texts}
    second, second_kind = _second(desk, code)
    invented = _invent(desk, (texts, kind, what))
    known = desk.population.asylum[desk.person] & desk.known_before() & desk.chance(desk.body.dossier)
    if known.any():
        dossiers = dossier_numbers(desk.population.first_person + desk.person)
        # Where it is the only number, it stands first.
        first = known & (what == _NONE)
        texts[first], kind[first], what[first] = dossiers[first], "dossier", _INVENTED
        rest = known & ~first & np.equal(second_kind, None)
        second[rest], second_kind[rest] = dossiers[rest], "dossier"
    _type_placeholders(desk, (texts, kind, what), among=(what == _NONE) & ~invented)
    columns |= {"number_type": kind, "number_2": second, "number_type_2": second_kind}
    columns["number_level"] = _levels(desk, kind)
    columns["number_level_2"] = np.where(second_kind == "samordningsnummer", _levels(desk, second_kind), None)
    columns["number_type"] = np.where(what == _PLACEHOLDER, None, kind)
    return Written({name: c for name, c in columns.items() if name in desk.body.columns}, kind, what)


def write_passports(desk: Desk) -> Texts:
    """Write passport numbers where the body has seen the passport; one of a former identity is not carried on."""
    numbers: Texts = desk.population.passport[desk.person]
    numbers[desk.chance(desk.body.no_passport) | ~desk.known_before()] = None
    slips = desk.hit(desk.rates.number_typo)
    desk.change(numbers, slips, "number_typo", _slip(desk))
    return numbers


def _slip(desk: Desk) -> Callable[[str], str]:
    return lambda text: spelling.number_slip(text, desk.rng, exchanged=desk.rates.digits_exchanged)


def _codes(desk: Desk) -> tuple[Ints, Ints]:
    """Draw which number is written: of whom, of which time, or none."""
    population, person = desk.population, desk.person
    code, earlier = _in_force(desk)
    what = np.where(code >= 0, _REGISTERED, _NONE)
    old = desk.hit(desk.rates.number_old, among=(earlier >= 0) & desk.changed() & desk.known_before())
    code, what = np.where(old, earlier, code), np.where(old, _FORMER, what)
    strangers = desk.rng.integers(0, len(population), len(person))
    for flag, others, it_is in (
        ("number_relative", _relatives(desk), _RELATIVE),
        ("number_borrowed", strangers, _BORROWED),
    ):
        other = population.ladder.number[others]
        among = (other >= 0) & (others != person) & ~population.ladder.protected[others]
        rows = desk.hit(getattr(desk.rates, flag), among=among)
        code, what = np.where(rows, other, code), np.where(rows, it_is, what)
        desk.mark(rows, flag)
    desk.mark(old & (what == _FORMER), "number_old")
    missing = desk.hit(desk.rates.number_missing, among=code >= 0) | desk.chance(desk.body.no_number)
    desk.mark(missing & (code >= 0), "number_missing")
    return np.where(missing, NO_NUMBER, code), np.where(missing, _NONE, what)


def _in_force(desk: Desk) -> tuple[Ints, Ints]:
    """Return the number in force on the day, and the one before it."""
    ladder = desk.population.ladder
    number, earlier = ladder.number[desk.person], ladder.earlier[desk.person]
    code = np.where((earlier >= 0) & ~desk.changed(), earlier, number)
    return np.where(desk.day < ladder.first[desk.person], NO_NUMBER, code), earlier


def _second(desk: Desk, code: Ints) -> tuple[Texts, Texts]:
    """Write a former number beside the one of today, where the body has a column for it."""
    n = len(desk.person)
    if "number_2" not in desk.body.columns:
        return np.full(n, None, dtype=object), np.full(n, None, dtype=object)
    earlier = desk.population.ladder.earlier[desk.person]
    told = desk.chance(desk.body.second) & desk.changed() & desk.known_before() & (code >= 0) & (earlier != code)
    earlier = np.where(told, earlier, NO_NUMBER)
    kind: Texts = np.where(is_samordning(earlier), "samordningsnummer", np.where(earlier >= 0, "personnummer", None))
    return number_texts(earlier, desk.body.number or ""), kind


def _invent(desk: Desk, written: tuple[Texts, Texts, Ints]) -> Bools:
    """Write an interim or reserve number where there is none, in place; say where."""
    texts, kind, what = written
    rows = np.flatnonzero((what == _NONE) & (desk.body.invents is not None))
    person = desk.person[rows]
    birth, lot = day_number(desk.population.birth[person]), desk.lot()[rows]
    if desk.body.invents == "interim":
        texts[rows], kind[rows] = interim_numbers(birth, lot, desk.population.rates), "interim"
    elif desk.body.invents == "reserve":
        # A person has the number since the first visit, some year of the time of events.
        last = desk.population.rates.reference_date.year
        year = last - lot % max(desk.population.rates.years, 1)
        man, national = desk.population.sex[person] == MAN, desk.population.rates.reserve_national
        texts[rows], kind[rows] = reserve_numbers(birth, man, lot=lot, year=year, national=national)
    what[rows] = _INVENTED
    invented = np.zeros(len(texts), dtype=bool)
    invented[rows] = True
    return invented


def _type_placeholders(desk: Desk, written: tuple[Texts, Texts, Ints], *, among: Bools) -> None:
    texts, kind, what = written
    rows = desk.hit(desk.rates.number_placeholder, among=among)
    words = desk.rng.integers(0, len(_PLACEHOLDERS), len(texts))
    texts[rows] = np.array(_PLACEHOLDERS, dtype=object)[words[rows]]
    kind[rows], what[rows] = "placeholder", _PLACEHOLDER
    desk.mark(rows, "number_placeholder")


def _levels(desk: Desk, kind: Texts) -> Texts:
    """Write the level of identity of a samordningsnummer on the day."""
    ladder = desk.population.ladder
    level = ladder.level[desk.person] + (desk.day < ladder.raised[desk.person])
    names = np.array(LEVEL_NAMES, dtype=object)[np.minimum(level, len(LEVEL_NAMES) - 1)]
    return np.where(kind == "samordningsnummer", names, None)


def _mark_hundred(desk: Desk, texts: Texts) -> None:
    """Write a plus in a number of ten digits from the year in which the person turns a hundred."""
    if desk.body.number != "dash10":
        return
    year = desk.day.astype("datetime64[Y]") - desk.population.birth[desk.person].astype("datetime64[Y]")
    rows = year.astype(np.int64) >= _CENTURY_YEARS
    desk.change(texts, rows, None, lambda text: text.replace("-", "+"))


def _relatives(desk: Desk) -> Ints:
    """Draw for each entry a person of the same household, who may be the same person."""
    households = desk.population.households
    household = desk.population.household[desk.person]
    step = (desk.rng.random(len(household)) * households.size[household]).astype(np.int64)
    return households.start[household] + step
