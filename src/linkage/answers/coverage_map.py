"""Coverage as a picture: one row per reporter, one column per period.

It is written directly as SVG: a plotting library needs minutes for the cells of 300 reporters and some years.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from xml.sax.saxutils import escape

import pyarrow as pa

from linkage.answers.drawing import HEAD_BYTES
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["COVERAGE_MAP", "LOOKS", "Look", "coverage_svg", "write_coverage_map"]

MARK: Final = "<!-- linkage coverage -->"
"""Distinguishes our maps from all other drawings."""

COVERAGE_MAP: Final = Kind("coverage map", lambda file: MARK.encode() in file.read(HEAD_BYTES))

TITLE: Final = "Coverage by reporter and period"

COLUMN: Final = 40
ROW: Final = 20
GAP: Final = 2
LETTER: Final = 7
"""Pixels: a column, a row, the gap between cells, and about the width of a letter."""

LABELS: Final = 60
"""Height of the row of periods, which are slanted."""

MARGIN: Final = 12
LEGEND_COLUMN: Final = 110


class Look(NamedTuple):
    """How a state is drawn: colour of the cell, colour of its letter, and the letter, for those who see no colours."""

    fill: str
    ink: str
    letter: str


LOOKS: Final[dict[str, Look]] = {
    "reported": Look("#1f6f8b", "#ffffff", "R"),
    "zero": Look("#a9d3df", "#000000", "0"),
    "late": Look("#e3b23c", "#000000", "L"),
    "due": Look("#e6e6e6", "#000000", "d"),
    "silent": Look("#a8551a", "#ffffff", "S"),
    "never": Look("#5b1a1a", "#ffffff", "N"),
    "held back": Look("#6a4c93", "#ffffff", "H"),
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
    rows = [row for row in coverage.to_pylist() if row["period"] is not None]
    reporters = sorted({row["reporter"] for row in rows})
    periods = sorted({row["period"] for row in rows})
    left = MARGIN + LETTER * max(map(len, reporters), default=0) + MARGIN
    bottom = LABELS + ROW * len(reporters)
    width = max(left + COLUMN * (len(periods) + 1), MARGIN + LEGEND_COLUMN * len(LOOKS))
    said = " ".join(f"{row['reporter']} {row['period']} {row['state']};" for row in rows)
    parts = [
        f'<?xml version="1.0" encoding="utf-8"?>\n{MARK}',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{bottom + 2 * ROW + MARGIN}" role="img" '
        'aria-labelledby="title desc" font-family="sans-serif" font-size="11">',
        f'<title id="title">{TITLE}</title>\n<desc id="desc">{escape(said)}</desc>',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_labels(reporters, periods, left),
        *_cells(rows, reporters, periods, left),
        *_legend(bottom + ROW),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _labels(reporters: Sequence[str], periods: Sequence[str], left: int) -> Iterator[str]:
    for number, reporter in enumerate(reporters):
        y = LABELS + ROW * number + ROW * 7 // 10
        yield f'<text x="{left - GAP * 2}" y="{y}" text-anchor="end">{escape(reporter)}</text>'
    for number, period in enumerate(periods):
        x, y = left + COLUMN * number + COLUMN // 2, LABELS - GAP * 3
        yield f'<text x="{x}" y="{y}" transform="rotate(-45 {x} {y})">{period}</text>'


def _cells(
    rows: Sequence[Mapping[str, Any]], reporters: Sequence[str], periods: Sequence[str], left: int
) -> Iterator[str]:
    row_of, column_of = ({name: place for place, name in enumerate(names)} for names in (reporters, periods))
    for row in rows:
        x, y = left + COLUMN * column_of[row["period"]], LABELS + ROW * row_of[row["reporter"]]
        yield from _cell(LOOKS[row["state"]], x, y)


def _cell(look: Look, x: int, y: int) -> Iterator[str]:
    yield f'<rect x="{x}" y="{y}" width="{COLUMN - GAP}" height="{ROW - GAP}" fill="{look.fill}"/>'
    at = f'x="{x + COLUMN // 2 - GAP // 2}" y="{y + ROW * 13 // 20}"'
    yield f'<text {at} text-anchor="middle" fill="{look.ink}">{look.letter}</text>'


def _legend(y: int) -> Iterator[str]:
    for number, (state, look) in enumerate(LOOKS.items()):
        x = MARGIN + LEGEND_COLUMN * number
        yield from _cell(look, x, y)
        yield f'<text x="{x + COLUMN + GAP}" y="{y + ROW * 13 // 20}">{state}</text>'
