"""Keyed hashes of the tokens of field values, computed once per value. Sees keys and tokens.

A few thousand names, dates and serials make up most of a file, so the token list of each value is cached under
an id. A record is then a handful of list ids, and everything after that works on whole arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from pseudonym.canonical import length_prefixed
from pseudonym.keyed.keys import Secret
from pseudonym.keyed.prf import BLOCK, BLOCK_BYTES, KeyedHash

__all__ = ["CONTENT", "MINHASH", "RowCache", "Token", "TokenLists", "TokenMaker", "Turns"]

CONTENT: Final = "content"
"""The domain of the hashes that set bits; they are numbered by block."""

MINHASH: Final = "minhash"
"""The domain of the hashes that enter MinHash rows; they are numbered by copy."""

MAX_LISTS: Final = 1 << 15
"""Values cached at most: nearly all numbers differ, so without a bound memory would grow with the records."""

MAX_TOKENS: Final = 1 << 14
"""Tokens cached at most, for the same reason: scripts with thousands of letters have millions of bigrams."""

Token = tuple[str, str]
"""A tag and a text."""

TokenMaker = Callable[[Any], Sequence[Token]]
"""Returns the distinct tokens of a value."""

Ints = NDArray[np.int64]


class _Growing:
    """An array that grows at its end; `rows` is a view that is valid until the next `extend`."""

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
            # The capacity at least doubles, so appending a row costs constant time on average.
            data = np.zeros((max(end, 2 * len(self._data)), *self._data.shape[1:]), self._data.dtype)
            data[: self._n] = self.rows
            self._data = data
        self._data[self._n : end] = new
        self._n = end

    def clear(self) -> None:
        self._n = 0


class RowCache:
    """Rows that are computed on first use and cached under an id (of a list or a token)."""

    def __init__(self, make: Callable[[Ints], NDArray[np.uint64]], *, width: int, chunk: int) -> None:
        """Take the function that makes the rows of some ids, their width, and how many to make per call."""
        self._make = make
        self._chunk = chunk
        self._positions, self._rows = _Growing(np.int64), _Growing(np.uint64, width)

    def __call__(self, ids: Ints) -> NDArray[np.uint64]:
        """Return the rows of some ids, `(k, width) uint64`."""
        n_missing = int(ids.max(initial=-1)) + 1 - len(self._positions.rows)
        if n_missing > 0:
            self._positions.extend(np.full(n_missing, -1))
        positions = self._positions.rows[ids]
        if positions.min(initial=0) < 0:
            new = np.unique(ids[positions < 0])
            self._positions.rows[new] = len(self._rows.rows) + np.arange(len(new))
            for first in range(0, len(new), self._chunk):
                self._rows.extend(self._make(new[first : first + self._chunk]))
            positions = self._positions.rows[ids]
        return self._rows.rows.take(positions, axis=0)

    def forget(self) -> None:
        """Forget all rows."""
        self._positions.clear()
        self._rows.clear()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Turns:
    """The tokens of lists, turn by turn: first the first token of each list, then the second of each that has one.

    The longest lists come first, so the lists that take part in a turn are the first ones, and what is gathered from
    their tokens is a whole array in each turn.

    Attributes:
        order: `(k,) int64`, the lists by falling length.
        tokens: `(total,) int64`, their tokens.
        spans: For each turn, where its tokens begin, and the number of lists that take part.
    """

    order: Ints
    tokens: Ints
    spans: list[tuple[int, int]]


class TokenLists:
    """The tokens of every value seen so far, and the hashes of every token."""

    def __init__(self, makers: Sequence[TokenMaker], domains: Mapping[str, tuple[Secret, int]]) -> None:
        """Prepare.

        Args:
            makers: For each kind of value, the function that makes its tokens.
            domains: For each use of the hashes its subkey, and how many hashes a token has there, numbered from 0.
        """
        self._makers = makers
        self._hashers = {
            (domain, number): (KeyedHash(key, digest_bytes=BLOCK_BYTES), length_prefixed(str(number)))
            for domain, (key, n_hashes) in domains.items()
            for number in range(n_hashes)
        }
        self._known: tuple[dict[Hashable, int], ...] = tuple({} for _ in makers)
        self._tokens: dict[Token, int] = {}
        self._hashes = {use: _Growing(BLOCK) for use in self._hashers}
        self._members, self._starts, self._counts = (_Growing(np.int64) for _ in range(3))
        self.forget()

    def forget(self) -> None:
        """Forget all values and tokens; list ids returned earlier become invalid."""
        for known in self._known:
            known.clear()
        self._tokens.clear()
        for growing in (*self._hashes.values(), self._members, self._starts, self._counts):
            growing.clear()
        self._new_lists: list[list[int]] = []
        self._new_tokens: list[bytes] = []
        self._n = 0

    @property
    def full(self) -> bool:
        """Whether the cache is so large that `forget` should be called before the next batch."""
        return self._n > MAX_LISTS or len(self._tokens) > MAX_TOKENS

    def list_ids(self, kind: int, values: Sequence[Any]) -> Ints:
        """Return the id of the token list of each value; a new value gets a new one.

        Args:
            kind: The kind of the values, an index into `makers`.
            values: The values of `n` identities.

        Returns:
            `(n,) int64`.
        """
        found = list(map(self._known[kind].get, values))
        if None in found:
            found = [self._add(kind, values[index]) if one is None else one for index, one in enumerate(found)]
        return np.array(found, np.int64)

    def _add(self, kind: int, value: Any) -> int:
        list_id = self._known[kind].get(value)
        if list_id is None:
            tokens = self._makers[kind](value)
            known = self._tokens
            self._new_lists.append([known[token] if token in known else self._add_token(token) for token in tokens])
            list_id = self._known[kind][value] = self._n
            self._n += 1
        return list_id

    def _add_token(self, token: Token) -> int:
        self._new_tokens.append(length_prefixed(*token))
        token_id = self._tokens[token] = len(self._tokens)
        return token_id

    def commit(self) -> None:
        """Hash the new tokens; call it after `list_ids` and before any of the methods below."""
        counts = np.array([len(one) for one in self._new_lists], np.int64)
        self._starts.extend(len(self._members.rows) + np.cumsum(counts) - counts)
        self._counts.extend(counts)
        self._members.extend(np.array([token for one in self._new_lists for token in one], np.int64))
        for use, (hash_, tail) in self._hashers.items():
            # `BLAKE2b-128(K, lp(tag, text, dec(number)))`, docs/spec.md, sections 5 and 7.
            self._hashes[use].extend(hash_(token + tail for token in self._new_tokens).view(BLOCK).ravel())
        self._new_lists, self._new_tokens = [], []

    def counts(self, list_ids: Ints) -> Ints:
        """Return the number of tokens in each list."""
        return np.asarray(self._counts.rows[list_ids])

    def in_turns(self, list_ids: Ints) -> Turns:
        """Return the tokens of some lists, turn by turn.

        Args:
            list_ids: `(k,) int64`, the list ids.
        """
        counts = self._counts.rows[list_ids]
        # Short integers are sorted several times faster, and no list has so many tokens.
        order = np.argsort(-counts.astype(np.int16), kind="stable")
        # How many lists have more than 0, 1, 2 and so on tokens.
        taking = (len(counts) - np.cumsum(np.bincount(counts))[:-1]).tolist()
        firsts = [0, *accumulate(taking)]
        starts = self._starts.rows[list_ids[order]]
        places = np.empty(firsts[-1], np.int64)
        for turn, (first, n_lists) in enumerate(zip(firsts, taking, strict=False)):
            np.add(starts[:n_lists], turn, out=places[first : first + n_lists])
        return Turns(order, self._members.rows.take(places), list(zip(firsts, taking, strict=False)))

    def token_at(self, list_ids: Ints, index: int) -> Ints:
        """Return the token at `index` of each list; an arbitrary one for a list that is too short."""
        last = len(self._members.rows) - 1
        return np.asarray(self._members.rows.take(np.minimum(self._starts.rows[list_ids] + index, last)))

    def hashes(self, tokens: Ints, domain: str, number: int = 0) -> NDArray[np.void]:
        """Return one of the hashes of each token in a domain, `(k,)` blocks."""
        return np.asarray(self._hashes[domain, number].rows.take(tokens))

    def __repr__(self) -> str:
        """Show the class only."""
        return "<TokenLists>"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled or copied: the values are plaintext."""
        raise TypeError("Token lists cannot be pickled or copied.")
