"""What leaves a registry: summaries, coverage of the reporting bodies, and files of persons and links."""

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
    PERSON_COLUMNS,
    orient_links,
    sort_persons,
    write_links,
    write_persons,
)
from linkage.answers.privacy import RegistryPrivacy, judge_privacy
from linkage.answers.statistics import Overlap, ReporterCount, Summary, coverage, summarise
from linkage.answers.waterfall import waterfall_svg, write_waterfall

__all__ = [
    "LINK_COLUMNS",
    "PERSON_COLUMNS",
    "Candidate",
    "Explanation",
    "FieldWeight",
    "NamedRecord",
    "Overlap",
    "Persons",
    "RegistryPrivacy",
    "ReporterCount",
    "RivalWeight",
    "Summary",
    "coverage",
    "judge_privacy",
    "orient_links",
    "sort_persons",
    "summarise",
    "waterfall_svg",
    "write_links",
    "write_persons",
    "write_waterfall",
]
