"""Commands that measure whole registries: purges, records that never met, linkage keys, what numbers prove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.paths import RESULTS
from benchmarks.quality.commands.options import (
    PERSONS,
    SEEDS,
    WIDTH,
    DataOption,
    OnlyOption,
    OutOption,
    PersonsOption,
    ProfileOption,
    SeedOption,
    check_names,
    seeds_of,
)
from benchmarks.quality.data.catalogue import load
from benchmarks.results import write_result
from benchmarks.terminal import wide_console

__all__ = ["missed", "proven", "purging", "stability", "undated"]


def purging(
    persons: PersonsOption = 2000,
    profile: ProfileOption = "case-registry",
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = ",".join(map(str, SEEDS)),
    out: Annotated[Path | None, typer.Option(help="Result file to write, JSON.")] = None,
) -> None:
    """Link half of the records, purge what persons share, link the other half, and compare with no purge."""
    from benchmarks.quality.studies.purging import measure as measure_purging

    console = wide_console(WIDTH)
    rows = measure_purging(
        persons=persons, seeds=seeds_of(seeds), profile=profile, say=lambda text: console.print(text, highlight=False)
    )
    if out is not None:
        command = f"python -m benchmarks.quality purging --persons {persons} --profile {Path(profile).name}"
        write_result(
            out.stem, {"persons": persons, "rows": rows}, command=command, seed=seeds_of(seeds), folder=out.parent
        )
        console.print(f"Written: {out}", highlight=False)


def missed(
    persons: Annotated[str, typer.Option(help="Persons of the populations, separated by commas.")] = "300,1000",
    registries: Annotated[int, typer.Option(min=1, help="Registries of each size and level of error.")] = 10,
    only: OnlyOption = None,
    data: DataOption = None,
    out: Annotated[Path | None, typer.Option(help="Result file to write, JSON.")] = None,
) -> None:
    """Compare the estimate of records that never met with the truth, without and with 200 answers of a sample.

    With --only it measures data sets as for `one`, in place of synthetic registries.
    """
    from benchmarks.population.assumptions import LEVELS
    from benchmarks.quality.studies.missed import FIRST_SEED, measure_sets
    from benchmarks.quality.studies.missed import measure as measure_missed

    if only:
        check_names(only, data)
        sets = [load(name, seed=FIRST_SEED, persons=PERSONS, data=data) for name in only]
        found, words = measure_sets(sets, say=typer.echo), " ".join(f"--only {name}" for name in only)
    else:
        rows = [(int(size), level) for size in persons.split(",") for level in LEVELS]
        found = list(measure_missed(rows, registries=registries, say=typer.echo))
        words = f"--persons {persons} --registries {registries}"
    if out is not None:
        command = f"python -m benchmarks.quality missed {words}"
        typer.echo(write_result(out.stem, found, command=command, seed=FIRST_SEED, folder=out.parent))


def stability(
    names: Annotated[list[str], typer.Argument(help="Data sets, as for `one`.")],
    data: DataOption = None,
    persons: PersonsOption = 800,
    profile: ProfileOption = "case-registry",
    seed: SeedOption = SEEDS[0],
    keys: Annotated[int, typer.Option(min=2, help="Number of linkage keys.")] = 5,
    name_of_result: Annotated[str, typer.Option("--result", help="Name of the result file.")] = "stability",
) -> None:
    """Link some data sets under several linkage keys, and write benchmarks/results/stability.json.

    With --result the file has another name, so that a few sets do not replace the whole.
    """
    from benchmarks.quality.studies.stability import spread, under_keys

    check_names(names, data)
    found = {}
    for name in names:
        dataset = load(name, seed=seed, persons=persons, data=data)
        rows = under_keys(dataset, range(1, keys + 1), profile=profile, say=typer.echo)
        found[name] = {"records": len(dataset.truth), "keys": rows, "spread": spread(rows)}
    words = f"{' '.join(names)} --persons {persons} --seed {seed} --keys {keys}{' --data DATA' if data else ''}"
    command = f"python -m benchmarks.quality stability {words}"
    command += f" --result {name_of_result}" if name_of_result != "stability" else ""
    typer.echo(write_result(name_of_result, found, command=command, seed=seed))


def proven(
    data: DataOption = None,
    persons: PersonsOption = 1000,
    seed: SeedOption = SEEDS[0],
    only: Annotated[list[str] | None, typer.Option(help="Only this data set; can be repeated.")] = None,
    out: OutOption = RESULTS,
) -> None:
    """Compare claimed and true precision without and with the correction by what numbers prove."""
    from benchmarks.quality.studies.proven import SETS, measure

    rows = measure(only or SETS, seed=seed, persons=persons, data=data, say=typer.echo)
    words = "".join(f" --only {name}" for name in only or ())
    command = f"python -m benchmarks.quality proven --data DIR --persons {persons} --seed {seed}{words}"
    typer.echo(write_result("proven", rows, command=command, seed=seed, folder=out))


def undated(persons: PersonsOption = 1000, seed: SeedOption = SEEDS[0], out: OutOption = RESULTS) -> None:
    """Measure what other match keys would bring records without a date on `follow_up`, and what they would share."""
    from benchmarks.quality.studies.undated import measure_variants

    rows = measure_variants(persons=persons, seed=seed, say=typer.echo)
    command = f"python -m benchmarks.quality undated --persons {persons} --seed {seed}"
    typer.echo(write_result("undated", rows, command=command, seed=seed, folder=out))
