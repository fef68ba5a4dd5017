"""Numbers that a reporter invents for a person whose number is missing or unknown.

Schools write interim numbers, regions reserve numbers, and Migrationsverket dossier numbers. The forms are those
published by Inera, Vårdgivarguiden, IVO and SCB. A person gets the same number each time, because it is derived from
the person's lot.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.numbers import check_digits, day_texts
from benchmarks.population.rates import PopulationRates

__all__ = ["REGIONS", "dossier_numbers", "interim_numbers", "reserve_numbers"]

# Reserve numbers by region, with roughly the region's share of the population (SCB 2024).
REGIONS: Final = (
    ("reserve_stockholm", 0.24), ("reserve_vgr", 0.17), ("reserve_skane", 0.14), ("reserve_varmland", 0.03)
)  # fmt: skip
_OTHERS: Final = ("reserve_inera", "national_reserve")
_DOSSIERS: Final = 90_000_000
# Coprime to the number of dossiers, so that no two persons collide.
_DOSSIER_STEP: Final = 48_271_013
_DOSSIER_FIRST: Final = 10_000_000
_LETTERS: Final = "ABCDEFGHJKLMNPRSTUXYZ"
_SKANE_LETTERS: Final = "BCDEFGHPZ"
_NRID_LETTERS: Final = "ABCDEFGHJKLMNPRSTUXYZ"
_VGR_VALUES: Final = {"K": 5, "M": 7, "X": 8}
_INERA_DAY: Final = 31
_CENTURY_STEP: Final = 3

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]


def dossier_numbers(person: Ints) -> Texts:
    """Return an eight-digit dossier number for each person of the whole population; all are different."""
    numbers = person * _DOSSIER_STEP % _DOSSIERS + _DOSSIER_FIRST
    return np.array([str(number) for number in numbers.tolist()], dtype=object)


def interim_numbers(day: Ints, lot: Ints, rates: PopulationRates) -> Texts:
    """Invent school numbers `YYMMDD-Tnnn`, some with a valid check digit, or `YYMMDD-TFnn`.

    Args:
        day: (n,) number of the birth date.
        lot: (n,) each person's own random number.
        rates: The shares with a check digit and with TF.

    Returns:
        (n,) object.
    """
    dates = day_texts()[day]
    serial, kind = lot % 100, lot // 100 % 1000 / 1000
    digits = [[int(c) for c in (*date[2:4], *date[5:7], *date[8:10])] for date in dates.tolist()]
    rows = np.array([[*date, 1, n // 10, n % 10] for date, n in zip(digits, serial.tolist(), strict=True)])
    check = check_digits(rows.reshape(-1, 9))
    last = np.where(kind < rates.interim_valid * (1 - rates.interim_tf), check, lot // 100_000 % 10)
    texts = np.empty(len(day), dtype=object)
    for i, (date, n, c, k) in enumerate(zip(dates, serial.tolist(), last.tolist(), kind.tolist(), strict=True)):
        end = f"TF{n:02d}" if k >= 1 - rates.interim_tf else f"T{n:02d}{c}"
        texts[i] = f"{date[2:4]}{date[5:7]}{date[8:10]}-{end}"
    return texts


def reserve_numbers(
    day: Ints, man: NDArray[np.bool_], *, lot: Ints, year: Ints, national: float
) -> tuple[Texts, Texts]:
    """Invent reserve numbers of health care.

    Args:
        day: (n,) number of the birth date.
        man: (n,) bool.
        lot: (n,) each person's own random number; the region depends on it too.
        year: (n,) year of issue.
        national: Share of national numbers where the region has no form of its own.

    Returns:
        The numbers and their types, each (n,) object.
    """
    own = [share for _, share in REGIONS]
    edges = np.cumsum([*own, (1 - sum(own)) * (1 - national)])
    names = np.array([*(name for name, _ in REGIONS), *_OTHERS], dtype=object)
    kinds = names[np.searchsorted(edges, lot // 7919 % 10_000 / 10_000, side="right")]
    numbers = np.empty(len(day), dtype=object)
    for i, (kind, date, is_man, one, issued) in enumerate(
        zip(kinds, day_texts()[day], man.tolist(), lot.tolist(), year.tolist(), strict=True)
    ):
        numbers[i] = _FORMS[kind](date.replace("-", ""), int(is_man), one, issued)
    return numbers, kinds


def _luhn(digits: list[int]) -> int:
    return int(check_digits(np.array([digits]))[0])


def _digits(text: str) -> list[int]:
    return [int(c) for c in text]


def _stockholm(date: str, man: int, lot: int, issued: int) -> str:
    digits = f"{issued:04d}{lot % 10_000:04d}{lot // 10_000 % 5 * 2 + man}"
    return f"99{digits}{_luhn(_digits(digits[2:]))}"


def _vgr(date: str, man: int, lot: int, issued: int) -> str:
    letter = "KMX"[lot % 3]
    serial = 6 + lot // 3 % 37 * 2 + man
    check = _luhn([*_digits(date[2:]), _VGR_VALUES[letter], serial // 10, serial % 10])
    return f"{date}{letter}{serial:02d}{check}"


def _skane(date: str, man: int, lot: int, issued: int) -> str:
    return f"{date}{_SKANE_LETTERS[lot % len(_SKANE_LETTERS)]}{lot // 9 % 1000:03d}"


def _varmland(date: str, man: int, lot: int, issued: int) -> str:
    return f"{date}S{'FUXPL'[lot % 5]}{lot // 5 % 5 * 2 + man}{_LETTERS[lot // 25 % len(_LETTERS)]}"


def _inera(date: str, man: int, lot: int, issued: int) -> str:
    digits = f"{date[:6]}{min(int(date[6:]), 28) + _INERA_DAY}{lot % 100:02d}{lot // 100 % 5 * 2 + man}"
    return f"{digits}{_luhn(_digits(digits[2:]))}"


def _national(date: str, man: int, lot: int, issued: int) -> str:
    """Write the birth century + 3, the date, two letters, a digit for the sex, and a check digit.

    The value of a letter in the check digit is not public; it counts as 1, as in an interim number.
    """
    letters = _NRID_LETTERS[lot % 21] + _NRID_LETTERS[lot // 21 % 21]
    sex = lot // 441 % 5 * 2 + man
    check = _luhn([*_digits(date[2:]), 1, 1, sex])
    return f"{int(date[:2]) + _CENTURY_STEP}{date[2:]}{letters}{sex}{check}"


_FORMS: Final = {
    "reserve_stockholm": _stockholm,
    "reserve_vgr": _vgr,
    "reserve_skane": _skane,
    "reserve_varmland": _varmland,
    "reserve_inera": _inera,
    "national_reserve": _national,
}
