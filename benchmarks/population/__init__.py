"""Synthetic people in households, and the case files that six Swedish bodies keep of them.

No real person stands behind any of it: names are drawn from lists, numbers computed in the range kept for tests. All
rates are assumptions, listed in `benchmarks.population.assumptions`. Equal seeds give equal files for one version of
Faker and numpy.

```
reports = make_reports(make_population(1000, seed=1), error_level="middle", seed=1)
write(reports, "case-files")
```
"""

from __future__ import annotations

from benchmarks.population.assumptions import BODIES, LEVELS, Body, ErrorLevel, ErrorRates, PopulationRates, ReportRates
from benchmarks.population.files import TRUTH_COLUMNS, truth_table, write
from benchmarks.population.payload import CODEBOOK
from benchmarks.population.people import Population, make_population
from benchmarks.population.reports import Reports, make_reports

__all__ = [
    "BODIES",
    "CODEBOOK",
    "LEVELS",
    "TRUTH_COLUMNS",
    "Body",
    "ErrorLevel",
    "ErrorRates",
    "Population",
    "PopulationRates",
    "ReportRates",
    "Reports",
    "make_population",
    "make_reports",
    "truth_table",
    "write",
]
