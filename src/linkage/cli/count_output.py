"""Where the commands that count write to: checked before they count, written after."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from linkage.cli.export import STANDARD_OUTPUT, opened_output
from pseudonym.console import say, wrong_option

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["check_outputs", "write_out"]


def check_outputs(
    out: Path | None,
    *,
    as_json: bool,
    locale: str,
    plot: Path | None = None,
    kind: Literal["table", "overlap"] = "table",
    budget: Path | None = None,
) -> None:
    """Check that the files may be written, before the work that they take.

    Args:
        out: The file of counts, `STANDARD_OUTPUT`, or None.
        as_json: Whether the result is printed as JSON too, which does not go with `out`.
        locale: As for `linkage.answers.write_counts`.
        plot: The picture, or None.
        kind: What it is a picture of.
        budget: The picture of an error budget, or None.

    Raises:
        typer.BadParameter: Both `out` and JSON.
        ExportError: As for `linkage.answers.check_counts` and `check_export`.
    """
    if out is not None and as_json:
        raise wrong_option("--out", "Choose --out or --json, not both.")
    if out is not None and out != STANDARD_OUTPUT:
        from linkage.answers import check_counts

        check_counts(out, locale=locale)
    if plot is not None:
        from linkage.answers import COUNT_PLOT, OVERLAP_PLOT, check_export

        check_export(plot, COUNT_PLOT if kind == "table" else OVERLAP_PLOT)
    if budget is not None:
        from linkage.answers import BUDGET_PLOT, check_export

        if plot is not None and plot.absolute() == budget.absolute():
            raise wrong_option("--budget", "Choose another file than that of --plot.")
        check_export(budget, BUDGET_PLOT)


def write_out(rows: pa.Table, out: Path, *, locale: str) -> None:
    """Write counts, and say how many rows they are and for whom.

    Args:
        rows: The counts, with what they are in each row.
        out: The file, or `STANDARD_OUTPUT`.
        locale: As for `linkage.answers.write_counts`.
    """
    from linkage.answers import write_counts

    with opened_output(out) as target:
        write_counts(rows, target, locale=locale)
    say(f"{out}: {rows.num_rows} rows. Internal, not for release.", err=out == STANDARD_OUTPUT)
    sys.stdout.flush()
