"""The plots of the frontier: one a population, recall and F1 against re-identification and share rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

__all__ = ["draw"]

FLOOR: Final = 1e-4
"""Shares below this are drawn here: the axis is logarithmic, and nothing was found."""

TRIALS: Final = (
    ("unseeded", "o", "nobody known"),
    ("1%", "^", "1 % known"),
    ("20%", "s", "20 % known"),
    ("open 1%", "x", "1 % known, open world"),
    ("open 20%", "+", "20 % known, open world"),
)


def draw(rows: list[dict[str, Any]], folder: Path) -> list[Path]:
    """Draw one figure of four plots a population, one number a profile.

    Args:
        rows: What `frontier` measured.
        folder: Where the SVG files go.

    Returns:
        The files, `frontier-NAME.svg`.
    """
    import matplotlib  # It takes a second to load, and only a sweep draws.

    matplotlib.use("svg")
    # Equal figures give equal files.
    matplotlib.rcParams["svg.hashsalt"] = "frontier"
    from matplotlib import pyplot

    paths = []
    for name in dict.fromkeys(row["name"] for row in rows):
        chosen = [row for row in rows if row["name"] == name]
        figure, axes = pyplot.subplots(2, 2, figsize=(11, 9), layout="constrained", sharex="col", sharey="row")
        for column, gain in enumerate(("recall", "f1")):
            _panels(axes[:, column], chosen, gain)
        axes[0, 0].set(yscale="log", ylabel="share re-identified")
        axes[1, 0].set(ylabel="share of records that share a match key")
        axes[1, 0].set(xlabel=f"candidate recall, {chosen[0]['data']}")
        axes[1, 1].set(xlabel=f"F1 of the default decision, {chosen[0]['data']}")
        axes[0, 0].legend(fontsize=7)
        key = "\n".join(f"{place}  {row['profile']}" for place, row in enumerate(chosen, start=1))
        figure.text(1.01, 0.5, key, fontsize=6, family="monospace", va="center")
        figure.suptitle(name)
        path = folder / f"frontier-{name}.svg"
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
        pyplot.close(figure)
        paths.append(path)
    return paths


def _panels(axes: Any, rows: list[dict[str, Any]], gain: str) -> None:
    """Draw re-identification and, below it, share rate over one gain; profiles without it are left out."""
    held = [
        (place, row, row["gains"][row["data"]][gain])
        for place, row in enumerate(rows, start=1)
        if row["gains"][row["data"]][gain] is not None
    ]
    for trial, mark, label in TRIALS:
        shown = [(x, max(row["re_identified"][trial], FLOOR)) for _, row, x in held if trial in row["re_identified"]]
        if shown:
            axes[0].scatter(*zip(*shown, strict=True), marker=mark, label=label, s=22)
    for place, row, x in held:
        axes[0].annotate(str(place), (x, max(row["re_identified"]["20%"], FLOOR)), fontsize=7)
        axes[1].annotate(str(place), (x, row["share_rate"]), fontsize=7)
    axes[1].scatter([x for _, _, x in held], [row["share_rate"] for _, row, _ in held], color="black", s=14)
