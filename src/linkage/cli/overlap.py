"""`linkage overlap`: count what reporters know together, who was first, and who came back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from linkage.cli.count_output import check_outputs, write_out
from linkage.cli.export import LocaleOption
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, TableOutOption, WaitOption, registry_class
from linkage.cli.table import AsOfOption, DefinitionOption, PeriodOption, RoleOption, RulesOption, WhereOption
from linkage.cli.table_text import WARNING, facing_lines, picture_notes, range_notes, who
from linkage.cli.text import read_day
from pseudonym.console import print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.answers import OverlapPicture
    from linkage.counting import Overlaps

__all__ = ["EXAMPLE", "overlap"]

MOST_ROWS: Final = 40
"""Of one part as text. Of 300 reporters there are 45,000 pairs, and as many sets as there are persons."""

EXAMPLE: Final = """\b
Example: linkage overlap national --period 2025
  INTERNAL, NOT FOR RELEASE: small counts are not suppressed.
  Persons (victims), 2025: 226 (213-227). Preliminary.
  Known to exactly these reporters:
    reporters                        n_reporters  persons
    police                                     1  31 (26-31)
    shelter                                    1  25 (20-27)
    ...
  Known to both of two, whoever else knows them, and which was first:
    reporter_a  reporter_b       persons     a_first  b_first     same_time   months
    police      social_services  38 (37-42)  6 (6-8)  20 (19-23)  12 (11-13)  1
    ...
  What each reporter knows, and whether it was first:
    reporter  persons        only        first       later       same_time
    police    106 (101-108)  31 (26-31)  20 (16-23)  44 (43-48)  11 (10-13)
    ...
  With a closed case: 30 (28-32) persons; 8 (8-10) of them came back, ...
\b
  months     median of whole months between the two, where one was first
  same_time  both in one month, or dates too coarse to tell"""


def overlap(
    registry: RegistryArgument,
    role: RoleOption = "victim",
    period: PeriodOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    rules: RulesOption = None,
    definition: DefinitionOption = None,
    out: TableOutOption = None,
    part: Annotated[
        Literal["exact", "pairs", "order", "returns"],
        typer.Option(help="Which part --out writes: exact sets of reporters, pairs, who was first, or who came back."),
    ] = "exact",
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.svg",
            help="Draw the exact sets as an UpSet plot, also in words for screen readers; without colours.",
        ),
    ] = None,
    locale: LocaleOption = "en",
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Count the persons that reporters know together, who reported them first, and who came back after a closed case.

    For work inside the agency: small counts are not suppressed. A reporter knows a person if it has a record of the
    period, in whatever role. When it reported is the date of the report, else of the event, else the period for which
    the record was sent. The exact sets add up to the total; pairs do not, since a person known to three is in three.

    A case is closed if its latest record of the period says so. Somebody came back if an event in another case is after
    that.
    """
    check_outputs(out, as_json=as_json, locale=locale, plot=plot, kind="overlap")
    day = None if as_of is None else read_day(as_of, option="--as-of")
    opened = registry_class().open(registry, wait=wait)
    found = opened.overlap(role=role, period=period, where=where or (), as_of=day, rules=rules, definition=definition)
    if plot is not None:
        from linkage.answers import write_overlap_plot

        write_overlap_plot(_picture(found), plot)
    if as_json:
        print_json(found.to_dict())
    elif out is None:
        typer.echo("\n".join(_lines(found)))
    if out is not None:
        write_out(found.table(part), out, locale=locale)


def _picture(found: Overlaps) -> OverlapPicture:
    from linkage.answers import OverlapPicture
    from linkage.counting import BETWEEN, range_text

    beside = found.beside
    rows = found.shared.exact.to_pylist()
    return OverlapPicture(
        title=f"{who(beside)}, {beside.period or 'all times'}, by the reporters that know them",
        notes=(
            *picture_notes(beside, total=range_text(found.total, None if found.ranges is None else found.ranges.total)),
            *range_notes(beside),
        ),
        sets=tuple((tuple(row["reporters"].split(BETWEEN)), row["count"]) for row in rows),
        ranges=None if found.ranges is None else found.ranges.exact,
    )


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows that are shown, in their order: those with the most persons, of equal ones the first."""
    places = sorted(range(len(rows)), key=lambda place: -rows[place]["count"])[:MOST_ROWS]
    return [rows[place] for place in sorted(places)]


def _with_ranges(row: dict[str, Any]) -> dict[str, Any]:
    """Write ranges behind their figures, in place of columns of their own."""
    from linkage.counting import Span, range_text

    ends = {f"{_before(name)}{end}" for name in row for end in Span._fields}
    shown = {}
    for name, figure in row.items():
        low, high = (row.get(f"{_before(name)}{end}") for end in Span._fields)
        if name not in ends:
            shown[name] = figure
            if low is not None and high is not None and figure is not None:
                shown[name] = range_text(figure, Span(low, high))
    return shown


def _before(name: str) -> str:
    """Return what stands before the ends of the range of a column."""
    return "" if name == "count" else f"{name}_"


def _lines(found: Overlaps) -> Iterator[str]:
    from linkage.counting import range_text

    yield WARNING
    beside = found.beside
    total = range_text(found.total, None if found.ranges is None else found.ranges.total)
    yield f"{who(beside)}, {beside.period or 'all times'}: {total}. {beside.state.capitalize()}."
    titles = {
        "exact": "Known to exactly these reporters:",
        "pairs": "Known to both of two, whoever else knows them, and which was first:",
        "order": "What each reporter knows, and whether it was first:",
    }
    for part, table in found.parts().items():
        if not table.num_rows:
            continue
        yield titles[part]
        rows = [_with_ranges(row) for row in _largest(table.to_pylist())]
        names = ["persons" if name == "count" else name for name in rows[0]]
        yield table_text(names, [["-" if value is None else value for value in row.values()] for row in rows])
        if len(rows) < table.num_rows:
            yield f"  ... and {table.num_rows - len(rows)} more: --out FILE --part {part} writes all."
    back = _with_ranges({"count": None, **found.back()})
    median = "" if back["months"] is None else f", in the median {back['months']} months after it was closed"
    unsettled = f" Of {back['open']} more the dates leave it open." if found.returns.open else ""
    who_closed = f"{back['closed']} {'person' if found.returns.closed == 1 else 'persons'}"
    yield wrapped(
        f"With a closed case: {who_closed}; {back['returned']} of them came back{median}: "
        f"{back['same_reporter']} to the reporter that had closed it, {back['other_reporter']} to another (or both)."
        f"{unsettled}"
    )
    yield ""
    yield from facing_lines(beside, {})
