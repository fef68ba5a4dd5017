"""Whether the contents of a submission look like random bits, as padded ones must.

The pad hides how full a filter is, and so how long a name is (docs/spec.md, section 7). How full a single segment is
must therefore be invisible from outside. What can be checked is whether every bit is one as often as zero, and whether
contents repeat under different match keys. If either check fails, a pad is missing, constant or used twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fill", "FillTally"]

CHUNK: Final = 1 << 15
"""Contents unpacked at once, one byte per bit: about ten megabytes."""

HEAD_BYTES: Final = 8
"""Leading bytes compared to find repeated contents: two random contents agree in them once in 10^19 pairs."""

MAX_SIGMA: Final = 6.0
"""Largest accepted deviation from chance, in standard deviations: exceeded by chance in two of a billion tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How full contents are; one content per match key is counted, since codes with the same match key share a pad.

    Attributes:
        contents: Number of contents counted.
        bits: Bits per content.
        mean: Share of ones, in [0, 1]; NaN without contents.
        spread: Standard deviation of the share of ones in a content; for random bits `0.5 / sqrt(bits)`.
        lowest: Share of ones in the emptiest content.
        highest: Share of ones in the fullest content.
        uneven_bits: Number of bit positions that are one too often or too rarely to be random.
        repeated: Number of contents that begin like one under another match key.
        padded: Whether the profile pads contents.
    """

    contents: int
    bits: int
    mean: float
    spread: float
    lowest: float
    highest: float
    uneven_bits: int
    repeated: int
    padded: bool

    @property
    def random_spread(self) -> float:
        """The spread of random bits."""
        return 0.5 / math.sqrt(self.bits)

    @property
    def looks_random(self) -> bool:
        """Whether the contents cannot be distinguished from random bits."""
        if not self.contents:
            return True
        off = abs(self.mean - 0.5) / (self.random_spread / math.sqrt(self.contents))
        # The relative standard deviation of the variance of n normal values is sqrt(2 / n).
        wide = abs((self.spread / self.random_spread) ** 2 - 1) / math.sqrt(2 / self.contents)
        return max(off, wide) <= MAX_SIGMA and not self.uneven_bits and not self.repeated


class FillTally:
    """Count ones, turn by turn."""

    def __init__(self, n_bits: int, *, padded: bool) -> None:
        """Start at zero; `n_bits` is the number of used bits of a content, from the first."""
        self._bits = n_bits
        self._padded = padded
        self._ones = np.zeros(self._bits, np.int64)
        self._sum = self._squares = self._n = self._repeated = 0
        self._lowest, self._highest = self._bits, 0

    def add(self, match_key: NDArray[np.uint8], content: NDArray[np.uint8]) -> None:
        """Count the contents of one turn.

        Args:
            match_key: `(n, 16) uint8`, ascending as in a submission.
            content: `(n, bytes) uint8`.
        """
        keys = _head(match_key)
        first = np.concatenate([[True], keys[1:] != keys[:-1]])
        distinct = content[first]
        for start in range(0, len(distinct), CHUNK):
            bits = np.unpackbits(distinct[start : start + CHUNK], axis=1, bitorder="little", count=self._bits)
            ones = bits.sum(axis=1, dtype=np.int64)
            self._ones += bits.sum(axis=0, dtype=np.int64)
            self._sum += int(ones.sum())
            self._squares += int((ones * ones).sum())
            self._lowest = min(self._lowest, int(ones.min()))
            self._highest = max(self._highest, int(ones.max()))
        self._n += len(distinct)
        self._repeated += _n_repeated(_head(distinct))

    def result(self) -> Fill:
        """Return the counts so far."""
        n, bits = self._n, self._bits
        mean = self._sum / n if n else math.nan
        variance = max(self._squares / n - mean * mean, 0.0) if n else math.nan
        uneven = np.abs(self._ones - n / 2) > MAX_SIGMA * math.sqrt(n) / 2
        return Fill(
            contents=n,
            bits=bits,
            mean=mean / bits,
            spread=math.sqrt(variance) / bits,
            lowest=self._lowest / bits if n else math.nan,
            highest=self._highest / bits if n else math.nan,
            uneven_bits=int(uneven.sum()),
            repeated=self._repeated,
            padded=self._padded,
        )


def _head(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(rows[:, :HEAD_BYTES]).view(np.uint64).ravel()


def _n_repeated(heads: NDArray[np.uint64]) -> int:
    """Count the occurrences of values that occur more than once."""
    _, counts = np.unique(heads, return_counts=True)
    return int(counts[counts > 1].sum())
