"""Matches that share no match key, estimated by capture-recapture.

Each band of a MinHash key is an occasion on which a pair may be captured, that is, share a match key. All bands capture
a pair with the same probability, which depends on its similarity. The numbers of pairs captured once, twice and three
times therefore indicate how many were never captured. Only pairs that share no other kind of match key are counted: a
pair that also shares a number would be found without the bands.

Capture probabilities differ between pairs [Otis1978], and their distribution near 0 cannot be observed. There it is
*assumed* that true pairs become rarer as a power of their similarity; see `SIMILARITY_POWER`.

A Lincoln-Petersen estimate with the number key and the other keys as two occasions does not work: records with a number
are also better in all other fields. The other keys capture nearly all pairs that share a number and far fewer of the
rest, even within a pair of reporters, so the estimate would be that hardly any match is missed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import gammaln

from linkage.linking.sums import stable_sums
from pseudonym.profile import Encoding, MinHash

__all__ = [
    "MIN_CAPTURED",
    "SIMILARITY_POWER",
    "band_rows",
    "count_captures",
    "never_captured",
    "repeated_kinds",
    "weight_by_captures",
]

SIMILARITY_POWER: Final = 1.5
"""Near similarity 0, the density of true pairs is taken to be proportional to this power of their similarity. Chosen
for `case-registry` on synthetic case files with three error levels and six seeds each, including those of
docs/reference/quality.md. Changing the power by a half changes the estimated recall by about .01, and by more if fewer
pairs share a match key."""

MAX_CAPTURES: Final = 4
"""Pairs captured more often are very similar, and say nothing about pairs that are hardly similar."""

MIN_CAPTURED: Final = 30.0
"""Minimum number of expected matches captured one to `MAX_CAPTURES` times; with fewer, no estimate is made."""

MAX_RATIO: Final = 50.0
"""Maximum ratio between successive counts. It is beyond any real data and bounds the search."""


def repeated_kinds(encoding: Encoding) -> tuple[int, ...]:
    """Return the kinds of match key whose codes are repeated occasions: those of MinHash."""
    return tuple(kind for kind, key in enumerate(encoding.match_keys) if isinstance(key, MinHash))


def band_rows(encoding: Encoding) -> float:
    """Return the mean number of rows of a MinHash band over all bands; 0 without bands."""
    keys = [key for key in encoding.match_keys if isinstance(key, MinHash)]
    return sum(key.bands * key.rows for key in keys) / max(sum(key.bands for key in keys), 1)


def count_captures(batch: pa.RecordBatch, kinds: tuple[int, ...]) -> NDArray[np.int32]:
    """Count the match keys that each pair shares, for pairs that share only keys of the given kinds.

    Args:
        batch: Rows as `Engine.candidates` yields them.
        kinds: The kinds.

    Returns:
        `(p,) int32`, in the order of the batch. A key shared in several combinations counts once. A pair that shares a
        key of another kind has 0.
    """
    a, b, kind, keys = (batch.column(name).to_numpy() for name in ("a", "b", "kind", "key"))
    pair = np.ones(len(a), bool)
    pair[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    key = pair.copy()
    key[1:] |= (kind[1:] != kind[:-1]) | (keys[1:] != keys[:-1])
    starts = np.flatnonzero(pair)
    alone = np.logical_and.reduceat(np.isin(kind, kinds), starts)
    return np.where(alone, np.add.reduceat(key, starts, dtype=np.int32), np.int32(0))


def weight_by_captures(weight: NDArray[np.float64], captures: NDArray[np.int32]) -> NDArray[np.float64]:
    """Sum weights by number of captures.

    Args:
        weight: `(p,) float64`, the weight of each candidate.
        captures: `(p,) int32`, as `count_captures` counts them for the `repeated_kinds`.

    Returns:
        `(MAX_CAPTURES + 2,) float64`, from no captures; the last entry is for more than `MAX_CAPTURES`. The same to the
        last bit whatever the order of the pairs.
    """
    return stable_sums(np.minimum(captures, MAX_CAPTURES + 1), weight, MAX_CAPTURES + 2)


def never_captured(captured: NDArray[np.float64], rows: float) -> float | None:
    """Estimate how many matches were never captured from how many were captured once, twice and so on.

    If the similarity of true pairs has a density proportional to its power `s` (`SIMILARITY_POWER`), the capture
    probability of a band of `r` rows has one proportional to its power `(s + 1) / r - 1`, so the numbers of captures
    follow a zero-truncated negative binomial distribution with shape `(s + 1) / r` [Sampford1955]. Its scale is fitted
    to the counts from 1 to `MAX_CAPTURES`.

    Args:
        captured: `(k,) float64`, expected matches by number of captures, from 0; `k > MAX_CAPTURES`.
        rows: Mean number of rows of a band; 0 without bands.

    Returns:
        The number, or None if fewer than `MIN_CAPTURED` were captured one to `MAX_CAPTURES` times, or no scale fits.
    """
    seen = captured[1 : MAX_CAPTURES + 1]
    if not rows or seen.sum() < MIN_CAPTURED:
        return None
    shape = (SIMILARITY_POWER + 1) / rows
    times = np.arange(MAX_CAPTURES + 1)
    weights = np.exp(gammaln(times + shape) - gammaln(times + 1) - gammaln(shape))
    mean = float((times[1:] * seen).sum() / seen.sum())

    def excess(ratio: float) -> float:
        shares = (weights * ratio**times)[1:]
        return float((times[1:] * shares).sum() / shares.sum()) - mean

    if excess(1 / MAX_RATIO) >= 0 or excess(MAX_RATIO) <= 0:
        return None
    ratio = brentq(excess, 1 / MAX_RATIO, MAX_RATIO)
    return float(seen.sum() * weights[0] / (weights * ratio**times)[1:].sum())
