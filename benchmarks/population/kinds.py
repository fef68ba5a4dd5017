"""The kinds of population: the people whom reporters meet, children, adults, or a whole country.

Swedish age structure: mean population of 2020 by age and sex, 10,353,442 persons. Source: SCB. A file of counts by age
and sex can replace it (`--ages`).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["AGE_SHARES", "KINDS", "N_AGES", "Kind", "age_table", "read_ages"]

N_AGES: Final = 101

AGE_SHARES: Final = (
    # First age of each group of five years, women and men among 1,000 persons; the last group is 95 and older.
    (0, 28.08, 29.72), (5, 29.17, 30.93), (10, 28.86, 30.60), (15, 26.63, 28.69), (20, 26.51, 29.85),
    (25, 34.20, 36.19), (30, 34.28, 36.03), (35, 30.76, 32.47), (40, 29.94, 31.18), (45, 31.76, 32.68),
    (50, 32.02, 32.99), (55, 30.12, 30.81), (60, 27.40, 27.54), (65, 26.29, 25.71), (70, 27.50, 26.16),
    (75, 22.27, 20.50), (80, 14.81, 11.95), (85, 9.58, 6.21), (90, 5.00, 2.39), (95, 1.68, 0.54),
)  # fmt: skip
"""Mean population 2020 (SCB), of 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of population.

    Attributes:
        what: A sentence that describes it.
        households: How households are formed: `cases`, `children`, `adults` or `national`.
        settings: Assumptions that differ from the defaults, by name.
        reporters: The codes of the reporters that report, all of them if empty.
        dense: Whether it needs the whole range of serials at any size.
    """

    what: str
    households: str
    settings: Mapping[str, float]
    reporters: tuple[str, ...] = ()
    dense: bool = False


# In 2020 a fifth of the population was born abroad (SCB); children of parents born abroad are not counted here.
_NATIONAL_ORIGINS: Final = {
    "origins.swedish": 0.76, "origins.arabic": 0.05, "origins.somali": 0.015, "origins.afghan": 0.015,
    "origins.eritrean": 0.012, "origins.kurdish": 0.02, "origins.turkish": 0.012, "origins.ukrainian": 0.008,
    "origins.romanian": 0.012, "origins.bulgarian": 0.005, "origins.russian": 0.01, "origins.nigerian": 0.006,
    "origins.vietnamese": 0.008, "origins.thai": 0.012, "origins.latin_american": 0.02, "origins.maghreb": 0.01,
    "origins.finnish": 0.025, "personnummer": 0.93, "samordningsnummer": 0.05, "renumbered": 0.1, "asylum": 0.25,
    "newly_numbered": 0.03, "default_date": 0.02, "alias": 0.005,
}  # fmt: skip

_FOLLOWED_BY: Final = ("police", "ud", "regional_coordinator")
_FOLLOW_UP: Final = {
    f"{code}.{name}": value
    for code in _FOLLOWED_BY
    for name, value in {
        "contact": 1.5, "joins": 0.9, "follow_up": 1.6, "no_number": 1.0, "no_passport": 1.0, "dossier": 0.0,
        "second": 0.0, "date_full": 0.8, "date_month": 0.0, "date_year": 0.0, "date_none": 0.2, "approximate": 0.0,
    }.items()
} | {
    "exposure_shape": 20.0, "follow_up_days": 40.0, "entered_anew": 0.6, "nickname": 0.12, "referrals": 0.0,
}  # fmt: skip

_TWINS_AT: Final = ("police", "social_services")
_TWINS: Final = {
    f"{code}.{name}": value
    for code in _TWINS_AT
    for name, value in {"contact": 2.0, "joins": 0.95, "no_number": 0.5, "second": 0.1}.items()
} | {"single": 0.0, "youngest_child": 14.0, "twins": 1.0, "exposure_shape": 20.0, "referrals": 0.0}

KINDS: Final[Mapping[str, Kind]] = {
    "cases": Kind(what="Persons whom reporters meet: families and single persons.", households="cases", settings={}),
    "follow_up": Kind(
        what="Persons whom three reporters follow for years: mostly 3 to 20 records each, without numbers, some with "
        "nicknames, a fifth without a date.",
        households="cases",
        settings=_FOLLOW_UP,
        reporters=_FOLLOWED_BY,
    ),
    "twins": Kind(
        what="Children of two reporters, every youngest child with a twin, half of the records without a number.",
        households="children",
        settings=_TWINS,
        reporters=_TWINS_AT,
    ),
    "children": Kind(
        what="Children only, drawn by household and born over 14 years, with siblings, twins and cousins.",
        households="children",
        settings={"single": 0.0, "youngest_child": 14.0},
    ),
    "adults": Kind(
        what="Single adults with the ages of the country; so sparse that two seldom share a birth date.",
        households="adults",
        settings={},
    ),
    "national": Kind(
        what="A country with the age structure of Sweden: couples and families, mostly of Swedish origin.",
        households="national",
        settings=_NATIONAL_ORIGINS,
    ),
    "dense": Kind(
        what="As many persons of each birth date as in a whole country: 300.",
        households="adults",
        settings=_NATIONAL_ORIGINS | {"per_date": 300.0, "default_date": 0.0},
        dense=True,
    ),
    "new_year": Kind(
        what="Persons registered as born on 1 January, 900 of each year.",
        households="adults",
        settings={"per_date": 900.0, "new_year_only": 1.0, "origins.swedish": 0.0, "default_date": 0.0},
        dense=True,
    ),
}


def age_table() -> NDArray[np.float64]:
    """Return the shares of women and men by year of age, (101, 2): even within a group, declining in the oldest."""
    table = np.zeros((N_AGES, 2))
    for first, women, men in AGE_SHARES:
        years = np.arange(first, min(first + 5, N_AGES)) if first < 95 else np.arange(95, N_AGES)
        # Each year of the oldest group has about two thirds of the year before it.
        weight = np.ones(len(years)) if first < 95 else (2 / 3) ** np.arange(len(years))
        table[years] = weight[:, None] / weight.sum() * (women, men)
    return _normalised(table)


def _normalised(table: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(table / table.sum(), np.float64)


def read_ages(path: Path) -> NDArray[np.float64]:
    """Read counts by age and sex from a file.

    Args:
        path: A CSV file with the columns `age` (0 to 100, also `100+`), `sex` (F or K, M) and `pop`.

    Returns:
        (101, 2) float64, shares of women and men by age.

    Raises:
        ValueError: The columns or values are not as expected.
    """
    table = np.zeros((N_AGES, 2))
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            try:
                age, column = min(int(row["age"].rstrip("+")), N_AGES - 1), {"F": 0, "K": 0, "M": 1}[row["sex"]]
                table[age, column] += float(row["pop"])
            except (KeyError, ValueError, AttributeError):
                raise ValueError("the file of ages needs the columns age, sex (F, M) and pop") from None
    if not table.sum() > 0:
        raise ValueError("the file of ages counts no persons")
    return _normalised(table)
