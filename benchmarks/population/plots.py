"""A picture of a population: age pyramid, overlap of reporters, and records per person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.population.summary import AGE_STEP, Summary

__all__ = ["plot"]


def plot(summary: Summary, path: Path) -> None:
    """Draw a summary.

    Args:
        summary: The counts.
        path: PNG file to write; replaced if it exists.
    """
    import matplotlib as mpl  # Slow to load, so only when a plot is drawn.
    from matplotlib.figure import Figure

    mpl.use("Agg")
    figure = Figure(figsize=(16, 5.5), layout="constrained", dpi=110)
    pyramid, overlap, records = figure.subplots(1, 3)
    _pyramid(pyramid, summary)
    _overlap(overlap, summary)
    _records(records, summary)
    figure.suptitle(f"{summary.persons:,} synthetic persons, {sum(summary.records.values()):,} records")
    figure.savefig(path, metadata={"Software": None})


def _pyramid(axes: Any, summary: Summary) -> None:
    ages = np.arange(len(summary.pyramid)) * AGE_STEP
    share = summary.pyramid / max(summary.persons, 1) * 100
    axes.barh(ages, -share[:, 0], height=AGE_STEP * 0.9, align="edge", color="#b5651d", label="women")
    axes.barh(ages, share[:, 1], height=AGE_STEP * 0.9, align="edge", color="#1f6f8b", label="men")
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set(title="Age at the reference date", xlabel="% of persons", ylabel="years")
    axes.legend(frameon=False)


def _overlap(axes: Any, summary: Summary) -> None:
    names = [name.replace("_", " ") for name in summary.records]
    axes.imshow(np.sqrt(summary.overlap / max(summary.overlap.max(initial=1), 1)), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(summary.overlap):
        dark = count > 0.35 * summary.overlap.max()
        axes.text(column, row, f"{count:,}", ha="center", va="center", fontsize=7, color="white" if dark else "black")
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(title="Persons known to both of two reporters")


def _records(axes: Any, summary: Summary) -> None:
    counts = summary.per_person[1:]
    axes.bar(np.arange(1, len(counts) + 1), counts, color="#1f6f8b")
    axes.set(title="Records per reported person", xlabel=f"records (last bar: {len(counts)} or more)",
             ylabel="persons", yscale="log")  # fmt: skip
