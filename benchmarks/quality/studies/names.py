"""How well spellings of names meet: `python -m benchmarks.quality names --data DIR`.

For each level of similarity used by encodings: the share of true variants that meet, and the share of random pairs of
persons with different names that meet. Soundex, Double Metaphone [Philips2000] and the Dice coefficient of folded
bigrams are measured too. The result holds shares and sizes only, no names.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

import jellyfish
import numpy as np
from doublemetaphone import doublemetaphone
from numpy.typing import NDArray

from benchmarks.quality.studies.name_pairs import CHECK, DEVELOPMENT, NameData, Pair, read_names_data
from pseudonym.errors import FieldError
from pseudonym.identity.names import Name, read_name
from pseudonym.profile import load_profile

__all__ = ["measure"]

MAX_BEARERS: Final = 1000
"""Largest weight of a pair of spellings in the capped figure, so that very common names do not dominate it."""

DICE: Final = tuple(round(0.3 + 0.05 * step, 2) for step in range(15))
FIXED_DICE: Final = 0.8
"""A common threshold for record linkage with bigrams."""

FILTER_BITS: Final = 64
FILTER_SEEDS: Final = 4
"""Bloom filters differ under each match key; distances are averaged over this many."""

BLOCK: Final = 1000

Key = Callable[[str], object]
Matrix = NDArray[np.float32]


@cache
def read(text: str) -> Name:
    """Read a name; empty if the text is not a name."""
    try:
        return read_name(text)
    except FieldError:
        return Name()


@cache
def plain(text: str) -> str:
    """Return the folded words without spaces, which the other methods also receive."""
    return "".join(character for word in read(text).words for character in word if "a" <= character <= "z")


KEYS: Final[dict[str, Key]] = {
    "sound": lambda text: frozenset(read(text).sounds),
    "folded": lambda text: read(text).words,
    "register": lambda text: read(text).register,
    "soundex": cache(lambda text: jellyfish.soundex(plain(text))),
    "double_metaphone": cache(lambda text: doublemetaphone(plain(text))[0]),
}
"""Methods under which two names meet if their keys are equal."""


def grams(text: str) -> frozenset[str]:
    """Return the bigrams of the folded form, as in a method without our rules."""
    return frozenset(
        one + other for word in read(text).words for one, other in zip("_" + word, word + "_", strict=True)
    )


def dice(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the Dice coefficient [Dice1945] of two sets; 0 for two empty ones."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def measure(folder: Path) -> dict[str, Any]:
    """Measure every method over the data of a folder.

    Args:
        folder: Folder with the files of names.

    Returns:
        Figures by method, of JSON types.
    """
    data = read_names_data(folder)
    edges = _edges()
    levels: dict[str, dict[str, Any]] = {}
    for name, key in KEYS.items():
        levels[name] = _by_pairs(data, partial(_keys_meet, key), [1.0])[0]
        levels[name]["random"] = {kind: _random_keys(data, kind, key) for kind in data.bearers}
    scores = {
        "folded_dice": (lambda one, other: dice(grams(one), grams(other)), DICE, grams),
        "grams_dice": (lambda one, other: dice(_ours(one), _ours(other)), DICE, _ours),
    }
    for name, (score, thresholds, of) in scores.items():
        found = _by_pairs(data, score, thresholds)
        random = {kind: _random_dice(data, kind, of, thresholds) for kind in data.bearers}
        for place, threshold in enumerate(thresholds):
            found[place]["random"] = {kind: random[kind][place] for kind in random}
            levels[f"{name}_{threshold:.2f}"] = found[place]
    found = _by_pairs(data, _filter_distance, edges, at_least=False)
    random = {kind: _random_filters(data, kind, edges) for kind in data.bearers}
    for place, edge in enumerate(edges):
        found[place]["random"] = {kind: random[kind][place] for kind in random}
        levels[f"filter_{edge:g}"] = found[place]
    for figures in levels.values():
        figures["summary"] = _summary(figures)
    return {"sizes": _sizes(data), "levels": levels}


def _keys_meet(key: Callable[[str], object], one: str, other: str) -> float:
    return float(key(one) == key(other))


def _ours(text: str) -> frozenset[str]:
    return frozenset(read(text).grams)


def _edges() -> list[float]:
    """Return the distances between the levels of given names in the default profile."""
    tables = load_profile("case-registry").linking
    assert tables is not None
    return sorted(next(list(one.edges) for one in tables.fields if one.field == "given_names"))


def _by_pairs(
    data: NameData, score: Callable[[str, str], float], thresholds: Sequence[float], *, at_least: bool = True
) -> list[dict[str, Any]]:
    """Return for each threshold the share of pairs that meet in every set and half.

    A pair meets if its score is at least the threshold, or at most with `at_least=False`.
    """
    figures: list[dict[str, Any]] = [{"variants": {}, "different": {}} for _ in thresholds]
    for group, sets in (("variants", data.variants), ("different", data.different)):
        for name, halves in sets.items():
            for number, title in ((DEVELOPMENT, "development"), (CHECK, "check")):
                pairs = halves[number]
                scored = np.array([score(one, other) for one, other, _ in pairs])
                for place, threshold in enumerate(thresholds):
                    meet = scored >= threshold if at_least else scored <= threshold
                    figures[place][group].setdefault(name, {})[title] = _shares(pairs, meet)
    return figures


def _shares(pairs: Sequence[Pair], meet: NDArray[np.bool_]) -> dict[str, float]:
    bearers = np.array([bearers for _, _, bearers in pairs], float)
    capped = np.minimum(bearers, MAX_BEARERS)
    return {
        "pairs": round(float(meet.mean()), 4),
        "bearers": round(float(meet @ bearers / bearers.sum()), 4),
        "bearers_capped": round(float(meet @ capped / capped.sum()), 4),
    }


def _weights(data: NameData, kind: str) -> tuple[list[str], NDArray[np.float64]]:
    names = list(data.bearers[kind])
    counts = np.array([data.bearers[kind][name] for name in names], float)
    return names, counts / counts.sum()


def _known_pairs(data: NameData, names: Sequence[str]) -> list[tuple[int, int]]:
    place = {name: index for index, name in enumerate(names)}
    return [(place[a], place[b]) for a, b in data.known if a < b and a in place and b in place]


def _random_keys(data: NameData, kind: str, key: Key) -> float:
    """Return the share of pairs of persons with different names (not variants) whose keys are equal."""
    names, weights = _weights(data, kind)
    groups = defaultdict(list)
    for index, name in enumerate(names):
        groups[key(name)].append(index)
    same = sum(weights[members].sum() ** 2 - (weights[members] ** 2).sum() for members in groups.values()) / 2
    known = sum(weights[a] * weights[b] for a, b in _known_pairs(data, names) if key(names[a]) == key(names[b]))
    return float((same - known) / _all_pairs(data, names, weights))


def _all_pairs(data: NameData, names: Sequence[str], weights: NDArray[np.float64]) -> float:
    known = sum(weights[a] * weights[b] for a, b in _known_pairs(data, names))
    return float((1 - (weights**2).sum()) / 2 - known)


def _random_dice(
    data: NameData, kind: str, of: Callable[[str], frozenset[str]], thresholds: Sequence[float]
) -> list[float]:
    names, weights = _weights(data, kind)
    sets = [of(name) for name in names]
    place = {gram: index for index, gram in enumerate(sorted(frozenset().union(*sets)))}
    matrix = np.zeros((len(names), len(place)), np.float32)
    for index, one in enumerate(sets):
        matrix[index, [place[gram] for gram in one]] = 1
    sizes = matrix.sum(1)

    def score(first: slice, common: Matrix) -> Matrix:
        sums: Matrix = sizes[first][:, None] + sizes[None]
        return 2 * common / sums + np.float32(1e-6)

    masses = _masses(matrix, score, weights, thresholds, _known_pairs(data, names))
    return [mass / _all_pairs(data, names, weights) for mass in masses]


def _random_filters(data: NameData, kind: str, edges: Sequence[float]) -> list[float]:
    names, weights = _weights(data, kind)
    known = _known_pairs(data, names)
    masses = np.zeros(len(edges))
    for seed in range(FILTER_SEEDS):
        matrix = np.array([_filter(name, seed) for name in names], np.float32)
        sizes = matrix.sum(1)

        def score(first: slice, common: Matrix, sizes: Matrix = sizes) -> Matrix:
            return 2 * common - sizes[first][:, None] - sizes[None]

        masses += _masses(matrix, score, weights, [-edge for edge in edges], known)
    return [float(mass) / FILTER_SEEDS / _all_pairs(data, names, weights) for mass in masses]


def _masses(
    matrix: Matrix,
    score: Callable[[slice, Matrix], Matrix],
    weights: NDArray[np.float64],
    thresholds: Sequence[float],
    known: Sequence[tuple[int, int]],
) -> list[float]:
    """Return the weight of unordered pairs, without known variants, whose score reaches each threshold."""
    both = np.zeros(len(thresholds))
    for start in range(0, len(matrix), BLOCK):
        first = slice(start, start + BLOCK)
        scores = score(first, matrix[first] @ matrix.T)
        for place, threshold in enumerate(thresholds):
            both[place] += weights[first] @ ((scores >= threshold) @ weights)
    masses = (both - (weights**2).sum()) / 2
    for a, b in known:
        one = score(slice(a, a + 1), matrix[a : a + 1] @ matrix.T)[0, b]
        masses -= weights[a] * weights[b] * (one >= np.array(thresholds))
    return [float(mass) for mass in masses]


@cache
def _filter(text: str, seed: int) -> NDArray[np.uint8]:
    """Return a Bloom filter with the default profile's length and hash functions, under one of a few seeds."""
    bits = np.zeros(FILTER_BITS, np.uint8)
    for gram in _ours(text):
        drawn = hashlib.blake2b(gram.encode(), key=bytes([seed]), digest_size=3).digest()
        bits[[byte % FILTER_BITS for byte in drawn]] = 1
    return bits


@cache
def _filters(text: str) -> NDArray[np.uint8]:
    return np.array([_filter(text, seed) for seed in range(FILTER_SEEDS)])


def _filter_distance(one: str, other: str) -> float:
    return float((_filters(one) != _filters(other)).sum()) / FILTER_SEEDS


def _summary(figures: dict[str, Any]) -> dict[str, float]:
    """Return means over the four sets of Latin spellings in the check half, and over given names and surnames."""
    sets = [figures["variants"][name]["check"] for name in ("arabic", "cyrillic", "given", "surname")]
    shares = {f"meet_{share}": round(float(np.mean([one[share] for one in sets])), 4) for share in sets[0]}
    return shares | {"false_meet": float(np.mean(list(figures["random"].values())))}


def _sizes(data: NameData) -> dict[str, Any]:
    return {
        "variants": {name: [len(halves[0]), len(halves[1])] for name, halves in data.variants.items()},
        "different": {name: [len(halves[0]), len(halves[1])] for name, halves in data.different.items()},
        "names": {kind: len(bearers) for kind, bearers in data.bearers.items()},
        "bearers": {kind: sum(bearers.values()) for kind, bearers in data.bearers.items()},
    }
