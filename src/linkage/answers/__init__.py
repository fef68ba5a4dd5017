"""Answers for use inside the registry: summaries, coverage, privacy figures, explanations, persons and links."""

from __future__ import annotations

from linkage.answers.explanation import (
    Candidate,
    Explanation,
    FieldWeight,
    NamedRecord,
    Persons,
    RivalWeight,
)
from linkage.answers.export import (
    LINK_COLUMNS,
    LINKS_FILE,
    PERSON_COLUMNS,
    PERSONS_FILE,
    check_export,
    orient_links,
    sort_persons,
    write_links,
    write_persons,
)
from linkage.answers.privacy import RegistryPrivacy, judge_privacy
from linkage.answers.statistics import Overlap, ReporterCount, Summary, coverage, summarise
from linkage.answers.totals import (
    TOTALS_TABLE,
    ComparedCell,
    OwnTotals,
    cell_name,
    compare_cells,
    write_totals_table,
)
from linkage.answers.waterfall import WATERFALL_FILE, waterfall_svg, write_waterfall

__all__ = [
    "LINKS_FILE",
    "LINK_COLUMNS",
    "PERSONS_FILE",
    "PERSON_COLUMNS",
    "TOTALS_TABLE",
    "WATERFALL_FILE",
    "Candidate",
    "ComparedCell",
    "Explanation",
    "FieldWeight",
    "NamedRecord",
    "Overlap",
    "OwnTotals",
    "Persons",
    "RegistryPrivacy",
    "ReporterCount",
    "RivalWeight",
    "Summary",
    "cell_name",
    "check_export",
    "compare_cells",
    "coverage",
    "judge_privacy",
    "orient_links",
    "sort_persons",
    "summarise",
    "waterfall_svg",
    "write_links",
    "write_persons",
    "write_totals_table",
    "write_waterfall",
]
