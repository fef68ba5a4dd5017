"""Write synthetic case files: `python -m benchmarks.population --persons 1000 --seed 1 --level middle --out DIR`."""

from __future__ import annotations

import hashlib
import io
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.population.assumptions import LEVELS, Assumptions
from benchmarks.population.kinds import KINDS, age_table, read_ages
from benchmarks.population.name_counts import load_counts
from benchmarks.population.names import Names, load_names
from benchmarks.population.numbers import Serials
from benchmarks.population.people import Plan
from benchmarks.population.plots import plot
from benchmarks.population.run import Request, assumptions_for, run
from benchmarks.population.summary import Summary


class Level(StrEnum):
    """The levels of error."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


class KindName(StrEnum):
    """The kinds of population."""

    CASES = "cases"
    FOLLOW_UP = "follow_up"
    TWINS = "twins"
    CHILDREN = "children"
    ADULTS = "adults"
    NATIONAL = "national"
    DENSE = "dense"
    NEW_YEAR = "new_year"


class Serial(StrEnum):
    """The serials that numbers may have."""

    AUTO = "auto"
    TEST = "test"
    ANY = "any"


_LEVELS: Final = dict(zip(Level, LEVELS, strict=True))
_SERIALS: Final[Mapping[Serial, Serials | None]] = {Serial.AUTO: None, Serial.TEST: "test", Serial.ANY: "any"}

_KINDS_HELP = " ".join(f"{name}: {kind.what}" for name, kind in KINDS.items())
_HELP = """Write case files of synthetic Swedish reporters: one CSV file per reporter, truth.csv and parameters.json.

People live in households with siblings and twins, are named by the custom of their origin, and get and change numbers.
Eight reporters meet them, write them down with errors and refer cases to each other. No person is real. Every rate is
a named assumption: --table lists them, --set changes one, and parameters.json records them all.

Examples:

  python -m benchmarks.population --out files

  python -m benchmarks.population --persons 100000 --level high --plots --out files

  python -m benchmarks.population --kind children --persons 5000 --register --out files

  python -m benchmarks.population --set typo=0.2 --set police.contact=1 --set "school>police.share=0.5" --out files
"""

if isinstance(sys.stdout, io.TextIOWrapper):
    # A letter that the console cannot show must not end the run.
    sys.stdout.reconfigure(errors="replace")
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_show_locals=False)


Out = Annotated[Path | None, typer.Option(help="Folder for the files; created if missing.", show_default=False)]
Persons = Annotated[
    int, typer.Option(min=1, max=10_000_000, help="Persons in the population; some are never reported.")
]
Seed = Annotated[int, typer.Option(min=0, help="Equal seeds give equal files.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set one assumption at any level; repeatable."),
]
Ages = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="CSV with the columns age, sex (F, M) and pop, instead of the SCB shares (adults, national).",
    ),
]
NamesFrom = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder with counts of real names, instead of Faker's lists."),
]
SerialOption = Annotated[
    Serial,
    typer.Option(
        help="Serials of the numbers: test (980 to 999, never issued), any (spread evenly as in reality; a number may"
        " happen to be a real one), or auto: test up to 100,000 persons."
    ),
]


@app.command(help=_HELP)
def main(
    out: Out = None,
    persons: Persons = 1000,
    seed: Seed = 1,
    level: Annotated[Level, typer.Option(help="How many errors the identities have.")] = Level.MIDDLE,
    kind: Annotated[KindName, typer.Option(help=_KINDS_HELP)] = KindName.CASES,
    set_: Set = None,
    ages: Ages = None,
    names: NamesFrom = None,
    serials: SerialOption = Serial.AUTO,
    register: Annotated[bool, typer.Option("--register", help="Also write register.csv: everyone, in clear.")] = False,
    plots: Annotated[bool, typer.Option("--plots", help="Also draw population.png.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Show the assumptions and write nothing.")] = False,
) -> None:
    """Write the files, or list the assumptions."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    settings = _settings(set_ or [])
    try:
        assumed = assumptions_for(kind.value, _LEVELS[level], settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None
    if table:
        _show_assumptions(assumed, console)
        return
    if ages is not None and (KINDS[kind.value].dense or KINDS[kind.value].households not in ("adults", "national")):
        raise typer.BadParameter("only adults and national can take ages from a table", param_hint="--ages")
    if out is None:
        raise typer.BadParameter("an output folder is required", param_hint="--out")
    pools, names_digest, shares, ages_digest = _sources(names, ages)
    plan = Plan(
        n_persons=persons, seed=seed, kind=kind.value, rates=assumed.population, names=pools, ages=shares,
        serials=_SERIALS[serials],
    )  # fmt: skip
    request = Request(
        plan=plan, assumed=assumed, level=level.value, settings=settings, names_digest=names_digest,
        ages_digest=ages_digest, register=register,
    )  # fmt: skip
    summary = _write(request, out, console)
    if plots:
        plot(summary, out / "population.png")
        console.print(f"{out / 'population.png'}: ages, overlap of reporters, records per person")


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter("expected NAME=VALUE", param_hint="--set")
        settings[name.strip()] = value.strip()
    return settings


def _sources(names: Path | None, ages: Path | None) -> tuple[Names, str | None, NDArray[np.float64], str | None]:
    """Read the names and the shares by age, each with the digest of its files (None for the built-in lists)."""
    try:
        pools, names_digest = (load_names(), None) if names is None else load_counts(names)
        shares = age_table() if ages is None else read_ages(ages)
    except (OSError, ValueError, KeyError) as error:
        hint = "--names" if names is not None else "--ages"
        message = "the files do not have the expected columns" if isinstance(error, KeyError) else str(error)
        raise typer.BadParameter(message, param_hint=hint) from None
    ages_digest = None if ages is None else hashlib.sha256(ages.read_bytes()).hexdigest()
    return pools, names_digest, shares, ages_digest


def _write(request: Request, out: Path, console: Console) -> Summary:
    """Write the files with a progress bar, then print a summary."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    with bar:
        task = bar.add_task("persons", total=request.plan.n_persons)
        try:
            summary, paths = run(request, out, done=lambda n: bar.advance(task, n))
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--persons") from None
        except OSError as error:
            raise typer.BadParameter(f"the files cannot be written: {error.strerror}", param_hint="--out") from None
    for path in paths:
        records = summary.records.get(path.stem)
        console.print(f"{path}" + (f": {records:,} records" if records is not None else ""))
    summary.show(console)
    if summary.beyond_test_range:
        console.print(
            f"\n{summary.beyond_test_range:,} numbers are outside the range reserved for tests and may belong to real"
            " persons: keep these files on this machine."
        )
    return summary


def _show_assumptions(assumed: Assumptions, console: Console) -> None:
    table = Table("name", "value", "source", box=None, padding=(0, 2, 0, 0))
    for name, value, note in assumed.rows():
        table.add_row(name, f"{value:g}" if isinstance(value, float | int) else str(value), note)
    console.print(table)


if __name__ == "__main__":
    app()
