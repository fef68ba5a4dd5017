"""What all drawings have in common: text that stays text, nothing that is fetched, and words for screen readers."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from textwrap import wrap
from typing import Any, Final
from xml.sax.saxutils import escape

__all__ = ["HEAD_BYTES", "INK", "STYLE", "add_notes", "drawn"]

HEAD_BYTES: Final = 256
"""Enough of a drawing to find its mark."""

INK: Final = "#222222"
"""Of lines, marks and text: shades of grey alone."""

_NOTE_CHARACTERS: Final = 140
"""Of a note on one line: what the width of a picture holds, also in a font that is wider than the one measured here."""

_NOTE_INCHES: Final = 0.15
"""Height of a line of notes."""

STYLE: Final[Any] = {
    # Text stays text, so that it can be searched and read aloud.
    "svg.fonttype": "none",
    "svg.hashsalt": "waterfall",
    "font.family": "sans-serif",
    "font.size": 10,
    # Record ids may contain characters that would be typeset as a formula.
    "text.parse_math": False,
}
"""The settings under which a figure is drawn; equal figures give equal bytes."""


def add_notes(figure: Any, axes: Any, *, title: str, notes: Iterable[str]) -> None:
    """Write a title above a figure of counts, and below them what must stand beside them; the figure grows by it.

    Args:
        figure: A figure of matplotlib.
        axes: Its topmost axes.
        title: What is counted.
        notes: What stands beside it, each on a line of its own, or several; the first one stands above the figures.
    """
    first, *others = notes
    figure.suptitle(title, fontsize=12)
    axes.set_title(first, fontsize=8, loc="left", color=INK)
    lines = [line for note in others for line in wrap(note, _NOTE_CHARACTERS)]
    # Below, since beside long names the axes are too narrow for them.
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8, color=INK)
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, height + _NOTE_INCHES * len(lines))


def drawn(figure: Any, *, mark: str, title: str, description: str) -> str:
    """Return a figure as an SVG document.

    Args:
        figure: A figure of matplotlib.
        mark: A comment that distinguishes drawings of this kind from all others.
        title: What screen readers announce.
        description: The picture in words.

    Returns:
        The document, without anything that would be fetched.
    """
    content = BytesIO()
    figure.savefig(content, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    svg = content.getvalue().decode()
    head, body = svg[svg.index("<svg ") :].split(">", 1)
    spoken = f'<title id="title">{escape(title)}</title>\n <desc id="desc">{escape(description)}</desc>'
    declared = f'<?xml version="1.0" encoding="utf-8"?>\n{mark}\n'
    return f'{declared}{head} role="img" aria-labelledby="title desc">\n {spoken}{body}'
