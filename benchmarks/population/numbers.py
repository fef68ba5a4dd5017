"""Swedish numbers that are valid in form and belong to no real person.

The serial of a number is 001 to 999. Skatteverket reserves 980 to 999 for test numbers, which are never issued, so the
numbers here have these serials (samordningsnummer too, with day + 60). They are computed by the rules of the form, not
taken from Skatteverket's list, which is not part of this repository. Each sex has ten such serials per day. When they
run out, a person gets a number of a nearby day of the same month, as Skatteverket does when a day is full; that happens
mostly on 1 January. Only when a whole month is full do serials continue downwards from 979.

Test serials have a price: two persons born on one day agree in the serial far more often than real people do (one pair
in ten of the same sex, against one in five hundred). To measure how often serials agree by chance, use the whole range
(`any`). A number with a serial below 980 may happen to be a real person's; the register counts them, and files that
contain any should not leave the machine.

A number is stored as one integer, `code = (day * 2 + samordning) * 10000 + last four digits`, with days counted from
1 January 1870; -1 means no number.
"""

from __future__ import annotations

import functools
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FIRST_DAY",
    "NO_NUMBER",
    "TEST_SERIALS",
    "NumberRegister",
    "Serials",
    "check_digits",
    "day_number",
    "day_texts",
    "is_samordning",
    "number_kinds",
    "number_texts",
]

TEST_SERIALS: Final = range(980, 1000)
NO_NUMBER: Final = -1
FIRST_DAY: Final = np.datetime64("1870-01-01")
_LAST_DAY: Final = np.datetime64("2101-01-01")
_N_DAYS: Final = int((_LAST_DAY - FIRST_DAY).astype(np.int64))
# Persons of one sex who get a number of one day before a nearby day is used; some of the whole range is left free too.
_PER_SEX: Final = {"test": len(TEST_SERIALS) // 2, "any": 400}
# Serials of one sex, and steps that visit all of them because they are coprime to the number of serials. In the whole
# range there are 499 for women (002 to 998), and 499 is prime.
_SPREAD: Final = {"test": (10, np.array([1, 3, 7, 9])), "any": (499, np.arange(1, 499))}
_MOST_PER_SEX: Final = 499
_SAMORDNING_DAY: Final = 60
_LUHN_WEIGHTS: Final = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])
_LAST_FOUR: Final = 10_000

Serials = Literal["test", "any"]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]


def check_digits(digits: Ints) -> Ints:
    """Compute the Luhn digit of each row of up to nine digits, the last one doubled; letters are given as digits."""
    products = digits * _LUHN_WEIGHTS[-digits.shape[1] :]
    return np.asarray(-(products // 10 + products % 10).sum(axis=1) % 10, np.int64)


def day_number(birth: NDArray[np.datetime64]) -> Ints:
    """Return the days since `FIRST_DAY`."""
    return (birth - FIRST_DAY).astype(np.int64)


def is_samordning(code: Ints) -> Bools:
    """Mark the samordningsnummer."""
    return np.asarray((code >= 0) & (code // _LAST_FOUR % 2 == 1), np.bool_)


class NumberRegister:
    """Assigns numbers without repetition, over all blocks of a population.

    Its memory does not grow: it only counts the numbers assigned per type, sex and day.

    Attributes:
        beyond_test_range: Numbers with a serial outside the range reserved for tests.
    """

    def __init__(self, serials: Serials = "test") -> None:
        self.serials: Serials = serials
        self.beyond_test_range = 0
        self._room = _PER_SEX[serials]
        self._given = np.zeros((2, 2 * _N_DAYS), dtype=np.int16)

    def assign(self, birth: NDArray[np.datetime64], man: Bools, *, samordning: bool) -> Ints:
        """Assign a number to each person.

        Args:
            birth: (n,) datetime64[D], the date wanted in the number.
            man: (n,) bool; the serial of a man is odd.
            samordning: Whether to assign samordningsnummer.

        Returns:
            (n,) int64, codes, all different.

        Raises:
            ValueError: A month has more persons of one sex than numbers.
        """
        given = self._given[int(samordning)]
        day = day_number(birth)
        key = day + man * _N_DAYS
        rank = _rank_within(key) + given[key]
        here = rank < self._room
        days, counts = np.unique(key[here], return_counts=True)
        given[days] += counts.astype(np.int16)
        for i in np.flatnonzero(~here).tolist():
            day[i], rank[i] = self._nearby(birth[i], man=bool(man[i]), given=given)
        n_serials, steps = _SPREAD[self.serials]
        rank = np.where(rank < n_serials, _scatter(rank, day * 2 + man, n_serials, steps), rank)
        # Counted from the highest serial down: 999 for a man, 998 for a woman, then every other one.
        serial = TEST_SERIALS[-1] - 2 * rank - ~man
        self.beyond_test_range += int((serial < TEST_SERIALS[0]).sum())
        return _code(day, serial, samordning=samordning)

    def _nearby(self, birth: np.datetime64, *, man: bool, given: NDArray[np.int16]) -> tuple[int, int]:
        """Take a serial of the nearest day of the month that has room, or else of the day with the fewest assigned."""
        month = birth.astype("datetime64[M]")
        days = np.arange(month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]"))
        keys = day_number(days) + man * _N_DAYS
        taken = given[keys]
        best = np.lexsort((np.abs(days - birth).astype(np.int64), np.where(taken < self._room, 0, taken)))[0]
        if taken[best] >= _MOST_PER_SEX:
            raise ValueError("a month has more persons of one sex than numbers")
        given[keys[best]] += 1
        return int(day_number(days[best])), int(taken[best])


def number_kinds(code: Ints) -> Texts:
    """Return `samordningsnummer`, `personnummer` or None for each number."""
    kinds = np.full(len(code), None, dtype=object)
    kinds[code >= 0] = "personnummer"
    kinds[is_samordning(code)] = "samordningsnummer"
    return kinds


def number_texts(code: Ints, form: str) -> Texts:
    """Write numbers as `plain12`, `dash12` or `dash10`; None where there is none."""
    dates, last = _date_texts(), _last_texts()
    texts: Texts = np.full(len(code), None, dtype=object)
    there = code >= 0
    head = dates[10 if form == "dash10" else 12][code[there] // _LAST_FOUR]
    texts[there] = head + last[form == "plain12"][code[there] % _LAST_FOUR]
    return texts


@functools.cache
def day_texts() -> Texts:
    """Return all days as YYYY-MM-DD, by their number."""
    return np.arange(FIRST_DAY, _LAST_DAY).astype(str).astype(object)


@functools.cache
def _date_texts() -> dict[int, Texts]:
    """Return the date part of numbers by `day * 2 + samordning`, for numbers of 12 and of 10 digits."""
    long = np.empty(2 * _N_DAYS, dtype=object)
    long[0::2] = [day.replace("-", "") for day in day_texts()]
    long[1::2] = [f"{day[:6]}{int(day[6:]) + _SAMORDNING_DAY}" for day in long[0::2]]
    short = np.empty_like(long)
    short[:] = [day[2:] for day in long]
    return {12: long, 10: short}


@functools.cache
def _last_texts() -> dict[bool, Texts]:
    plain = np.array([f"{n:04d}" for n in range(_LAST_FOUR)], dtype=object)
    return {True: plain, False: "-" + plain}


def _code(day: Ints, serial: Ints, *, samordning: bool) -> Ints:
    """Compute the check digit and pack the number into one integer."""
    date = FIRST_DAY + day
    year = date.astype("datetime64[Y]").astype(np.int64) + 1970
    month = date.astype("datetime64[M]").astype(np.int64) % 12 + 1
    number = (date - date.astype("datetime64[M]")).astype(np.int64) + 1 + _SAMORDNING_DAY * samordning
    parts = [digit for part in (year % 100, month, number) for digit in (part // 10, part % 10)]
    check = check_digits(np.column_stack([*parts, serial // 100, serial // 10 % 10, serial % 10]))
    return (day * 2 + samordning) * _LAST_FOUR + serial * 10 + check


def _scatter(rank: Ints, key: Ints, n_serials: int, steps: Ints) -> Ints:
    """Spread the ranks of each day and sex over all serials without collisions."""
    mixed = (key * 2_654_435_761) % (1 << 32)
    return (rank * steps[mixed % len(steps)] + mixed // 65_536) % n_serials


def _rank_within(key: Ints) -> Ints:
    """Number the rows of each key from 0 in row order."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    start = np.r_[True, ordered[1:] != ordered[:-1]][: len(key)]
    rank = np.empty(len(key), dtype=np.int64)
    place = np.arange(len(key))
    rank[order] = place - np.maximum.accumulate(np.where(start, place, 0)) if len(key) else place
    return rank
