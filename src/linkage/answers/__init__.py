"""Answers for use inside the registry: summaries, coverage, privacy figures, explanations, persons and links."""

from __future__ import annotations

from linkage.answers.budget_plot import (
    BUDGET_PLOT,
    BudgetBeyond,
    BudgetPicture,
    BudgetStep,
    budget_svg,
    write_budget_plot,
)
from linkage.answers.count_file import COUNT_FILE, check_counts, write_counts
from linkage.answers.count_plot import COUNT_PLOT, CountPicture, counts_svg, write_count_plot
from linkage.answers.coverage import coverage, roster_coverage
from linkage.answers.coverage_map import COVERAGE_MAP, coverage_svg, write_coverage_map
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
    check_table_export,
    orient_links,
    sort_persons,
    write_links,
    write_persons,
)
from linkage.answers.overlap_plot import OVERLAP_PLOT, OverlapPicture, overlap_svg, write_overlap_plot
from linkage.answers.privacy import RegistryPrivacy, judge_privacy
from linkage.answers.receipt_text import receipt_text
from linkage.answers.receipt_words import remedy, rule_sentence
from linkage.answers.reporter_receipt import MissingPeriod, Refusal, RefusedRows, ReporterReceipt, write_receipt
from linkage.answers.review import REVIEW_COLUMNS, REVIEW_FILE, queue_of, write_review
from linkage.answers.sample_questions import QUESTIONS_FILE, write_questions
from linkage.answers.series import Change, Series, series_of
from linkage.answers.statistics import Overlap, ReporterCount, Summary, summarise
from linkage.answers.totals import (
    TOTALS_TABLE,
    ComparedCell,
    OwnTotals,
    cell_name,
    compare_cells,
    totals_table,
    write_totals_table,
)
from linkage.answers.waterfall import WATERFALL_FILE, waterfall_svg, write_waterfall

__all__ = [
    "BUDGET_PLOT",
    "COUNT_FILE",
    "COUNT_PLOT",
    "COVERAGE_MAP",
    "LINKS_FILE",
    "LINK_COLUMNS",
    "OVERLAP_PLOT",
    "PERSONS_FILE",
    "PERSON_COLUMNS",
    "QUESTIONS_FILE",
    "REVIEW_COLUMNS",
    "REVIEW_FILE",
    "TOTALS_TABLE",
    "WATERFALL_FILE",
    "BudgetBeyond",
    "BudgetPicture",
    "BudgetStep",
    "Candidate",
    "Change",
    "ComparedCell",
    "CountPicture",
    "Explanation",
    "FieldWeight",
    "MissingPeriod",
    "NamedRecord",
    "Overlap",
    "OverlapPicture",
    "OwnTotals",
    "Persons",
    "Refusal",
    "RefusedRows",
    "RegistryPrivacy",
    "ReporterCount",
    "ReporterReceipt",
    "RivalWeight",
    "Series",
    "Summary",
    "budget_svg",
    "cell_name",
    "check_counts",
    "check_export",
    "check_table_export",
    "compare_cells",
    "counts_svg",
    "coverage",
    "coverage_svg",
    "judge_privacy",
    "orient_links",
    "overlap_svg",
    "queue_of",
    "receipt_text",
    "remedy",
    "roster_coverage",
    "rule_sentence",
    "series_of",
    "sort_persons",
    "summarise",
    "totals_table",
    "waterfall_svg",
    "write_budget_plot",
    "write_count_plot",
    "write_counts",
    "write_coverage_map",
    "write_links",
    "write_overlap_plot",
    "write_persons",
    "write_questions",
    "write_receipt",
    "write_review",
    "write_totals_table",
    "write_waterfall",
]
