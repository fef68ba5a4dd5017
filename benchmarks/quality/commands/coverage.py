"""The command `python -m benchmarks.quality coverage`: whether ranges hold the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks.paths import RESULTS
from benchmarks.quality.data.catalogue import load
from benchmarks.quality.studies.coverage import FIRST_SEED, ROWS, Cell, cells_of, measure, summary
from benchmarks.results import write_result

__all__ = ["coverage"]

OTHERS: Final = ("febrl1", "febrl2", "febrl3", "febrl4")
WITH_DATA: Final = ("essnet", "rldata500")
"""Data sets of which only the total is judged; the latter need a folder."""

_KEY: Final = FIRST_SEED


def coverage(
    draws: Annotated[int, typer.Option(min=1, help="Registries a row, each with a seed of its own.")] = 100,
    row: Annotated[
        list[str] | None,
        typer.Option(help="Only these rows, such as 1000-middle, or a data set; repeatable.", show_default=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder with the files that are not part of this project."),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="A file that keeps each registry once measured; a run that is begun again resumes."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the result file.")] = RESULTS,
) -> None:
    """Measure how often the ranges of counts hold the truth, on seeds that nothing was tuned on."""
    wanted = set(row or [f"{persons}-{level}" for persons, level in ROWS] + [*OTHERS, *(WITH_DATA if data else ())])
    rows: list[dict[str, Any]] = []
    others: dict[str, dict[str, Any]] = {}
    command = f"python -m benchmarks.quality coverage --draws {draws}{' --data DIR' if data else ''}"

    def written() -> Path:
        figures = {"rows": rows, "others": others}
        return write_result("coverage", figures, command=command, seed=FIRST_SEED, folder=out)

    # Written after each row, since all of them take hours.
    for one in measure(ROWS, draws=draws, only=wanted, kept=kept, say=lambda text: typer.echo(text, err=True)):
        rows.append(summary(one))
        typer.echo(_line(rows[-1]))
        written()
    for name in (*OTHERS, *WITH_DATA):
        if name in wanted:
            others[name] = _other(name, data)
            typer.echo(f"{name}: {others[name]}")
    typer.echo(f"Written: {written()}")


def _line(one: dict[str, Any]) -> str:
    return (
        f"{one['persons']} persons, {one['level']}: truth inside {one['truth_inside']} of {one['registries']} "
        f"(with a range {one['with_range']}), median error {one['median_error']}, mean width {one['mean_width']}, "
        f"cells { ({kind: cells.get('inside') for kind, cells in one['cells'].items()}) }; with answers: "
        f"truth inside {one['answered']['truth_inside']}, median error {one['answered']['median_error']}, "
        f"mean width {one['answered']['mean_width']}"
    )


def _other(name: str, data: Path | None) -> dict[str, Any]:
    found = cells_of(load(name, data=data, persons=0, seed=_KEY), seed=_KEY, codebook=None)
    if not found.cells:
        return {"range": None}
    return _figures(found.cells[0]) | {"answered": _figures(found.answered[0])}


def _figures(total: Cell) -> dict[str, Any]:
    return {
        "true": total.true,
        "found": total.found,
        "low": total.low,
        "high": total.high,
        "inside": total.low <= total.true <= total.high,
    }
