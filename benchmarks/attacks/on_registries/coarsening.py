"""What payload and cases name, by how coarse they are: `python -m benchmarks.attacks households`.

Registries of case files with errors are received and linked by the library; the attacker reads the file of the
statistics unit and has a register of households (`households`). Beside the payload as it is sent stand coarser ones,
which show what would help, and a finer one, birth months, which shows that the attack works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.attacks.gates import HOUSEHOLDS, judge_rows
from benchmarks.attacks.metrics import Tally, pool, tally
from benchmarks.attacks.on_registries.households import Reported, attack, reported
from benchmarks.attacks.trials import SEEDS
from benchmarks.attacks.world.case_files import CaseWorld, Register, case_registry, make_case_world, read_cases
from pseudonym.profile import Profile

__all__ = ["COARSER", "PERSONS", "figures"]

PERSONS: Final = 5_000
"""Persons who are reported, as in the other trials."""

OPEN: Final = 10
"""Persons in the register for each who is reported, where the attacker does not know who is."""

PEOPLE: Final = {"children": "children", "cases": "children and adults"}
"""Kinds of population, in words."""

CASES_GAIN: Final = 1.1
"""Minimum factor by which cases must raise what payload alone names; otherwise the attack ignores them."""

FINE: Final = 0.7
"""Minimum share of children that must be named if birth months are sent."""

CHANCE: Final = 0.005
"""Maximum share that may be named if nothing is sent."""

Ints = NDArray[np.int64]
Change = Callable[[pd.DataFrame], pd.DataFrame]


def _counties(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(municipality=cases["municipality"].str[:2])


def _nowhere(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(municipality=None)


def _years(cases: pd.DataFrame) -> pd.DataFrame:
    return cases.assign(event_date=cases["event_date"].str[:4], report_date=cases["report_date"].str[:4])


def _children(cases: pd.DataFrame) -> pd.DataFrame:
    minor = {"0-6": "child", "7-12": "child", "13-15": "child", "16-17": "child"}
    return cases.assign(age=cases["age"].replace(minor).where(cases["age"].isin([*minor, "child"]), "adult"))


def _coarsest(cases: pd.DataFrame) -> pd.DataFrame:
    return _children(_years(_counties(cases)))


def _nothing(cases: pd.DataFrame) -> pd.DataFrame:
    return _nowhere(cases).assign(age=None, sex=None, role=None)


def _birth_months(cases: pd.DataFrame, register: Register, person: Ints) -> pd.DataFrame:
    birth = register.birth[person].astype("datetime64[D]").astype("datetime64[M]")
    return cases.assign(birth=birth.astype(str))


COARSER: Final[dict[str, Change]] = {
    "counties instead of municipalities": _counties,
    "no municipality": _nowhere,
    "years instead of months": _years,
    "children and adults instead of age bands": _children,
    "counties, years, children and adults": _coarsest,
}
"""Coarser payloads by name."""


@dataclass(frozen=True)
class _Row:
    """One row of the result: the attack, what is sent, and whom the attacker's register holds."""

    attack: str
    title: str
    population: str
    setting: str
    known: float = 0.0
    payload: bool = False


def figures(
    profile: Profile,
    *,
    persons: int = PERSONS,
    seeds: Sequence[int] = SEEDS,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Attack the statistics unit of registries of children, and of children and adults, over all seeds.

    Args:
        profile: The profile, which matters only by how well records are linked.
        persons: Persons who are reported.
        seeds: Seeds of populations and keys.
        say: Called with a line about each step.

    Returns:
        Rows, verdicts, controls and whether the run failed, as JSON types.
    """
    tallies: dict[_Row, list[Tally]] = {}
    listed: dict[str, list[int]] = {}
    for kind in ("children", "cases"):
        for seed in seeds:
            world = make_case_world(kind, persons, seed=seed, factor=OPEN)
            with case_registry(world, profile, seed) as registry:
                cases = read_cases(registry)
            for row, counts in _tries(world, cases, kind, seed, persons):
                tallies.setdefault(row, []).append(counts)
                say(f"{row.title}, seed {seed}: {counts.share:.2%}")
            listed.setdefault(kind, []).append(len(cases))
    rows = [asdict(row) | pool(found).figures() for row, found in tallies.items()]
    verdicts = judge_rows(HOUSEHOLDS, rows)
    works = _works(rows)
    return {
        "profile": profile.name,
        "profile_digest": profile.digest,
        "persons": persons,
        "seeds": list(seeds),
        "records": listed,
        "rows": rows,
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "works": works,
        "failed": not all(works.values()) or any(verdict.missed for verdict in verdicts),
    }


def _works(rows: Sequence[dict[str, Any]]) -> dict[str, bool]:
    """Return for each input whether the attack uses it."""
    share = {(row["attack"], row["population"], row["setting"]): row["re_identified"] for row in rows}

    def of(attack: str) -> float:
        return float(share[attack, "children", "closed"])

    return {
        "birth months": of("households, birth months") >= FINE,
        "cases": of("households") >= CASES_GAIN * of("payload alone"),
        "payload": of("households, nothing sent") <= CHANCE,
    }


def _tries(world: CaseWorld, cases: pd.DataFrame, kind: str, seed: int, persons: int) -> list[tuple[_Row, Tally]]:
    """Attack one registry in all ways."""
    person = np.unique(cases["person_id"], return_inverse=True)[1]
    true = np.array([world.person[one] for one in zip(cases["reporter"], cases["record_id"], strict=True)])
    # A person of the registry is the one of most of its records.
    mostly = pd.Series(true).groupby(person).agg(lambda ids: int(ids.mode().iloc[0])).to_numpy()
    register, people = world.register(), f"{persons:,} {PEOPLE[kind]}"
    closed, everybody = np.unique(true), np.arange(len(world.population))
    found = []

    def try_(attack_: str, title: str, listed: Any, seen: Reported, *, setting: str = "closed") -> None:
        candidate_of = np.full(len(register), -1)
        candidate_of[listed] = np.arange(len(listed))
        claims = attack(seen, register.take(listed), rng=np.random.default_rng([seed, 71]))
        counts = tally(claims, candidate_of[mostly], n_candidates=len(listed))
        found.append((_Row(attack_, f"{title}, {people}", kind, setting), counts))

    sent = reported(cases, person)
    try_("households", "payload and cases", closed, sent)
    try_("payload alone", "payload without cases", closed, sent.alone())
    try_("households", f"payload and cases, among {OPEN} times as many", everybody, sent, setting="open")
    if kind == "children":
        for name, change in COARSER.items():
            try_(f"households, {name}", name, closed, reported(change(cases), person))
        fine = reported(_birth_months(cases, register, true), person)
        try_("households, birth months", "control: birth months", closed, fine)
        try_("households, nothing sent", "control: nothing sent", closed, reported(_nothing(cases), person).alone())
    return found
