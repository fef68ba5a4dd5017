"""The frontier: what profiles buy in recall and pay in re-identification (`python -m benchmarks.attacks frontier`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.attacks.recall import candidate_recall
from benchmarks.attacks.scenes import Place
from benchmarks.attacks.suite import quality_rows
from benchmarks.attacks.sweep import VARIANTS, Point, build, measure_point
from benchmarks.quality.datasets import Dataset, essnet, synthetic
from benchmarks.results import RESULTS, write_result
from pseudonym.profile import Profile, load_profile

__all__ = ["draw", "sweep"]

WIDTH: Final = 170
FLOOR: Final = 2e-4
"""Shares below this are drawn here: the axis is logarithmic, and nothing was found."""

PLACES: Final = ("children", "dense", "numberless")


def sweep(
    variant: Annotated[
        list[str] | None, typer.Option(help="A profile to try, such as number+date_pair+mh80x8.")
    ] = None,
    n: Annotated[int, typer.Option(help="Records in each registry.")] = 5000,
    seeds: Annotated[int, typer.Option(help="Seeds, whose counts are added up.")] = 1,
    population: Annotated[list[str] | None, typer.Option(help="children, dense or numberless; all by default.")] = None,
    persons: Annotated[int, typer.Option(help="Persons of the synthetic case files, for recall.")] = 2000,
    data: Annotated[Path | None, typer.Option(help="Folder with the ESSnet files, for recall on them.")] = None,
    f1: Annotated[
        bool, typer.Option("--f1", help="Link each profile too, for the F1 of the default decision.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Folder for frontier.json and the plots.")] = RESULTS,
) -> None:
    """Sweep profiles: recall and F1 against re-identification and share rate, a plot a population and one table."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH)
    base = load_profile("case-registry")
    datasets = [synthetic(persons, level="middle", seed=1), *([essnet(data)] if data is not None else [])]
    rows = []
    for description in variant or VARIANTS:
        gains = _gains(description, base, datasets, linked=f1)
        for name in population or PLACES:
            kind = "children" if name == "numberless" else name
            place = Place(kind, n, numbers=name != "numberless")
            point = measure_point(description, base, place, seeds=range(1, seeds + 1))
            rows.append(point.to_dict() | gains)
            console.print(_line(point, gains), highlight=False, soft_wrap=True)
    console.print(_table(rows))
    path = write_result("frontier", rows, command=f"python -m benchmarks.attacks frontier --n {n}", seed=1, folder=out)
    for plot in draw(rows, out):
        console.print(f"Drawn: {plot}", highlight=False)
    console.print(f"Written: {path}", highlight=False)


def _gains(description: str, base: Profile, datasets: list[Dataset], *, linked: bool) -> dict[str, Any]:
    """Measure recall on each data set, and F1 where it is asked for."""
    profile = build(description, base)
    gains: dict[str, Any] = {
        "recall": {dataset.name: round(candidate_recall(dataset, profile), 4) for dataset in datasets}
    }
    if linked:
        rows = quality_rows(profile, persons=1000, data=None, say=lambda text: None)
        gains["f1"] = {row["population"]: round(row["f1"], 4) for row in rows}
    return gains


def _line(point: Point, gains: dict[str, Any]) -> str:
    shares = point.re_identified
    recall = ", ".join(f"{name} {value:.3f}" for name, value in gains["recall"].items())
    who = point.population if point.numbers else f"{point.population} without numbers"
    return (
        f"{point.profile} | {who}: share {point.share_rate:.1%}, unseeded {shares['unseeded']:.2%}, "
        f"1% {shares['1%']:.2%}, 20% {shares['20%']:.2%} | recall {recall}"
    )


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Frontier", caption="The attacker knows who is in the registry.")
    for header in ("profile", "population"):
        table.add_column(header, overflow="fold")
    for header in ("bytes", "share", "unseeded", "1 %", "20 %", "top 50", "recall", "F1"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in sorted(rows, key=lambda row: (row["population"], not row["numbers"], row["re_identified"]["1%"])):
        shares = row["re_identified"]
        table.add_row(
            row["profile"],
            row["population"] + ("" if row["numbers"] else ", no numbers"),
            f"{row['bytes_a_record']:,}",
            f"{row['share_rate']:.1%}",
            *(f"{shares[name]:.2%}" for name in ("unseeded", "1%", "20%")),
            f"{row['top_precision']:.2f}",
            " ".join(f"{value:.3f}" for value in row["recall"].values()),
            " ".join(f"{value:.3f}" for value in row.get("f1", {}).values()),
        )
    return table


def draw(rows: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw one plot a population: recall to the right, re-identification upwards, one point a profile.

    Args:
        rows: What `sweep` measured.
        folder: Where the SVG files go.

    Returns:
        The files.
    """
    import matplotlib  # It takes a second to load, and only a sweep draws.

    matplotlib.use("svg")
    from matplotlib import pyplot

    paths = []
    for population, numbers in sorted({(row["population"], row["numbers"]) for row in rows}):
        chosen = [row for row in rows if (row["population"], row["numbers"]) == (population, numbers)]
        figure, axes = pyplot.subplots(figsize=(9, 6), layout="constrained")
        data = next(iter(chosen[0]["recall"]))
        recall = [row["recall"][data] for row in chosen]
        for name, mark in (("unseeded", "o"), ("1%", "^"), ("20%", "s")):
            shares = [max(row["re_identified"][name], FLOOR) for row in chosen]
            axes.scatter(recall, shares, marker=mark, label="unseeded" if name == "unseeded" else f"{name} known")
        for place, row in enumerate(chosen, start=1):
            axes.annotate(str(place), (row["recall"][data], max(row["re_identified"]["20%"], FLOOR)), fontsize=7)
        key = "\n".join(f"{place}  {row['profile']}" for place, row in enumerate(chosen, start=1))
        figure.text(1.01, 0.5, key, fontsize=6, family="monospace", va="center")
        axes.set(yscale="log", xlabel=f"candidate recall, {data}", ylabel="share re-identified")
        axes.set_title(f"{population}{'' if numbers else ', without numbers'}")
        axes.legend()
        path = folder / f"frontier-{population}{'' if numbers else '-numberless'}.svg"
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)
        paths.append(path)
    return paths
