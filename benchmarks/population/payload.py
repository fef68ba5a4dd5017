"""Codes of the codebook `case-registry` for each record: what happened and why, what was done, who the person is.

A case that involves a child is about a journey, other cases are about exploitation. What belongs to the case is drawn
once for all its records, so reports of siblings and follow-up reports agree, except for what is unknown.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.population.contacts import Rows
from benchmarks.population.names import ORIGINS
from benchmarks.population.people import Population
from benchmarks.population.rates import ReportRates
from benchmarks.population.reporters import Reporter
from pseudonym.codebook import load_codebook

__all__ = ["CODEBOOK", "age_codes", "municipalities", "write_items"]

CODEBOOK: Final = "case-registry"
_UNKNOWN: Final = "unknown"
_SWEDEN: Final = "SE"
_COUNTRIES: Final = {
    "arabic": "IQ", "somali": "SO", "afghan": "AF", "eritrean": "ER", "kurdish": "IQ", "turkish": "TR",
    "ukrainian": "UA", "romanian": "RO", "bulgarian": "BG", "russian": "RU", "nigerian": "NG", "vietnamese": "VN",
    "thai": "TH", "latin_american": "CO", "maghreb": "MA", "finnish": "FI", "swedish": _SWEDEN,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Choice:
    """The codes of an item, most frequent first, for cases with a child and for others; without any it stays empty."""

    child: tuple[str, ...] = ()
    adult: tuple[str, ...] = ()


# What all records of a case share.
_OF_CASE: Final = {
    "state": _Choice(("taken", "at_risk", "kept", "missing", "stopped", "returned"), ("no_journey",)),
    "purpose": _Choice(("child_marriage", "upbringing", "genital_mutilation", "hide_services", "hide_parent", "visit")),
    "context": _Choice(("honour", "other_violence", "custody"), ("other", "other_violence")),
    "travelled_with": _Choice(("mother", "father", "siblings", "relatives")),
    "exploitation": _Choice(("none",), ("labour", "sexual", "crime", "begging", "household")),
    "labour_sector": _Choice((), ("forestry", "agriculture", "construction", "cleaning")),
    "offence": _Choice(("none",), ("trafficking", "human_exploitation", "prostitution")),
    "victim_identified": _Choice((), ("assumed", "investigation", "judgment")),
    "measures_earlier": _Choice(("none", "sol", "lvu_2"), ("none",)),
    "measures_present": _Choice(("none", "sol", "exit_ban", "lvu_2", "lvu_6"), ("none",)),
    "measures_planned": _Choice(("lvu_6", "exit_ban", "temp_exit_ban", "passport", "none"), ("none", "sol")),
    "police_report": _Choice(("no", "yes", "planned"), ("yes", "no")),
    "consular_contact": _Choice(("no", "yes", "tried"), ("no",)),
    "contact": _Choice(("tried", "indirect", "none", "direct"), ("direct",)),
    "family_missing": _Choice(("siblings", "none", "parents"), ("none",)),
}
# What has become of a person, and where the person is if not in the country of the case, follow from the state.
_OUTCOMES: Final = {
    "taken": "still_abroad", "at_risk": "not_taken", "kept": "still_abroad", "missing": "lost_contact",
    "stopped": "stopped_departure", "returned": "returned",
}  # fmt: skip
_PLACES: Final = {
    "at_risk": _SWEDEN, "missing": _UNKNOWN, "stopped": _SWEDEN, "returned": _SWEDEN, "no_journey": _SWEDEN,
}  # fmt: skip
# What each record has for itself.
_OF_PERSON: Final = {
    "support": _Choice(("none", "shelter", "consular"), ("shelter", "amp", "nsp", "reflection", "none")),
    "help_accepted": _Choice(("not_offered", "accepted", "declined"), ("accepted", "partly", "declined")),
    "disability": _Choice(("no", "unknown", "yes"), ("no", "unknown", "yes")),
    "lives_with": _Choice(("mother", "father", "siblings", "placed"), ("others", "alone", "partner")),
    "earlier_reports": _Choice(("none", "one", "several"), ("none",)),
    "earlier_crime": _Choice(("none", "unreported", "reported"), ("none", "unreported", "reported")),
    "school_absence": _Choice(("months", "weeks", "none", "removed")),
}
# Codes that do not stand with others.
_ALONE: Final = frozenset({"none", "alone", _UNKNOWN})
_MAX_AGE: Final = 130
# Ages in years at which somebody enters a school or work.
_SCHOOLS: Final = ((0, "preschool"), (6, "compulsory"), (16, "upper_secondary"), (19, "work"))

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
        The codes of each item, several of one item with a space between them; None where the item does not apply.
    """
    person, case = rows.person, np.unique(rows.case, return_inverse=True)[1].ravel()
    child = population.child[person]
    of_child = np.zeros(int(case.max(initial=-1)) + 1, dtype=bool)
    np.logical_or.at(of_child, case, child)
    items = {name: _draw(name, of_child, rates, rng)[case] for name in _OF_CASE}
    items |= {name: _draw(name, child, rates, rng) for name in _OF_PERSON}
    items["labour_sector"][items["exploitation"] != "labour"] = None
    items |= _of_origin(population, person, rates, rng) | {
        "municipality": municipalities(rows.place, rates),
        "age_at_event": _ages(rows.age),
        "age_at_first_exploitation": _ages(np.maximum(rows.age - 1, 0)),
        "schooling": _from(_SCHOOLS, rows.age),
        "sex_reported": np.array(["woman", "man"], dtype=object)[population.sex[person]],
        "discovered_by": np.full(len(person), reporter.finder, dtype=object),
    }
    items["age_at_first_exploitation"][of_child[case]] = None
    states = items["state"].tolist()
    items["outcome"] = _texts(_OUTCOMES.get(state) for state in states)
    items["present_country"] = _texts(
        _PLACES.get(state, country) for state, country in zip(states, items["country"].tolist(), strict=True)
    )
    return {name: _with_unknown(items[name], rates, rng) for name in reporter.items}


def _draw(name: str, child: NDArray[np.bool_], rates: ReportRates, rng: np.random.Generator) -> Texts:
    """Draw one code of an item for each case or record, and sometimes a second one if the item allows it."""
    choice = (_OF_CASE | _OF_PERSON)[name]
    drawn = np.full(len(child), None, dtype=object)
    for codes, rows in ((choice.child, child), (choice.adult, ~child)):
        if not codes:
            continue
        weights = rates.kind_decay ** np.arange(len(codes))
        first, second = rng.choice(np.array(codes, dtype=object), (2, int(rows.sum())), p=weights / weights.sum())
        drawn[rows] = first
        if name in _several():
            again = (rng.random(len(first)) < rates.second_code).tolist()
            drawn[rows] = _texts(_join(*codes) for codes in zip(first.tolist(), second.tolist(), again, strict=True))
    return drawn


def _join(first: str, second: str, again: bool) -> str:
    """Return two codes as one value, or the first alone."""
    if not again or _ALONE & {first, second}:
        return first
    return " ".join(sorted({first, second}))


@functools.cache
def _several() -> frozenset[str]:
    """List the items of the codebook that may have several codes."""
    return frozenset(item.name for item in load_codebook(CODEBOOK).items if item.many)


def _with_unknown(codes: Texts, rates: ReportRates, rng: np.random.Generator) -> Texts:
    """Make some of the values unknown; an item that does not apply stays empty."""
    lost = rng.random(len(codes)) < rates.item_unknown
    codes[lost & np.array([code is not None for code in codes.tolist()], dtype=bool)] = _UNKNOWN
    return codes


def _of_origin(
    population: Population, person: NDArray[np.int64], rates: ReportRates, rng: np.random.Generator
) -> dict[str, Texts]:
    """Return what follows from the household's origin: origin, birth, citizenship and the country of the case."""
    origin = population.households.origin[population.household[person]]
    countries = np.array([_COUNTRIES[one.code] for one in ORIGINS], dtype=object)
    home = countries[origin]
    other = countries[rng.integers(0, len(countries), len(origin))]
    abroad = (rng.random(len(origin)) < rates.abroad) & (home != _SWEDEN)
    swedish = rng.random(len(person)) < rates.naturalised
    both = rng.random(len(person)) < rates.second_code
    citizenship = (
        _join(_SWEDEN, country, keeps) if is_swedish else country
        for country, is_swedish, keeps in zip(home.tolist(), swedish.tolist(), both.tolist(), strict=True)
    )
    return {
        "country": np.where(abroad, home, other),
        "origin": home.copy(),
        "birth_country": home.copy(),
        "citizenship": _texts(citizenship),
    }


def _texts(values: Iterable[str | None]) -> Texts:
    listed = list(values)
    texts = np.empty(len(listed), dtype=object)
    texts[:] = listed
    return texts


def municipalities(place: NDArray[np.float64], rates: ReportRates) -> Texts:
    """Return the municipality of each place."""
    codes = _codes()
    return codes[(place**rates.place_concentration * len(codes)).astype(np.int64)]


@functools.cache
def _codes() -> Texts:
    """List the municipalities of the codebook in a random but fixed order."""
    codes = [code for code in load_codebook(CODEBOOK).by_name["municipality"].by_code if code.isdigit()]
    return np.array(codes, dtype=object)[np.random.default_rng(len(codes)).permutation(len(codes))]


@functools.cache
def age_codes() -> Texts:
    """List the code of each age from 0 on: the narrowest that the codebook has for it."""
    ages = load_codebook(CODEBOOK).by_name["age_at_event"].ages
    codes = [next(code for years, code in ages if years.include(age, age + 1)) for age in range(_MAX_AGE + 1)]
    return np.array(codes, dtype=object)


def _ages(age: NDArray[np.int64]) -> Texts:
    return np.asarray(age_codes()[np.minimum(age, _MAX_AGE)])


def _from(steps: tuple[tuple[int, str], ...], age: NDArray[np.int64]) -> Texts:
    """Return the last code whose age has been reached, or the first one."""
    starts = np.array([start for start, _ in steps])
    codes = np.array([code for _, code in steps], dtype=object)
    return codes[np.maximum(np.searchsorted(starts, age, side="right") - 1, 0)]
