"""The command `python -m benchmarks.quality`."""

from __future__ import annotations

import itertools
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.paths import RESULTS
from benchmarks.quality.catalogue import CATALOGUE, load
from benchmarks.quality.coverage_command import coverage
from benchmarks.quality.figures import measure
from benchmarks.quality.own_command import own
from benchmarks.quality.report import BUILD, figure_table, write, write_pages
from benchmarks.quality.run import run
from benchmarks.quality.suite import Plan, Task, measure_all, tasks_of
from benchmarks.results import write_result
from benchmarks.terminal import wide_console

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Measure linking quality on data with known truth, through the commands that reporters and the registry run.",
)

WIDTH: Final = 100

SEEDS: Final = (2, 3, 4)
"""The tables of the profiles were made from synthetic people of seed 1, so other seeds are independent of them."""

PERSONS: Final = 3000

ProfileOption = Annotated[str, typer.Option(help="Name of a profile, or a profile file.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the linkage key and of synthetic data.")]
DataOption = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder with the files that are not part of this project."),
]
PersonsOption = Annotated[int, typer.Option(min=1, help="Number of persons that synthetic reporters meet.")]
OutOption = Annotated[Path, typer.Option(help="Folder for the result files.")]
OnlyOption = Annotated[list[str] | None, typer.Option(help="A data set; repeatable.", show_default=False)]
PartOption = Annotated[Path | None, typer.Option(help="Folder for the result of a partial run.", show_default=False)]


@app.command()
def one(
    names: Annotated[list[str], typer.Argument(help=f"Data sets: {', '.join(CATALOGUE)}.")],
    data: DataOption = None,
    persons: PersonsOption = PERSONS,
    profile: ProfileOption = "case-registry",
    seed: SeedOption = SEEDS[0],
    cases: Annotated[bool, typer.Option(help="Whether records say who is in their case, and in which role.")] = True,
) -> None:
    """Link some data sets with one profile and show the figures; nothing is written."""
    _known(names, data)
    console = wide_console(WIDTH)
    for name in names:
        dataset = load(name, seed=seed, persons=persons, data=data)
        dataset = dataset if cases else dataset.without_cases()
        with console.status(f"{dataset.title} …"):
            figures = measure(dataset, run(dataset, profile=profile, seed=seed))
        console.print(figure_table(dataset.title, figures))


app.command()(own)
app.command()(coverage)


@app.command(name="all")
def all_(
    data: DataOption = None,
    peers: Annotated[bool, typer.Option(help="Measure other methods too.")] = True,
    keep_peers: Annotated[
        bool, typer.Option("--keep-peers", help="Take the figures of other packages from the last whole result.")
    ] = False,
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = ",".join(map(str, SEEDS)),
    quick: Annotated[bool, typer.Option("--quick", help="One seed, few persons, no large data set.")] = False,
    only: OnlyOption = None,
    persons: PersonsOption = PERSONS,
    profile: ProfileOption = "case-registry",
    again: Annotated[bool, typer.Option("--again", help="Ignore cached answers.")] = False,
    out: PartOption = None,
) -> None:
    """Measure every method on every data set; a run that was killed continues where it was.

    A whole run (all data sets, with --data) writes benchmarks/results/quality.json, docs/reference/quality.md with its
    plots, and the table of README.md. A partial run writes to build/quality/ or to --out. Other packages link the same
    records as before whatever this library does, so with --keep-peers they are not run again.
    """
    names = tuple(only or (name for name, entry in CATALOGUE.items() if not (quick and entry.large)))
    if data is None and not only:
        names = tuple(name for name in names if not CATALOGUE[name].needs_data)
        typer.echo("Data sets that need --data are left out.", err=True)
    _known(list(names), data)
    plan = Plan(
        names=names, seeds=_seeds(seeds)[: 1 if quick else None], persons=min(persons, 300) if quick else persons,
        data=data, profile=profile, peers=_peers(outside=not keep_peers) if peers else (),
    )  # fmt: skip
    if again:
        for folder in (plan.cache, *_kept_by_peers(plan)):
            shutil.rmtree(folder, ignore_errors=True)
    whole = out is None and set(names) == set(CATALOGUE) and not quick and profile == "case-registry"
    figures = _with_progress(plan)
    for path in write(plan, figures, keep_peers=peers and keep_peers, out=None if whole else out or BUILD):
        typer.echo(f"Written: {path}")


def _seeds(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter("must be whole numbers separated by commas", param_hint="--seeds") from None


def _peers(*, outside: bool) -> tuple[str, ...]:
    from benchmarks.quality.peers import OUTSIDE, PEERS  # They make environments for packages that nothing else needs.

    return tuple(name for name in PEERS if outside or name not in OUTSIDE)


def _kept_by_peers(plan: Plan) -> tuple[Path, ...]:
    """Return the folder of the peers' answers, if peers are measured."""
    if not plan.peers:
        return ()
    from benchmarks.quality.peers import KEPT

    return (KEPT,)


def _with_progress(plan: Plan) -> dict[str, Any]:
    """Measure, with a progress bar on a terminal and one line per answer elsewhere."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    )  # fmt: skip
    bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
    total = len(tasks_of(plan))
    with bar:
        task = bar.add_task("", total=total)
        count = itertools.count(1)

        def started(one: Task) -> None:
            text = f"{one.dataset}, {Path(one.method.name).stem}, seed {one.seed}"
            bar.update(task, description=text)
            if bar.disable:
                typer.echo(f"{next(count)} of {total}: {text}", err=True)

        return measure_all(plan, started=started, done=lambda _: bar.advance(task))


def _known(names: list[str], data: Path | None) -> None:
    """Reject unknown data sets, and those that need a folder if none is given."""
    for name in names:
        if name not in CATALOGUE:
            raise typer.BadParameter(f"{name} is not one of {', '.join(CATALOGUE)}", param_hint="NAMES")
        if CATALOGUE[name].needs_data and data is None:
            raise typer.BadParameter(f"{name} needs a data folder", param_hint="--data")


@app.command()
def errors(
    name: Annotated[str, typer.Argument(help=f"Data set: {', '.join(CATALOGUE)}.", metavar="DATASET")],
    data: DataOption = None,
    persons: PersonsOption = PERSONS,
    profile: ProfileOption = "case-registry",
    seed: SeedOption = SEEDS[0],
    limit: Annotated[int, typer.Option(min=1, help="Pairs per reason on the page.")] = 20,
    out: Annotated[Path | None, typer.Option(help="Folder for the page and the table.", show_default=False)] = None,
) -> None:
    """Show missed pairs and false links in plaintext, each with a reason; for public and fictional data only."""
    from benchmarks.quality.errors import find_errors
    from benchmarks.quality.errors_page import write_errors

    _known([name], data)
    folder = out or BUILD / f"errors-{name}-{Path(profile).stem}"
    # A registry is never overwritten, so a folder that was used before is emptied of the run's own files.
    shutil.rmtree(folder / "run", ignore_errors=True)
    console = wide_console(WIDTH)
    dataset = load(name, seed=seed, persons=persons, data=data)
    with console.status(f"{dataset.title} …"):
        found = find_errors(dataset, profile=profile, seed=seed, folder=folder / "run")
    table = Table(title=f"{found.title}: {found.met:,} of {found.true_pairs:,} true pairs compared", box=None)
    for header in ("error", "reason", "pairs", "of one person\nfound", "median\nweight"):
        table.add_column(header, justify="left" if header in ("error", "reason") else "right")
    for row in found.counts().itertuples():
        table.add_row(row.kind, row.reason, f"{row.pairs:,}", f"{row.joined:,}", f"{row.bits:.1f}")
    console.print(table)
    for path in write_errors(found, folder, limit=limit):
        typer.echo(f"Written: {path}")


@app.command()
def purging(
    persons: PersonsOption = 2000,
    profile: ProfileOption = "case-registry",
    seeds: Annotated[str, typer.Option(help="Seeds, separated by commas.")] = ",".join(map(str, SEEDS)),
    out: Annotated[Path | None, typer.Option(help="Result file to write, JSON.")] = None,
) -> None:
    """Link half of the records, purge what persons share, link the other half, and compare with no purge."""
    from benchmarks.quality.purging import measure as measure_purging

    console = wide_console(WIDTH)
    rows = measure_purging(
        persons=persons, seeds=_seeds(seeds), profile=profile, say=lambda text: console.print(text, highlight=False)
    )
    if out is not None:
        command = f"python -m benchmarks.quality purging --persons {persons} --profile {Path(profile).name}"
        write_result(
            out.stem, {"persons": persons, "rows": rows}, command=command, seed=_seeds(seeds), folder=out.parent
        )
        console.print(f"Written: {out}", highlight=False)


@app.command()
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
    from benchmarks.quality.missed import FIRST_SEED, measure_sets
    from benchmarks.quality.missed import measure as measure_missed

    if only:
        _known(only, data)
        sets = [load(name, seed=FIRST_SEED, persons=PERSONS, data=data) for name in only]
        found, words = measure_sets(sets, say=typer.echo), " ".join(f"--only {name}" for name in only)
    else:
        rows = [(int(size), level) for size in persons.split(",") for level in LEVELS]
        found = list(measure_missed(rows, registries=registries, say=typer.echo))
        words = f"--persons {persons} --registries {registries}"
    if out is not None:
        command = f"python -m benchmarks.quality missed {words}"
        typer.echo(write_result(out.stem, found, command=command, seed=FIRST_SEED, folder=out.parent))


@app.command()
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
    from benchmarks.quality.stability import spread, under_keys

    _known(names, data)
    found = {}
    for name in names:
        dataset = load(name, seed=seed, persons=persons, data=data)
        rows = under_keys(dataset, range(1, keys + 1), profile=profile, say=typer.echo)
        found[name] = {"records": len(dataset.truth), "keys": rows, "spread": spread(rows)}
    words = f"{' '.join(names)} --persons {persons} --seed {seed} --keys {keys}{' --data DATA' if data else ''}"
    command = f"python -m benchmarks.quality stability {words}"
    command += f" --result {name_of_result}" if name_of_result != "stability" else ""
    typer.echo(write_result(name_of_result, found, command=command, seed=seed))


@app.command()
def proven(
    data: DataOption = None,
    persons: PersonsOption = 1000,
    seed: SeedOption = SEEDS[0],
    only: Annotated[list[str] | None, typer.Option(help="Only this data set; can be repeated.")] = None,
    out: OutOption = RESULTS,
) -> None:
    """Compare claimed and true precision without and with the correction by what numbers prove."""
    from benchmarks.quality.proven import SETS, measure

    rows = measure(only or SETS, seed=seed, persons=persons, data=data, say=typer.echo)
    words = "".join(f" --only {name}" for name in only or ())
    command = f"python -m benchmarks.quality proven --data DIR --persons {persons} --seed {seed}{words}"
    typer.echo(write_result("proven", rows, command=command, seed=seed, folder=out))


@app.command()
def undated(persons: PersonsOption = 1000, seed: SeedOption = SEEDS[0], out: OutOption = RESULTS) -> None:
    """Measure what other match keys would bring records without a date on `follow_up`, and what they would share."""
    from benchmarks.quality.undated import measure_variants

    rows = measure_variants(persons=persons, seed=seed, say=typer.echo)
    command = f"python -m benchmarks.quality undated --persons {persons} --seed {seed}"
    typer.echo(write_result("undated", rows, command=command, seed=seed, folder=out))


@app.command()
def bridges(
    name: Annotated[str, typer.Argument(help=f"Data set: {', '.join(CATALOGUE)}.", metavar="DATASET")],
    data: DataOption = None,
    persons: PersonsOption = 500,
    seed: SeedOption = SEEDS[0],
    rows: Annotated[int, typer.Option(min=1, help="Number of bridging records.")] = 60,
) -> None:
    """Add records of an invented reporter that copy codes of two persons each, and count the persons they join."""
    from benchmarks.quality.bridges import join_persons

    _known([name], data)
    console = wide_console(WIDTH)
    dataset = load(name, seed=seed, persons=persons, data=data)
    with console.status(f"{dataset.title} …"):
        found = join_persons(dataset, rows=rows, seed=seed)
    console.print(f"{dataset.title}: {found.joined} of {found.rows} pairs of persons joined.")
    console.print(f"If every bridge were believed: {found.believed}.")
    for note in found.notes:
        console.print(note)


@app.command()
def shortfalls(
    data: DataOption = None,
    persons: PersonsOption = PERSONS,
    seed: SeedOption = SEEDS[0],
    only: OnlyOption = None,
    out: PartOption = None,
) -> None:
    """Count the reasons of `errors` over several data sets.

    A whole run (with --data) writes benchmarks/results/shortfalls.json and docs/explanation/shortfalls.md. A partial
    run writes to build/quality/ or to --out.
    """
    from benchmarks.quality import shortfalls as table

    names = tuple(only or table.SETS)
    _known(list(names), data)
    figures = table.measure_sets(
        names, profile="case-registry", seed=seed, persons=persons, data=data,
        started=lambda name: typer.echo(name, err=True),
    )  # fmt: skip
    whole = out is None and set(names) == set(table.SETS)
    words = "".join(f" --only {name}" for name in only or ())
    command = f"python -m benchmarks.quality shortfalls --data DIR --persons {persons} --seed {seed}{words}"
    path = write_result(table.NAME, figures, command=command, seed=seed, folder=RESULTS if whole else out or BUILD)
    typer.echo(f"Written: {path}")
    if whole:
        typer.echo(f"Written: {table.write_page()}")


@app.command()
def losses() -> None:
    """Write from the result file of `all` where the distance to Splink lies on FEBRL 1 to 3 and fake_1000."""
    from benchmarks.quality.losses import write_page

    typer.echo(f"Written: {write_page()}")


@app.command()
def numbers(
    data: Annotated[Path, typer.Option(help="Folder with the published lists of Swedish numbers.")],
    out: OutOption = RESULTS,
) -> None:
    """Compare this library and two packages with the published lists of Swedish numbers."""
    from benchmarks.quality.numbers import compare  # It brings two packages that the other commands do without.

    figures = compare(data)
    path = write_result(
        "numbers", figures, command="python -m benchmarks.quality numbers --data DIR", seed=None, folder=out
    )
    judges = ("this library", "personnummer", "python-stdnum")
    table = Table(title="Cases in agreement with the list", box=None)
    for header in ("list", "cases", *judges):
        table.add_column(header, justify="left" if header == "list" else "right", no_wrap=True)
    for name, found in {**figures["lists"], "own cases": figures["own cases"]}.items():
        table.add_row(name, f"{found['cases']:,}", *(f"{found[judge]['agrees']:,}" for judge in judges))
    Console(width=WIDTH).print(table)
    typer.echo(f"Written: {path}")


@app.command()
def names(
    data: Annotated[Path, typer.Option(help="Folder with files of spellings, labelled pairs and name counts.")],
    out: OutOption = RESULTS,
) -> None:
    """Measure how often spellings of one name meet, and different names, beside Soundex and Double Metaphone."""
    # Two packages come in with these that the other commands do without.
    from benchmarks.quality.name_report import PAGE, PLOT, plot, write_tables
    from benchmarks.quality.names import measure

    figures = measure(data)
    path = write_result(
        "names", figures, command="python -m benchmarks.quality names --data DIR", seed=None, folder=out
    )
    plot(figures, PLOT if out == RESULTS else out / PLOT.name)
    if out == RESULTS:
        write_tables(figures, PAGE)
    for name in ("sound", "soundex", "double_metaphone", "folded_dice_0.80", "folded", "register"):
        summary = figures["levels"][name]["summary"]
        typer.echo(f"{name:18} meet {summary['meet_pairs']:.3f}  different names {summary['false_meet']:.6f}")
    typer.echo(f"Written: {path}")


@app.command()
def clusterings(
    data: DataOption = None,
    persons: PersonsOption = 1000,
    seeds: Annotated[int, typer.Option(min=1, help="Number of seeds of synthetic reporters, from 1.")] = 3,
    profile: ProfileOption = "case-registry",
    keep: Annotated[Path | None, typer.Option(help="Folder that caches the links.")] = None,
    out: OutOption = RESULTS,
) -> None:
    """Compare clustering algorithms on the same links."""
    from benchmarks.quality.clusterings import measure, write_page  # It brings networkx; other commands do without.

    rows = measure(seeds=seeds, persons=persons, data=data, profile=profile, keep=keep)
    command = f"python -m benchmarks.quality clusterings --data DIR --persons {persons} --seeds {seeds}"
    path = write_result("clusterings", {"profile": profile, "rows": rows}, command=command, seed=None, folder=out)
    if out == RESULTS:
        write_page(rows)
    typer.echo(f"Written: {path}")


@app.command()
def readme() -> None:
    """Rewrite the table of README.md, and docs/reference/quality.md with its plots, from the result file."""
    for path in write_pages():
        typer.echo(f"Written: {path}")


if __name__ == "__main__":
    app()
