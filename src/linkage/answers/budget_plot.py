"""The error budget of a count as a waterfall, readable without colour, and in words for screen readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from linkage.answers.drawing import HEAD_BYTES, INK, STYLE, add_notes, drawn
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["BUDGET_PLOT", "BudgetBeyond", "BudgetPicture", "BudgetStep", "budget_svg", "write_budget_plot"]

MARK: Final = "<!-- linkage budget -->"
"""Distinguishes our pictures from all other drawings."""

BUDGET_PLOT: Final = Kind("picture of an error budget", lambda file: MARK.encode() in file.read(HEAD_BYTES), ".svg")

WIDTH_INCHES: Final = 9.0
BAR_INCHES: Final = 0.5
MARGIN_INCHES: Final = 1.3

LEAST_CUT: Final = 10.0
"""Persons that the axis leaves out at least, if it is cut."""

_MORE, _LESS = "///", "..."
"""Hatches of bars that add to a count and that take from it; counts are bars without one."""


class BudgetStep(NamedTuple):
    """A cause, how many persons it adds on average, and the ends of its 95 % range."""

    cause: str
    mean: float
    low: float
    high: float


class BudgetBeyond(NamedTuple):
    """A cause that is in no range: how many persons it may add; None where there is no figure."""

    cause: str
    mean: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetPicture:
    """What is to be drawn.

    Attributes:
        title: What is counted, and when.
        notes: What must stand beside it, one line each.
        found: Persons found.
        steps: What each cause adds to them.
        expected: Persons expected.
        low: Lower end of its range.
        high: Upper end.
        beyond: What comes on top, in no range.
    """

    title: str
    notes: tuple[str, ...]
    found: int
    steps: tuple[BudgetStep, ...]
    expected: float
    low: int
    high: int
    beyond: tuple[BudgetBeyond, ...] = ()


def write_budget_plot(picture: BudgetPicture, path: str | Path) -> None:
    """Write a picture, whole or not at all, for its owner only.

    Args:
        picture: What to draw.
        path: The file; an older picture is replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    svg = budget_svg(picture)
    with export_file(path, BUDGET_PLOT) as file:
        file.write(svg)


def budget_svg(picture: BudgetPicture) -> str:
    """Draw an error budget.

    Args:
        picture: What to draw.

    Returns:
        An SVG document, with a title and all figures in words; equal pictures give equal bytes.
    """
    # Imported here because loading them takes a second.
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    bars = _bars(picture)
    with mpl.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(rect=(0.01, 0.02, 0.98, 0.98))
        figure = Figure(figsize=(WIDTH_INCHES, BAR_INCHES * len(bars) + MARGIN_INCHES), layout=layout)
        axes = figure.subplots()
        _draw(axes, picture, bars)
        add_notes(figure, axes, title=picture.title, notes=picture.notes)
        return drawn(figure, mark=MARK, title=picture.title, description=_description(picture))


class _Bar(NamedTuple):
    label: str
    begin: float
    end: float
    text: str
    is_count: bool


def _bars(picture: BudgetPicture) -> list[_Bar]:
    bars = [_Bar("found", 0.0, float(picture.found), str(picture.found), True)]
    reached = float(picture.found)
    for one in picture.steps:
        bars.append(_Bar(one.cause, reached, reached + one.mean, _change(one), False))
        reached += one.mean
    bars.append(_Bar("expected", 0.0, picture.expected, _expected(picture), True))
    for more in picture.beyond:
        end = picture.expected + (more.mean or 0.0)
        bars.append(_Bar(f"{more.cause}, on top", picture.expected, end, _more(more), False))
    return bars


def _more(one: BudgetBeyond) -> str:
    if one.low is None or one.high is None:
        return "no figure"
    ends = f"{one.low:+.0f} to {one.high:+.0f}"
    return ends if one.mean is None else f"{one.mean:+.1f} ({ends})"


def _change(one: BudgetStep) -> str:
    return f"{one.mean:+.1f} ({one.low:+.0f} to {one.high:+.0f})"


def _expected(picture: BudgetPicture) -> str:
    return f"{picture.expected:.1f} ({picture.low}-{picture.high})"


def _draw(axes: Any, picture: BudgetPicture, bars: Sequence[_Bar]) -> None:
    whiskers = {"expected": (float(picture.low), float(picture.high))}
    for more in picture.beyond:
        if more.low is not None and more.high is not None and more.low < more.high:
            whiskers[f"{more.cause}, on top"] = (picture.expected + more.low, picture.expected + more.high)
    edges = [edge for bar in bars for edge in (bar.begin, bar.end) if edge]
    edges += [end for ends in whiskers.values() for end in ends]
    span = max(max(edges) - min(edges), 1.0)
    # Counts would hide the steps between them if bars began at 0, so the axis is cut, and says so.
    left = max(min(edges) - 0.35 * span, 0.0)
    left = 0.0 if left < LEAST_CUT else left
    right = max(edges) + 0.6 * span
    for row, bar in enumerate(bars):
        begin = left if bar.is_count else bar.begin
        hatch = None if bar.is_count else _MORE if bar.end >= bar.begin else _LESS
        axes.barh(
            row, bar.end - begin, left=begin, height=0.6, color="white", edgecolor=INK, hatch=hatch, linewidth=0.9
        )
        text = max(bar.begin, bar.end)
        if bar.label in whiskers:
            ends = whiskers[bar.label]
            axes.plot(ends, [row, row], color=INK, linewidth=1.6, marker="|", markersize=9)
            text = max(text, ends[1])
        axes.text(text + 0.02 * span, row, bar.text, va="center", ha="left", color=INK, fontsize=9)
        if row + 1 < len(bars) - len(picture.beyond):
            axes.plot([bar.end] * 2, [row, row + 1], color=INK, linewidth=0.6, linestyle=":")
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.set_xlim(left, right)
    axes.set_xlabel("persons" if left == 0 else f"persons; the axis begins at {left:.0f}, not at 0")
    axes.spines[["top", "right"]].set_visible(False)


def _description(picture: BudgetPicture) -> str:
    """Describe the picture in words."""
    changes = "; ".join(f"{one.cause} {_change(one)}" for one in picture.steps)
    told = "; ".join(f"{one.cause}: {_more(one)}" for one in picture.beyond)
    more = f" On top, in no range: {told}." if told else ""
    return (
        f"{' '.join(picture.notes)} Found: {picture.found} persons. Then, on average over draws with 95 % ranges: "
        f"{changes}. Expected: {_expected(picture)} persons.{more}"
    )
