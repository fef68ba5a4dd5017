"""A table of counts as text, with everything that must stand beside its figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from linkage.cli.cross_table import cross_table
from linkage.cli.text import review_words
from pseudonym.console import counted, table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import CountPicture
    from linkage.counting import Conflicts, Counted, Counts, Coverage, Dimension, Facing

__all__ = [
    "WARNING",
    "cell_texts",
    "conflict_lines",
    "facing_lines",
    "picture_notes",
    "picture_of",
    "range_notes",
    "table_lines",
    "who",
]

WARNING: Final = "INTERNAL, NOT FOR RELEASE: small counts are not suppressed."

_WHO: Final = {
    "victim": "victims",
    "accompanying_adult": "accompanying adults",
    "accompanying_child": "accompanying children",
    "all": "all roles",
}
_LANGUAGE: Final = "en"

_STEPS: Final = {"order": "codebook order"}
"""Steps of a rule whose name says too little to a reader of the text."""


def who(beside: Facing) -> str:
    """Return what is counted in words, such as `Persons (victims)`."""
    return f"{beside.unit.capitalize()}s ({_WHO[beside.role]})"


def table_lines(found: Counted, *, conflicts: bool = False) -> Iterator[str]:
    """Yield the lines of a table.

    Args:
        found: The table.
        conflicts: Whether to show how often records disagree.
    """
    from linkage.counting import range_text

    beside, counts = found.beside, found.counts
    yield WARNING
    named = f" by {' and '.join(one.name for one in found.by)}" if found.by else ""
    when = beside.period or "all times"
    total = range_text(counts.total, None if counts.ranges is None else counts.ranges.total)
    yield wrapped(f"{who(beside)}{named}, {when}: {total}. {beside.state.capitalize()}.")
    if found.by:
        yield from _cells(found)
    if not found.adds_up:
        names = ", ".join(counts.repeated)
        yield wrapped(f"The cells add up to more than the total: one {beside.unit} can have several values of {names}.")
    yield ""
    yield from facing_lines(beside, found.rules_say)
    if conflicts:
        yield ""
        yield from conflict_lines(counts.conflicts, unit=beside.unit)


def picture_of(found: Counted) -> CountPicture:
    """Return what is drawn of a table.

    Args:
        found: The table.
    """
    from linkage.answers import CountPicture
    from linkage.counting import range_text

    span = None if found.counts.ranges is None else found.counts.ranges.total
    beside, names = found.beside, tuple(one.name for one in found.by)
    cells = [(tuple(cell[one.column] for one in found.by), cell["count"]) for cell in found.counts.cells.to_pylist()]
    by = f" by {' and '.join(names)}" if names else ""
    repeated = ", ".join(found.counts.repeated)
    adds = (f"One {beside.unit} can have several values of {repeated}.",) if repeated else ()
    return CountPicture(
        title=f"{who(beside)}{by}, {beside.period or 'all times'}",
        notes=(*picture_notes(beside, total=range_text(found.counts.total, span)), *adds, *range_notes(beside)),
        by=names,
        cells=tuple(cells),
        spans=() if found.counts.ranges is None else found.counts.ranges.cells,
        breaks=tuple((one.year, f"{one.kind}: {one.what}") for one in beside.breaks),
        labels={one.name: one.labels for one in found.by if one.labels},
        counted=f"{beside.unit}s",
    )


def range_notes(beside: Facing) -> tuple[str, ...]:
    """Return what stands beside the ranges of a picture, or why it has none.

    Args:
        beside: What stands beside the figures.
    """
    from linkage.counting import NO_RANGES

    if beside.range_basis == NO_RANGES:
        return (f"No ranges: {beside.ranges.removeprefix('none: ')}.",) if beside.ranges else ()
    return (f"Lines with a stop at each end are 95 % ranges, {beside.range_basis}; what was found may lie above them.",)


def picture_notes(beside: Facing, *, total: str) -> tuple[str, ...]:
    """Return what stands beside the figures of a picture.

    Args:
        beside: What it is.
        total: How many were counted, with their range.
    """
    definition = f"; definition {beside.definition}" if beside.definition is not None else ""
    codebook = f"Codebook {beside.codebook}; attribute rules {beside.rules}{definition}."
    day = f" As of {beside.as_of}." if beside.as_of is not None else ""
    reporting = []
    for one in beside.coverage:
        reporting.append(f"{_reporting(one)}: {one.said()}")
    return (
        WARNING,
        f"{beside.state.capitalize()}.{day} {total} in all. {codebook}",
        *([f"Only: {_filters(beside)}."] if beside.where else []),
        f"Coverage in reporting periods: {'; '.join(reporting)}.",
    )


def _cells(found: Counted) -> Iterator[str]:
    from linkage.counting import range_text

    counts, ranges = found.counts, found.counts.ranges
    years = [one for one in found.by if one.kind == "year"]
    others = [one for one in found.by if one.kind != "year"]
    if years:
        yield _by_year(found, others)
        return
    cells, texts = counts.cells.to_pylist(), cell_texts(counts)
    total = range_text(counts.total, None if ranges is None else ranges.total)
    crossed = cross_table(found.by, cells, texts, total=total, sums=found.adds_up)
    if crossed is not None:
        yield crossed
        return
    labelled = [one for one in found.by if one.labels]
    header = [part for one in found.by for part in ((one.name, "") if one in labelled else (one.name,))]
    rows: list[list[object]] = []
    for cell, text in zip(cells, texts, strict=True):
        rows.append([*_values(cell, found.by), text])
    rows.append([*(["all"] + [""] * (len(header) - 1)), total])
    yield table_text([*header, f"{found.beside.unit}s"], rows)


def _by_year(found: Counted, others: Sequence[Dimension]) -> str:
    """Lay out the years as columns, with a mark where the series breaks."""
    from linkage.counting import range_text

    cells = found.counts.cells.to_pylist()
    years = [year for year, _ in found.counts.totals]
    broken = {one.year for one in found.beside.breaks}
    header = [part for one in others for part in ((one.name, "") if one.labels else (one.name,))] or [""]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for cell, shown in zip(cells, cell_texts(found.counts), strict=True):
        rows.setdefault(tuple(cell[one.column] for one in others), {})[cell["year"]] = shown
    lines: list[list[object]] = []
    for values, counts in rows.items() if others else ():
        named = dict(zip((one.column for one in others), values, strict=True))
        lines.append([*_values(named, others), *(counts.get(year, "0") for year in years)])
    ranges = found.counts.ranges
    spans = [None] * len(years) if ranges is None else ranges.totals
    totals = [range_text(n, span) for (_, n), span in zip(found.counts.totals, spans, strict=True)]
    lines.append(["all", *[""] * (len(header) - 1), *totals])
    return table_text([*header, *(f"|{year}" if year in broken else year for year in years)], lines)


def cell_texts(counts: Counts) -> list[str]:
    """Return the count of each cell with its range."""
    from linkage.counting import range_text

    found = counts.cells["count"].to_pylist()
    spans = [None] * len(found) if counts.ranges is None else counts.ranges.cells
    return [range_text(n, span) for n, span in zip(found, spans, strict=True)]


def _values(cell: dict[str, str], by: Sequence[Dimension]) -> Iterator[str]:
    for one in by:
        yield cell[one.column]
        if one.labels:
            yield one.labels.get(cell[one.column], "")


def facing_lines(beside: Facing, rules: dict[str, str]) -> Iterator[str]:
    """Yield what stands beside the figures.

    Args:
        beside: What it is.
        rules: For each item that was used, its rule in words.
    """
    if beside.where:
        yield wrapped(f"Only: {_filters(beside)}.")
    if beside.as_of is not None:
        yield wrapped(f"As of {beside.as_of}: the records of that day, with the persons of the last run of link.")
    if beside.ranges:
        yield wrapped(f"Ranges: {beside.ranges}.")
    if beside.preliminary:
        yield wrapped(f"Preliminary: {'; '.join(beside.preliminary)}.")
    older = "".join(f"; {n} records were sent under {title}" for title, n in beside.codebooks)
    yield wrapped(f"Codebook: {beside.codebook}{older}.")
    if beside.definition is None:
        yield "Definition: none; everybody in the role counts."
    else:
        yield wrapped(f"Definition: {beside.definition}: {'; '.join(beside.definition_says) or 'no condition'}.")
    yield f"Attribute rules: {beside.rules}"
    for item, said in rules.items():
        yield wrapped(f"  {item}: {said}")
    yield from _breaks(beside)
    yield from _coverage(beside.coverage)
    yield from _records(beside)


def _filters(beside: Facing) -> str:
    from linkage.counting import NOT_GIVEN

    return ", ".join(f"{one}{NOT_GIVEN if one.endswith('=') else ''}" for one in beside.where)


def _breaks(beside: Facing) -> Iterator[str]:
    for number, one in enumerate(beside.breaks):
        if number == 0:
            yield "Breaks of the series; figures before and after one cannot be compared as they are:"
        reason = f" ({one.reason[_LANGUAGE]})" if one.reason else ""
        yield wrapped(f"  |{one.year} {one.kind}: {one.what}{reason}")


def _coverage(coverage: Sequence[Coverage]) -> Iterator[str]:
    yield "Coverage, in reporting periods of reporters:"
    for one in coverage:
        states = "; ".join(f"{n} {state} ({', '.join(one.reporters[state])})" for state, n in one.states.items())
        yield wrapped(f"  {_reporting(one)}: {states or 'nothing sent'}")


def _reporting(one: Coverage) -> str:
    """Return for which reporting periods a coverage is."""
    from linkage.counting import ALL_TIMES

    if one.period is None:
        return "sent without a period"
    return "all reporting periods" if one.period == ALL_TIMES else one.period


def _records(beside: Facing) -> Iterator[str]:
    notes = (
        (beside.unlinked, "came after the last run of link and belong to no person yet"),
        (beside.without_role, "without a role: they have that of the person's other records, or count as a victim's"),
        (beside.undated, "without event and report date: dated by the period for which they were sent, or by receipt"),
        (beside.astride, "left out, as their dates are too coarse to tell whether they are of the period"),
        (beside.erased, "erased since the registry was created; they are in no table"),
    )
    linked = f", last run of link {beside.last_run}" if beside.last_run and beside.unit == "person" else ""
    yield wrapped(f"Records: {beside.records}{linked}.")
    if beside.review:
        left = review_words(beside.review_persons, beside.review)
        yield wrapped(f"  Left by linking: {left}. Each may be one person or two.")
    for n, what in notes:
        if n:
            yield wrapped(f"  {counted(n, 'record')} {what}.")


def conflict_lines(conflicts: Sequence[Conflicts], *, unit: str) -> Iterator[str]:
    """Yield how often records disagree, and what decided.

    Args:
        conflicts: The conflicts of each item.
        unit: What is counted.
    """
    yield wrapped(
        f"Conflicts: of the {unit}s with a known answer in two records or more, how many have records that disagree, "
        "and which step of the rule decided:"
    )
    rows = []
    for one in conflicts:
        decided = ", ".join(f"{_STEPS.get(name, name)} {n}" for name, n in one.decided.items() if n) or "-"
        rows.append((one.item, one.units, one.known, one.repeated, one.differing, decided))
    yield table_text(("item", f"{unit}s", "known", "in several", "disagree", "decided by"), rows)
