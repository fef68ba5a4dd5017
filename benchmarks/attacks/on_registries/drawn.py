"""Draws of partitions: which persons look alike, as the statistics unit keeps it after a purge.

A run draws how the undecided pairs of records may fall, and hands these draws over, since ranges of counts come from
them. A purge takes them from the linkage unit and leaves them here. So this unit knows pairs of persons that some draws
take for one, and how often: their names and birth dates are alike, or one of them was missed. It has no code; but
whoever has a list of names computes how much alike any two persons of the list are.

The attack is that on payload and cases (`households`), which says of each person whom it may be. Then each pair that
draws join, and no case, changes what is believed of both: two candidates are more probable together if they are as much
alike as pairs are that are drawn as often, or if they are one. How much alike those are, the attacker learns from a
registry of its own, of persons whom it has invented. Beliefs are passed along the pairs (belief propagation, a few
rounds [Kschischang2001]).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.on_registries.households import Beliefs
from benchmarks.registry_files import attached
from linkage.messages.labels import unpacked
from linkage.pipeline import Registry

__all__ = ["ALIKE", "OFTEN", "Drawn", "Likeness", "Names", "believe", "drawn_pairs", "joined", "learn"]

OFTEN: Final = (0.02, 0.05, 0.1, 0.2, 0.3)
"""Limits between classes of pairs, by the share of draws that take their records for one person."""

ALIKE: Final = tuple(float(one) for one in np.arange(1, 20) / 20)
"""Limits between classes of candidates, by the similarity of their names and birth dates [Broder1997]."""

SMOOTH: Final = 5.0
"""Pairs that are added to each class of the attacker's own registry, spread as those of any two persons are."""

RANDOM: Final = 200_000
"""Pairs of any two persons that are compared with those that draws join."""

OPTIONS: Final = 100
"""Candidates of each person that are compared with those of others, the most probable first."""

ROUNDS: Final = 3

STRONGEST: Final = 6.0
"""What one pair may add to the odds of a candidate, as a logarithm; pairs of one component are not independent."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Drawn:
    """Pairs of different persons whose records some draws join.

    Attributes:
        one: (p,) persons of the registry.
        other: (p,) persons, each after `one`.
        often: (p,) the share of draws that join a record of the one with a record of the other, in the mean.
    """

    one: Ints
    other: Ints
    often: Floats

    def apart(self, together: Ints) -> Drawn:
        """Return the pairs that no case joins."""
        most = int(max(self.other.max(initial=0), together.max(initial=0))) + 1
        kept = ~np.isin(self.one * most + self.other, together[:, 0] * most + together[:, 1])
        return Drawn(self.one[kept], self.other[kept], self.often[kept])

    def of_others(self, n: int, rng: np.random.Generator) -> Drawn:
        """Return as many pairs of any two of `n` persons."""
        one, other = rng.integers(0, n, (2, len(self.one)))
        kept = one != other
        return Drawn(np.minimum(one, other)[kept], np.maximum(one, other)[kept], self.often[kept])


def drawn_pairs(registry: Registry, person: Ints) -> Drawn:
    """Read which persons the draws of the statistics unit join.

    Args:
        registry: The registry.
        person: The number of the person of each record, in the order of `read_cases`.
    """
    with attached(registry.path) as store:
        rid = (
            store.execute("""
            SELECT rid FROM statistics.records JOIN statistics.cases USING (rid) JOIN statistics.reports USING (rid)
                JOIN statistics.persons USING (rid)
            ORDER BY rid
        """)
            .df()["rid"]
            .to_numpy(np.int64)
        )
        draws = store.execute("SELECT rid, component, labels FROM statistics.draws ORDER BY rid").df()
        n_draws = store.execute("SELECT draws FROM statistics.runs ORDER BY run DESC LIMIT 1").fetchall()[0][0]
    labels = unpacked(pa.chunked_array([pa.array(draws["labels"].tolist(), pa.binary())]), n_draws)
    return joined(person[np.searchsorted(rid, draws["rid"])], draws["component"].to_numpy(np.int64), labels)


def joined(person: Ints, component: Ints, labels: Ints) -> Drawn:
    """Return the pairs of persons whose records some draws join.

    Args:
        person: (v,) the person of each record that varies.
        component: (v,) its component; no draw joins records of two.
        labels: (v, d) its group in each draw.
    """
    found: list[tuple[int, int, float]] = []
    for number in np.unique(component).tolist():
        inside = component == number
        who, of = np.unique(person[inside], return_inverse=True)
        own, n = labels[inside], int(labels[inside].max(initial=0)) + 1
        # How many records of each person are in each group of each draw.
        held = np.zeros((len(who), own.shape[1], n))
        np.add.at(held, (of[:, None], np.arange(own.shape[1])[None], own), 1)
        flat = held.reshape(len(who), -1)
        often = flat @ flat.T / own.shape[1] / np.outer(np.bincount(of), np.bincount(of))
        for a, b in zip(*np.nonzero(np.triu(often, 1)), strict=True):
            found.append((int(who[a]), int(who[b]), float(often[a, b])))
    one, other, share = zip(*found, strict=True) if found else ((), (), ())
    return Drawn(np.array(one, np.int64), np.array(other, np.int64), np.array(share, np.float64))


@dataclass(frozen=True, eq=False, repr=False)
class Likeness:
    """How much more often two persons of a class of likeness are joined by draws than any two.

    Attributes:
        ratio: (classes of pairs, classes of candidates), by how often a pair is joined and how much alike the
            candidates are.
        same: (classes of pairs,) the share of pairs that are one person.
    """

    ratio: Floats
    same: Floats


class Names:
    """How much alike the persons of a list are."""

    def __init__(self, predicted: Predicted) -> None:
        """Prepare for the persons of a list, by the tokens of the first MinHash match key."""
        tokens = predicted.token_matrices[0]
        self._tokens = tokens
        self._size = np.asarray(tokens.sum(axis=1)).ravel()

    def __len__(self) -> int:
        """Count the persons."""
        return len(self._size)

    def similarity(self, one: Ints, other: Ints) -> Floats:
        """Return the similarity of each of some persons with each of some others, (a, b)."""
        common = (self._tokens[one] @ self._tokens[other].T).toarray()
        return np.asarray(
            common / np.maximum(self._size[one][:, None] + self._size[other][None] - common, 1), np.float64
        )

    def classes(self, one: Ints, other: Ints) -> Ints:
        """Return the class of each of some persons with each of some others, (a, b)."""
        return np.asarray(np.searchsorted(ALIKE, self.similarity(one, other)), np.int64)

    def pairs(self, one: Ints, other: Ints) -> Ints:
        """Return the class of each pair, (p,)."""
        common = np.asarray(self._tokens[one].multiply(self._tokens[other]).sum(axis=1)).ravel()
        similar = common / np.maximum(self._size[one] + self._size[other] - common, 1)
        return np.asarray(np.searchsorted(ALIKE, similar), np.int64)


def learn(drawn: Drawn, truth: Ints, names: Names, rng: np.random.Generator) -> Likeness:
    """Learn from a registry whose persons are known how much alike pairs are that draws join.

    Args:
        drawn: Its pairs.
        truth: The person of the list that each person of the registry is.
        names: The list.
        rng: Draws pairs of any two persons.
    """
    one, other = rng.integers(0, len(names), (2, RANDOM))
    any_two = np.bincount(names.pairs(one, other)[one != other], minlength=len(ALIKE) + 1) + 0.5
    usual = any_two / any_two.sum()
    often, same = np.searchsorted(OFTEN, drawn.often), truth[drawn.one] == truth[drawn.other]
    alike = names.pairs(truth[drawn.one], truth[drawn.other])
    counts = np.tile(SMOOTH * usual, (len(OFTEN) + 1, 1))
    np.add.at(counts, (often[~same], alike[~same]), 1)
    total = np.bincount(often, minlength=len(counts))
    share = np.bincount(often, same, len(counts)) / np.maximum(total + SMOOTH, 1)
    return Likeness(counts / counts.sum(axis=1, keepdims=True) / usual, share)


def believe(beliefs: Beliefs, drawn: Drawn, likeness: Likeness, names: Names, n_candidates: int) -> Beliefs:
    """Return what is believed of each person, given the pairs.

    Args:
        beliefs: What is believed without.
        drawn: The pairs.
        likeness: What is learned of such pairs.
        names: The attacker's list.
        n_candidates: Its length.
    """
    often = np.searchsorted(OFTEN, drawn.often)
    own = {
        one: (names_[:OPTIONS], np.asarray(chance[:OPTIONS], np.float64)) for one, (names_, chance) in beliefs.items()
    }
    links: dict[int, list[tuple[int, int]]] = {}
    factors = []
    for pair, (a, b) in enumerate(zip(drawn.one.tolist(), drawn.other.tolist(), strict=True)):
        same = likeness.same[often[pair]]
        factor = (1 - same) * likeness.ratio[often[pair]][names.classes(own[a][0], own[b][0])]
        factors.append(np.where(own[a][0][:, None] == own[b][0][None], same * n_candidates, factor))
        links.setdefault(a, []).append((pair, b))
        links.setdefault(b, []).append((pair, a))
    said: dict[tuple[int, int], Floats] = {
        (pair, to): np.zeros(len(own[to][0])) for to in links for pair, _ in links[to]
    }
    for _ in range(ROUNDS):
        # What each person is, by all pairs but the one along which it is said.
        total = {
            one: np.log(np.maximum(own[one][1], 1e-30)) + sum(said[pair, one] for pair, _ in links[one])
            for one in links
        }
        fresh = {}
        for to, near in links.items():
            for pair, source in near:
                without = total[source] - said[pair, source]
                weight = np.exp(without - without.max())
                factor = factors[pair] if drawn.other[pair] == source else factors[pair].T
                message = np.log(np.maximum(factor @ (weight / weight.sum()), 1e-12))
                fresh[pair, to] = np.clip(message, -STRONGEST, STRONGEST)
        said = fresh
    found = dict(beliefs)
    for one in links:
        score = np.log(np.maximum(own[one][1], 1e-30)) + sum(said[pair, one] for pair, _ in links[one])
        weight = np.exp(score - score.max())
        weight *= own[one][1].sum() / weight.sum()
        best = np.argsort(-weight, kind="stable")
        found[one] = own[one][0][best], np.asarray(weight[best], np.float32)
    return found
