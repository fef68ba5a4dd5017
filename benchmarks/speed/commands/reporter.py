"""The commands that measure what a reporter does: encoding, sealing, and what a record takes on the wire."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from benchmarks.paths import BUILD, RESULTS
from benchmarks.results import write_result
from benchmarks.speed.clkhash_peer import about_clkhash, clkhash_environment
from benchmarks.speed.commands.common import WIDTH
from benchmarks.speed.files import make_case_file, measure_files, ways_of
from benchmarks.speed.run import CLKHASH, FIELDS, make_rows, measure, one_core
from benchmarks.speed.seal import measure_sealing
from benchmarks.speed.shown import encode_table, file_table, wire_table
from benchmarks.speed.wire import measure_wire
from benchmarks.terminal import wide_console
from pseudonym import profile_names

__all__ = ["encode", "file_", "seal", "wire"]


def encode(
    records: Annotated[int, typer.Option(min=1, help="Records per run.")] = 20_000,
    seconds: Annotated[float, typer.Option(min=0, help="Start no further round after this many seconds.")] = 300,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; each encoder runs once per round.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    cache: Annotated[Path, typer.Option(help="Folder of the environment for clkhash.")] = BUILD / "clkhash",
    clkhash: Annotated[bool, typer.Option(help="Measure clkhash too.")] = True,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-encode.json",
) -> None:
    """Measure records and codes per second on one core for each profile, and for clkhash on the same fields."""
    console = wide_console(WIDTH)
    python = clkhash_environment(cache) if clkhash else None
    if clkhash and python is None:
        console.print("clkhash cannot be installed here and is left out.")
    pinned = one_core()
    with console.status("Encoding …"):
        rows = make_rows(records, seed=seed)
        found = measure(rows, profile_names(), rounds=repeat, seconds=seconds, clkhash=python)
    other = found.pop(CLKHASH, None)
    figures: dict[str, Any] = {
        "records": records,
        "rounds": len(next(iter(found.values())).cpu),
        "fields": list(FIELDS),
        "one_core": pinned,
        "encoders": {name: series.figures(other) for name, series in found.items()},
    }
    if other is not None and python is not None:
        figures["clkhash"] = other.figures() | about_clkhash(python)
    command = f"python -m benchmarks.speed encode --records {records} --repeat {repeat} --seed {seed}"
    path = write_result(out.stem, figures, command=command, seed=seed, folder=out.parent)
    console.print(encode_table(figures))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def file_(
    records: Annotated[int, typer.Option(min=1, help="Records of the case file.")] = 20_000,
    jobs: Annotated[
        list[int] | None, typer.Option(min=1, help="Numbers of processes; repeatable. Default: 1 and 2.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="A commit to compare with, in one process.")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="Start no further round after this many seconds.")] = 900,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; each way is run once per round.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    cache: Annotated[Path, typer.Option(help="Folder for the sources of the other commit.")] = BUILD / "sources",
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-file.json",
) -> None:
    """Measure `pseudonym encode` from a case file to a submission file, as a whole command, start included."""
    console, numbers = wide_console(WIDTH), jobs or [1, 2]
    ways = ways_of(numbers, against, cache)
    with console.status("Encoding …"), tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "cases.csv"
        make_case_file(source, records, seed=seed)
        measure_files(ways, source, Path(folder), rounds=repeat, seconds=seconds)
    figures = {
        "records": records,
        "rounds": len(ways[0].cpu),
        "ways": {way.name: way.figures(records) for way in ways},
    }
    words = "".join(f" --jobs {number}" for number in numbers) + (f" --against {against}" if against else "")
    command = f"python -m benchmarks.speed file --records {records}{words} --repeat {repeat} --seed {seed}"
    path = write_result(out.stem, figures, command=command, seed=seed, folder=out.parent)
    console.print(file_table(figures))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def seal(
    records: Annotated[int, typer.Option(min=1, help="Records per run.")] = 10_000,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; each profile runs once per round.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-seal.json",
) -> None:
    """Measure time and bytes of sealing a submission and of opening its parts, beside those of encoding its records."""
    console, pinned = wide_console(WIDTH), one_core()
    profiles = ("case-registry", "population")
    with console.status("Sealing …"):
        found = measure_sealing(make_rows(records, seed=seed), profiles, rounds=repeat)
    figures: dict[str, Any] = {"records": records, "rounds": repeat, "one_core": pinned}
    figures |= {"profiles": {name: series.figures() for name, series in found.items()}}
    command = f"python -m benchmarks.speed seal --records {records} --repeat {repeat} --seed {seed}"
    path = write_result(out.stem, figures, command=command, seed=seed, folder=out.parent)
    table = Table(title=f"{records:,} records, one core, median of {repeat} rounds")
    table.add_column("profile", no_wrap=True)
    for header in ("sealing,\ntimes encoding", "opening codes", "opening cases", "sealed,\ntimes open bytes"):
        table.add_column(header, justify="right")
    for name, series in found.items():
        one = series.figures()
        table.add_row(name, *(f"{times:.3f}" for times in one["times_encoding"].values()), f"{one['times_open_bytes']}")
    console.print(table)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def wire(
    persons: Annotated[int, typer.Option(min=1, help="Persons of the population.")] = 2_000,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-wire.json",
) -> None:
    """Measure what a record takes on the wire, column by column, and how many match keys true pairs share."""
    console, figures = wide_console(WIDTH), {}
    for profile in ("case-registry", "population"):
        with console.status("Encoding …"), tempfile.TemporaryDirectory() as folder:
            figures[profile] = measure_wire(profile, persons, Path(folder), seed=seed)
    command = f"python -m benchmarks.speed wire --persons {persons} --seed {seed}"
    path = write_result(out.stem, {"profiles": figures}, command=command, seed=seed, folder=out.parent)
    console.print(wire_table(figures))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)
