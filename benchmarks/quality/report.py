"""The table of figures in README.md, written from the result files and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from benchmarks.results import RESULTS

__all__ = ["BEGIN", "END", "README", "render", "write_readme"]

README: Final = Path(__file__).parents[2] / "README.md"
BEGIN: Final = "<!-- quality:begin -->"
END: Final = "<!-- quality:end -->"

NAMES: Final = ("febrl4", "febrl4-number", "essnet", "synthetic-low", "synthetic-middle", "synthetic-high")
"""Result files that the table shows, in order."""


def render(folder: Path = RESULTS) -> str:
    """Render the result files as a Markdown table.

    Args:
        folder: Where the result files lie.
    """
    lines = [
        "| data | precision | recall | F1 | best F1 | candidate recall | persons found / true |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        figures = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["figures"]
        lines.append(f"| {' | '.join(_row(figures))} |")
    return "\n".join(lines)


def _row(figures: dict[str, Any]) -> list[str]:
    default = figures["default"]
    shares = [default["precision"], default["recall"], default["f1"], figures["best_threshold"]["f1"]]
    return [
        figures["title"],
        *(f"{share:.3f}" for share in [*shares, figures["candidate_recall"]]),
        f"{figures['persons']:,} / {figures['true_persons']:,}",
    ]


def write_readme(readme: Path = README) -> None:
    """Put the table between its marks in README.md."""
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(f"{head}{BEGIN}\n{render()}\n{END}{tail}", encoding="utf-8", newline="\n")
