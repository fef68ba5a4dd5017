"""`linkage totals`: show what reporters have counted themselves beside what their records give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from linkage.cli.coverage import PERIOD
from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import counted, offering, periods, print_json, say, table_text, wrapped, wrong_option

if TYPE_CHECKING:
    from linkage.answers import OwnTotals

__all__ = ["EXAMPLE", "totals"]

EXAMPLE: Final = """\b
Example: linkage totals national --reporter police --period 2026-03
  police, period 2026-03, sequence 9: persons (victims). Compared with 212 records.
    cell               own total  records  difference
    all                      215      209           6
    municipality=0180         40       38           2
  Own totals are never added to records: ..."""

EXPLANATION: Final = (
    "Own totals are never added to records: the same persons may be in both. The records are those that the reporter "
    "last delivered for the same period. The numbers differ where records were not sent, were delivered for another "
    "period or are in quarantine, and where the reporter counts in another way. These figures are not for publishing: "
    "small numbers are not suppressed."
)


def totals(
    registry: RegistryArgument,
    reporter: Annotated[str | None, typer.Option(help="Only totals of this reporter.")] = None,
    period: Annotated[
        str | None,
        typer.Option(
            help="Only totals of this period, 2026-03 or 2026; a year covers its months.",
            autocompletion=offering(periods),
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="ITEM", help="Only numbers that are broken down by this item alone.")
    ] = None,
    unit: Annotated[
        Literal["person", "case", "report"] | None, typer.Option(help="Only totals of persons, cases or reports.")
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table as CSV instead; an older one is replaced.")
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show the totals that reporters have counted themselves, beside what their records give.

    For each cell of the totals, and each that only records have. Counted are the records that the reporter last
    delivered for the same period: distinct persons of the last run of link, distinct cases, or distinct reports. A
    record without a case or report id, or not linked yet, counts as one of its own. For victims, records without a role
    count too.

    Nothing is ever added: the same persons may be in records and totals.
    """
    if period is not None and not PERIOD.fullmatch(period):
        raise wrong_option("--period", "Write a month as 2026-03, or a year as 2026.")
    if csv is not None and as_json:
        raise wrong_option("--csv", "Choose --csv or --json, not both.")
    opened = registry_class().open(registry, wait=wait)
    found = opened.totals(reporter=reporter, period=period, by=by, unit=unit)
    if csv is not None:
        from linkage.answers import write_totals_table

        write_totals_table(found, csv)
        say(f"{csv}: {sum(len(one.cells) for one in found)} rows.")
    elif as_json:
        print_json([one.to_dict() for one in found])
    else:
        typer.echo("\n".join(_text(found)))


def _text(found: Sequence[OwnTotals]) -> Iterator[str]:
    from linkage.answers import cell_name

    if not found:
        yield "No such totals have been received."
        return
    for one in found:
        who = "victims" if one.role == "victim" else "all roles"
        compared = f"Compared with {counted(one.n_records, 'record')}."
        yield f"{one.reporter}, period {one.period}, sequence {one.sequence}: {one.unit}s ({who}). {compared}"
        cells = [
            (cell_name(cell.codes, missing="(not given)"), cell.own_total, cell.records, cell.difference)
            for cell in one.cells
        ]
        yield table_text(("cell", "own total", "records", "difference"), _aligned(cells))
        if one.unlinked:
            yield wrapped(
                f"  {counted(one.unlinked, 'record')} not linked yet, each counted as one person. "
                "Run: linkage link REGISTRY"
            )
    yield wrapped(EXPLANATION)


def _aligned(cells: Sequence[tuple[str, int | None, int, int | None]]) -> list[tuple[str, ...]]:
    """Return the numbers as text of one width, `-` for None."""
    width = len("difference")
    rows = [tuple("-" if value is None else str(value) for value in row) for row in cells]
    return [(row[0], row[1].rjust(len("own total")), row[2].rjust(len("records")), row[3].rjust(width)) for row in rows]
