"""Synthetic people in households, and the case files that Swedish bodies keep of them.

No real person stands behind any of it: names are drawn from lists, numbers computed in the range kept for tests. All
rates are assumptions, listed in `benchmarks.population.rates` and `benchmarks.population.bodies`, and can be set by
name. Equal seeds give equal files for one version of Faker and numpy.

```
reports = make_reports(make_population(1000, seed=1), error_level="middle", seed=1)
write(reports, "case-files")
```
"""

from __future__ import annotations

from benchmarks.population.assumptions import LEVELS, Assumptions, ErrorLevel, errors_at
from benchmarks.population.bodies import BODIES, REFERRALS, Body, Referral
from benchmarks.population.files import CaseFiles, register_table, truth_table, write
from benchmarks.population.kinds import KINDS
from benchmarks.population.payload import CODEBOOK
from benchmarks.population.people import Plan, Population, make_blocks, make_population
from benchmarks.population.rates import ErrorRates, PopulationRates, ReportRates
from benchmarks.population.reports import TRUTH_COLUMNS, Counters, Reports, make_reports

__all__ = [
    "BODIES",
    "CODEBOOK",
    "KINDS",
    "LEVELS",
    "REFERRALS",
    "TRUTH_COLUMNS",
    "Assumptions",
    "Body",
    "CaseFiles",
    "Counters",
    "ErrorLevel",
    "ErrorRates",
    "Plan",
    "Population",
    "PopulationRates",
    "Referral",
    "ReportRates",
    "Reports",
    "errors_at",
    "make_blocks",
    "make_population",
    "make_reports",
    "register_table",
    "truth_table",
    "write",
]
