"""Where persons are written down: whom, when, by which habits, with which errors, and which errors were made.

An *entry* is one person written down at one time. Its columns are arrays over all entries of a body; the rare entries
that an error hits are picked first and changed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.bodies import Body
from benchmarks.population.people import Population
from benchmarks.population.rates import ErrorRates

__all__ = ["FLAGS", "Desk"]

FLAGS: Final = (
    "typo_given", "typo_family", "variant", "folded", "travel_letters", "mojibake", "swapped", "part_lost",
    "hyphen_lost", "old_name", "false_name", "name_placeholder", "copied_spelling", "day_month", "date_digit",
    "date_default", "date_placeholder", "year_off", "approximate", "sex_wrong", "number_missing", "number_typo",
    "number_relative", "number_borrowed", "number_old", "number_placeholder",
)  # fmt: skip
"""What may be wrong with an entry; bit i of a flag word is the i-th."""

_BITS: Final = {name: np.int64(1 << i) for i, name in enumerate(FLAGS)}

# Turns the lot of a person into another one, so that an invented number is no bridge over a protection.
_OTHER_LOT: Final = 0x5A5A5A5A5A

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Desk:
    """One body's entries while they are written.

    Attributes:
        population: The people.
        person: (e,) who is written down.
        day: (e,) datetime64[D], when; before a change of name or number the former one is in force.
        body: The habits.
        rates: The errors.
        rng: Draws everything; equal state, equal result.
        flags: (e,) what went wrong, bits as in `FLAGS`.
    """

    population: Population
    person: Ints
    day: NDArray[np.datetime64]
    body: Body
    rates: ErrorRates
    rng: np.random.Generator
    flags: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Begin without errors."""
        self.flags = np.zeros(len(self.person), dtype=np.int64)

    def hit(self, rate: float, *, among: Bools | None = None) -> Bools:
        """Draw which entries an error of the body hits."""
        mask = self.chance(rate * self.body.errors)
        return mask if among is None else mask & among

    def chance(self, probability: float) -> Bools:
        """Draw which entries a habit of the body concerns."""
        return self.rng.random(len(self.person)) < probability

    def mark(self, rows: Bools | Ints, flag: str) -> None:
        """Note that something is wrong with some entries."""
        self.flags[rows] |= _BITS[flag]

    def change(self, texts: Texts, rows: Bools, flag: str | None, how: Callable[[str], str]) -> None:
        """Change the texts of some rows in place, those that are there, and mark those that became others."""
        for i in np.flatnonzero(rows).tolist():
            text = texts[i]
            if text:
                texts[i] = how(text)
                if flag is not None and texts[i] != text:
                    self.flags[i] |= _BITS[flag]

    def changed(self) -> Bools:
        """Mark the entries of persons whose name, number or sex has changed by the day."""
        return self.day >= self.population.ladder.changed[self.person]

    def lot(self) -> Ints:
        """Return the random number from which what is invented for a person is drawn; another one once protected."""
        lot = self.population.lot[self.person]
        return np.where(self.known_before(), lot, lot ^ _OTHER_LOT)

    def known_before(self) -> Bools:
        """Mark the entries whose body may know what stood before a change: not of protected identities."""
        return ~(self.population.ladder.protected[self.person] & self.changed())
