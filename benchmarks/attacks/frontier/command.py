"""The frontier: recall of profiles against re-identification (`python -m benchmarks.attacks frontier`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.attacks.evidence.scenes import Scenario
from benchmarks.attacks.frontier.own_tables import with_tables
from benchmarks.attacks.frontier.plots import draw
from benchmarks.attacks.frontier.sweep import BARE, EDGE_VARIANTS, SEGMENT, VARIANTS, build, measure_point
from benchmarks.attacks.suite import linked, quality_datasets
from benchmarks.attacks.world.recall import candidate_recall
from benchmarks.cache import Cache, sources
from benchmarks.paths import BUILD, RESULTS
from benchmarks.quality.data.datasets import Dataset, febrl4
from benchmarks.quality.figures.pairs import link_figures
from benchmarks.results import write_result
from benchmarks.terminal import wide_console
from pseudonym.profile import Profile, load_profile

__all__ = ["POPULATIONS", "sweep"]

WIDTH: Final = 170
OPEN: Final = 10.0
"""Candidates for each record in the open world."""

POPULATIONS: Final = {
    "children": ("children", True, "synthetic-middle"),
    "dense": ("dense", True, "synthetic-middle-number"),
    "children-numberless": ("children", False, "synthetic-middle-numberless"),
    "dense-numberless": ("dense", False, "synthetic-middle-numberless"),
}
"""Populations: the kind, whether records have numbers, and the data set on which its recall is measured."""

RECALL_KEYS: Final = 3
"""Linkage keys over which recall is averaged beside the edge fingerprint, since its profiles differ by little."""

CACHE: Final = BUILD / "frontier.jsonl"
ATTACK_SOURCES: Final = (
    "benchmarks/attacks/world",
    "benchmarks/attacks/evidence",
    "benchmarks/attacks/on_codes",
    "benchmarks/attacks/frontier/sweep.py",
    "benchmarks/attacks/metrics.py",
    "benchmarks/attacks/trials.py",
    "benchmarks/population",
)
LINKAGE_SOURCES: Final = ("src/linkage", "benchmarks/quality", "benchmarks/population")
RECALL_SOURCES: Final = (
    "benchmarks/attacks/world/recall.py",
    "benchmarks/quality/data/datasets.py",
    "benchmarks/population",
)


@dataclass(frozen=True)
class _Sweep:
    """The settings of a sweep.

    Attributes:
        base: The profile that supplies segments and linking tables.
        cache: Figures measured earlier.
        datasets: Data sets for recall and F1.
        digests: Their digests by name.
        n: Records in each registry.
        seeds: Seeds whose counts are added up.
        open_world: Whether to measure an open world too.
        f1: Whether to link the data sets too.
        edges: Whether to measure the edge fingerprint too.
    """

    base: Profile
    cache: Cache
    datasets: Sequence[Dataset]
    digests: dict[str, str]
    n: int
    seeds: tuple[int, ...]
    open_world: bool
    f1: bool
    edges: bool

    def gains(self, description: str, dataset: Dataset) -> dict[str, float | None]:
        """Measure candidate recall and the F1 of the default decision."""
        profile = build(description, self.base)
        inputs = {"profile": profile.digest, "data": self.digests[dataset.name]}
        n_keys = RECALL_KEYS if self.edges else 1
        recall = self.cache.get(
            inputs | {"figure": "recall", "n_keys": n_keys, "sources": sources(*RECALL_SOURCES)},
            lambda: round(candidate_recall(dataset, profile, n_keys=n_keys), 4),
        )
        f1 = None
        if self.f1 and _can_be_linked(description):
            profile = with_tables(profile) if _needs_tables(description) else profile
            tables = profile.linking.model_dump(mode="json") if profile.linking is not None else None
            f1 = self.cache.get(
                inputs | {"figure": "f1", "tables": tables, "sources": sources(*LINKAGE_SOURCES)},
                lambda: round(link_figures(linked(dataset, profile).links, dataset.truth).f1, 4),
            )
        return {"recall": recall, "f1": f1}

    def point(self, description: str, name: str) -> dict[str, Any]:
        """Attack one profile on one population."""
        kind, numbers, _ = POPULATIONS[name]
        scenario = Scenario(kind, self.n, numbers=numbers)
        factor = OPEN if self.open_world else None
        inputs = {
            "figure": "point",
            "profile": build(description, self.base).digest,
            "description": description,
            "place": [kind, self.n, numbers, factor],
            "seeds": self.seeds,
            "edges": self.edges,
            "sources": sources(*ATTACK_SOURCES),
        }
        return dict(
            self.cache.get(
                inputs,
                lambda: measure_point(
                    description, self.base, scenario, seeds=self.seeds, open_factor=factor, edges=self.edges
                ).to_dict(),
            )
        )


def _digest(dataset: Dataset) -> str:
    state = hashlib.sha256()
    for name, frame in [*dataset.reporters.items(), ("truth", dataset.truth)]:
        state.update(f"{name}\n{frame.to_csv(index=False)}".encode())
    return state.hexdigest()


def _can_be_linked(description: str) -> bool:
    """Return whether F1 can be measured: the format has no bare codes."""
    return not any(block in BARE for block in description.split("+"))


def _needs_tables(description: str) -> bool:
    """Return whether segments have other lengths than those of the base profile, which its tables fit."""
    return any(SEGMENT.fullmatch(block) for block in description.split("+"))


def sweep(
    variant: Annotated[
        list[str] | None, typer.Option(help="A profile to try, such as number+date_pair+mh80x8; repeatable.")
    ] = None,
    base: Annotated[str, typer.Option(help="Profile that supplies contents and linking tables.")] = "case-registry",
    n: Annotated[int, typer.Option(help="Records in each registry.")] = 5000,
    seeds: Annotated[int, typer.Option(help="Number of seeds; their counts are added up.")] = 1,
    population: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(POPULATIONS)}; repeatable, all by default.")
    ] = None,
    open_world: Annotated[
        bool, typer.Option("--open/--no-open", help="Also measure with ten times as many candidates.")
    ] = True,
    persons: Annotated[int, typer.Option(help="Persons of the synthetic case files, for recall and F1.")] = 1000,
    data: Annotated[Path | None, typer.Option(help="Folder with the ESSnet files, for recall and F1.")] = None,
    edges: Annotated[
        bool,
        typer.Option("--edges", help="Measure the edge fingerprint too, and write frontier-edges.json."),
    ] = False,
    f1: Annotated[bool, typer.Option("--f1/--no-f1", help="Also link the data sets; recall alone is faster.")] = True,
    fresh: Annotated[bool, typer.Option("--fresh", help="Measure everything again.")] = False,
    cache: Annotated[Path, typer.Option(help="File that keeps figures for the next sweep.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder for frontier.json and the plots.")] = RESULTS,
) -> None:
    """Sweep profiles: recall and F1 against re-identification and share rate, with a plot per population."""
    variants = list(dict.fromkeys(variant or (EDGE_VARIANTS if edges else VARIANTS)))
    populations = list(dict.fromkeys(population or (["children"] if edges else POPULATIONS)))
    if unknown := set(populations) - set(POPULATIONS):
        raise typer.BadParameter(f"Unknown population: {', '.join(sorted(unknown))}.")
    console = wide_console(WIDTH)
    wanted = {"essnet", *(POPULATIONS[name][2] for name in populations)}
    datasets = [dataset for dataset in quality_datasets(persons, data) if dataset.name in wanted]
    datasets += [febrl4(number=False)] if edges else []
    digests = {dataset.name: _digest(dataset) for dataset in datasets}
    kept = Cache(None if fresh else cache)
    asked = _Sweep(load_profile(base), kept, datasets, digests, n, tuple(range(1, seeds + 1)), open_world, f1, edges)
    rows = list(_rows(asked, variants, populations, console))
    console.print(_table(rows))
    words = [f"--base {base} --n {n} --seeds {seeds} --persons {persons}"]
    words += ["--open" if open_world else "--no-open", "--f1" if f1 else "--no-f1"]
    words += ["--edges"] if edges else []
    words += ["--data DIR"] if data is not None else []
    words += [f"--population {name}" for name in populations] + [f"--variant {one}" for one in variants]
    command = " ".join(["python -m benchmarks.attacks frontier", *words])
    path = write_result("frontier-edges" if edges else "frontier", rows, command=command, seed=1, folder=out)
    for plot in [] if edges else draw(rows, out):
        console.print(f"Drawn: {plot}", highlight=False)
    console.print(f"Written: {path}", highlight=False)


def _rows(asked: _Sweep, variants: list[str], populations: list[str], console: Console) -> Iterator[dict[str, Any]]:
    """Measure all points and show progress: a bar on a terminal, one line per point elsewhere."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    steps = len(variants) * (len(asked.datasets) + len(populations))
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("frontier", total=steps)
        for description in variants:
            gains = {}
            for dataset in asked.datasets:
                progress.update(task, description=f"{description}: {dataset.name}")
                gains[dataset.name] = asked.gains(description, dataset)
                progress.advance(task)
            for name in populations:
                progress.update(task, description=f"{description}: {name}")
                row = asked.point(description, name) | {"name": name, "data": POPULATIONS[name][2], "gains": gains}
                progress.advance(task)
                console.print(_line(row), highlight=False, soft_wrap=True)
                yield row


def _line(row: dict[str, Any]) -> str:
    shares = row["re_identified"]
    found = ", ".join(f"{name} {shares[name]:.2%}" for name in shares if not name.startswith("upper"))
    gain = row["gains"][row["data"]]
    f1 = "n/a" if gain["f1"] is None else f"{gain['f1']:.3f}"
    bought = f"recall {gain['recall']:.3f}, F1 {f1}"
    return f"{row['profile']} | {row['name']}: share {row['share_rate']:.1%}, {found}; {bought}"


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(title="Frontier", caption="Recall and F1 on the data set of the population.")
    for header in ("profile", "population"):
        table.add_column(header, overflow="fold")
    for header in ("bytes", "share", "unseeded", "1 %", "20 %", "open 1 %", "open 20 %", "top 50", "recall", "F1"):
        table.add_column(header, justify="right", no_wrap=True)
    for row in sorted(rows, key=lambda row: (row["name"], row["re_identified"]["20%"])):
        shares, gain = row["re_identified"], row["gains"][row["data"]]
        table.add_row(
            row["profile"],
            row["name"],
            f"{row['bytes_a_record']:,}",
            f"{row['share_rate']:.1%}",
            *(
                f"{shares[name]:.2%}" if name in shares else "–"
                for name in ("unseeded", "1%", "20%", "open 1%", "open 20%")
            ),
            f"{row['top_precision']:.2f}",
            f"{gain['recall']:.3f}",
            "–" if gain["f1"] is None else f"{gain['f1']:.3f}",
        )
    return table
