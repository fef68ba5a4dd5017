"""Write the tables of exit statuses in docs/reference/commands.md: `python -m tools.make_commands`.

The commands' own tables are the source, from which their help is made too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from linkage.cli.statuses import STATUSES as OF_REGISTRY
from pseudonym.cli.statuses import STATUSES as OF_REPORTER

__all__ = ["PAGE", "page", "write"]

PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"

PROGRAMS: Final = {"pseudonym": OF_REPORTER, "linkage": OF_REGISTRY}


def page(text: str) -> str:
    """Return a text of the page with its tables renewed.

    Args:
        text: The page.

    Raises:
        ValueError: The marks of a table are missing.
    """
    for program, statuses in PROGRAMS.items():
        begin, end = (f"<!-- commands:{program}:{place} -->" for place in ("begin", "end"))
        if text.count(begin) != 1 or text.count(end) != 1:
            raise ValueError(f"the marks of {program} are missing or repeated")
        before, _, rest = text.partition(begin)
        after = rest.partition(end)[2]
        text = f"{before}{begin}\n{_table(program, statuses)}\n{end}{after}"
    return text


def _table(program: str, statuses: Mapping[str, Mapping[int, str]]) -> str:
    lines = ["| command | exit status | |", "|---|---|---|"]
    for command, meanings in statuses.items():
        name = f"`{program} {command}`"
        for number, meaning in sorted(meanings.items()):
            lines.append(f"| {name} | {number} | {meaning} |")
            name = ""
    return "\n".join(lines)


def write() -> None:
    """Renew the tables of the page."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
