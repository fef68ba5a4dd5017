"""Keyed MinHash bands as match keys (docs/spec.md, section 5). Sees keys, no identity.

Two records agree in a row with a probability equal to the Jaccard similarity of their tokens [Broder1997], and in a
band of `r` rows with its `r`-th power. Differs from the paper: the row functions are secret. If they were public, the
registry could compute the bands of the whole population and compare.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pseudonym.keyed.keys import Secret
from pseudonym.keyed.prf import BlockPRF, counters
from pseudonym.keyed.token_lists import MINHASH, RowCache, TokenLists

__all__ = ["MinHasher"]

CHUNK: Final = 128
"""Records, lists or tokens per chunk: their values in all rows must fit into the processor's cache."""

Ints = NDArray[np.int64]
Rows = NDArray[np.uint64]


class MinHasher:
    """Minima of secret row functions over the tokens of records.

    The minimum over a record is the minimum over its values, and that of a value the minimum over its tokens. The
    minima of values and tokens are cached.
    """

    def __init__(self, key: Secret, lists: TokenLists, *, n_rows: int, copies: Sequence[int]) -> None:
        """Take the row subkey, the token lists, the number of rows, and the number of copies of each kind of token."""
        self._prf = BlockPRF(key)
        self._lists = lists
        self._n_rows = n_rows
        self._copies = list(copies)
        self._counters = counters(np.arange(-(-n_rows // 2), dtype=np.uint64))[None]
        self._tokens = {n: self._cache(partial(self._token_rows, n)) for n in self._copies}
        self._values = {n: self._cache(partial(self._value_rows, n)) for n in self._copies}

    def _cache(self, make: Callable[[Ints], Rows]) -> RowCache:
        return RowCache(make, width=self._n_rows, chunk=CHUNK)

    def forget(self) -> None:
        """Forget all minima, when the lists are forgotten."""
        for cache in (*self._tokens.values(), *self._values.values()):
            cache.forget()

    def minima(self, list_ids: Ints) -> Rows:
        """Return the minimum of each row over the tokens of each record.

        Args:
            list_ids: `(n, s) int64`, the token lists of `n` records, one per kind of token.

        Returns:
            `(n, rows) uint64`, little-endian; 2^64 - 1 for a record without tokens.
        """
        out = np.empty((len(list_ids), self._n_rows), "<u8")
        for first in range(0, len(list_ids), CHUNK):
            chunk = list_ids[first : first + CHUNK]
            found = np.full((len(chunk), self._n_rows), np.iinfo(np.uint64).max)
            for copies, column in zip(self._copies, chunk.T, strict=True):
                np.minimum(found, self._values[copies](column), out=found)
            out[first : first + CHUNK] = found
        return out

    def _value_rows(self, copies: int, list_ids: Ints) -> Rows:
        turns = self._lists.in_turns(list_ids)
        out = np.full((len(list_ids), self._n_rows), np.iinfo(np.uint64).max)
        for first, n_lists in turns.spans:
            rows = self._tokens[copies](turns.tokens[first : first + n_lists])
            np.minimum(out[:n_lists], rows, out=out[:n_lists])
        # Back from the order of the turns.
        found = np.empty_like(out)
        found[turns.order] = out
        return found

    def _token_rows(self, copies: int, tokens: Ints) -> Rows:
        out = np.full((len(tokens), self._n_rows), np.iinfo(np.uint64).max)
        for copy in range(copies):
            hashes = self._lists.hashes(tokens, MINHASH, copy).view("<u8").reshape(-1, 1, 2)
            values = self._prf(hashes ^ self._counters).reshape(len(tokens), -1)[:, : self._n_rows]
            np.minimum(out, values, out=out)
        return out
