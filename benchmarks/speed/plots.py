"""A picture of linking: microseconds per record by stage, and peak memory, over the number of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.drawings import save_svg

__all__ = ["plot_link"]


def plot_link(sizes: Sequence[int], stages: Mapping[str, Sequence[float]], peaks: Sequence[int], path: Path) -> None:
    """Draw the curve.

    Args:
        sizes: Numbers of records, ascending.
        stages: Seconds of each stage by size.
        peaks: Peak bytes by size.
        path: SVG file to write; replaced if it exists.
    """
    from matplotlib.figure import Figure  # Slow to load, so only when a plot is drawn.

    figure = Figure(figsize=(10, 4), layout="constrained")
    seconds, memory = figure.subplots(1, 2)
    _seconds(seconds, sizes, stages)
    memory.plot(sizes, np.asarray(peaks) / 1e9, marker="o", color="#1f6f8b")
    memory.set(title="Peak memory while linking", ylabel="GB", ylim=(0, None))
    for axes in (seconds, memory):
        axes.set(xscale="log", xlabel="records")
        axes.set_xticks(list(sizes), [f"{size:,}" for size in sizes], rotation=30)
        axes.minorticks_off()
    save_svg(figure, path, salt="speed")


def _seconds(axes: Any, sizes: Sequence[int], stages: Mapping[str, Sequence[float]]) -> None:
    rates = [np.asarray(seconds) / np.asarray(sizes) * 1e6 for seconds in stages.values()]
    axes.stackplot(sizes, rates, labels=list(stages))
    axes.set(title="Linking: clock microseconds per record")
    axes.legend(loc="upper center", fontsize=8, reverse=True, ncols=2)
