"""Submissions of ten synthetic reporters, made once per profile and kept in a folder.

Encoding a million records takes minutes, and the measurement starts when they have arrived. They come in parts: the
first holds the records of the smallest size, each later part the additional records of the next size.
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

__all__ = ["KINDS", "REPORTERS", "make_submissions"]

REPORTERS: Final = 10

KINDS: Final = {"population": "national"}
"""The kind of population by profile: a whole country for the profile made for one, otherwise the persons whom reporters
meet."""

SPLIT: Final = ("police", "social_services")
"""The two largest of the eight reporters are split in two by place: a household belongs to one half."""

LEVEL: Final = "middle"
REFERENCE_DATE: Final = "2026-01-01"
RECORDS_A_PERSON: Final = 2
"""Lower than in any kind of population, so that the persons always suffice."""


def make_submissions(
    folder: Path, profile: str, sizes: Sequence[int], *, seed: int, processes: int, progress: Callable[[int], None]
) -> list[list[Path]]:
    """Make the submissions, or find those made before.

    Args:
        folder: Folder in which they are kept; equal profiles, seeds and sizes find them again.
        profile: Name of a profile.
        sizes: Total records after each part, ascending.
        seed: Seed of the population.
        processes: Number of files to encode at a time.
        progress: Called after each part with the total records so far.

    Returns:
        The files of each part, one per reporter with records.
    """
    kept = folder / f"{profile}-{load_profile(profile).digest[:12]}-{seed}"
    kept.mkdir(parents=True, exist_ok=True)
    key = kept / "linkage.key"
    key.write_text(fixed_key_text("speed"), encoding="utf-8")
    key.chmod(0o600)
    parts = [kept / f"{start}-{stop}" for start, stop in zip([0, *sizes], sizes, strict=False)]
    if not all((part / "whole").exists() for part in parts):
        _write(parts, profile, sizes, key=key, seed=seed, processes=processes, progress=progress)
    return [sorted(part.glob("*.parquet")) for part in parts]


def _write(
    parts: Sequence[Path],
    profile: str,
    sizes: Sequence[int],
    *,
    key: Path,
    seed: int,
    processes: int,
    progress: Callable[[int], None],
) -> None:
    cut = _cut(_households(KINDS.get(profile, "cases"), sizes[-1], seed=seed), sizes)
    with ThreadPoolExecutor(processes) as pool:
        for sequence, (part, reporters) in enumerate(zip(parts, cut, strict=True), start=1):
            if not (part / "whole").exists():
                part.mkdir(exist_ok=True)
                work = [
                    pool.submit(_encode, part / reporter, table, profile=profile, key=key, sequence=sequence)
                    for reporter, table in reporters.items()
                ]
                for one in work:
                    one.result()
                (part / "whole").touch()
            progress(sizes[sequence - 1])


def _encode(stem: Path, table: pa.Table, *, profile: str, key: Path, sequence: int) -> None:
    """Encode a case file with `pseudonym encode`."""
    source, out = stem.with_suffix(".csv"), stem.with_suffix(".parquet")
    csv.write_csv(table, source)
    words = ["--key", key, "--reporter", stem.name, "--profile", profile, "--codebook", CODEBOOK, "--out", out]
    words += ["--sequence", sequence, "--reference-date", REFERENCE_DATE, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "pseudonym", "encode", source, *map(str, words)], capture_output=True, check=False
    )
    source.unlink()
    # Status 3: some values were not readable, which is intended in these files.
    if done.returncode not in (0, 3):
        raise RuntimeError(f"pseudonym encode exited with status {done.returncode}.")


def _households(kind: str, n_records: int, *, seed: int) -> Iterator[dict[str, pa.Table]]:
    """Yield the records of each block of people by reporter, with the number of the household."""
    assumed = assumptions_for(kind, LEVEL, {})
    plan = Plan(
        n_persons=max(1_000, n_records // RECORDS_A_PERSON),
        seed=seed,
        kind=kind,
        rates=assumed.population,
        serials="any",
    )
    for _, reports in blocks(Request(plan=plan, assumed=assumed, level=LEVEL)):
        yield {reporter: table for one in reports.values() for reporter, table in _by_reporter(one)}


def _by_reporter(one: Reports) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records of a reporter with the number of the household; the largest reporters are split in two."""
    household = np.array([int(name.rpartition("-")[2]) for name in one.truth["household"].to_pylist()], np.int64)
    table = one.table.append_column("household", pa.array(household))
    if one.reporter not in SPLIT:
        yield one.reporter, table
        return
    for side, name in enumerate(("north", "south")):
        yield f"{one.reporter}_{name}", table.filter(pa.array(household % 2 == side))


def _cut(source: Iterator[dict[str, pa.Table]], sizes: Sequence[int]) -> Iterator[dict[str, pa.Table]]:
    """Cut the stream of records at the sizes, keeping all households but the last whole."""
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
    """Concatenate the records of all reporters in the order of households."""
    tables = [table.append_column("reporter", pa.array([reporter] * len(table))) for reporter, table in block.items()]
    rows = pa.concat_tables(tables, promote_options="default")
    return rows.sort_by([("household", "ascending"), ("reporter", "ascending"), ("record_id", "ascending")])


def _of(rows: pa.Table, reporter: str) -> pa.Table:
    """Return the records of one reporter, without its empty columns."""
    mine = rows.filter(pc.equal(rows["reporter"], reporter)).drop_columns(["reporter", "household"])
    return mine.select([name for name in mine.column_names if mine[name].null_count < mine.num_rows])
