"""UpSet plots of what reporters know together: exact sets as bars, and below each the reporters in it [Lex2014]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from linkage.answers.drawing import HEAD_BYTES, INK, STYLE, add_notes, drawn
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["OVERLAP_PLOT", "OverlapPicture", "overlap_svg", "write_overlap_plot"]

MARK: Final = "<!-- linkage overlap -->"
"""Distinguishes our pictures from all other drawings."""

OVERLAP_PLOT: Final = Kind("picture of overlap", lambda file: MARK.encode() in file.read(HEAD_BYTES), ".svg")

MOST_SETS: Final = 30
MOST_REPORTERS: Final = 25
"""More would not be legible in the width and height of a page."""

PALE: Final = "#d0d0d0"
WIDTH_INCHES: Final = 10.0
BARS_INCHES: Final = 3.0
ROW_INCHES: Final = 0.28
MARGIN_INCHES: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapPicture:
    """What is to be drawn.

    Attributes:
        title: What is counted, and when.
        notes: What must stand beside it, one line each.
        sets: Distinct sets of reporters with the number of persons known to exactly these, the largest first.
        counted: What a figure counts, such as `persons`.
        ranges: Both ends of the range of each set, in their order; None without ranges. A count may lie outside of its
            range.
    """

    title: str
    notes: tuple[str, ...]
    sets: tuple[tuple[tuple[str, ...], int], ...]
    counted: str = "persons"
    ranges: tuple[tuple[int, int], ...] | None = None

    def spans(self) -> dict[tuple[str, ...], tuple[int, int]]:
        """Return the range of each set that has one."""
        return {} if self.ranges is None else {one[0]: span for one, span in zip(self.sets, self.ranges, strict=True)}


def write_overlap_plot(picture: OverlapPicture, path: str | Path) -> None:
    """Write a picture, whole or not at all, for its owner only.

    Args:
        picture: What to draw.
        path: The file; an older picture is replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    svg = overlap_svg(picture)
    with export_file(path, OVERLAP_PLOT) as file:
        file.write(svg)


def overlap_svg(picture: OverlapPicture) -> str:
    """Draw the exact sets of reporters: a bar for each, and a dot below it for each reporter in it.

    Args:
        picture: What to draw. Of more than thirty sets the largest are drawn, and of more than 25 reporters those with
            the most persons in them; the picture says so, and the description has all.

    Returns:
        An SVG document, with a title and all figures in words; equal pictures give equal bytes.
    """
    # Imported here because loading them takes a second.
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    totals = _totals(picture.sets)
    reporters = sorted(totals, key=lambda one: (-totals[one], one))[:MOST_REPORTERS]
    drawable = [one for one in picture.sets if set(one[0]) <= set(reporters)]
    shown = drawable[:MOST_SETS]
    left_out = len(picture.sets) - len(shown)
    notes = [*picture.notes, *([f"{left_out} other sets are not drawn."] if left_out else [])]
    rows = ROW_INCHES * max(len(reporters), 1)
    with mpl.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(rect=(0.01, 0.02, 0.98, 0.98))
        figure = Figure(figsize=(WIDTH_INCHES, BARS_INCHES + rows + MARGIN_INCHES), layout=layout)
        bars, dots = figure.subplots(2, 1, sharex=True, height_ratios=[BARS_INCHES, rows])
        _draw_bars(bars, picture, shown)
        _draw_dots(dots, shown, [f"{one} ({totals[one]})" for one in reporters], reporters)
        add_notes(figure, bars, title=picture.title, notes=notes)
        return drawn(figure, mark=MARK, title=picture.title, description=_description(picture, notes, totals))


def _totals(sets: Sequence[tuple[tuple[str, ...], int]]) -> dict[str, int]:
    """Return how many each reporter knows."""
    totals: dict[str, int] = {}
    for members, n in sets:
        for one in members:
            totals[one] = totals.get(one, 0) + n
    return totals


def _draw_bars(axes: Any, picture: OverlapPicture, shown: Sequence[tuple[tuple[str, ...], int]]) -> None:
    counts, spans = [n for _, n in shown], picture.spans()
    tops = [max(n, *spans.get(members, (n, n))) for members, n in shown]
    axes.bar(range(len(shown)), counts, width=0.62, color="white", edgecolor=INK, hatch="///", linewidth=0.8)
    for place, (members, n) in enumerate(shown):
        span = spans.get(members, (n, n))
        if span[0] < span[1]:
            line = {"marker": "_", "markersize": 7, "markeredgewidth": 1.4, "linewidth": 1.4}
            axes.plot([place, place], span, color=INK, **line)
        where = {"xytext": (0, 3), "textcoords": "offset points", "ha": "center", "va": "bottom"}
        axes.annotate(_figure(n, span, "\n"), (place, tops[place]), **where, fontsize=6.5, color=INK)
    axes.set_ylim(0, 1.15 * max([*tops, 1]))
    axes.set_ylabel(f"{picture.counted} known to exactly these")
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0, labelbottom=False)


def _figure(n: int, span: tuple[int, int], between: str) -> str:
    """Return a count with its range, where all draws do not agree with it."""
    return str(n) if span == (n, n) else f"{n}{between}({span[0]}-{span[1]})"


def _draw_dots(
    axes: Any, shown: Sequence[tuple[tuple[str, ...], int]], labels: Sequence[str], reporters: Sequence[str]
) -> None:
    for place, (members, _) in enumerate(shown):
        rows = [row for row, one in enumerate(reporters) if one in members]
        others = [row for row, one in enumerate(reporters) if one not in members]
        axes.plot([place] * len(others), others, "o", color="white", markeredgecolor=PALE, markersize=6)
        axes.plot([place] * len(rows), rows, "o-", color=INK, markersize=7, linewidth=1.4)
    axes.set_yticks(range(len(reporters)), labels)
    axes.set_ylim(max(len(reporters), 1) - 0.4, -0.6)
    axes.set_xlim(-0.7, max(len(shown), 1) - 0.3)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.tick_params(axis="both", length=0, labelbottom=False)


def _description(picture: OverlapPicture, notes: Sequence[str], totals: dict[str, int]) -> str:
    """Describe the picture in words: every set, and every reporter."""
    spans = picture.spans()
    sets = "; ".join(
        f"{' and '.join(members)}: {_figure(n, spans.get(members, (n, n)), ' ')}" for members, n in picture.sets
    )
    each = "; ".join(f"{one}: {totals[one]}" for one in sorted(totals))
    counted = picture.counted.capitalize()
    return f"{' '.join(notes)} {counted} known to exactly these reporters: {sets or 'none'}. To each: {each or 'none'}."
