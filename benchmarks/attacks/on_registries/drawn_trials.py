"""What draws of partitions add to payload and cases: registries that are purged, rows and controls.

The attack is in `drawn`. It is run with the draws and without them, and on draws that it cannot but use, or not use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.attacks.evidence.signals import Predicted
from benchmarks.attacks.metrics import Tally, pool, tally
from benchmarks.attacks.on_registries.drawn import OFTEN, Drawn, Likeness, Names, believe, drawn_pairs, learn
from benchmarks.attacks.on_registries.households import Beliefs, attack, reported
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.case_files import CaseWorld, case_registry, make_case_world, read_cases
from benchmarks.attacks.world.populations import records_of
from pseudonym.profile import Profile

__all__ = ["OWN", "PERSONS", "figures"]

PERSONS: Final = 600
"""Children who are reported in each registry."""

OWN: Final = 7_001
"""Seed of the attacker's own registry."""

NEAREST: Final = 3
"""Persons with whom each is joined by the control."""

WORKS: Final = 1.1
"""Minimum factor by which draws that join households must raise what is named; otherwise the attack ignores draws."""

NOTHING: Final = 1.03
"""Maximum factor by which draws of any two persons may raise it."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class _World:
    """A registry, and the list that exactly its persons are on."""

    cases: pd.DataFrame
    person: Ints
    listed: Ints
    truth: Ints
    names: Names
    drawn: Drawn

    @classmethod
    def of(cls, world: CaseWorld, profile: Profile, seed: int) -> _World:
        """Receive, link and purge the case files of a world."""
        with case_registry(world, profile, seed) as registry:
            registry.purge()
            cases = read_cases(registry)
            # In an order that says nothing of who they are, and is the same in each run: ids are drawn at random.
            person = pd.factorize(cases["person_id"])[0].astype(np.int64)
            person = np.random.default_rng([seed, 113]).permutation(int(person.max()) + 1)[person]
            drawn = drawn_pairs(registry, person)
        who = np.array([world.person[one] for one in zip(cases["reporter"], cases["record_id"], strict=True)])
        listed, true = np.unique(who, return_inverse=True)
        # A person of the registry is the one of most of its records.
        truth = pd.Series(true).groupby(person).agg(lambda ids: int(ids.mode().iloc[0])).to_numpy(np.int64)
        everybody = records_of(world.population)
        predicted = Predicted([everybody[one] for one in listed.tolist()], profile, label=f"attacker {seed}")
        return cls(cases, person, listed, truth, Names(predicted), drawn)

    def most_alike(self) -> Drawn:
        """Return what draws would show that join each person with those who are most like it."""
        everybody = np.arange(len(self.truth))
        alike = self.names.similarity(self.truth, self.truth)
        alike[everybody, everybody] = -1
        near = np.argsort(-alike, axis=1, kind="stable")[:, :NEAREST]
        one, other = np.repeat(everybody, NEAREST), near.ravel()
        pair = np.unique(np.column_stack([np.minimum(one, other), np.maximum(one, other)]), axis=0)
        return Drawn(pair[:, 0], pair[:, 1], np.full(len(pair), OFTEN[-2]))


@dataclass(frozen=True)
class _Row:
    """One row of the result."""

    attack: str
    title: str
    population: str = "children"
    setting: str = "closed"
    known: float = 0.0
    payload: bool = True


WITHOUT: Final = _Row("cases", "payload and cases")
WITH: Final = _Row("cases and draws", "payload, cases and draws")
ALONE: Final = _Row("payload", "payload without cases")
ALONE_WITH: Final = _Row("payload and draws", "payload and draws, without cases")
ANY_TWO: Final = _Row("any two", "control: payload, and draws that join any two persons")
NEAR: Final = _Row(
    "most alike", "control: payload, and draws that join each person with the three who are most like it"
)


def figures(
    profile: Profile,
    *,
    persons: int = PERSONS,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Attack the statistics unit of purged registries with its draws and without them, over all seeds.

    Args:
        profile: The profile, whose names are compared and whose runs draw.
        persons: Children who are reported in each registry.
        seeds: Seeds of populations and keys.
        say: Called with a line about each step.

    Returns:
        Rows, controls and whether the run failed, as JSON types; there are no gates.
    """
    rng = np.random.default_rng([OWN, 107])
    own = _World.of(make_case_world("children", persons, seed=OWN), profile, OWN)
    learned = {
        look: learn(pairs, own.truth, own.names, rng)
        for look, pairs in (("draws", own.drawn.apart(_cases(own))), ("near", own.most_alike()))
    }
    tallies: dict[_Row, list[Tally]] = {}
    pairs, drawn_persons = [], []
    for seed in seeds:
        world = make_case_world("children", persons, seed=seed)
        held = _World.of(world, profile, seed)
        shown = held.drawn.apart(_cases(held))
        pairs.append(len(shown.one))
        drawn_persons.append(len(np.unique(np.r_[shown.one, shown.other])))
        register, seen = world.register().take(held.listed), reported(held.cases, held.person)
        mixed = shown.of_others(len(held.truth), np.random.default_rng([seed, 109]))
        inside = np.zeros(len(held.truth), bool)
        inside[np.r_[shown.one, shown.other]] = True
        for row, said, look in (
            (WITHOUT, seen, None),
            (WITH, seen, (shown, learned["draws"])),
            (ALONE, seen.alone(), None),
            (ALONE_WITH, seen.alone(), (shown, learned["draws"])),
            (ANY_TWO, seen.alone(), (mixed, learned["draws"])),
            (NEAR, seen.alone(), (held.most_alike(), learned["near"])),
        ):
            alike = _as_it_is if look is None else _Alike(*look, held.names, len(held.listed))
            claims = attack(said, register, rng=np.random.default_rng([seed, 71]), alike=alike)
            found = tally(claims, held.truth, n_candidates=len(held.listed), groups={"in draws": inside})
            tallies.setdefault(row, []).append(found)
            say(f"{row.title}, seed {seed}: {found.share:.2%}")
    rows = [asdict(row) | pool(found).figures() for row, found in tallies.items()]
    share = {row: pool(found).share for row, found in tallies.items()}
    works = {
        "draws of those most alike name more": share[NEAR] >= WORKS * share[ALONE],
        "draws of any two persons name no more": share[ANY_TWO] <= NOTHING * share[ALONE],
    }
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "persons": persons,
        "seeds": list(seeds),
        "pairs_in_draws": pairs,
        "persons_in_draws": drawn_persons,
        "rows": rows,
        "verdicts": [],
        "works": works,
        "failed": not all(works.values()),
    }


@dataclass(frozen=True, eq=False, repr=False)
class _Alike:
    """What draws change of beliefs."""

    drawn: Drawn
    likeness: Likeness
    names: Names
    n_candidates: int

    def __call__(self, beliefs: Beliefs) -> Beliefs:
        return believe(beliefs, self.drawn, self.likeness, self.names, self.n_candidates)


def _as_it_is(beliefs: Beliefs) -> Beliefs:
    return beliefs


def _cases(world: _World) -> Ints:
    """Return the pairs of persons who are in one case."""
    return reported(world.cases, world.person).together
