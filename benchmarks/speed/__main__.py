"""The command `python -m benchmarks.speed`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.results import RESULTS, write_result
from benchmarks.speed.rival import about_clkhash, clkhash_environment
from benchmarks.speed.run import CLKHASH, FIELDS, make_rows, measure, one_core
from pseudonym import profile_names

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Measure how fast bodies encode.",
)

WIDTH = 100


@app.callback()
def _speed() -> None:
    """Measure how fast bodies encode."""


@app.command()
def encode(
    records: Annotated[int, typer.Option(min=1, help="Records of a run.")] = 20_000,
    seconds: Annotated[float, typer.Option(min=0, help="No further round begins after so many seconds.")] = 300,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; every encoder runs once in each.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    cache: Annotated[Path, typer.Option(help="Folder of the environment for clkhash.")] = Path("build/clkhash"),
    clkhash: Annotated[bool, typer.Option(help="Measure clkhash too.")] = True,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-encode.json",
) -> None:
    """Records and codes a second on one core for each profile, and clkhash on the same fields in the same run."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    python = clkhash_environment(cache) if clkhash else None
    if clkhash and python is None:
        console.print("clkhash cannot be installed here; it is left out.")
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
    console.print(_table(figures))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def _table(figures: dict[str, Any]) -> Table:
    title = f"{figures['records']:,} records, one core, median of {figures['rounds']} rounds"
    table = Table(title=title, caption="Seconds of the processor; names, date, number and sex.")
    table.add_column("encoder", no_wrap=True)
    for header in ("records/s", "codes/s", "codes a\nrecord", "times\nclkhash"):
        table.add_column(header, justify="right", no_wrap=True)
    encoders = dict(figures["encoders"])
    if "clkhash" in figures:
        other = figures["clkhash"]
        encoders[f"clkhash {other['version']}, one process"] = other
    for name, one in encoders.items():
        times = f"{one['times_clkhash']:.2f}" if "times_clkhash" in one else "–"
        rates = (f"{one[rate]:,}" for rate in ("records_per_second", "codes_per_second"))
        table.add_row(name, *rates, f"{one['codes_per_record']:.0f}", times)
    return table


if __name__ == "__main__":
    app()
