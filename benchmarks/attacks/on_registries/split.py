"""What each reader would learn if nobody saw all that linking needs: is it worth splitting the linkage unit in two?

Today one reader sees which records share match keys and how far their contents differ. It could be split (*blind
comparison*): a *joiner* finds the pairs that share match keys but cannot read contents, and a *comparer* is given the
two contents of each pair, under a number that does not tell which pairs have a record in common. It answers with the
levels of the fields, with which the joiner goes on. This module gives the edge fingerprint (`edges`) what each of them
would see, and also what one reader would see if contents could be read only under two shared bands.

The comparer has no graph. It claims, for each pair on its own, the two candidates who are most likely to look so; a
record counts as named if a pair with both of its persons is claimed rightly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.attacks.evidence.candidate_pairs import Look
from benchmarks.attacks.evidence.differences import Feature
from benchmarks.attacks.evidence.scenes import Scenario, Scene
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.metrics import Claims, Tally, pool, tally
from benchmarks.attacks.on_codes import edges
from benchmarks.attacks.on_codes.edges import Edges
from benchmarks.attacks.trials import SEEDS
from pseudonym.profile import FieldTable, MinHash, Profile

__all__ = ["CHILDREN", "READERS", "WORKS", "figures"]

CHILDREN: Final = 5_000
"""Children in the registry, as in the other trials."""

WORKS: Final = 0.01
"""Minimum share of children that one reader who sees everything must name; otherwise the attack is broken."""

LIKELY: Final = 0.0
"""Minimum sum of the field weights, in nats, of a pair whose levels are shown to a joiner that sees those of likely
pairs only: the fields speak for one person rather than for two."""

_NOBODY: Final = Landmarks(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class _Reader:
    """Who reads, by name, and what its row is called."""

    name: str
    title: str


READERS: Final = (
    _Reader("whole", "one reader of everything, as today"),
    _Reader("two bands", "one reader, contents readable under two shared bands"),
    _Reader("joiner, levels", "joiner: match keys, and the levels of all pairs"),
    _Reader("joiner, two levels", "joiner: match keys, and for each field whether it agrees"),
    _Reader("joiner, likely pairs", "joiner: match keys, and the levels of likely pairs"),
    _Reader("joiner, counts", "joiner: match keys alone"),
    _Reader("comparer", "comparer: the contents of each pair, without a graph"),
)


def figures(
    profile: Profile,
    *,
    children: int = CHILDREN,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Attack a closed world with what each reader would see, over all seeds.

    Args:
        profile: The profile.
        children: Children in the registry.
        seeds: Seeds of populations and keys.
        say: Called with a line about each step.

    Returns:
        Rows and whether the attack works, as JSON types.

    Raises:
        ValueError: The profile has no tables for linking.
    """
    if profile.linking is None:
        raise ValueError("the profile has no tables for linking")
    scenario = Scenario("children", children)
    tallies: dict[_Reader, list[Tally]] = {reader: [] for reader in READERS}
    counts: dict[_Reader, list[int]] = {reader: [0, 0] for reader in READERS}
    for seed in seeds:
        scene = Scene(scenario, profile, seed)
        shown = {reader: _shown(scene, reader) for reader in READERS}
        for reader in READERS:
            rng = np.random.default_rng([seed, 67, *reader.name.encode()])
            claims = (
                _compare(scene, shown[reader], rng) if reader.name == "comparer" else _join(scene, shown[reader], rng)
            )
            found = tally(
                claims,
                scene.world.truth,
                unknown=np.ones(children, bool),
                n_candidates=len(scene.world.candidates),
                groups=scene.groups,
            )
            tallies[reader].append(found)
            counts[reader][0] += len(shown[reader])
            counts[reader][1] += sum(look.compared > 0 for look in shown[reader].looks)
            say(f"{reader.title}, seed {seed}: {found.share:.2%}")
    rows = [
        {"attack": "split", "reader": reader.name, "title": reader.title, "population": "children", "setting": "closed"}
        | {"known": 0.0, "payload": False, "pairs": counts[reader][0], "pairs_compared": counts[reader][1]}
        | pool(found).figures()
        for reader, found in tallies.items()
    ]
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "children": children,
        "seeds": list(seeds),
        "likely": LIKELY,
        "rows": rows,
        "verdicts": [],
        "works": rows[0]["re_identified"] >= WORKS,
        "failed": rows[0]["re_identified"] < WORKS,
    }


def _shown(scene: Scene, reader: _Reader) -> Edges:
    """Return the edges as a reader sees them."""
    found = Edges.of(scene.view, scene.candidate_pairs.features)
    return replace(found, looks=tuple(_glimpse(look, scene, reader.name) for look in found.looks))


def _glimpse(look: Look, scene: Scene, reader: str) -> Look:
    """Return what a reader sees of one edge."""
    assert scene.profile.linking is not None  # `figures` has refused a profile without tables.
    tables = {table.field: table for table in scene.profile.linking.fields}
    features, keys = scene.candidate_pairs.features, scene.profile.encoding.match_keys
    hidden = replace(look, compared=0, distance=0 * look.distance)
    if reader == "two bands":
        bands = np.array([isinstance(key, MinHash) for key in keys])
        return look if look.shared[~bands].any() or look.shared[bands].sum() > 1 else hidden
    if reader == "joiner, counts" or (reader == "joiner, likely pairs" and _weight(look, features, tables) <= LIKELY):
        return hidden
    if reader.startswith("joiner"):
        return _levelled(look, features, tables, only_agreement=reader == "joiner, two levels")
    return look


def _levelled(
    look: Look, features: Sequence[Feature], tables: Mapping[str, FieldTable], *, only_agreement: bool
) -> Look:
    """Return an edge whose filters show the range of their level, and whose slots whether they differ."""
    least, most = look.distance.copy(), look.distance.copy()
    for column, feature in enumerate(features):
        width = look.compared * feature.n_bits
        if not feature.hashes:
            most[column] = width if least[column] else 0
            least[column] = min(least[column], 1)
            continue
        limits = np.sort(tables[feature.field].edges)
        if only_agreement:
            limits = limits[:1] if feature.field == "birth_year" else limits[len(limits) // 2 :][:1]
        totals = np.r_[-1, np.floor(limits * look.compared).astype(np.int64), width]
        level = int(np.searchsorted(totals[1:-1], least[column], side="left"))
        least[column], most[column] = totals[level] + 1, totals[level + 1]
    return replace(look, distance=least, most=most)


def _weight(look: Look, features: Sequence[Feature], tables: Mapping[str, FieldTable]) -> float:
    """Return the sum of the field weights of an edge, in nats [Fellegi1969], by the tables of the profile."""
    absent = {
        feature.field for feature, bits in zip(features, look.distance, strict=True) if feature.slot == -2 and bits
    }
    distance: dict[str, float] = {}
    for feature, bits in zip(features, look.distance.tolist(), strict=True):
        # Fields without a table, and those that are absent, say nothing.
        if feature.slot == -2 or feature.field in absent or feature.field not in tables:
            continue
        added = bits / look.compared if feature.hashes else float(bits > 0)
        distance[feature.field] = distance.get(feature.field, 0.0) + added
    total = 0.0
    for field, apart in distance.items():
        limits = np.sort(tables[field].edges)
        level = len(limits) - int(np.searchsorted(limits, apart, side="left"))
        total += float(np.log(tables[field].m[level] / tables[field].u[level]))
    return total


def _join(scene: Scene, shown: Edges, rng: np.random.Generator) -> Claims:
    """Attack with the graph."""
    return edges.attack(
        scene.view, scene.predicted, _NOBODY, rng=rng, pairs=scene.candidate_pairs, seen=lambda whole: shown
    )


def _compare(scene: Scene, shown: Edges, rng: np.random.Generator) -> Claims:
    """Attack each edge on its own, and credit both of its records with the right one of the two claimed persons."""
    pairs = scene.candidate_pairs
    claims = Claims.none(len(scene.view))
    for edge, look in enumerate(shown.looks):
        likely = pairs.likelihood(pairs.tables(look))
        pair = int(rng.choice(np.flatnonzero(likely == likely.max())))
        # How much likelier the claimed pair is than all others together.
        sure = -float(np.log(max(np.exp(likely - likely[pair]).sum() - 1, 1e-9)))
        ends, named = (int(shown.one[edge]), int(shown.other[edge])), (int(pairs.one[pair]), int(pairs.other[pair]))
        _claim(claims, ends, _in_order(ends, named, scene.world.truth), sure)
    rest = np.flatnonzero(claims.candidate < 0)
    claims.candidate[rest] = rng.integers(0, pairs.n, len(rest))
    claims.confidence[rest] = -np.log(pairs.n)
    return claims


def _in_order(ends: tuple[int, int], named: tuple[int, int], truth: NDArray[np.int64]) -> tuple[int, int]:
    """Return two claimed persons in the order that is right, if one is."""
    turned = (named[1], named[0])
    return turned if turned == (truth[ends[0]], truth[ends[1]]) else named


def _claim(claims: Claims, ends: tuple[int, int], named: tuple[int, int], confidence: float) -> None:
    """Keep the surest claim about each record."""
    for record, person in zip(ends, named, strict=True):
        if claims.candidate[record] < 0 or confidence > claims.confidence[record]:
            claims.candidate[record], claims.confidence[record] = person, confidence
