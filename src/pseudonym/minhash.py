"""Keyed MinHash bands as match keys (docs/spec.md, section 5). Sees keys; knows no identity.

Two records agree in a row with the probability of the Jaccard similarity of their tokens [Broder1997], in a band of `r`
rows with its `r`-th power. Differs from the paper: the row functions are secret. With public rows the registry could
simulate the bands of the whole population and compare.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pseudonym.bloom import Ragged, TokenTable
from pseudonym.keys import Secret
from pseudonym.prf import BlockPRF, counters

__all__ = ["MinHasher"]

CHUNK_RECORDS = 128
"""Records at a time: their tokens times all rows must stay in the processor's cache."""


class MinHasher:
    """Minima of secret row functions over the tokens of records."""

    def __init__(self, key: Secret, *, n_rows: int) -> None:
        """Take the subkey for rows and the number of rows."""
        self._prf = BlockPRF(key)
        self._n_rows = n_rows
        self._values: NDArray[np.uint64] = np.zeros((0, n_rows), np.uint64)

    def reset(self) -> None:
        """Forget the row values of all tokens, with the token table they belong to."""
        self._values = self._values[:0]

    def minima(self, tokens: Ragged, table: TokenTable) -> NDArray[np.uint64]:
        """Give the minimum of each row over the tokens of each record.

        Args:
            tokens: For each of `n` records the places of its tokens; every record has at least one.
            table: The table that the places belong to.

        Returns:
            `(n, rows) uint64`, little-endian.

        Sees: key
        """
        self._extend(table)
        starts = np.cumsum(tokens.counts) - tokens.counts
        out = np.empty((len(tokens.counts), self._n_rows), "<u8")
        for first in range(0, len(starts), CHUNK_RECORDS):
            last = min(first + CHUNK_RECORDS, len(starts))
            begin, end = starts[first], starts[last - 1] + tokens.counts[last - 1]
            rows = self._values[tokens.values[begin:end]]
            out[first:last] = np.minimum.reduceat(rows, starts[first:last] - begin, axis=0)
        return out

    def _extend(self, table: TokenTable) -> None:
        table.commit()
        new = table.hashes[len(self._values) :]
        if len(new):
            blocks = counters(np.arange(-(-self._n_rows // 2), dtype=np.uint64))
            values = self._prf(new[:, None, :] ^ blocks[None]).reshape(len(new), -1)[:, : self._n_rows]
            self._values = np.concatenate([self._values, values])
