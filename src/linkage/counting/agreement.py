"""How the values of records of one person agree: which go together, compared with chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Attribute", "Encoded", "encoded"]

AGREEING: Final = 20.0
"""Weight of independence, in pairs, beside the pairs of linked records that show which values go together."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Texts as numbers.

    Attributes:
        codes: `(n,) int64`, index into `values`, -1 for null.
        values: The distinct texts, sorted.
    """

    codes: Ints
    values: tuple[str, ...]


def encoded(column: pa.ChunkedArray | pa.Array) -> Encoded:
    """Return texts as numbers, -1 for null, in the order of the texts."""
    found = pc.dictionary_encode(column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    values = [str(one) for one in found.dictionary.to_pylist()]
    codes = found.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    order = np.argsort(np.array(values, dtype=object), kind="stable") if values else np.zeros(0, np.int64)
    rank = np.empty(len(values) + 1, np.int64)
    rank[order], rank[-1] = np.arange(len(values)), -1
    return Encoded(rank[codes], tuple(values[place] for place in order))


class Attribute:
    """One attribute: the value of each person, and how much more often two values meet in a person than by chance."""

    def __init__(self, encoded: Encoded, person: Ints, by_person: Ints, n_persons: int) -> None:
        """Learn from the records of each person.

        Args:
            encoded: What the records say.
            person: `(n,) int64`, the person of each record.
            by_person: `(n,) int64`, the records in the order of their persons.
            n_persons: Number of persons.
        """
        self.n_values = len(encoded.values)
        known = np.flatnonzero(encoded.codes >= 0)
        self.of_person = np.full(n_persons, -1, np.int64)
        # Of several known values the first counts: the last one that is written stays.
        self.of_person[person[known][::-1]] = encoded.codes[known][::-1]
        by_person = by_person[encoded.codes[by_person] >= 0]
        one, other = by_person[:-1], by_person[1:]
        linked = person[one] == person[other]
        pairs = encoded.codes[one[linked]], encoded.codes[other[linked]]
        self._ratios = self._learned(*pairs, np.bincount(encoded.codes[known], minlength=self.n_values))

    def _learned(self, one: Ints, other: Ints, counts: Ints) -> Floats:
        share = (counts + 0.5) / (counts.sum() + 0.5 * self.n_values)
        seen = np.zeros((self.n_values, self.n_values))
        np.add.at(seen, (one, other), 0.5)
        np.add.at(seen, (other, one), 0.5)
        by_chance = np.outer(share, share)
        same = (float(np.trace(seen)) + 1) / (float(seen.sum()) + 2)
        apart = by_chance * (1 - np.eye(self.n_values))
        expected = np.diag(share * same) + apart * (1 - same) / max(float(apart.sum()), 1e-12)
        learned = (seen + AGREEING * expected) / (seen.sum() + AGREEING)
        ratios = np.ones((self.n_values + 1,) * 2)
        ratios[:-1, :-1] = learned / by_chance
        return ratios

    def ratios(self, one: Ints, other: Ints) -> Floats:
        """Return `(j, k) float64`, the ratio for each value of one and each of the other; 1 where one is not known."""
        found: Floats = self._ratios[one[:, None], other[None, :]]
        return found
