"""The commands about a cluster: several engines beside each other, and an estimate of what nobody has measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from benchmarks.paths import RESULTS
from benchmarks.results import write_result
from benchmarks.speed.commands.common import CACHE, WIDTH, steps
from benchmarks.speed.engines import EngineName, measure_engines
from benchmarks.speed.paper import write_paper
from benchmarks.terminal import wide_console

__all__ = ["engines", "paper"]


def engines(
    profile: Annotated[str, typer.Option(help="Name of a profile.")] = "case-registry",
    records: Annotated[
        list[int] | None, typer.Option(min=1, help="Numbers of records; repeatable. Default: 5,000 and 50,000.")
    ] = None,
    engine: Annotated[
        list[EngineName] | None, typer.Option(help="An engine; repeatable. Default: embedded and sail.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the registry.")] = 2,
    cache: Annotated[Path, typer.Option(help="Folder for the submissions.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder of the result file.")] = RESULTS,
    name: Annotated[str | None, typer.Option(help="Name of the result file. Default: speed-engines-PROFILE.")] = None,
) -> None:
    """Measure linking with several engines: whether the answer is the same, and what each costs."""
    console, sizes = wide_console(WIDTH), sorted(set(records or (5_000, 50_000)))
    engines = [one.value for one in engine or (EngineName.EMBEDDED, EngineName.SAIL)]
    found = measure_engines(
        profile, sizes, engines=engines, seed=seed, threads=threads, cache=cache, progress=steps(console)
    )
    words = "".join(f" --records {size}" for size in sizes) + "".join(f" --engine {one}" for one in engines)
    command = f"python -m benchmarks.speed engines --profile {profile}{words} --seed {seed} --threads {threads}"
    figures = {"profile": profile, "threads": threads, "sizes": found}
    path = write_result(name or f"speed-engines-{profile}", figures, command=command, seed=seed, folder=out)
    table = Table(
        title=f"Linking under {profile}, {threads} cores",
        caption="Whole runs; with Sail, memory is of both; with Spark, not that of its own processes.",
    )
    table.add_column("engine", no_wrap=True)
    for header in ("records", "same answer", "processor seconds", "clock seconds", "GB"):
        table.add_column(header, justify="right")
    for one in found:
        for way, cost in one["engines"].items():
            same, memory = "yes" if one["same_answer"] else "NO", f"{cost['peak_bytes'] / 1e9:.1f}"
            table.add_row(way, f"{one['records']:,}", same, f"{cost['cpu']:.1f}", f"{cost['wall']:.1f}", memory)
    console.print(table)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def paper() -> None:
    """Estimate what larger registries would take on a cluster, from the result of `engines`; nothing is run."""
    wide_console(WIDTH).print(f"Written: {write_paper()}", soft_wrap=True, highlight=False)
