"""Signals between two records of a registry, and what an attacker predicts for two plaintexts.

There are three signals, each observed in the registry and predicted from the plaintexts:

- the number of shared match keys of each kind: predicted exactly for combinations, since they are functions of the
  plaintext;
- the number of shared MinHash bands: with secret rows, predicted only as a rate from the Jaccard similarity of the
  tokens [Broder1997];
- the number of differing bits of the contents by segment: predicted by simulation under keys of the attacker.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.attacks.world.variants import content_only, exact_only
from benchmarks.attacks.world.view import REFERENCE_DATE, REPORTER, key_prints, observe
from pseudonym.identity.identities import Identity, read_identities
from pseudonym.identity.record import Record
from pseudonym.identity.tokens import Source, field_sources, minhash_sources, rich_enough
from pseudonym.profile import PRESENCE_BITS, Encoding, MinHash, Profile

__all__ = ["Meetings", "Predicted", "differing_bits", "masks", "meet", "segment_tokens", "token_matrix"]

WORD_BITS: Final = 64
BLOCK: Final = 4096
"""Candidates processed at a time, so that no intermediate matrix grows with their number."""

CONTENT_KEYS: Final = 2
"""Keys under which contents are simulated; more cost time and improve the predicted distances little."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Codes of records that share a match key with a code of a landmark.

    Attributes:
        row: (m,) the record.
        position: (m,) the position of its code in the record.
        landmark: (m,) the landmark, by its index in the list of landmarks.
        landmark_position: (m,) the position of the landmark's code.
    """

    row: Ints
    position: Ints
    landmark: Ints
    landmark_position: Ints

    def __len__(self) -> int:
        """Count the meetings."""
        return len(self.row)

    def take(self, rows: NDArray[np.bool_]) -> Meetings:
        """Return some of the meetings."""
        return Meetings(self.row[rows], self.position[rows], self.landmark[rows], self.landmark_position[rows])


def meet(keys: NDArray[np.generic], landmarks: Ints, *, landmark_keys: NDArray[np.generic] | None = None) -> Meetings:
    """List the match keys that records share with landmarks; a record does not meet itself.

    Args:
        keys: (n, c) match keys as numbers, distinct between kinds.
        landmarks: (k,) records.
        landmark_keys: (k, c) their keys, unless they are rows of `keys`.

    Returns:
        The meetings, by record.
    """
    c = keys.shape[1]
    own = landmark_keys is None
    held = (keys[landmarks] if landmark_keys is None else landmark_keys).ravel()
    order = np.argsort(held, kind="stable")
    ordered = held[order]
    flat = keys.ravel()
    begin = np.searchsorted(ordered, flat, "left")
    times = np.searchsorted(ordered, flat, "right") - begin
    source = np.repeat(np.arange(len(flat)), times)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(times) - times, times)
    target = order[begin[source] + offset]
    found = Meetings(source // c, source % c, target // c, target % c)
    return found.take(landmarks[found.landmark] != found.row) if own else found


def masks(encoding: Encoding) -> list[tuple[int, int, int]]:
    """List the position of each feature of a content, as `(feature, word, mask)`.

    Features are the segments in order, then their presence slots in order.
    """
    layout = encoding.layout
    stretches = [(place.first_bit, place.n_bits) for place in layout]
    stretches += [(place.presence_bit, PRESENCE_BITS) for place in layout]
    found = []
    for feature, (first, n_bits) in enumerate(stretches):
        for word in range(first // WORD_BITS, (first + n_bits - 1) // WORD_BITS + 1):
            low = max(first, word * WORD_BITS) - word * WORD_BITS
            high = min(first + n_bits, (word + 1) * WORD_BITS) - word * WORD_BITS
            found.append((feature, word, ((1 << (high - low)) - 1) << low))
    return found


def differing_bits(one: NDArray[np.uint64], other: NDArray[np.uint64], encoding: Encoding) -> NDArray[np.float32]:
    """Count differing bits of contents by feature.

    Args:
        one: (…, w) uint64.
        other: The same, or a shape that broadcasts with it.
        encoding: The encoding, with the positions of the features.

    Returns:
        (…, f) float32.
    """
    differing = one ^ other
    result = np.zeros((*differing.shape[:-1], 2 * len(encoding.layout)), np.float32)
    for feature, word, mask in masks(encoding):
        result[..., feature] += np.bitwise_count(differing[..., word] & np.uint64(mask))
    return result


def token_matrix(identities: Sequence[Identity], key: MinHash) -> sparse.csr_matrix:
    """Return the MinHash tokens of identities as ones of a sparse matrix; copies of a token are separate tokens.

    A token that several fields have, as a bigram of given and family name, is one token, as in the encoder: rows are
    sets, and the Jaccard similarity of two of them is at most 1.

    Args:
        identities: `n` identities.
        key: The MinHash match key, for the weights.

    Returns:
        (n, tokens) float32.
    """
    sources = minhash_sources(key.weights)
    return _ones([_copies(identity, sources) if rich_enough(identity, sources) else [] for identity in identities])


def _copies(identity: Identity, sources: Sequence[tuple[Source, int]]) -> list[tuple[Hashable, int]]:
    return [
        (token, copy)
        for source, weight in sources
        for token in source.tokens(source.value(identity))
        for copy in range(weight)
    ]


def segment_tokens(predicted: Predicted, field: str) -> sparse.csr_matrix:
    """Return the tokens of a content segment as ones of a sparse matrix, (N, tokens) float32.

    Args:
        predicted: The attacker's candidates.
        field: The field of the segment, a filter or slots.
    """
    sources = field_sources(field)
    return _ones(
        [
            [token for source in sources for token in source.tokens(source.value(identity))]
            for identity in predicted.identities
        ]
    )


def _ones(tokens: Sequence[Sequence[Hashable]]) -> sparse.csr_matrix:
    """Return a row of ones for each set of tokens; a token that is listed twice counts once."""
    rows = [list(dict.fromkeys(row)) for row in tokens]
    vocabulary: dict[Hashable, int] = {}
    columns = [vocabulary.setdefault(token, len(vocabulary)) for row in rows for token in row]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    ones = np.ones(len(columns), np.float32)
    shape = (len(rows), max(len(vocabulary), 1))
    return sparse.csr_matrix((ones, np.array(columns, np.int64), starts), shape)


class Predicted:
    """What an attacker can compute from its plaintexts: match keys, band rates, contents under its own keys."""

    has_contents = True

    def __init__(
        self, candidates: Sequence[Record], profile: Profile, *, label: str, public_rows: str | None = None
    ) -> None:
        """Prepare; everything is computed on first use.

        Args:
            candidates: `N` plaintexts.
            profile: The profile of the registry.
            label: Label of the attacker's keys.
            public_rows: If the row functions of MinHash are public, the label of their linkage key. Its match keys
                are then computed and compared only with each other, never with the registry's.
        """
        self.candidates = candidates
        self.profile = profile
        self.label = label
        self.public_rows = public_rows
        keys = profile.encoding.match_keys if public_rows is None else ()
        self.banded = [key for key in keys if isinstance(key, MinHash)]
        self._exact: NDArray[np.uint64] | None = None
        self._tokens: list[sparse.csr_matrix] | None = None
        self._contents: dict[int, NDArray[np.uint64]] = {}

    def __len__(self) -> int:
        """Count the candidates."""
        return len(self.candidates)

    @cached_property
    def identities(self) -> list[Identity]:
        """The first identity of each candidate."""
        return [
            read_identities(record, row=0, reference_date=REFERENCE_DATE, reporter=REPORTER)[0][0]
            for record in self.candidates
        ]

    @property
    def exact_keys(self) -> NDArray[np.uint64]:
        """The match keys of all combinations: (N, c) uint64."""
        if self._exact is None and self.public_rows is not None:
            self._exact = key_prints(self.candidates, self.profile, self.public_rows)
        if self._exact is None:
            reduced = exact_only(self.profile)
            empty = np.zeros((len(self), 0), np.uint64)
            self._exact = empty if reduced is None else key_prints(self.candidates, reduced, f"{self.label} keys")
        return self._exact

    @property
    def token_matrices(self) -> list[sparse.csr_matrix]:
        """The MinHash tokens of the candidates for each MinHash match key, (N, tokens) each, if its rows are secret."""
        if self._tokens is None:
            self._tokens = [token_matrix(self.identities, key) for key in self.banded]
        return self._tokens

    def band_rates(self, rows: Ints, landmarks: Ints) -> NDArray[np.float32]:
        """Return the expected number of shared bands of candidates and landmarks, over all MinHash kinds.

        Args:
            rows: (m,) candidates.
            landmarks: (k,) candidates.

        Returns:
            (m, k) float32.
        """
        rates = np.zeros((len(rows), len(landmarks)), np.float32)
        for key, tokens in zip(self.banded, self.token_matrices, strict=True):
            size = np.asarray(tokens.sum(axis=1)).ravel()
            theirs = tokens[landmarks].T.tocsr()
            for first in range(0, len(rows), BLOCK):
                chosen = rows[first : first + BLOCK]
                common = (tokens[chosen] @ theirs).toarray()
                union = size[chosen][:, None] + size[landmarks][None] - common
                rates[first : first + BLOCK] += key.bands * (common / np.maximum(union, 1)) ** key.rows
        return rates

    def contents(self, rows: Ints) -> NDArray[np.uint64]:
        """Return contents of candidates as if all were in one group, under `CONTENT_KEYS` keys.

        Args:
            rows: (m,) candidates; each is simulated only once.

        Returns:
            (m, keys, w) uint64.
        """
        new = [row for row in np.unique(rows).tolist() if row not in self._contents]
        if new:
            records = [self.candidates[row] for row in new]
            reduced = content_only(self.profile)
            views = [observe(records, reduced, f"{self.label} {key}").words[:, 0] for key in range(CONTENT_KEYS)]
            self._contents.update(zip(new, np.stack(views, axis=1), strict=True))
        return np.stack([self._contents[row] for row in rows.tolist()])
