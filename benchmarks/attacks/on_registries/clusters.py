"""Linked clusters: the linkage unit compares persons as it has linked them, and not single records.

In a real registry a person has several records, with errors, and the strongest signal of the edge fingerprint would be
drowned in edges between records of one person. But the linkage unit knows which records it has linked. It makes one
node of each person: of every kind the match keys that most of the person's records have, as many as one record has,
and under each the content on which most of these agree, bit by bit. So the errors of single records are voted away,
and the attack is that on a registry with one record of each person; what is left of errors are those of linking.

Registries of case files are received, linked and purged by the library, and read with the registry key. Beside the
clusters stand, for the first seed, the persons as they truly are, which shows what errors of linking cost the attacker,
and one record of each, as if nothing had been linked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.attacks.evidence.candidate_pairs import CandidatePairs
from benchmarks.attacks.evidence.scoring import Landmarks
from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.gates import CLUSTERS, judge_rows
from benchmarks.attacks.metrics import Tally, pool, tally
from benchmarks.attacks.on_codes import edges
from benchmarks.attacks.on_registries.settled import read_view
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.case_files import CaseWorld, case_registry, make_case_world, read_cases
from benchmarks.attacks.world.populations import records_of
from benchmarks.attacks.world.view import View
from pseudonym.identity.record import Record
from pseudonym.profile import Profile

__all__ = ["PERSONS", "WORKS", "cluster_view", "figures"]

PERSONS: Final = 5_000
"""Children who are reported, as in the other trials."""

WORKS: Final = 0.01
"""Minimum share of linked persons that must be named before a purge; otherwise the attack is broken."""

NOISE: Final = 0.002
"""Maximum share of them that may be named if what their codes hold is noise."""

VOTES: Final = 3
"""Records from which there is a majority."""

Ints = NDArray[np.int64]


def cluster_view(view: View, person: Ints) -> View:
    """Return one node for each person, with the codes that most of its records have.

    Args:
        view: The records.
        person: (n,) the number of the person of each record, from 0 on without gaps.
    """
    n, c = view.key.shape
    n_persons = int(person.max()) + 1
    owner = np.repeat(person, c)
    # Each different match key of each person, how many of its codes have it, and where the first one is.
    order = np.lexsort((view.key.ravel(), owner))
    key, who = view.key.ravel()[order], owner[order]
    first = np.flatnonzero(np.r_[True, (key[1:] != key[:-1]) | (who[1:] != who[:-1])])
    count = np.diff(np.r_[first, len(order)])
    key, who, kind = key[first], who[first], view.kind[order[first] % c]
    holders = np.bincount(key)[key]
    # Of equally frequent ones those that others have too: only these say anything.
    ranked = np.lexsort((-holders, -count, kind, who))
    group = who[ranked] * len(view.encoding.match_keys) + kind[ranked]
    begins = np.flatnonzero(np.r_[True, np.diff(group) != 0])
    rank = np.arange(len(ranked)) - np.repeat(begins, np.diff(np.r_[begins, len(ranked)]))
    per_kind = np.bincount(view.kind, minlength=len(view.encoding.match_keys))
    kept = rank < per_kind[kind[ranked]]
    chosen = ranked[kept]
    words = view.words.reshape(n * c, -1)
    content = words[order[first[chosen]]].copy()
    for place in np.flatnonzero((count[chosen] >= VOTES) & (holders[chosen] > 1)).tolist():
        at = first[chosen[place]]
        content[place] = _majority(words[order[at : at + count[chosen[place]]]])
    # Whoever has too few different ones of a kind gets some that nobody has.
    keys = view.key.max() + 1 + np.arange(n_persons * c).reshape(n_persons, c)
    contents = np.zeros((n_persons, c, view.words.shape[-1]), np.uint64)
    position = (np.cumsum(per_kind) - per_kind)[kind[chosen]] + rank[kept]
    keys[who[chosen], position], contents[who[chosen], position] = key[chosen], content
    return replace(view, key=keys, words=contents, kind=np.sort(view.kind))


def _majority(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the bits that most of some contents have."""
    bits = np.unpackbits(words.view(np.uint8), axis=1)
    return np.packbits(2 * bits.sum(axis=0) > len(bits)).view(np.uint64)


@dataclass(frozen=True)
class _Row:
    """One row of the result: the nodes of the graph, and when it is read."""

    attack: str
    title: str
    known: float = 0.0
    population: str = "children"
    setting: str = "closed"
    payload: bool = False


LINKED: Final = _Row("linked clusters", "persons as linked, before a purge")
KNOWN: Final = _Row("linked clusters", "persons as linked, before a purge, 20 % known", 0.2)
TRUE: Final = _Row("true clusters", "persons as they are, before a purge, first seed")
SINGLE: Final = _Row("single records", "one record of each person, before a purge, first seed")
HIDDEN: Final = _Row("noise", "control: persons as linked, contents are noise, first seed")
REVIEWED: Final = _Row("reviewed clusters", "persons as linked, after a purge, while pairs are reviewed")
REVIEWED_KNOWN: Final = _Row(
    "reviewed clusters", "persons as linked, after a purge, while pairs are reviewed, 20 % known", 0.2
)
SETTLED: Final = _Row("settled clusters", "persons as linked, after the review")
SETTLED_KNOWN: Final = _Row("settled clusters", "persons as linked, after the review, 20 % known", 0.2)


class _Attacker:
    """The linkage unit, with a list of exactly the persons who are reported."""

    def __init__(self, world: CaseWorld, cases: pd.DataFrame, profile: Profile, seed: int) -> None:
        self.seed = seed
        # Numbered by their first record, since ids are drawn at random and no two runs would be alike.
        self.person = pd.factorize(cases["person_id"])[0].astype(np.int64)
        who = np.array([world.person[one] for one in zip(cases["reporter"], cases["record_id"], strict=True)])
        listed, self.true = np.unique(who, return_inverse=True)
        everybody = records_of(world.population)
        self.predicted = Predicted([everybody[one] for one in listed.tolist()], profile, label=f"attacker {seed}")
        self.pairs = CandidatePairs(self.predicted)
        self.records = [Record(record_id=one) for one in cases["record_id"]]

    def tries(self, view: View, row: _Row, person: Ints) -> Tally:
        """Attack a view whose records are those of these persons."""
        nodes = cluster_view(view, person)
        # A node is the person of most of its records.
        truth = pd.Series(self.true).groupby(person).agg(lambda ids: int(ids.mode().iloc[0])).to_numpy(np.int64)
        return self._claims(nodes, truth, row)

    def single(self, view: View) -> Tally:
        """Attack one record of each person, drawn at random."""
        order = np.random.default_rng([self.seed, 89]).permutation(len(self.true))
        _, first = np.unique(self.true[order], return_index=True)
        rows = order[first]
        return self._claims(replace(view, key=view.key[rows], words=view.words[rows]), self.true[rows], SINGLE)

    def _claims(self, nodes: View, truth: Ints, row: _Row) -> Tally:
        rng = np.random.default_rng([self.seed, 97])
        # The attack breaks ties by number, so these must say nothing of who somebody is.
        order = rng.permutation(len(truth))
        nodes, truth = replace(nodes, key=nodes.key[order], words=nodes.words[order]), truth[order]
        # Several nodes may be of one person; the attacker knows one of them.
        _, known = np.unique(truth, return_index=True)
        known = np.sort(rng.choice(known, round(row.known * len(known)), replace=False))
        unknown = np.ones(len(truth), bool)
        unknown[known] = False
        claims = edges.attack(nodes, self.predicted, Landmarks(known, truth[known]), rng=rng, pairs=self.pairs)
        shares = nodes.shares(np.arange(len(nodes)))
        return tally(
            claims, truth, unknown=unknown, n_candidates=len(self.predicted) - len(known), groups={"sharing": shares}
        )


def figures(
    profile: Profile,
    *,
    persons: int = PERSONS,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Attack registries of case files before and after a purge, over all seeds.

    Args:
        profile: The profile.
        persons: Children who are reported.
        seeds: Seeds of populations and keys.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts, controls and whether the run failed, as JSON types.
    """
    tallies: dict[_Row, list[Tally]] = {}
    records, kept = [], []
    for seed in seeds:
        world = make_case_world("children", persons, seed=seed)
        with case_registry(world, profile, seed) as registry:
            cases = read_cases(registry)
            attacker = _Attacker(world, cases, profile, seed)
            before = read_view(registry, attacker.records)
            kept.append(registry.purge().open)
            reviewed = read_view(registry, attacker.records)
            registry.purge(review_days=0)
            settled = read_view(registry, attacker.records)
        records.append(len(cases))
        for row, found in _tries(attacker, before, reviewed, settled, beside=seed == seeds[0]):
            tallies.setdefault(row, []).append(found)
            say(f"{row.title}, seed {seed}: {found.share:.2%}")
    rows = [_figures(row, pool(found)) for row, found in tallies.items()]
    verdicts = judge_rows(CLUSTERS, rows)
    share = {row["title"]: row["re_identified"] for row in rows}
    works = {
        "persons are named before a purge": share[LINKED.title] >= WORKS,
        "nobody is named by noise": share[HIDDEN.title] <= NOISE,
        "clusters name more than single records": share[LINKED.title] > share[SINGLE.title],
    }
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "persons": persons,
        "seeds": list(seeds),
        "case_records": records,
        "pairs_for_review": kept,
        "rows": rows,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not all(works.values()) or any(verdict.missed for verdict in verdicts),
    }


def _figures(row: _Row, found: Tally) -> dict[str, Any]:
    sharing, _ = found.groups["sharing"]
    return asdict(row) | found.figures() | {"share_rate": round(sharing / max(found.records, 1), 4)}


def _tries(
    attacker: _Attacker, before: View, reviewed: View, settled: View, *, beside: bool
) -> Iterator[tuple[_Row, Tally]]:
    """Attack a registry in all ways; those that are shown for comparison only `beside` them."""
    for row in (LINKED, KNOWN):
        yield row, attacker.tries(before, row, attacker.person)
    if beside:
        yield TRUE, attacker.tries(before, TRUE, attacker.true)
        yield SINGLE, attacker.single(before)
        noise = np.random.default_rng([attacker.seed, 101]).integers(0, 2**64, before.words.shape, np.uint64)
        yield HIDDEN, attacker.tries(replace(before, words=noise), HIDDEN, attacker.person)
    for row in (REVIEWED, REVIEWED_KNOWN):
        yield row, attacker.tries(reviewed, row, attacker.person)
    for row in (SETTLED, SETTLED_KNOWN):
        yield row, attacker.tries(settled, row, attacker.person)
