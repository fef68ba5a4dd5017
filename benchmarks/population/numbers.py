"""Swedish numbers that are valid in form and belong to nobody.

A serial number of a person is one of 001 to 999. Skatteverket keeps 980 to 999 for its test numbers, which are never
given to a person, so the numbers here have these serials (the samordningsnummer too, day + 60). They are computed by
the rules of the form, not taken from Skatteverket's list, which is not part of this repository. A sex has ten such
serials a day. When they are used up, a person gets a number of a nearby day of the same month, as Skatteverket does
where a day has none left; that happens on 1 January above all. Only when a whole month is used up do serials go on
downwards from 979.

Test serials have a price: two persons of one birth date agree in the serial far more often than people do (one pair in
ten of equal sex, against one in five hundred). Whoever measures how often serials agree by chance asks for serials of
the whole range (`any`). Such a number may by chance be somebody's, as may one below 980 above; the population says how
many there are, and files that hold any should not leave the machine.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["TEST_SERIALS", "Serials", "assign_numbers", "check_digits", "interim_numbers"]

TEST_SERIALS: Final = range(980, 1000)
# How many persons of one sex get a number of one day before a nearby day is taken; of the whole range, not all either.
_PER_SEX: Final = {"test": len(TEST_SERIALS) // 2, "any": 400}
# Serials of one sex, and steps that walk through all of them because they share no divisor with their number. Of the
# whole range there are 499 for women (002 to 998), and 499 is prime.
_SPREAD: Final = {"test": (10, np.array([1, 3, 7, 9])), "any": (499, np.arange(1, 499))}
_SAMORDNING_DAY: Final = 60
_LUHN_WEIGHTS: Final = np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])

Days = NDArray[np.datetime64]
Serials = Literal["test", "any"]


def check_digits(digits: NDArray[np.int64]) -> NDArray[np.int64]:
    """Compute Luhn's digit over each row of nine digits (year, month, day, serial; a letter counts as 1)."""
    products = digits * _LUHN_WEIGHTS
    return -(products // 10 + products % 10).sum(axis=1) % 10


def assign_numbers(
    birth: Days, man: NDArray[np.bool_], *, samordning: bool, serials: Serials = "test"
) -> tuple[NDArray[np.object_], int]:
    """Give each person a number of its own.

    Args:
        birth: (n,) datetime64[D].
        man: (n,) bool; the serial of a man is odd.
        samordning: Whether to make samordningsnummer.
        serials: `test`, or `any` for serials scattered over the whole range.

    Returns:
        (n,) object, twelve digits, all different; and how many of them have a serial outside the test range.
    """
    if not birth.size:
        return np.zeros(0, dtype=object), 0
    room = _PER_SEX[serials]
    rank = _rank_within(birth.astype(np.int64) * 2 + man)
    day = birth.copy()
    used = _count_used(birth, man, (rank, room))
    for i in np.flatnonzero(rank >= room):
        day[i], rank[i] = _nearby(birth[i], bool(man[i]), (used, room))
    n_serials, steps = _SPREAD[serials]
    rank = np.where(rank < n_serials, _scatter(rank, day.astype(np.int64) * 2 + man, (n_serials, steps)), rank)
    # Counted from the highest serial down: 999 for a man, 998 for a woman, then every other one.
    serial = TEST_SERIALS[-1] - 2 * rank - ~man
    return _write(day, serial, _SAMORDNING_DAY if samordning else 0), int((serial < TEST_SERIALS[0]).sum())


def interim_numbers(birth: Days, *, valid: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.object_]:
    """Invent school numbers of the form YYYYMMDDTnnC; where not `valid`, the last digit is any digit."""
    digits = _date_digits(birth, 0)
    serial = rng.integers(0, 100, len(birth))
    rows = np.column_stack([digits, np.ones(len(birth), dtype=np.int64), serial // 10, serial % 10])
    check = np.where(valid, check_digits(rows), rng.integers(0, 10, len(birth)))
    text = [
        f"{day.replace('-', '')}T{number:02d}{c}"
        for day, number, c in zip(birth.astype(str), serial.tolist(), check.tolist(), strict=True)
    ]
    return np.array(text, dtype=object)


def _scatter(
    rank: NDArray[np.int64], key: NDArray[np.int64], spread: tuple[int, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Spread the ranks of each day and sex over all serials, without meeting twice."""
    n_serials, steps = spread
    mixed = (key * 2_654_435_761) % (1 << 32)
    return (rank * steps[mixed % len(steps)] + mixed // 65_536) % n_serials


def _rank_within(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the rows of each key from 0, in their order."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    start = np.r_[True, ordered[1:] != ordered[:-1]]
    rank = np.empty(len(key), dtype=np.int64)
    place = np.arange(len(key))
    rank[order] = place - np.maximum.accumulate(np.where(start, place, 0))
    return rank


def _count_used(
    birth: Days, man: NDArray[np.bool_], ranked: tuple[NDArray[np.int64], int]
) -> dict[tuple[int, bool], int]:
    """Count the serials used of each day and sex, in the months where one of them ran out."""
    rank, room = ranked
    full = np.unique(birth[rank >= room].astype("datetime64[M]"))
    rows = np.isin(birth.astype("datetime64[M]"), full) & (rank < room)
    used: dict[tuple[int, bool], int] = {}
    for day, is_man in zip(birth[rows].astype(np.int64).tolist(), man[rows].tolist(), strict=True):
        used[day, is_man] = used.get((day, is_man), 0) + 1
    return used


def _nearby(
    birth: np.datetime64, man: bool, taken_room: tuple[dict[tuple[int, bool], int], int]
) -> tuple[np.datetime64, int]:
    """Take a serial of the nearest day of the month that has room; else of the day with the fewest taken."""
    used, room = taken_room
    month = birth.astype("datetime64[M]")
    days = np.arange(month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")).astype(np.int64)
    taken = np.array([used.get((day, man), 0) for day in days.tolist()])
    best = np.lexsort((np.abs(days - birth.astype(np.int64)), np.where(taken < room, 0, taken)))[0]
    used[int(days[best]), man] = int(taken[best]) + 1
    return days[best].astype("datetime64[D]"), int(taken[best])


def _date_digits(day: Days, add_to_day: int) -> NDArray[np.int64]:
    """Write dates as six digits YYMMDD, (n, 6) int64."""
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    month = day.astype("datetime64[M]").astype(np.int64) % 12 + 1
    number = (day - day.astype("datetime64[M]")).astype(np.int64) + 1 + add_to_day
    parts = (year % 100, month, number)
    return np.column_stack([digit for part in parts for digit in (part // 10, part % 10)])


def _write(day: Days, serial: NDArray[np.int64], add_to_day: int) -> NDArray[np.object_]:
    """Put together twelve digits: century, date, serial, check digit."""
    rows = np.column_stack([_date_digits(day, add_to_day), serial // 100, serial // 10 % 10, serial % 10])
    century = (day.astype("datetime64[Y]").astype(np.int64) + 1970) // 100
    digits = np.column_stack([century // 10, century % 10, rows, check_digits(rows)]).astype(np.uint8) + ord("0")
    return digits.astype(np.uint8).view("S12").ravel().astype(str).astype(object)
