"""The desk of a reporter, where persons are written down with its habits and errors.

An *entry* is one person written down at one time. Its columns are arrays over all entries of a reporter; the few
entries that an error hits are picked first and changed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.people import Population
from benchmarks.population.rates import ErrorRates
from benchmarks.population.reporters import Reporter

__all__ = ["FLAGS", "Desk", "only"]

FLAGS: Final = (
    "typo_given", "typo_family", "variant", "folded", "travel_letters", "mojibake", "swapped", "part_lost",
    "hyphen_lost", "old_name", "false_name", "name_placeholder", "copied_spelling", "day_month", "date_digit",
    "date_default", "date_placeholder", "year_off", "approximate", "sex_wrong", "number_missing", "number_typo",
    "number_relative", "number_borrowed", "number_old", "number_placeholder", "nickname",
)  # fmt: skip
"""The errors that an entry may have; bit i of a flag word is the i-th."""

_BITS: Final = {name: np.int64(1 << i) for i, name in enumerate(FLAGS)}

# Changes the lot of a protected person, so that an invented number does not join the old and the new identity.
_OTHER_LOT: Final = 0x5A5A5A5A5A

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def only(texts: Texts, rows: Bools) -> Texts:
    """Return the texts of some rows and None for all others."""
    kept = np.full(len(texts), None, dtype=object)
    kept[rows] = texts[rows]
    return kept


@dataclass(slots=True, eq=False)
class Desk:
    """One reporter's entries while they are written.

    Attributes:
        population: The people.
        person: (e,) the person written down.
        day: (e,) datetime64[D], the day; before a change of name or number the former one is in force.
        reporter: The habits.
        rates: The error rates.
        rng: Draws everything; equal states give equal results.
        flags: (e,) the errors made, bits as in `FLAGS`.
    """

    population: Population
    person: Ints
    day: NDArray[np.datetime64]
    reporter: Reporter
    rates: ErrorRates
    rng: np.random.Generator
    flags: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Start without errors."""
        self.flags = np.zeros(len(self.person), dtype=np.int64)

    def hit(self, rate: float, *, among: Bools | None = None) -> Bools:
        """Draw the entries that an error of the reporter hits."""
        mask = self.chance(rate * self.reporter.errors)
        return mask if among is None else mask & among

    def chance(self, probability: float) -> Bools:
        """Draw the entries that a habit of the reporter affects."""
        return self.rng.random(len(self.person)) < probability

    def mark(self, rows: Bools | Ints, flag: str) -> None:
        """Flag an error in some entries."""
        self.flags[rows] |= _BITS[flag]

    def change(self, texts: Texts, rows: Bools, flag: str | None, edit: Callable[[str], str]) -> None:
        """Edit the texts of some rows in place, and flag those that changed; missing texts stay missing."""
        for i in np.flatnonzero(rows).tolist():
            text = texts[i]
            if text:
                texts[i] = edit(text)
                if flag is not None and texts[i] != text:
                    self.flags[i] |= _BITS[flag]

    def changed(self) -> Bools:
        """Mark the entries of persons whose name, number or sex has changed by then."""
        return self.day >= self.population.ladder.changed[self.person]

    def lot(self) -> Ints:
        """Return the random number from which a person's invented numbers are drawn; protection changes it."""
        lot = self.population.lot[self.person]
        return np.where(self.known_before(), lot, lot ^ _OTHER_LOT)

    def known_before(self) -> Bools:
        """Mark the entries whose reporter may know the state before a change: all but those of protected persons."""
        return ~(self.population.ladder.protected[self.person] & self.changed())
