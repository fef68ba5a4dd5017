"""Waterfall charts: an explanation as an SVG file that opens offline and that screen readers read aloud."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from linkage.answers.drawing import HEAD_BYTES, STYLE, drawn
from linkage.answers.explanation import Explanation, FieldWeight
from linkage.answers.export import export_file
from pseudonym.output import Kind

__all__ = ["WATERFALL_FILE", "waterfall_svg", "write_waterfall"]

MARK: Final = "<!-- linkage explain -->"
"""Distinguishes our charts from all other drawings."""

WATERFALL_FILE: Final = Kind("waterfall chart", lambda file: MARK.encode() in file.read(HEAD_BYTES))

FOR: Final = "#1f6f8b"
AGAINST: Final = "#b5651d"
TOTAL: Final = "#555555"
"""Dark enough for text on white, and different enough in lightness for colour-blind readers."""

ROW_INCHES: Final = 0.34
MARGIN_INCHES: Final = 1.7
WIDTH_INCHES: Final = 9.0

_LIMITS: Final = ((0.1, "review from .1"), (0.5, "link from .5"))


class _Bar(NamedTuple):
    """One row: its label, where the bar begins and ends, and whether it is a sum."""

    label: str
    begin: float
    end: float
    is_total: bool


def _field_label(field: FieldWeight) -> str:
    """Return the name of a field and how far apart the two records are."""
    name = field.field.replace("_", " ")
    if field.outcome != "compared":
        return f"{name}: {field.outcome}" if field.outcome != "swapped" else "names swapped"
    if field.distance is None:
        return "names not swapped"
    if not field.distance:
        return f"{name}: equal"
    if field.has_one_slot:
        return f"{name}: differs"
    if field.distance == 1:
        return f"{name}: 1 {field.unit.removesuffix('s')} differs"
    return f"{name}: {field.distance:.3g} {field.unit} differ"


def write_waterfall(explanation: Explanation, path: str | Path) -> None:
    """Write the picture of an explanation, whole or not at all, for its owner only.

    Args:
        explanation: What to draw.
        path: The file; an older chart is replaced, any other file is not.

    Raises:
        ExportError: As for `linkage.answers.export.export_file`.
    """
    svg = waterfall_svg(explanation)
    with export_file(path, WATERFALL_FILE) as file:
        file.write(svg)


def waterfall_svg(explanation: Explanation) -> str:
    """Draw the steps of an explanation from the prior to the log odds.

    Args:
        explanation: What to draw. The picture contains record ids.

    Returns:
        An SVG document, with a title and a description; equal explanations give equal bytes.
    """
    # Imported here because loading them takes a second.
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    bars = _bars(explanation)
    with mpl.rc_context(STYLE):
        # The reader's font may be wider than the one measured here.
        layout = ConstrainedLayoutEngine(rect=(0.02, 0.0, 0.96, 1.0))
        figure = Figure(figsize=(WIDTH_INCHES, MARGIN_INCHES + ROW_INCHES * len(bars)), layout=layout)
        axes = figure.subplots()
        _draw(axes, bars)
        figure.suptitle(_title(explanation), fontsize=12)
        axes.set_xlabel(f"bits of log odds (match weight of the fields: {explanation.match_weight:+.2f})")
        return drawn(figure, mark=MARK, title=_title(explanation), description=_description(explanation, bars))


def _bars(explanation: Explanation) -> list[_Bar]:
    labels = {field.field: _field_label(field) for field in explanation.fields}
    bars: list[_Bar] = []
    total = 0.0
    for step, bits in explanation.steps():
        if step == "competition":
            bars.append(_Bar("before competition", 0.0, total, True))
        bars.append(_Bar(labels.get(step, step), total, total + bits, False))
        total += bits
    bars.append(_Bar(_outcome(explanation), 0.0, total, True))
    return bars


def _outcome(explanation: Explanation) -> str:
    if explanation.probability is None:
        return f"before competition: probability {explanation.before:.2g}"
    return f"probability {_shown(explanation.probability)}: {explanation.decision}"


def _shown(probability: float) -> str:
    """Format a probability without rounding it up to 1."""
    return f"{min(probability, 0.9999):.2g}" if probability < 0.99 else f"{math.floor(probability * 1e4) / 1e4:.4f}"


def _draw(axes: Any, bars: Sequence[_Bar]) -> None:
    span = max(abs(edge) for bar in bars for edge in (bar.begin, bar.end)) or 1.0
    for row, bar in enumerate(bars):
        width = bar.end - bar.begin
        colour = TOTAL if bar.is_total else FOR if width >= 0 else AGAINST
        axes.barh(row, width, left=bar.begin, height=0.62, color=colour)
        value = bar.end if bar.is_total else width
        right = max(bar.begin, bar.end)
        clear = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
        axes.text(right + 0.015 * span, row, f"{value:+.2f}", va="center", ha="left", color=colour, bbox=clear)
        if row + 1 < len(bars) and not bars[row + 1].is_total:
            axes.plot([bar.end] * 2, [row, row + 1], color=TOTAL, linewidth=0.6)
    for probability, label in _LIMITS:
        bits = math.log2(probability / (1 - probability))
        axes.axvline(bits, color=TOTAL, linewidth=0.8, linestyle=":", zorder=0)
        axes.text(bits, -0.75, label, rotation=35, fontsize=8, ha="left", va="bottom", color=TOTAL)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.set_ylim(len(bars) - 0.4, -0.7)
    low, high = (pick(edge for bar in bars for edge in (bar.begin, bar.end)) for pick in (min, max))
    axes.set_xlim(min(low, -4.0) - 0.04 * span, max(high, 1.0) + 0.14 * span)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _title(explanation: Explanation) -> str:
    one, other = (f"{record.reporter}/{record.record_id}" for record in (explanation.a, explanation.b))
    return f"{one} and {other}"


def _description(explanation: Explanation, bars: Sequence[_Bar]) -> str:
    """Describe the picture in words."""
    steps = "; ".join(f"{bar.label} {bar.end - bar.begin:+.2f}" for bar in bars if not bar.is_total)
    return f"Bits for and against one person: {steps}. Sum {bars[-1].end:+.2f}, {bars[-1].label}."
