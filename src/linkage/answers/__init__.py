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
from linkage.answers.series import Change, Series, series_of
from linkage.answers.statistics import Overlap, ReporterCount, Summary, coverage, summarise
from linkage.answers.waterfall import WATERFALL_FILE, waterfall_svg, write_waterfall

__all__ = [
    "LINKS_FILE",
    "LINK_COLUMNS",
    "PERSONS_FILE",
    "PERSON_COLUMNS",
    "WATERFALL_FILE",
    "Candidate",
    "Change",
    "Explanation",
    "FieldWeight",
    "NamedRecord",
    "Overlap",
    "Persons",
    "RegistryPrivacy",
    "ReporterCount",
    "RivalWeight",
    "Series",
    "Summary",
    "check_export",
    "coverage",
    "judge_privacy",
    "orient_links",
    "series_of",
    "sort_persons",
    "summarise",
    "waterfall_svg",
    "write_links",
    "write_persons",
    "write_waterfall",
]
