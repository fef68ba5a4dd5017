"""`pseudonym show`: print the header of a submission."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from pseudonym.console import print_json
from pseudonym.wire import read_any_header

__all__ = ["EXAMPLE", "show"]

EXAMPLE: Final = """\b
Example: pseudonym show police-2026-03.parquet
  {
    "spec": 3,
    "profile": "case-registry",
    ...
    "reporter": "police",
    "period": "2026-03",
    ...
    "records": 2,
    ..."""


def show(
    file: Annotated[Path, typer.Argument(help="A submission or a withdrawal.")],
) -> None:
    """Show the header of a submission or a withdrawal as JSON.

    The header is everything in a submission but its codes and rows, and everything in a withdrawal but its ids.
    """
    header = read_any_header(file)
    print_json({**header.members(), "digest": header.digest})
