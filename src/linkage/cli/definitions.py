"""`linkage compare-definitions`: count by rival definitions of who counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.count_output import check_outputs, write_out
from linkage.cli.export import LocaleOption
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, TableOutOption, WaitOption, registry_class
from linkage.cli.table import AsOfOption, PeriodOption, RoleOption, RulesOption, UnitOption, WhereOption
from linkage.cli.table_text import WARNING, facing_lines, who
from linkage.cli.text import read_day
from pseudonym.console import print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.counting import Comparison, Counterpart

__all__ = ["EXAMPLE", "compare_definitions"]

EXAMPLE: Final = """\b
Example: linkage compare-definitions national narrow.json wide.json --period 2023..2025
  INTERNAL, NOT FOR RELEASE: small counts are not suppressed.
  Persons (victims) by definition, 2023..2025. Preliminary.
    definition       persons        difference           with first     first only  2023 ...
    (no definition)  420 (383-421)  +190 (+167 to +190)  230 (214-232)  0           228 ...
    narrow 1 (d2e3)  230 (214-232)  +0                   230 (214-232)  0           101 ...
    wide 1 (88b0)    253 (232-253)  +23 (+16 to +23)     230 (212-232)  0 (0-3)     111 ...
  If a condition were dropped:
    definition       condition                           persons
    narrow 1 (d2e3)  status: confirmed                   277 (253-279)
    narrow 1 (d2e3)  age_at_event: below 18              338 (316-339)
\b
  difference  how many more it counts than the first definition, in the same draws of persons
  with first  how many of them the first definition counts too
  first only  how many the first one counts and this one does not
\b
A definition is a JSON file; docs/how-to/count.md has the form:
  {"format": "linkage-definition/1", "name": "narrow", "version": "1",
   "title": {"sv": "Bekräftade barn", "en": "Confirmed children"}, "judged_by": "record",
   "conditions": [{"item": "status", "codes": ["confirmed"], "unknown": false},
                  {"item": "age_at_event", "below_age": 18, "unknown": false}]}"""


def compare_definitions(
    registry: RegistryArgument,
    definitions: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Definitions; all are compared with the first one.")
    ],
    unit: UnitOption = "person",
    role: RoleOption = "victim",
    period: PeriodOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    rules: RulesOption = None,
    out: TableOutOption = None,
    locale: LocaleOption = "en",
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show how the count and the series move under rival definitions of who counts.

    For work inside the agency: small counts are not suppressed. Each definition counts the same records: over the whole
    period, and in each year as if it were the period. What each condition leaves out is shown by dropping it.
    """
    check_outputs(out, as_json=as_json, locale=locale)
    day = None if as_of is None else read_day(as_of, option="--as-of")
    opened = registry_class().open(registry, wait=wait)
    found = opened.compare_definitions(
        *definitions, unit=unit, role=role, period=period, where=where or (), as_of=day, rules=rules
    )
    if as_json:
        print_json(found.to_dict())
    elif out is None:
        typer.echo("\n".join(_lines(found)))
    if out is not None:
        write_out(found.table(), out, locale=locale)


def _lines(found: Comparison) -> Iterator[str]:
    beside = found.beside
    yield WARNING
    yield wrapped(f"{who(beside)} by definition, {beside.period or 'all times'}. {beside.state.capitalize()}.")
    years = [year for year, _ in found.rows[0].totals]
    broken = {one.year for one in beside.breaks}
    header = ["definition", f"{beside.unit}s", "difference", "with first", "first only"]
    rows = [[one.definition, *_figures(one)] for one in found.rows]
    yield table_text([*header, *(f"|{year}" if year in broken else year for year in years)], rows)
    dropped = [row for one in found.rows for row in _dropped(one)]
    if dropped:
        yield "If a condition were dropped:"
        yield table_text(("definition", "condition", f"{beside.unit}s"), dropped)
    yield ""
    # No definition is the right thing to say of none of the rows but the first.
    yield from (line for line in facing_lines(beside, {}) if not line.startswith("Definition: none"))


def _figures(one: Counterpart) -> Iterator[str]:
    """Yield the figures of a definition with their ranges: over the period, beside the first, and by year."""
    from linkage.counting import difference_text, range_text

    ranges = one.ranges
    spans = [None] * len(one.totals) if ranges is None else ranges.totals
    yield range_text(one.total, None if ranges is None else ranges.total)
    yield difference_text(one.difference, None if ranges is None else ranges.difference)
    yield range_text(one.with_first, None if ranges is None else ranges.with_first)
    yield range_text(one.first_only, None if ranges is None else ranges.first_only)
    yield from (range_text(n, span) for (_, n), span in zip(one.totals, spans, strict=True))


def _dropped(one: Counterpart) -> Iterator[tuple[str, str, str]]:
    from linkage.counting import range_text

    spans = [None] * len(one.without) if one.ranges is None else one.ranges.without
    for (condition, n), span in zip(one.without, spans, strict=True):
        yield one.definition, condition, range_text(n, span)
