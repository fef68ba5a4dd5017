"""Generated sections of Markdown pages, and the tables in them.

A section lies between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. Everything outside is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

__all__ = ["begin", "end", "markdown_table", "read_section", "replace_section", "write_section"]

_RULES: Final = {"l": "---", "r": "--:"}


def begin(section: str) -> str:
    """Return the mark before a section."""
    return f"<!-- {section}:begin -->"


def end(section: str) -> str:
    """Return the mark after a section."""
    return f"<!-- {section}:end -->"


def replace_section(text: str, section: str, content: str) -> str:
    """Return a page with new content in one section.

    Args:
        text: The page.
        section: Name of the section.
        content: Markdown without the marks.

    Raises:
        ValueError: A mark is missing or repeated.
    """
    before, _, after = _split(text, section)
    return f"{before}{begin(section)}\n{content}\n{end(section)}{after}"


def write_section(page: Path, section: str, content: str) -> Path:
    """Write new content into one section of a page.

    Args:
        page: Path of the page, which has both marks.
        section: Name of the section.
        content: Markdown without the marks.

    Returns:
        The path of the page.

    Raises:
        ValueError: A mark is missing or repeated.
    """
    text = replace_section(page.read_text(encoding="utf-8"), section, content)
    page.write_text(text, encoding="utf-8", newline="\n")
    return page


def read_section(page: Path, section: str) -> str:
    """Return the content of one section of a page, as `write_section` was given it.

    Args:
        page: Path of the page.
        section: Name of the section.

    Raises:
        ValueError: A mark is missing or repeated.
    """
    content = _split(page.read_text(encoding="utf-8"), section)[1]
    return content.removeprefix("\n").removesuffix("\n")


def _split(text: str, section: str) -> tuple[str, str, str]:
    if text.count(begin(section)) != 1 or text.count(end(section)) != 1:
        raise ValueError("a mark of a generated section is missing or repeated")
    before, _, rest = text.partition(begin(section))
    content, mark, after = rest.partition(end(section))
    if not mark:
        raise ValueError("the marks of a generated section are in the wrong order")
    return before, content, after


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> str:
    """Return a Markdown table.

    Args:
        header: Titles of the columns.
        rows: Cells of each row.
        align: One letter per column, `l` or `r`; all to the left by default.
    """
    rules = [_RULES[letter] for letter in align or "l" * len(header)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rules, *rows))
