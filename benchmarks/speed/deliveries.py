"""Submissions of ten synthetic bodies, made once for each profile and kept in a folder.

Encoding a million records takes minutes, and what is measured begins when they have arrived. Deliveries follow each
other: the first holds the records of the smallest size, each further one what the next size has more.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from benchmarks.keys import fixed_key_text
from benchmarks.population import CODEBOOK, Plan, Reports
from benchmarks.population.run import Request, assumptions_for, blocks
from pseudonym import load_profile

__all__ = ["BODIES", "KINDS", "deliveries"]

BODIES: Final = 10

KINDS: Final = {"population": "national"}
"""The kind of population by profile: that of a whole country for the profile made for one, else the persons whom
reporting bodies meet."""

SPLIT: Final = ("police", "social_services")
"""The two largest of the eight bodies are two each, of different places: a household belongs to one of them."""

LEVEL: Final = "middle"
REFERENCE_DATE: Final = "2026-01-01"
RECORDS_A_PERSON: Final = 2
"""Fewer than any kind of population has, so that so many persons are always enough."""


def deliveries(
    folder: Path, profile: str, sizes: Sequence[int], *, seed: int, processes: int, told: Callable[[int], None]
) -> list[list[Path]]:
    """Make the submissions, or find those made before.

    Args:
        folder: Where they are kept; equal profiles, seeds and sizes find them again.
        profile: Name of a profile.
        sizes: How many records there are after each delivery, ascending.
        seed: Seed of the population.
        processes: How many files are encoded at a time.
        told: Called after each delivery with the records there are by then.

    Returns:
        For each delivery its files, a body each; bodies without a record have none.
    """
    place = folder / f"{profile}-{load_profile(profile).digest[:12]}-{seed}"
    place.mkdir(parents=True, exist_ok=True)
    key = place / "linkage.key"
    key.write_text(fixed_key_text("speed"), encoding="utf-8")
    parts = [place / f"{start}-{stop}" for start, stop in zip([0, *sizes], sizes, strict=False)]
    if not all((part / "whole").exists() for part in parts):
        _write(parts, profile, sizes, key=key, seed=seed, processes=processes, told=told)
    return [sorted(part.glob("*.parquet")) for part in parts]


def _write(
    parts: Sequence[Path],
    profile: str,
    sizes: Sequence[int],
    *,
    key: Path,
    seed: int,
    processes: int,
    told: Callable[[int], None],
) -> None:
    cut = _cut(_households(KINDS.get(profile, "cases"), sizes[-1], seed=seed), sizes)
    with ThreadPoolExecutor(processes) as pool:
        for sequence, (part, bodies) in enumerate(zip(parts, cut, strict=True), start=1):
            if not (part / "whole").exists():
                part.mkdir(exist_ok=True)
                work = [
                    pool.submit(_encode, part / body, table, profile=profile, key=key, sequence=sequence)
                    for body, table in bodies.items()
                ]
                for one in work:
                    one.result()
                (part / "whole").touch()
            told(sizes[sequence - 1])


def _encode(stem: Path, table: pa.Table, *, profile: str, key: Path, sequence: int) -> None:
    """Encode a case file with the command that bodies use."""
    source, out = stem.with_suffix(".csv"), stem.with_suffix(".parquet")
    csv.write_csv(table, source)
    words = ["--key", key, "--reporter", stem.name, "--profile", profile, "--codebook", CODEBOOK, "--out", out]
    words += ["--sequence", sequence, "--reference-date", REFERENCE_DATE, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "pseudonym", "encode", source, *map(str, words)], capture_output=True, check=False
    )
    source.unlink()
    # Status 3: some values cannot be read, as on purpose in these files.
    if done.returncode not in (0, 3):
        raise RuntimeError(f"pseudonym encode ended with status {done.returncode}.")


def _households(kind: str, n_records: int, *, seed: int) -> Iterator[dict[str, pa.Table]]:
    """Yield the records of blocks of people by body, each block in the order of its households."""
    assumed = assumptions_for(kind, LEVEL, {})
    plan = Plan(
        n_persons=max(1_000, n_records // RECORDS_A_PERSON),
        seed=seed,
        kind=kind,
        rates=assumed.population,
        serials="any",
    )
    for _, reports in blocks(Request(plan=plan, assumed=assumed, level=LEVEL)):
        yield {body: table for one in reports.values() for body, table in _bodies(one)}


def _bodies(one: Reports) -> Iterator[tuple[str, pa.Table]]:
    """Return the records of a body with the number of the household, split in two for the largest bodies."""
    household = np.array([int(name.rpartition("-")[2]) for name in one.truth["household"].to_pylist()], np.int64)
    table = one.table.append_column("household", pa.array(household))
    if one.reporter not in SPLIT:
        yield one.reporter, table
        return
    for side, name in enumerate(("north", "south")):
        yield f"{one.reporter}_{name}", table.filter(pa.array(household % 2 == side))


def _cut(source: Iterator[dict[str, pa.Table]], sizes: Sequence[int]) -> Iterator[dict[str, pa.Table]]:
    """Cut the stream of records at the sizes, whole households but for the last one."""
    held: list[pa.Table] = []
    n_held = n_before = 0
    for size in sizes:
        while n_before + n_held < size:
            block = next(source)
            held.append(_joined(block))
            n_held += held[-1].num_rows
        rows = pa.concat_tables(held)
        part, rest = rows.slice(0, size - n_before), rows.slice(size - n_before)
        held, n_held, n_before = [rest], rest.num_rows, size
        names = sorted(pc.unique(part["reporter"]).to_pylist())
        yield {name: _of(part, name) for name in names}


def _joined(block: dict[str, pa.Table]) -> pa.Table:
    """Put the records of all bodies into one table, in the order of households."""
    tables = [table.append_column("reporter", pa.array([body] * len(table))) for body, table in block.items()]
    rows = pa.concat_tables(tables, promote_options="default")
    return rows.sort_by([("household", "ascending"), ("reporter", "ascending"), ("record_id", "ascending")])


def _of(rows: pa.Table, body: str) -> pa.Table:
    """Return the records of one body, without the columns that it does not have."""
    mine = rows.filter(pc.equal(rows["reporter"], body)).drop_columns(["reporter", "household"])
    return mine.select([name for name in mine.column_names if mine[name].null_count < mine.num_rows])
