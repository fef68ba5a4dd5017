"""Comparisons of plaintext instead of contents: how well linking would work if nothing had to be hidden.

The registry compares contents, in which a differing letter is a few differing bits that may collide, and an absent
field is noise that sometimes passes for a value. Here the same tokens are compared as sets, so that only the cost of
encoding is removed: candidates, fitting, competition and clusters are the library's. The distance of names is one
minus the Dice coefficient of their bigrams, which a registry cannot compute from padded contents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from linkage.linking.compare import EXTRA, Comparison
from pseudonym.identity.identities import Identity
from pseudonym.identity.tokens import Token, field_sources, presence_source
from pseudonym.profile import SLOTS_OF_FIELD

__all__ = ["FIELDS", "Plaintext"]

SETS: Final = ("given_names", "family_names", "foreign_number", "birth_year")
"""Fields whose tokens are compared as a set."""

SLOTS: Final = ("birth_month", "birth_day", "serial", "sex")
"""Fields whose tokens have positions; the distance is the number of positions that differ."""

FIELDS: Final = (*SETS, *SLOTS, "swapped")

SWAP_MARGIN: Final = 0.5
"""How much closer, over both names, exchanged names must be than names in order to count as exchanged."""

LIMITS: Final = {"given_names": 0.5, "family_names": 0.5, "foreign_number": 0.5, "birth_year": 6.0, "serial": 2.0}
"""Distances from which a field is evidence against a pair of identities, 1 for all others: of several identities of two
records, those with the strongest evidence for one person are compared."""

CHUNK: Final = 200_000
"""Number of pairs of records compared at a time."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Plaintext:
    """The identities of records, ready to be compared.

    Args:
        identities: For each record its identities, one or several.
    """

    def __init__(self, identities: Sequence[Sequence[Identity]]) -> None:
        self._counts = np.array([len(several) for several in identities], np.int64)
        self._starts = np.cumsum(self._counts) - self._counts
        every = [identity for several in identities for identity in several]
        self._present = {field: _numbers([_presence(one, field) for one in every]) for field in (*SETS, *SLOTS)}
        numbers: dict[Token, int] = {}
        tokens = {field: [_tokens(one, field) for one in every] for field in (*SETS, *SLOTS)}
        rows = {field: [[numbers.setdefault(token, len(numbers)) for token in one] for one in tokens[field]]
                for field in tokens}  # fmt: skip
        self._sets = {field: _matrix(rows[field], len(numbers)) for field in SETS}
        self._sizes = {field: np.array([len(one) for one in rows[field]], np.int64) for field in SETS}
        self._slots = {field: _places(rows[field], SLOTS_OF_FIELD[field]) for field in SLOTS}

    def compare(self, a: Ints, b: Ints, *, n_keys: NDArray[np.int32]) -> Comparison:
        """Compare pairs of records, each by the identities with the strongest evidence for one person.

        Args:
            a: `(p,) int64`, indices of records.
            b: `(p,) int64`.
            n_keys: `(p,) int32`, passed on.

        Returns:
            The comparison, in the order of the pairs, with the fields `FIELDS`.
        """
        parts = [self._closest(a[one : one + CHUNK], b[one : one + CHUNK]) for one in range(0, len(a), CHUNK)]
        distances = np.concatenate(parts) if parts else np.zeros((0, len(FIELDS)))
        return Comparison(FIELDS, a, b, distances.astype(np.float32), n_keys)

    def _closest(self, a: Ints, b: Ints) -> Floats:
        """Compare all identities of the records of each pair, and return the closest."""
        pair, left, right = self._combined(a, b)
        distances = self._distances(left, right)
        limits = np.array([LIMITS.get(field, 1.0) for field in FIELDS])
        # Absent fields count nothing; agreement is evidence for the combination, and an exchange no more than equality.
        against = np.nansum(np.where(distances == EXTRA, 0, distances) / limits - 1, axis=1)
        order = np.lexsort((against, pair))
        first = np.append(True, pair[order][1:] != pair[order][:-1])
        closest: Floats = distances[order[first]]
        return closest

    def _combined(self, a: Ints, b: Ints) -> tuple[Ints, Ints, Ints]:
        """Return all combinations of identities: the index of their pair, and both identities."""
        n_a, n_b = self._counts[a], self._counts[b]
        pair = np.repeat(np.arange(len(a)), n_a * n_b)
        within = np.arange(len(pair)) - np.repeat(np.cumsum(n_a * n_b) - n_a * n_b, n_a * n_b)
        left, right = np.divmod(within, n_b[pair])
        return pair, self._starts[a][pair] + left, self._starts[b][pair] + right

    def _distances(self, left: Ints, right: Ints) -> Floats:
        found = {field: self._dice(field, field, left, right) for field in SETS[:3]}
        year = "birth_year"
        common = self._common(year, year, left, right)
        found[year] = (self._sizes[year][left] + self._sizes[year][right] - 2 * common).astype(float)
        for field in SLOTS:
            found[field] = (self._slots[field][left] != self._slots[field][right]).sum(axis=1).astype(float)
        for field, numbers in self._present.items():
            found[field][(numbers[left] != numbers[right]) | (numbers[left] < 0)] = np.nan
        self._exchange_dates(found, left, right)
        self._exchange_names(found, left, right)
        return np.stack([found[field] for field in FIELDS], axis=1)

    def _common(self, one: str, other: str, left: Ints, right: Ints) -> Floats:
        return np.asarray(self._sets[one][left].multiply(self._sets[other][right]).sum(axis=1), float).ravel()

    def _dice(self, one: str, other: str, left: Ints, right: Ints) -> Floats:
        """Return one minus the Dice coefficient, 1 where both sets are empty."""
        sizes = self._sizes[one][left] + self._sizes[other][right]
        distances: Floats = 1 - 2 * self._common(one, other, left, right) / np.maximum(sizes, 1)
        return distances

    def _exchange_dates(self, found: dict[str, Floats], left: Ints, right: Ints) -> None:
        """Mark exchanged months and days; the day, which would count the same evidence again, becomes absent."""
        months, days = self._slots["birth_month"], self._slots["birth_day"]
        crossed = (months[left] == days[right]).all(axis=1) & (days[left] == months[right]).all(axis=1)
        exchanged = crossed & (found["birth_month"] > 0) & (found["birth_day"] > 0)
        found["birth_month"][exchanged] = EXTRA
        found["birth_day"][exchanged] = np.nan

    def _exchange_names(self, found: dict[str, Floats], left: Ints, right: Ints) -> None:
        """Compare exchanged names with each other."""
        given, family = "given_names", "family_names"
        straight = found[given] + found[family]
        crossed = self._dice(given, family, left, right) + self._dice(family, given, left, right)
        swapped = straight - crossed > SWAP_MARGIN
        found["swapped"] = np.where(np.isnan(straight), np.nan, np.where(swapped, EXTRA, 0.0))
        for field in (given, family):
            found[field] = np.where(swapped, crossed / 2, found[field])


def _tokens(identity: Identity, field: str) -> list[Token]:
    return [token for source in field_sources(field) for token in source.tokens(source.value(identity))]


def _presence(identity: Identity, field: str) -> Any:
    """Return the value that two identities must share to be compared in a field, or None."""
    source = presence_source(field)
    return tuple(source.tokens(source.value(identity))) or None if _tokens(identity, field) else None


def _numbers(values: Sequence[Any]) -> Ints:
    """Number values, equal ones alike; -1 for None."""
    numbers: dict[Any, int] = {}
    return np.array([-1 if one is None else numbers.setdefault(one, len(numbers)) for one in values], np.int64)


def _matrix(rows: Sequence[Sequence[int]], n_columns: int) -> sparse.csr_matrix:
    """Return a matrix with a one for each token of each identity."""
    indices = np.array([number for row in rows for number in sorted(row)], np.int64)
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return sparse.csr_matrix((np.ones(len(indices)), indices, ends), shape=(len(rows), n_columns))


def _places(rows: Sequence[Sequence[int]], n_places: int) -> Ints:
    """Return the tokens by position, -1 where there is none."""
    places = np.full((len(rows), n_places), -1, np.int64)
    for row, numbers in enumerate(rows):
        places[row, : len(numbers)] = numbers
    return places
