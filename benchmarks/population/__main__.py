"""Write synthetic case files: `python -m benchmarks.population --persons 1000 --seed 1 --level middle --out DIR`."""

from __future__ import annotations

import hashlib
import io
import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.population.assumptions import LEVELS, Assumptions
from benchmarks.population.kinds import KINDS, age_table, read_ages
from benchmarks.population.name_counts import load_counts
from benchmarks.population.names import load_names
from benchmarks.population.people import Plan
from benchmarks.population.plots import plot
from benchmarks.population.run import Request, assumptions_for, run
from benchmarks.population.summary import Summary

Level = StrEnum("Level", list(LEVELS))
KindName = StrEnum("KindName", list(KINDS))
Serial = StrEnum("Serial", ["auto", "test", "any"])

_KINDS_HELP = " ".join(f"{name}: {kind.what}" for name, kind in KINDS.items())
_HELP = """Write the case files of synthetic Swedish bodies: one CSV file a body, truth.csv, parameters.json.

People live in households with siblings and twins, bear names by the custom of their origin, climb the ladder of
numbers, and are met, written down with errors and sent on by eight bodies. No person is real. Every rate behind it is
an assumption with a name: --table lists them, --set changes one, and parameters.json records all.

Examples:

  python -m benchmarks.population --out files

  python -m benchmarks.population --persons 100000 --level high --plots --out files

  python -m benchmarks.population --kind children --persons 5000 --register --out files

  python -m benchmarks.population --set typo=0.2 --set police.contact=1 --set "school>police.share=0.5" --out files
"""

if isinstance(sys.stdout, io.TextIOWrapper):
    # A console that cannot show a letter must not end the run.
    sys.stdout.reconfigure(errors="replace")
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_show_locals=False)


Out = Annotated[Path | None, typer.Option(help="Folder for the files; made if it does not exist.", show_default=False)]
Persons = Annotated[
    int, typer.Option(min=1, max=10_000_000, help="Persons in the population; not all of them are reported.")
]
Seed = Annotated[int, typer.Option(min=0, help="Equal seeds give equal files.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set one assumption, whatever the level; may be repeated."),
]
Ages = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="CSV with age, sex (F, M), pop in place of the SCB shares (adults, national).",
    ),
]
NamesFrom = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder with counts of real names in place of Faker's lists."),
]
Serials = Annotated[
    Serial,
    typer.Option(
        help="Serials of numbers: test (980 to 999, never given to a person), any (evenly spread as in life, and by"
        " chance somebody's), or auto: test up to 100,000 persons."
    ),
]


@app.command(help=_HELP)
def main(
    out: Out = None,
    persons: Persons = 1000,
    seed: Seed = 1,
    level: Annotated[Level, typer.Option(help="How many errors identities have.")] = Level.middle,
    kind: Annotated[KindName, typer.Option(help=_KINDS_HELP)] = KindName.cases,
    set_: Set = None,
    ages: Ages = None,
    names: NamesFrom = None,
    serials: Serials = Serial.auto,
    register: Annotated[bool, typer.Option("--register", help="Also write register.csv: everybody, in clear.")] = False,
    plots: Annotated[bool, typer.Option("--plots", help="Also draw population.png.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Show the assumptions and write nothing.")] = False,
) -> None:
    """Write the files, or show the assumptions."""
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
    settings = _settings(set_ or [])
    try:
        assumed = assumptions_for(kind.value, level.value, settings)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--set") from None
    if table:
        _show_assumptions(assumed, console)
        return
    if ages is not None and (KINDS[kind.value].dense or KINDS[kind.value].households not in ("adults", "national")):
        raise typer.BadParameter("only the kinds adults and national take ages from a table", param_hint="--ages")
    if out is None:
        raise typer.BadParameter("name a folder for the files", param_hint="--out")
    request = _request(assumed, (persons, seed, kind, serials), level=level, settings=settings, sources=(names, ages))
    summary = _write(replace(request, register=register), out, console)
    if plots:
        plot(summary, out / "population.png")
        console.print(f"{out / 'population.png'}: ages, overlap of bodies, records a person")


def _settings(pairs: list[str]) -> dict[str, str]:
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise typer.BadParameter("must be NAME=VALUE", param_hint="--set")
        settings[name.strip()] = value.strip()
    return settings


def _request(
    assumed: Assumptions,
    what: tuple[int, int, KindName, Serial],
    *,
    level: Level,
    settings: dict[str, str],
    sources: tuple[Path | None, Path | None],
) -> Request:
    (persons, seed, kind, serials), (names, ages) = what, sources
    try:
        pools, names_digest = (load_names(), None) if names is None else load_counts(names)
        shares = age_table() if ages is None else read_ages(ages)
    except (OSError, ValueError, KeyError) as error:
        hint = "--names" if names is not None else "--ages"
        message = "the files have other columns than expected" if isinstance(error, KeyError) else str(error)
        raise typer.BadParameter(message, param_hint=hint) from None
    plan = Plan(
        n_persons=persons, seed=seed, kind=kind.value, rates=assumed.population, names=pools, ages=shares,
        serials=None if serials is Serial.auto else serials.value,
    )  # fmt: skip
    ages_digest = None if ages is None else hashlib.sha256(ages.read_bytes()).hexdigest()
    return Request(
        plan=plan, assumed=assumed, level=level.value, settings=settings, names_digest=names_digest,
        ages_digest=ages_digest,
    )  # fmt: skip


def _write(request: Request, out: Path, console: Console) -> Summary:
    """Write the files with a progress bar, then say what came out."""
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
            raise typer.BadParameter(f"cannot be written: {error.strerror}", param_hint="--out") from None
    for path in paths:
        records = summary.records.get(path.stem)
        console.print(f"{path}" + (f": {records:,} records" if records is not None else ""))
    summary.show(console)
    if summary.beyond_test_range:
        console.print(
            f"\n{summary.beyond_test_range:,} numbers lie outside the range kept for tests and may by chance be"
            " somebody's: keep these files on this machine."
        )
    return summary


def _show_assumptions(assumed: Assumptions, console: Console) -> None:
    table = Table("name", "value", "what it is taken from", box=None, padding=(0, 2, 0, 0))
    for name, value, note in assumed.rows():
        table.add_row(name, f"{value:g}" if isinstance(value, float | int) else str(value), note)
    console.print(table)


if __name__ == "__main__":
    app()
