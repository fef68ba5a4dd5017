"""What leaves a registry: summaries, coverage of the reporting bodies, and files of persons and links."""

from __future__ import annotations

from linkage.publishing.export import (
    LINK_COLUMNS,
    PERSON_COLUMNS,
    orient_links,
    sort_persons,
    write_links,
    write_persons,
)
from linkage.publishing.exposure import Exposure, KindExposure, PayloadExposure, judge_exposure
from linkage.publishing.statistics import Overlap, ReporterCount, Summary, coverage, summarise

__all__ = [
    "LINK_COLUMNS",
    "PERSON_COLUMNS",
    "Exposure",
    "KindExposure",
    "Overlap",
    "PayloadExposure",
    "ReporterCount",
    "Summary",
    "coverage",
    "judge_exposure",
    "orient_links",
    "sort_persons",
    "summarise",
    "write_links",
    "write_persons",
]
