"""The plots of the frontier, one per population: recall and F1 against re-identification and share rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.drawings import save_svg

__all__ = ["draw"]

FLOOR: Final = 1e-4
"""Smaller shares are drawn at this value, because the axis is logarithmic and a share may be 0."""

TRIALS: Final = (
    ("unseeded", "o", "none known"),
    ("1%", "^", "1 % known"),
    ("20%", "s", "20 % known"),
    ("open 1%", "x", "1 % known, open world"),
    ("open 20%", "+", "20 % known, open world"),
)


def draw(rows: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw one figure of four plots per population; profiles are numbered.

    Args:
        rows: The rows of a sweep.
        folder: Folder for the SVG files.

    Returns:
        The paths of the files, `frontier-NAME.svg`.
    """
    from matplotlib.figure import Figure  # Slow to load, so only when a plot is drawn.

    paths = []
    for name in dict.fromkeys(row["name"] for row in rows):
        chosen = [row for row in rows if row["name"] == name]
        figure = Figure(figsize=(11, 9), layout="constrained")
        axes = figure.subplots(2, 2, sharex="col", sharey="row")
        for column, gain in enumerate(("recall", "f1")):
            _panels(axes[:, column], chosen, gain)
        axes[0, 0].set(yscale="log", ylabel="share re-identified")
        axes[1, 0].set(ylabel="share of records that share a match key")
        axes[1, 0].set(xlabel=f"candidate recall, {chosen[0]['data']}")
        axes[1, 1].set(xlabel=f"F1 of the default decision, {chosen[0]['data']}")
        axes[0, 0].legend(fontsize=7)
        key = "\n".join(f"{number}  {row['profile']}" for number, row in enumerate(chosen, start=1))
        figure.text(1.01, 0.5, key, fontsize=6, family="monospace", va="center")
        figure.suptitle(name)
        paths.append(save_svg(figure, folder / f"frontier-{name}.svg", salt="frontier", tight=True))
    return paths


def _panels(axes: Any, rows: list[dict[str, Any]], gain: str) -> None:
    """Draw re-identification and, below it, share rate over one gain; profiles without that gain are left out."""
    held = [
        (number, row, row["gains"][row["data"]][gain])
        for number, row in enumerate(rows, start=1)
        if row["gains"][row["data"]][gain] is not None
    ]
    for trial, mark, label in TRIALS:
        shown = [(x, max(row["re_identified"][trial], FLOOR)) for _, row, x in held if trial in row["re_identified"]]
        if shown:
            axes[0].scatter(*zip(*shown, strict=True), marker=mark, label=label, s=22)
    for number, row, x in held:
        axes[0].annotate(str(number), (x, max(row["re_identified"]["20%"], FLOOR)), fontsize=7)
        axes[1].annotate(str(number), (x, row["share_rate"]), fontsize=7)
    axes[1].scatter([x for _, _, x in held], [row["share_rate"] for _, row, _ in held], color="black", s=14)
