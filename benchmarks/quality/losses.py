"""Where the distance to the best plaintext linkage lies: in candidates, in decisions, or in what decisions rest on.

The ceiling of a data set is F1 if every true pair that shares a match key were a link, and no other pair. Where it is
below what another method reaches, no decision on these candidates could reach that.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS, RESULTS
from benchmarks.quality.catalogue import load
from benchmarks.quality.errors import COMPETES, CROWDED, HELD_APART, KINDS, find_errors
from benchmarks.results import provenance, read_result

__all__ = ["NAME", "SETS", "measure_losses", "part_of", "render", "write_page"]

NAME: Final = "losses"
PAGE: Final = DOCS / "explanation" / "shortfalls.md"
SETS: Final = ("febrl1", "febrl2", "febrl3", "fake1000")

PARTS: Final = ("candidates", "two persons", "fields", "competition", "other records")
"""What true pairs are lost to: they share no match key; they look like twins or namesakes; a field speaks against them,
or too little speaks for them; another candidate is better; or other records of the two persons hold them apart."""

PEER: Final = ("splink", "splink-ours")
"""Splink as its tutorial advises, and with the normalisation and candidates of this library on plaintext."""


def measure_losses(
    names: Sequence[str], *, seed: int, data: Path | None, started: Callable[[str], None] = lambda name: None
) -> list[dict[str, Any]]:
    """Link data sets and sort the lost pairs.

    Args:
        names: Data sets of the catalogue.
        seed: Seed of the linkage key.
        data: Folder of the files that are not part of this project.
        started: Called with the name of each data set before it is linked.

    Returns:
        For each data set its `true_pairs`, those `met`, `false` links, the pairs lost to each of `PARTS`, `f1` and the
        `ceiling`.
    """
    rows = []
    for name in names:
        started(name)
        dataset = load(name, seed=seed, data=data)
        with tempfile.TemporaryDirectory() as folder:
            found = find_errors(dataset, profile="case-registry", seed=seed, folder=Path(folder))
        lost = dict.fromkeys(PARTS, 0)
        false = 0
        for row in found.counts().itertuples():
            if row.kind == KINDS[2]:
                false += int(row.pairs)
            else:
                lost[part_of(row.kind, row.reason)] += int(row.pairs)
        right = found.true_pairs - sum(lost.values())
        rows.append(
            {
                "dataset": name,
                "title": dataset.title,
                "true_pairs": found.true_pairs,
                "met": found.met,
                "false": false,
                "lost": lost,
                "f1": round(2 * right / (right + false + found.true_pairs), 4),
                "ceiling": round(2 * found.met / (found.met + found.true_pairs), 4),
            }
        )
    return rows


def part_of(kind: str, reason: str) -> str:
    """Return which of `PARTS` a pair is lost to.

    Args:
        kind: Of `benchmarks.quality.errors.KINDS`, not a false link.
        reason: As `find_errors` gives it.
    """
    if kind == KINDS[0]:
        return "candidates"
    if reason in (COMPETES, CROWDED):
        return "competition"
    if reason == HELD_APART or reason.startswith("kept apart"):
        return "other records"
    return "two persons" if reason.startswith("could be") else "fields"


def render(document: dict[str, Any], quality: dict[str, Any]) -> str:
    """Render the table as Markdown.

    Args:
        document: The result file.
        quality: That of the whole measurement, which has the figures of other packages.
    """
    header = (
        "data",
        "true pairs",
        *(f"lost to {part}" for part in PARTS),
        "false links",
        "F1",
        "ceiling",
        "Splink, best",
    )
    rows = []
    for row in document["figures"]:
        methods = quality["figures"]["sets"][row["dataset"]]["methods"]
        best = max(methods[peer]["figures"]["pairs"]["best_f1"]["mean"] for peer in PEER)
        lost = (f"{row['lost'][part]:,}" for part in PARTS)
        figures = (f"{row['f1']:.3f}", f"{row['ceiling']:.3f}", f"{best:.3f}")
        rows.append((row["title"], f"{row['true_pairs']:,}", *lost, f"{row['false']:,}", *figures))
    return "\n\n".join([provenance(document), markdown_table(header, rows, "l" + "r" * (len(header) - 1))])


def write_page(folder: Path = RESULTS, path: Path = PAGE) -> Path:
    """Write the table of the result file into the page.

    Args:
        folder: Folder of the result files.
        path: The page.
    """
    return write_section(path, NAME, render(read_result(NAME, folder), read_result("quality", folder)))
