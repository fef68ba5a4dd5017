"""The plots of docs/reference/quality.md."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from benchmarks.drawings import save_svg

__all__ = ["PLOTS", "draw"]

PLOTS: Final = ("f1", "reliability", "precision-recall", "persons")

COLOURS: Final = ("#b02020", "#e08a2e", "#4070b0", "#208040", "#8040a0", "#555555", "#00a0a0", "#a06000", "#c060a0")
MARKERS: Final = ("o", "P", "s", "D", "^", "v", "<", ">", "X")

PANELS: Final = ("febrl4", "essnet", "foreigners", "synthetic-low", "synthetic-middle", "synthetic-high")
"""Data sets with their own panels; if none of them was measured, the first six that were."""

LABEL_WIDTH: Final = 48
"""Characters per line of a title beside an axis."""

ENDS: Final = (0.005, 0.99995)
"""Limits of the reliability axes; points beyond them are drawn at the limit."""

TICKS: Final = (0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)

LEGEND_INCHES: Final = 3.8
"""Width of the longest method name."""

PERCENT: Final = (-50, -20, -10, -5, -2, 0, 2, 5, 10, 20, 50, 100)

Z: Final = 1.96
"""For 95 % Wilson intervals."""


def draw(sets: dict[str, Any], folder: Path, *, digest: str) -> list[Path]:
    """Draw all plots.

    Args:
        sets: The data sets of the result file.
        folder: Folder to write to.
        digest: Digest of the figures, written into the files.

    Returns:
        The SVG files; equal figures give equal bytes.
    """
    drawn = {
        "f1": _f1(sets),
        "reliability": _reliability(sets),
        "precision-recall": _precision_recall(sets),
        "persons": _persons(sets),
    }
    paths = []
    for name in PLOTS:
        path = folder / f"quality-{name}.svg"
        paths.append(save_svg(drawn[name], path, salt="quality", description=digest))
    return paths


def _styles(sets: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return one colour and marker per method, the same in all plots."""
    methods = dict.fromkeys(name for found in sets.values() for name in found["methods"])
    titles = {name: one["title"] for found in sets.values() for name, one in found["methods"].items()}
    return {
        name: {"color": COLOURS[i % len(COLOURS)], "marker": MARKERS[i % len(MARKERS)], "label": titles[name]}
        for i, name in enumerate(methods)
    }


def _labels(sets: dict[str, Any]) -> list[str]:
    """Break long data set titles, which would otherwise be cut off on the left."""
    return [textwrap.fill(row["title"], LABEL_WIDTH) for row in sets.values()]


def _f1(sets: dict[str, Any]) -> Figure:
    kinds = {"pairs": "pairs", "one_to_one": "single best links between reporters"}
    rows = list(sets)
    figure = Figure(figsize=(11, 1.8 + 0.42 * len(rows)), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for panel, (kind, title) in zip(axes, kinds.items(), strict=True):
        for name, style in _styles(sets).items():
            found = [
                (place, figures)
                for place, row in enumerate(rows)
                if (figures := _figures(sets, row, name).get(kind)) and figures["true_pairs"]["mean"]
            ]
            _dots(panel, [(y, one["f1"]) for y, one in found], style)
            # F1 at the best threshold.
            _rings(panel, [(one["best_f1"]["mean"], y) for y, one in found], style)
        panel.set_title(title)
        panel.set_xlabel("F1 (filled: default; ring: best threshold)")
        panel.grid(alpha=0.3)
    axes[0].set_yticks(range(len(rows)), _labels(sets), fontsize=8)
    axes[0].set_ylim(len(rows) - 0.5, -0.5)
    _legend(figure, axes)
    return figure


def _dots(axes: Any, points: list[tuple[int, dict[str, float]]], style: dict[str, Any], scale: float = 1.0) -> None:
    """Draw means, and the range over the seeds as a line."""
    if not points:
        return
    mean = np.array([one["mean"] for _, one in points]) * scale
    low, high = (np.array([one[end] for _, one in points]) * scale for end in ("low", "high"))
    # The mean of equal numbers can differ from them in the last digit.
    spread = np.maximum([mean - low, high - mean], 0)
    heights = np.array([y for y, _ in points], float)
    axes.plot(mean, heights, linestyle="", markersize=5, **style)
    ends = _broken(mean - spread[0], mean + spread[1])
    axes.plot(ends, _broken(heights, heights), color=style["color"], linewidth=1.2, solid_capstyle="butt")


def _broken(first: Any, second: Any) -> Any:
    """Return the ends of many lines as one broken line, which takes one path in the file instead of many."""
    return np.column_stack([first, second, np.full(len(first), np.nan)]).ravel()


def _rings(axes: Any, points: list[tuple[float, int]], style: dict[str, Any]) -> None:
    """Draw hollow markers, larger than those of `_dots`, so that both are visible where they coincide."""
    if points:
        axes.plot(*zip(*points, strict=True), linestyle="", marker=style["marker"], color=style["color"],
                  markersize=9, fillstyle="none", alpha=0.6)  # fmt: skip


def _figures(sets: dict[str, Any], row: str, method: str) -> dict[str, Any]:
    figures: dict[str, Any] = sets[row]["methods"].get(method, {}).get("figures", {})
    return figures


def _legend(figure: Figure, axes: Any) -> None:
    found = {
        label: handle
        for panel in np.ravel(axes)
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    if found:
        columns = max(1, int(figure.get_figwidth() / LEGEND_INCHES))
        figure.legend(
            found.values(), found.keys(), loc="outside lower center", ncols=columns, fontsize=8, frameon=False
        )


def _panels(sets: dict[str, Any], key: str) -> tuple[Figure, Iterator[tuple[Any, str]]]:
    """Make a figure with one panel per data set that has the figure `key`."""
    having = [row for row in sets if any(one["figures"].get(key) for one in sets[row]["methods"].values())]
    chosen = [row for row in having if row in PANELS] or having[: len(PANELS)]
    columns = min(3, max(1, len(chosen)))
    lines = max(1, -(-len(chosen) // columns))
    figure = Figure(figsize=(3.9 * columns, 3.7 * lines + 0.9), layout="constrained")
    axes = np.ravel(figure.subplots(lines, columns, squeeze=False))
    for panel in axes[len(chosen) :]:
        panel.set_axis_off()
    for panel, row in zip(axes, chosen, strict=False):
        panel.set_title(sets[row]["title"], fontsize=8)
        panel.grid(alpha=0.3)
    return figure, zip(axes, chosen, strict=False)


def _reliability(sets: dict[str, Any]) -> Figure:
    figure, panels = _panels(sets, "reliability")
    styles = _styles(sets)
    for panel, row in panels:
        panel.plot(ENDS, ENDS, color="#bbbbbb", linewidth=1)
        for name, style in styles.items():
            bins = _figures(sets, row, name).get("reliability")
            if bins:
                count, claimed, true = np.array(bins).T
                low, high = _wilson(true, count)
                across, up = claimed.clip(*ENDS), true.clip(*ENDS)
                panel.plot(across, up, markersize=4, linewidth=1, **style)
                ends = _broken(up - np.maximum(true - low, 0), up + np.maximum(high - true, 0))
                panel.plot(_broken(across, across), ends, color=style["color"], linewidth=1, solid_capstyle="butt")
        # Most pairs are nearly certain, and a linear scale would not show whether rightly so.
        for axis, limit in ((panel.xaxis, panel.set_xlim), (panel.yaxis, panel.set_ylim)):
            axis.axes.set(**{f"{axis.axis_name}scale": "logit"})
            limit(ENDS[0] / 1.5, 1 - (1 - ENDS[1]) / 1.5)
            axis.set_major_locator(FixedLocator(TICKS))
            axis.set_major_formatter(lambda value, _: f"{value:g}")
            axis.set_minor_locator(NullLocator())
            axis.set_tick_params(labelsize=7)
        panel.set_xlabel("mean probability of the bin", fontsize=8)
        panel.set_ylabel("share of true pairs", fontsize=8)
    _legend(figure, figure.axes)
    return figure


def _wilson(share: Any, count: Any) -> tuple[Any, Any]:
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * np.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return middle - half, middle + half


def _precision_recall(sets: dict[str, Any]) -> Figure:
    figure, panels = _panels(sets, "curve")
    styles = _styles(sets)
    for panel, row in panels:
        lowest, least = 1.0, 1.0
        for name, style in styles.items():
            figures = _figures(sets, row, name)
            if figures.get("curve"):
                recall, precision = np.array(figures["curve"]).T
                panel.plot(recall, precision, color=style["color"], linewidth=1.2)
                default = figures["pairs"]
                panel.plot(default["recall"]["mean"], default["precision"]["mean"], linestyle="", markersize=7, **style)
                lowest = min(lowest, default["precision"]["mean"])
                least = min(least, default["recall"]["mean"])
        panel.set_xlim(max(0.0, least - 0.15), 1.005)
        panel.set_ylim(min(0.9, lowest - 0.05), 1.005)
        panel.set_xlabel("recall", fontsize=8)
        panel.set_ylabel("precision (mark: default decision)", fontsize=8)
    _legend(figure, figure.axes)
    return figure


def _persons(sets: dict[str, Any]) -> Figure:
    rows = list(sets)
    figure = Figure(figsize=(9, 1.8 + 0.38 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color="#888888", linewidth=1)
    for name, style in _styles(sets).items():
        found = [(place, _figures(sets, row, name).get("persons_error")) for place, row in enumerate(rows)]
        _dots(axes, [(y, one) for y, one in found if one], style, scale=100)
        expected = [
            (100 * claim["mean"], place)
            for place, row in enumerate(rows)
            if (claim := _figures(sets, row, name).get("claimed", {}).get("persons"))
        ]
        _rings(axes, expected, style)
    axes.set_yticks(range(len(rows)), _labels(sets), fontsize=8)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xscale("symlog", linthresh=5)
    axes.xaxis.set_major_locator(FixedLocator(PERCENT))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("persons over true, % (filled: found; ring: what the method itself expects, where it does)")
    axes.grid(alpha=0.3)
    _legend(figure, axes)
    return figure
