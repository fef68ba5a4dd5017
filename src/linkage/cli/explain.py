"""`linkage explain`: show the evidence for and against one pair."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from linkage.cli.explain_text import explanation_text
from linkage.cli.options import WAIT, JsonOption, KeyOption, RegistryArgument, WaitOption, registry_class
from pseudonym.console import print_json

__all__ = ["EXAMPLE", "explain"]

EXAMPLE: Final = """\b
Example: linkage explain national police/pol-17 school/2026/0042 --svg pair.svg
  Shared match keys: 2 (2 number)
    field        difference  level     m       u         weight
    given_names  0.00 bits   7 of 0-7  0.6593  0.000585  +10.14
    ...
    before competition  +4.10   probability 0.9449
  Decision: link (one person).
  The second record is 2026/0042 of the reporter school.
  docs/how-to/review-pairs.md reads an explanation line by line."""


def explain(
    registry: RegistryArgument,
    record_a: Annotated[
        str, typer.Argument(metavar="REPORTER/RECORD_ID", help="A record: its reporter, a slash, its id.")
    ],
    record_b: Annotated[str, typer.Argument(metavar="REPORTER/RECORD_ID", help="The other record.")],
    svg: Annotated[
        Path | None, typer.Option(help="Also draw the sum as a waterfall in this SVG file; an older one is replaced.")
    ] = None,
    registry_key: KeyOption = None,
    wait: WaitOption = WAIT,
    as_json: JsonOption = False,
) -> None:
    """Show why two records are, or are not, considered one person.

    It shows the weight of each field in bits, what competed, the decision and its reason, but never a value, a match
    key or a bit string. Records are named as in the exports: reporter, slash, record id. Only the first slash
    separates, so an id may contain more. Bits are log2 of odds: +1 doubles the odds that it is one person.
    """
    if svg is not None:
        from linkage.answers import WATERFALL_FILE, check_export

        check_export(svg, WATERFALL_FILE)
    opened = registry_class().open(registry, registry_key=registry_key, wait=wait)
    found = opened.explain(record_a, record_b)
    if svg is not None:
        from linkage.answers import write_waterfall

        write_waterfall(found, svg)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(explanation_text(found))
