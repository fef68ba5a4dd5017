"""Keyed hashes of the tokens of field values, each value looked at once. Sees keys and tokens.

A few thousand names, dates and ends of numbers make up most of a file, so what a value's tokens come to is kept: a
record is then a handful of numbers of lists, and everything after it is done on whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keyed.keys import Secret
from pseudonym.keyed.prf import BLOCK, BLOCK_BYTES, KeyedHash

__all__ = ["Kept", "Token", "TokenLists", "TokenMaker"]

MAX_LISTS: Final = 1 << 15
"""Values whose lists are kept: numbers are nearly all different and would let memory grow with the records."""

MAX_TOKENS: Final = 1 << 14
"""Tokens that are kept, for the same reason: scripts with thousands of letters have millions of bigrams."""

Token = tuple[str, str]
"""A tag and a text."""

TokenMaker = Callable[[Any], Sequence[Token]]
"""Gives the distinct tokens of a value."""

Numbers = NDArray[np.int64]


class _Growing:
    """An array to which rows are added at the end; `rows` is a view that holds until the next addition."""

    __slots__ = ("_data", "_n")

    def __init__(self, dtype: DTypeLike, *shape: int) -> None:
        self._data: NDArray[Any] = np.zeros((64, *shape), dtype)
        self._n = 0

    @property
    def rows(self) -> NDArray[Any]:
        return self._data[: self._n]

    def extend(self, new: NDArray[Any]) -> None:
        end = self._n + len(new)
        if end > len(self._data):
            # At least doubled, so that a row is moved a bounded number of times, however many come.
            data = np.zeros((max(end, 2 * len(self._data)), *self._data.shape[1:]), self._data.dtype)
            data[: self._n] = self.rows
            self._data = data
        self._data[self._n : end] = new
        self._n = end

    def clear(self) -> None:
        self._n = 0


class Kept:
    """Rows of numbers that are computed when they are first asked for."""

    def __init__(self, make: Callable[[Numbers], NDArray[np.uint64]], *, width: int, chunk: int) -> None:
        """Take what makes the rows of some numbers, how wide a row is, and how many are made at a time."""
        self._make = make
        self._chunk = chunk
        self._places, self._rows = _Growing(np.int64), _Growing(np.uint64, width)

    def __call__(self, numbers: Numbers) -> NDArray[np.uint64]:
        """Return the rows of some numbers, `(k, width) uint64`."""
        lacking = int(numbers.max(initial=-1)) + 1 - len(self._places.rows)
        if lacking > 0:
            self._places.extend(np.full(lacking, -1))
        places = self._places.rows[numbers]
        if places.min(initial=0) < 0:
            new = np.unique(numbers[places < 0])
            self._places.rows[new] = len(self._rows.rows) + np.arange(len(new))
            for first in range(0, len(new), self._chunk):
                self._rows.extend(self._make(new[first : first + self._chunk]))
            places = self._places.rows[numbers]
        return self._rows.rows.take(places, axis=0)

    def forget(self) -> None:
        """Forget all rows."""
        self._places.clear()
        self._rows.clear()


class TokenLists:
    """For every value that has been seen the list of its tokens, and for every token its hashes."""

    def __init__(self, key: Secret, makers: Sequence[TokenMaker], variants: Sequence[tuple[int, int]]) -> None:
        """Prepare.

        Args:
            key: The subkey for tokens.
            makers: What makes the tokens of the values of each kind.
            variants: The numbers of copy and block under which every token is hashed.
        """
        self._hash = KeyedHash(key, digest_bytes=BLOCK_BYTES)
        self._makers = makers
        self._variants = list(variants)
        self._tails = [length_prefixed(str(copy), str(block)) for copy, block in variants]
        self._known: tuple[dict[Hashable, int], ...] = tuple({} for _ in makers)
        self._tokens: dict[Token, int] = {}
        self._hashes = [_Growing(BLOCK) for _ in variants]
        self._members, self._starts, self._counts = (_Growing(np.int64) for _ in range(3))
        self.forget()

    def forget(self) -> None:
        """Forget all values and tokens; numbers given before mean nothing any more."""
        for known in self._known:
            known.clear()
        self._tokens.clear()
        for growing in (*self._hashes, self._members, self._starts, self._counts):
            growing.clear()
        self._new_lists: list[list[int]] = []
        self._new_tokens: list[bytes] = []
        self._n = 0

    @property
    def full(self) -> bool:
        """Whether so much is kept that it should be forgotten before the next batch."""
        return self._n > MAX_LISTS or len(self._tokens) > MAX_TOKENS

    def numbers(self, kind: int, values: Sequence[Any]) -> Numbers:
        """Return the number of the list of each value; a new value gets one.

        Args:
            kind: The kind of the values, a place in `makers`.
            values: The values of `n` identities.

        Returns:
            `(n,) int64`.
        """
        found = list(map(self._known[kind].get, values))
        if None in found:
            found = [self._add(kind, values[place]) if one is None else one for place, one in enumerate(found)]
        return np.array(found, np.int64)

    def _add(self, kind: int, value: Any) -> int:
        number = self._known[kind].get(value)
        if number is None:
            tokens = self._makers[kind](value)
            places = list(map(self._tokens.get, tokens))
            self._new_lists.append(
                [
                    self._add_token(token) if place is None else place
                    for token, place in zip(tokens, places, strict=True)
                ]
            )
            number = self._known[kind][value] = self._n
            self._n += 1
        return number

    def _add_token(self, token: Token) -> int:
        self._new_tokens.append(length_prefixed(*token))
        place = self._tokens[token] = len(self._tokens)
        return place

    def commit(self) -> None:
        """Bring what the other methods give up to date; to be called once `numbers` has been for all values."""
        counts = np.array([len(one) for one in self._new_lists], np.int64)
        self._starts.extend(len(self._members.rows) + np.cumsum(counts) - counts)
        self._counts.extend(counts)
        self._members.extend(np.array([place for one in self._new_lists for place in one], np.int64))
        for tail, hashes in zip(self._tails, self._hashes, strict=True):
            # `BLAKE2b-128(K_token, lp(tag, text, dec(copy), dec(block)))`, docs/spec.md, sections 5 and 7.
            hashes.extend(self._hash(token + tail for token in self._new_tokens).view(BLOCK).ravel())
        self._new_lists, self._new_tokens = [], []

    def counts(self, numbers: Numbers) -> Numbers:
        """Return how many tokens each of some lists has."""
        return np.asarray(self._counts.rows[numbers])

    def tokens(self, numbers: Numbers) -> Numbers:
        """Return the tokens of some lists, end to end, as numbers of their own.

        Args:
            numbers: `(k,) int64`, numbers of lists.

        Returns:
            `(total,) int64`.
        """
        counts = self._counts.rows[numbers]
        rows = np.repeat(self._starts.rows[numbers] - np.cumsum(counts) + counts, counts)
        rows += np.arange(len(rows))
        return np.asarray(self._members.rows.take(rows))

    def token_at(self, numbers: Numbers, place: int) -> Numbers:
        """Return the token at a place of each of some lists; any token for a list that has none there."""
        last = len(self._members.rows) - 1
        return np.asarray(self._members.rows.take(np.minimum(self._starts.rows[numbers] + place, last)))

    def hashes(self, tokens: Numbers, *, copy: int = 0, block: int = 0) -> NDArray[np.void]:
        """Return the hashes of tokens under one of the variants, `(k,)` blocks."""
        hashes = self._hashes[self._variants.index((copy, block))]
        return np.asarray(hashes.rows.take(tokens))

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenLists>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the values are plaintext."""
        raise TypeError("Token lists cannot be pickled or copied.")
