"""Write synthetic case files: `python -m benchmarks.population --persons 1000 --seed 1 --level middle --out DIR`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.population import LEVELS, make_population, make_reports, write


def main(
    out: Annotated[Path, typer.Option(help="Folder for the files; made if it does not exist.")],
    persons: Annotated[
        int, typer.Option(min=1, help="Persons in the population; not all of them are reported.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Equal seeds give equal files.")] = 1,
    level: Annotated[str, typer.Option(help=f"How many errors identities have: {', '.join(LEVELS)}.")] = "middle",
) -> None:
    """Write the case files of six synthetic bodies, one CSV file each, and truth.csv.

    All rates behind them are assumptions: see benchmarks/population/assumptions.py.
    """
    chosen = next((one for one in LEVELS if one == level), None)
    if chosen is None:
        raise typer.BadParameter(f"must be one of {', '.join(LEVELS)}", param_hint="--level")
    population = make_population(persons, seed=seed)
    reports = make_reports(population, error_level=chosen, seed=seed)
    *paths, truth = write(reports, out)
    for path, one in zip(paths, reports.values(), strict=True):
        typer.echo(f"{path}: {one.table.num_rows} records of {len(set(one.person.tolist()))} persons")
    reported = {person for one in reports.values() for person in one.person.tolist()}
    typer.echo(f"{truth}: {len(reported)} of {persons} persons are reported by at least one body")
    if population.beyond_test_range:
        typer.echo(
            f"{population.beyond_test_range} numbers lie outside the range kept for tests and may by chance be"
            " somebody's: keep these files on this machine."
        )


if __name__ == "__main__":
    typer.run(main)
