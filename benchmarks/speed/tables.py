"""Measure the tables of a year on a registry of invented answers, which is written without encoding or linking."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage import Registry
from linkage.store import Session
from pseudonym.codebook import Codebook, load_codebook

__all__ = ["TABLES", "make_registry", "measure_tables"]

YEAR: Final = "2025"
TABLES: Final = (
    ("county",),
    ("municipality",),
    ("child_adult", "sex_reported"),
    ("age_at_event", "sex_reported"),
    ("purpose",),
    ("exploitation", "sex_reported"),
    ("state", "status"),
    ("outcome",),
    ("country",),
    ("discovered_by",),
    ("reporters",),
    ("first_reporter", "child_adult"),
)
"""What the tables of a year are broken down by; a series over three years and the overlap come beside them."""

REPORTERS: Final = 300
RECORDS_A_PERSON: Final = 2.5
RECORDS_A_CASE: Final = 2
YEARS: Final = ("2023", "2024", YEAR)
ITEMS_A_RECORD: Final = 8
ROLES: Final = ("victim", "victim", "accompanying_adult", None)

_RUN: Final = """
INSERT INTO runs VALUES (1, '2026-01-02', '2026-01-02', 1, '2026-01-02', $last, $n, 0, 0, 0, $persons, NULL, NULL, true,
    $draws)
"""
_SUBMISSIONS: Final = """
INSERT INTO submissions
SELECT i + 1, 'delivery', 'r' || i, 1, '2025', i, i, NULL, 1, false, '{}', '2026-01-01', 'stored'
FROM range($reporters) AS r(i)
"""
_ROWS: Final = {
    "records": "SELECT rid, reporter, rid::VARCHAR, 1, ''::BLOB, nth + 1, ''::BLOB FROM made",
    "cases": "SELECT rid, case_id, role FROM made",
    "reports": ("SELECT rid, case_id, date, date, status, 'open', date, NULL, map(items, codes), 1 FROM made"),
    "persons": "SELECT rid, person_id, 'date' FROM made",
    "draws": "SELECT rid, component, labels FROM made WHERE labels IS NOT NULL",
}
_NEVER_MET: Final = "INSERT INTO never_met VALUES ('', '', '', $joins, $joins * $joins * 0.04 + $joins)"

DRAWS: Final = 200
VARYING: Final = 0.4
"""Share of the persons that vary; two of them are one component. On 5,000 synthetic persons with errors of the middle
level two records of five do."""

UNCERTAIN: Final = 0.15
"""Share of the draws in which two persons of a component are one, and in which a record is no longer of its person."""

MISSING_JOINS: Final = 0.05
"""Missing joins for each person."""


def make_registry(folder: Path, *, records: int, seed: int) -> Registry:
    """Write a registry whose records have random answers, persons and dates, as the tables of counts read them.

    Args:
        folder: An empty folder.
        records: Number of records.
        seed: Equal seeds give equal registries.

    Returns:
        The registry, linked as far as its statistics unit knows. It has no codes.
    """
    registry = Registry.create(folder / "registry", codebook="case-registry")
    made = _made(load_codebook("case-registry"), records, np.random.default_rng(seed))
    with registry._store.session(write=True) as session, session.transaction():
        _store(session, made)
    return registry


def _made(book: Codebook, records: int, rng: np.random.Generator) -> pa.Table:
    nth = rng.integers(0, REPORTERS, records)
    persons = rng.integers(0, round(records / RECORDS_A_PERSON) or 1, records)
    items = sorted(book.by_name)
    asked = [rng.permutation(len(items))[:ITEMS_A_RECORD] for _ in range(records)]
    codes = [[one.code for one in book.by_name[item].codes] for item in items]
    answers = [
        [codes[place][draw % len(codes[place])] for place, draw in zip(places, draws, strict=True)]
        for places, draws in zip(asked, rng.integers(0, 1 << 30, (records, ITEMS_A_RECORD)).tolist(), strict=True)
    ]
    return pa.table(
        {
            "rid": np.arange(records),
            "nth": nth,
            "reporter": [f"r{one}" for one in nth],
            "person_id": [f"P{one}" for one in persons],
            "case_id": [f"c{one}" for one in rng.integers(0, records // RECORDS_A_CASE + 1, records)],
            "role": pa.array([ROLES[one] for one in rng.integers(0, len(ROLES), records)], pa.string()),
            "status": [("confirmed", "suspected")[one] for one in rng.integers(0, 2, records)],
            "date": [f"{YEARS[one % 3]}-{one % 12 + 1:02d}" for one in rng.integers(0, 36, records)],
            "items": [[items[place] for place in places] for places in asked],
            "codes": answers,
            "component": persons // 2,
            "labels": pa.array(_labels(persons, rng), pa.binary()),
        }
    )


def _labels(persons: NDArray[np.int64], rng: np.random.Generator) -> list[bytes | None]:
    """Return the groups of each record in each draw; None for those whose persons do not vary."""
    component = persons // 2
    n = int(component.max()) + 1
    varies = rng.random(n) < VARYING
    joined = rng.random((n, DRAWS)) < UNCERTAIN
    found: list[bytes | None] = []
    for person, own in zip(persons.tolist(), component.tolist(), strict=True):
        if not varies[own]:
            found.append(None)
            continue
        labels = np.where(joined[own], 0, person % 2)
        if rng.random() < UNCERTAIN:
            labels = np.where(rng.random(DRAWS) < UNCERTAIN, 2, labels)
        found.append(labels.astype(np.uint8).tobytes())
    return found


def _store(session: Session, made: pa.Table) -> None:
    session.run(_SUBMISSIONS, reporters=REPORTERS)
    for table, query in _ROWS.items():
        session.load(f"INSERT INTO {table} {query}", made=made)
    persons = len(set(made["person_id"].to_pylist()))
    session.run(_RUN, last=REPORTERS, n=made.num_rows, persons=persons, draws=DRAWS)
    session.run(_NEVER_MET, joins=MISSING_JOINS * persons)


def measure_tables(registry: Registry) -> dict[str, Any]:
    """Count each table of a year once, a series, and the overlap, each from the file.

    Args:
        registry: What `make_registry` has made.

    Returns:
        Clock seconds of each, rounded to milliseconds, and their sum; and processor seconds of all. The first table
        has the draws to read, which the others share.
    """
    seconds: dict[str, float] = {}
    processor = time.process_time()
    for by in TABLES:
        began = time.perf_counter()
        registry.table(*by, period=YEAR)
        seconds[" x ".join(by)] = time.perf_counter() - began
    began = time.perf_counter()
    registry.table("year", "child_adult", period=f"{YEARS[0]}..{YEAR}")
    seconds["series"] = time.perf_counter() - began
    began = time.perf_counter()
    registry.overlap(period=YEAR)
    seconds["overlap"] = time.perf_counter() - began
    processor = time.process_time() - processor
    rounded = {name: round(one, 3) for name, one in seconds.items()}
    return {"seconds": rounded, "sum": round(sum(seconds.values()), 1), "processor": round(processor, 1)}
