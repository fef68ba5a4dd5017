"""Codes of the example codebook for each report: kind of case, country, municipality, age, sex, and who discovered it.

Only codes of the built-in codebook `case-registry` are written.
"""

from __future__ import annotations

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.contacts import Rows
from benchmarks.population.names import ORIGINS
from benchmarks.population.people import Population
from benchmarks.population.rates import ReportRates
from benchmarks.population.reporters import Reporter
from pseudonym.codebook import load_codebook

__all__ = ["CODEBOOK", "write_items"]

CODEBOOK: Final = "case-registry"
_UNKNOWN: Final = "unknown"
_COUNTRIES: Final = {
    "arabic": "IQ", "somali": "SO", "afghan": "AF", "eritrean": "ER", "kurdish": "IQ", "turkish": "TR",
    "ukrainian": "UA", "romanian": "RO", "bulgarian": "BG", "russian": "RU", "nigerian": "NG", "vietnamese": "VN",
    "thai": "TH", "latin_american": "CO", "maghreb": "MA", "finnish": "FI", "swedish": "SE",
}  # fmt: skip
# Kinds of case for children and for adults, in order of decreasing frequency.
_CHILD_KINDS: Final = ("taken_abroad", "risk_taken_abroad", "kept_abroad", "exit_ban", "child_marriage")
_ADULT_KINDS: Final = ("trafficking_labour", "trafficking_sexual", "human_exploitation", "forced_marriage")
# Ages in years at which the codebook's groups of adults begin.
_GROUPS: Final = ((18, "18-20"), (21, "21-24"), (25, "25-29"), (30, "30-39"), (40, "40-49"), (50, "50-64"), (65, "65-"))

Texts = NDArray[np.object_]


def write_items(
    population: Population, rows: Rows, *, reporter: Reporter, rates: ReportRates, rng: np.random.Generator
) -> dict[str, Texts]:
    """Write the codebook items of one reporter's records.

    Args:
        population: The people.
        rows: The reporter's records.
        reporter: The reporter; only its own items are written.
        rates: The rates of the items.
        rng: Draws everything.

    Returns:
        The codes of each item.
    """
    person, case = rows.person, np.unique(rows.case, return_inverse=True)[1].ravel()
    origin = population.households.origin[population.household[person]]
    items = {
        "kind_of_case": _kinds(case, population.child[person], rates, rng),
        "country": _countries(origin, rates, rng),
        "municipality": _municipalities(rows.place, rates),
        "age_at_event": _ages(rows.age),
        "sex_reported": np.array(["woman", "man"], dtype=object)[population.sex[person]],
        "discovered_by": np.full(len(person), reporter.finder, dtype=object),
    }
    for codes in items.values():
        codes[rng.random(len(codes)) < rates.item_unknown] = _UNKNOWN
    return {name: items[name] for name in reporter.items}


def _kinds(case: NDArray[np.int64], child: NDArray[np.bool_], rates: ReportRates, rng: np.random.Generator) -> Texts:
    """Draw a kind for each case, from those for children if a child is involved, and return it per record."""
    n_cases = int(case.max(initial=-1)) + 1
    of_child = np.zeros(n_cases, dtype=bool)
    np.logical_or.at(of_child, case, child)
    kinds = np.empty(n_cases, dtype=object)
    for names, rows in ((_CHILD_KINDS, of_child), (_ADULT_KINDS, ~of_child)):
        weights = rates.kind_decay ** np.arange(len(names))
        kinds[rows] = rng.choice(np.array(names, dtype=object), int(rows.sum()), p=weights / weights.sum())
    return kinds[case]


def _countries(origin: NDArray[np.int64], rates: ReportRates, rng: np.random.Generator) -> Texts:
    """Return the country of the household's origin, or another country."""
    countries = np.array([_COUNTRIES[one.code] for one in ORIGINS], dtype=object)
    home = countries[origin]
    other = countries[rng.integers(0, len(countries), len(origin))]
    return np.where((rng.random(len(origin)) < rates.abroad) & (home != "SE"), home, other)


def _municipalities(place: NDArray[np.float64], rates: ReportRates) -> Texts:
    """Return the municipality of each place."""
    codes = _codes()
    return codes[(place**rates.place_concentration * len(codes)).astype(np.int64)]


@functools.cache
def _codes() -> Texts:
    """List the municipalities of the codebook in a random but fixed order."""
    codes = [code for code in load_codebook(CODEBOOK).by_name["municipality"].by_code if code.isdigit()]
    return np.array(codes, dtype=object)[np.random.default_rng(len(codes)).permutation(len(codes))]


def _ages(age: NDArray[np.int64]) -> Texts:
    """Return ages as codes: single years for children, groups for adults."""
    starts = np.array([start for start, _ in _GROUPS])
    groups = np.array([name for _, name in _GROUPS], dtype=object)
    years = np.array([str(n) for n in range(starts[0])], dtype=object)
    grown = groups[np.maximum(np.searchsorted(starts, age, side="right") - 1, 0)]
    return np.where(age < starts[0], years[np.minimum(age, starts[0] - 1)], grown)
