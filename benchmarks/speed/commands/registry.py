"""The commands that measure what a registry does: receiving, linking, comparing all pairs, and counting."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from benchmarks.paths import BUILD, DOCS, RESULTS
from benchmarks.results import write_result
from benchmarks.speed.commands.common import CACHE, SIZES, WIDTH, steps
from benchmarks.speed.incremental import measure_incremental
from benchmarks.speed.link import STAGES
from benchmarks.speed.link import curve as link_curve
from benchmarks.speed.link import measure as measure_link
from benchmarks.speed.pairs import make_filters
from benchmarks.speed.pairs import measure as measure_pairs
from benchmarks.speed.plots import plot_link
from benchmarks.speed.receive import measure_receiving, receivings
from benchmarks.speed.run import one_core
from benchmarks.speed.shown import link_table, receive_table
from benchmarks.speed.submissions import REPORTERS, make_submissions
from benchmarks.speed.tables import make_registry, measure_tables
from benchmarks.terminal import wide_console

__all__ = ["incremental", "link", "memory", "pairs", "receive", "tables"]


def receive(
    profile: Annotated[str, typer.Option(help="Name of a profile.")] = "population",
    records: Annotated[int, typer.Option(min=1, help="Records of ten reporters.")] = 50_000,
    against: Annotated[
        list[str] | None, typer.Option(help="A commit to compare with, which reads the same submissions; repeatable.")
    ] = None,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; each way is run once per round.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the registry.")] = 2,
    cache: Annotated[Path, typer.Option(help="Folder for submissions and sources.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder of the result file.")] = RESULTS,
) -> None:
    """Measure receiving, from submission files to stored records: processor seconds by stage, against other commits."""
    console, commits = wide_console(WIDTH), against or []
    cache.mkdir(parents=True, exist_ok=True)
    ways = receivings(commits, cache / "sources")
    with console.status("Receiving …"), tempfile.TemporaryDirectory(dir=cache) as folder:
        files = make_submissions(cache, profile, [records], seed=seed, processes=threads, progress=lambda size: None)[0]
        n = measure_receiving(ways, files, Path(folder), profile=profile, threads=threads, rounds=repeat)
    figures: dict[str, Any] = {"profile": profile, "records": n, "threads": threads, "rounds": len(ways[0].wall)}
    figures |= {"submission_bytes": sum(file.stat().st_size for file in files)}
    figures |= {"ways": {way.name: way.figures(n) for way in ways}}
    words = "".join(f" --against {commit}" for commit in commits)
    command = (
        f"python -m benchmarks.speed receive --profile {profile} --records {records}{words} --repeat {repeat} "
        f"--seed {seed} --threads {threads}"
    )
    path = write_result(f"speed-receive-{profile}", figures, command=command, seed=seed, folder=out)
    console.print(receive_table(figures))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def link(
    profile: Annotated[str, typer.Option(help="Name of a profile.")] = "population",
    records: Annotated[
        list[int] | None, typer.Option(min=1, help="Numbers of records; repeatable. Default: 10,000 to 1,000,000.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the registry.")] = 2,
    cache: Annotated[Path, typer.Option(help="Folder for the submissions, some GB per million records.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder of the result file.")] = RESULTS,
    picture: Annotated[Path, typer.Option(help="Folder of the picture.")] = DOCS / "explanation",
) -> None:
    """Measure linking, from received submissions of ten reporters to persons, and a purge: time per stage and memory.

    The submissions are encoded first, outside the measurement, and kept; a million records take a quarter of an hour.
    """
    console, sizes = wide_console(WIDTH), sorted(set(records or SIZES))
    found = measure_link(profile, sizes, seed=seed, threads=threads, cache=cache, progress=steps(console))
    curve = link_curve(sizes, found)
    words = "".join(f" --records {size}" for size in sizes)
    command = f"python -m benchmarks.speed link --profile {profile}{words} --seed {seed} --threads {threads}"
    figures = {"profile": profile, "reporters": REPORTERS, "threads": threads, "curve": curve}
    path = write_result(f"speed-link-{profile}", figures, command=command, seed=seed, folder=out)
    stages = {stage: [one["link"]["stages"].get(stage, {}).get("wall", 0.0) for one in curve] for stage in STAGES}
    plot_link(sizes, stages, [one["link"]["peak_bytes"] for one in curve], picture / f"speed-{profile}.svg")
    console.print(link_table(profile, curve))
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def memory(
    profile: Annotated[str, typer.Option(help="Name of a profile.")] = "population",
    records: Annotated[
        list[int] | None, typer.Option(min=1, help="Numbers of records; repeatable. Default: 20,000 and 100,000.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the registry.")] = 2,
    cache: Annotated[Path, typer.Option(help="Folder for the submissions.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder of the result file.")] = RESULTS,
) -> None:
    """Measure the memory of linking and of a purge, and the pairs, beside what is said before they begin."""
    console, sizes = wide_console(WIDTH), sorted(set(records or (20_000, 100_000)))
    found = measure_link(profile, sizes, seed=seed, threads=threads, cache=cache, progress=steps(console))
    linked = [one["linked"] for one in found]
    words = "".join(f" --records {size}" for size in sizes)
    command = f"python -m benchmarks.speed memory --profile {profile}{words} --seed {seed} --threads {threads}"
    shown = [{name: one[name] for name in ("records", "pairs", "peak_bytes", "expected")} for one in linked]
    for one, measured in zip(shown, found, strict=True):
        one["cpu"] = _processor_seconds(measured["linked"])
        purged = {name: measured["purged"][name] for name in ("peak_bytes", "expected_bytes")}
        one["purge"] = purged | {"cpu": _processor_seconds(measured["purged"])}
    figures = {"profile": profile, "threads": threads, "sizes": shown}
    path = write_result(f"speed-memory-{profile}", figures, command=command, seed=seed, folder=out)
    table = Table(title=f"What linking and a purge under {profile} take, and what is said before they begin")
    headers = ("records", "pairs", "expected pairs", "GB", "expected GB", "processor seconds", "of counting")
    for header in (*headers, "purge GB", "expected GB", "processor seconds"):
        table.add_column(header, justify="right", no_wrap=True)
    for one in shown:
        said = one["expected"]
        sizes_in_gb = (f"{one['peak_bytes'] / 1e9:.2f}", f"{said['embedded_bytes'] / 1e9:.2f}")
        counts = (f"{number:,}" for number in (one["records"], one["pairs"], said["pairs"]))
        of_purge = (f"{one['purge'][name] / 1e9:.2f}" for name in ("peak_bytes", "expected_bytes"))
        row = (*counts, *sizes_in_gb, f"{one['cpu']:.1f}", f"{said['cpu']:.2f}")
        table.add_row(*row, *of_purge, f"{one['purge']['cpu']:.1f}")
    console.print(table)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def _processor_seconds(work: dict[str, Any]) -> float:
    return round(sum(float(stage["cpu"]) for stage in work["stages"].values()), 2)


def incremental(
    profile: Annotated[str, typer.Option(help="Name of a profile.")] = "population",
    records: Annotated[int, typer.Option(min=1, help="Records that are linked first.")] = 50_000,
    new: Annotated[int, typer.Option(min=1, help="Records that come after.")] = 1_000,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; both ways are run once per round.")] = 3,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Threads of the registry.")] = 2,
    cache: Annotated[Path, typer.Option(help="Folder for the submissions.")] = CACHE,
    out: Annotated[Path, typer.Option(help="Folder of the result file.")] = RESULTS,
) -> None:
    """Measure a run after new records: what it costs to weigh only what they touch, beside a full run."""
    console = wide_console(WIDTH)
    found = measure_incremental(
        profile, records, new, seed=seed, threads=threads, rounds=repeat, cache=cache, progress=steps(console)
    )
    command = (
        f"python -m benchmarks.speed incremental --profile {profile} --records {records} --new {new} "
        f"--repeat {repeat} --seed {seed} --threads {threads}"
    )
    figures = {"profile": profile, "records": records, "new": new, "rounds": repeat, "threads": threads, **found}
    path = write_result(f"speed-incremental-{profile}-{records}", figures, command=command, seed=seed, folder=out)
    title = f"{new:,} new records in a registry of {records:,}, {profile}: {found['times_cheaper']:.1f} times cheaper"
    same = "Same answer" if found["same_answer"] else "NOT THE SAME ANSWER"
    table = Table(title=title, caption=f"Processor seconds. {same}; {found['weighed_again']:,} records weighed again.")
    stages = [stage for stage in ("start", *STAGES[1:]) if stage in found["ways"]["full"]["stages"]]
    for header in ("run", "all", *stages):
        table.add_column(header, justify="right")
    for way, one in found["ways"].items():
        table.add_row(way, f"{one['cpu']:.2f}", *(f"{one['stages'].get(stage, 0.0):.2f}" for stage in stages))
    console.print(table)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def pairs(
    records: Annotated[int, typer.Option(min=2, help="Records per run; an even number.")] = 40_000,
    dice: Annotated[float, typer.Option(min=0.5, max=1, help="Least Dice coefficient.")] = 0.8,
    repeat: Annotated[int, typer.Option(min=1, help="Rounds; each method runs once per round.")] = 5,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic population.")] = 1,
    cache: Annotated[Path, typer.Option(help="Folder of the environment for the peers.")] = BUILD / "pairs",
    peers: Annotated[bool, typer.Option(help="Measure the peers too.")] = True,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-pairs.json",
) -> None:
    """Measure how many pairs of 1,024-bit filters one core compares per second, beside anonlink and FAISS."""
    console, pinned = wide_console(WIDTH), one_core()
    with console.status("Comparing …"):
        filters = make_filters(records // 2 * 2, seed=seed)
        figures = measure_pairs(filters, dice, rounds=repeat, cache=cache if peers else None)
    figures = {"records": len(filters), "bits": 64 * filters.shape[1], "dice": dice, "one_core": pinned, **figures}
    command = f"python -m benchmarks.speed pairs --records {records} --dice {dice} --repeat {repeat} --seed {seed}"
    path = write_result(out.stem, figures, command=command, seed=seed, folder=out.parent)
    table = Table(title=f"{len(filters):,} records, one core, median of {repeat} rounds")
    table.add_column("method", no_wrap=True)
    for header in ("million pairs/s", "ours, times", "same pairs"):
        table.add_column(header, justify="right")
    for name, one in figures["methods"].items():
        same = {True: "yes", False: "NO"}.get(figures["same_pairs"].get(name), "–")
        table.add_row(name, f"{one['pairs_per_second'] / 1e6:,.0f}", f"{one['ours_times']:.2f}", same)
    console.print(table)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)


def tables(
    records: Annotated[int, typer.Option(min=1, help="Records of the registry.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of the invented answers.")] = 1,
    out: Annotated[Path, typer.Option(help="The result file.")] = RESULTS / "speed-tables.json",
) -> None:
    """Measure the tables of a year on a registry with invented answers, each read from the file."""
    console = wide_console(WIDTH)
    with console.status("Counting …"), tempfile.TemporaryDirectory() as folder:
        found = measure_tables(make_registry(Path(folder), records=records, seed=seed))
    command = f"python -m benchmarks.speed tables --records {records} --seed {seed}"
    path = write_result(out.stem, {"records": records} | found, command=command, seed=seed, folder=out.parent)
    shown = Table(title=f"Tables of a year, {records:,} records: {found['sum']} s")
    shown.add_column("table", no_wrap=True)
    shown.add_column("seconds", justify="right")
    for name, seconds in found["seconds"].items():
        shown.add_row(name, f"{seconds:.2f}")
    console.print(shown)
    console.print(f"Written: {path}", soft_wrap=True, highlight=False)
