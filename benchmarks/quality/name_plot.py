"""The plot of docs/reference/names.md: share of true variants that meet against share of different names that do."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["PLOT", "plot"]

PLOT: Final = Path(__file__).resolve().parents[2] / "docs" / "reference" / "names.svg"

CURVES: Final = {
    "folded_dice_": ("Dice of folded bigrams, 0.30 to 1", "#888888"),
    "grams_dice_": ("Dice of our bigrams", "#c08040"),
    "filter_": ("64-bit filters, distances of the profile", "#4070b0"),
}
POINTS: Final = {
    "sound": ("sound form", "#b02020", "*"),
    "soundex": ("Soundex", "#208040", "s"),
    "double_metaphone": ("Double Metaphone", "#8040a0", "D"),
}


def plot(figures: dict[str, Any], path: Path) -> None:
    """Draw the figures of `measure`.

    Args:
        figures: What `benchmarks.quality.names.measure` gave.
        path: The SVG file to write; equal figures give equal bytes.
    """
    summaries = {name: level["summary"] for name, level in figures["levels"].items()}
    # Without a fixed salt and date the file would change with every run.
    with mpl.rc_context({"svg.hashsalt": "names", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4.4), layout="constrained")
        axes = figure.subplots()
        for prefix, (label, colour) in CURVES.items():
            on_curve = [one for name, one in summaries.items() if name.startswith(prefix)]
            places = [(one["false_meet"], one["meet_pairs"]) for one in on_curve if one["false_meet"] > 0]
            axes.plot(*zip(*sorted(places), strict=True), "o-", color=colour, markersize=3, linewidth=1, label=label)
        for name, (label, colour, marker) in POINTS.items():
            one = summaries[name]
            axes.plot(one["false_meet"], one["meet_pairs"], marker, color=colour, markersize=10, label=label)
        axes.set_xscale("log")
        axes.set_ylim(0, 1)
        axes.set_xlabel("pairs of persons with different names that meet (share, log scale)")
        axes.set_ylabel("spellings of one name that meet")
        axes.grid(alpha=0.3)
        axes.legend(loc="upper left", fontsize="small", frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
