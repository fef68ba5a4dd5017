"""A reporter's entries: dates and sex, and all columns together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.desk import Desk, only
from benchmarks.population.entry_names import finish_names
from benchmarks.population.entry_numbers import write_numbers, write_passports
from benchmarks.population.numbers import day_number, day_texts

__all__ = ["Identities", "write_identities"]

_PLACEHOLDER_DATE: Final = "1900-01-01"
# Margins that a reporter writes after an estimated year, in years; two is the most common.
_MARGINS: Final = ("2", "2", "1", "3")
_YEARS_OFF: Final = (-3, -2, -1, 1, 2, 3)
_PART_LENGTH: Final = (10, 7, 4, 0)

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class Identities:
    """The identity columns of one reporter's entries.

    Attributes:
        columns: For each column of the reporter (e,) object, None where nothing is written.
        number_kind: (e,) object, the type of the value in `number`.
        number_is: (e,) index in `entry_numbers.NUMBER_IS`.
        flags: (e,) the errors of the entry, bits as in `desk.FLAGS`.
    """

    columns: dict[str, Texts]
    number_kind: Texts
    number_is: Ints
    flags: Ints


def write_identities(desk: Desk, given: Texts, family: Texts) -> Identities:
    """Write the columns of one reporter.

    Args:
        desk: The entries.
        given: Given names as drafted, or as copied from a sender.
        family: Family names likewise.

    Returns:
        The reporter's columns in its order.
    """
    columns = finish_names(desk, given, family)
    numbers = write_numbers(desk)
    columns |= numbers.columns
    if "foreign_number" in desk.reporter.columns:
        columns["foreign_number"] = write_passports(desk)
    columns |= _dates(desk) | _sexes(desk)
    written = {name: columns[name] for name in desk.reporter.columns}
    return Identities(written, numbers.kind, numbers.number_is, desk.flags)


def _dates(desk: Desk) -> dict[str, Texts]:
    """Write birth dates: some wrong, some in part, some estimated, some missing."""
    birth = desk.population.birth[desk.person]
    day, year = _wrong_days(desk, birth)
    texts = day_texts()[day]
    weights = desk.reporter.date_parts
    parts = np.searchsorted(np.cumsum(weights), desk.rng.random(len(day)) * sum(weights))
    for part, length in enumerate(_PART_LENGTH):
        if part:
            rows = np.flatnonzero(parts == part)
            texts[rows] = [text[:length] or None for text in texts[rows]]
    estimated = desk.population.age_assessed[desk.person] & desk.reporter.estimates
    rows = np.flatnonzero((estimated | desk.chance(desk.reporter.approximate)) & (parts < len(_PART_LENGTH) - 1))
    margin = desk.rng.integers(0, len(_MARGINS), len(rows))
    # Each reporter estimates independently.
    off = estimated & desk.chance(desk.population.rates.assessed_off)
    year = year + np.where(off, desk.rng.choice(_YEARS_OFF, len(year)), 0)
    texts[rows] = [f"{y}~{_MARGINS[m]}" for y, m in zip(year[rows].tolist(), margin.tolist(), strict=True)]
    desk.mark(rows, "approximate")
    unknown = desk.hit(desk.rates.date_placeholder)
    texts[unknown] = _PLACEHOLDER_DATE
    desk.mark(unknown, "date_placeholder")
    columns = {"birth_date": texts}
    if "birth_date_2" in desk.reporter.columns:
        columns["birth_date_2"] = _second_date(desk, birth)
    return columns


def _wrong_days(desk: Desk, birth: NDArray[np.datetime64]) -> tuple[Ints, Ints]:
    """Draw errors of dates; return the number and the year of each day as written."""
    month_start = birth.astype("datetime64[M]")
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = month_start.astype(np.int64) % 12 + 1
    day = (birth - month_start).astype(np.int64) + 1
    exchanged = desk.hit(desk.rates.day_month, among=(day <= 12) & (day != month))
    month, day = np.where(exchanged, day, month), np.where(exchanged, month, day)
    # Days up to 28 exist in every month, so an exchange leaves a valid date.
    beside = np.where(day + 10 <= 28, day + 10, np.where(day > 1, day - 1, day + 1))
    beside = np.where(desk.chance(desk.rates.day_by_one), np.where(day > 1, day - 1, day + 1), beside)
    slipped = desk.hit(desk.rates.date_digit)
    day = np.where(slipped, beside, day)
    default = desk.hit(desk.rates.date_default, among=(month != 1) | (day != 1))
    month, day = np.where(default, 1, month), np.where(default, 1, day)
    off = desk.rng.choice(_YEARS_OFF, len(year))
    last = desk.population.rates.reference_date.year
    # The 29 February of another year may not exist.
    wrong = desk.hit(desk.rates.year_off, among=~((month == 2) & (day == 29)) & (year + off <= last))
    year = np.where(wrong, year + off, year)
    for rows, flag in (
        (exchanged, "day_month"), (slipped, "date_digit"), (default, "date_default"), (wrong, "year_off")
    ):  # fmt: skip
        desk.mark(rows, flag)
    start = ((year - 1970) * 12 + month - 1).astype("datetime64[M]").astype("datetime64[D]")
    return day_number(start + (day - 1)), year


def _second_date(desk: Desk, birth: NDArray[np.datetime64]) -> Texts:
    """Write the other birth date of a person with an alias; it is the same in every report."""
    lot = desk.population.lot[desk.person]
    # Drawn per person, so that every report shows the same second date.
    two = lot // 1461 % 1000 < 1000 * desk.population.rates.alias_date
    rows = two & (desk.population.alias[desk.person, 1] >= 0) & desk.known_before() & desk.chance(desk.reporter.second)
    other = np.minimum(birth + (lot % 1461 - 730), np.datetime64(desk.population.rates.reference_date))
    return only(day_texts()[day_number(other)], rows)


def _sexes(desk: Desk) -> dict[str, Texts]:
    """Write the sex in the reporter's own words; before a change of legal sex, the former one."""
    population = desk.population
    sex = population.sex[desk.person]
    sex = np.where(population.ladder.legal_sex[desk.person] & ~desk.changed(), 1 - sex, sex)
    wrong = desk.hit(desk.rates.sex_wrong)
    desk.mark(wrong, "sex_wrong")
    words = np.array(desk.reporter.sex_words, dtype=object)[np.where(wrong, 1 - sex, sex)]
    words[desk.chance(desk.reporter.no_sex)] = None
    return {"sex": words}
