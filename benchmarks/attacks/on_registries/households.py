"""Payload with cases: persons are named by what reports say about them, and by who is in one case with them.

The statistics unit has no code, but it knows which records are one person, the month, the age band, the sex, the
municipality and the role in each record, and who is in one case. The attacker compares this with a register of persons
by household. Several records of a person narrow its birth date, since age bands are of different months; and persons in
one case are mostly of one household, so that only a household fits that has a member for each of them.

Every candidate is scored for each person by what the records say; persons in one case are placed together, in every
household that has room for them. Nothing is certain: a value may be wrong, a record linked to the wrong person, and
somebody in a case a stranger. Sure claims rule out their candidates for all others, and everything is repeated.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from benchmarks.attacks.metrics import Claims
from benchmarks.attacks.world.case_files import Register
from pseudonym.codebook import load_codebook

__all__ = ["CODEBOOK", "Beliefs", "Reported", "attack", "reported"]

CODEBOOK: Final = "case-registry"

WRONG: Final = -6.0
"""Log-likelihood of a value that does not fit: a wrong value, or a record of somebody else."""

STRANGER: Final = -4.0
"""Log-probability that a person in a case is of no household that the others are of."""

ROUNDS: Final = 3
"""Rounds; the sure claims of each rule out candidates in the next."""

SURE: Final = 0.95
"""Probability from which a claim is sure."""

LIKELY: Final = 0.001
"""Probability from which a candidate matters if somebody else takes it."""

MOST: Final = 7
"""Persons placed together at most; a larger case is mostly no household."""

HOUSEHOLDS: Final = 100
"""Households that are tried for each case, the most probable first."""

BAND: Final = 8.0
"""Households, and ways to place persons in one, that are less probable by this than the best, in nats, are left out."""

WAYS: Final = 100
"""Ways kept at each step, the most probable first."""

BLOCK: Final = 200
_YEAR_DAYS: Final = 365.25
_DELAY_DAYS: Final = 400
"""Days before the report in which an event without a date is assumed to lie."""
_ADULT: Final = 18

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Beliefs = dict[int, tuple[Ints, Floats]]
"""For each person the candidates that it may be, the most probable first, and their probabilities."""


@dataclass(frozen=True, eq=False, repr=False)
class Reported:
    """What the statistics unit says of `n` persons.

    Attributes:
        values: Distinct values, each as a function that says which persons of a register it fits.
        counts: (n, values) how many records of each person have it.
        together: (p, 2) persons who are in one case.
    """

    values: tuple[Callable[[Register], NDArray[np.bool_]], ...]
    counts: sparse.csr_matrix
    together: Ints

    def __len__(self) -> int:
        """Count the persons."""
        return int(self.counts.shape[0])

    def alone(self) -> Reported:
        """Return the same without the cases."""
        return replace(self, together=np.zeros((0, 2), np.int64))


def reported(cases: pd.DataFrame, person: Ints) -> Reported:
    """Read what records say.

    Args:
        cases: One row per record: `reporter`, `case_id`, `report_id`, `role`, `event_date`, `report_date`, `age`, `sex`
            and `municipality`; None for what is missing. A municipality may be cut to its county. `birth`, a date or
            part of one, is in no registry.
        person: (records,) the number of the person of each record, as linked.
    """
    tests: dict[tuple[str, ...], int] = {}
    row, column = [], []
    for number, record in zip(person.tolist(), cases.fillna("").to_dict("records"), strict=True):
        for test in _tests(record):
            row.append(number)
            column.append(tests.setdefault(test, len(tests)))
    n = int(person.max(initial=-1)) + 1
    counts = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), (n, len(tests)))
    return Reported(tuple(_reads(test) for test in tests), counts, _together(cases, person))


def _tests(record: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """List what one record says, as the kind of a value and its words."""
    age, role, place = record["age"], record["role"], record["municipality"]
    when = (record["event_date"], "") if record["event_date"] else (record["report_date"], "late")
    if when[0] and age in _ages():
        yield ("age", age, *when)
    if when[0] and role.startswith("accompanying"):
        yield ("age", role.removeprefix("accompanying_"), *when)
    if record["sex"] in ("woman", "man"):
        yield "sex", record["sex"]
    if birth := record.get("birth"):
        yield "birth", birth
    if place.isdigit():
        yield "place", place


def _reads(test: tuple[str, ...]) -> Callable[[Register], NDArray[np.bool_]]:
    """Return the function that says which persons of a register a value fits."""
    kind, word = test[:2]
    if kind == "sex":
        return lambda register: register.sex == ("woman", "man").index(word)
    if kind == "place":
        return lambda register: np.char.startswith(register.municipality.astype(str), word)
    if kind == "birth":
        begin, end = _days(word)
        return lambda register: (register.birth >= begin) & (register.birth <= end)
    low, high = _ages()[word]
    first, last = _days(test[2])
    first -= _DELAY_DAYS if test[3] else 0

    def aged(register: Register) -> NDArray[np.bool_]:
        oldest = (last - register.birth) / _YEAR_DAYS
        youngest = (first - register.birth) / _YEAR_DAYS
        return (oldest >= low) & (youngest < high)

    return aged


@functools.cache
def _ages() -> dict[str, tuple[float, float]]:
    """Return the ages of each code, from the first to before the last."""
    ages = load_codebook(CODEBOOK).by_name["age_at_event"].ages
    return {code: (years.first, np.inf if years.last is None else years.last + 1) for years, code in ages}


def _days(text: str) -> tuple[int, int]:
    """Return the first and the last day of a year, a month or a day, as days since 1970-01-01."""
    begin = np.datetime64(text)
    first, after = (day.astype("datetime64[D]").astype(np.int64) for day in (begin, begin + 1))
    return int(first), int(after) - 1


def _together(cases: pd.DataFrame, person: Ints) -> Ints:
    """List the persons who are in one case, or in one report where there are no cases."""
    group = cases["case_id"].where(cases["case_id"].notna(), cases["report_id"])
    named = np.flatnonzero(group.notna())
    label = cases["reporter"].str.cat(group.fillna(""), sep="\t").to_numpy()[named]
    members = pd.DataFrame({"label": label, "person": person[named]}).drop_duplicates()
    members = members[members.groupby("label")["person"].transform("size").between(2, MOST)]
    joined = members.merge(members, on="label")
    joined = joined[joined["person_x"] < joined["person_y"]]
    return np.unique(joined[["person_x", "person_y"]].to_numpy(np.int64), axis=0)


def attack(
    seen: Reported,
    register: Register,
    *,
    rng: np.random.Generator,
    alike: Callable[[Beliefs], Beliefs] = lambda beliefs: beliefs,
) -> Claims:
    """Claim a person of the register for each person of the registry.

    Args:
        seen: What the statistics unit says.
        register: The register, `N` persons.
        rng: Breaks ties.
        alike: Changes what is believed of all persons by what else is known of them together.

    Returns:
        The claims; their confidence is the log-probability.
    """
    order = np.argsort(register.household, kind="stable")
    place = np.argsort(order)
    fit = _Fit(seen, register.take(order))
    groups = _components(seen)
    settled = np.full(len(seen), -1)
    found: Beliefs = {}
    shown: Beliefs = {}
    for turn in range(ROUNDS):
        taken = np.zeros(len(register), bool)
        taken[settled[settled >= 0]] = True
        for members in groups:
            if not turn or _disputed(found, members, settled, taken):
                found |= fit.place(members, settled)
        shown = alike({person: (order[candidate], chance) for person, (candidate, chance) in found.items()})
        settled = _settle(shown, len(seen))
        settled = np.where(settled >= 0, place[settled], -1)
    return _assign(shown, len(seen), len(register), rng)


def _disputed(found: Beliefs, members: Ints, settled: Ints, taken: NDArray[np.bool_]) -> bool:
    """Return whether a sure claim about somebody else is to a likely candidate of one of these persons."""
    own = set(settled[members].tolist())
    for member in members.tolist():
        candidate, chance = found[member]
        likely = candidate[(chance > LIKELY) & taken[candidate]]
        if not own.issuperset(likely.tolist()):
            return True
    return False


def _components(seen: Reported) -> list[Ints]:
    """Part the persons into those who are placed together; too large a part is placed one by one."""
    n, ends = len(seen), seen.together
    graph = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), (n, n))
    _, label = csgraph.connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    return [piece for part in parts for piece in ([part] if len(part) <= MOST else part[:, None])]


class _Fit:
    """How well the persons of a register fit what is reported; the register is in order of households."""

    def __init__(self, seen: Reported, register: Register) -> None:
        self._counts = seen.counts
        self._n = len(register)
        self._everybody = np.arange(self._n)
        # One row for each value: what it costs a candidate whom it does not fit.
        self._cost = np.zeros((len(seen.values), len(register)), np.float32)
        for row, fits in enumerate(seen.values):
            self._cost[row, ~fits(register)] = WRONG
        self._start = np.flatnonzero(np.r_[True, np.diff(register.household) != 0])
        self._end = np.r_[self._start[1:], self._n]

    def place(self, members: Ints, settled: Ints) -> Beliefs:
        """Return the most probable candidates of persons in one case, and their probabilities."""
        score = np.asarray(self._counts[members] @ self._cost, np.float32)
        others = np.setdiff1d(settled[settled >= 0], settled[members])
        score[:, others] = -np.inf
        score -= _log_sum(score)[:, None]
        alone = [_options(self._everybody, row) for row in score]
        if len(members) == 1:
            return {int(members[0]): alone[0]}
        chances = self._in_households(score)
        found = {}
        for place, member in enumerate(members.tolist()):
            # The rest is the chance of being a stranger, whose candidates are those of the record alone.
            candidate, chance = alone[place]
            rest = max(1.0 - sum(chances[place].values()), 0.0)
            total = {int(one): rest * float(share) for one, share in zip(candidate, chance, strict=True)}
            for one, share in chances[place].items():
                total[one] = total.get(one, 0.0) + share
            found[member] = _options(np.array(list(total)), np.log(np.maximum(list(total.values()), 1e-30)))
        return found

    def _in_households(self, score: Floats) -> list[dict[int, float]]:
        """Return the probability of candidates who are of one household with those of the others."""
        # The scores add up to 1 for each person.
        stranger = np.full(len(score), STRANGER - np.log(self._n))
        inside = np.add.reduceat(np.exp(score), self._start, axis=1)
        bound = np.log(inside + np.exp(stranger)[:, None]).sum(axis=0)
        best = np.argsort(-bound)[:HOUSEHOLDS]
        best = best[bound[best] > bound[best[0]] - BAND]
        ways: list[tuple[float, tuple[int, ...]]] = []
        for home in best.tolist():
            here = np.arange(self._start[home], self._end[home])
            ways += _ways(score[:, here], stranger, here.tolist())
        weight = np.array([one for one, _ in ways])
        chance = np.exp(weight - _log_sum(weight[None]))
        found: list[dict[int, float]] = [{} for _ in score]
        for share, (_, who) in zip(chance.tolist(), ways, strict=True):
            for place, one in enumerate(who):
                if one >= 0:
                    found[place][one] = found[place].get(one, 0.0) + share
        return found


def _log_sum(score: NDArray[Any]) -> NDArray[Any]:
    """Return the logarithm of the sum of exponentials of each row."""
    most = score.max(axis=1)
    return np.asarray(most + np.log(np.exp(score - most[:, None]).sum(axis=1)))


def _ways(score: Floats, stranger: Floats, names: list[int]) -> list[tuple[float, tuple[int, ...]]]:
    """List the ways in which persons can be different members of a household, or strangers (-1), with their scores.

    Ways far less probable than the best are left out.
    """
    found: list[tuple[float, tuple[int, ...]]] = [(0.0, ())]
    for place in range(len(score)):
        longer = []
        for total, who in found:
            longer.append((total + float(stranger[place]), (*who, -1)))
            for one, name in zip(score[place].tolist(), names, strict=True):
                if name not in who and one > -np.inf:
                    longer.append((total + one, (*who, name)))
        longer.sort(reverse=True)
        found = [way for way in longer[:WAYS] if way[0] > longer[0][0] - BAND]
    return found


def _options(candidate: Ints, score: Floats) -> tuple[Ints, Floats]:
    """Return the most probable candidates and their probabilities."""
    most = min(BLOCK, len(score))
    best = np.argpartition(-score, most - 1)[:most]
    best = best[np.argsort(-score[best], kind="stable")]
    return candidate[best], np.asarray(np.exp(score[best]), np.float32)


def _settle(found: Beliefs, n: int) -> Ints:
    """Return the sure claims, (n,), each candidate once; -1 for the others."""
    settled, taken = np.full(n, -1), set()
    for person, (candidate, chance) in sorted(found.items(), key=lambda one: -float(one[1][1][0])):
        if chance[0] >= SURE and int(candidate[0]) not in taken:
            settled[person] = candidate[0]
            taken.add(int(candidate[0]))
    return settled


def _assign(found: Beliefs, n: int, n_candidates: int, rng: np.random.Generator) -> Claims:
    """Claim candidates by falling probability, each for one person; the rest by chance among those who are left."""
    person = np.repeat(list(found), [len(names) for names, _ in found.values()])
    candidate = np.concatenate([names for names, _ in found.values()])
    chance = np.concatenate([chances for _, chances in found.values()])
    claims, taken = Claims.none(n), np.zeros(n_candidates, bool)
    for at in np.lexsort((rng.random(len(chance)), -np.round(chance, 6))).tolist():
        if claims.candidate[person[at]] < 0 and not taken[candidate[at]]:
            taken[candidate[at]] = True
            claims.candidate[person[at]] = candidate[at]
            claims.confidence[person[at]] = np.log(max(float(chance[at]), 1e-30))
    return claims
