"""Text for a console: as wide as the terminal, without characters that would control it, and tables and JSON."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import Any, Final, TextIO

import typer

__all__ = [
    "WIDTH",
    "counted",
    "fitted",
    "print_file",
    "print_json",
    "say",
    "shown",
    "table_text",
    "text_width",
    "wrapped",
]

WIDTH: Final = 100
"""Columns of text where there is no terminal, and the most on a wider one: longer lines are hard to read."""

NARROWEST: Final = 40
"""Columns that text takes even on a narrower terminal."""

NARROWEST_COLUMN: Final = 8
"""Columns that a column of a table keeps, whatever the width of the terminal."""

UNKNOWN_TERMINAL: Final = 80
"""Columns of a terminal that does not know its own width."""

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Characters that move the cursor, turn the direction of the text, or are no characters at all."""

_UNDECODED: Final = 0xDC00
"""Python keeps a byte that it cannot decode as this character and its value."""


def text_width(stream: TextIO | None = None) -> int:
    """Return the columns that text may take: those of the terminal, but at most `WIDTH`.

    Args:
        stream: Where the text goes; standard output by default.

    Returns:
        The columns. The environment variable `COLUMNS` comes first, as in other programs.
    """
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        columns = int(told)
    else:
        columns = _terminal_columns(sys.stdout if stream is None else stream)
    return max(NARROWEST, min(columns, WIDTH))


def _terminal_columns(stream: TextIO) -> int:
    if not stream.isatty():
        return WIDTH
    try:
        return os.get_terminal_size(stream.fileno()).columns or UNKNOWN_TERMINAL
    except (OSError, ValueError):
        return UNKNOWN_TERMINAL


def shown(text: object) -> str:
    r"""Return text without control characters: a path or a header may hold some, and a terminal would obey them.

    Args:
        text: Text, or a path. Line ends are controls too.

    Returns:
        The text with each of them as an escape, such as `\x1b`.
    """
    return _CONTROLS.sub(_escape, str(text))


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    if _UNDECODED + 0x80 <= number <= _UNDECODED + 0xFF:
        number -= _UNDECODED
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 record` or `2 older versions`; the plural takes an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def wrapped(sentence: str, *, stream: TextIO | None = None) -> str:
    """Wrap a sentence to the width of the terminal; further lines are indented by two more spaces than the first.

    Args:
        sentence: One line. Control characters in it are escaped.
        stream: See `text_width`.
    """
    indent = " " * (len(sentence) - len(sentence.lstrip(" ")) + 2)
    return textwrap.fill(
        shown(sentence),
        text_width(stream),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fitted(sentence: str, *, stream: TextIO | None = None) -> str:
    """Wrap a sentence on a terminal; in a file or a pipe it stays one line, so that it can be searched for.

    Args:
        sentence: One line. Control characters in it are escaped.
        stream: See `text_width`.
    """
    on_terminal = (sys.stdout if stream is None else stream).isatty()
    return wrapped(sentence, stream=stream) if on_terminal else shown(sentence)


def say(sentence: str, *, err: bool = False) -> None:
    """Print a sentence as `fitted` lays it out.

    Args:
        sentence: One line.
        err: Whether it goes to standard error.
    """
    stream = sys.stderr if err else sys.stdout
    # Not typer.echo: to a console in ASCII it writes UTF-8.
    print(fitted(sentence, stream=stream), file=stream, flush=True)


def print_json(document: Any) -> None:
    """Print a document as indented JSON in ASCII, which every console and pipe can carry."""
    typer.echo(json.dumps(document, indent=2))


def print_file(text: str) -> None:
    """Print text that is the content of a file, unchanged and in UTF-8 whatever the encoding of the console."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
    else:
        binary.write(text.encode("utf-8"))
        binary.flush()


def table_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Lay out rows in columns of plain text: integers to the right, everything else to the left.

    On a terminal that is too narrow, text is folded within its column. In a file or a pipe every row is one line.

    Args:
        header: The heading of each column.
        rows: The cells of each row; a column of integers only is aligned to the right.

    Returns:
        The header and the rows, each line indented by two spaces.
    """
    cells = [[shown(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    right = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    if sys.stdout.isatty():
        _narrow(widths, text_width() - 2)
    return "\n".join(line for row in cells for line in _lines(row, widths, right))


def _narrow(widths: list[int], room: int) -> None:
    """Take from the widest columns until all of them fit, or none can become narrower."""
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > NARROWEST_COLUMN:
        widths[widths.index(max(widths))] -= 1


def _lines(row: list[str], widths: list[int], right: list[bool]) -> list[str]:
    folded = [_cell(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, folded))):
        parts = (cell[number] if number < len(cell) else "" for cell in folded)
        line = "  ".join(
            part.rjust(width) if to_right else part.ljust(width)
            for part, width, to_right in zip(parts, widths, right, strict=True)
        )
        lines.append(f"  {line}".rstrip())
    return lines


def _cell(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width) if len(text) > width else [text]
