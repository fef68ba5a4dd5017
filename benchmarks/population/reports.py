"""From people to records: the case files of each reporter for a block of people, and the truth about them.

Rows come from `contacts` and identities from `entries`; this module adds ids, dates, status and codebook items.
Follow-up reports mostly copy the identity from the first report of the case. The receiver of a referred case copies
the names as the sender wrote them, or writes them down anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.population.assumptions import Assumptions, ErrorLevel
from benchmarks.population.contacts import ADULT, WAYS, Rows, draw_rows
from benchmarks.population.desk import FLAGS, Desk
from benchmarks.population.entries import Identities, write_identities
from benchmarks.population.entry_names import copy_names, draft_names
from benchmarks.population.entry_numbers import NUMBER_IS
from benchmarks.population.names import ORIGINS
from benchmarks.population.numbers import day_number, day_texts
from benchmarks.population.payload import write_items
from benchmarks.population.people import Population
from benchmarks.population.reporters import Reporter

__all__ = ["TRUTH_COLUMNS", "Counters", "Reports", "make_reports"]

TRUTH_COLUMNS: Final = (
    "reporter", "record_id", "person", "household", "twin", "origin", "how", "number_type", "number_is", "protected",
    "errors",
)  # fmt: skip
"""The person that a record is about, and the errors in it.

`person` is the person that linking should find. A change of number for protection starts a new person, because linking
the two would undo the protection; only the household joins them here.
"""

_COPIED: Final = np.int64(1 << FLAGS.index("copied_spelling"))

Ints = NDArray[np.int64]
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reports:
    """The records of one reporter.

    Attributes:
        reporter: Its code.
        table: One row per record in the order of the record ids; all columns strings, null where empty.
        person: (r,) int64, index in the population of the person that the record is about.
        truth: One row per record, with the columns of `TRUTH_COLUMNS`.
        flags: (r,) int64, the errors in the record, bits as in `desk.FLAGS`.
    """

    reporter: str
    table: pa.Table
    person: Ints
    truth: pa.Table
    flags: Ints


@dataclass(slots=True)
class Counters:
    """Records, reports and cases of each reporter so far, so that ids continue in later blocks."""

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
    """Draw the reporters' contacts with the population and write their case files.

    Equal arguments give equal reports.

    Args:
        population: The people, or one block of them.
        error_level: Whether identities are written with few, some or many errors.
        seed: A non-negative integer; independent of the population's seed.
        assumed: All assumptions, instead of the defaults with the errors of `error_level`.
        counters: Ids continue from these counts, which are updated.
        block: Index of this block in a larger population.

    Returns:
        The records of each reporter, by its code.

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
    edges = np.searchsorted(rows.reporter, np.arange(len(assumed.reporters) + 1)).tolist()
    result, before = {}, 0
    rngs = draws[2].spawn(len(assumed.reporters))
    for index, (reporter, rng) in enumerate(zip(assumed.reporters, rngs, strict=True)):
        here = slice(edges[index], edges[index + 1])
        mine = _per_record(identities[index], entry[here] - before)
        result[reporter.code] = _reports(population, rows.take(here), mine, reporter, assumed, counters, rng)
        before += len(identities[index].flags)
    return result


def _per_record(entries: Identities, entry: Ints) -> Identities:
    """Expand the identities of entries to records, given the entry of each record."""
    return Identities(
        {name: column[entry] for name, column in entries.columns.items()},
        entries.number_kind[entry],
        entries.number_is[entry],
        entries.flags[entry],
    )


def _entries(rows: Rows, assumed: Assumptions, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Decide which rows are written down anew and which copy the first report of their case.

    Returns the rows written anew, and for each row the index of its identity among them.
    """
    anew = (rows.report == 0) | (rng.random(len(rows)) < assumed.errors.entered_anew)
    key = rows.case * (int(rows.person.max(initial=0)) + 1) + rows.person
    # Rows of a reporter are in order of date, so the first report of a case precedes the later ones.
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    return np.unique(np.where(anew, np.arange(len(key)), first[of.ravel()]), return_inverse=True)


def _identities(
    population: Population, entries: Rows, assumed: Assumptions, rng: np.random.Generator
) -> list[Identities]:
    """Write all entries: first all reporters' names, then the copied ones, then each reporter's own columns."""
    desks, n = [], len(entries)
    given, family = np.empty(n, dtype=object), np.empty(n, dtype=object)
    places = [np.flatnonzero(entries.reporter == place) for place in range(len(assumed.reporters))]
    for reporter, rows, draw in zip(assumed.reporters, places, rng.spawn(len(places)), strict=True):
        desk = Desk(population, entries.person[rows], entries.reported[rows], reporter, assumed.errors, draw)
        given[rows], family[rows] = draft_names(desk)
        desks.append(desk)
    source = _sources(entries, assumed, rng)
    native = np.array([reporter.native_letters for reporter in assumed.reporters])[entries.reporter]
    # A sender may itself have copied the names; it must have them before they are copied from it.
    second = (source >= 0) & (source[source] >= 0)
    for receivers in (~second, second):
        copy_names(given, family, np.where(receivers, source, -1), native)
    written = []
    for desk, rows in zip(desks, places, strict=True):
        desk.flags[source[rows] >= 0] |= _COPIED
        written.append(write_identities(desk, given[rows], family[rows]))
    return written


def _sources(entries: Rows, assumed: Assumptions, rng: np.random.Generator) -> Ints:
    """Find for each entry the sender's entry whose names it copies, -1 for none."""
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
    identities: Identities,
    reporter: Reporter,
    assumed: Assumptions,
    counters: Counters,
    rng: np.random.Generator,
) -> Reports:
    """Assemble the records of one reporter."""
    before = counters.records.get(reporter.code, 0)
    counters.records[reporter.code] = before + len(rows)
    ids = _ids(np.arange(before, before + len(rows)), reporter.prefix)
    columns = {"record_id": ids} | identities.columns | _frame(rows, reporter, assumed, counters, rng)
    columns |= write_items(population, rows, reporter=reporter, rates=assumed.reports, rng=rng)
    table = pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})
    truth = _truth(population, rows, identities, reporter.code, ids)
    return Reports(reporter.code, table, rows.person, truth, identities.flags)


def _truth(population: Population, rows: Rows, identities: Identities, reporter: str, ids: Texts) -> pa.Table:
    person = rows.person
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
        identities.number_kind,
        np.array(NUMBER_IS, dtype=object)[identities.number_is],
        yes_no[protected.astype(np.int64)],
        _flag_texts(identities.flags),
    )
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(TRUTH_COLUMNS, columns, strict=True)})


def _flag_texts(flags: Ints) -> Texts:
    """Write flag words as names joined by bars."""
    words, of = np.unique(flags, return_inverse=True)
    texts = np.empty(len(words), dtype=object)
    texts[:] = ["|".join(name for i, name in enumerate(FLAGS) if word >> i & 1) for word in words.tolist()]
    return texts[of.ravel()]


def _frame(
    rows: Rows, reporter: Reporter, assumed: Assumptions, counters: Counters, rng: np.random.Generator
) -> dict[str, Texts]:
    """Write the columns beside the identity: report, case, role, dates, status and state of the case."""
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
    u = rng.random(per_report)[report]
    first = np.where(u < rates.confirmed, "confirmed", "suspected")
    again = rows.report > 0
    closed = again & (u < rates.closed)
    # Somebody notices the event on a day between it and the report; the case ends on the day of its last report.
    noticed = rows.event + ((rows.reported - rows.event) * rng.random(per_report)[report]).astype("timedelta64[D]")
    reported = day_texts()[day_number(rows.reported)]
    ended = reported.copy()
    ended[~closed] = None
    reports_before, cases_before = counters.reports.get(reporter.code, 0), counters.cases.get(reporter.code, 0)
    counters.reports[reporter.code] = reports_before + per_report
    counters.cases[reporter.code] = cases_before + int(case.max(initial=-1)) + 1
    frame: dict[str, Texts] = {"report_id": _ids(report.ravel() + reports_before, f"{reporter.prefix}-r")}
    if reporter.cases:
        along = np.where(rows.age < ADULT, "accompanying_child", "accompanying_adult")
        frame["case_id"] = _ids(case.ravel() + cases_before, f"{reporter.prefix}-c")
        frame["role"] = np.where(rows.victim, "victim", along).astype(object)
    return frame | {
        "event_date": event,
        "report_date": reported,
        "discovered_on": day_texts()[day_number(noticed)],
        "outcome_date": ended,
        "status": np.where(again, "confirmed", first).astype(object),
        "case_state": np.where(closed, "closed", "open").astype(object),
    }


def _ids(number: Ints, prefix: str) -> Texts:
    """Write ids that cannot be mistaken for a person's number: a prefix and a running number."""
    ids = np.empty(len(number), dtype=object)
    ids[:] = [f"{prefix}-{n + 1:07d}" for n in number.tolist()]
    return ids
