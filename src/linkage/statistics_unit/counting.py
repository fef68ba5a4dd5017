"""What is asked of the statistics unit, checked, and the records that answer it, read from its store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain
from typing import Final

import numpy as np
import pyarrow as pa

from linkage.answers import series_of
from linkage.counting import (
    COLUMN_CODES,
    NOT_GIVEN,
    ROLE_NAMES,
    UNITS,
    AttributeRules,
    Definition,
    Dimension,
    Facing,
    Records,
    Request,
    Role,
    SeriesBreak,
    Unit,
    check_definition,
    codebook_breaks,
    coverage_of,
    default_rules,
    definition_breaks,
    find_dimension,
    items_of,
    open_questions,
    parse_period,
    roster_breaks,
    years_of,
)
from linkage.errors import SettingsError
from linkage.statistics_unit.drawn import attributes_of
from linkage.statistics_unit.queries import check_linked, count_review, has_changed
from linkage.statistics_unit.roster import read_coverage
from linkage.statistics_unit.stored_codebooks import read_book, read_changes, read_codebooks
from linkage.statistics_unit.versions import read_records
from linkage.store import Session
from pseudonym.codebook import Codebook

__all__ = ["Asked", "Opened", "open_request", "wrong_request"]

_ERRORS: Final = {
    "table.unit": ("What is counted is a person, a case or a report.", "Choose one of person, case and report."),
    "table.role": (
        "Records have no such role.",
        "Choose one of victim, accompanying_adult, accompanying_child and all.",
    ),
    "table.language": ("Labels are in Swedish or English.", "Choose one of sv and en."),
    "table.repeated": ("An item to count by is named twice.", "Name each once; --where has the filters."),
    "table.where": (
        "A filter does not have the form ITEM=CODE, or its item cannot be filtered by.",
        "Write sex_reported=woman; the years have --period. Several codes of one item: name it again.",
    ),
    "table.code": (
        "The item of a filter has no such code.",
        "pseudonym codebook show FILE lists the codes of an item; ITEM= stands for records without an answer.",
    ),
    "table.as_of": ("The day is still to come.", "Leave it out to count what the registry has now."),
    "definition.none": ("There is no definition to compare.", "Name the file of at least one."),
    "definition.repeated": (
        "A definition is given twice.",
        "Name each file once; rival definitions have a name or a version of their own.",
    ),
    "rules.item": (
        "The rules name an item that the newest codebook does not have.",
        "pseudonym codebook show FILE lists its items.",
    ),
}

_REPORTERS: Final = (
    "linkage roster list names the reporters that are to report, linkage coverage those that have; "
    "there are figures only of those that have sent records."
)
_NO_CODE: Final = {
    "reporter": _REPORTERS,
    "first_reporter": _REPORTERS,
    "n_reporters": "Write a whole number: n_reporters=2.",
}
"""What helps where the codes are none of the codebook."""

_LAST_RUN: Final = "SELECT run, last_submission, finished_at FROM runs ORDER BY run DESC LIMIT 1"
_ERASED: Final = "SELECT coalesce(sum(n_records), 0)::BIGINT FROM erasures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks for.

    Attributes:
        by: Names of dimensions.
        unit: `person`, `case` or `report`.
        role: The role, or `all`.
        period: A period as text, or None.
        where: Filters of the form `ITEM=CODE`; those of one item are alternatives.
        rules: The attribute rules; None for those that ship.
        definition: Who counts, or None.
        as_of: The day whose records are counted, or None.
        today: The day by which figures are final; None for the current one, or `as_of`.
        language: `sv` or `en`, for labels.
    """

    by: tuple[str, ...] = ()
    unit: str = "person"
    role: str = "victim"
    period: str | None = None
    where: tuple[str, ...] = ()
    rules: AttributeRules | None = None
    definition: Definition | None = None
    as_of: date | None = None
    today: date | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was asked for, checked against the registry, and the records that answer it.

    Attributes:
        request: What is to be counted.
        records: The records.
        beside: What stands beside the figures.
        coverage: The whole table of coverage.
    """

    request: Request
    records: Records
    beside: Facing
    coverage: pa.Table


def open_request(session: Session, asked: Asked, *, definitions: Sequence[Definition] = ()) -> Opened:
    """Check what was asked for, and read the records that answer it.

    Args:
        session: The open registry.
        asked: What is asked for.
        definitions: Others whose items are to be read too.

    Raises:
        NotLinkedError: As `check_linked`, for persons.
        SettingsError: `table.unit`, `table.role`, `table.language`, `table.period`, `table.item`, `table.repeated`,
            `table.where`, `table.code`, `table.as_of`, `rules.item`, and as for `check_definition`.
    """
    book = read_book(session)
    today = datetime.now(UTC).date()
    _check(asked, book, today=today)
    for definition in (*((asked.definition,) if asked.definition is not None else ()), *definitions):
        check_definition(definition, book)
    by = tuple(find_dimension(name, book, language=asked.language) for name in asked.by)
    if asked.unit == "person":
        check_linked(session)
    every = (asked.definition, *definitions)
    filters = [(find_dimension(_split(text)[0], book), _split(text)[1]) for text in asked.where]
    names = [one.item for one in (*by, *(one for one, _ in filters)) if one.item]
    names += chain.from_iterable(items_of(definition) for definition in every)
    names += attributes_of(book) if asked.unit == "person" else []
    records = read_records(session, dict.fromkeys(names), book, as_of=asked.as_of)
    request = Request(
        unit=_unit(asked.unit),
        role=_role(asked.role),
        period=None if asked.period is None else parse_period(asked.period),
        by=by,
        where=_where(filters, records),
        rules=asked.rules or default_rules(),
        definition=asked.definition,
        items={} if book is None else book.by_name,
    )
    today = asked.today or asked.as_of or today
    covered = read_coverage(session, through=None, today=today, as_of=asked.as_of)
    named = [definition for definition in every if definition is not None]
    beside = _beside(session, asked, request, records, covered, named, today=today)
    return Opened(request=request, records=records, beside=beside, coverage=covered)


def _check(asked: Asked, book: Codebook | None, *, today: date) -> None:
    if asked.unit not in UNITS:
        raise wrong_request("table.unit")
    if asked.role not in ROLE_NAMES:
        raise wrong_request("table.role")
    if asked.language not in {"sv", "en"}:
        raise wrong_request("table.language")
    if len(set(asked.by)) < len(asked.by):
        raise wrong_request("table.repeated")
    if asked.as_of is not None and asked.as_of > today:
        raise wrong_request("table.as_of")
    known = {*COLUMN_CODES, *(() if book is None else book.by_name)}
    if asked.rules is not None and asked.rules.digest != default_rules().digest:
        for name in asked.rules.items:
            if name not in known:
                raise wrong_request("rules.item", name)


def _unit(name: str) -> Unit:
    return next(one for one in ("person", "case", "report") if one == name)


def _role(name: str) -> Role:
    return next(one for one in ROLE_NAMES if one == name)


def _split(text: str) -> tuple[str, str]:
    item, sign, code = text.partition("=")
    if not sign:
        raise wrong_request("table.where")
    return item, code or NOT_GIVEN


def _where(filters: Iterable[tuple[Dimension, str]], records: Records) -> tuple[tuple[Dimension, frozenset[str]], ...]:
    """Gather the filters of each dimension, of which one is enough."""
    wanted: dict[str, tuple[Dimension, set[str]]] = {}
    for dimension, code in filters:
        if dimension.kind not in {"item", "reporter", "first_reporter", "n_reporters"}:
            raise wrong_request("table.where")
        known = dimension.order
        if dimension.kind in {"reporter", "first_reporter"}:
            known = records.reporters[1]
        is_number = dimension.kind == "n_reporters" and code.isascii() and code.isdecimal()
        if not (is_number or code in known or (code == NOT_GIVEN and dimension.kind == "item")):
            raise wrong_request("table.code", dimension.name, hint=_NO_CODE.get(dimension.kind))
        wanted.setdefault(dimension.name, (dimension, set()))[1].add(code)
    return tuple((dimension, frozenset(codes)) for dimension, codes in wanted.values())


def _beside(
    session: Session,
    asked: Asked,
    request: Request,
    records: Records,
    covered: pa.Table,
    definitions: Sequence[Definition],
    *,
    today: date,
) -> Facing:
    by_year = any(one.kind == "year" for one in request.by)
    spans = years_of(records, request.period) if by_year else (request.period,)
    coverage = coverage_of(covered, spans)
    runs = session.rows(_LAST_RUN)
    run, last, finished = runs[0] if runs else (0, 0, None)
    reasons = open_questions(
        coverage,
        period=request.period,
        today=today,
        linked=asked.unit != "person" or not has_changed(session, last, run),
        has_roster="due" in covered.column_names,
    )
    books = read_codebooks(session)
    n_unlinked = int(np.count_nonzero(records.persons < 0))
    review, review_persons = count_review(session) if asked.unit == "person" else (0, 0)
    return Facing(
        unit=asked.unit,
        role=asked.role,
        period=asked.period,
        as_of=None if asked.as_of is None else asked.as_of.isoformat(),
        where=asked.where,
        codebook=books[-1].title,
        codebooks=tuple((one.title, one.records) for one in books[:-1] if one.records),
        rules=request.rules.title_text,
        definition=None if request.definition is None else request.definition.title_text,
        definition_says=() if request.definition is None else tuple(request.definition.said()),
        last_run=finished,
        preliminary=tuple(reasons),
        coverage=tuple(coverage),
        breaks=tuple(_breaks(session, request, covered, definitions)) if by_year else (),
        records=records.n,
        unlinked=n_unlinked if asked.unit == "person" else 0,
        without_role=records.rows["role"].null_count,
        undated=records.n_undated,
        astride=int(np.count_nonzero(records.astride(request.period))),
        review=review,
        review_persons=review_persons,
        erased=session.rows(_ERASED)[0][0],
    )


def _breaks(
    session: Session, request: Request, covered: pa.Table, definitions: Sequence[Definition]
) -> list[SeriesBreak]:
    """Return the breaks of the series within the period, the earliest first."""
    items = {one.item for one in (*request.by, *(one for one, _ in request.where)) if one.item}
    items.update(*(items_of(definition) for definition in definitions))
    series = [one.to_dict() for one in series_of(read_changes(session))]
    found = [*codebook_breaks(series, items), *roster_breaks(covered)]
    for definition in definitions:
        found += definition_breaks(definition.title_text, definition.begins)
    if request.period is not None:
        years = [one.text for one in request.period.years]
        found = [
            one
            for one in found
            if years[0] < one.year <= years[-1] or (one.year == years[0] and one.kind == "codebook")
        ]
    return sorted(found, key=lambda one: (one.year, one.kind, one.what))


def wrong_request(rule: str, field: str | None = None, *, hint: str | None = None) -> SettingsError:
    """Return the error of a request that cannot be answered.

    Args:
        rule: Its rule.
        field: What of the request is wrong.
        hint: What helps; None for what usually does.
    """
    message, usual = _ERRORS[rule]
    return SettingsError(rule, message, hint=hint or usual, field=field)
