"""Synthetic people in households, and the case files that Swedish reporters keep about them.

No person is real: names are drawn from lists, and numbers are computed in the range reserved for tests. Every rate is
an assumption that can be set by name; `benchmarks.population.rates` and `benchmarks.population.reporters` list them.
Equal seeds give equal files for the same versions of Faker and numpy.

```
reports = make_reports(make_population(1000, seed=1), error_level="middle", seed=1)
write(reports, "case-files")
```
"""

from __future__ import annotations

from benchmarks.population.assumptions import LEVELS, Assumptions, ErrorLevel, errors_at
from benchmarks.population.files import CaseFiles, register_table, truth_table, write
from benchmarks.population.kinds import KINDS
from benchmarks.population.payload import CODEBOOK, age_codes
from benchmarks.population.people import Plan, Population, make_blocks, make_population
from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates
from benchmarks.population.reporters import REFERRALS, REPORTERS, Referral, Reporter
from benchmarks.population.reports import TRUTH_COLUMNS, Counters, Reports, make_reports

__all__ = [
    "CODEBOOK",
    "KINDS",
    "LEVELS",
    "REFERRALS",
    "REPORTERS",
    "TRUTH_COLUMNS",
    "Assumptions",
    "CaseFiles",
    "Counters",
    "ErrorLevel",
    "ErrorRates",
    "Plan",
    "Population",
    "PopulationRates",
    "Referral",
    "ReportRates",
    "Reporter",
    "Reports",
    "age_codes",
    "errors_at",
    "make_blocks",
    "make_population",
    "make_reports",
    "register_table",
    "truth_table",
    "write",
]
