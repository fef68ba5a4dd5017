"""The command `python -m benchmarks.quality`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.quality.catalogue import CATALOGUE, load
from benchmarks.quality.datasets import Dataset
from benchmarks.quality.report import README, write_readme
from benchmarks.quality.run import Outcome, run
from benchmarks.results import RESULTS, write_result

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Measure linking quality: known data through the very same commands that bodies and registry run.",
)

WIDTH = 100

ProfileOption = Annotated[str, typer.Option(help="Name of a profile, or a profile file.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the linkage key, and of what is synthetic.")]
DataOption = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder with the files that are not part of this project."),
]
PersonsOption = Annotated[int, typer.Option(min=1, help="Persons whom synthetic bodies meet.")]
OutOption = Annotated[Path, typer.Option(help="Folder for the result files.")]


@app.command()
def one(
    names: Annotated[list[str], typer.Argument(help=f"Data sets: {', '.join(CATALOGUE)}.")],
    data: DataOption = None,
    persons: PersonsOption = 3000,
    profile: ProfileOption = "case-registry",
    seed: SeedOption = 1,
    out: OutOption = RESULTS,
) -> None:
    """Link some data sets with one profile and show the figures of the default decision."""
    _known(names, data)
    for name in names:
        command = f"one {name}{' --data DIR' if CATALOGUE[name].needs_data else ''} --persons {persons} --seed {seed}"
        dataset = load(name, seed=seed, persons=persons, data=data)
        _measure([dataset], profile=profile, out=out, command=command, seed=seed)


def _known(names: list[str], data: Path | None) -> None:
    """Refuse names of no data set, and data sets whose folder is not named."""
    for name in names:
        if name not in CATALOGUE:
            raise typer.BadParameter(f"{name} is none of {', '.join(CATALOGUE)}", param_hint="NAMES")
        if CATALOGUE[name].needs_data and data is None:
            raise typer.BadParameter(f"{name} is read from a folder that you name", param_hint="--data")


@app.command()
def tables(
    persons: Annotated[int, typer.Option(help="Persons of the synthetic population.")] = 20000,
    pairs: Annotated[int, typer.Option(help="Random pairs of different persons.")] = 4_000_000,
    seed: Annotated[int, typer.Option(help="Seed of the population and the pairs.")] = 1,
) -> None:
    """Make the m and u tables from the synthetic population and write them into the profiles that ship."""
    from benchmarks.quality.tables import write_tables  # It brings Faker; the other commands do without.

    for path in write_tables(n_persons=persons, n_pairs=pairs, seed=seed):
        typer.echo(f"Written: {path}")


@app.command()
def numbers(
    data: Annotated[Path, typer.Option(help="Folder with the published lists of Swedish numbers.")],
    out: OutOption = RESULTS,
) -> None:
    """Compare with the published lists of Swedish numbers, and two packages with the same lists."""
    from benchmarks.quality.numbers import compare  # It brings two packages that the other commands do without.

    figures = compare(data)
    path = write_result(
        "numbers", figures, command="python -m benchmarks.quality numbers --data DIR", seed=None, folder=out
    )
    judges = ("this library", "personnummer", "python-stdnum")
    table = Table(title="Cases judged as the list does", box=None)
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
    """Measure which spellings of names meet and which different names do, beside Soundex and Double Metaphone."""
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
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of synthetic bodies, from 1.")] = 3,
    profile: ProfileOption = "case-registry",
    keep: Annotated[Path | None, typer.Option(help="Folder to keep the links in, and to read them from.")] = None,
    out: OutOption = RESULTS,
) -> None:
    """Compare ways to make persons of links, on the same links."""
    from benchmarks.quality.clusterings import measure, write_page  # It brings networkx; other commands do without.

    rows = measure(seeds=seeds, persons=persons, data=data, profile=profile, keep=keep)
    command = f"python -m benchmarks.quality clusterings --data DIR --persons {persons} --seeds {seeds}"
    path = write_result("clusterings", {"profile": profile, "rows": rows}, command=command, seed=None, folder=out)
    if out == RESULTS:
        write_page(rows)
    typer.echo(f"Written: {path}")


@app.command()
def readme() -> None:
    """Write the table of figures in README.md anew from the result files."""
    write_readme()
    typer.echo(f"Written: {README}")


def _measure(datasets: Iterable[Dataset], *, profile: str, out: Path, command: str, seed: int) -> None:
    console = Console()
    # A file or a pipe has no width; the table needs this much.
    console = console if console.is_terminal else Console(width=WIDTH)
    table = Table(
        title=f"Default decision, profile {Path(profile).stem}",
        caption="Best F1: at the threshold that truth would choose.",
    )
    table.add_column("data", no_wrap=True)
    headers = ("precision", "recall", "F1", "best\nF1", "candidate\nrecall", "pairs\ncompared", "persons\n(true)", "s")
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    for dataset in datasets:
        with console.status(f"{dataset.title} …"):
            outcome = run(dataset, profile=profile, seed=seed)
        table.add_row(*_row(outcome))
        name = dataset.name if profile == "case-registry" else f"{dataset.name}-{Path(profile).stem}"
        path = write_result(
            name, asdict(outcome), command=f"python -m benchmarks.quality {command}", seed=seed, folder=out
        )
        console.print(f"{dataset.title}: {path}", soft_wrap=True, highlight=False)
    console.print(table)


def _row(outcome: Outcome) -> tuple[str, ...]:
    default = outcome.default
    return (
        outcome.dataset,
        *(f"{default[figure]:.4f}" for figure in ("precision", "recall", "f1")),
        f"{outcome.best_threshold['f1']:.4f}",
        "–" if outcome.candidate_recall is None else f"{outcome.candidate_recall:.4f}",
        f"{outcome.pairs_compared:,}",
        f"{outcome.persons:,}\n({outcome.true_persons:,})",
        f"{sum(outcome.seconds.values()):.0f}",
    )


if __name__ == "__main__":
    app()
