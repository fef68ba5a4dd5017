"""How a reporter writes numbers: the one in force, a former, a relative's, a mistyped or an invented one, or none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import spelling
from benchmarks.population.desk import Desk, only
from benchmarks.population.households import MAN
from benchmarks.population.invented import dossier_numbers, interim_numbers, reserve_numbers
from benchmarks.population.ladder import LEVEL_NAMES
from benchmarks.population.numbers import NO_NUMBER, day_number, number_kinds, number_texts

__all__ = ["NUMBER_IS", "Written", "write_numbers", "write_passports"]

NUMBER_IS: Final = ("none", "registered", "former", "relative", "borrowed", "mistyped", "invented", "placeholder")
"""What the value in the column `number` is, compared with the number registered on that day."""

_NONE, _REGISTERED, _FORMER, _RELATIVE, _BORROWED, _MISTYPED, _INVENTED, _PLACEHOLDER = range(len(NUMBER_IS))
_PLACEHOLDERS: Final = ("0", "000000-0000", "okänt", "saknas", "99999999-9999")
_CENTURY_YEARS: Final = 100

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Written:
    """The numbers as written.

    Attributes:
        columns: The reporter's number columns.
        kind: (e,) object, the type of the value in `number`, None where it is empty.
        number_is: (e,) index in `NUMBER_IS`.
    """

    columns: dict[str, Texts]
    kind: Texts
    number_is: Ints


@dataclass(slots=True, eq=False)
class _Numbers:
    """The column `number` while it is written; the arrays are changed in place.

    Attributes:
        text: (e,) object, the value, None where it is empty.
        kind: (e,) object, its type.
        what: (e,) index in `NUMBER_IS`.
    """

    text: Texts
    kind: Texts
    what: Ints


def write_numbers(desk: Desk) -> Written:
    """Write the reporter's number columns."""
    n = len(desk.person)
    if desk.reporter.number is None:
        return Written({}, np.full(n, None, dtype=object), np.zeros(n, dtype=np.int64))
    code, what = _codes(desk)
    first = _Numbers(number_texts(code, desk.reporter.number), number_kinds(code), what)
    _mark_hundred(desk, first.text)
    right = first.text.copy()
    wrong = desk.hit(desk.rates.number_typo, among=code >= 0)
    desk.change(first.text, wrong, "number_typo", _slip(desk))
    # Exchanging two equal digits leaves the number as it was.
    what[first.text != right] = _MISTYPED
    second = _second(desk, code)
    invented = _invent(desk, first)
    _write_dossiers(desk, first, second)
    _type_placeholders(desk, first, among=(what == _NONE) & ~invented)
    columns = {
        "number": first.text,
        "number_type": only(first.kind, what != _PLACEHOLDER),
        "number_level": _levels(desk, first.kind),
        "number_2": second.text,
        "number_type_2": second.kind,
        "number_level_2": _levels(desk, second.kind),
    }
    return Written({name: c for name, c in columns.items() if name in desk.reporter.columns}, first.kind, what)


def write_passports(desk: Desk) -> Texts:
    """Write passport numbers where the reporter has seen the passport, but none from before a protection."""
    numbers: Texts = desk.population.passport[desk.person]
    numbers[desk.chance(desk.reporter.no_passport) | ~desk.known_before()] = None
    slips = desk.hit(desk.rates.number_typo)
    desk.change(numbers, slips, "number_typo", _slip(desk))
    return numbers


def _slip(desk: Desk) -> Callable[[str], str]:
    return lambda text: spelling.number_slip(text, desk.rng, exchanged=desk.rates.digits_exchanged)


def _codes(desk: Desk) -> tuple[Ints, Ints]:
    """Draw the number that is written, if any, and what it is."""
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
    missing = desk.hit(desk.rates.number_missing, among=code >= 0) | desk.chance(desk.reporter.no_number)
    desk.mark(missing & (code >= 0), "number_missing")
    return np.where(missing, NO_NUMBER, code), np.where(missing, _NONE, what)


def _in_force(desk: Desk) -> tuple[Ints, Ints]:
    """Return the number in force on the day, and the one before it."""
    ladder = desk.population.ladder
    number, earlier = ladder.number[desk.person], ladder.earlier[desk.person]
    code = np.where((earlier >= 0) & ~desk.changed(), earlier, number)
    return np.where(desk.day < ladder.first[desk.person], NO_NUMBER, code), earlier


def _second(desk: Desk, code: Ints) -> _Numbers:
    """Write a former number in `number_2`, if the reporter has that column."""
    n = len(desk.person)
    earlier = np.full(n, NO_NUMBER)
    if "number_2" in desk.reporter.columns:
        former = desk.population.ladder.earlier[desk.person]
        listed = desk.chance(desk.reporter.second) & desk.changed() & desk.known_before()
        earlier = np.where(listed & (code >= 0) & (former != code), former, NO_NUMBER)
    texts = number_texts(earlier, desk.reporter.number or "")
    return _Numbers(texts, number_kinds(earlier), np.where(earlier >= 0, _FORMER, _NONE))


def _write_dossiers(desk: Desk, first: _Numbers, second: _Numbers) -> None:
    """Write known dossier numbers: in `number` where it is empty, otherwise in `number_2` where that is empty."""
    known = desk.population.asylum[desk.person] & desk.known_before() & desk.chance(desk.reporter.dossier)
    if not known.any():
        return
    dossiers = dossier_numbers(desk.population.first_person + desk.person)
    alone = known & (first.what == _NONE)
    for numbers, rows in ((first, alone), (second, known & ~alone & (second.what == _NONE))):
        numbers.text[rows], numbers.kind[rows], numbers.what[rows] = dossiers[rows], "dossier", _INVENTED


def _invent(desk: Desk, numbers: _Numbers) -> Bools:
    """Write interim or reserve numbers where there is no number, and mark them."""
    rows = np.flatnonzero((numbers.what == _NONE) & (desk.reporter.invents is not None))
    person = desk.person[rows]
    birth, lot = day_number(desk.population.birth[person]), desk.lot()[rows]
    if desk.reporter.invents == "interim":
        numbers.text[rows], numbers.kind[rows] = interim_numbers(birth, lot, desk.population.rates), "interim"
    elif desk.reporter.invents == "reserve":
        # The number dates from the first visit, in one of the years of events.
        last = desk.population.rates.reference_date.year
        year = last - lot % max(desk.population.rates.years, 1)
        man, national = desk.population.sex[person] == MAN, desk.population.rates.reserve_national
        reserve = reserve_numbers(birth, man, lot=lot, year=year, national=national)
        numbers.text[rows], numbers.kind[rows] = reserve
    numbers.what[rows] = _INVENTED
    invented = np.zeros(len(numbers.what), dtype=bool)
    invented[rows] = True
    return invented


def _type_placeholders(desk: Desk, numbers: _Numbers, *, among: Bools) -> None:
    rows = desk.hit(desk.rates.number_placeholder, among=among)
    words = desk.rng.integers(0, len(_PLACEHOLDERS), len(rows))
    numbers.text[rows] = np.array(_PLACEHOLDERS, dtype=object)[words[rows]]
    numbers.kind[rows], numbers.what[rows] = "placeholder", _PLACEHOLDER
    desk.mark(rows, "number_placeholder")


def _levels(desk: Desk, kind: Texts) -> Texts:
    """Write the identity level of each samordningsnummer on the day."""
    ladder = desk.population.ladder
    level = ladder.level[desk.person] + (desk.day < ladder.raised[desk.person])
    names = np.array(LEVEL_NAMES, dtype=object)[np.minimum(level, len(LEVEL_NAMES) - 1)]
    return only(names, kind == "samordningsnummer")


def _mark_hundred(desk: Desk, texts: Texts) -> None:
    """Write a plus in ten-digit numbers from the year in which the person turns a hundred."""
    if desk.reporter.number != "dash10":
        return
    year = desk.day.astype("datetime64[Y]") - desk.population.birth[desk.person].astype("datetime64[Y]")
    rows = year.astype(np.int64) >= _CENTURY_YEARS
    desk.change(texts, rows, None, lambda text: text.replace("-", "+"))


def _relatives(desk: Desk) -> Ints:
    """Draw for each entry a member of the household, possibly the same person."""
    households = desk.population.households
    household = desk.population.household[desk.person]
    step = (desk.rng.random(len(household)) * households.size[household]).astype(np.int64)
    return households.start[household] + step
