"""`linkage table`: count persons, cases or reports by the items of the codebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from linkage.cli.budget_text import budget_lines, budget_picture
from linkage.cli.count_output import check_outputs, write_out
from linkage.cli.export import LocaleOption
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, TableOutOption, WaitOption, registry_class
from linkage.cli.table_text import picture_of, table_lines
from linkage.cli.text import read_day
from pseudonym.console import print_json

if TYPE_CHECKING:
    from linkage.pipeline.counts import Asking

__all__ = [
    "EXAMPLE",
    "AsOfOption",
    "DefinitionOption",
    "PeriodOption",
    "RoleOption",
    "RulesOption",
    "UnitOption",
    "WhereOption",
    "table",
]

EXAMPLE: Final = """\b
Example: linkage table national --by year --by child_adult --period 2024..2025
  INTERNAL, NOT FOR RELEASE: small counts are not suppressed.
  Persons (victims) by year and child_adult, 2024..2025: 356 (328-354). Preliminary.
    child_adult                                    2024           2025
    child        Child                             167 (151-166)  150 (138-151)
    adult        Adult                             77 (74-78)     64 (62-66)
    unknown      Not known whether child or adult  9 (6-10)       12 (8-12)
    all                                            253 (235-253)  226 (213-227)
  ...
\b
What to count by, each with --by, and together for a cross table:
  any item of the codebook, and any of its groupings, such as county or child_adult
  year            each calendar year of the period, counted by the records of that year
  role, status, case_state
  reporter        each reporter that knows them: somebody known to two counts for both
  reporters       which reporters know them, exactly; n_reporters: how many
  first_reporter  who reported them first; linkage overlap has more
\b
More examples:
  linkage table national --by age_at_event --by sex_reported --period 2025 --where status=confirmed
  linkage table national --unit case --by county --as-of 2025-12-31
  linkage table national --by sex_reported --conflicts
  linkage table national --by year --by exploitation --period 2023..2025 --out exploitation.xlsx
  linkage table national --by year --period 2023..2025 --definition narrow.json --plot series.svg
  linkage table national --period 2025 --where sex_reported=woman --budget women.svg"""

ByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--by",
        metavar="ITEM",
        help="What to break the count down by. For a cross table repeat it, or write commas between.",
    ),
]
UnitOption = Annotated[
    Literal["person", "case", "report"],
    typer.Option(
        help="What counts once. Persons are those of the last run of link; cases and reports are a reporter's."
    ),
]
RoleOption = Annotated[
    Literal["victim", "accompanying_adult", "accompanying_child", "all"],
    typer.Option(help="In which role they must have a record of the period."),
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        metavar="PERIOD",
        help="Events of a year (2026), a month (2026-03) or a span (2024..2026). Default: all that there are.",
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ITEM=CODE",
        help="Only those with this value. Repeat it: codes of one item are alternatives, several items must all hold. "
        "ITEM= is for those without an answer.",
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        metavar="DATE",
        help="Count the records as they were at the end of this day, with the persons of the last run of link. Records "
        "erased since are in no table.",
    ),
]
RulesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Which value a person has if reports disagree. Default: the rules that ship, by which known goes before "
        "unknown, records as a victim first, and then the earliest event.",
    ),
]
DefinitionOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Who counts: kinds, contexts, suspicions, age limit. Default: everybody."),
]
LanguageOption = Annotated[Literal["en", "sv"], typer.Option("--labels", help="The language of labels.")]


def table(
    registry: RegistryArgument,
    by: ByOption = None,
    unit: UnitOption = "person",
    role: RoleOption = "victim",
    period: PeriodOption = None,
    where: WhereOption = None,
    as_of: AsOfOption = None,
    rules: RulesOption = None,
    definition: DefinitionOption = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Also show how often the records of one person disagree.")
    ] = False,
    out: TableOutOption = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.svg",
            help="Draw the cells, also in words for screen readers: lines over years, else bars; without colours.",
        ),
    ] = None,
    budget: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.svg",
            help="Draw the error budget of the total: how many persons wrong links, undecided pairs, records that "
            "never met, conflicting attributes and silent reporters may change. With --where it is that of a cell.",
        ),
    ] = None,
    locale: LocaleOption = "en",
    labels: LanguageOption = "en",
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Count victims, or whom you ask for, by what reports say about them.

    For work inside the agency: small counts are not suppressed, so nothing of it may be published or handed on as it
    is. Each output names what is counted, the period, the codebook, the rules and the definition, and whether the
    figures are preliminary or final, beside who reported and who did not.

    The cells of one item add up to the total; somebody of whom nothing is known has a cell too. Where one person can
    have several values, the table says so. A year is counted as if it were the whole period.
    """
    check_outputs(out, as_json=as_json, locale=locale, plot=plot, budget=budget)
    day = None if as_of is None else read_day(as_of, option="--as-of")
    opened = registry_class().open(registry, wait=wait)
    asking: Asking = {
        "unit": unit,
        "role": role,
        "period": period,
        "where": where or (),
        "as_of": day,
        "rules": rules,
        "definition": definition,
        "language": labels,
    }
    found = opened.counted(*(name for names in by or () for name in names.split(",")), **asking)
    told = None if budget is None else opened.budget(**asking)
    if plot is not None:
        from linkage.answers import write_count_plot

        write_count_plot(picture_of(found), plot)
    if told is not None and budget is not None:
        from linkage.answers import write_budget_plot

        write_budget_plot(budget_picture(told), budget)
    if as_json:
        print_json(found.to_dict() | ({} if told is None else {"budget": told.budget.to_dict()}))
    elif out is None:
        lines = [*table_lines(found, conflicts=conflicts), *([] if told is None else budget_lines(told))]
        typer.echo("\n".join(lines))
    if out is not None:
        write_out(found.table(), out, locale=locale)
