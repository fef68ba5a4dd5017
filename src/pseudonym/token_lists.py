"""Keyed hashes of the tokens of field values, each value's computed once. Sees keys and tokens.

A few thousand names, dates and endings of numbers make up most of a file, so what a value's tokens come to is kept: a
record is then a handful of list numbers, and everything after it is done on whole arrays.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keys import Secret
from pseudonym.prf import BLOCK, BLOCK_BYTES, KeyedHash

__all__ = ["Growing", "TokenHashes", "TokenLists"]

MAX_KEPT: Final = 1 << 14
"""Values whose lists are kept: numbers are nearly all different and would let memory grow with the records."""

MAX_TOKENS: Final = 50_000
"""Token hashes that are kept, for the same reason: scripts with thousands of letters have millions of bigrams."""

Token = tuple[str, str]


class Growing:
    """An array to which rows are added at the end; `rows` is a view that holds until the next addition."""

    __slots__ = ("_data", "_n")

    def __init__(self, dtype: DTypeLike, *shape: int) -> None:
        """Take the type and shape of a row."""
        self._data: NDArray[Any] = np.zeros((64, *shape), dtype)
        self._n = 0

    @property
    def rows(self) -> NDArray[Any]:
        """Give all rows, `(n, …)`."""
        return self._data[: self._n]

    def extend(self, new: NDArray[Any]) -> None:
        """Add rows."""
        end = self._n + len(new)
        if end > len(self._data):
            # At least doubled, so that a row is moved a bounded number of times, however many come.
            data = np.zeros((max(end, 2 * len(self._data)), *self._data.shape[1:]), self._data.dtype)
            data[: self._n] = self.rows
            self._data = data
        self._data[self._n : end] = new
        self._n = end

    def clear(self) -> None:
        """Remove all rows."""
        self._n = 0


class TokenHashes:
    """Hashes of single tokens under the subkey for tokens, each computed once."""

    __slots__ = ("_hash", "_known")

    def __init__(self, key: Secret) -> None:
        """Take the subkey for tokens."""
        self._hash = KeyedHash(key, digest_bytes=BLOCK_BYTES)
        self._known: dict[tuple[str, str, int, int], bytes] = {}

    def __call__(self, token: Token, *, copy: int = 0, block: int = 0) -> bytes:
        """Give `BLAKE2b-128(K_token, lp(tag, text, dec(copy), dec(block)))`, docs/spec.md, sections 5 and 7.

        Sees: key
        """
        name = (*token, copy, block)
        found = self._known.get(name)
        if found is None:
            if len(self._known) >= MAX_TOKENS:
                self._known.clear()
            found = self._hash([length_prefixed(*token, str(copy), str(block))]).tobytes()
            self._known[name] = found
        return found

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenHashes>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the tokens are plaintext."""
        raise TypeError("Token hashes cannot be pickled or copied.")


class TokenLists:
    """For every value of a field that has been seen, the hashes of its tokens and of its presence token.

    Attributes:
        numbers: The number of the list of each value. Look it up, and if it is not there, `add` it.
        blocks: For each block of eight hash functions the hashes of all lists end to end, `(total,)` blocks. Row 0 is
            no token.
        starts: `(n,) int64`, where each list begins.
        counts: `(n,) int64`, how many tokens it has.
        presence: `(n,)` blocks, the hash of the presence token; zero for an absent field.
        present: `(n,) bool`.
    """

    def __init__(self, hashes: TokenHashes, *, n_blocks: int = 1) -> None:
        """Take the hashes of tokens and the number of blocks of hash functions."""
        self._hashes = hashes
        self.numbers: dict[Hashable, int] = {}
        self.blocks = tuple(Growing(BLOCK) for _ in range(n_blocks))
        self._starts, self._counts = Growing(np.int64), Growing(np.int64)
        self._presence = Growing(BLOCK)
        self.forget()

    def forget(self) -> None:
        """Remove all lists and whatever waits."""
        self.numbers.clear()
        for growing in (*self.blocks, self._starts, self._counts, self._presence):
            growing.clear()
        for block in self.blocks:
            block.extend(np.zeros(1, BLOCK))
        self._waiting: list[tuple[list[list[bytes]], bytes]] = []

    def add(self, value: Hashable, tokens: Iterable[tuple[Token, int]], *, presence: Token | None = None) -> int:
        """Make the list of a value.

        Args:
            value: The value, under which it is found again in `numbers`.
            tokens: Its tokens, each with the number of a copy; none for an absent field.
            presence: Its presence token, if the field has one and is there.

        Returns:
            The number of the list; its arrays have it once `commit` has run.

        Sees: key
        """
        tokens = list(tokens)
        hashes = [
            [self._hashes(token, copy=copy, block=block) for token, copy in tokens] for block in range(len(self.blocks))
        ]
        self._waiting.append((hashes, bytes(BLOCK_BYTES) if presence is None else self._hashes(presence)))
        number = self.numbers[value] = len(self.numbers)
        return number

    def commit(self) -> None:
        """Bring the arrays up to date."""
        if not self._waiting:
            return
        lists, presence = zip(*self._waiting, strict=True)
        self._waiting = []
        counts = np.array([len(one[0]) for one in lists], np.int64)
        self._starts.extend(len(self.blocks[0].rows) + np.cumsum(counts) - counts)
        self._counts.extend(counts)
        self._presence.extend(_blocks(presence))
        for index, block in enumerate(self.blocks):
            block.extend(_blocks([row for one in lists for row in one[index]]))

    def full(self) -> bool:
        """Say whether there are so many lists that they should be forgotten before the next batch."""
        return len(self.numbers) > MAX_KEPT

    @property
    def starts(self) -> NDArray[np.int64]:
        """Give where each list begins."""
        return self._starts.rows

    @property
    def counts(self) -> NDArray[np.int64]:
        """Give how many tokens each list has."""
        return self._counts.rows

    @property
    def presence(self) -> NDArray[np.void]:
        """Give the hash of the presence token of each list."""
        return self._presence.rows

    def rows_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the rows in `blocks` of some lists, end to end.

        Args:
            numbers: `(k,) int64`, list numbers.

        Returns:
            `(total,) int64`.

        Sees: neither
        """
        counts = self.counts[numbers]
        ends = np.cumsum(counts)
        rows = np.repeat(self.starts[numbers] - ends + counts, counts)
        rows += np.arange(len(rows))
        return rows

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenLists>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the values are plaintext."""
        raise TypeError("Token lists cannot be pickled or copied.")


def _blocks(rows: Sequence[bytes]) -> NDArray[np.void]:
    return np.frombuffer(b"".join(rows), BLOCK)
