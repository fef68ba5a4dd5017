"""From people to records: what each body keeps of a block of people, and the truth about it.

Rows come from `contacts`, identities from `entries`; here they are put together with ids, dates, status and items of
the codebook. Follow-up reports mostly copy the identity that stood in the first report of the case; whoever receives a
case that was sent on takes the names as the sender wrote them, or takes them down anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.population.assumptions import Assumptions, ErrorLevel
from benchmarks.population.bodies import Body
from benchmarks.population.contacts import ADULT, WAYS, Rows, draw_rows
from benchmarks.population.desk import FLAGS, Desk
from benchmarks.population.entries import Identities, write_identities
from benchmarks.population.entry_names import copy_names, draft_names
from benchmarks.population.entry_numbers import NUMBER_IS
from benchmarks.population.names import ORIGINS
from benchmarks.population.numbers import day_number, day_texts
from benchmarks.population.payload import write_items
from benchmarks.population.people import Population

__all__ = ["TRUTH_COLUMNS", "Counters", "Reports", "make_reports"]

TRUTH_COLUMNS: Final = (
    "reporter", "record_id", "person", "household", "twin", "origin", "how", "number_type", "number_is", "protected",
    "errors",
)  # fmt: skip
"""Whom a record is about and what is wrong with it.

`person` is who linking should find: after a change of number for protection it is another one than before, because
linking the two would undo the protection, so nothing here joins them but the household.
"""

_COPIED: Final = np.int64(1 << FLAGS.index("copied_spelling"))

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reports:
    """The records of one body.

    Attributes:
        reporter: Its code.
        table: One row a record, all columns strings, null where nothing is written; in the order of the record ids.
        person: (r,) int64, for each row the person it is about, by the place in the population.
        truth: One row a record, the columns of `TRUTH_COLUMNS`.
        flags: (r,) int64, what is wrong with the record, bits as in `desk.FLAGS`.
    """

    reporter: str
    table: pa.Table
    person: Ints
    truth: pa.Table
    flags: Ints


@dataclass(slots=True)
class Counters:
    """How many records, reports and cases each body has so far, so that ids of later blocks run on."""

    records: dict[str, int] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)


def make_reports(
    population: Population,
    *,
    error_level: ErrorLevel = "middle",
    seed: int,
    assumed: Assumptions | None = None,
    counters: Counters | None = None,
    block: int = 0,
) -> dict[str, Reports]:
    """Let the bodies meet the population and write down whom they met.

    Equal arguments give equal reports.

    Args:
        population: The people, or one block of them.
        error_level: Whether identities are written down with few, some or many errors.
        seed: Any integer from 0; independent of the population's.
        assumed: All assumptions, in place of the default ones with the errors of `error_level`.
        counters: Ids go on from here and are counted here.
        block: Which block of a larger population this is.

    Returns:
        For each body, by its code, its records.

    Raises:
        ValueError: The level is not one of the three.
    """
    assumed = Assumptions.at(error_level) if assumed is None else assumed
    counters = Counters() if counters is None else counters
    draws = np.random.default_rng([seed, 1, block]).spawn(3)
    rows = draw_rows(population, assumed, draws[0])
    anew, entry = _entries(rows, assumed, draws[1])
    first = rows.take(anew)
    identities = _identities(population, first, assumed, draws[1])
    edges = np.searchsorted(rows.body, np.arange(len(assumed.bodies) + 1)).tolist()
    result, before = {}, 0
    for place, (body, rng) in enumerate(zip(assumed.bodies, draws[2].spawn(len(assumed.bodies)), strict=True)):
        here = slice(edges[place], edges[place + 1])
        mine = (identities[place], entry[here] - before)
        source = (body, assumed, rng)
        result[body.code] = _reports(population, rows.part(here), mine, counters=counters, source=source)
        before += len(identities[place].flags)
    return result


def _entries(rows: Rows, assumed: Assumptions, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Decide which rows are written down anew and which copy the first report of their case.

    Returns the rows written anew, and for each row the place of its identity among them.
    """
    anew = (rows.report == 0) | (rng.random(len(rows)) < assumed.errors.entered_anew)
    key = rows.case * (int(rows.person.max(initial=0)) + 1) + rows.person
    place = np.arange(len(key))
    # Rows of a body stand by date, and so does the first report of a case before the later ones.
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return np.unique(np.where(anew, place, first[of.ravel()]), return_inverse=True)


def _identities(
    population: Population, entries: Rows, assumed: Assumptions, rng: np.random.Generator
) -> list[Identities]:
    """Write all entries: first the names of all bodies, then those taken over, then each body's own columns."""
    desks, n = [], len(entries)
    given, family = np.empty(n, dtype=object), np.empty(n, dtype=object)
    places = [np.flatnonzero(entries.body == place) for place in range(len(assumed.bodies))]
    for body, rows, draw in zip(assumed.bodies, places, rng.spawn(len(places)), strict=True):
        desk = Desk(population, entries.person[rows], entries.reported[rows], body, assumed.errors, draw)
        given[rows], family[rows] = draft_names(desk)
        desks.append(desk)
    source = _sources(entries, assumed, rng)
    native = np.array([body.native_letters for body in assumed.bodies])[entries.body]
    # A sender may itself have taken the names over; its own names must be there before they are taken from it.
    second = (source >= 0) & (source[source] >= 0)
    for receivers in (~second, second):
        copy_names((given, family), np.where(receivers, source, -1), native)
    written = []
    for desk, rows in zip(desks, places, strict=True):
        desk.flags[source[rows] >= 0] |= _COPIED
        written.append(write_identities(desk, given[rows], family[rows]))
    return written


def _sources(entries: Rows, assumed: Assumptions, rng: np.random.Generator) -> Ints:
    """Find for each entry the sender's entry whose names it takes over, -1 for none."""
    row = entries.row
    of_row = np.full(int(row.max(initial=0)) + 1, -1)
    first = entries.report == 0
    of_row[row[first]] = np.flatnonzero(first)
    source = np.where(entries.source >= 0, of_row[np.maximum(entries.source, 0)], -1)
    taken = first & (rng.random(len(row)) < assumed.reports.copied_spelling)
    return np.where(taken, source, -1)


def _reports(
    population: Population,
    rows: Rows,
    written: tuple[Identities, Ints],
    *,
    counters: Counters,
    source: tuple[Body, Assumptions, np.random.Generator],
) -> Reports:
    """Put one body's records together."""
    (identities, entry), (body, assumed, rng) = written, source
    before = counters.records.get(body.code, 0)
    counters.records[body.code] = before + len(rows)
    ids = _ids(np.arange(before, before + len(rows)), body.prefix)
    columns = {"record_id": ids} | {name: column[entry] for name, column in identities.columns.items()}
    columns |= _frame(rows, body, assumed, counters=counters, rng=rng)
    columns |= write_items(population, rows, body=body, rates=assumed.reports, rng=rng)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    truth = _truth(population, rows, (body.code, ids), identities, entry)
    return Reports(body.code, table, rows.person, truth, identities.flags[entry])


def _truth(
    population: Population, rows: Rows, named: tuple[str, Texts], identities: Identities, entry: Ints
) -> pa.Table:
    (reporter, ids), person = named, rows.person
    protected = population.ladder.protected[person] & (rows.reported >= population.ladder.changed[person])
    persons = np.array([f"person-{n:06d}" for n in (person + population.first_person).tolist()], dtype=object).reshape(
        -1
    )
    persons[protected] = persons[protected] + "-protected"
    household = population.household[person] + population.first_household
    origins = np.array([origin.code for origin in ORIGINS], dtype=object)
    yes_no = np.array(["no", "yes"], dtype=object)
    columns = (
        np.full(len(ids), reporter, dtype=object),
        ids,
        persons,
        np.array([f"household-{n:06d}" for n in household.tolist()], dtype=object).reshape(-1),
        yes_no[population.twin[person].astype(np.int64)],
        origins[population.households.origin[population.household[person]]],
        np.array(WAYS, dtype=object)[rows.how],
        identities.number_kind[entry],
        np.array(NUMBER_IS, dtype=object)[identities.number_is[entry]],
        yes_no[protected.astype(np.int64)],
        _flag_texts(identities.flags)[entry],
    )
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(TRUTH_COLUMNS, columns, strict=True)})


def _flag_texts(flags: Ints) -> Texts:
    """Write flag words as names with bars between them."""
    words, of = np.unique(flags, return_inverse=True)
    texts = np.empty(len(words), dtype=object)
    texts[:] = ["|".join(name for i, name in enumerate(FLAGS) if word >> i & 1) for word in words.tolist()]
    return texts[of.ravel()]


def _frame(
    rows: Rows, body: Body, assumed: Assumptions, *, counters: Counters, rng: np.random.Generator
) -> Mapping[str, Texts]:
    """Write what surrounds an identity: report, case, role, dates and status."""
    rates = assumed.reports
    widest = int(rows.report.max(initial=0)) + 1
    _, report = np.unique(rows.case * widest + rows.report, return_inverse=True)
    _, case = np.unique(rows.case, return_inverse=True)
    per_report = int(report.max(initial=-1)) + 1
    known = rng.random(per_report)[report]
    event = day_texts()[day_number(rows.event)]
    in_part = known < rates.event_month_only + rates.event_unknown
    event[in_part] = [text[:7] for text in event[in_part].tolist()]
    event[known < rates.event_unknown] = None
    sure = rng.random(per_report)[report]
    first = np.where(sure < rates.confirmed, "confirmed", "suspected")
    later = np.where(sure < rates.closed, "closed", "confirmed")
    reports_before, cases_before = counters.reports.get(body.code, 0), counters.cases.get(body.code, 0)
    counters.reports[body.code] = reports_before + per_report
    counters.cases[body.code] = cases_before + int(case.max(initial=-1)) + 1
    frame: dict[str, Texts] = {"report_id": _ids(report.ravel() + reports_before, f"{body.prefix}-r")}
    if body.cases:
        along = np.where(rows.age < ADULT, "accompanying_child", "accompanying_adult")
        frame["case_id"] = _ids(case.ravel() + cases_before, f"{body.prefix}-c")
        frame["role"] = np.where(rows.victim, "victim", along).astype(object)
    return frame | {
        "event_date": event,
        "report_date": day_texts()[day_number(rows.reported)],
        "status": np.where(rows.report == 0, first, later).astype(object),
    }


def _ids(number: Ints, prefix: str) -> Texts:
    """Write ids that look nothing like a person's number: a prefix and a running number."""
    ids = np.empty(len(number), dtype=object)
    ids[:] = [f"{prefix}-{n + 1:07d}" for n in number.tolist()]
    return ids
