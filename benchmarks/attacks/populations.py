"""Who is in the registry and whom the attacker reckons with: a world of synthetic people, seen from both sides.

Kinds are those of `benchmarks.population`: `children` (drawn by household, born over 14 years), `adults` (sparse),
`dense` (300 persons on each birth date, as in a whole country), `new_year` (900 on each, all of them first of
January). Plaintexts are what a population register has, without any error, on both sides: the attacker's best case.

Passports are there as often as in case files, and so are numbers, of children and adults: what a body does not know, no
code can tell apart. The dense kinds stand for registers, which know the numbers of all. Who lacks what, the attacker
knows too.

Nobody real stands behind them; serial numbers are drawn from the whole range, since those kept for tests would agree
far too often, so nothing of this is written to a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import CODEBOOK, Population, ReportRates, make_population, register_table
from pseudonym.codebook import load_codebook
from pseudonym.identity.record import Record

__all__ = ["KINDS", "PAYLOAD", "World", "make_world", "records_of", "without_numbers"]

KINDS: Final = ("children", "adults", "dense", "new_year")

PAYLOAD: Final = ("municipality", "age_at_event", "sex_reported")
"""Codebook items that say something of a person whom the attacker knows otherwise."""

HELD: Final = {"number": 0.57, "foreign_number": 0.17}
"""Shares of the records of synthetic case files, at the middle level of error, that have one; a test counts them."""

REGISTERS: Final = ("dense", "new_year")
"""Kinds that stand for registers."""

_AGE_GROUPS: Final = (*range(18), 18, 21, 25, 30, 40, 50, 65)
_YEAR_DAYS: Final = 365.25

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
    common, n_candidates = round(n * overlap), round(n * factor)
    population = make_population(n + n_candidates - common, seed=seed, kind=kind, serials="any")
    rng = np.random.default_rng([seed, 17, KINDS.index(kind)])
    registry = rng.permutation(n)
    listed = rng.permutation(np.arange(n - common, len(population)))
    place = np.full(len(population), -1)
    place[listed] = np.arange(len(listed))
    payload = _payload(population)
    seen = payload[registry]
    seen[rng.random(seen.shape) < ReportRates().item_unknown] = -1
    fields = ("foreign_number",) if kind in REGISTERS else tuple(HELD)
    everybody = _as_reported(records_of(population), fields, seed=seed)
    records, candidates = (tuple(everybody[i] for i in rows.tolist()) for rows in (registry, listed))
    return World(
        kind=kind,
        records=records,
        candidates=candidates,
        truth=place[registry],
        payload=seen,
        known_payload=payload[listed],
        groups=_groups(population, registry),
        digest=_digest([*records, *candidates]),
    )


def records_of(population: Population) -> tuple[Record, ...]:
    """Write everybody down as the population register has them, with the passport."""
    columns = register_table(population).to_pydict()
    fields = ("number", "given_names", "family_names", "birth_date", "sex")
    rows = zip(*(columns[field] for field in fields), population.passport.tolist(), strict=True)
    return tuple(
        Record(
            record_id=f"record-{place:07d}", number=number, foreign_number=passport, given_names=given,
            family_names=family, birth_date=birth, sex=sex,
        )
        for place, (number, given, family, birth, sex, passport) in enumerate(rows)
    )  # fmt: skip


def _as_reported(records: Sequence[Record], fields: Sequence[str], *, seed: int) -> tuple[Record, ...]:
    """Leave out numbers until as many records have one as in case files."""
    rng = np.random.default_rng([seed, 23])
    for field in fields:
        have = np.array([getattr(record, field) is not None for record in records])
        keep = rng.random(len(records)) * have.mean() < HELD[field]
        records = [
            record if kept else replace(record, **{field: None}) for record, kept in zip(records, keep, strict=True)
        ]
    return tuple(records)


def without_numbers(world: World) -> World:
    """Take every number away, on both sides: names and dates are all that is left."""
    sides = [
        tuple(replace(record, number=None, foreign_number=None) for record in side)
        for side in (world.records, world.candidates)
    ]
    return replace(world, records=sides[0], candidates=sides[1], digest=_digest([*sides[0], *sides[1]]))


def _payload(population: Population) -> Ints:
    """Return the codes of `PAYLOAD` as whole numbers, (n, 3), at the reference date."""
    municipalities = [code for code in load_codebook(CODEBOOK).by_name["municipality"].by_code if code.isdigit()]
    place = population.households.place[population.household] ** ReportRates().place_concentration
    days = (np.datetime64(population.rates.reference_date) - population.birth).astype(np.int64)
    age = np.searchsorted(_AGE_GROUPS, np.floor(days / _YEAR_DAYS), side="right")
    return np.column_stack([(place * len(municipalities)).astype(np.int64), age, population.sex])


def _groups(population: Population, registry: Ints) -> dict[str, Bools]:
    """Mark siblings, twins and first-of-January dates in the registry, where there are any."""
    household, birth = population.household[registry], population.birth[registry]
    groups = {
        "siblings": np.bincount(household)[household] > 1,
        "twins": population.twin[registry],
        "1 January": birth == birth.astype("datetime64[Y]").astype("datetime64[D]"),
    }
    return {name: rows for name, rows in groups.items() if rows.any()}


def _digest(records: Sequence[Record]) -> str:
    state = hashlib.sha256()
    for record in records:
        fields = (record.number, record.foreign_number, record.given_names, record.family_names, record.birth_date)
        state.update("\x1f".join(str(field) for field in fields).encode() + b"\x1e")
    return state.hexdigest()
