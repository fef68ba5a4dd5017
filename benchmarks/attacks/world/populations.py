"""Worlds of synthetic people: the persons in a registry and the attacker's candidates.

Kinds are those of `benchmarks.population`: `children` (drawn by household, born over 14 years), `adults` (sparse),
`dense` (300 persons per birth date, as in a whole country), `new_year` (900 per birth date, all 1 January). On both
sides the plaintexts are those of a population register without errors: the attacker's best case.

Passports, and numbers of children and adults, are as frequent as in case files, since codes cannot separate records by
values that the reporter does not know. The dense kinds represent registers, which have all numbers. The attacker knows
which values are missing.

No person is real. Serials are drawn from the whole range, since those reserved for tests would agree far too often, so
nothing of this is written to a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population import CODEBOOK, Population, ReportRates, age_codes, make_population, register_table
from pseudonym.codebook import load_codebook
from pseudonym.identity.record import Record

__all__ = ["KINDS", "PAYLOAD", "World", "make_world", "records_of", "without_numbers"]

KINDS: Final = ("children", "adults", "dense", "new_year")

PAYLOAD: Final = ("municipality", "age_at_event", "sex_reported")
"""Codebook items that the attacker knows about a person."""

HELD: Final = {"number": 0.57, "foreign_number": 0.17}
"""Shares of records in synthetic case files at the middle level of error that have the field; checked by a test."""

REGISTERS: Final = ("dense", "new_year")
"""Kinds that represent registers."""

_YEAR_DAYS: Final = 365.25

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class World:
    """A registry of `n` persons and the attacker's `N` candidates.

    Attributes:
        kind: Kind of population.
        records: The registry's records in plaintext, for the encoder; the attacks never read them.
        candidates: The attacker's plaintexts, in another order.
        truth: (n,) the candidate of each record, -1 if the person is not a candidate.
        payload: (n, 3) the registry's codes of `PAYLOAD`, -1 for unknown.
        known_payload: (N, 3) the attacker's codes of the same.
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
        n: Records in the registry, one per person.
        seed: Equal seeds give equal worlds.
        factor: Candidates per record; at 1 with full overlap the attacker knows exactly who is in the registry.
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
    candidate_of = np.full(len(population), -1)
    candidate_of[listed] = np.arange(len(listed))
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
        truth=candidate_of[registry],
        payload=seen,
        known_payload=payload[listed],
        groups=_groups(population, registry),
        digest=_digest([*records, *candidates]),
    )


def records_of(population: Population) -> tuple[Record, ...]:
    """Return a record per person as in the population register, with the passport number."""
    columns = register_table(population).to_pydict()
    fields = ("number", "given_names", "family_names", "birth_date", "sex")
    rows = zip(*(columns[field] for field in fields), population.passport.tolist(), strict=True)
    return tuple(
        Record(
            record_id=f"record-{row:07d}", number=number, foreign_number=passport, given_names=given,
            family_names=family, birth_date=birth, sex=sex,
        )
        for row, (number, given, family, birth, sex, passport) in enumerate(rows)
    )  # fmt: skip


def _as_reported(records: Sequence[Record], fields: Sequence[str], *, seed: int) -> tuple[Record, ...]:
    """Remove numbers until they are as frequent as in case files."""
    rng = np.random.default_rng([seed, 23])
    for field in fields:
        have = np.array([getattr(record, field) is not None for record in records])
        keep = rng.random(len(records)) * have.mean() < HELD[field]
        without: dict[str, Any] = {field: None}
        records = [record if kept else replace(record, **without) for record, kept in zip(records, keep, strict=True)]
    return tuple(records)


def without_numbers(world: World) -> World:
    """Remove all numbers on both sides; names and dates are left."""
    sides = [
        tuple(replace(record, number=None, foreign_number=None) for record in side)
        for side in (world.records, world.candidates)
    ]
    return replace(world, records=sides[0], candidates=sides[1], digest=_digest([*sides[0], *sides[1]]))


def _payload(population: Population) -> Ints:
    """Return the codes of `PAYLOAD` at the reference date as integers, (n, 3)."""
    municipalities = [code for code in load_codebook(CODEBOOK).by_name["municipality"].by_code if code.isdigit()]
    place = population.households.place[population.household] ** ReportRates().place_concentration
    days = (np.datetime64(population.rates.reference_date) - population.birth).astype(np.int64)
    code = np.unique(age_codes(), return_inverse=True)[1].ravel()
    years = np.clip(np.floor(days / _YEAR_DAYS).astype(np.int64), 0, len(code) - 1)
    return np.column_stack([(place * len(municipalities)).astype(np.int64), code[years], population.sex])


def _groups(population: Population, registry: Ints) -> dict[str, Bools]:
    """Mark siblings, twins and birth dates on 1 January in the registry, if there are any."""
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
