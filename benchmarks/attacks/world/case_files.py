"""Registries of real submissions: case files with errors, encoded, received and linked by the library.

The other trials store one record of each person without errors. Here persons are reported by several reporters, with
the errors of the middle level, and what the registry takes for one person is what linking found. Serials of numbers are
drawn from the whole range, so the files are only ever in a temporary folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.attacks.world.view import REFERENCE_DATE
from benchmarks.keys import fixed_key_text
from benchmarks.population import CODEBOOK, Population, ReportRates, make_population, make_reports
from benchmarks.population.payload import municipalities
from benchmarks.registry_files import attached
from linkage.pipeline import Registry
from pseudonym.encode import Encoder
from pseudonym.keyed import LinkageKey
from pseudonym.profile import Profile

__all__ = ["CaseWorld", "Register", "case_registry", "make_case_world", "read_cases"]

REPORTED: Final = 0.6
"""Share of a population whom at least one reporter meets, rounded down."""

PERIOD: Final = "2025-12"

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Register:
    """A register of `N` persons by household: what the attacker knows.

    Attributes:
        birth: (N,) birth dates, as days since 1970-01-01.
        sex: (N,) 0 for women and 1 for men.
        municipality: (N,) object, the code of the municipality.
        household: (N,) int64.
    """

    birth: Ints
    sex: Ints
    municipality: NDArray[np.object_]
    household: Ints

    def __len__(self) -> int:
        """Count the persons."""
        return len(self.birth)

    def take(self, rows: Ints) -> Register:
        """Return some of the persons."""
        return Register(self.birth[rows], self.sex[rows], self.municipality[rows], self.household[rows])


@dataclass(frozen=True, eq=False, repr=False)
class CaseWorld:
    """Case files, and everybody who could be in them.

    Attributes:
        population: The persons, of whom the reporters meet some.
        tables: The case files, by reporter.
        person: The index in the population of each record, by reporter and record id.
    """

    population: Population
    tables: Mapping[str, pa.Table]
    person: Mapping[tuple[str, str], int]

    def register(self) -> Register:
        """Return the population as a register."""
        population = self.population
        place = population.households.place[population.household]
        return Register(
            population.birth.astype("datetime64[D]").astype(np.int64),
            population.sex.astype(np.int64),
            municipalities(place, ReportRates()),
            population.household.astype(np.int64),
        )


def make_case_world(kind: str, persons: int, *, seed: int, factor: float = 1.0) -> CaseWorld:
    """Draw a population and the case files about at most `persons` of it.

    Args:
        kind: A kind of population.
        persons: Persons who are reported.
        seed: Equal seeds give equal worlds.
        factor: Persons in the population for each who is reported; more are drawn if they are needed.

    Returns:
        The world; whole households are reported or none of their members.
    """
    population = make_population(round(persons * max(factor, 1 / REPORTED)), seed=seed, kind=kind, serials="any")
    reports = make_reports(population, error_level="middle", seed=seed)
    met = np.unique(np.concatenate([one.person for one in reports.values()]))
    last = population.household[met[min(persons, len(met) - 1)]]
    tables: dict[str, pa.Table] = {}
    person: dict[tuple[str, str], int] = {}
    for reporter, one in reports.items():
        kept = np.flatnonzero(population.household[one.person] < last)
        tables[reporter] = one.table.take(pa.array(kept))
        ids = tables[reporter]["record_id"].to_pylist()
        person.update(zip(((reporter, one) for one in ids), one.person[kept].tolist(), strict=True))
    return CaseWorld(population, tables, person)


@contextmanager
def case_registry(world: CaseWorld, profile: Profile, seed: int) -> Iterator[Registry]:
    """Yield a registry that has received and linked the case files; it is removed at the end.

    Args:
        world: The case files.
        profile: The profile.
        seed: Selects the linkage key.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        key = LinkageKey.parse(fixed_key_text(f"case files {seed}"))
        registry = Registry.create(folder / "registry", profile=profile, codebook=CODEBOOK)
        for reporter, table in world.tables.items():
            encoder = Encoder(key, reporter=reporter, profile=profile, codebook=CODEBOOK, reference_date=REFERENCE_DATE)
            encoder.write(folder / reporter, table, sequence=1, period=PERIOD, on_fault="ignore")
            registry.receive(folder / reporter)
        registry.link()
        yield registry


def read_cases(registry: Registry) -> pd.DataFrame:
    """Return what the statistics unit knows of each record, in the order of its records.

    Args:
        registry: The registry, after linking.

    Returns:
        `reporter`, `record_id`, `case_id`, `report_id`, `role`, `event_date`, `report_date`, `age`, `sex`,
        `municipality` and `person_id`; a value that is missing is None.
    """
    with attached(registry.path) as store:
        return store.execute("""
            SELECT reporter, record_id, case_id, report_id, role, event_date, report_date,
                payload['age_at_event'] AS age, payload['sex_reported'] AS sex,
                payload['municipality'] AS municipality, person_id
            FROM statistics.records JOIN statistics.cases USING (rid) JOIN statistics.reports USING (rid)
                JOIN statistics.persons USING (rid)
            ORDER BY rid
        """).df()
