"""`linkage coverage`: show who has reported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import typer

from linkage.cli.options import WAIT, JsonOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import print_json, table_text

__all__ = ["EXAMPLE", "coverage"]

EXAMPLE: Final = """\b
Example: linkage coverage national.duckdb --through 2026-03
    reporter  period   state     submissions  records
    police    2026-02  reported            1      212
    police    2026-03  SILENT              0        0
    school    2026-03  zero                1        0
  zero: the reporter had nothing to report. totals: it sent only totals. SILENT: it sent nothing."""

PERIOD: Final = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2]))?")


def coverage(
    registry: RegistryArgument,
    through: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="Expect periods up to this one: 2026-03 or 2026.")
    ] = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show who reported and who was silent, by period.

    Stretches of more than ten years in which nobody reported are left out.
    """
    if through is not None and not PERIOD.fullmatch(through):
        raise typer.BadParameter("--through takes a month such as 2026-03 or a year such as 2026.")
    rows = registry_class().open(registry, wait=wait).coverage(through=through).to_pylist()
    if as_json:
        print_json(rows)
    else:
        typer.echo(_text(rows))


def _text(rows: Sequence[Mapping[str, object]]) -> str:
    """Lay out the rows of `Registry.coverage`, with silent reporters in capitals."""
    if not rows:
        return "No submission has been received."
    cells = [
        (
            row["reporter"],
            row["period"] or "(none)",
            "SILENT" if row["state"] == "silent" else row["state"],
            row["submissions"],
            row["records"],
        )
        for row in rows
    ]
    return table_text(("reporter", "period", "state", "submissions", "records"), cells)
