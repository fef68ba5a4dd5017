"""Counting: which value each person has, who counts by which definition, and the cells and totals of tables.

Functions over arrays and Arrow tables; nothing here reads a store. All of it is for use inside the registry: what may
leave needs disclosure control, which comes after.
"""

from __future__ import annotations

from linkage.counting.answered import Known, SampleStatus, agreed, missing_joins
from linkage.counting.attributes import Conflicts, Facts, Resolved, resolve
from linkage.counting.bodies import BETWEEN, Returns, Shared, meetings, returns, shared
from linkage.counting.bodies_drawn import SharedRanges, returns_in_draws, shared_in_draws
from linkage.counting.budget import Beyond, Budget, CountBudget, Disagreeing, Step, budget_of
from linkage.counting.comparison import EVERYBODY, Comparison, Counterpart, CounterpartRanges, compare
from linkage.counting.counted import INTERNAL, NO_RANGES, PAIRS_ALONE, Counted, Facing, Overlaps, with_spans
from linkage.counting.counts import Counts, Request, chosen, count, years_of
from linkage.counting.definition import Condition, Definition, check_definition, items_of, load_definition
from linkage.counting.dimensions import (
    BUILT_IN,
    COLUMN_CODES,
    FACT_COLUMNS,
    NOT_GIVEN,
    SAME_TIME,
    Dimension,
    find_dimension,
)
from linkage.counting.draws import Drawn, Variants, drawn_persons, in_draws, variants_of
from linkage.counting.expected import PersonsExpected, expected_in_draws
from linkage.counting.marginal import Marginal, MarginalCount, marginal
from linkage.counting.never_met import BY_ASSUMPTION, HAS, Joining, NeverMet, add_joins
from linkage.counting.periods import Period, parse_period
from linkage.counting.quantiles import Ranges, Span, difference_text, range_text
from linkage.counting.records import RECORD_COLUMNS, ROLES, Answers, Records, answers_of
from linkage.counting.rules import AttributeRule, AttributeRules, default_rules, load_rules
from linkage.counting.sampling import Posterior, SampleStrata, draw_sample, learned, needed, recentred
from linkage.counting.selection import ROLE_NAMES, UNITS, Role, Unit
from linkage.counting.silent import Silence, Silent, silences_of, silent_persons
from linkage.counting.standing import (
    ALL_TIMES,
    Coverage,
    SeriesBreak,
    codebook_breaks,
    coverage_of,
    definition_breaks,
    open_questions,
    roster_breaks,
)

__all__ = [
    "ALL_TIMES",
    "BETWEEN",
    "BUILT_IN",
    "BY_ASSUMPTION",
    "COLUMN_CODES",
    "EVERYBODY",
    "FACT_COLUMNS",
    "HAS",
    "INTERNAL",
    "NOT_GIVEN",
    "NO_RANGES",
    "PAIRS_ALONE",
    "RECORD_COLUMNS",
    "ROLES",
    "ROLE_NAMES",
    "SAME_TIME",
    "UNITS",
    "Answers",
    "AttributeRule",
    "AttributeRules",
    "Beyond",
    "Budget",
    "Comparison",
    "Condition",
    "Conflicts",
    "CountBudget",
    "Counted",
    "Counterpart",
    "CounterpartRanges",
    "Counts",
    "Coverage",
    "Definition",
    "Dimension",
    "Disagreeing",
    "Drawn",
    "Facing",
    "Facts",
    "Joining",
    "Known",
    "Marginal",
    "MarginalCount",
    "NeverMet",
    "Overlaps",
    "Period",
    "PersonsExpected",
    "Posterior",
    "Ranges",
    "Records",
    "Request",
    "Resolved",
    "Returns",
    "Role",
    "SampleStatus",
    "SampleStrata",
    "SeriesBreak",
    "Shared",
    "SharedRanges",
    "Silence",
    "Silent",
    "Span",
    "Step",
    "Unit",
    "Variants",
    "add_joins",
    "agreed",
    "answers_of",
    "budget_of",
    "check_definition",
    "chosen",
    "codebook_breaks",
    "compare",
    "count",
    "coverage_of",
    "default_rules",
    "definition_breaks",
    "difference_text",
    "draw_sample",
    "drawn_persons",
    "expected_in_draws",
    "find_dimension",
    "in_draws",
    "items_of",
    "learned",
    "load_definition",
    "load_rules",
    "marginal",
    "meetings",
    "missing_joins",
    "needed",
    "open_questions",
    "parse_period",
    "range_text",
    "recentred",
    "resolve",
    "returns",
    "returns_in_draws",
    "roster_breaks",
    "shared",
    "shared_in_draws",
    "silences_of",
    "silent_persons",
    "variants_of",
    "with_spans",
    "years_of",
]
