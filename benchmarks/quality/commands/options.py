"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from benchmarks.quality.data.catalogue import CATALOGUE

__all__ = [
    "PERSONS",
    "SEEDS",
    "WIDTH",
    "DataOption",
    "OnlyOption",
    "OutOption",
    "PartOption",
    "PersonsOption",
    "ProfileOption",
    "SeedOption",
    "check_names",
    "seeds_of",
]

WIDTH: Final = 100

SEEDS: Final = (2, 3, 4)
"""The tables of the profiles were made from synthetic people of seed 1, so other seeds are independent of them."""

PERSONS: Final = 3000

ProfileOption = Annotated[str, typer.Option(help="Name of a profile, or a profile file.")]
SeedOption = Annotated[int, typer.Option(help="Seed of the linkage key and of synthetic data.")]
DataOption = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Folder with the files that are not part of this project."),
]
PersonsOption = Annotated[int, typer.Option(min=1, help="Number of persons that synthetic reporters meet.")]
OutOption = Annotated[Path, typer.Option(help="Folder for the result files.")]
OnlyOption = Annotated[list[str] | None, typer.Option(help="A data set; repeatable.", show_default=False)]
PartOption = Annotated[Path | None, typer.Option(help="Folder for the result of a partial run.", show_default=False)]


def seeds_of(text: str) -> tuple[int, ...]:
    """Return the seeds that are written with commas between them."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter("must be whole numbers separated by commas", param_hint="--seeds") from None


def check_names(names: list[str], data: Path | None) -> None:
    """Reject unknown data sets, and those that need a folder if none is given."""
    for name in names:
        if name not in CATALOGUE:
            raise typer.BadParameter(f"{name} is not one of {', '.join(CATALOGUE)}", param_hint="NAMES")
        if CATALOGUE[name].needs_data and data is None:
            raise typer.BadParameter(f"{name} needs a data folder", param_hint="--data")
