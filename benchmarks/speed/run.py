"""Measure encoding in rounds: each encoder once per round, in alternating order."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import gcd
from pathlib import Path
from typing import Any, Final

from benchmarks.keys import fixed_key_text
from benchmarks.population import make_population, make_reports
from benchmarks.speed.clkhash_peer import Clkhash
from pseudonym import load_profile
from pseudonym.encode import Encoder, Record
from pseudonym.keyed import LinkageKey
from pseudonym.memory import forget

__all__ = [
    "CLKHASH",
    "FIELDS",
    "REFERENCE_DATE",
    "WRITE",
    "Row",
    "Series",
    "make_records",
    "make_rows",
    "measure",
    "one_core",
    "timed",
]

FIELDS: Final = ("given_names", "family_names", "number", "birth_date", "sex")
"""The input of both encoders: names, date, number, sex."""

CLKHASH: Final = "clkhash"
WRITE: Final = "case-registry, to a file"
"""The default profile again, including the submission file."""

REFERENCE_DATE: Final = date(2026, 1, 1)

Row = dict[str, str]


@dataclass
class Series:
    """The runs of one encoder.

    Attributes:
        records: Records per run.
        codes: Codes per run.
        cpu: Processor seconds of each run.
        wall: Clock seconds of each run.
    """

    records: int
    codes: int
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def figures(self, other: Series | None = None) -> dict[str, Any]:
        """Return rates by the median of processor seconds, and their ratio to those of another encoder."""
        seconds = statistics.median(self.cpu)
        found = {
            "records_per_second": round(self.records / seconds),
            "codes_per_second": round(self.codes / seconds),
            "codes_per_record": self.codes / self.records,
            "cpu_seconds": [round(one, 4) for one in self.cpu],
            "wall_seconds": [round(one, 4) for one in self.wall],
        }
        if other is not None:
            theirs = statistics.median(other.cpu) / other.records
            found["times_clkhash"] = round(theirs / (seconds / self.records), 3)
        return found


def one_core() -> bool:
    """Pin this process and its children to one core; return whether the system supports it."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    return True


def make_rows(n: int, *, seed: int) -> list[Row]:
    """Return the identities in records of synthetic reporters, in mixed order.

    Args:
        n: Number of records.
        seed: The seed of the population.

    Returns:
        The fields of each record, empty where the reporter has no value.
    """
    n_persons = max(1000, n)
    while True:
        reports = make_reports(make_population(n_persons, seed=seed), seed=seed)
        rows = [row for one in reports.values() for row in one.table.to_pylist()]
        if len(rows) >= n:
            break
        n_persons *= 2
    # A stride coprime to the number of rows mixes the reporters deterministically.
    stride = next(step for step in range(len(rows) * 5 // 8, len(rows) + 1) if gcd(step, len(rows)) == 1)
    mixed = [rows[index * stride % len(rows)] for index in range(n)]
    return [{name: str(row.get(name) or "") for name in FIELDS} for row in mixed]


def make_records(rows: Sequence[Row]) -> list[Record]:
    """Return a record for each row of `make_rows`."""
    return [
        Record(
            f"r-{index}", given_names=row["given_names"], family_names=row["family_names"], number=row["number"],
            birth_date=row["birth_date"], sex=row["sex"],
        )
        for index, row in enumerate(rows)
    ]  # fmt: skip


def measure(
    rows: Sequence[Row], profiles: Sequence[str], *, rounds: int, seconds: float, clkhash: Path | None
) -> dict[str, Series]:
    """Measure every profile, the writing of a file, and clkhash.

    Args:
        rows: The rows to encode.
        profiles: Names of profiles.
        rounds: Runs of each encoder.
        seconds: No further round starts after this time.
        clkhash: An interpreter with clkhash, or None to leave it out.

    Returns:
        The runs of each encoder.
    """
    records = make_records(rows)
    key = LinkageKey.parse(fixed_key_text("speed"))
    found = {name: Series(len(rows), len(rows) * load_profile(name).encoding.codes_per_record) for name in profiles}
    found[WRITE] = Series(len(rows), len(rows) * load_profile("case-registry").encoding.codes_per_record)
    runs: dict[str, Callable[[], tuple[float, float]]] = {name: _encoding(records, key, name) for name in profiles}
    runs[WRITE] = _writing(records, key)
    if clkhash is None:
        _rounds(found, runs, rounds=rounds, seconds=seconds)
        return found
    with Clkhash(clkhash, FIELDS, [tuple(row.values()) for row in rows]) as other:
        found[CLKHASH] = Series(len(rows), len(rows))
        runs[CLKHASH] = other.seconds
        _rounds(found, runs, rounds=rounds, seconds=seconds)
    return found


def _rounds(
    found: dict[str, Series], runs: dict[str, Callable[[], tuple[float, float]]], *, rounds: int, seconds: float
) -> None:
    began = time.monotonic()
    order = list(runs)
    for _ in range(rounds):
        for name in order:
            cpu, wall = runs[name]()
            found[name].cpu.append(cpu)
            found[name].wall.append(wall)
        if time.monotonic() - began > seconds:
            break
        # Alternate the order, so that a machine that slows down or speeds up favours no encoder.
        order.reverse()


def _encoding(records: Sequence[Record], key: LinkageKey, profile: str) -> Callable[[], tuple[float, float]]:
    def run() -> None:
        encoder = Encoder(key, reporter="speed", profile=profile, reference_date=REFERENCE_DATE, keep_empty=True)
        for batch in encoder.batches(records):
            assert len(batch.record_ids) == len(batch.cases)

    return lambda: timed(run)


def _writing(records: Sequence[Record], key: LinkageKey) -> Callable[[], tuple[float, float]]:
    def run() -> None:
        encoder = Encoder(key, reporter="speed", reference_date=REFERENCE_DATE, keep_empty=True)
        with tempfile.TemporaryDirectory() as folder:
            encoder.write(Path(folder) / "speed.parquet", records, sequence=1, on_fault="ignore")

    return lambda: timed(run)


def timed(run: Callable[[], None]) -> tuple[float, float]:
    """Return processor and clock seconds of a run that starts with empty caches.

    Args:
        run: What is measured.
    """
    forget()
    gc.collect()
    # Exclude the records from garbage collection: a real run streams them and never holds all.
    gc.freeze()
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.process_time() - cpu, time.perf_counter() - wall
