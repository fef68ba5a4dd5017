"""`linkage bodies`: how many persons each reporter knows, and how many would not be counted without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from linkage.cli.count_output import check_outputs, write_out
from linkage.cli.export import LocaleOption
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, TableOutOption, WaitOption, registry_class
from linkage.cli.table import AsOfOption, DefinitionOption, PeriodOption, RoleOption, RulesOption, WhereOption
from linkage.cli.table_text import WARNING, facing_lines, who
from linkage.cli.text import read_day
from pseudonym.console import print_json, table_text, wrapped

if TYPE_CHECKING:
    from linkage.counting import MarginalCount

__all__ = ["EXAMPLE", "bodies"]

EXAMPLE: Final = """\b
Example: linkage bodies national --marginal --period 2025
  INTERNAL, NOT FOR RELEASE: small counts are not suppressed.
  Persons (victims), 2025: 226 found, 220 expected (213-227). Preliminary.
    reporter         persons  only it knows
    police               106  found 31, expected 29 (26-31)
    shelter               42  found 25, expected 23 (20-27)
    social_services       76  found 14, expected 14 (12-15)
  ...
\b
Without the police, 26 to 31 persons of 2025 would not be counted. The number found is too
high as a rule: who is known to two bodies and was not recognised looks like two persons,
each known to one. linkage sample says how to make the range narrower."""


def bodies(
    registry: RegistryArgument,
    marginal: Annotated[
        bool,
        typer.Option(
            "--marginal",
            help="How many persons would not be counted without each reporter, corrected for missed links, with range.",
        ),
    ] = False,
    role: RoleOption = "victim",
    period: PeriodOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    rules: RulesOption = None,
    definition: DefinitionOption = None,
    out: TableOutOption = None,
    locale: LocaleOption = "en",
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Count the persons that each reporter knows, and those that nobody else knows.

    For work inside the agency: small counts are not suppressed. A reporter knows a person if it has a record of the
    period, in whatever role. Who only one reporter knows would not be counted without it, which is what to look at when
    it is decided who must report.

    With --marginal the number is corrected: in each of the draws of the last run, undecided pairs fall one way or the
    other, and as many persons are joined as are expected to count twice because their records never met.
    """
    check_outputs(out, as_json=as_json, locale=locale)
    day = None if as_of is None else read_day(as_of, option="--as-of")
    opened = registry_class().open(registry, wait=wait)
    found = opened.bodies(role=role, period=period, where=where or (), as_of=day, rules=rules, definition=definition)
    if as_json:
        print_json(found.to_dict())
    elif out is None:
        typer.echo("\n".join(_lines(found, corrected=marginal)))
    if out is not None:
        write_out(found.table(), out, locale=locale)


def _lines(found: MarginalCount, *, corrected: bool) -> Iterator[str]:
    yield WARNING
    beside, total = found.beside, found.marginal
    corrected = corrected and found.has_ranges
    said = str(total.total)
    if corrected:
        said += f" found, {total.expected} expected ({total.low}-{total.high})"
    yield f"{who(beside)}, {beside.period or 'all times'}: {said}. {beside.state.capitalize()}."
    rows = []
    for row in total.reporters.to_pylist():
        text = f"found {row['found']}, expected {row['expected']} ({row['fewest']}-{row['most']})"
        rows.append([row["reporter"], row["count"], text if corrected else row["found"]])
    yield table_text(["reporter", "persons", "only it knows"], rows)
    yield wrapped("Who only one reporter knows would not be counted without it.")
    yield ""
    yield from facing_lines(beside, {})
