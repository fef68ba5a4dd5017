"""Keyed MinHash bands as match keys (docs/spec.md, section 5). Sees keys; knows no identity.

Two records agree in a row with the probability of the Jaccard similarity of their tokens [Broder1997], in a band of `r`
rows with its `r`-th power. Differs from the paper: the row functions are secret. With public rows the registry could
simulate the bands of the whole population and compare.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pseudonym.keys import Secret
from pseudonym.prf import BlockPRF, counters
from pseudonym.token_lists import Growing, TokenLists

__all__ = ["MinHasher"]

CHUNK_LISTS = 128
"""Lists at a time: the values of their tokens in all rows must stay in the processor's cache."""


class MinHasher:
    """Minima of secret row functions over the tokens of records."""

    def __init__(self, key: Secret, lists: TokenLists, *, n_rows: int) -> None:
        """Take the subkey for rows, the lists of tokens, and the number of rows."""
        self._prf = BlockPRF(key)
        self._n_rows = n_rows
        self._counters = counters(np.arange(-(-n_rows // 2), dtype=np.uint64))
        self._minima = Growing(np.uint64, n_rows)
        self.lists = lists

    def forget(self) -> None:
        """Forget the lists of tokens and their minima."""
        self.lists.forget()
        self._minima.clear()

    def minima(self, numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Give the minimum of each row over the tokens of each record.

        The minimum over a record is that over the minima of its values' lists, which are computed once a list.

        Args:
            numbers: `(n, s) int64`, the lists of each of `n` records; together they have a token at least.

        Returns:
            `(n, rows) uint64`, little-endian.

        Sees: key
        """
        self._extend()
        out = np.empty((len(numbers), self._n_rows), "<u8")
        minima = self._minima.rows
        for first in range(0, len(numbers), CHUNK_LISTS):
            chunk = numbers[first : first + CHUNK_LISTS]
            found = minima.take(chunk[:, 0], axis=0)
            for column in chunk.T[1:]:
                np.minimum(found, minima.take(column, axis=0), out=found)
            out[first : first + CHUNK_LISTS] = found
        return out

    def _extend(self) -> None:
        """Compute the minima of new lists; that of no token is the highest number."""
        for first in range(len(self._minima.rows), len(self.lists.counts), CHUNK_LISTS):
            last = min(first + CHUNK_LISTS, len(self.lists.counts))
            self._minima.extend(self._list_minima(np.arange(first, last)))

    def _list_minima(self, numbers: NDArray[np.int64]) -> NDArray[np.uint64]:
        counts = self.lists.counts[numbers]
        rows = self.lists.blocks[0].rows[self.lists.rows_of(numbers)]
        hashes = rows.view("<u8").reshape(-1, 1, 2)
        values = self._prf(hashes ^ self._counters[None]).reshape(len(rows), -1)[:, : self._n_rows]
        out = np.full((len(numbers), self._n_rows), np.iinfo(np.uint64).max)
        starts = (np.cumsum(counts) - counts)[counts > 0]
        if len(starts):
            out[counts > 0] = np.minimum.reduceat(values, starts, axis=0)
        return out
