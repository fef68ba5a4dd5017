"""What linking registries that nobody has measured would take on a cluster: an estimate on paper, from measured costs.

Whether a stage grows with records or with pairs is not known from two sizes, so each figure is a range: as if all of it
grew with records, and as if all of it grew with pairs. The cluster is assumed to divide its work evenly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.pages import markdown_table, write_section
from benchmarks.paths import DOCS, RESULTS
from benchmarks.results import provenance, read_result
from linkage.linkage_unit.forecast import expected_under_population

__all__ = ["Estimate", "estimate", "paper_section", "write_paper"]

PAGE: Final = DOCS / "how-to" / "run-on-spark.md"
SECTION: Final = "speed:paper"
RESULT: Final = "speed-engines-population"
SIZES: Final = (10_000_000, 100_000_000)
WORKERS: Final = 20

ON_CLUSTER: Final = ("join", "compare")
"""Stages that a cluster does; all others are of the process that links."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one registry would take.

    Attributes:
        records: Number of records.
        pairs: Number of candidate pairs under `population`.
        on_cluster: Processor seconds of the cluster: as if they grew with records, and as if with pairs.
        here: Those of the process that links.
        here_bytes: Peak memory of that process.
    """

    records: int
    pairs: int
    on_cluster: tuple[float, float]
    here: tuple[float, float]
    here_bytes: int


def estimate(measured: Mapping[str, Any], records: int) -> Estimate:
    """Extend the costs of a measured run.

    Args:
        measured: The largest size of a result of `speed engines` under `population`.
        records: Number of records to extend it to.
    """
    run = measured["engines"]["sail"]
    expected = expected_under_population(records)
    times = records / measured["records"], expected.counts.pairs / run["pairs"]
    cluster = sum(run["stages"][stage]["cpu"] for stage in ON_CLUSTER)
    here = run["cpu"] - cluster
    return Estimate(
        records,
        expected.counts.pairs,
        (times[0] * cluster, times[1] * cluster),
        (times[0] * here, times[1] * here),
        expected.clustered_bytes,
    )


def paper_section(folder: Path = RESULTS) -> str:
    """Return the estimate as a section of a page.

    Args:
        folder: Folder of the result files.
    """
    document = read_result(RESULT, folder)
    measured = document["figures"]["sizes"][-1]
    rows = [_row(estimate(measured, records)) for records in SIZES]
    return "\n\n".join(
        [
            f"**On paper, not run.** From {measured['records']:,} records on Sail: {provenance(document)}",
            markdown_table(
                [
                    "records",
                    "pairs of a record",
                    "cluster, processor hours",
                    f"with {WORKERS} workers of one core, hours",
                    "process that links, hours",
                    "its memory, GB",
                ],
                rows,
                align="lrrrrr",
            ),
        ]
    )


def _row(one: Estimate) -> list[str]:
    return [
        f"{one.records:,}",
        f"{one.pairs / one.records:.0f}",
        _hours(one.on_cluster),
        _hours((one.on_cluster[0] / WORKERS, one.on_cluster[1] / WORKERS)),
        _hours(one.here),
        f"{one.here_bytes / 1e9:,.0f}",
    ]


def _hours(seconds: tuple[float, float]) -> str:
    least, most = (one / 3600 for one in seconds)
    decimals = 2 if most < 1 else 1 if most < 10 else 0
    return f"{least:,.{decimals}f} to {most:,.{decimals}f}"


def write_paper(folder: Path = RESULTS) -> Path:
    """Write the estimate into its page.

    Args:
        folder: Folder of the result files.
    """
    return write_section(PAGE, SECTION, paper_section(folder))
