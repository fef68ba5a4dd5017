"""Coverage as a picture: one row per reporter, one column per period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from linkage.answers.drawing import HEAD_BYTES, STYLE, drawn
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["COVERAGE_MAP", "coverage_svg", "write_coverage_map"]

MARK: Final = "<!-- linkage coverage -->"
"""Distinguishes our maps from all other drawings."""

COVERAGE_MAP: Final = Kind("coverage map", lambda file: MARK.encode() in file.read(HEAD_BYTES))

ROW_INCHES: Final = 0.3
COLUMN_INCHES: Final = 0.55
MIN_COLUMNS: Final = 6
MARGIN_INCHES: Final = (2.6, 1.6)


class Look(NamedTuple):
    """How a state is drawn: colour of the cell, colour of its letter, and the letter, for those who see no colours."""

    fill: str
    ink: str
    letter: str


LOOKS: Final[dict[str, Look]] = {
    "reported": Look("#1f6f8b", "white", "R"),
    "zero": Look("#a9d3df", "black", "0"),
    "late": Look("#e3b23c", "black", "L"),
    "due": Look("#eeeeee", "black", "d"),
    "silent": Look("#b5651d", "white", "S"),
    "never": Look("#5b1a1a", "white", "N"),
    "held back": Look("#6a4c93", "white", "H"),
}
"""Different enough in lightness for colour-blind readers and for paper."""


def write_coverage_map(coverage: pa.Table, path: str | Path) -> None:
    """Write the picture of a coverage table, whole or not at all, for its owner only.

    Args:
        coverage: What `Registry.coverage` returns.
        path: The file; an older map is replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    svg = coverage_svg(coverage)
    with export_file(path, COVERAGE_MAP) as file:
        file.write(svg)


def coverage_svg(coverage: pa.Table) -> str:
    """Draw a coverage table as a map of reporters and periods.

    Args:
        coverage: Columns `reporter`, `period` and `state` at least. Rows without a period are not drawn.

    Returns:
        An SVG document, with a title and a description; equal tables give equal bytes.
    """
    # Imported here because loading them takes a second.
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = [row for row in coverage.to_pylist() if row["period"] is not None]
    reporters = sorted({row["reporter"] for row in rows})
    periods = sorted({row["period"] for row in rows})
    with mpl.rc_context(STYLE):
        size = (
            MARGIN_INCHES[0] + COLUMN_INCHES * max(len(periods), MIN_COLUMNS),
            MARGIN_INCHES[1] + ROW_INCHES * max(len(reporters), 1),
        )
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        _draw(axes, rows, reporters, periods)
        handles = [mpl.patches.Patch(color=look.fill, label=f"{look.letter} {state}") for state, look in LOOKS.items()]
        figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
        return drawn(figure, mark=MARK, title="Coverage by reporter and period", description=_description(rows))


def _draw(axes: Any, rows: Sequence[Mapping[str, Any]], reporters: Sequence[str], periods: Sequence[str]) -> None:
    row_of, column_of = ({name: place for place, name in enumerate(names)} for names in (reporters, periods))
    for row in rows:
        look = LOOKS[row["state"]]
        x, y = column_of[row["period"]], row_of[row["reporter"]]
        axes.barh(y, 0.92, left=x - 0.46, height=0.86, color=look.fill)
        axes.text(x, y, look.letter, ha="center", va="center", color=look.ink, fontsize=8)
    axes.set_yticks(range(len(reporters)), reporters)
    axes.set_xticks(range(len(periods)), periods, rotation=60, ha="right")
    axes.set_ylim(len(reporters) - 0.4, -0.6)
    axes.set_xlim(-0.6, max(len(periods), MIN_COLUMNS) - 0.4)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _description(rows: Sequence[Mapping[str, Any]]) -> str:
    """Describe the picture in words."""
    said = (f"{row['reporter']} {row['period']} {row['state']}" for row in rows)
    return f"{'; '.join(said)}."
