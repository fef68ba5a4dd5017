"""The tables that the commands print."""

from __future__ import annotations

import statistics
from typing import Any

from rich.table import Table

from benchmarks.speed.link import STAGES

__all__ = ["encode_table", "file_table", "link_table", "receive_table", "wire_table"]


def encode_table(figures: dict[str, Any]) -> Table:
    """Return the table of encoders.

    Args:
        figures: As `encode` writes them.
    """
    title = f"{figures['records']:,} records, one core, median of {figures['rounds']} rounds"
    table = Table(title=title, caption="Processor seconds; names, date, number and sex.")
    table.add_column("encoder", no_wrap=True)
    for header in ("records/s", "codes/s", "codes per\nrecord", "times\nclkhash"):
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


def file_table(figures: dict[str, Any]) -> Table:
    """Return the table of ways to encode a file.

    Args:
        figures: As `file` writes them.
    """
    title = f"A case file of {figures['records']:,} records, median of {figures['rounds']} rounds"
    table = Table(title=title, caption="Whole commands; times as many records a second as the last line.")
    table.add_column("pseudonym encode", no_wrap=True)
    seconds = "processor seconds\nper 10,000 records"
    for header in (seconds, "times", "records per\nclock second", "times", "seconds of the\nfirst process"):
        table.add_column(header, justify="right", no_wrap=True)
    last = list(figures["ways"].values())[-1]
    for name, one in figures["ways"].items():
        cpu, rate = one["cpu_per_10000_records"], one["records_per_second"]
        times = last["cpu_per_10000_records"] / cpu, rate / last["records_per_second"]
        own = f"{statistics.median(one['own_cpu_seconds']):.2f}"
        table.add_row(name, f"{cpu:.2f}", f"{times[0]:.2f}", f"{rate:,}", f"{times[1]:.2f}", own)
    return table


def receive_table(figures: dict[str, Any]) -> Table:
    """Return the table of ways to receive submissions.

    Args:
        figures: As `receive` writes them.
    """
    title = f"Receiving {figures['records']:,} records, {figures['profile']}, median of {figures['rounds']} rounds"
    table = Table(title=title, caption="Processor seconds; times as many records a processor second as the last line.")
    table.add_column("sources", no_wrap=True)
    stages = list(next(iter(figures["ways"].values()))["stages"])
    for header in ("per 10,000\nrecords", "times", *stages, "records per\nclock second", "GB"):
        table.add_column(header, justify="right", no_wrap=True)
    last = list(figures["ways"].values())[-1]
    for name, one in figures["ways"].items():
        cpu = one["cpu_per_10000_records"]
        shown = [f"{cpu:.2f}", f"{last['cpu_per_10000_records'] / cpu:.2f}"]
        shown += [f"{one['stages'][stage]:.2f}" for stage in stages]
        table.add_row(name, *shown, f"{one['records_per_second']:,}", f"{one['peak_bytes'] / 1e9:.2f}")
    return table


def link_table(profile: str, curve: list[dict[str, Any]]) -> Table:
    """Return the table of runs by number of records.

    Args:
        profile: Name of the profile.
        curve: As `link` writes it.
    """
    table = Table(title=f"From received submissions to persons, {profile}", caption="Clock seconds; GB.")
    table.add_column("records", justify="right", no_wrap=True)
    for header in ("receive", "link", *STAGES, "us per\nrecord", "times the\nleast", "peak", "purge", "times\nlink"):
        table.add_column(header, justify="right", no_wrap=True)
    for one in curve:
        times = (one["link"]["stages"].get(stage, {}).get("wall", 0.0) for stage in STAGES)
        row = [one["receive"]["seconds"], one["link"]["seconds"], *times]
        table.add_row(
            f"{one['records']:,}",
            *(f"{seconds:.1f}" for seconds in row),
            f"{one['link']['microseconds_a_record']:.0f}",
            f"{one['link']['times_the_least']:.2f}",
            f"{one['link']['peak_bytes'] / 1e9:.1f}",
            f"{one['purge']['seconds']:.1f}",
            f"{one['purge']['times_link']:.2f}",
        )
    return table


def wire_table(figures: dict[str, Any]) -> Table:
    """Return the table of bytes and shared match keys.

    Args:
        figures: As `wire` writes them, by profile.
    """
    table = Table(title="A record on the wire", caption="Bytes; pairs of records of one person that share match keys.")
    table.add_column("profile", no_wrap=True)
    columns = list(next(iter(figures.values()))["bytes_a_record"])
    for header in ("records", "bytes", *columns, "pairs", "by one key", "lost without every\nsecond content"):
        table.add_column(header, justify="right", no_wrap=True)
    for name, one in figures.items():
        sizes = (f"{one['bytes_a_record'][column]:,.0f}" for column in columns)
        shares = (f"{one['by_keys']['1']:.1%}", f"{one['without_content']:.1%}")
        table.add_row(name, f"{one['records']:,}", f"{one['bytes']:,}", *sizes, f"{one['pairs']:,}", *shares)
    return table
