"""Why pairs are lost, counted over data sets: the reasons of `errors` as tables of a page."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS, RESULTS
from benchmarks.quality.data.catalogue import load
from benchmarks.quality.studies.errors import KINDS, Errors, find_errors
from benchmarks.results import provenance, read_result

__all__ = ["NAME", "PAGE", "SECTION", "SETS", "counted", "measure_sets", "render", "write_page"]

NAME: Final = "shortfalls"

SETS: Final = (
    "febrl1", "febrl2", "febrl3", "febrl4", "rldata500", "fake1000", "essnet", "foreigners", "synthetic-low",
    "synthetic-middle", "synthetic-high",
)  # fmt: skip
"""Data sets of a whole measurement."""

SHOWN: Final = 5
"""Number of reasons of each kind that are named; the others are summed."""

REST: Final = "other reasons"

PAGE: Final = DOCS / "explanation" / "shortfalls.md"
SECTION: Final = "shortfalls"

COLUMNS: Final = ("error", "reason", "pairs", "of the true pairs", "found all the same")


def measure_sets(
    names: tuple[str, ...], *, profile: str, seed: int, persons: int, data: Path | None, started: Callable[[str], None]
) -> dict[str, Any]:
    """Link data sets and count their errors by reason.

    Args:
        names: Data sets of the catalogue.
        profile: Name or path of a profile.
        seed: Seed of the linkage key and of synthetic data.
        persons: Number of persons that synthetic reporters meet.
        data: Folder of the files that are not part of this project.
        started: Called with the name of each data set before it is linked.

    Returns:
        `profile`, `persons`, and `sets`: the result of `counted` for each.
    """
    sets: dict[str, Any] = {}
    for name in names:
        started(name)
        dataset = load(name, seed=seed, persons=persons, data=data)
        with tempfile.TemporaryDirectory() as folder:
            found = find_errors(dataset, profile=profile, seed=seed, folder=Path(folder))
        sets[name] = {"title": dataset.title, **counted(found)}
    return {"profile": profile, "persons": persons, "sets": sets}


def counted(found: Errors) -> dict[str, Any]:
    """Count the errors of one data set.

    Args:
        found: The errors.

    Returns:
        `true_pairs`, `met` (those compared), and `errors`: `kind`, `reason`, `pairs`, and `joined`, the number of them
        that are in one person found nevertheless; for each kind the `SHOWN` most frequent reasons, then the rest.
    """
    counts, errors = found.counts(), []
    for kind in KINDS:
        rows = counts[counts["kind"] == kind]
        named = [(row.reason, int(row.pairs), int(row.joined)) for row in rows.head(SHOWN).itertuples()]
        if len(rows) > SHOWN:
            left = rows.iloc[SHOWN:]
            named.append((REST, int(left["pairs"].sum()), int(left["joined"].sum())))
        errors += [dict(zip(("kind", "reason", "pairs", "joined"), (kind, *row), strict=True)) for row in named]
    return {"true_pairs": found.true_pairs, "met": found.met, "errors": errors}


def render(document: dict[str, Any]) -> str:
    """Render the tables as Markdown.

    Args:
        document: The result file.
    """
    parts = [provenance(document)]
    for found in document["figures"]["sets"].values():
        met = f"{found['met']:,} of {found['true_pairs']:,} true pairs were compared ({_share(found, found['met'])})"
        rows = [
            (
                error["kind"],
                error["reason"],
                f"{error['pairs']:,}",
                _share(found, error["pairs"]),
                f"{error['joined']:,}",
            )
            for error in found["errors"]
        ]
        parts += [f"**{found['title']}**: {met}.", markdown_table(COLUMNS, rows, "llrrr")]
    return "\n\n".join(parts)


def _share(found: dict[str, Any], pairs: int) -> str:
    return f"{pairs / found['true_pairs']:.1%}"


def write_page(folder: Path = RESULTS, path: Path = PAGE) -> Path:
    """Write the tables of the result file into the page.

    Args:
        folder: Folder of the result file.
        path: The page.
    """
    return write_section(path, SECTION, render(read_result(NAME, folder)))
