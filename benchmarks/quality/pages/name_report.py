"""The tables and the plot of docs/reference/names.md, from the figures of `benchmarks.quality.studies.names`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from matplotlib.figure import Figure

from benchmarks.drawings import save_svg
from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS

__all__ = ["PAGE", "PLOT", "SECTION", "plot", "render", "write_tables"]

PLOT: Final = DOCS / "reference" / "names.svg"

PAGE: Final = PLOT.with_name("names.md")

SECTION: Final = "figures"

LEVELS: Final = {
    "sound": "**sound form equal**",
    "soundex": "Soundex equal",
    "double_metaphone": "Double Metaphone equal",
    "folded_dice_0.80": "Dice of folded bigrams at least 0.80",
    "folded_dice_0.60": "Dice of folded bigrams at least 0.60",
    "filter_6.5": "64-bit filters, distance at most 6.5",
    "filter_10": "64-bit filters, distance at most 10",
    "folded": "folded form equal",
    "register": "register form equal",
}
SETS: Final = {
    "arabic": ("variants", "Latin spellings of a form in Arabic script"),
    "cyrillic": ("variants", "Latin spellings of a form in Cyrillic script"),
    "given": ("variants", "given names labelled the same"),
    "surname": ("variants", "surnames labelled the same"),
    "arabic_script": ("variants", "Arabic script and a Latin spelling"),
    "cyrillic_script": ("variants", "Cyrillic script and a Latin spelling"),
}
DIFFERENT: Final = {"given": "given names labelled different", "surname": "surnames labelled different"}

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


def write_tables(figures: dict[str, Any], page: Path) -> None:
    """Write the tables into the generated section of a page.

    Args:
        figures: The figures from `benchmarks.quality.studies.names.measure`.
        page: The page; it has both marks.
    """
    write_section(page, SECTION, render(figures))


def render(figures: dict[str, Any]) -> str:
    """Return the tables as Markdown.

    Args:
        figures: See `write_tables`.
    """
    return f"{_summary_table(figures['levels'])}\n\n{_set_table(figures['levels'])}"


def _summary_table(levels: dict[str, Any]) -> str:
    header = (
        "two names meet when", "variants that meet, per pair", "per bearer, at most 1,000", "per bearer, no limit",
        "different names that meet, of 100,000 pairs: given names", "surnames", "mean",
    )  # fmt: skip
    rows = []
    for name, title in LEVELS.items():
        one, random = levels[name]["summary"], levels[name]["random"]
        shares = [f"{one[f'meet_{share}']:.3f}" for share in ("pairs", "bearers_capped", "bearers")]
        false = [f"{share * 100_000:.1f}" for share in (random["given"], random["surname"], one["false_meet"])]
        rows.append([title, *shares, *false])
    return markdown_table(header, rows)


def _set_table(levels: dict[str, Any]) -> str:
    methods = ("sound", "soundex", "double_metaphone", "folded_dice_0.80")
    rows = []
    lines = [(group, name, title) for name, (group, title) in SETS.items()]
    lines += [("different", name, f"*{title}*") for name, title in DIFFERENT.items()]
    for group, name, title in lines:
        shares = [f"{levels[method][group][name]['check']['pairs']:.3f}" for method in methods]
        rows.append([title, *shares])
    return markdown_table(("per pair", "sound form", "Soundex", "Double Metaphone", "Dice 0.80"), rows)


def plot(figures: dict[str, Any], path: Path) -> None:
    """Draw the figures of `measure`.

    Args:
        figures: The figures from `benchmarks.quality.studies.names.measure`.
        path: The SVG file to write; equal figures give equal bytes.
    """
    summaries = {name: level["summary"] for name, level in figures["levels"].items()}
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
    save_svg(figure, path, salt="names")
