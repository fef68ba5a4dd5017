"""Pictures of counts: series by years, and bars; readable without colour, and in words for screen readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from linkage.answers.drawing import HEAD_BYTES, INK, STYLE, add_notes, drawn
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["COUNT_PLOT", "CountPicture", "counts_svg", "write_count_plot"]

MARK: Final = "<!-- linkage table -->"
"""Distinguishes our pictures from all other drawings."""

COUNT_PLOT: Final = Kind("picture of counts", lambda file: MARK.encode() in file.read(HEAD_BYTES), ".svg")

MOST_LINES: Final = 8
"""More lines than there are marks could not be told apart without colour."""

MOST_BARS: Final = 40
LABEL_CHARACTERS: Final = 48
"""Of a label, beside the end of a line or before a bar."""

PALE: Final = "#8a8a8a"
WHISKER_STEP: Final = 0.03
"""Distance of the ranges of two lines, in years."""

WIDTH_INCHES: Final = 9.0
LINE_INCHES: Final = 4.6
BAR_INCHES: Final = 0.3
MARGIN_INCHES: Final = 1.0

# A line is known by its mark, its dashes and its label at the end; all are of one ink.
_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES: Final = ("-", "--", "-.", ":", "-", "--", "-.", ":")

_LABEL_SHARE: Final = 0.055
"""Least distance of two labels, as a share of the height."""


class _Line(NamedTuple):
    label: str
    counts: tuple[int, ...]
    spans: tuple[tuple[int, int] | None, ...]


class _Cell(NamedTuple):
    values: tuple[str, ...]
    n: int
    span: tuple[int, int] | None

    @property
    def text(self) -> str:
        """The count, with its range where it has one."""
        low, high = self.span or (self.n, self.n)
        return f"{self.n}" if low == high == self.n else f"{self.n} ({low}-{high})"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPicture:
    """What is to be drawn.

    Attributes:
        title: What is counted, by what, and when.
        notes: What must stand beside it, one line each.
        by: The names of the dimensions; `year` makes a series.
        cells: For each combination of values its count, in order.
        spans: Both ends of the range of each cell; empty without ranges. A count may lie outside of its range.
        breaks: Years before which the series breaks, and what broke it.
        labels: For each dimension labels of its values.
        counted: What a figure counts, such as `persons`.
    """

    title: str
    notes: tuple[str, ...]
    by: tuple[str, ...]
    cells: tuple[tuple[tuple[str, ...], int], ...]
    spans: tuple[tuple[int, int], ...] = ()
    breaks: tuple[tuple[str, str], ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    counted: str = "persons"

    def with_spans(self) -> list[_Cell]:
        """Return the cells, each with its range or None."""
        spans = self.spans or (None,) * len(self.cells)
        return [_Cell(values, n, span) for (values, n), span in zip(self.cells, spans, strict=True)]


def write_count_plot(picture: CountPicture, path: str | Path) -> None:
    """Write a picture, whole or not at all, for its owner only.

    Args:
        picture: What to draw.
        path: The file; an older picture is replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    svg = counts_svg(picture)
    with export_file(path, COUNT_PLOT) as file:
        file.write(svg)


def counts_svg(picture: CountPicture) -> str:
    """Draw counts: lines over years if they are broken down by year, else bars.

    Args:
        picture: What to draw. Of more than eight lines or forty bars only the largest are drawn, and it says so.

    Returns:
        An SVG document, with a title and all figures in words; equal pictures give equal bytes.
    """
    # Imported here because loading them takes a second.
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    is_series = "year" in picture.by
    lines = list(_lines(picture)) if is_series else []
    shown = _largest(picture)
    height = LINE_INCHES if is_series else BAR_INCHES * max(len(shown), 1)
    with mpl.rc_context(STYLE):
        layout = ConstrainedLayoutEngine(rect=(0.01, 0.02, 0.98, 0.98))
        figure = Figure(figsize=(WIDTH_INCHES, height + MARGIN_INCHES), layout=layout)
        axes = figure.subplots()
        left_out = _draw_series(axes, picture, lines) if is_series else _draw_bars(axes, picture, shown)
        notes = [*picture.notes, *([left_out] if left_out else [])]
        add_notes(figure, axes, title=picture.title, notes=notes)
        axes.spines[["top", "right"]].set_visible(False)
        return drawn(figure, mark=MARK, title=picture.title, description=_description(picture, notes))


def _years(picture: CountPicture) -> list[str]:
    place = picture.by.index("year")
    return sorted({values[place] for values, _ in picture.cells})


def _lines(picture: CountPicture) -> Iterator[_Line]:
    """Yield a line for each combination of values beside the year."""
    place, years = picture.by.index("year"), _years(picture)
    found: dict[tuple[str, ...], dict[str, _Cell]] = {}
    for cell in picture.with_spans():
        found.setdefault(cell.values[:place] + cell.values[place + 1 :], {})[cell.values[place]] = cell
    others = picture.by[:place] + picture.by[place + 1 :]
    for values, cells in found.items():
        label = _label(picture, others, values) or picture.counted
        of_years = [cells.get(year, _Cell(values, 0, None)) for year in years]
        yield _Line(label, tuple(cell.n for cell in of_years), tuple(cell.span for cell in of_years))


def _label(picture: CountPicture, names: Sequence[str], values: Sequence[str]) -> str:
    texts = (picture.labels.get(name, {}).get(value, value) for name, value in zip(names, values, strict=True))
    return ", ".join(texts)


def _short(label: str) -> str:
    """Cut a label to what the picture has room for; the description has it whole."""
    return label if len(label) <= LABEL_CHARACTERS else f"{label[: LABEL_CHARACTERS - 1]}…"


def _largest(picture: CountPicture) -> list[_Cell]:
    """Return the cells that are drawn, in their order; of equal ones the first."""
    cells = picture.with_spans()
    places = sorted(range(len(cells)), key=lambda place: -cells[place].n)[:MOST_BARS]
    return [cells[place] for place in sorted(places)]


def _draw_series(axes: Any, picture: CountPicture, lines: Sequence[_Line]) -> str:
    years = _years(picture)
    drawn_lines = sorted(lines, key=lambda line: -sum(line.counts))[:MOST_LINES]
    for number, line in enumerate(drawn_lines):
        mark, dashes = _MARKS[number], _DASHES[number]
        axes.plot(range(len(years)), line.counts, marker=mark, linestyle=dashes, color=INK, linewidth=1.3)
        # Ranges of several lines stand side by side, not upon each other.
        shift = WHISKER_STEP * (number - (len(drawn_lines) - 1) / 2)
        for place, span in enumerate(line.spans):
            _draw_whisker(axes, span, place + shift, upright=True)
    highest = [span[1] for line in drawn_lines for span in line.spans if span]
    top = max([n for line in drawn_lines for n in line.counts] + highest, default=0) or 1
    axes.set_ylim(0, 1.08 * top)
    axes.set_xticks(range(len(years)), years)
    axes.set_ylabel(picture.counted)
    if not years:
        return ""
    axes.set_xlim(-0.3, len(years) - 1 + (0.35 if len(years) > 1 else 0.5) * max(len(years) - 1, 1))
    axes.spines["bottom"].set_bounds(-0.3, len(years) - 1)
    _draw_labels(axes, drawn_lines, last=len(years) - 1, least=_LABEL_SHARE * 1.08 * top)
    for number, year in enumerate(years):
        reasons = [what for broken, what in picture.breaks if broken == year]
        if reasons:
            axes.axvline(number - 0.5, color=PALE, linestyle=(0, (1, 3)), linewidth=1.2)
            axes.text(number - 0.5, 1.07 * top, "break", fontsize=8, ha="center", va="top", color=INK, rotation=90)
    left_out = len(lines) - len(drawn_lines)
    return f"The {left_out} lines with the lowest counts are not drawn." if left_out else ""


def _draw_labels(axes: Any, lines: Sequence[_Line], *, last: int, least: float) -> None:
    """Write what each line is beside its end, with its mark, and a thin line to it where others are in the way."""
    place = 0.0
    for count, number in sorted((line.counts[-1], number) for number, line in enumerate(lines) if line.counts):
        place = max(float(count), place)
        axes.plot([last, last + 0.12], [count, place], color=PALE, linewidth=0.5, clip_on=False)
        axes.plot([last + 0.12], [place], marker=_MARKS[number], color=INK, markersize=5, clip_on=False)
        text = f"{_short(lines[number].label)}: {count}"
        axes.text(last + 0.16, place, text, va="center", fontsize=9, color=INK, clip_on=False)
        place += least


def _draw_whisker(axes: Any, span: tuple[int, int] | None, place: float, *, upright: bool) -> None:
    """Draw a range as a thin line with a stop at each end; none where both ends are one."""
    if span is None or span[0] == span[1]:
        return
    places = [place, place]
    line = (places, span) if upright else (span, places)
    axes.plot(*line, marker="_" if upright else "|", markersize=7, markeredgewidth=1.4, color=INK, linewidth=1.4)


def _draw_bars(axes: Any, picture: CountPicture, shown: Sequence[_Cell]) -> str:
    names = [_short(_label(picture, picture.by, cell.values) or picture.counted) for cell in shown]
    counts = [cell.n for cell in shown]
    ends = [max(cell.n, cell.span[1] if cell.span else 0) for cell in shown]
    axes.barh(range(len(shown)), counts, height=0.62, color="white", edgecolor=INK, hatch="///", linewidth=0.8)
    for row, cell in enumerate(shown):
        _draw_whisker(axes, cell.span, row, upright=False)
        place = {"xytext": (5, 0), "textcoords": "offset points"}
        axes.annotate(cell.text, (ends[row], row), **place, va="center", ha="left", color=INK, fontsize=9)
    axes.set_yticks(range(len(shown)), names)
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    axes.set_xlim(0, 1.15 * max([*ends, 1]))
    axes.set_xlabel(picture.counted)
    left_out = len(picture.cells) - len(shown)
    return f"The {left_out} cells with the lowest counts are not drawn." if left_out else ""


def _description(picture: CountPicture, notes: Sequence[str]) -> str:
    """Describe the picture in words: every figure, and every break."""
    shown = picture.with_spans()
    cells = "; ".join(f"{_label(picture, picture.by, cell.values) or 'all'}: {cell.text}" for cell in shown)
    breaks = "".join(f" The series breaks before {year}: {what}." for year, what in picture.breaks)
    return f"{' '.join(notes)} {picture.counted.capitalize()}: {cells or 'none'}.{breaks}"
