"""`pseudonym show`: print the header of a submission, a withdrawal or totals."""

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
    ...
    "reporter": "police",
    "period": "2026-03",
    ...
    "records": 2,
    ...
    "profile": "case-registry",
    ..."""


def show(
    file: Annotated[Path, typer.Argument(help="A submission, a withdrawal or totals, open or sealed.")],
) -> None:
    """Show the header of a submission, a withdrawal or totals as JSON.

    The header is everything in a submission but its codes and rows, everything in a withdrawal but its ids, and
    everything in totals but the numbers. That of a sealed file says who signed what for which unit; no key is needed to
    read it, and nobody has checked the signature.
    """
    header = read_any_header(file)
    print_json({**header.members(), "digest": header.digest})
