"""`linkage coverage`: show who has reported."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import print_json, table_text, wrapped, wrong_option

__all__ = ["EXAMPLE", "coverage"]

EXAMPLE: Final = """\b
Example: linkage coverage national --through 2026-03
    reporter  period   state     submissions  records
    police    2026-02  reported            1      212
    police    2026-03  SILENT              0        0
    school    2026-03  zero                1        0
  zero: the reporter had nothing to report. totals: it sent only totals. SILENT: it sent nothing.
\b
With a roster (linkage roster), also who was late and who was never heard of:
    reporter  kind     county  period   state     due         received    submissions  records
    police    police           2026-02  reported  2026-03-30  2026-03-04            1      212
                               2026-03  LATE      2026-04-30  2026-05-11            1       97
    shelter   shelter  12      2026-02  NEVER     2026-03-30                        0        0
                               2026-03  NEVER     2026-04-30                        0        0
  1 of 2 reporters has reported 2026-03; never heard of: shelter.
\b
  LATE       it came after the deadline
  SILENT     nothing came, and the deadline has passed; due: it has not passed yet
  NEVER      nothing came, and the reporter has never sent anything
  HELD BACK  files of a reporter that is not on the roster, or no longer"""

PERIOD: Final = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")

RECEIVED: Final = frozenset({"reported", "zero", "totals", "late"})
MARKED: Final = frozenset({"silent", "never", "late", "held back"})
"""States that are shown in capitals."""


def coverage(
    registry: RegistryArgument,
    through: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Expect periods up to this one: 2026-03 or 2026.")
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the table as an SVG file; an older one is replaced.")
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show who reported and who was silent, by period.

    With a roster, the periods that it expects: each has a deadline, and a reporter that never sent anything is shown
    too. Without one, each reporter is expected in the periods that others have reported; stretches of more than ten
    years in which nobody reported are left out.
    """
    if through is not None and not PERIOD.fullmatch(through):
        raise wrong_option("--through", "Write a month as 2026-03, or a year as 2026.")
    if svg is not None:
        from linkage.answers import COVERAGE_MAP, check_export

        check_export(svg, COVERAGE_MAP)
    table = registry_class().open(registry, wait=wait).coverage(through=through)
    if svg is not None:
        from linkage.answers import write_coverage_map

        write_coverage_map(table, svg)
    rows = table.to_pylist()
    if as_json:
        print_json(rows)
    else:
        typer.echo(_roster_text(rows) if "due" in table.column_names else _text(rows))


def _text(rows: Sequence[Mapping[str, object]]) -> str:
    """Lay out the rows of `Registry.coverage`, with silent reporters in capitals."""
    if not rows:
        return "No submission has been received."
    cells = [
        (row["reporter"], row["period"] or "(none)", _state(row), row["submissions"], row["records"]) for row in rows
    ]
    return table_text(("reporter", "period", "state", "submissions", "records"), cells)


def _state(row: Mapping[str, Any]) -> str:
    state = str(row["state"])
    return state.upper() if state in MARKED else state


def _roster_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Lay out the rows of a registry with a roster, grouped by reporter, and say how complete the last periods are."""
    if not rows:
        return "The roster expects no period yet, and no submission has been received."
    header = ("reporter", "kind", "county", "period", "state", "due", "received", "submissions", "records")
    cells = []
    for _, group in groupby(rows, key=lambda row: row["reporter"]):
        for number, row in enumerate(group):
            body = [row[name] or "" for name in header[:3]] if number == 0 else [""] * 3
            day = (row["received_at"] or "")[: len("YYYY-MM-DD")]
            period, counts = row["period"] or "(none)", (row["submissions"], row["records"])
            cells.append((*body, period, _state(row), row["due"] or "", day, *counts))
    return "\n".join([table_text(header, cells), *map(wrapped, _sentences(rows))])


def _sentences(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield how many reporters have reported the last months and years, and what was not expected.

    Of both the last one that somebody has reported or should have, and the last one of all.
    """
    expected = [row for row in rows if row["due"] is not None]
    for length in sorted({len(row["period"]) for row in expected}, reverse=True):
        own = [row for row in expected if len(row["period"]) == length]
        settled = [row["period"] for row in own if row["state"] != "due"]
        for period in sorted({max(settled or [row["period"] for row in own]), max(row["period"] for row in own)}):
            yield _sentence(period, [row for row in own if row["period"] == period])
    held = sorted({row["reporter"] for row in rows if row["state"] == "held back"})
    if held:
        yield f"Files are held back of: {', '.join(held)}. See linkage held list."
    strange = sorted({row["reporter"] for row in rows if row["kind"] is None} - set(held))
    if strange:
        yield f"Received, but not on the roster: {', '.join(strange)}."


def _sentence(period: str, rows: Sequence[Mapping[str, Any]]) -> str:
    n = sum(row["state"] in RECEIVED for row in rows)
    parts = [f"{n} of {len(rows)} reporters {'has' if n == 1 else 'have'} reported {period}"]
    for state, words in (("silent", "silent"), ("never", "never heard of"), ("due", "still due")):
        codes = [row["reporter"] for row in rows if row["state"] == state]
        if codes:
            parts.append(f"{words}: {', '.join(codes)}")
    return "; ".join(parts) + "."
