"""How far the contents of two records are apart, part by part, without any key.

The parts of a content differ independently of each other. The bits in which two filters differ have the mean and the
variance that follow from the numbers of their tokens; in a slot nothing differs if the values are equal, and half of
the bits otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, xlog1py, xlogy

from pseudonym.identity.identities import Identity
from pseudonym.identity.tokens import field_sources, presence_source
from pseudonym.profile import PRESENCE_BITS, Encoding

__all__ = [
    "ERROR",
    "Feature",
    "distances",
    "features",
    "log_binomial",
    "log_binomial_between",
    "log_sum",
    "moments",
    "slot_values",
    "with_errors",
]

ERROR: Final = 1e-4
"""Share of distances that the model does not foresee."""

WORD_BITS: Final = 64

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Feature:
    """A filter, a slot or a presence slot of a content.

    Attributes:
        field: The field.
        slot: The place of a slot in its field, -1 for a filter, -2 for a presence slot.
        n_bits: Its bits.
        hashes: Hash functions of a filter, 0 otherwise.
        masks: Its bits, as `(word, mask)`.
    """

    field: str
    slot: int
    n_bits: int
    hashes: int
    masks: tuple[tuple[int, int], ...]


def features(encoding: Encoding) -> list[Feature]:
    """List the parts of a content that differ independently of each other: filters, single slots, presence slots."""
    found = []
    for segment, place in zip(encoding.segments, encoding.layout, strict=True):
        if place.form == "filter":
            masks = _masks(place.first_bit, place.n_bits)
            found.append(Feature(place.field, -1, place.n_bits, segment.hashes or 0, masks))
            continue
        for slot in range(segment.slots or 0):
            masks = _masks(place.first_bit + slot * place.slot_bits, place.slot_bits)
            found.append(Feature(place.field, slot, place.slot_bits, 0, masks))
    for place in encoding.layout:
        found.append(Feature(place.field, -2, PRESENCE_BITS, 0, _masks(place.presence_bit, PRESENCE_BITS)))
    return found


def _masks(first: int, n_bits: int) -> tuple[tuple[int, int], ...]:
    found = []
    for word in range(first // WORD_BITS, (first + n_bits - 1) // WORD_BITS + 1):
        low = max(first, word * WORD_BITS) - word * WORD_BITS
        high = min(first + n_bits, (word + 1) * WORD_BITS) - word * WORD_BITS
        found.append((word, ((1 << (high - low)) - 1) << low))
    return tuple(found)


def moments(common: Floats, mine: Floats, theirs: Floats, *, n_bits: int, hashes: int) -> tuple[Floats, Floats]:
    """Return mean and variance of the bits in which two filters differ, over all hash functions.

    Args:
        common: Tokens that both have.
        mine: Tokens that only the first has.
        theirs: Tokens that only the second has.
        n_bits: Bits of the filters.
        hashes: Hash functions.

    Returns:
        Mean and variance, in bits.
    """
    # A token leaves a given bit, or two given bits, unset with these probabilities.
    one, two = (1 - 1 / n_bits) ** hashes, (1 - 2 / n_bits) ** hashes
    differs = one**common * (one**mine + one**theirs - 2 * one ** (mine + theirs))
    neither, either, both = [], [], []
    for tokens in (mine, theirs):
        neither.append(two**tokens)
        either.append(one**tokens - two**tokens)
        both.append(1 - 2 * one**tokens + two**tokens)
    pair = both[0] * neither[1] + neither[0] * both[1] + 2 * either[0] * either[1]
    mean = n_bits * differs
    return mean, np.maximum(mean + n_bits * (n_bits - 1) * two**common * pair - mean**2, 0)


def log_binomial(hits: Any, n: Any, p: Any) -> Any:
    """Return the log-probability of `hits` of `n`, which need not be whole; -inf beyond `n`."""
    with np.errstate(invalid="ignore"):
        value = gammaln(n + 1) - gammaln(hits + 1) - gammaln(np.maximum(n - hits, 0) + 1)
        value = value + xlogy(hits, p) + xlog1py(n - hits, -p)
    return np.where(hits <= n, value, -np.inf)


def log_binomial_between(least: float, most: float, n: Floats, p: Floats) -> Floats:
    """Return the log-probability of `least` to `most` hits of `n`, which need not be whole."""
    if least == most:
        return np.asarray(log_binomial(least, n, p))
    return np.asarray(np.log(np.maximum(_at_most(most, n, p) - _at_most(least - 1, n, p), 1e-300)))


def _at_most(hits: float, n: Floats, p: Floats) -> Floats:
    """Return the probability of at most so many hits."""
    if hits < 0:
        return np.zeros(np.broadcast(n, p).shape)
    return np.where(hits >= n, 1.0, betainc(np.maximum(n - hits, 1e-9), hits + 1, 1 - p))


def log_sum(values: NDArray[Any], weights: NDArray[Any] | float = 1.0) -> float:
    """Return the logarithm of a weighted sum of exponentials; `-inf` stands for nothing."""
    top = values.max()
    return float(top + np.log(max((weights * np.exp(values - top)).sum(), 1e-300)))


def with_errors(log_probability: Any, n_values: float) -> Any:
    """Allow for a few distances that could be anything."""
    return np.logaddexp(log_probability + np.log1p(-ERROR), np.log(ERROR / max(n_values, 1.0)))


def slot_values(identities: Sequence[Identity], feature: Feature) -> Ints:
    """Number the values of a slot, (N,); -1 where the identity lacks the field."""
    numbers: dict[Any, int] = {}
    sources, presence = field_sources(feature.field), presence_source(feature.field)
    found = []
    for identity in identities:
        tokens = [token for source in sources for token in source.tokens(source.value(identity))]
        shown = tokens[feature.slot : feature.slot + 1]
        if feature.slot < 0 and tokens:
            shown = presence.tokens(presence.value(identity))[:1]
        found.append(numbers.setdefault(shown[0], len(numbers)) if tokens and shown else -1)
    return np.array(found, np.int64)


def distances(counts: Ints, feature: Feature) -> tuple[Floats, Floats]:
    """Return mean and probability of the binomial that stands for the differing bits of each class of pairs."""
    absent = counts[:, 0] < 0
    common, mine, theirs = np.maximum(counts, 0).T.astype(np.float64)
    mean, variance = moments(common, mine, theirs, n_bits=feature.n_bits, hashes=feature.hashes)
    mean, variance = np.where(absent, feature.n_bits / 2, mean), np.where(absent, feature.n_bits / 4, variance)
    return mean, np.clip(1 - variance / np.maximum(mean, 1e-9), 0.02, 0.98)
