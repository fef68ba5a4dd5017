"""Keyed hashes of the tokens of field values, each value's computed once. Sees keys and tokens.

A few thousand names, dates and ends of numbers make up most of a file, so what a value's tokens come to is kept: a
record is then a handful of list numbers, and everything after it is done on whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keys import Secret
from pseudonym.prf import BLOCK, BLOCK_BYTES, KeyedHash

__all__ = ["Growing", "ListMaker", "TokenHashes", "TokenLists"]

MAX_LISTS: Final = 1 << 14
"""Values whose lists are kept: numbers are nearly all different and would let memory grow with the records."""

MAX_TOKENS: Final = 50_000
"""Token hashes that are kept, for the same reason: scripts with thousands of letters have millions of bigrams."""

_NO_BLOCK: Final = bytes(BLOCK_BYTES)

Token = tuple[str, str]
"""A tag and a text."""

ListMaker = Callable[[Any], tuple[Sequence[Token], Token | None]]
"""Gives for a value its distinct tokens, and the presence token of its field if that is used."""


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


class TokenHashes(dict[Token, bytes]):
    """Hashes of tokens under the subkey for tokens, each computed when it is first asked for.

    They are `BLAKE2b-128(K_token, lp(tag, text, dec(copy), dec(block)))`, docs/spec.md, sections 5 and 7, for one copy
    and one block.
    """

    __slots__ = ("_hash", "_tail")

    def __init__(self, key: Secret, *, copy: int = 0, block: int = 0) -> None:
        """Take the subkey for tokens, the number of the copy and that of the block."""
        super().__init__()
        self._hash = KeyedHash(key, digest_bytes=BLOCK_BYTES)
        self._tail = length_prefixed(str(copy), str(block))

    def __missing__(self, token: Token) -> bytes:
        """Compute a hash."""
        if len(self) >= MAX_TOKENS:
            self.clear()
        found = self[token] = self._hash([length_prefixed(*token) + self._tail]).tobytes()
        return found

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenHashes>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the tokens are plaintext."""
        raise TypeError("Token hashes cannot be pickled or copied.")


class TokenLists:
    """For every value that has been seen, the hashes of its tokens and of the presence token of its field.

    Attributes:
        blocks: For each block of eight hash functions the hashes of all lists end to end, `(total,)` blocks. Row 0 is
            no token.
    """

    def __init__(
        self, key: Secret, makers: Sequence[ListMaker], *, copies: Sequence[int] | None = None, n_blocks: int = 1
    ) -> None:
        """Prepare.

        Args:
            key: The subkey for tokens.
            makers: For each of the `s` kinds of values what makes their tokens.
            copies: For each kind how many copies of a token a list has; one if not given.
            n_blocks: Blocks of hash functions.
        """
        self._copies = copies or [1] * len(makers)
        self._hashes = [
            [TokenHashes(key, copy=copy, block=block) for copy in range(max(self._copies))] for block in range(n_blocks)
        ]
        self._makers = makers
        self._numbers: tuple[dict[Hashable, int], ...] = tuple({} for _ in makers)
        self.blocks = tuple(Growing(BLOCK) for _ in range(n_blocks))
        self._starts, self._counts, self._presence = Growing(np.int64), Growing(np.int64), Growing(BLOCK)
        self.forget()

    def forget(self) -> None:
        """Remove all lists."""
        for known in self._numbers:
            known.clear()
        for growing in (*self.blocks, self._starts, self._counts, self._presence):
            growing.clear()
        for block in self.blocks:
            block.extend(np.zeros(1, BLOCK))
        self._waiting: list[tuple[list[bytes], bytes]] = []
        self._n = 0

    @property
    def full(self) -> bool:
        """Whether there are so many lists that they should be forgotten before the next batch."""
        return self._n > MAX_LISTS

    def numbers(self, values: Sequence[Sequence[Any]]) -> NDArray[np.int64]:
        """Give the number of the list of each value; a new value gets one.

        Args:
            values: For each of the `s` kinds the values of `n` identities.

        Returns:
            `(n, s) int64`.

        Sees: plaintext and key
        """
        columns = []
        for kind, (known, column) in enumerate(zip(self._numbers, values, strict=True)):
            found = list(map(known.get, column))
            if None in found:
                found = [self._add(kind, column[place]) if one is None else one for place, one in enumerate(found)]
            columns.append(np.array(found, np.int64))
        self._commit()
        return np.stack(columns, axis=1)

    def _add(self, kind: int, value: Any) -> int:
        known = self._numbers[kind]
        number = known.get(value)
        if number is None:
            tokens, presence = self._makers[kind](value)
            hashes = [
                b"".join([hashes[token] for hashes in copies[: self._copies[kind]] for token in tokens])
                for copies in self._hashes
            ]
            self._waiting.append((hashes, _NO_BLOCK if presence is None else self._hashes[0][0][presence]))
            number = known[value] = self._n
            self._n += 1
        return number

    def _commit(self) -> None:
        if not self._waiting:
            return
        lists, presence = zip(*self._waiting, strict=True)
        self._waiting = []
        counts = np.array([len(one[0]) // BLOCK_BYTES for one in lists], np.int64)
        self._starts.extend(len(self.blocks[0].rows) + np.cumsum(counts) - counts)
        self._counts.extend(counts)
        self._presence.extend(np.frombuffer(b"".join(presence), BLOCK))
        for index, block in enumerate(self.blocks):
            block.extend(np.frombuffer(b"".join([one[index] for one in lists]), BLOCK))

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each list begins in `blocks`, `(lists,)`."""
        return self._starts.rows

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many tokens each list has, `(lists,)`."""
        return self._counts.rows

    @property
    def presence(self) -> NDArray[np.void]:
        """The hash of the presence token of each list, `(lists,)` blocks; zero where there is none."""
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
