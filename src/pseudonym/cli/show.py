"""`pseudonym show`: print the header of a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym.console import print_json
from pseudonym.wire import read_header

__all__ = ["EXAMPLE", "show"]

EXAMPLE: Final = """\b
Example: pseudonym show police-2026-03.parquet
  {
    "spec": 2,
    "profile": "case-registry",
    ...
    "reporter": "police",
    "period": "2026-03",
    ...
    "records": 2,
    ..."""


def show(
    file: Annotated[Path, typer.Argument(help="A submission file.")],
) -> None:
    """Show the header of a submission as JSON.

    The header is everything in a submission but its codes and rows.
    """
    header = read_header(file)
    print_json({**header.model_dump(mode="json"), "digest": header.digest})
