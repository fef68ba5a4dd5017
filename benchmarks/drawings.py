"""SVG drawings: equal figures give equal bytes, and the files are small."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["save_svg"]

DIGITS: Final = 2
"""Decimals of coordinates, which are in points: a hundredth of a point is not seen."""

FONT: Final = "'DejaVu Sans', sans-serif"
"""What stands for the long list of fonts that matplotlib writes beside every text."""

_COORDINATES: Final = re.compile(r'(?<= )(?:d|x|y|transform)="[^"]*"')
_NUMBER: Final = re.compile(r"\d+\.\d{3,}")
_INDENT: Final = re.compile(r"\n\s+")
_FONTS: Final = re.compile(r"'DejaVu Sans'(?:, [^;,\"]+)+, sans-serif")
_MARKERS: Final = re.compile(r'<g([^>]*)>\n((?:<use [^>]* style="([^"]*)"/>\n)(?:<use [^>]* style="\3"/>\n)+)</g>')


def save_svg(figure: Figure, path: Path, *, salt: str, description: str | None = None, tight: bool = False) -> Path:
    """Write a figure as an SVG file, without date and maker.

    Args:
        figure: The figure.
        path: The file; replaced if it exists.
        salt: Makes the ids of one drawing differ from those of others.
        description: Text for the metadata of the file.
        tight: Whether the margins are fitted to what is drawn.

    Returns:
        The path.
    """
    import matplotlib as mpl  # It takes a second to load, and only drawing needs it.

    buffer = StringIO()
    metadata = {"Date": None, "Creator": None, **({"Description": description} if description else {})}
    # Text stays text, and ids follow from the content.
    with mpl.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata=metadata, bbox_inches="tight" if tight else None)
    path.write_text(_shortened(buffer.getvalue()), encoding="utf-8", newline="\n")
    return path


def _shortened(text: str) -> str:
    """Round coordinates, put each path on one line, and say once what markers of one kind look like."""
    text = _COORDINATES.sub(lambda found: _rounded(" ".join(found[0].split())), text)
    return _MARKERS.sub(_styled_once, _FONTS.sub(FONT, _INDENT.sub("\n", text)))


def _rounded(attribute: str) -> str:
    if "scale(" in attribute:
        return attribute  # Factors are no coordinates and need all their digits.
    attribute = _NUMBER.sub(lambda found: f"{float(found[0]):.{DIGITS}f}".rstrip("0").rstrip("."), attribute)
    return attribute.replace(' "', '"')


def _styled_once(found: re.Match[str]) -> str:
    attributes, markers, style = found.groups()
    style = f' style="{style}"'
    return f"<g{attributes}{style}>\n{markers.replace(style, '')}</g>"
