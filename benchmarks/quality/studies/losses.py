"""Where the distance to the best plaintext linkage lies: in candidates or in decisions.

The ceiling of a data set is F1 if every true pair that shares a match key were a link, and no other pair. Where it is
below what another method reaches, no decision on these candidates could reach that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS, RESULTS
from benchmarks.quality.pages.page import origin
from benchmarks.results import read_result

__all__ = ["SECTION", "SETS", "ceiling", "render", "write_page"]

SECTION: Final = "losses"
PAGE: Final = DOCS / "explanation" / "shortfalls.md"
SETS: Final = ("febrl1", "febrl2", "febrl3", "fake1000")

PEERS: Final = ("splink", "splink-ours")
"""Splink as its tutorial advises, and with the normalisation and candidates of this library on plaintext."""

COLUMNS: Final = (
    *("data", "true pairs lost to candidates", "lost to decisions", "false links", "F1", "at the best threshold"),
    *("ceiling", "Splink, best"),
)


def ceiling(candidate_recall: float) -> float:
    """Return F1 if every true pair that shares a match key were a link, and no other pair.

    Args:
        candidate_recall: The share of true pairs that do.
    """
    return 2 * candidate_recall / (1 + candidate_recall)


def render(quality: dict[str, Any]) -> str:
    """Render the table as Markdown.

    Args:
        quality: The result file of the whole measurement.
    """
    rows = []
    for name in SETS:
        found = quality["figures"]["sets"][name]
        figures = found["methods"]["encoded"]["figures"]
        met, pairs = figures["candidate_recall"]["mean"], figures["pairs"]
        best = max(found["methods"][peer]["figures"]["pairs"]["best_f1"]["mean"] for peer in PEERS)
        shares = (1 - met, met - pairs["recall"]["mean"], 1 - pairs["precision"]["mean"])
        scores = (pairs["f1"]["mean"], pairs["best_f1"]["mean"], ceiling(met), best)
        rows.append((found["title"], *(f"{share:.1%}" for share in shares), *(f"{score:.3f}" for score in scores)))
    return "\n\n".join([origin(quality), markdown_table(COLUMNS, rows, "l" + "r" * (len(COLUMNS) - 1))])


def write_page(folder: Path = RESULTS, path: Path = PAGE) -> Path:
    """Write the table into the page.

    Args:
        folder: Folder of the result file.
        path: The page.
    """
    return write_section(path, SECTION, render(read_result("quality", folder)))
