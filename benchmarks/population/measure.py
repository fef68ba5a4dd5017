"""Measure the speed and memory of making populations: `python -m benchmarks.population.measure`."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.memory import peak_bytes
from benchmarks.population.kinds import KINDS
from benchmarks.population.people import Plan
from benchmarks.population.run import Request, assumptions_for, run
from benchmarks.results import write_result

__all__ = ["measure"]


def measure(n_persons: int, *, kind: str, seed: int) -> dict[str, Any]:
    """Make one population and measure it.

    Args:
        n_persons: Number of persons.
        kind: A key of `KINDS`.
        seed: The seed of the population.

    Returns:
        Processor and clock seconds, persons and records per processor second, and the process's peak memory so far.
    """
    assumed = assumptions_for(kind, "middle", {})
    plan = Plan(n_persons=n_persons, seed=seed, kind=kind, rates=assumed.population)
    request = Request(plan=plan, assumed=assumed, level="middle")
    clock, processor = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        summary, paths = run(request, Path(folder))
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        size = sum(path.stat().st_size for path in paths)
    records, peak = sum(summary.records.values()), peak_bytes()
    return {
        "persons": n_persons,
        "records": records,
        "processor_seconds": round(processor, 2),
        "clock_seconds": round(clock, 2),
        "persons_per_second": round(n_persons / processor),
        "records_per_second": round(records / processor),
        "peak_memory_mb": None if peak is None else round(peak / 2**20),
        "files_mb": round(size / 2**20, 1),
    }


def main(
    size: Annotated[
        list[int] | None, typer.Option(help="Persons; repeatable, smallest first. Default: 1,000 and 100,000.")
    ] = None,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "national",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the populations.")] = 1,
) -> None:
    """Measure populations of several sizes and write benchmarks/results/population.json."""
    measure(1000, kind=kind, seed=seed)  # Warm-up: one-time loading is not measured.
    sizes, figures = size or [1000, 100_000], []
    for n_persons in sizes:
        figures.append(measure(n_persons, kind=kind, seed=seed))
        typer.echo(figures[-1])
    words = " ".join(f"--size {n}" for n in sizes)
    command = f"python -m benchmarks.population.measure {words} --kind {kind} --seed {seed}"
    typer.echo(write_result("population", {"kind": kind, "sizes": figures}, command=command, seed=seed))


if __name__ == "__main__":
    typer.run(main)
