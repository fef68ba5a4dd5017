"""The command `python -m benchmarks.quality`."""

from __future__ import annotations

import itertools
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.paths import RESULTS
from benchmarks.quality.commands.coverage import coverage
from benchmarks.quality.commands.options import (
    PERSONS,
    SEEDS,
    WIDTH,
    DataOption,
    OnlyOption,
    OutOption,
    PartOption,
    PersonsOption,
    ProfileOption,
    SeedOption,
    check_names,
    seeds_of,
)
from benchmarks.quality.commands.own import own
from benchmarks.quality.commands.registries import missed, proven, purging, stability, undated
from benchmarks.quality.data.catalogue import CATALOGUE, load
from benchmarks.quality.figures.summary import measure
from benchmarks.quality.pages.report import BUILD, figure_table, write, write_pages
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
    check_names(names, data)
    console = wide_console(WIDTH)
    for name in names:
        dataset = load(name, seed=seed, persons=persons, data=data)
        dataset = dataset if cases else dataset.without_cases()
        with console.status(f"{dataset.title} …"):
            figures = measure(dataset, run(dataset, profile=profile, seed=seed))
        console.print(figure_table(dataset.title, figures))


app.command()(own)
app.command()(coverage)
for command in (missed, proven, purging, stability, undated):
    app.command()(command)


@app.command(name="all")
def all_(
    data: DataOption = None,
    peers: Annotated[bool, typer.Option(help="Measure other methods too.")] = True,
    keep_peers: Annotated[
        bool, typer.Option("--keep-peers", help="Take the figures of other packages from the last whole result.")
    ] = False,
    keep_sets: Annotated[
        bool, typer.Option("--keep-sets", help="With --only: take all other data sets from the last whole result.")
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
    records as before whatever this library does, so with --keep-peers they are not run again. After a change that
    concerns some data sets only, --keep-sets makes a whole result of these and of what the last one says of the others.
    """
    names = tuple(only or (name for name, entry in CATALOGUE.items() if not (quick and entry.large)))
    if data is None and not only:
        names = tuple(name for name in names if not CATALOGUE[name].needs_data)
        typer.echo("Data sets that need --data are left out.", err=True)
    check_names(list(names), data)
    plan = Plan(
        names=names, seeds=seeds_of(seeds)[: 1 if quick else None], persons=min(persons, 300) if quick else persons,
        data=data, profile=profile, peers=_peers(outside=not keep_peers) if peers else (),
    )  # fmt: skip
    if again:
        for folder in (plan.cache, *_kept_by_peers(plan)):
            shutil.rmtree(folder, ignore_errors=True)
    every = keep_sets or set(names) == set(CATALOGUE)
    whole = out is None and every and not quick and profile == "case-registry"
    figures = _with_progress(plan)
    place = None if whole else out or BUILD
    for path in write(plan, figures, keep_peers=peers and keep_peers, keep_sets=keep_sets, out=place):
        typer.echo(f"Written: {path}")


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
    from benchmarks.quality.pages.errors_page import write_errors
    from benchmarks.quality.studies.errors import find_errors

    check_names([name], data)
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
def bridges(
    name: Annotated[str, typer.Argument(help=f"Data set: {', '.join(CATALOGUE)}.", metavar="DATASET")],
    data: DataOption = None,
    persons: PersonsOption = 500,
    seed: SeedOption = SEEDS[0],
    rows: Annotated[int, typer.Option(min=1, help="Number of bridging records.")] = 60,
) -> None:
    """Add records of an invented reporter that copy codes of two persons each, and count the persons they join."""
    from benchmarks.quality.studies.bridges import join_persons

    check_names([name], data)
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
    from benchmarks.quality.studies import shortfalls as table

    names = tuple(only or table.SETS)
    check_names(list(names), data)
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
    from benchmarks.quality.studies.losses import write_page

    typer.echo(f"Written: {write_page()}")


@app.command()
def numbers(
    data: Annotated[Path, typer.Option(help="Folder with the published lists of Swedish numbers.")],
    out: OutOption = RESULTS,
) -> None:
    """Compare this library and two packages with the published lists of Swedish numbers."""
    from benchmarks.quality.studies.numbers import compare  # It brings two packages that the other commands do without.

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
    from benchmarks.quality.pages.name_report import PAGE, PLOT, plot, write_tables
    from benchmarks.quality.studies.names import measure

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
    from benchmarks.quality.studies.clusterings import (  # It brings networkx; other commands do without.
        measure,
        write_page,
    )

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
