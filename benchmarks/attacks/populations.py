"""Who is in the registry and whom the attacker reckons with: four kinds of population, from the synthetic one.

- `children`: born over fourteen years, drawn by household, so that siblings and twins are in the registry together.
- `adults`: sparse, a few persons a birth date at most.
- `dense`: 300 persons on each birth date, as in a register of the whole country.
- `january`: 900 persons on each birth date, every one of them a first of January.

Nobody real stands behind them (`benchmarks.population`); serial numbers are drawn from the whole range, since those kept
for tests would agree far too often, so nothing of this is written to a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import BODIES, Population, ReportRates, make_population
from benchmarks.population.numbers import assign_numbers
from benchmarks.population.payload import write_items
from pseudonym.record import Record

__all__ = ["KINDS", "PAYLOAD", "World", "make_world", "records_of"]

KINDS: Final = ("children", "adults", "dense", "january")

PAYLOAD: Final = ("municipality", "age_at_event", "sex_reported")
"""Codebook items that say something of a person whom the attacker knows otherwise."""

_BIRTH_YEARS: Final = (2010, 2023)
_ADULT_YEARS: Final = (1945, 2006)
_PER_DATE: Final = {"dense": 300, "january": 900}
_FIRST_DENSE_YEAR: Final = 1960
# Persons that are made for one of the kind, from the shares of children and adults in the synthetic population.
_MADE_FOR_ONE: Final = {"children": 3.2, "adults": 2.2, "dense": 2.2, "january": 2.2}

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """A registry of `n` persons and the `N` persons of the attacker's plaintext.

    Attributes:
        kind: Which population.
        records: The registry's records, in plaintext; the attacks never read them, the encoder does.
        candidates: The plaintexts that the attacker has, in an order of their own.
        truth: (n,) for each record its candidate, -1 where the person is none.
        payload: (n, 3) codes of `PAYLOAD` as the registry has them, -1 for unknown.
        known_payload: (N, 3) what the attacker knows of the same.
        groups: Subsets of the records by name, each (n,) bool.
        digest: SHA-256 over all plaintexts in order.
    """

    kind: str
    records: tuple[Record, ...]
    candidates: tuple[Record, ...]
    truth: Ints
    payload: Ints
    known_payload: Ints
    groups: dict[str, Bools]
    digest: str


def make_world(kind: str, n: int, *, seed: int, factor: float = 1.0, overlap: float = 1.0) -> World:
    """Draw a registry and the attacker's population.

    Args:
        kind: One of `KINDS`.
        n: Records in the registry, one a person.
        seed: Equal seeds give equal worlds.
        factor: Candidates for each record; at 1 and full overlap the attacker knows exactly who is in the registry.
        overlap: Share of the registry's persons who are among the candidates.

    Returns:
        The world.

    Raises:
        ValueError: The kind is unknown.
    """
    if kind not in KINDS:
        raise ValueError("unknown kind of population")
    common = round(n * overlap)
    n_candidates = round(n * factor)
    population, persons = _persons(kind, n + n_candidates - common, seed)
    rng = np.random.default_rng([seed, 17, KINDS.index(kind)])
    registry = rng.permutation(persons[:n])
    listed = rng.permutation(np.concatenate([persons[n - common : n], persons[n:]]))
    place = np.full(len(population), -1)
    place[listed] = np.arange(len(listed))
    payload = _payload(population, persons, seed)
    known = payload[listed]
    seen = payload[registry].copy()
    seen[rng.random(seen.shape) < ReportRates().item_unknown] = -1
    records, candidates = records_of(population, registry, "r"), records_of(population, listed, "c")
    return World(
        kind=kind,
        records=records,
        candidates=candidates,
        truth=place[registry],
        payload=seen,
        known_payload=known,
        groups=_groups(population, registry, children=kind == "children"),
        digest=_digest([*records, *candidates]),
    )


def records_of(population: Population, persons: Ints, prefix: str) -> tuple[Record, ...]:
    """Write persons down without any error, as the attacker and the body both have them."""
    text = population.names.vocabulary.text
    return tuple(
        Record(
            record_id=f"{prefix}-{place:07d}",
            number=population.number[i],
            foreign_number=population.passport[i],
            given_names=" ".join(text[name] for name in population.given[i] if name >= 0),
            family_names=" ".join(text[name] for name in population.family[i] if name >= 0),
            birth_date=str(population.birth[i]),
            sex="man" if population.sex[i] else "woman",
        )
        for place, i in enumerate(persons.tolist())
    )


def _persons(kind: str, wanted: int, seed: int) -> tuple[Population, Ints]:
    """Make a population that holds enough persons of the kind, and list them with households side by side."""
    made = round(wanted * _MADE_FOR_ONE[kind]) + 200
    population = make_population(made, seed=seed, serials="any")
    years = population.birth.astype("datetime64[Y]").astype(np.int64) + 1970
    first, last = _BIRTH_YEARS if kind == "children" else _ADULT_YEARS
    fitting = (population.child == (kind == "children")) & (years >= first) & (years <= last)
    rows = np.flatnonzero(fitting)[:wanted]
    if len(rows) < wanted:
        raise ValueError("too few persons of the kind")
    if kind not in _PER_DATE:
        return population, rows
    # Shuffled, or the two adults of a household, who share a name, would stand on one date.
    rows = np.random.default_rng([seed, 19]).permutation(rows)
    return _crowd(population, rows, kind), rows


def _crowd(population: Population, rows: Ints, kind: str) -> Population:
    """Move persons to few birth dates, and give them numbers of these dates."""
    birth = population.birth.copy()
    block = np.arange(len(rows)) // _PER_DATE[kind]
    years = (_FIRST_DENSE_YEAR - 1970 + block % 40).astype("datetime64[Y]")
    if kind == "january":
        birth[rows] = years.astype("datetime64[D]")
    else:
        # Steps of 47 days walk through the year without meeting a first of January soon.
        birth[rows] = years.astype("datetime64[D]") + 45 + (block * 47) % 300
    number = population.number.copy()
    held = rows[np.array([number[i] is not None for i in rows.tolist()], dtype=bool)]
    number[held], _ = assign_numbers(birth[held], population.sex[held] == 1, samordning=False, serials="any")
    return replace(population, birth=birth, number=number)


def _payload(population: Population, persons: Ints, seed: int) -> Ints:
    """Give the codes of `PAYLOAD` as whole numbers, (everybody, 3)."""
    rates = ReportRates(item_unknown=0.0)
    last = np.datetime64(population.rates.reference_date)
    age = np.floor((last - population.birth[persons]).astype(np.int64) / 365.25).astype(np.int64)
    cases = {"person": persons, "case": np.arange(len(persons)), "age": age}
    body = replace(BODIES[0], items=PAYLOAD)
    items = write_items(population, cases, body=body, rates=rates, rng=np.random.default_rng([seed, 18]))
    result = np.full((len(population), len(PAYLOAD)), -1)
    for column, name in enumerate(PAYLOAD):
        result[persons, column] = np.unique(items[name].astype(str), return_inverse=True)[1]
    return result


def _groups(population: Population, registry: Ints, *, children: bool) -> dict[str, Bools]:
    """Mark siblings (adults: members of one household), twins and first-of-January dates in the registry."""
    household = population.household[registry]
    birth = population.birth[registry]
    same_day = np.unique(household * 100_000 + birth.astype("datetime64[D]").astype(np.int64), return_inverse=True)[1]
    days = (birth - birth.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    groups = {("siblings" if children else "household"): np.bincount(household)[household] > 1}
    if children:
        groups["twins"] = np.bincount(same_day)[same_day] > 1
    return groups | {"1 January": days == 0}


def _digest(records: Sequence[Record]) -> str:
    state = hashlib.sha256()
    for record in records:
        fields = (record.number, record.foreign_number, record.given_names, record.family_names, record.birth_date)
        state.update("\x1f".join(str(field) for field in fields).encode() + b"\x1e")
    return state.hexdigest()
