"""What an attacker computes of every pair of its candidates, without any key: how an edge between them would look.

An *edge* is a pair of records that share match keys. It shows how many they share of each kind, and how many bits of
each segment differ under them. Its likelihood, if the records were two given candidates, is a product of factors, since
every match key has row functions and filters of its own:

- shared bands: binomial, each with the Jaccard similarity of the tokens to the power of the rows [Broder1997];
- shared combinations: exactly as many as the plaintexts have in common;
- filters and slots of the contents: see `differences`; the differing bits of filters are taken to be binomial.

Pairs with equal numbers of tokens are one class, so each factor is evaluated once for a class.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numba
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.evidence.differences import (
    ERROR,
    distances,
    features,
    log_binomial,
    log_binomial_between,
    log_sum,
    slot_values,
    with_errors,
)
from benchmarks.attacks.evidence.signals import Predicted, segment_tokens
from pseudonym.profile import MinHash

__all__ = ["CandidatePairs", "Look", "grouped"]

FLOOR: Final = 0.001
"""Expected shared bands from which a pair is listed: nine in ten edges lie between such pairs."""

LARGEST: Final = 100
"""A match key that more records share is ignored: it says little of each, and pairs grow as squares."""

MISMATCH: Final = 8.0
"""Penalty for each shared combination that the plaintexts do not share, or the reverse, in nats."""

LOG_2: Final = float(np.log(2))

BLOCK_CELLS: Final = 2_000_000
"""Similarities held in memory at a time."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Tables = list[NDArray[np.float32]]


def grouped(keys: NDArray[np.generic]) -> tuple[Ints, Ints, Ints, Ints]:
    """List the pairs of records that share a match key, once for each key that they share.

    Args:
        keys: (n, c) match keys as numbers, distinct between kinds.

    Returns:
        Record, position, record, position: (m,) each, the first record before the second. A match key that more than
        `LARGEST` records share is left out.
    """
    c = max(keys.shape[1], 1)
    # A record of several identities has a match key several times; its first code counts.
    code = np.unique(np.column_stack([np.unique(keys, return_inverse=True)[1].ravel(), np.arange(keys.size) // c]),
                     axis=0, return_index=True)[1]  # fmt: skip
    _, group, size = np.unique(keys.ravel()[code], return_inverse=True, return_counts=True)
    code = code[np.argsort(group, kind="stable")]
    start = np.cumsum(size) - size
    one, other = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for members in range(2, min(int(size.max(initial=0)), LARGEST) + 1):
        first, second = np.triu_indices(members, 1)
        begin = start[size == members][:, None]
        one.append(code[begin + first].ravel())
        other.append(code[begin + second].ravel())
    a, b = np.concatenate(one), np.concatenate(other)
    return a // c, a % c, b // c, b % c


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one edge shows.

    Attributes:
        shared: (kinds,) match keys shared, by kind.
        compared: Shared match keys whose contents are visible.
        distance: (features,) bits in which the contents differ, summed over these.
        most: (features,) if only a range of each distance is seen, its upper end, inclusive; `distance` is then the
            lower one.
    """

    shared: Ints
    compared: int
    distance: Ints
    most: Ints | None = None


class CandidatePairs:
    """The pairs of candidates that may share match keys: `p` pairs of `N` candidates.

    Attributes:
        n: Candidates.
        one: (p,) the first candidate of each pair.
        other: (p,) the second.
        none: (p,) float32, log-probability that the pair shares no match key or is not in the registry.
        alone: (N,) float64, log-probability that a candidate shares nothing with anybody.
        features: The features of a content.
        classes: (p, factors) int32, the class of each pair in each factor; later factors have higher numbers.
    """

    def __init__(self, predicted: Predicted, *, share: float = 1.0) -> None:
        """Compute what is needed of all pairs.

        Args:
            predicted: What the attacker computes of its candidates.
            share: Share of the candidates who are in the registry, as the attacker believes.
        """
        self.n = len(predicted)
        self.encoding = predicted.profile.encoding
        self.features = features(self.encoding)
        self._banded = [
            (kind, key)
            for kind, key in enumerate(self.encoding.match_keys)
            if isinstance(key, MinHash) and predicted.public_rows is None
        ]
        self._list(predicted)
        self._index()
        chance = self._combinations(predicted)
        for place in range(len(self._banded)):
            chance = chance + self._bands(place)
        # A combination that both have is shared for certain.
        self.none = np.log(np.maximum(1 - share + share * np.exp(chance), np.exp(-MISMATCH))).astype(np.float32)
        self.alone = np.bincount(self.one, self.none, self.n) + np.bincount(self.other, self.none, self.n)
        weight = -np.expm1(self.none.astype(np.float64))
        self._rate = float(np.log(max(weight.sum(), 1e-12) / (self.n * self.n / 2)))
        # How frequent each class is among expected edges, factor by factor.
        self._weights: list[Floats] = []
        columns, first = [], 0
        for of, n in [*self._shared_classes(), *self._content_classes(predicted)]:
            self._weights.append(np.bincount(of, weight, n) / max(weight.sum(), 1e-12))
            columns.append((of + first).astype(np.int32))
            first += n
        self.classes = np.stack(columns, axis=1)
        self._held: dict[Hashable, NDArray[np.float32]] = {}

    def __len__(self) -> int:
        """Count the pairs."""
        return len(self.one)

    # The pairs.

    def _list(self, predicted: Predicted) -> None:
        """List the pairs that are alike enough to share a band, and those that share a combination."""
        matrices = [
            (key, tokens, np.asarray(tokens.sum(axis=1)).ravel(), tokens.T.tocsr())
            for (_, key), tokens in zip(self._banded, predicted.token_matrices, strict=True)
        ]
        step = max(BLOCK_CELLS // max(self.n, 1), 1)
        found = [np.zeros(0, np.int64)]
        for first in range(0, self.n if matrices else 0, step):
            expected: Any = 0
            for key, tokens, size, turned in matrices:
                similar = _jaccard(tokens[first : first + step], turned, size[first : first + step], size)
                expected = expected + key.bands * similar**key.rows
            row, column = np.nonzero(expected > FLOOR)
            row += first
            found.append((row * self.n + column)[column > row])
        a, _, b, _ = self._met = grouped(predicted.exact_keys)
        self._key = np.unique(np.concatenate([*found, a * self.n + b]))
        self.one, self.other = self._key // self.n, self._key % self.n
        self._overlap = [_overlap(tokens, self.one, self.other) for _, tokens, _, _ in matrices]
        self._sizes = [size for _, _, size, _ in matrices]

    def _index(self) -> None:
        both, across = np.r_[self.one, self.other], np.r_[self.other, self.one]
        order = np.argsort(both, kind="stable")
        self._starts = np.searchsorted(both[order], np.arange(self.n + 1))
        self._across, self._pair = across[order], order % max(len(self), 1)

    def index(self, one: Ints, other: Ints) -> Ints:
        """Return the pair of two candidates each, -1 if it is not listed."""
        if not len(self):
            return np.full(np.broadcast(one, other).shape, -1)
        key = np.minimum(one, other) * self.n + np.maximum(one, other)
        place = np.minimum(np.searchsorted(self._key, key), len(self) - 1)
        return np.where(self._key[place] == key, place, -1)

    def around(self, candidates: Ints) -> tuple[Ints, Ints, Ints]:
        """List the pairs of some candidates.

        Args:
            candidates: (k,) candidates.

        Returns:
            Index into `candidates`, the other candidate of the pair, and the pair: (m,) each.
        """
        begin = self._starts[candidates]
        times = self._starts[candidates + 1] - begin
        row = np.repeat(np.arange(len(candidates)), times)
        place = np.repeat(begin - (np.cumsum(times) - times), times) + np.arange(len(row))
        return row, self._across[place], self._pair[place]

    # The factors.

    def _combinations(self, predicted: Predicted) -> Floats:
        """Count the combinations that each pair shares by kind, and return the log-probability of sharing none."""
        banded = {kind for kind, _ in self._banded}
        exact = [kind for kind in range(len(self.encoding.match_keys)) if kind not in banded]
        kinds = np.repeat(exact, [self.encoding.match_keys[kind].n_codes for kind in exact]).astype(np.int64)
        a, position, b, _ = self._met
        self._shared = np.zeros((len(self), len(self.encoding.match_keys)), np.int64)
        if len(a):
            np.add.at(self._shared, (self.index(a, b), kinds[position]), 1)
        return np.where(self._shared.any(axis=1), -np.inf, 0.0)

    def _bands(self, place: int) -> Floats:
        """Return the log-probability that each pair shares no band of a kind."""
        return self._banded[place][1].bands * np.log1p(-np.minimum(self._rates(place), 1 - 1e-9))

    def _rates(self, place: int) -> Floats:
        common, size = self._overlap[place], self._sizes[place]
        union = size[self.one] + size[self.other] - common
        return np.asarray((common / np.maximum(union, 1)) ** self._banded[place][1].rows, np.float64)

    def _shared_classes(self) -> Iterator[tuple[Ints, int]]:
        """Yield the classes of pairs by shared match keys: combinations, then each kind of bands."""
        self._expected, of = np.unique(self._shared, axis=0, return_inverse=True)
        yield of.ravel(), len(self._expected)
        self._rate_of_class = []
        for place in range(len(self._banded)):
            rates, of = np.unique(np.round(self._rates(place), 7), return_inverse=True)
            self._rate_of_class.append(rates)
            yield of.ravel(), len(rates)

    def _content_classes(self, predicted: Predicted) -> Iterator[tuple[Ints, int]]:
        """Yield the classes of pairs by the tokens of their contents: all slots, then each filter."""
        slots = [feature for feature in self.features if not feature.hashes]
        equal = np.zeros(len(self), np.int64)
        for feature in slots:
            value = slot_values(predicted.identities, feature)
            equal = equal * 2 + ((value[self.one] == value[self.other]) & (value[self.one] >= 0))
        patterns, of = np.unique(equal, return_inverse=True)
        self._equal = (patterns[:, None] >> np.arange(len(slots) - 1, -1, -1) & 1).astype(np.float64)
        yield of.ravel(), len(patterns)
        self._moments = []
        for feature in self.features:
            if feature.hashes:
                distinct, of = self._tokens_in_common(segment_tokens(predicted, feature.field))
                self._moments.append(distances(distinct, feature))
                yield of, len(distinct)

    def _tokens_in_common(self, tokens: sparse.csr_matrix) -> tuple[Ints, Ints]:
        """Return the distinct (common, own, own) numbers of tokens of pairs, (-1, -1, -1) if a field is absent."""
        size = np.asarray(tokens.sum(axis=1)).ravel().astype(np.int64)
        common = _overlap(tokens, self.one, self.other).astype(np.int64)
        mine, theirs = size[self.one] - common, size[self.other] - common
        counts = np.column_stack([common, np.minimum(mine, theirs), np.maximum(mine, theirs)])
        counts[(size[self.one] == 0) | (size[self.other] == 0)] = -1
        distinct, of = np.unique(counts, axis=0, return_inverse=True)
        return distinct, of.ravel()

    # The likelihood.

    def tables(self, look: Look) -> Tables:
        """Return the log-likelihood of what an edge shows for each class of each factor, float32, not to be changed."""
        exact = np.ones(len(look.shared), dtype=bool)
        exact[[kind for kind, _ in self._banded]] = False
        found = [np.asarray(-MISMATCH * np.abs(self._expected - look.shared)[:, exact].sum(axis=1), np.float32)]
        for place, (kind, key) in enumerate(self._banded):
            rates, hits = self._rate_of_class[place], int(look.shared[kind])
            found.append(self._kept(("bands", place, hits), partial(_shared, hits, key.bands, rates)))
        most = look.distance if look.most is None else look.most
        seen = list(zip(self.features, look.distance.tolist(), most.tolist(), strict=True))
        slots = tuple(low for feature, low, _ in seen if not feature.hashes)
        found.append(self._kept(("slots", look.compared, look.most is None, slots), partial(self._slots, look)))
        filters = [one for one in seen if one[0].hashes]
        for place, ((feature, low, high), moments) in enumerate(zip(filters, self._moments, strict=True)):
            shown = feature.n_bits, look.compared, low, high
            found.append(self._kept(("filter", place, *shown), partial(_differing, *shown, *moments)))
        return found

    def _kept(self, shown: Hashable, make: Callable[[], Any]) -> NDArray[np.float32]:
        """Return the table of one factor: many edges show the same in it."""
        if shown not in self._held:
            self._held[shown] = np.asarray(make(), np.float32)
        return self._held[shown]

    def _slots(self, look: Look) -> Floats:
        bits = np.array([n for feature, n in zip(self.features, look.distance, strict=True) if not feature.hashes])
        width = look.compared * np.array([feature.n_bits for feature in self.features if not feature.hashes])
        if not len(bits):
            return np.zeros(len(self._equal))
        # Of a slot that differs, a range says no more than that.
        seen = look.most is None or not look.compared
        other = log_binomial(bits, width, 0.5) if seen else np.where(bits == 0, -width, np.log2(1 - 0.5**width)) * LOG_2
        same = np.where(bits == 0, 0.0, -np.inf)
        same, other = (np.logaddexp(a + np.log1p(-ERROR), b + np.log(ERROR)) for a, b in ((same, other), (other, same)))
        return np.asarray(self._equal @ (same - other) + other.sum())

    def likelihood(self, tables: Tables, pairs: Ints | slice = slice(None)) -> NDArray[np.float32]:
        """Return the log-likelihood of an edge for some pairs of candidates, by default for all.

        Args:
            tables: From `tables`.
            pairs: (m,) pairs.

        Returns:
            (m,) float32.
        """
        return np.asarray(_summed(np.concatenate(tables), self.classes[pairs]), np.float32)

    def unlisted(self, tables: Tables) -> float:
        """Return the log-likelihood of an edge between two persons of whom nothing is known, by the typical edge."""
        total = self._rate
        for table, weight in zip(tables, self._weights, strict=True):
            total += log_sum(table, weight)
        return total


def _shared(hits: int, n: int, rates: Floats) -> Floats:
    """Return the log-probability that a pair shares so many bands, by its rate."""
    return np.asarray(log_binomial(hits, n, np.clip(rates, 1e-9, 1 - 1e-9)))


def _differing(n_bits: int, compared: int, low: int, high: int, mean: Floats, p: Floats) -> Floats:
    """Return the log-probability that two filters differ in so many bits, summed over the contents compared."""
    likely = log_binomial_between(low, high, compared * mean / p, p)
    return np.asarray(with_errors(likely, compared * n_bits / 2) if compared else 0 * mean)


@numba.njit(cache=True, nogil=True)
def _summed(table: Any, classes: Any) -> Any:
    """Add up the entries of a table that belong to each pair."""
    total = np.empty(len(classes), np.float32)
    for pair in range(len(classes)):
        likely = table[classes[pair, 0]]
        for factor in range(1, classes.shape[1]):
            likely += table[classes[pair, factor]]
        total[pair] = likely
    return total


def _jaccard(tokens: Any, turned: Any, mine: Any, theirs: Any) -> NDArray[np.float32]:
    """Return the similarity of some candidates with all, (k, N)."""
    common = (tokens @ turned).toarray()
    return np.asarray(common / np.maximum(mine[:, None] + theirs[None] - common, 1), np.float32)


def _overlap(tokens: sparse.csr_matrix, one: Ints, other: Ints) -> NDArray[np.float32]:
    """Count the tokens that two candidates have in common, (p,)."""
    step = BLOCK_CELLS // 20
    parts = [
        np.asarray(tokens[one[first : first + step]].multiply(tokens[other[first : first + step]]).sum(axis=1)).ravel()
        for first in range(0, len(one), step)
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts]).astype(np.float32)
